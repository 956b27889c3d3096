"""Routes walked again on the raw roads, leg by leg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.ops import substring

from riskmap.evacuation.check_hazards import check_hazards
from riskmap.evacuation.frames import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from riskmap.evacuation.facts import Broken, Facts

__all__ = ["check_routes"]

# A route crosses a projection or two between the network and the file.
_LENGTH_SHARE, _LENGTH_M, _MINUTES = 0.002, 1.0, 0.05
_DOOR_M, _TOUCH_M = 1.0, 1.0
_HAND_DRAWN_M = 40.0
_FASTEST_WALK_KMH = 7.0
_YES = {"yes", "true", "1", "t"}


def check_routes(facts: Facts) -> Iterator[Broken]:
    """Check that every group placed has a route that can be walked as drawn.

    Parameters
    ----------
    facts
        One scenario.

    Yields
    ------
    tuple
        Rule, object, value, message of each rule that is broken.
    """
    first = facts.routes[facts.routes["rank"].eq(1)]
    have = set(zip(first["group_id"], first["shelter_id"], strict=True))
    sent = facts.assignments[facts.assignments["shelter_id"].notna()]
    for row in records(sent):
        if (row.group_id, row.shelter_id) not in have:
            yield "route", str(row.group_id), np.nan, "no route to its shelter"
    minutes = dict(zip(first["group_id"], first["time_min"], strict=True))
    for row in records(sent[sent["group_id"].isin(list(minutes))]):
        off = abs(float(minutes[row.group_id]) - float(row.time_min))
        if not off <= _MINUTES:
            yield "times", str(row.group_id), off, "route and assignment differ"
    legs = dict(list(facts.legs.groupby("route_id", sort=False)))
    places = _Places(
        dict(zip(facts.groups["group_id"], facts.groups["geometry"], strict=True)),
        dict(
            zip(facts.shelters["shelter_id"], facts.shelters["geometry"], strict=True)
        ),
    )
    for route in records(facts.routes):
        yield from _one_route(
            facts, route, legs=legs.get(route.route_id), places=places
        )


@dataclass(frozen=True, slots=True)
class _Places:
    """Where groups and shelters are, by id."""

    group: dict[str, Any]
    shelter: dict[str, Any]


def _one_route(
    facts: Facts,
    route: Any,  # noqa: ANN401
    *,
    legs: pd.DataFrame | None,
    places: _Places,
) -> Iterator[Broken]:
    """Check one route: ends, line, sums, roads, direction, hazards."""
    code, line = str(route.route_id), route.geometry
    if line is None or line.geom_type != "LineString" or line.is_empty:
        yield "line", code, np.nan, "not one connected line"
        return
    ends = places.group.get(route.group_id), places.shelter.get(route.shelter_id)
    for end, place, name in zip(
        (shapely.Point(line.coords[0]), shapely.Point(line.coords[-1])),
        ends,
        ("group", "shelter"),
        strict=True,
    ):
        gap = np.inf if place is None else end.distance(place)
        if gap > _DOOR_M:
            yield "direction", code, gap, f"does not run from group to shelter: {name}"
    yield from _lengths(route, code, line, legs=legs)
    if legs is not None and len(legs):
        yield from _on_roads(facts, code, line, legs=legs, route=route)
    yield from check_hazards(facts, route, line)


def _lengths(
    route: Any,  # noqa: ANN401
    code: str,
    line: shapely.LineString,
    *,
    legs: pd.DataFrame | None,
) -> Iterator[Broken]:
    """Lengths and minutes add up, and nobody runs."""
    slack = _LENGTH_M + _LENGTH_SHARE * line.length
    off = abs(float(route.length_m) - line.length)
    if not off <= slack:
        yield (
            "lengths",
            code,
            off,
            f"length_m {route.length_m:.0f}, drawn {line.length:.0f}",
        )
    if legs is None or not len(legs):
        yield "legs", code, np.nan, "no legs"
        return
    if list(legs["seq"]) != list(range(1, len(legs) + 1)):
        yield "legs", code, np.nan, "the legs are not numbered one by one"
    for name, limit in (("length_m", slack), ("time_min", _MINUTES)):
        off = abs(float(legs[name].sum()) - float(getattr(route, name)))
        if not off <= limit:
            yield "legs", code, off, f"the legs' {name} does not add up"
    if route.mode == "walk" and route.time_min > 0:
        kmh = float(route.length_m) / float(route.time_min) * 0.06
        if kmh > _FASTEST_WALK_KMH:
            yield "times", code, kmh, f"{kmh:.1f} km/h on foot"


def _on_roads(
    facts: Facts,
    code: str,
    line: shapely.LineString,
    *,
    legs: pd.DataFrame,
    route: Any,  # noqa: ANN401
) -> Iterator[Broken]:
    """Every leg runs on the road it names, in the allowed direction.

    An official route is drawn by hand: it may run beside its roads, and over
    open ground, where its legs say so.
    """
    official = route.source == "official"
    slack = _HAND_DRAWN_M if official else facts.tolerance_m
    stops = np.r_[0.0, np.cumsum(legs["length_m"].to_numpy(float))]
    stops *= line.length / stops[-1] if stops[-1] > 0 else 1.0
    before: NDArray[np.int64] | None = None
    for leg, begin, end in zip(records(legs), stops[:-1], stops[1:], strict=True):
        named = _road_rows(facts, leg)
        if named is not None and before is not None and not official:
            turn = shapely.line_interpolate_point(line, begin)
            if not _meets(facts, before, named, turn=turn):
                yield "bridges", code, np.nan, f"leg {leg.seq} leaves a bridge midway"
        before = named
        if named is None:
            if isinstance(leg.road_id, str):
                yield "roads", code, np.nan, f"leg {leg.seq}: no road {leg.road_id}"
            continue
        shape = shapely.union_all(facts.road_lines[named])
        marks = np.linspace(begin, end, int((end - begin) // 10) + 3)[1:-1]
        points = shapely.line_interpolate_point(line, marks)
        far = float(np.max(shapely.distance(points, shape), initial=0.0))
        if far > slack:
            yield "roads", code, far, f"leg {leg.seq} leaves road {leg.road_id}"
        if route.mode != "walk":
            yield from _one_way(facts, code, line, span=(begin, end), rows=named)
    if not official:
        yield from _off_road(facts, code, line, legs=legs, stops=stops)


def _road_rows(facts: Facts, leg: Any) -> NDArray[np.int64] | None:  # noqa: ANN401
    """Return the rows of the road a leg names; roads of one name are one leg."""
    if not isinstance(leg.road_id, str):
        return None
    rows = facts.rows_by_id.get(leg.road_id)
    if rows is None or not isinstance(leg.road_name, str):
        return rows
    alike = facts.rows_by_name.get(leg.road_name)
    return rows if alike is None else np.union1d(rows, alike)


def _meets(
    facts: Facts,
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    *,
    turn: shapely.Point,
) -> bool:
    """Tell whether two roads meet at a point on the same level."""
    here, there = (
        rows[shapely.distance(facts.road_lines[rows], turn) <= facts.tolerance_m]
        for rows in (one, other)
    )
    level = {
        int(row)
        for row in (*here, *there)
        if not facts.raised[row]
        or shapely.distance(shapely.boundary(facts.road_lines[row]), turn)
        <= facts.tolerance_m
    }
    return bool(level & set(here.tolist())) and bool(level & set(there.tolist()))


def _one_way(
    facts: Facts,
    code: str,
    line: shapely.LineString,
    *,
    span: tuple[float, float],
    rows: NDArray[np.int64],
) -> Iterator[Broken]:
    """Vehicles keep to the direction of a one-way road."""
    if "oneway" not in facts.roads:
        return
    for row in rows:
        value = str(facts.roads["oneway"].iloc[row]).lower()
        sign = 1 if value in _YES else -1 if value in {"-1", "reverse"} else 0
        shape = facts.road_lines[row]
        ends = shapely.line_interpolate_point(line, [span[0] + 0.1, span[1] - 0.1])
        if not sign or float(np.max(shapely.distance(ends, shape))) > facts.tolerance_m:
            continue
        along = np.diff(shapely.line_locate_point(shape, ends))[0]
        if along * sign < -_TOUCH_M:
            yield "one_way", code, abs(float(along)), "against a one-way road"


def _off_road(
    facts: Facts,
    code: str,
    line: shapely.LineString,
    *,
    legs: pd.DataFrame,
    stops: NDArray[np.float64],
) -> Iterator[Broken]:
    """Between the access legs nothing is off the road, nor jumps a bridge."""
    on_road = np.array([isinstance(one, str) for one in legs["road_id"]])
    where = np.flatnonzero(on_road)
    if not len(where):
        return
    inner = ~on_road
    inner[: where[0]] = False
    inner[where[-1] + 1 :] = False
    for leg in np.flatnonzero(inner):
        length = float(stops[leg + 1] - stops[leg])
        if length > facts.tolerance_m:
            yield "roads", code, length, f"leg {leg + 1} runs off every road"
    middle: Any = substring(line, stops[where[0]], stops[where[-1] + 1])
    marks = np.arange(0.0, middle.length, 5.0)
    points = shapely.line_interpolate_point(middle, marks)
    _, gap = facts.road_tree.query_nearest(
        points, return_distance=True, all_matches=False
    )
    far = gap > facts.tolerance_m
    ends = (marks < 15.0) | (marks > middle.length - 15.0)  # noqa: PLR2004
    if (far & ~ends).any():
        yield "roads", code, float(gap[~ends].max()), "runs where there is no road"
