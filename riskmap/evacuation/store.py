"""Plans in a GeoPackage: every table a layer, every row with its scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio

from riskmap.errors import PlanError, SourceError, first_few
from riskmap.evacuation.plan import EXTRAS, TABLES, Plan
from riskmap.geopackage import write_geopackage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["load_plan", "load_plans", "save_plan"]

_GEOMETRY = frozenset(
    {"groups", "routes", "shelters", "closures", "early", "rescues", "assembly"}
)
_WHOLE = frozenset(
    {"people", "groups", "unknown_groups", "rank", "seq", "beds", "most_people"}
    | {"people_min", "people_max", "riders", "seats", "links"}
)


def save_plan(plan: Plan | Iterable[Plan], path: str | Path) -> Path:
    """Write one plan, or those of several scenarios, to a GeoPackage.

    The file appears whole or not at all, and the same plans give the same
    bytes.

    Parameters
    ----------
    plan
        A plan, or several with different scenarios and the same CRS.
    path
        The file to write, usually ``plan.gpkg``; replaced if it is there.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    PlanError
        If there is no plan, or two have the same scenario.
    SourceError
        If the file cannot be written.
    """
    plans = [plan] if isinstance(plan, Plan) else list(plan)
    names = [one.scenario for one in plans]
    if not plans or len(set(names)) < len(names):
        msg = f"{len(plans)} plans of scenarios {first_few(names)}: name each apart"
        raise PlanError(msg)
    tables = {
        name: pd.concat(_filled([getattr(one, name) for one in plans]))
        for name in (*TABLES, *EXTRAS)
    }
    tables = {
        name: _counted(frame) if name in EXTRAS else frame
        for name, frame in tables.items()
        if name in TABLES or len(frame.columns)
    }
    return write_geopackage(path, tables)


def load_plans(path: str | Path) -> dict[str, Plan]:
    """Read all plans of a GeoPackage.

    Parameters
    ----------
    path
        A file that `save_plan` wrote.

    Returns
    -------
    dict
        Plans by scenario, in the order written.

    Raises
    ------
    SourceError
        If the file cannot be read or a table is missing.
    PlanError
        If the sums in it do not close.
    """
    tables = read_tables(path)
    names = list(tables["summary"]["scenario"])
    return {name: _one(tables, str(name)) for name in names}


def load_plan(path: str | Path, *, scenario: str | None = None) -> Plan:
    """Read one plan of a GeoPackage.

    Parameters
    ----------
    path
        A file that `save_plan` wrote.
    scenario
        Which one; None takes the first.

    Returns
    -------
    Plan
        The plan as it was saved.

    Raises
    ------
    SourceError
        If the file cannot be read or a table is missing.
    PlanError
        If there is no such scenario, or the sums do not close.
    """
    tables = read_tables(path)
    names = [str(name) for name in tables["summary"]["scenario"]]
    wanted = names[0] if scenario is None and names else scenario
    if wanted not in names or wanted is None:
        msg = f'{path} has no scenario "{scenario}"; it has {first_few(names, most=9)}'
        raise PlanError(msg)
    return _one(tables, wanted)


def read_tables(path: str | Path) -> dict[str, Any]:
    """Read the tables of a plan file as they are, unchecked.

    Parameters
    ----------
    path
        A file that `save_plan` wrote.

    Returns
    -------
    dict
        Frames by name.

    Raises
    ------
    SourceError
        If the file cannot be read or a table is missing.
    """
    try:
        layers = {str(name) for name, _ in pyogrio.list_layers(path)}
        missing = [name for name in TABLES if name not in layers]
        if missing:
            msg = f"{path} is no plan: it has no table {first_few(missing)}"
            raise SourceError(msg)
        return {
            name: _restored(pyogrio.read_dataframe(path, layer=name))
            for name in (*TABLES, *(one for one in EXTRAS if one in layers))
        }
    except (OSError, pyogrio.errors.DataSourceError) as error:
        msg = f"{path} cannot be read: {error}"
        raise SourceError(msg) from error


def _filled(frames: list[Any]) -> list[Any]:
    """Drop empty frames beside full ones; they have no types to agree on."""
    full = [frame for frame in frames if len(frame)]
    return full or frames[:1]


def _counted(frame: Any) -> Any:  # noqa: ANN401
    """Return a frame whose figures are figures, even where it has no row."""
    kinds = {name: "Int64" for name in frame.columns if name in _WHOLE}
    kinds |= {
        name: "float64" for name in frame.columns if str(name).endswith(("_min", "_m"))
    }
    return frame.astype(kinds)


def _restored(frame: Any) -> Any:  # noqa: ANN401
    """Bring back whole numbers and nulls as they were."""
    for name in frame.columns:
        if name in _WHOLE or str(name).endswith("_people"):
            frame[name] = frame[name].astype("Int64")
        elif frame[name].dtype == object or isinstance(
            frame[name].dtype, pd.StringDtype
        ):
            text = frame[name].astype(object)
            frame[name] = text.where(text.notna(), None)
    return frame


def _one(tables: dict[str, Any], scenario: str) -> Plan:
    """Pick the rows of one scenario."""
    parts = {}
    for name in tables:
        rows = tables[name]["scenario"].eq(scenario)
        part = tables[name].loc[rows].reset_index(drop=True)
        if name in _GEOMETRY and not isinstance(part, gpd.GeoDataFrame):
            crs = tables["groups"].crs
            none: Any = [None] * len(part)
            nowhere = gpd.GeoSeries(none, crs=crs)
            part = gpd.GeoDataFrame(part, geometry=nowhere)
        parts[name] = part
    codes = parts["summary"]["assumptions"].iloc[0]
    return Plan(
        **parts,
        scenario=scenario,
        assumptions=tuple(str(codes).split(";")) if codes else (),
    )
