"""An evacuation plan walked again, by code that planned none of it.

Only the plan's tables and the raw roads are read. Each broken rule is a row;
a plan that holds gives none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from riskmap.crs import metric_crs
from riskmap.errors import SourceError
from riskmap.evacuation.islands import Islands, raised_roads

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyproj
    from numpy.typing import NDArray

    from riskmap.evacuation.plan import Plan

__all__ = ["verify_plan"]

Broken = tuple[str, str, float, str]

_TABLES = (
    "groups",
    "assignments",
    "routes",
    "route_legs",
    "shelters",
    "closures",
    "ledger",
    "summary",
)
_PERSON_REASONS = {
    "ok", "full", "cut_off", "over_time", "too_far_from_road", "shelter_at_risk",
    "crosses_hazard", "insufficient_data",
}  # fmt: skip
# Lengths are kept in files to fractions of a millimetre, but a route crosses
# several projections' worth of rounding.
_LENGTH_SHARE, _LENGTH_M, _MINUTES = 0.002, 1.0, 0.05
_DOOR_M, _TOUCH_M = 1.0, 1.0
_HAND_DRAWN_M = 40.0
_FASTEST_WALK_KMH = 7.0
_YES = {"yes", "true", "1", "t"}


def verify_plan(
    plan: Plan | str | Path,
    roads: gpd.GeoDataFrame | str | Path,
    *,
    zones: gpd.GeoDataFrame | None = None,
    tolerance_m: float = 1.0,
) -> pd.DataFrame:
    """Check every promise of a plan against the raw roads.

    Each group has one row and a justified reason; sums close; no shelter takes
    more than it has room for, or stands in a zone; every route is a connected
    line on the roads from its group to its shelter, over bridges and tunnels
    end to end, in the allowed direction, never through closed pieces or zones
    except out of those the group stands in; lengths, minutes and departures
    add up; and who is ``cut_off`` really has no path to a shelter with room.

    Parameters
    ----------
    plan
        A plan, or a file that `save_plan` wrote (every scenario in it).
    roads
        The raw lines, any CRS, with ``road_id``, ``bridge``, ``tunnel`` and
        ``oneway`` where known; or a vector file of them.
    zones
        Polygons of danger, any CRS; None checks the closed pieces alone.
    tolerance_m
        How far from a road a route may run, and roads join; metres.

    Returns
    -------
    pandas.DataFrame
        ``scenario``, ``rule``, ``object`` (an id), ``value`` (metres, minutes
        or people off), ``message``; empty when every rule holds.

    Raises
    ------
    SourceError
        If a file cannot be read.
    CrsError
        If a frame has no CRS.
    """
    lines = roads if isinstance(roads, gpd.GeoDataFrame) else _read(roads)
    rows = [
        (scenario, *broken)
        for scenario, tables in _scenarios(plan)
        for broken in _every_rule(tables, lines, zones=zones, tolerance_m=tolerance_m)
    ]
    columns = ["scenario", "rule", "object", "value", "message"]
    return pd.DataFrame(rows, columns=columns).astype({"value": float})


@dataclass(frozen=True, slots=True, eq=False)
class _Facts:
    """The tables of one scenario, and geometry in metres."""

    groups: pd.DataFrame
    assignments: pd.DataFrame
    routes: pd.DataFrame
    legs: pd.DataFrame
    shelters: pd.DataFrame
    closures: pd.DataFrame
    ledger: pd.DataFrame
    summary: pd.DataFrame
    roads: pd.DataFrame
    road_lines: NDArray[np.object_]
    raised: NDArray[np.bool_]
    zones: NDArray[np.object_]
    tolerance_m: float


def _every_rule(
    tables: dict[str, Any],
    roads: gpd.GeoDataFrame,
    *,
    zones: gpd.GeoDataFrame | None,
    tolerance_m: float,
) -> Iterator[Broken]:
    """Apply all rules to one scenario."""
    crs = metric_crs(roads)
    facts = _facts(tables, roads, crs, zones=zones, tolerance_m=tolerance_m)
    for rule in (_rows, _sums, _rooms, _reasons, _moments):
        yield from rule(facts)
    yield from _routes(facts)
    yield from _stranded(facts)


def _facts(
    tables: dict[str, Any],
    roads: gpd.GeoDataFrame,
    crs: pyproj.CRS,
    *,
    zones: gpd.GeoDataFrame | None,
    tolerance_m: float,
) -> _Facts:
    """Bring everything into metres."""
    metric = {
        name: _metric(tables[name], crs)
        for name in ("groups", "routes", "shelters", "closures")
    }
    whole = roads[~(roads.geometry.isna() | roads.geometry.is_empty)]
    lines = whole.to_crs(crs).explode(ignore_index=True)
    return _Facts(
        groups=metric["groups"],
        assignments=tables["assignments"],
        routes=metric["routes"],
        legs=tables["route_legs"],
        shelters=metric["shelters"],
        closures=metric["closures"],
        ledger=tables["ledger"],
        summary=tables["summary"],
        roads=pd.DataFrame(lines.drop(columns=lines.geometry.name)),
        road_lines=shapely.force_2d(lines.geometry.to_numpy()),
        raised=raised_roads(lines),
        zones=np.array([], dtype=object)
        if zones is None
        else zones.to_crs(crs).geometry.to_numpy(),
        tolerance_m=tolerance_m,
    )


def _metric(frame: gpd.GeoDataFrame, crs: pyproj.CRS) -> pd.DataFrame:
    """Return a plain frame whose ``geometry`` is in metres."""
    plain = pd.DataFrame(frame.drop(columns="geometry"))
    return plain.assign(geometry=frame.geometry.to_crs(crs).to_numpy())


def _rows(facts: _Facts) -> Iterator[Broken]:
    """Each group has exactly one assignment, with the people it has."""
    rows = facts.assignments["group_id"].value_counts()
    for group in facts.groups["group_id"]:
        count = int(rows.get(group, 0))
        if count != 1:
            yield "one_row", str(group), count, f"{count} assignments, not one"
    strange = set(facts.assignments["group_id"]) - set(facts.groups["group_id"])
    for group in sorted(map(str, strange)):
        yield "one_row", group, 0, "assigned, but not a group of the plan"
    both = facts.groups.merge(facts.assignments, on="group_id", suffixes=("", "_a"))
    differ = both["people"].fillna(-1) != both["people_a"].fillna(-1)
    for row in both[differ].itertuples():
        yield "people", str(row.group_id), np.nan, "the assignment has other people"


def _sums(facts: _Facts) -> Iterator[Broken]:
    """People in are people placed and people unplaced, in every table."""
    people = facts.assignments["people"].fillna(0)
    ok = facts.assignments["reason"].eq("ok")
    for name, total in (
        ("people", int(facts.groups["people"].fillna(0).sum())),
        ("placed_people", int(people[ok].sum())),
        ("unplaced_people", int(people[~ok].sum())),
    ):
        stated = int(facts.ledger[name].sum())
        if stated != total:
            message = f"the ledger has {stated} {name}, the plan {total}"
            yield "sums", "ledger", stated - total, message
    off = facts.ledger["people"] - facts.ledger[
        ["placed_people", "unplaced_people"]
    ].sum(axis=1)
    for row, difference in off[off.ne(0)].items():
        yield "sums", f"ledger row {row}", int(difference), "the row does not close"


def _rooms(facts: _Facts) -> Iterator[Broken]:
    """No shelter takes more than its room, unknown room takes nobody."""
    given = facts.assignments.groupby("shelter_id")["people"].sum()
    known = set(facts.shelters["shelter_id"])
    for shelter in sorted(set(map(str, given.index)) - set(map(str, known))):
        yield "shelter", shelter, np.nan, "people are sent to no shelter of the plan"
    for row in facts.shelters.itertuples():
        people = int(given.get(row.shelter_id, 0))
        stated = int(row.assigned_people)
        room = 0 if pd.isna(row.available_people) else int(row.available_people)
        code = str(row.shelter_id)
        if people != stated:
            yield "sums", code, stated - people, "assigned_people is not who is sent"
        if people > room:
            yield "capacity", code, people - room, f"{people} people, room for {room}"
        place = row.geometry
        at_risk = place is not None and any(zone.intersects(place) for zone in facts.zones)
        if people and at_risk:
            yield "shelter_at_risk", code, people, "it stands in a hazard zone"


def _reasons(facts: _Facts) -> Iterator[Broken]:
    """A place and ``ok`` go together, and ``full`` means that no room is left."""
    own = facts.assignments["placement"].isin(["投亲靠友", "投亲", "靠友", "自行转移", "返港", "回港", "进港避风"])
    for row, elsewhere in zip(facts.assignments.itertuples(), own, strict=True):
        code = str(row.group_id)
        if row.reason not in _PERSON_REASONS:
            yield "reason", code, np.nan, f'"{row.reason}" is no reason for a group'
        placed = isinstance(row.shelter_id, str)
        if placed and row.reason != "ok":
            yield "reason", code, np.nan, f"has a shelter and the reason {row.reason}"
        if row.reason == "ok" and not placed and not elsewhere:
            yield "reason", code, np.nan, "ok, but sent nowhere"
        if pd.isna(row.people) and (placed or row.reason == "ok"):
            yield "reason", code, np.nan, "placed, though its people are not known"


def _moments(facts: _Facts) -> Iterator[Broken]:
    """Who leaves at the last minute arrives by the deadline."""
    deadline = facts.summary["deadline"].iloc[0]
    if not isinstance(deadline, str):
        return
    latest = datetime.fromisoformat(deadline)
    for row in facts.assignments.itertuples():
        if not isinstance(row.departs_by, str) or pd.isna(row.time_min):
            continue
        left = latest - datetime.fromisoformat(row.departs_by)
        late = float(row.time_min) - left.total_seconds() / 60.0
        if late > _MINUTES:
            yield "departs_by", str(row.group_id), late, "arrives after the deadline"


def _routes(facts: _Facts) -> Iterator[Broken]:
    """Every group placed has a route that can be walked as it is drawn."""
    first = facts.routes[facts.routes["rank"].eq(1)]
    have = set(zip(first["group_id"], first["shelter_id"], strict=True))
    sent = facts.assignments[facts.assignments["shelter_id"].notna()]
    for row in sent.itertuples():
        if (row.group_id, row.shelter_id) not in have:
            yield "route", str(row.group_id), np.nan, "no route to its shelter"
    minutes = first.set_index("group_id")[["time_min", "length_m"]]
    for row in sent[sent["group_id"].isin(minutes.index)].itertuples():
        off = abs(float(minutes["time_min"].get(row.group_id)) - float(row.time_min))
        if not off <= _MINUTES:
            yield "times", str(row.group_id), off, "route and assignment differ"
    legs = dict(list(facts.legs.groupby("route_id", sort=False)))
    tree = shapely.STRtree(facts.road_lines)
    places = _Places(
        facts.groups.set_index("group_id")["geometry"].to_dict(),
        facts.shelters.set_index("shelter_id")["geometry"].to_dict(),
    )
    for route in facts.routes.itertuples():
        yield from _one_route(facts, route, legs.get(route.route_id), places, tree)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where groups and shelters are, by id."""

    group: dict[str, Any]
    shelter: dict[str, Any]


def _one_route(  # noqa: PLR0917
    facts: _Facts,
    route: Any,  # noqa: ANN401
    legs: pd.DataFrame | None,
    places: _Places,
    tree: shapely.STRtree,
) -> Iterator[Broken]:
    """Check one route: ends, line, sums, roads, direction, hazards."""
    code, line = str(route.route_id), route.geometry
    if line is None or line.geom_type != "LineString" or line.is_empty:
        yield "line", code, np.nan, "not one connected line"
        return
    ends = places.group.get(route.group_id), places.shelter.get(route.shelter_id)
    for end, place, name in zip(
        shapely.points(shapely.get_coordinates(line)[[0, -1]]),
        ends,
        ("group", "shelter"),
        strict=True,
    ):
        gap = np.inf if place is None else end.distance(place)
        if gap > _DOOR_M:
            yield "direction", code, gap, f"does not run from group to shelter: {name}"
    yield from _lengths(route, legs, code, line)
    if legs is not None and len(legs):
        yield from _on_roads(facts, code, line, legs=legs, route=route)
    yield from _hazards(facts, route, code, line)


def _lengths(
    route: Any,  # noqa: ANN401
    legs: pd.DataFrame | None,
    code: str,
    line: shapely.LineString,
) -> Iterator[Broken]:
    """Lengths and minutes add up, and nobody runs."""
    slack = _LENGTH_M + _LENGTH_SHARE * line.length
    off = abs(float(route.length_m) - line.length)
    if not off <= slack:
        yield "lengths", code, off, f"length_m {route.length_m:.0f}, drawn {line.length:.0f}"
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
    facts: _Facts,
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
    road_of = _rows_by_id(facts)
    stops = np.r_[0.0, np.cumsum(legs["length_m"].to_numpy(float))]
    stops *= line.length / stops[-1] if stops[-1] > 0 else 1.0
    before: NDArray[np.int64] | None = None
    for leg, begin, end in zip(legs.itertuples(), stops[:-1], stops[1:], strict=True):
        named = _road_rows(facts, road_of, leg)
        if named is not None and before is not None and not official:
            turn = shapely.line_interpolate_point(line, begin)
            if not _meets(facts, before, named, turn):
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
            yield from _one_way(facts, code, line, begin=begin, end=end, rows=named)
    if not official:
        yield from _off_road(facts, code, line, legs=legs, stops=stops)


def _rows_by_id(facts: _Facts) -> dict[str, NDArray[np.int64]]:
    """Return the rows of the roads by their id (the index, where they have none)."""
    if "road_id" in facts.roads:
        ids = facts.roads["road_id"].astype(str)
    else:
        ids = pd.Series(facts.roads.index.astype(str))
    return {str(key): np.asarray(rows) for key, rows in ids.groupby(ids).indices.items()}


def _road_rows(
    facts: _Facts, road_of: dict[str, NDArray[np.int64]], leg: Any  # noqa: ANN401
) -> NDArray[np.int64] | None:
    """Return the rows of the road a leg names; roads of one name are one leg."""
    if not isinstance(leg.road_id, str):
        return None
    rows = road_of.get(leg.road_id)
    if rows is None or not isinstance(leg.road_name, str) or "name" not in facts.roads:
        return rows
    alike = np.flatnonzero(facts.roads["name"].eq(leg.road_name).to_numpy(bool))
    return np.union1d(rows, alike)


def _meets(
    facts: _Facts,
    one: NDArray[np.int64],
    other: NDArray[np.int64],
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
    facts: _Facts,
    code: str,
    line: shapely.LineString,
    *,
    begin: float,
    end: float,
    rows: NDArray[np.int64],
) -> Iterator[Broken]:
    """Vehicles keep to the direction of a one-way road."""
    if "oneway" not in facts.roads:
        return
    for row in rows:
        value = str(facts.roads["oneway"].iloc[row]).lower()
        sign = 1 if value in _YES else -1 if value in {"-1", "reverse"} else 0
        shape = facts.road_lines[row]
        ends = shapely.line_interpolate_point(line, [begin + 0.1, end - 0.1])
        if not sign or float(np.max(shapely.distance(ends, shape))) > facts.tolerance_m:
            continue
        along = np.diff(shapely.line_locate_point(shape, ends))[0]
        if along * sign < -_TOUCH_M:
            yield "one_way", code, abs(float(along)), "against a one-way road"


def _off_road(
    facts: _Facts,
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
    middle = shapely.ops.substring(line, stops[where[0]], stops[where[-1] + 1])
    tree = shapely.STRtree(facts.road_lines)
    marks = np.arange(0.0, middle.length, 5.0)
    points = shapely.line_interpolate_point(middle, marks)
    _, gap = tree.query_nearest(points, return_distance=True, all_matches=False)
    far = gap > facts.tolerance_m
    ends = (marks < 15.0) | (marks > middle.length - 15.0)  # noqa: PLR2004
    if (far & ~ends).any():
        yield "roads", code, float(gap[~ends].max()), "runs where there is no road"


def _hazards(
    facts: _Facts,
    route: Any,  # noqa: ANN401
    code: str,
    line: shapely.LineString,
) -> Iterator[Broken]:
    """Nothing closed or dangerous on the way, but the way out of one's own zone."""
    start = shapely.Point(shapely.get_coordinates(line)[0])
    own = np.array([zone.intersects(start) for zone in facts.zones], dtype=bool)
    for zone, stands in zip(facts.zones, own, strict=True):
        inside = zone.intersection(line)
        length = _beyond_start(line, inside) if stands else shapely.length(inside)
        if length > _TOUCH_M:
            yield "zones", code, float(length), "through a hazard zone"
    shut = facts.closures
    if not len(shut):
        return
    lines = shut["geometry"].to_numpy()
    near = shapely.STRtree(lines).query(line, predicate="dwithin", distance=0.5)
    pieces = shapely.buffer(lines[near], 0.5, cap_style="flat")
    closed = shapely.intersection(line, shapely.union_all(pieces))
    standing = set(str(_standing(facts, route)).split("、")) - {"", "None"}
    length = _beyond_start(line, closed) if standing else shapely.length(closed)
    if length > _TOUCH_M:
        yield "closures", code, float(length), "over a closed piece of road"


def _standing(facts: _Facts, route: Any) -> Any:  # noqa: ANN401
    """Return the zones a route's group stands in."""
    rows = facts.groups.loc[facts.groups["group_id"].eq(route.group_id)]
    return rows["standing_in"].iloc[0] if len(rows) and "standing_in" in rows else ""


def _beyond_start(line: shapely.LineString, inside: Any) -> float:  # noqa: ANN401
    """Return the metres inside that come after the line has first come out."""
    parts = [p for p in shapely.get_parts(inside) if p.length > _TOUCH_M]
    if not parts:
        return 0.0
    spans = [
        sorted(
            shapely.line_locate_point(
                line, shapely.points(shapely.get_coordinates(p)[[0, -1]])
            )
        )
        for p in parts
    ]
    spans.sort()
    free_until = 500.0 if len(spans) else 0.0
    out = spans[0][1] if spans[0][0] <= free_until else 0.0
    total = 0.0 if spans[0][0] <= free_until else spans[0][1] - spans[0][0]
    for begin, end in spans[1:]:
        if begin - out <= _TOUCH_M:
            out = max(out, end)
        else:
            total += end - begin
    return float(total)


def _stranded(facts: _Facts) -> Iterator[Broken]:
    """Who is cut off has no path to any shelter with room; who is full, no room."""
    table = facts.assignments.merge(
        facts.groups[["group_id", "geometry", "standing_in"]], on="group_id"
    )
    left = facts.shelters["available_people"].fillna(0) - facts.shelters["assigned_people"]
    some = table[table["reason"].isin(["cut_off", "full"])]
    if not len(some):
        return
    limit = facts.summary["limit_min"].iloc[0]
    for standing, rows in some.groupby(some["standing_in"].fillna("")):
        islands = Islands(
            facts.road_lines,
            facts.raised,
            _open_for(facts.closures, str(standing)),
            tolerance_m=facts.tolerance_m,
        )
        shelter_island = islands.of(facts.shelters["geometry"].to_numpy())
        group_island = islands.of(rows["geometry"].to_numpy())
        for row, island in zip(rows.itertuples(), group_island, strict=True):
            same = (shelter_island == island) & (island >= 0)
            same &= facts.shelters["available_people"].fillna(0).gt(0).to_numpy(bool)
            if row.reason == "cut_off" and same.any():
                name = facts.shelters["shelter_id"].to_numpy()[same][0]
                yield "cut_off", str(row.group_id), np.nan, f"a way leads to {name}"
            fits = same & left.ge(row.people).fillna(value=False).to_numpy(bool)
            if row.reason == "full" and pd.isna(limit) and fits.any():
                name = facts.shelters["shelter_id"].to_numpy()[fits][0]
                yield "full", str(row.group_id), int(row.people), f"room left in {name}"


def _open_for(closures: pd.DataFrame, standing: str) -> NDArray[np.object_]:
    """Return the closed pieces that bar a group standing in some zones."""
    own = set(filter(None, standing.split("、")))
    bars = [not set(str(one).split("、")) <= own for one in closures["zone_id"]]
    return closures["geometry"].to_numpy()[np.array(bars, dtype=bool)]


def _scenarios(plan: Plan | str | Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the tables of each scenario."""
    if not isinstance(plan, str | Path):
        tables = {name: getattr(plan, name) for name in _TABLES}
        yield str(plan.scenario), tables
        return
    try:
        tables = {name: pyogrio.read_dataframe(plan, layer=name) for name in _TABLES}
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        msg = f"{plan} is no plan that can be read: {error}"
        raise SourceError(msg) from error
    for name in tables["summary"]["scenario"]:
        yield (
            str(name),
            {key: one[one["scenario"].eq(name)] for key, one in tables.items()},
        )


def _read(path: str | Path) -> gpd.GeoDataFrame:
    """Read roads from a vector file."""
    try:
        frame = gpd.read_file(path)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        msg = f"{path} cannot be read: {error}"
        raise SourceError(msg) from error
    return gpd.GeoDataFrame(frame)
