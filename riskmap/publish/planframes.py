"""What is read of an evacuation plan: its frames, and their rows as mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import geopandas as gpd
import numpy as np

from riskmap.errors import LayerError
from riskmap.publish.layerframes import records
from riskmap.publish.places import plain_text

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    import pandas as pd

__all__ = ["PlanFrames", "insist_columns", "known_cells", "plain_rows", "rows_by_id"]


class PlanFrames(Protocol):
    """What is read of an evacuation plan: its frames, as in docs/outputs.md."""

    @property
    def scenario(self) -> str:
        """The name of the scenario."""

    @property
    def groups(self) -> gpd.GeoDataFrame:
        """The groups to be moved."""

    @property
    def assignments(self) -> pd.DataFrame:
        """One row for each group: its shelter, or the reason for none."""

    @property
    def routes(self) -> gpd.GeoDataFrame:
        """The routes from groups to shelters, in the direction of travel."""

    @property
    def route_legs(self) -> pd.DataFrame:
        """The routes, road by road."""

    @property
    def shelters(self) -> gpd.GeoDataFrame:
        """The shelters with what is available and assigned."""

    @property
    def closures(self) -> gpd.GeoDataFrame:
        """The pieces of road that are closed."""

    @property
    def ledger(self) -> pd.DataFrame:
        """People by category, village and township."""


def rows_by_id(
    frame: pd.DataFrame, column: str, *, ids: Container[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Return the rows of a frame by id; of equal ids the first.

    Parameters
    ----------
    frame
        Any frame; geometry is left out.
    column
        The column of the ids.
    ids
        Which rows are wanted, of a frame of many; None for all.

    Returns
    -------
    dict
        Empty where the column is missing.
    """
    if column not in frame.columns:
        return {}
    if ids is not None:
        wanted = [plain_text(one) in ids for one in frame[column]]
        frame = frame.iloc[np.flatnonzero(wanted)]
    return {plain_text(row[column]): row for row in reversed(plain_rows(frame))}


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame without its geometry.

    Parameters
    ----------
    frame
        Any frame.

    Returns
    -------
    list of dict
        One a row, in order.
    """
    placed = isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name
    return records(frame, without=[placed] if placed else [])


def known_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of a row that are not missing.

    Parameters
    ----------
    row
        Cells by the names of their columns.

    Returns
    -------
    dict
        A part of them.
    """
    return {name: cell for name, cell in row.items() if plain_text(cell)}


def insist_columns(frame: pd.DataFrame, name: str, columns: Sequence[str]) -> None:
    """Raise if a frame lacks a column.

    Parameters
    ----------
    frame
        Any frame.
    name
        What to call it.
    columns
        The columns it must have.

    Raises
    ------
    LayerError
        If one is missing; the message names all that are.
    """
    missing = [one for one in columns if one not in frame.columns]
    if missing:
        msg = f"{name} lacks the column {', '.join(missing)}"
        raise LayerError(msg)
