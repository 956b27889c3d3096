"""Legs of routes: road by road, with the turns between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.errors import LayerError
from riskmap.routing.courses import Steps, step_lines, steps_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["OFFROAD", "legs"]

OFFROAD = "offroad"
# Degrees from straight on, below which a change of direction has each name.
_MOST = (20.0, 60.0, 120.0, 160.0)
_LEFT = ("straight", "slight_left", "left", "sharp_left", "u_turn")
_RIGHT = ("straight", "slight_right", "right", "sharp_right", "u_turn")
_COLUMNS = [
    "route", "seq", "road_id", "road_name", "road_class", "turn", "length_m",
    "time_min",
]  # fmt: skip
_NO_WALK_M = 1e-6
_TURNED, _FORK = 45.0, 3
"""Degrees, and ways that meet, where a turn is said though the road keeps its name."""


def legs(network: Network, routes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the legs of routes: a row a road, in the order of travel.

    Where a route turns off at a fork into a road of the same name, a new leg
    begins: who walks straight on there goes astray.

    Parameters
    ----------
    network
        The network that made the routes.
    routes
        From `shortest_paths` on the same network.

    Returns
    -------
    pandas.DataFrame
        route (label in `routes`), seq (from 1), road_id, road_name, road_class
        (null off the road), turn (``depart``, ``straight``, ``left``, ``right``,
        with ``slight_`` or ``sharp_``, ``u_turn``, ``offroad``), length_m,
        time_min. Lengths and times of a route's legs sum to the route's.

    Raises
    ------
    LayerError
        If `routes` lack the columns of `shortest_paths`.
    """
    missing = {"edges", "access_m", "length_m", "time_min"} - set(routes.columns)
    if missing:
        msg = f"routes have no {', '.join(sorted(missing))}; take shortest_paths' frame"
        raise LayerError(msg)
    drawn = np.flatnonzero(routes.geometry.notna())
    some = routes.iloc[drawn]
    steps = steps_of(list(some["edges"]))
    on_road = _on_road(network, steps)
    access = _access(network, some, steps, on_road)
    table = pd.concat([access[0], on_road, access[1]], ignore_index=True)
    table = table.sort_values("row", kind="stable", ignore_index=True)
    table["seq"] = table.groupby("row").cumcount() + 1
    table["route"] = some.index.take(table["row"].to_numpy(dtype=np.int64))
    return table[_COLUMNS]


def _on_road(network: Network, steps: Steps) -> pd.DataFrame:
    """Return the legs on roads: steps on one road, or of one name, together.

    A turn at a fork is told all the same.
    """
    lines = step_lines(network, steps)
    first, last = lines.start[:-1], lines.start[1:] - 1
    angle = _angles(
        _bearing(lines.xy, last - 1, last), _bearing(lines.xy, first, first + 1)
    )
    turn = _turns(angle)
    begins = np.ones(len(steps.row), dtype=bool)
    begins[1:] = steps.row[1:] != steps.row[:-1]
    turn[begins] = "depart"
    road = network.edge_road[steps.edge]
    new = begins | ~_same_road(network.roads, road) | _turns_off(network, steps, angle)
    leg = np.flatnonzero(new)
    ahead = steps.end > steps.begin
    pace = np.where(ahead, network.forward_min[steps.edge],
                    network.backward_min[steps.edge])  # fmt: skip
    part = np.abs(steps.end - steps.begin)
    words = network.roads[["road_id", "road_name", "road_class"]].iloc[road[leg]]
    words = words.astype(object).where(words.notna(), None).reset_index(drop=True)
    return words.assign(
        row=steps.row[leg], turn=turn[leg],
        length_m=_sums(part * network.edge_length_m[steps.edge], leg),
        time_min=_sums(part * pace, leg),
    )  # fmt: skip


def _sums(values: FloatArray, first: IntArray) -> FloatArray:
    """Return the sums from each first to the next."""
    return np.add.reduceat(values, first) if len(first) else np.empty(0)


def _same_road(roads: pd.DataFrame, road: IntArray) -> NDArray[np.bool_]:
    """Tell which steps go on with the road of the one before, or with its name."""
    same = np.zeros(len(road), dtype=bool)
    for column in ("road_id", "road_name"):
        known, _ = pd.factorize(roads[column].to_numpy(object)[road])
        same[1:] |= (known[1:] == known[:-1]) & (known[1:] >= 0)
    return same


def _turns_off(network: Network, steps: Steps, angle: FloatArray) -> NDArray[np.bool_]:
    """Tell which steps begin with a turn where more than two ways meet."""
    ahead = steps.end > steps.begin
    node = np.where(ahead, network.edge_u[steps.edge], network.edge_v[steps.edge])
    ways = np.bincount(np.r_[network.edge_u, network.edge_v])
    whole = np.isin(steps.begin, (0.0, 1.0))
    forks: NDArray[np.bool_] = whole & (ways[node] >= _FORK)
    return forks & (np.abs(angle) > _TURNED)


def _access(  # noqa: PLR0917
    network: Network, routes: gpd.GeoDataFrame, steps: Steps, on_road: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the walks to the road and from it, where there are any."""
    row = on_road["row"].to_numpy(dtype=np.int64)
    metres = np.bincount(row, on_road["length_m"], minlength=len(routes))
    minutes = np.bincount(row, on_road["time_min"], minlength=len(routes))
    both = np.maximum(routes["length_m"].to_numpy(float) - metres, 0.0)
    spare = routes["time_min"].to_numpy(float) - minutes
    pace = np.full(len(routes), network.offroad_kmh * 1000 / 60)
    np.divide(both, spare, out=pace, where=spare > 0)
    begin = steps.bounds(len(routes))
    on = np.flatnonzero(np.diff(begin) > 0)
    before = both.copy()
    if len(on):
        foot = network.points(steps.edge[begin[on]], steps.begin[begin[on]])
        lines = routes.geometry.to_crs(network.crs).to_numpy()
        tip = shapely.get_coordinates(shapely.get_point(lines[on], 0))
        before[on] = np.hypot(*(tip - foot).T)
    return _walks(before, pace), _walks(both - before, pace)


def _walks(metres: FloatArray, pace: FloatArray) -> pd.DataFrame:
    """Return legs off the road."""
    row = np.flatnonzero(metres > _NO_WALK_M)
    return pd.DataFrame({
        "row": row, "road_id": np.full(len(row), None), "road_name": None,
        "road_class": None, "turn": OFFROAD, "length_m": metres[row],
        "time_min": metres[row] / pace[row],
    })  # fmt: skip


def _bearing(xy: FloatArray, one: IntArray, other: IntArray) -> FloatArray:
    """Return the directions between vertices, degrees clockwise from north."""
    across = xy[other] - xy[one]
    return np.degrees(np.arctan2(across[:, 0], across[:, 1]))


def _angles(leaving: FloatArray, entering: FloatArray) -> FloatArray:
    """Return the change of direction into each step, degrees to the right."""
    angle = np.zeros(len(entering))
    angle[1:] = (entering[1:] - leaving[:-1] + 180.0) % 360.0 - 180.0
    return angle


def _turns(angle: FloatArray) -> NDArray:
    """Name the change of direction into each step; the first of all departs."""
    kind = np.searchsorted(_MOST, np.abs(angle), side="right")
    left, right = (np.array(names, dtype=object) for names in (_LEFT, _RIGHT))
    turn = np.where(angle > 0, right[kind], left[kind])
    turn[:1] = "depart"
    return turn
