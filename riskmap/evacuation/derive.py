"""Groups to be moved, from the layers of the census by where people are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of, metric_crs
from riskmap.errors import LayerError
from riskmap.evacuation.demand import township_of
from riskmap.evacuation.levels import ResponseLevels, split_by_level
from riskmap.evacuation.overlap import inside_pairs, merge_houses, rest_of_claims
from riskmap.evacuation.people_sources import (
    CLASSES,
    OWNERS,
    claims_of,
    places_of,
    residents_of,
    who_rules,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["derive_groups"]

_PARTS = ("pattern", "label", "village_name", "category")
_PEOPLE = ("people", "people_min", "people_max")
_COLUMNS = (
    *("group_id", "name", "village_code", "village_name", "township_code"),
    *("category", "grade", *_PEOPLE, *CLASSES, "placement", "assembly_point"),
    *("hazard_id", *OWNERS, "sources", "moves_at", "geometry"),
)


def derive_groups(
    layers: Mapping[str, gpd.GeoDataFrame],
    zones: gpd.GeoDataFrame | None = None,
    *,
    level: str | None = None,
    levels: ResponseLevels | None = None,
    rules: str | None = None,
    categories: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Say who moves: by zone, below a reservoir, in unsafe houses, at sea, on sites.

    A household that stands in two zones, or in an unsafe house within one,
    counts once, under the first category of ``who.toml``. Where a zone says
    only how many it threatens, those whom no household names are a group of
    their own; what overlapping zones may count twice is a range, from
    ``people_min`` to ``people_max``, and `people`, the number to plan for, is
    its upper end.

    Parameters
    ----------
    layers
        Frames by the names of canonical layers: ``households``,
        ``unsafe_houses``, ``reservoirs``, ``enterprises``, ``villages``,
        ``landing_zones``, ``groups`` and the others of ``who.toml``. Any CRS;
        people null where unknown.
    zones
        The zones of the scenario, with ``zone_id`` and ``layer``; None takes
        every row of the layers of zones.
    level
        The level of response, ``"IV"`` to ``"I"``; None moves everybody.
    levels
        Who moves at which; None takes the table of ``standards``.
    rules
        The path of a county's own ``who.toml``.
    categories
        Other names for categories, as the bureau's ledger has them.

    Returns
    -------
    geopandas.GeoDataFrame
        The layer ``groups``, in the CRS of the first layer given, with
        ``people_min``, ``people_max``, ``sources`` (the rows it was made of)
        and ``moves_at``; sorted by id. Points; null where no place is known.

    Raises
    ------
    LayerError
        If no layer is given, or people are negative.
    CrsError
        If a layer has no CRS.
    PlanError
        If there is no such level, or `rules` cannot be read.
    """
    if not layers:
        msg = "derive_groups needs layers, for example households and risk_zones"
        raise LayerError(msg)
    table = who_rules(rules)
    first = next((one for one in layers.values() if len(one)), None)
    outcome = crs_of(next(iter(layers.values())) if first is None else first)
    metric = metric_crs(first if first is not None else next(iter(layers.values())))
    claims = claims_of(layers, zones, rules=table, crs=metric)
    named = _named(layers, table, metric)
    pairs = inside_pairs(named, claims)
    rest = rest_of_claims(
        claims, pairs, named["people"], villages=named["village_code"]
    )
    parts = [
        _listed(named, claims, pairs, rules=table),
        _rest(claims, rest, rules=table),
    ]
    full = [part for part in parts if len(part)] or parts[:1]
    groups = gpd.GeoDataFrame(pd.concat(full, ignore_index=True), crs=metric)
    groups = _finished(groups, layers, rules=table)
    if categories:
        groups = split_by_level(groups, None, levels=levels)[0]
        groups["category"] = groups["category"].replace(dict(categories))
    moving, _ = split_by_level(groups, level, levels=levels)
    moving = moving.sort_values("group_id", kind="stable", ignore_index=True)
    return gpd.GeoDataFrame(moving[list(_COLUMNS)], crs=metric).to_crs(outcome)


def _named(
    layers: Mapping[str, gpd.GeoDataFrame], rules: Mapping[str, Any], crs: Any  # noqa: ANN401
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return households, houses and places, each person in one row."""
    households = residents_of(layers, crs=crs)
    places = places_of(layers, rules=rules, crs=crs)
    within = float(rules["same_house"]["within_m"])
    listed = set(places.loc[places["source"].eq("groups"), "code"])
    households = households[~households["group_id"].isin(listed)]
    lived_in = places["resident"].eq(other=True)
    households, houses = merge_houses(households, places[lived_in], within_m=within)
    parts = [one for one in (households, houses, places[~lived_in]) if len(one)]
    whole = pd.concat(parts or [households], ignore_index=True)
    return gpd.GeoDataFrame(whole, geometry="geometry", crs=crs)


def _listed(
    named: gpd.GeoDataFrame,
    claims: gpd.GeoDataFrame,
    pairs: list[tuple[int, int]],
    *,
    rules: Mapping[str, Any],
) -> gpd.GeoDataFrame:
    """Return groups of those whom a row names: by zone or by place."""
    claim = _claim_of(len(named), claims, pairs=pairs, priority=rules["priority"])
    own = named["category"].notna().to_numpy()
    moves = own | (claim >= 0) | named["source"].eq("groups").to_numpy()
    rows, claim = named[moves].reset_index(drop=True), claim[moves]
    some = claim >= 0
    for column, of in (("category", "category"), ("grade", "grade")):
        theirs = pd.Series(None, index=rows.index, dtype=object)
        theirs[some] = claims[of].to_numpy(object)[claim[some]]
        rows[column] = rows[column].where(rows[column].notna(), theirs)
    rows["category"] = rows["category"].fillna(rules["other"])
    house = rows["resident"].eq(other=True).to_numpy()
    zone = pd.Series(None, index=rows.index, dtype=object)
    zone[some] = claims["code"].to_numpy(object)[claim[some]]
    rows["hazard_id"] = rows["hazard_id"].where(rows["hazard_id"].notna(), zone)
    single = ~house
    rows["key"] = np.where(
        single,
        rows["source"] + ":" + rows["code"].astype(str),
        _keys(rows, rows["hazard_id"].fillna("")),
    )
    groups = [
        _one_group(gpd.GeoDataFrame(part), claims, rules=rules)
        for _, part in rows.groupby("key", sort=True)
    ]
    return pd.concat(groups, ignore_index=True) if groups else rows.iloc[:0]


def _keys(rows: pd.DataFrame, zone: pd.Series) -> pd.Series:
    """Return what people must share to be one group; unknown people stay apart."""
    village = rows["village_code"].fillna("")
    grade = rows["grade"].fillna("")
    unknown = rows["people"].isna().map({True: "-unknown", False: ""})
    by_zone = zone.ne("") & rows["source"].eq("households")
    kind = rows["category"] + grade.map(lambda one: f"-{one}" if one else "")
    return zone.where(by_zone, kind) + "-" + village + unknown


def _claim_of(
    count: int,
    claims: gpd.GeoDataFrame,
    *,
    pairs: list[tuple[int, int]],
    priority: list[str],
) -> NDArray[np.int64]:
    """Return for each place the first of its zones by category, -1 for none."""
    order = {name: rank for rank, name in enumerate(priority)}
    rank = [order.get(one, len(order)) for one in claims["category"]]
    claim = np.full(count, -1, dtype=np.int64)
    for place, zone in pairs:
        if claim[place] < 0 or rank[zone] < rank[claim[place]]:
            claim[place] = zone
    return claim


def _one_group(
    part: gpd.GeoDataFrame, claims: gpd.GeoDataFrame, *, rules: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Return one group for rows that move together, at the place in their middle."""
    group = part.iloc[:1].copy()
    for name in (*_PEOPLE, *CLASSES):
        group[name] = part[name].astype("Int64").sum(skipna=False)
    shapes = part.geometry.to_numpy()
    group = group.set_geometry(_middle(shapes), crs=part.crs)
    group["sources"] = "、".join(part["source"] + ":" + part["code"].astype(str))
    if not part["resident"].eq(other=True).all():
        return group.assign(group_id=group["code"])
    zone = part["hazard_id"].iloc[0]
    owner = claims[claims["code"].eq(zone)].iloc[:1]
    for name in OWNERS if len(owner) else ():
        group[name] = owner[name].iloc[0]
    label = owner["name"].iloc[0] if len(owner) else None
    words = rules["names"]
    group["name"] = None
    kind = "listed" if part["source"].iloc[0] == "households" else "houses"
    return group.assign(group_id=part["key"].iloc[0], label=label, pattern=words[kind])


def _middle(shapes: Any) -> Any:  # noqa: ANN401
    """Return the one of some points that lies nearest to their middle."""
    known = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    out = np.empty(1, dtype=object)
    if len(known):
        points = shapely.point_on_surface(known)
        xy = shapely.get_coordinates(points)
        out[0] = points[np.hypot(*(xy - xy.mean(axis=0)).T).argmin()]
    return out


def _rest(
    claims: gpd.GeoDataFrame, rest: pd.DataFrame, *, rules: Mapping[str, Any]
) -> gpd.GeoDataFrame:
    """Return groups of the threatened whom no row names."""
    rows = claims.iloc[rest["claim"].to_numpy(dtype=np.int64)].reset_index(drop=True)
    for name in _PEOPLE:
        rows[name] = rest[name].to_numpy()
    shapes = rows.geometry.to_numpy()
    points = np.array([_middle(shapes[row : row + 1])[0] for row in range(len(rows))])
    named = rows["name"].where(rows["name"].notna(), rows["code"])
    pattern = rules["names"]["rest"]
    return rows.set_geometry(np.asarray(points, dtype=object), crs=claims.crs).assign(
        group_id=rows["code"] + "-rest",
        name=[pattern.format(zone=one) for one in named],
        hazard_id=rows["code"],
        sources=rows["source"] + ":" + rows["code"],
    )


def _finished(
    groups: gpd.GeoDataFrame,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    rules: Mapping[str, Any],
) -> gpd.GeoDataFrame:
    """Add villages, names, placement and piers; ids are unique."""
    table = _with_villages(groups, layers.get("villages"))
    own = table["category"].map(rules["placement"])
    table["placement"] = table["placement"].where(table["placement"].notna(), own)
    for extra in ("label", "pattern"):
        if extra not in table:
            table[extra] = None
    unnamed = table["name"].isna() & table["pattern"].notna()
    named = [
        pattern.format(zone=zone or "", village=village or "", category=kind)
        for pattern, zone, village, kind in zip(
            *(table.loc[unnamed, one] for one in _PARTS), strict=True
        )
    ]
    table.loc[unnamed, "name"] = named
    table["name"] = table["name"].where(table["name"].notna(), table["group_id"])
    for one in (*_PEOPLE, *CLASSES):
        table[one] = table[one].astype("Int64")
    again = table.groupby("group_id").cumcount()
    mark = again.map(lambda one: f"-{one + 1}" if one else "")
    table["group_id"] = table["group_id"].astype(str) + mark
    return _at_piers(table, layers.get("landing_zones"), rules["pier"])


def _with_villages(
    groups: gpd.GeoDataFrame, villages: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Fill village and township, by code and else by place."""
    table = groups.copy()
    table["village_name"] = None
    table["township_code"] = None
    if villages is not None and len(villages):
        areas = villages.to_crs(crs_of(table)).reset_index(drop=True)
        lost = table["village_code"].isna()
        points = table.geometry.to_numpy()[lost.to_numpy()]
        tree = shapely.STRtree(areas.geometry.to_numpy())
        at, area = tree.query(points, predicate="intersects")
        found = areas["village_code"].to_numpy(object)[area]
        inside = dict(zip(table.index[lost][at], found, strict=True))
        own = table["village_code"]
        table["village_code"] = own.where(~lost, table.index.map(inside.get))
        names = dict(zip(areas["village_code"], areas["name"], strict=True))
        table["village_name"] = table["village_code"].map(names)
    known = table["village_name"].astype(object)
    table["village_name"] = known.where(known.notna(), None)
    table["township_code"] = township_of(table)
    return table


def _at_piers(
    groups: gpd.GeoDataFrame,
    landing: gpd.GeoDataFrame | None,
    rule: Mapping[str, Any],
) -> gpd.GeoDataFrame:
    """Let boats and sea farms start at their pier: the one named, else the nearest."""
    if landing is None or landing.empty or "kind" not in landing:
        return groups
    piers = landing[landing["kind"].eq(rule["kind"])].to_crs(crs_of(groups))
    piers = piers[~(piers.geometry.isna() | piers.geometry.is_empty)]
    if piers.empty:
        return groups
    names = piers["name"].to_numpy(object)
    places = piers.geometry.to_numpy()
    shapes = groups.geometry.to_numpy().copy()
    starts = groups["assembly_point"].to_numpy(object).copy()
    sea = groups["category"].isin(rule["categories"]).to_numpy(dtype=bool)
    for row in np.flatnonzero(sea).tolist():
        named = np.flatnonzero(names == starts[row])
        if not len(named) and shapes[row] is None:
            continue
        pier = (
            int(named[0])
            if len(named)
            else int(shapely.distance(places, shapes[row]).argmin())
        )
        shapes[row], starts[row] = places[pier], names[pier]
    return groups.assign(assembly_point=starts).set_geometry(shapes, crs=groups.crs)
