"""A given line over the network: which road, how long, in what time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from riskmap.evacuation.demand import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing import Network

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["LEG_COLUMNS", "legs_along"]

LEG_COLUMNS = ("seq", "road_id", "road_name", "turn", "length_m", "time_min")
_STEP_M = 10.0
_NEAR_M = 25.0
# Up to so many degrees a bend goes by this name.
_TURNS = ((20.0, "straight"), (60.0, "slight_{}"), (120.0, "{}"), (160.0, "sharp_{}"))
_LOOK_M = 15.0


def legs_along(network: Network, line: shapely.LineString) -> pd.DataFrame:
    """Walk a line over the network, and tell the legs road by road.

    A part of the line that lies within 25 m of a road takes that road's pace
    there, slope and direction counted; any other part is walked off the road.

    Parameters
    ----------
    network
        Walking or driving.
    line
        In the CRS of the network, in the direction of travel.

    Returns
    -------
    pandas.DataFrame
        ``seq`` from 1, ``road_id`` and ``road_name`` (null off the road),
        ``turn`` (Chinese), ``length_m``, ``time_min``; the lengths add up to
        that of the line.
    """
    count = max(1, int(np.ceil(line.length / _STEP_M)))
    marks = np.linspace(0.0, line.length, count + 1)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, marks))
    road, pace = _pace(network, points)
    step = np.diff(marks)
    new = np.r_[True, road[1:] != road[:-1]]
    first = np.flatnonzero(new)
    length = np.add.reduceat(step, first)
    minutes = np.add.reduceat(step * pace, first)
    turns = [
        _turn_word(_bend(line, mark), first=row == 0)
        for row, mark in enumerate(marks[first])
    ]
    return pd.DataFrame(
        {
            "seq": np.arange(1, len(first) + 1),
            "road_id": _named(network, road[first], "road_id"),
            "road_name": _named(network, road[first], "road_name"),
            "turn": turns,
            "length_m": length,
            "time_min": minutes,
        }
    )


def _turn_word(bend: float, *, first: bool) -> str:
    """Return the Chinese word for a bend, degrees to the right."""
    turns: dict[str, str] = words()["turns"]
    if first:
        return turns["depart"]
    side = "right" if bend > 0 else "left"
    for most, kind in _TURNS:
        if abs(bend) < most:
            return turns[kind.format(side)]
    return turns["u_turn"]


def _pace(network: Network, points: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return for each step its road (-1 off the road) and minutes a metre."""
    middle = np.asarray(shapely.points((points[:-1] + points[1:]) / 2))
    tree, edges = _tree(network)
    offroad = 0.06 / network.offroad_kmh
    road = np.full(len(middle), -1, dtype=np.int64)
    pace = np.full(len(middle), offroad)
    (step, found), _ = tree.query_nearest(
        middle, max_distance=_NEAR_M, return_distance=True, all_matches=False
    )
    if not len(step):
        return road, pace
    edge = found
    ahead = _same_direction(edges[edge], points[step], points[step + 1])
    minutes = np.where(ahead, network.forward_min[edge], network.backward_min[edge])
    other = np.where(ahead, network.backward_min[edge], network.forward_min[edge])
    minutes = np.where(np.isfinite(minutes), minutes, other)
    usable = np.isfinite(minutes)
    road[step[usable]] = network.edge_road[edge[usable]]
    length = np.maximum(network.edge_length_m[edge], 1e-9)
    pace[step[usable]] = (minutes / length)[usable]
    return road, pace


def _tree(network: Network) -> tuple[shapely.STRtree, NDArray[np.object_]]:
    """Return the lines of all edges and a tree of them, made once."""
    key = ("evacuation", "edges")
    if key not in network.memo:
        lines = network.edges().geometry.to_numpy()
        network.memo[key] = shapely.STRtree(lines), lines
    made: tuple[shapely.STRtree, NDArray[np.object_]] = network.memo[key]
    return made


def _same_direction(
    lines: NDArray[np.object_], begin: FloatArray, end: FloatArray
) -> NDArray[np.bool_]:
    """Tell whether steps go along their lines rather than against them."""
    here = shapely.line_locate_point(lines, shapely.points(begin))
    there = shapely.line_locate_point(lines, shapely.points(end))
    return np.asarray(there >= here, dtype=bool)


def _named(network: Network, road: IntArray, column: str) -> list[Any]:
    """Return the id or name of roads, None off the road or where it has none."""
    named = network.roads[column].astype(object)
    values = named.where(named.notna(), None).to_numpy()
    return [values[row] if row >= 0 else None for row in road]


def _bend(line: shapely.LineString, mark: float) -> float:
    """Return by how much a line turns right at a mark, degrees."""
    at = np.clip([mark - _LOOK_M, mark, mark + _LOOK_M], 0.0, line.length)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    bearing = np.degrees(np.arctan2(*np.diff(xy, axis=0).T))
    return float((bearing[1] - bearing[0] + 180.0) % 360.0 - 180.0)
