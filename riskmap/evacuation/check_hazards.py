"""Hazards on the way, and who they strand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from riskmap.evacuation.frames import records
from riskmap.evacuation.islands import Islands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from riskmap.evacuation.facts import Broken, Facts

__all__ = ["check_hazards", "check_stranded"]

_TOUCH_M = 1.0
_LATE_MIN = 0.05
# A group may stand so far from where its road is closed.
_WAY_OUT_M = 500.0


def check_hazards(
    facts: Facts,
    route: Any,  # noqa: ANN401
    line: shapely.LineString,
) -> Iterator[Broken]:
    """Check that nothing closed or dangerous lies on a way, but the way out.

    Parameters
    ----------
    facts
        One scenario.
    route
        A row of its routes.
    line
        The line of that route, metres.

    Yields
    ------
    tuple
        Rule, object, value, message of each rule that is broken.
    """
    code = str(route.route_id)
    start = shapely.Point(shapely.get_coordinates(line)[0])
    near = facts.zones[facts.zone_tree.query(line, predicate="intersects")]
    own = np.array([zone.intersects(start) for zone in near], dtype=bool)
    # Zones may overlap: who stands in two of them walks out of both together.
    out_of = shapely.union_all(near[own])
    again = _beyond_start(line, shapely.intersection(line, out_of))
    other = shapely.intersection(line, shapely.union_all(near[~own]))
    metres = again + float(shapely.length(other))
    if metres > _TOUCH_M:
        yield "zones", code, metres, "through a hazard zone"
    shut = facts.closures
    if not len(shut):
        return
    lines = shut["geometry"].to_numpy()
    beside = facts.closed_tree.query(line, predicate="dwithin", distance=0.5)
    hourly = _by_the_hour(shut)[beside]
    yield from _in_time(facts, route, line, pieces=beside[hourly])
    beside = beside[~hourly]
    pieces = shapely.buffer(lines[beside], 0.5, cap_style="flat")
    closed = shapely.intersection(line, shapely.union_all(pieces))
    standing = set(str(_standing(facts, route)).split("、")) - {"", "None"}
    length = _beyond_start(line, closed) if standing else shapely.length(closed)
    if length > _TOUCH_M:
        yield "closures", code, float(length), "over a closed piece of road"


def _by_the_hour(closures: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which closed pieces are open at first, or open again."""
    late = np.zeros(len(closures), dtype=bool)
    if "closes_min" in closures:
        late |= closures["closes_min"].astype(float).gt(0).to_numpy(dtype=bool)
    if "opens_min" in closures:
        late |= closures["opens_min"].notna().to_numpy(dtype=bool)
    return late


def _in_time(
    facts: Facts,
    route: Any,  # noqa: ANN401
    line: shapely.LineString,
    *,
    pieces: NDArray[np.int64],
) -> Iterator[Broken]:
    """Check that a way is clear of roads before they close by the hour."""
    legs = facts.legs[facts.legs["route_id"].eq(route.route_id)]
    if route.rank != 1 or not len(pieces) or not len(legs):
        return
    metres = np.r_[0.0, np.cumsum(legs["length_m"].to_numpy(float))]
    clock = np.r_[0.0, np.cumsum(legs["time_min"].to_numpy(float))]
    start = float(facts.summary["chain_min"].iloc[0])
    table = facts.closures.iloc[pieces]
    opens = table["opens_min"].astype(float).fillna(np.inf)
    spells = zip(table["geometry"], table["closes_min"].astype(float), opens,
                 strict=True)  # fmt: skip
    for piece, shuts, again in spells:
        zone = shapely.buffer(piece, 0.5, cap_style="flat")
        inside = shapely.intersection(line, zone)
        if shapely.length(inside) <= _TOUCH_M:
            continue
        ends = shapely.line_locate_point(
            line, shapely.points(shapely.get_coordinates(inside))
        )
        share = metres[-1] / max(line.length, 1e-9)
        enter, leave = start + np.interp(
            [ends.min() * share, ends.max() * share], metres, clock
        )
        if enter < again and leave > shuts + _LATE_MIN:
            late = float(leave - shuts)
            yield "hours", str(route.route_id), late, "on a road that has closed"


def _standing(facts: Facts, route: Any) -> Any:  # noqa: ANN401
    """Return the zones a route's group stands in."""
    rows = facts.groups.loc[facts.groups["group_id"].eq(route.group_id)]
    return rows["standing_in"].iloc[0] if len(rows) and "standing_in" in rows else ""


def _beyond_start(line: shapely.LineString, inside: Any) -> float:  # noqa: ANN401
    """Return the metres inside that come after the line has first come out."""
    parts = [p for p in shapely.get_parts(inside) if p.length > _TOUCH_M]
    if not parts:
        return 0.0
    spans = sorted(_span(line, part) for part in parts)
    out = spans[0][1] if spans[0][0] <= _WAY_OUT_M else 0.0
    total = 0.0 if spans[0][0] <= _WAY_OUT_M else spans[0][1] - spans[0][0]
    for begin, end in spans[1:]:
        if begin - out <= _TOUCH_M:
            out = max(out, end)
        else:
            total += end - begin
    return float(total)


def _span(line: shapely.LineString, part: shapely.LineString) -> tuple[float, float]:
    """Return where along a line a part of it begins and ends, metres."""
    ends = shapely.points(shapely.get_coordinates(part)[[0, -1]])
    marks = np.asarray(shapely.line_locate_point(line, ends))
    return float(marks.min()), float(marks.max())


def check_stranded(facts: Facts) -> Iterator[Broken]:
    """Check that who is cut off has no path, and who is full no room.

    Parameters
    ----------
    facts
        One scenario.

    Yields
    ------
    tuple
        Rule, object, value, message of each rule that is broken.
    """
    table = facts.assignments.merge(
        facts.groups[["group_id", "geometry", "standing_in"]], on="group_id"
    )
    left = (
        facts.shelters["available_people"].fillna(0) - facts.shelters["assigned_people"]
    )
    some = table[table["reason"].isin(["cut_off", "full"])]
    if not len(some):
        return
    limit = facts.summary["limit_min"].iloc[0]
    for standing, rows in some.groupby(some["standing_in"].fillna("")):
        islands = Islands(
            facts.road_lines,
            facts.raised,
            _open_for(_shut_at_start(facts), str(standing)),
            tolerance_m=facts.tolerance_m,
        )
        shelter_island = islands.of(facts.shelters["geometry"].to_numpy())
        group_island = islands.of(rows["geometry"].to_numpy())
        for row, island in zip(records(rows), group_island, strict=True):
            same = (shelter_island == island) & (island >= 0)
            same &= facts.shelters["available_people"].fillna(0).gt(0).to_numpy(bool)
            if row.reason == "cut_off" and same.any():
                name = facts.shelters["shelter_id"].to_numpy()[same][0]
                yield "cut_off", str(row.group_id), np.nan, f"a way leads to {name}"
            fits = same & left.ge(row.people).fillna(value=False).to_numpy(bool)
            if row.reason == "full" and pd.isna(limit) and fits.any():
                name = facts.shelters["shelter_id"].to_numpy()[fits][0]
                yield "full", str(row.group_id), int(row.people), f"room left in {name}"


def _shut_at_start(facts: Facts) -> pd.DataFrame:
    """Return the pieces that are closed when people set out."""
    shut = facts.closures
    if "closes_min" not in shut:
        return shut
    start = float(facts.summary["chain_min"].iloc[0])
    opens = shut["opens_min"].astype(float).fillna(np.inf)
    return shut[shut["closes_min"].astype(float).le(start) & opens.gt(start)]


def _open_for(closures: pd.DataFrame, standing: str) -> NDArray[np.object_]:
    """Return the closed pieces that bar a group standing in some zones."""
    own = set(filter(None, standing.split("、")))
    bars = [not set(str(one).split("、")) <= own for one in closures["zone_id"]]
    barred = closures["geometry"].to_numpy()[np.array(bars, dtype=bool)]
    return np.asarray(barred, dtype=object)
