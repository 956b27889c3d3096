"""Primary and backup routes, from door to door, with their legs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.crs import crs_of
from riskmap.evacuation.along import LEG_COLUMNS, legs_along
from riskmap.evacuation.demand import words
from riskmap.evacuation.detour import computed_routes, detours, steps_of
from riskmap.reasons import Reason
from riskmap.routing import check_departures
from riskmap.routing import legs as legs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.evacuation.case import Case
    from riskmap.routing import Network

    IntArray = NDArray[np.int64]
    FloatArray = NDArray[np.float64]

__all__ = ["ROUTE_COLUMNS", "Journeys", "plan_routes"]

ROUTE_COLUMNS = (
    "route_id", "group_id", "shelter_id", "rank", "mode", "length_m", "time_min",
    "shared_m", "shared_roads", "access_m", "source", "planned_route_id", "replaced",
    "geometry",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """The routes of a plan, their legs, and each group's backup.

    Parameters
    ----------
    routes
        The columns of `ROUTE_COLUMNS`, in the CRS of the groups.
    legs
        ``route_id`` and the columns of `LEG_COLUMNS`.
    backup
        For each group the position of its backup shelter, -1 for none.
    backup_min
        Minutes of the backup route; NaN where there is none.
    used
        The edges that the primary route of a group runs along, by its position.
    checked
        The primary routes against the hours at which roads close: columns
        ``group``, ``latest_min``, ``in_time``; empty where none does.
    """

    routes: gpd.GeoDataFrame
    legs: pd.DataFrame
    backup: IntArray
    backup_min: FloatArray
    used: dict[int, IntArray]
    checked: pd.DataFrame


def plan_routes(
    case: Case,
    shelter: IntArray,
    *,
    official: pd.DataFrame,
    waits: NDArray[np.bool_],
) -> Journeys:
    """Find the primary and the backup route of every group that is placed.

    The backup leads to the nearest other shelter that would still have room
    for the group, or, where there is none, to the same; and it keeps off the
    primary route as far as that can be.

    Parameters
    ----------
    case
        What the plan is made of.
    shelter
        The position of each group's shelter, -1 for none.
    official
        As `official_routes` returns them.
    waits
        Groups that would be too late for a road that closes: they take roads
        that never do.

    Returns
    -------
    Journeys
        Rank 1 for each group placed; rank 2 where there is another way.
    """
    network, groups, shelters = case.network, case.groups, case.shelters
    rows = np.flatnonzero(shelter >= 0)
    kept = official[official["replaced"].isna()]
    kept = kept[shelter[kept["group"].astype(int)] == kept["shelter"]]
    rest = np.setdiff1d(rows, kept["group"].astype(int))
    first = pd.concat(
        [
            computed_routes(
                way, groups, shelters, rows=some, shelter=shelter[some], rank=1
            )
            for way, some in _networks(case, rest, waits)
        ],
        ignore_index=True,
    )
    first = _with_official(first, official, kept)
    backup = _backup_shelters(
        case.ways.minutes, np.nan_to_num(case.people), shelter, room=case.room
    )
    second = detours(
        network, groups, shelters,
        primary=first, shelter=backup[first["group"]], limit_min=case.limit_min,
    )  # fmt: skip
    every = pd.concat([first, second], ignore_index=True)
    every = every.sort_values(["group", "rank"], kind="stable", ignore_index=True)
    chosen = np.full(len(groups), -1, dtype=np.int64)
    chosen_min = np.full(len(groups), np.nan)
    chosen[second["group"].astype(int)] = second["shelter"].astype(int)
    chosen_min[second["group"].astype(int)] = second["time_min"].astype(float)
    routes = _frame(network, groups, shelters, every=every)
    legs = _legs(network, every, routes)
    used = _used(network, first)
    return Journeys(routes, legs, chosen, chosen_min, used, _checked(case, first))


def _networks(
    case: Case, rows: IntArray, waits: NDArray[np.bool_]
) -> list[tuple[Network, IntArray]]:
    """Return the network that some groups travel on, and those groups."""
    if case.hourly is None or not waits[rows].any():
        return [(case.network, rows)]
    late = waits[rows]
    return [(case.network, rows[~late]), (case.hourly.network, rows[late])]


def _used(network: Network, first: pd.DataFrame) -> dict[int, IntArray]:
    """Return the edges under the primary route of each group."""
    return {
        int(group): np.array(
            [one for one, _, _ in steps_of(network, edges, line)], dtype=np.int64
        )
        for group, edges, line in zip(
            first["group"], first["edges"], first["geometry"], strict=True
        )
    }


def _checked(case: Case, first: pd.DataFrame) -> pd.DataFrame:
    """Check the primary routes against the hours at which roads close."""
    table = first[["group"]].assign(latest_min=np.inf, in_time=True)
    if case.hourly is None or not len(first):
        return table
    steps = [
        steps_of(case.network, one, line)
        for one, line in zip(first["edges"], first["geometry"], strict=True)
    ]
    routes = gpd.GeoDataFrame(
        {"edges": steps}, geometry=first["geometry"].to_numpy(), crs=case.network.crs
    )
    found = check_departures(case.hourly, routes, depart_min=case.clock.chain_min)
    return table.assign(
        latest_min=found["latest_min"].to_numpy(float),
        in_time=found["in_time"].fillna(value=True).to_numpy(dtype=bool),
    )


def _with_official(
    first: pd.DataFrame, official: pd.DataFrame, kept: pd.DataFrame
) -> pd.DataFrame:
    """Add the official routes that are kept, and say why the others are not."""
    other = official.set_index("group").drop(index=list(kept["group"]))
    why = other["replaced"].where(other["replaced"].notna(), str(Reason.FULL))
    computed = first.assign(
        planned_route_id=first["group"].map(other["planned_route_id"]),
        replaced=first["group"].map(why),
    )
    ready = kept.assign(
        edges=None,
        rank=1,
        shared_m=0.0,
        shared_roads=None,
        source="official",
        replaced=None,
    )
    parts = [one for one in (computed, ready) if len(one)] or [computed]
    whole = pd.concat(parts, ignore_index=True)
    return whole.sort_values("group", kind="stable", ignore_index=True)


def _backup_shelters(
    minutes: FloatArray, people: FloatArray, shelter: IntArray, *, room: FloatArray
) -> IntArray:
    """Return the nearest other shelter with room left, else the same one."""
    placed = shelter >= 0
    load = np.bincount(shelter[placed], people[placed], minlength=len(room))
    left = np.nan_to_num(room) - load
    fits = (people[:, None] <= left) & (np.nan_to_num(room) > 0)
    other = np.where(fits & np.isfinite(minutes), minutes, np.inf)
    other[np.flatnonzero(placed), shelter[placed]] = np.inf
    if not other.shape[1]:
        return shelter.copy()
    best = other.argmin(axis=1)
    some = np.isfinite(other[np.arange(len(best)), best])
    return np.where(placed & some, best, shelter).astype(np.int64)


def _frame(
    network: Network,
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    *,
    every: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Return the routes under their ids, in the CRS of the groups."""
    group = groups["group_id"].to_numpy(object)[every["group"].astype(int)]
    rank = every["rank"].astype("Int64")
    frame = every.assign(
        route_id=[f"{one}-{number}" for one, number in zip(group, rank, strict=True)],
        group_id=group,
        shelter_id=shelters["shelter_id"].to_numpy(object)[
            every["shelter"].astype(int)
        ],
        rank=rank,
        mode=network.mode,
    )[list(ROUTE_COLUMNS)]
    figures = ["length_m", "time_min", "shared_m", "access_m"]
    frame[figures] = frame[figures].astype(float)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=network.crs).to_crs(
        crs_of(groups)
    )


def _legs(
    network: Network, every: pd.DataFrame, routes: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return the legs of every route; their lengths and minutes add up to it."""
    official = every["source"].eq("official")
    tables = [_computed_legs(network, every[~official])]
    tables += [
        legs_along(network, every["geometry"].iloc[row]).assign(route=row)
        for row in np.flatnonzero(official)
    ]
    legs = pd.concat([one for one in tables if len(one)] or tables[:1])
    legs.insert(0, "route_id", routes["route_id"].reindex(legs["route"]).to_numpy())
    legs = legs.sort_values(["route", "seq"], kind="stable", ignore_index=True)
    return legs[["route_id", *LEG_COLUMNS]]


def _computed_legs(network: Network, every: pd.DataFrame) -> pd.DataFrame:
    """Return the legs of computed routes, in Chinese words."""
    turns: dict[str, str] = words()["turns"]
    frame = gpd.GeoDataFrame(every, geometry="geometry", crs=network.crs)
    legs = legs_of(network, frame)
    first = legs["seq"].eq(1)
    last = legs["seq"].eq(legs.groupby("route")["seq"].transform("max")) & ~first
    off = legs["turn"].eq("offroad")
    legs["turn"] = legs["turn"].map(turns)
    legs.loc[legs["turn"].eq(turns["depart"]) & ~first, "turn"] = turns["enter"]
    legs.loc[first, "turn"] = turns["depart"]
    legs.loc[last & off, "turn"] = turns["arrive"]
    return legs
