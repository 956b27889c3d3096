"""From the tables of units to the results of the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from riskmap.cluster.store import Store, Unit

__all__ = ["compare_results", "gather", "ranking", "village_results"]

_COMPARED = (
    *("village_code", "village_name", "unit", "change", "tiers_gained", "tiers_lost"),
    *("placed_before", "placed", "unplaced_before", "unplaced"),
)
_KEYS = (
    *("scenario", "village_code", "standard", "tier", "shelter_id", "team_id"),
    *("group_id", "route_id", "rule", "township_code", "category", "placement"),
)
_SUMS = ("population", "to_move", "placed", "unplaced", "unknown_groups", "beds")


def gather(folder: Path, units: Iterable[Unit]) -> dict[str, pd.DataFrame]:
    """Put the tables of all units together.

    Parameters
    ----------
    folder
        The outputs of all units.
    units
        Which units count; those without a table are left out, and the run
        report says why.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``audit_*``, ``plan_*`` and ``first_shelters``, with ``unit``, sorted by
        their keys. In ``audit_shelters``, demand counts the groups of all units.
    """
    parts: dict[str, list[pd.DataFrame]] = {}
    for one in units:
        for step in ("audit", "plan"):
            record = folder / one.code / f"{step}.json"
            if not record.is_file():
                continue
            paths = (folder / one.code / f"tables_{step}").glob("*.parquet")
            for path in sorted(paths):
                frame = _read(path)
                frame.insert(0, "unit", one.code)
                parts.setdefault(path.stem, []).append(frame)
    tables = {name: _together(frames) for name, frames in sorted(parts.items())}
    if {"audit_shelters", "first_shelters"} <= tables.keys():
        tables["audit_shelters"] = _with_demand(
            tables["audit_shelters"], tables["first_shelters"]
        )
    return tables


def _read(path: Path) -> pd.DataFrame:
    """Read a table, as a GeoDataFrame where it has places."""
    try:
        return gpd.read_parquet(path)
    except ValueError:
        return pd.read_parquet(path)


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Put frames under each other, in the order of their keys."""
    filled = [one for one in frames if len(one)] or frames[:1]
    table = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]
    keys = [one for one in _KEYS if one in table.columns]
    return table.sort_values(keys, kind="stable", ignore_index=True)


def _with_demand(shelters: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """Count who reaches each shelter before any other, whatever unit they are of."""
    known = first.dropna(subset="shelter_id")
    people = pd.to_numeric(known["people"]).fillna(0).groupby(known["shelter_id"]).sum()
    groups = known.groupby("shelter_id").size()
    ids = shelters["shelter_id"]
    return shelters.assign(
        demand_people=ids.map(people).fillna(0).astype("int64"),
        demand_groups=ids.map(groups).fillna(0).astype("int64"),
    )


def village_results(
    tables: Mapping[str, pd.DataFrame], store: Store, *, scenario: str | None
) -> gpd.GeoDataFrame:
    """Return a row a village: who it is, what the audit says, what the plan does.

    Parameters
    ----------
    tables
        From `gather`; ``audit_villages`` must be there.
    store
        The partitions, for names.
    scenario
        The one on the wall; None without plans.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4490: ``unit, unit_name``, the columns of ``audit_villages``, and
        ``to_move, placed, unplaced, unknown_groups`` (Int64, null where no plan
        is), ``beds`` (available places of its shelters).
    """
    table = gpd.GeoDataFrame(tables["audit_villages"]).copy()
    names = {one.code: one.name for one in store.units}
    table.insert(1, "unit_name", table["unit"].map(names))
    table = table.merge(_moved(tables, scenario), how="left", on="village_code")
    table["beds"] = table["village_code"].map(_beds(tables, scenario)).astype("Int64")
    planned = (
        set() if "plan_ledger" not in tables else set(tables["plan_ledger"]["unit"])
    )
    here = table["unit"].isin(planned)
    for name in ("to_move", "placed", "unplaced", "unknown_groups"):
        table[name] = table[name].astype("Int64").mask(table[name].isna() & here, 0)
    geometry = table.pop("geometry")
    return gpd.GeoDataFrame(table, geometry=geometry, crs=4490)


def _moved(tables: Mapping[str, pd.DataFrame], scenario: str | None) -> pd.DataFrame:
    """Return the people of the plan by village."""
    columns = {
        "people": "to_move", "placed_people": "placed", "unplaced_people": "unplaced",
        "unknown_groups": "unknown_groups",
    }  # fmt: skip
    ledger = tables.get("plan_ledger")
    if ledger is None or scenario is None:
        return pd.DataFrame(columns=["village_code", *columns.values()])
    mine = ledger[ledger["scenario"].eq(scenario)]
    sums = mine.groupby("village_code")[list(columns)].sum()
    return sums.rename(columns=columns).reset_index()


def _beds(tables: Mapping[str, pd.DataFrame], scenario: str | None) -> pd.Series:
    """Return the places that the shelters of each village have left."""
    shelters = tables.get("audit_shelters")
    if shelters is None or "village_code" not in shelters or scenario is None:
        return pd.Series(dtype="float64")
    return shelters.groupby("village_code")["available_people"].sum(min_count=1)


def ranking(
    villages: pd.DataFrame, tiers: pd.DataFrame, units: Iterable[Unit]
) -> pd.DataFrame:
    """Return a row a unit: its sums, its coverage, its place among all.

    Parameters
    ----------
    villages
        From `village_results`.
    tiers
        The table ``audit_tiers`` of `gather`.
    units
        All units of the run; those that failed stay, with nulls.

    Returns
    -------
    pandas.DataFrame
        ``rank`` (by the share of villages that pass all tiers, then by the
        people unplaced; null without an audit), ``unit, name, villages``, sums
        of the villages' figures, ``passed_villages``, ``unknown_villages`` and
        ``passed_ratio``.
    """
    table = pd.DataFrame(
        [(one.code, one.name, one.villages) for one in units],
        columns=["unit", "name", "villages"],
    )
    sums = villages.groupby("unit")[list(_SUMS)].sum(min_count=1)
    sure = tiers["passed"].astype("boolean")
    home = [tiers["unit"], tiers["village_code"]]
    passed = sure.fillna(value=False).groupby(home).all()
    blind = (sure.isna() | tiers["reason"].eq("insufficient_data")).groupby(home).any()
    counts = pd.DataFrame(
        {
            "audited": passed.groupby(level=0).size(),
            "passed_villages": passed.groupby(level=0).sum(),
            "unknown_villages": blind.groupby(level=0).sum(),
        }
    ).astype("Int64")
    table = table.merge(sums, how="left", left_on="unit", right_index=True)
    table = table.merge(counts, how="left", left_on="unit", right_index=True)
    share = table["passed_villages"] / table["audited"].replace(0, pd.NA)
    table["passed_ratio"] = share.astype("Float64").round(4)
    order = table.sort_values(
        ["passed_ratio", "unplaced", "unit"], ascending=[False, True, True],
        na_position="last",
    )  # fmt: skip
    known = order["passed_ratio"].notna()
    order.insert(0, "rank", known.cumsum().where(known).astype("Int64"))
    return order.reset_index(drop=True)


def compare_results(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return what is different from an earlier run, a row a changed village.

    Parameters
    ----------
    old, new
        From `village_results`.

    Returns
    -------
    pandas.DataFrame
        ``village_code, village_name, unit, change`` (``better, worse, mixed,
        added, removed``), tiers gained and lost, and ``placed`` and
        ``unplaced`` before and after.
    """
    tiers = [
        one
        for one in new.columns
        if one in old.columns and pd.api.types.is_bool_dtype(new[one])
    ]
    kept = ["village_name", "unit", "placed", "unplaced", *tiers]
    before = old.set_index("village_code")[kept].add_suffix("_before")
    both = before.join(new.set_index("village_code")[kept], how="outer")
    there = both["unit_before"].notna(), both["unit"].notna()
    gained, lost = (
        sum((_sure(both[f"{t}{a}"]) & ~_sure(both[f"{t}{b}"]) for t in tiers), start=0)
        for a, b in (("", "_before"), ("_before", ""))
    )
    less = both["unplaced"].fillna(0) - both["unplaced_before"].fillna(0)
    better = np.asarray((gained > 0) | (less < 0).to_numpy(dtype=bool))
    worse = np.asarray((lost > 0) | (less > 0).to_numpy(dtype=bool))
    change = np.select(
        [~there[0], ~there[1], better & worse, better, worse],
        ["added", "removed", "mixed", "better", "worse"],
        default="",
    )
    table = both.assign(change=change, tiers_gained=gained, tiers_lost=lost)
    for name in ("village_name", "unit"):
        table[name] = table[name].fillna(table[f"{name}_before"])
    changed = table[table["change"].ne("")].reset_index()
    return changed[list(_COMPARED)]


def _sure(column: pd.Series) -> np.ndarray:
    """Return where a column is true for certain."""
    return (
        column.astype("boolean").fillna(value=False).to_numpy(dtype=bool).astype(int)
        > 0
    )
