"""Legs of routes: road by road, with the turns between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.errors import LayerError
from riskmap.routing.oldpaths import step_xy

if TYPE_CHECKING:
    import geopandas as gpd
    import shapely
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.oldpaths import Step

    FloatArray = NDArray[np.float64]

__all__ = ["OFFROAD", "legs"]

OFFROAD = "offroad"
_TURNS = (
    (20.0, "straight"), (60.0, "slight"), (120.0, "turn"), (160.0, "sharp"),
)  # fmt: skip


def legs(network: Network, routes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the legs of routes: a row a road, in the order of travel.

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
    rows: list[dict[str, Any]] = []
    local = routes.geometry.to_crs(network.crs)
    for label, edges, line, route in zip(
        routes.index,
        routes["edges"],
        local.to_numpy(),
        routes.itertuples(),
        strict=True,
    ):
        if line is not None:
            rows += _legs_of(network, label, list(edges), line=line, route=route)
    columns = [
        "route", "seq", "road_id", "road_name", "road_class", "turn", "length_m",
        "time_min",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _legs_of(
    network: Network, label: Any, edges: list[Step], *, line: shapely.LineString,  # noqa: ANN401
    route: Any,  # noqa: ANN401
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the legs of one route."""
    rows: list[dict[str, Any]] = []
    heading: float | None = None
    for step in edges:
        edge, begin, end = step
        road = network.roads.iloc[network.edge_road[edge]]
        minutes = network.forward_min if end > begin else network.backward_min
        xy = step_xy(network, step)
        turn = _turn(heading, _bearing(xy[0], xy[1]))
        heading = _bearing(xy[-2], xy[-1])
        part = abs(end - begin)
        metres, time = part * network.edge_length_m[edge], part * minutes[edge]
        if rows and _same_road(rows[-1], road):
            rows[-1]["length_m"] += metres
            rows[-1]["time_min"] += time
            continue
        rows.append(_leg(road, turn if rows else "depart", metres=metres, minutes=time))
    _add_access(network, rows, edges, line=line, route=route)
    for seq, row in enumerate(rows, start=1):
        row |= {"route": label, "seq": seq}
    return rows


def _leg(road: Any, turn: str, *, metres: float, minutes: float) -> dict[str, Any]:  # noqa: ANN401
    """Make one leg."""
    names = ("road_id", "road_name", "road_class")
    words = {name: None if road is None else road[name] for name in names}
    words = {name: None if pd.isna(one) else one for name, one in words.items()}
    return {
        **words,
        "turn": turn,
        "length_m": float(metres),
        "time_min": float(minutes),
    }


def _same_road(leg: dict[str, Any], road: Any) -> bool:  # noqa: ANN401
    """Tell whether a piece goes on with the road of a leg."""
    if leg["road_id"] == road["road_id"]:
        return True
    return leg["road_name"] is not None and leg["road_name"] == road["road_name"]


def _add_access(
    network: Network, rows: list[dict[str, Any]], edges: list[Step],
    *, line: shapely.LineString, route: Any,  # noqa: ANN401
) -> None:  # fmt: skip
    """Add the walk to the road and from it, where there is one."""
    speed = network.offroad_kmh * 1000 / 60
    on_road = sum(row["length_m"] for row in rows)
    both = max(route.length_m - on_road, 0.0)
    before = both
    if edges:
        edge, begin, _ = edges[0]
        foot = network.points(np.array([edge]), np.array([begin]))[0]
        before = float(np.hypot(*(np.asarray(line.coords[0][:2]) - foot)))
    spare = route.time_min - sum(row["time_min"] for row in rows)
    pace = both / spare if spare > 0 else speed
    after = both - before
    if before > 1e-6:  # noqa: PLR2004
        rows.insert(0, _leg(None, OFFROAD, metres=before, minutes=before / pace))
    if after > 1e-6:  # noqa: PLR2004
        rows.append(_leg(None, OFFROAD, metres=after, minutes=after / pace))


def _bearing(one: FloatArray, other: FloatArray) -> float:
    """Return the direction from one point to another, degrees clockwise from north."""
    return float(np.degrees(np.arctan2(other[0] - one[0], other[1] - one[1])))


def _turn(before: float | None, after: float) -> str:
    """Name the change of direction."""
    if before is None:
        return "depart"
    angle = (after - before + 180.0) % 360.0 - 180.0
    side = "right" if angle > 0 else "left"
    for most, kind in _TURNS:
        if abs(angle) < most:
            if kind == "straight":
                return kind
            return side if kind == "turn" else f"{kind}_{side}"
    return "u_turn"
