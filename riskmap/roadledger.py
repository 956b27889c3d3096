"""What building the networks found, in the ledger beside what the tables hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.routing.findings import road_findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmap.census import Census
    from riskmap.routing import Network

__all__ = ["with_road_findings"]

_LAYERS = ("roads", "road_additions")


def with_road_findings(
    census: Census, networks: Mapping[str, Network], *, source: str
) -> Census:
    """Add what networks found to the findings of a census.

    Parameters
    ----------
    census
        Its findings keep their order; those of roads come last.
    networks
        Mode to network, from the roads of the census.
    source
        The file of the roads, for those that no layer of the census holds.

    Returns
    -------
    Census
        With more findings. A road of the census carries its file, sheet and row.
    """
    found = road_findings(networks)
    if found.empty:
        return census
    places = _places(census)
    none = (source, None, None, "roads")
    where = [places.get(one, none) for one in found["road_id"]]
    found = found.assign(
        source=[one[0] for one in where],
        sheet=pd.Series([one[1] for one in where], dtype=object),
        row=pd.Series([one[2] for one in where], dtype="Int64"), column=None,
        layer=[one[3] for one in where],
    )  # fmt: skip
    columns = list(census.findings.columns)
    parts = [one for one in (census.findings, found[columns]) if len(one)]
    every = pd.concat([one.astype(object) for one in parts], ignore_index=True)
    return replace(census, findings=every.astype(census.findings.dtypes.to_dict()))


def _places(census: Census) -> dict[str, tuple[str, str | None, int | None, str]]:
    """Return file, sheet, row and layer of every road of the census, by its id."""
    known: dict[str, tuple[str, str | None, int | None, str]] = {}
    for layer in _LAYERS:
        if layer not in census.layers:
            continue
        rows = census.sources[census.sources["layer"] == layer]["source"]
        file = str(rows.iloc[0]) if len(rows) else layer
        origin = census.origins[layer].reindex(census.layers[layer].index)
        for road, sheet, row in zip(
            census.layers[layer]["road_id"], origin["sheet"], origin["row"], strict=True
        ):
            place = file, None if pd.isna(sheet) else sheet, int(row), layer
            known.setdefault(str(road), place)
    return known
