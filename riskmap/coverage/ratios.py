"""Sums of an audit: by village, grid, township and for the county."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.coverage.arrivals import arrivals
from riskmap.coverage.scene import scene_of
from riskmap.coverage.units import texts
from riskmap.crs import crs_of, same_crs
from riskmap.errors import LayerError
from riskmap.reasons import Reason
from riskmap.standards import load_standard

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.routing import Network
    from riskmap.standards import Standard

__all__ = ["coverage_points", "coverage_ratios", "grid_ratios"]

_KEY = ["standard", "tier"]
_SUMS = ["people", "circle_people", "network_people"]


def coverage_points(
    villages: gpd.GeoDataFrame,
    teams: gpd.GeoDataFrame,
    network: Network,
    *,
    standard: str | Path | Standard,
    people: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Return where people stand, and whether each place is covered.

    Parameters
    ----------
    villages, teams, network, standard, people
        As in `audit_coverage`.

    Returns
    -------
    geopandas.GeoDataFrame
        A row for each tier that is not ``start`` and each point, in the CRS of
        `villages`: ``village_code, standard, tier, people`` (Int64, null =
        unknown), ``by_circle, by_road, reason, first_unit`` (team_id),
        ``first_min``, Point (null where the place is unknown).

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key or `people` their number.
    StandardError
        If the standard is unknown or malformed.
    """
    crs = same_crs(villages, teams)
    rules = load_standard(standard)
    scene = scene_of(villages, people)
    tables = []
    for tier in rules.tiers:
        if tier.meaning == "start":
            continue
        found = arrivals(scene, teams, network, tier=tier)
        names = np.array([*found.units["team_id"], None], dtype=object)
        columns = {
            "village_code": scene.codes_at_points(),
            "standard": rules.name,
            "tier": tier.number,
            "people": pd.array(np.round(scene.people), dtype="Int64"),
            "by_circle": found.by_circle,
            "by_road": found.by_road,
            "reason": found.reason,
            "first_unit": names[found.first_unit],
            "first_min": found.first_min,
        }
        tables.append(pd.DataFrame(columns).assign(geometry=scene.points.geometry))
    if not tables:
        empty = ["village_code", *_KEY, "people", "by_circle", "by_road", "reason"]
        return gpd.GeoDataFrame(columns=[*empty, "geometry"], crs=crs)
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), crs=crs)


def coverage_ratios(
    tiers: pd.DataFrame, villages: pd.DataFrame, *, by: str = "township_code"
) -> pd.DataFrame:
    """Sum an audit over villages, townships, or the county.

    Parameters
    ----------
    tiers
        From `audit_coverage`.
    villages
        The layer ``villages``, which says the township of each.
    by
        A column of `villages`, for example ``village_code`` or
        ``township_code``; or ``county`` for all villages together.

    Returns
    -------
    pandas.DataFrame
        ``standard, tier``, the column `by`, ``villages, passed_villages,
        unknown_villages`` (data insufficient), ``people, circle_people,
        network_people`` (Int64, of the villages whose number of people is
        known; null where none is, the last two also for ``start``),
        ``listed_people`` (known by name in villages whose number is unknown;
        no part of the other sums), ``circle_ratio, network_ratio`` (0 to 1;
        NaN where nobody is known).

    Raises
    ------
    LayerError
        If `villages` lack the column `by`.
    """
    if by != "county" and by not in villages:
        msg = f"villages have no column {by}; sum by one they have, or by county"
        raise LayerError(msg)
    place = pd.Series("", index=villages.index) if by == "county" else villages[by]
    home = dict(zip(villages["village_code"].astype(str), place, strict=True))
    table = tiers.assign(**{by: tiers["village_code"].map(home)})
    table["unknown"] = table["reason"].eq(str(Reason.INSUFFICIENT_DATA))
    table["passed"] = table["passed"].fillna(value=False).astype(bool)
    table["listed_people"] = table["listed_people"].where(table["people"].isna(), 0)
    groups = table.groupby([*_KEY, by], dropna=False)
    sums = groups.agg(
        villages=("village_code", "nunique"),
        passed_villages=("passed", "sum"),
        unknown_villages=("unknown", "sum"),
    )
    people = groups[_SUMS].sum(min_count=1)
    listed = groups["listed_people"].sum()
    return _with_ratios(sums.join(people).join(listed).reset_index())


def grid_ratios(points: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> pd.DataFrame:
    """Sum the places of people over the cells of governance.

    Parameters
    ----------
    points
        From `coverage_points`.
    grids
        Polygons with ``grid_id``, any CRS; a place on a border counts in the
        first.

    Returns
    -------
    pandas.DataFrame
        ``standard, tier, grid_id, people, circle_people, network_people``
        (Int64, of the places whose number is known; null where none is),
        ``unknown_places``, ``circle_ratio, network_ratio``. A row for each tier
        and grid; places in no grid have ``grid_id`` null.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    LayerError
        If `grids` have no ``grid_id``.
    """
    if "grid_id" not in grids:
        msg = "grids have no column grid_id; give every grid its id"
        raise LayerError(msg)
    cells = grids.to_crs(crs_of(points))
    point, cell = cells.sindex.query(points.geometry, predicate="intersects")
    ids = np.full(len(points), None, dtype=object)
    first = np.unique(point, return_index=True)[1]
    ids[point[first]] = texts(cells, "grid_id")[cell[first]]
    table = pd.DataFrame(points[[*_KEY, "people"]]).assign(grid_id=ids)
    for name, held in (("circle", "by_circle"), ("network", "by_road")):
        some = points["people"].where(points[held].to_numpy(dtype=bool), 0)
        table[f"{name}_people"] = some.mask(points["people"].isna())
    table["unknown_places"] = points["people"].isna().to_numpy()
    groups = table.groupby([*_KEY, "grid_id"], dropna=False)
    sums = groups[_SUMS].sum(min_count=1).join(groups["unknown_places"].sum())
    every = (
        points[_KEY]
        .drop_duplicates()
        .merge(
            pd.DataFrame({"grid_id": pd.unique(texts(cells, "grid_id"))}), how="cross"
        )
    )
    sums = every.merge(sums.reset_index(), on=[*_KEY, "grid_id"], how="outer")
    sums["unknown_places"] = sums["unknown_places"].fillna(0).astype(int)
    return _with_ratios(sums)


def _with_ratios(sums: pd.DataFrame) -> pd.DataFrame:
    """Add the share of people covered; NaN where nobody is known."""
    known = sums["people"].to_numpy(dtype=float, na_value=np.nan)
    known[known == 0] = np.nan
    for name in ("circle", "network"):
        covered = sums[f"{name}_people"].to_numpy(dtype=float, na_value=np.nan)
        sums[f"{name}_ratio"] = covered / known
    return sums
