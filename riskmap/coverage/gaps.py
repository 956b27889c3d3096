"""Who is left out, and who depends on a single unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.coverage.arrivals import arrivals
from riskmap.coverage.scene import scene_of
from riskmap.crs import same_crs
from riskmap.reasons import Reason
from riskmap.routing import isochrones
from riskmap.standards import load_standard

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from riskmap.coverage.arrivals import Arrivals
    from riskmap.coverage.scene import Scene
    from riskmap.routing import Network
    from riskmap.standards import Standard, Tier

__all__ = ["coverage_gaps", "unit_losses"]

_LOSS_COLUMNS = ["standard", "tier", "team_id", "name", "people", "villages"]


def coverage_gaps(
    villages: gpd.GeoDataFrame,
    teams: gpd.GeoDataFrame,
    network: Network,
    *,
    standard: str | Path | Standard,
    people: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Return the parts of villages that too few units reach in time by road.

    Parameters
    ----------
    villages, teams, network, standard, people
        As in `audit_coverage`.

    Returns
    -------
    geopandas.GeoDataFrame
        A row for each tier that is not ``start`` and each village with a gap,
        in the CRS of `villages`: ``village_code, standard, tier``, ``people``
        left out (Int64, null = unknown; the same count as in the audit),
        ``reason`` and geometry: the village less what enough units reach (null
        where the village has no area). Villages without anybody left out are
        listed with 0 people where some of their land is out of reach.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key or `people` their number.
    StandardError
        If the standard is unknown or malformed.

    Notes
    -----
    People are counted where they stand, land by what roads reach: a measured
    response time covers people but draws no area.
    """
    crs = same_crs(villages, teams)
    rules = load_standard(standard)
    scene = scene_of(villages, people)
    tables = []
    for tier in rules.tiers:
        if tier.meaning == "start":
            continue
        found = arrivals(scene, teams, network, tier=tier)
        reached = _reached(found, network, tier)
        tables.append(_tier_gaps(scene, villages, found, reached=reached, tier=tier))
    columns = ["village_code", "standard", "tier", "people", "reason", "geometry"]
    if not tables:
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=crs)
    table = pd.concat(tables, ignore_index=True).assign(standard=rules.name)
    return gpd.GeoDataFrame(table[columns], geometry="geometry", crs=crs)


def unit_losses(
    villages: gpd.GeoDataFrame,
    teams: gpd.GeoDataFrame,
    network: Network,
    *,
    standard: str | Path | Standard,
    people: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Return what the loss of each single unit would cost (N-1).

    Parameters
    ----------
    villages, teams, network, standard, people
        As in `audit_coverage`.

    Returns
    -------
    pandas.DataFrame
        A row for each tier and each unit on which somebody depends, costliest
        first: ``standard, tier, team_id, name``, ``people`` who would no
        longer be reached in time (Int64, null where the number at some place
        is unknown), and the codes of their ``villages`` joined by ``、``.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key or `people` their number.
    StandardError
        If the standard is unknown or malformed.
    """
    same_crs(villages, teams)
    rules = load_standard(standard)
    scene = scene_of(villages, people)
    tables = [
        _tier_losses(scene, arrivals(scene, teams, network, tier=tier), tier)
        for tier in rules.tiers
        if tier.meaning != "start"
    ]
    table = pd.concat([pd.DataFrame(columns=_LOSS_COLUMNS), *tables])
    table = table.assign(standard=rules.name).reset_index(drop=True)
    return table[_LOSS_COLUMNS].astype({"people": "Int64"})


def _reached(found: Arrivals, network: Network, tier: Tier) -> BaseGeometry:
    """Return the area that enough units of a tier reach in time."""
    units = found.units[found.units["reason"].eq(str(Reason.OK))]
    left = np.maximum(0.0, tier.limit_min - units["turnout_min"].to_numpy(dtype=float))
    areas = []
    for minutes in np.unique(left[left > 0]).tolist():
        rings = isochrones(
            network, units[left == minutes], minutes=(minutes,), direction="from"
        )
        areas.extend(rings.geometry.dropna().tolist())
    if tier.minimum_units == 1 or len(areas) < tier.minimum_units:
        enough = areas if tier.minimum_units == 1 else []
        return shapely.union_all(enough)
    return _overlap(areas, tier.minimum_units)


def _overlap(areas: list[BaseGeometry], times: int) -> BaseGeometry:
    """Return what at least so many of the areas cover."""
    covered: list[BaseGeometry] = [shapely.Polygon()] * times
    for area in areas:
        for level in range(times - 1, 0, -1):
            both = shapely.intersection(covered[level - 1], area)
            covered[level] = shapely.union(covered[level], both)
        covered[0] = shapely.union(covered[0], area)
    return covered[-1]


def _tier_gaps(
    scene: Scene,
    villages: gpd.GeoDataFrame,
    found: Arrivals,
    *,
    reached: BaseGeometry,
    tier: Tier,
) -> gpd.GeoDataFrame:
    """Return the gaps of one tier."""
    areas = villages.geometry.to_numpy()
    flat = shapely.get_dimensions(areas) < 2  # noqa: PLR2004
    land = shapely.difference(shapely.make_valid(areas), reached)
    land[flat | shapely.is_empty(land)] = None
    out = scene.total(~found.by_road)
    reason = _main_reasons(scene, found)
    people = pd.array(np.round(out), dtype="Int64")
    rows = np.flatnonzero(~(out == 0) | ~shapely.is_missing(land))
    table = {
        "village_code": scene.codes[rows],
        "tier": tier.number,
        "people": people[rows],
        "reason": reason[rows],
    }
    return gpd.GeoDataFrame(table, geometry=land[rows], crs=villages.crs)


def _main_reasons(scene: Scene, found: Arrivals) -> np.ndarray:
    """Return the reason of most people left out; ``over_time`` where nobody is."""
    table = pd.DataFrame({"village": scene.village, "reason": found.reason})
    table["people"] = np.nan_to_num(scene.people)
    table = table[~found.by_road].groupby(["village", "reason"], as_index=False).sum()
    table = table.sort_values("people", ascending=False, kind="stable")
    main = table.drop_duplicates("village").set_index("village")["reason"]
    return main.reindex(
        range(len(scene.codes)), fill_value=str(Reason.OVER_TIME)
    ).to_numpy(dtype=object)


def _tier_losses(scene: Scene, found: Arrivals, tier: Tier) -> pd.DataFrame:
    """Return what the loss of each unit of one tier costs."""
    counts = found.units["reason"].isin([str(Reason.OK), str(Reason.TURNOUT_TOO_LONG)])
    pairs = found.pairs[found.pairs["total_min"] <= tier.limit_min]
    pairs = pairs[counts.to_numpy()[pairs["unit"]]]
    there = np.bincount(pairs["point"], minlength=len(scene.points))
    sole = pairs[there[pairs["point"]] == tier.minimum_units]
    sole = sole.assign(
        people=scene.people[sole["point"]], code=scene.codes_at_points()[sole["point"]]
    )
    lost = sole.groupby("unit").agg(
        people=("people", lambda each: each.sum(skipna=False)),
        villages=("code", lambda each: "、".join(sorted(set(each)))),
    )
    table: pd.DataFrame = lost.join(pd.DataFrame(found.units)[["team_id", "name"]])
    table = table.assign(tier=tier.number)
    return table.sort_values(["people", "team_id"], ascending=[False, True])
