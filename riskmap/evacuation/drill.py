"""A plan run in time: who leaves when, who queues where, whom a closing road stops.

People leave in small parties over the minutes of gathering, walk the legs of
their route, and pass a road no faster than its width lets them. The run is
seeded: the same plan and seed give the same minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of
from riskmap.errors import PlanError
from riskmap.evacuation.crowd import flow_per_min, road_widths
from riskmap.evacuation.drill_frames import (
    Run,
    arrivals_by_minute,
    by_group,
    by_road,
    people_by_minute,
)
from riskmap.evacuation.march import Track, march
from riskmap.reasons import Reason

if TYPE_CHECKING:
    import geopandas as gpd

    from riskmap.evacuation.plan import Plan

__all__ = ["Drill", "drill_plan"]

_LEAST_PARTY = 1


@dataclass(frozen=True, slots=True, eq=False)
class Drill:
    """How a plan runs, as frames.

    Parameters
    ----------
    people
        ``scenario, minute`` (since the order), ``people, waiting_people,
        on_the_way_people, queueing_people, stopped_people, safe_people``; the
        last five add up to the first.
    arrivals
        ``scenario, shelter_id, shelter_name, minute, arrived_people``: how many
        have arrived in each shelter by then.
    groups
        ``scenario, group_id, shelter_id, people, first_leaves_min,
        last_arrives_min`` (null: somebody never arrives), ``stopped_people``
        (before a road that has closed), ``queue_min`` (the longest).
    links
        ``scenario, road_id, road_name, people, most_queueing_people,
        longest_queue_min, stopped_people``: the worst road first.
    """

    people: pd.DataFrame
    arrivals: pd.DataFrame
    groups: pd.DataFrame
    links: pd.DataFrame

    def _repr_html_(self) -> str:
        """Show the last minute, the slowest groups and the worst roads."""
        slow = self.groups.sort_values("last_arrives_min", na_position="first")
        parts = (self.people.tail(1), slow.tail(5), self.links.head(5))
        return "".join(one.to_html(index=False, border=0, na_rep="") for one in parts)


def drill_plan(
    plan: Plan,
    *,
    roads: pd.DataFrame | None = None,
    closing: gpd.GeoDataFrame | None = None,
    spread_min: float | None = None,
    party_people: int = 4,
    seed: int = 0,
    step_min: int = 1,
) -> Drill:
    """Run a plan in time, from the order to the last arrival.

    Parameters
    ----------
    plan
        From `plan_evacuation`. Those it does not place, and those who need no
        shelter, are not in the run.
    roads
        ``road_id``, ``road_class`` and ``width_m``; None takes the width
        assumed for a road of no known class.
    closing
        What closes roads by the hour, ``closes_min`` and perhaps ``opens_min``
        in minutes after the order; any CRS. None = nothing.
    spread_min
        Parties leave over so many minutes before the end of gathering, evenly,
        in a seeded order; None leaves all at its end.
    party_people
        How many walk together.
    seed
        Of the order in which parties leave.
    step_min
        Minutes between two rows.

    Returns
    -------
    Drill
        Frames. With nothing that spreads, narrows or closes, everybody arrives
        in the minutes of the plan.

    Raises
    ------
    PlanError
        If a number is out of its range.
    """
    if step_min < 1 or party_people < _LEAST_PARTY or (spread_min or 0) < 0:
        msg = "step_min and party_people are 1 or more, spread_min is 0 or more"
        raise PlanError(msg)
    track = _track(plan, closing)
    parties = _parties(plan, track, size=party_people)
    ends = float(plan.summary["chain_min"].iloc[0])
    drawn = np.random.default_rng(seed).random(len(parties))
    parties["leaves"] = np.maximum(ends - (spread_min or 0.0) * drawn, 0.0)
    run = march(parties, track, flows=_flows(track, roads))
    last = np.nanmax(np.r_[0.0, run.arrives, run.blocked])
    minutes = np.arange(0, int(np.ceil(last)) + step_min, step_min)
    drilled = Run(plan.scenario, plan.assignments, parties, run)
    return Drill(
        people_by_minute(drilled, minutes),
        arrivals_by_minute(drilled, minutes),
        by_group(drilled),
        by_road(drilled, track.legs),
    )


def _track(plan: Plan, closing: gpd.GeoDataFrame | None) -> Track:
    """Return the legs of the primary routes, and when each is closed."""
    first = plan.routes[plan.routes["rank"].eq(1)]
    legs = plan.route_legs[plan.route_legs["route_id"].isin(first["route_id"])]
    legs = legs.sort_values(["route_id", "seq"], kind="stable", ignore_index=True)
    spells = _spells(plan, first, legs, closing=closing)
    rows = {
        str(key): np.asarray(one)
        for key, one in legs.groupby("route_id").indices.items()
    }
    return Track(legs, rows, tuple(spells))


def _spells(
    plan: Plan,
    first: gpd.GeoDataFrame,
    legs: pd.DataFrame,
    *,
    closing: gpd.GeoDataFrame | None,
) -> list[tuple[tuple[float, float], ...]]:
    """Return when each leg is closed."""
    spells: list[tuple[tuple[float, float], ...]] = [()] * len(legs)
    if closing is not None and len(closing) and len(legs):
        shapes = _leg_lines(first, legs)
        zones = closing.to_crs(crs_of(plan.routes))
        areas = zones.geometry.to_numpy()
        shut = pd.to_numeric(zones["closes_min"]).fillna(0).to_numpy(float)
        opens = np.full(len(zones), np.inf)
        if "opens_min" in zones:
            opens = pd.to_numeric(zones["opens_min"]).fillna(np.inf).to_numpy(float)
        leg, zone = shapely.STRtree(areas).query(shapes, predicate="intersects")
        for one in np.unique(leg):
            mine = zone[leg == one]
            pairs = zip(shut[mine].tolist(), opens[mine].tolist(), strict=True)
            spells[int(one)] = tuple(sorted(pairs))
    return spells


def _leg_lines(routes: gpd.GeoDataFrame, legs: pd.DataFrame) -> np.ndarray:
    """Return the line of each leg, by its share of the route's length."""
    whole = legs["route_id"].map(routes.set_index("route_id").geometry).to_numpy()
    total = legs.groupby("route_id")["length_m"].transform("sum").clip(lower=1e-9)
    end = legs.groupby("route_id")["length_m"].cumsum() / total
    begin = end - legs["length_m"] / total
    marks = np.linspace(0.0, 1.0, 9)
    share = begin.to_numpy()[:, None] + (end - begin).to_numpy()[:, None] * marks
    points = shapely.line_interpolate_point(whole[:, None], share, normalized=True)
    return np.asarray(shapely.linestrings(shapely.get_coordinates(points).reshape(
        len(legs), len(marks), 2
    )))  # fmt: skip


def _parties(plan: Plan, track: Track, *, size: int) -> pd.DataFrame:
    """Return the parties that walk: group, people, route."""
    rows = plan.assignments.reset_index(drop=True)
    sent = rows["reason"].eq(Reason.OK) & rows["shelter_id"].notna()
    routes = plan.routes[plan.routes["rank"].eq(1)].set_index("group_id")["route_id"]
    out: list[tuple[int, int, str]] = []
    for row in np.flatnonzero(sent).tolist():
        people = int(rows["people"].iloc[row])
        route = str(routes.get(rows["group_id"].iloc[row]))
        if route not in track.rows:
            continue
        full, left = divmod(people, size)
        out += [(row, size, route)] * full + ([(row, left, route)] if left else [])
    columns = ["group", "people", "route"]
    return pd.DataFrame(out, columns=columns).astype({"group": int, "people": int})


def _flows(track: Track, roads: pd.DataFrame | None) -> dict[str, float]:
    """Return how many people pass each road in a minute."""
    named = pd.DataFrame({"road_id": track.legs["road_id"].dropna().unique()})
    classes = pd.Series(None, index=named.index, dtype=object)
    if roads is not None and "road_class" in roads:
        known = roads.drop_duplicates("road_id").set_index("road_id")["road_class"]
        classes = named["road_id"].map(known)
    width, _ = road_widths(named.assign(road_class=classes), roads)
    flows = flow_per_min(width).tolist()
    return dict(zip(named["road_id"].astype(str), flows, strict=True))
