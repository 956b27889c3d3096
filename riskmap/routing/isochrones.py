"""Isochrones that end where the time ends, on the road and off it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of
from riskmap.errors import NetworkError
from riskmap.routing.pieces import cut_lines, described, within_limit
from riskmap.routing.ragged import Lines, ranges, subset
from riskmap.routing.search import THREADS, graph_of, within
from riskmap.routing.sides import Direction, check, delays_of
from riskmap.routing.snapping import MAX_DISTANCE_M, Anchors, anchor
from riskmap.routing.starts import arrivals, departures, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["isochrones", "reached_roads"]

# Corners of a quarter circle, by the radius up to which they do, metres: polygons
# lie inside the true circles, by less than a metre, or 0.5 % of a large radius.
_QUARTERS = ((10.0, 2), (40.0, 4), (np.inf, 8))
_POLYGON = 3
# Bends of a road up to this do not show in an area that is this much wider.
_BEND_M = 1.0
_WIDE_M = 20.0


def reached_roads(
    network: Network,
    facilities: gpd.GeoDataFrame,
    *,
    direction: Direction,
    minutes: Sequence[float] = (1, 3, 5),
    delay_min: float | str | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
) -> gpd.GeoDataFrame:
    """Return the pieces of road within a time of each facility, cut exactly.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`; closed pieces are not travelled.
    facilities
        Any geometry, any CRS.
    direction
        ``to``: people travel to the facility; ``from``: units travel from it.
    minutes
        The times, access leg of the facility and delay counted.
    delay_min
        Minutes before a facility's clock starts (turnout): a number, or a column
        of `facilities`.
    max_distance_m
        Longest access leg off the road.

    Returns
    -------
    geopandas.GeoDataFrame
        facility (label), minutes, edge, road_id, road_name, start_min and end_min
        (at the ends of the piece; linear between), geometry, in the CRS of
        `facilities`.

    Raises
    ------
    CrsError
        If `facilities` has no CRS.
    LayerError
        If `delay_min` names no column, or facilities' labels are not unique.
    NetworkError
        If direction or a time makes no sense.
    """
    limits = _limits(direction, minutes)
    delay = delays_of(facilities, delay_min)
    anchors = anchor(network, facilities, max_distance_m=max_distance_m)
    arms = _arms(network, anchors, direction=direction, most=limits[-1], late=delay)
    parts = [within_limit(arms, limit).assign(minutes=limit) for limit in limits]
    every = pd.concat(parts, ignore_index=True)
    every = every.sort_values(["owner", "minutes"], kind="stable", ignore_index=True)
    found = described(network, every)
    found["facility"] = facilities.index.take(every["owner"].to_numpy(dtype=int))
    columns = [
        "facility", "minutes", "edge", "road_id", "road_name", "start_min", "end_min",
        "geometry",
    ]  # fmt: skip
    frame = gpd.GeoDataFrame(found[columns], geometry="geometry", crs=network.crs)
    return frame.to_crs(crs_of(facilities))


def isochrones(
    network: Network,
    facilities: gpd.GeoDataFrame,
    *,
    direction: Direction,
    minutes: Sequence[float] = (1, 3, 5),
    delay_min: float | str | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
) -> gpd.GeoDataFrame:
    """Return the area within a time of each facility, over roads and then on foot.

    The area holds every point that can be reached by walking off the road, with
    the time that is left, from some point of a road; where the time ends on a
    road the area ends. Zones that close roads are left out of it.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`; closed pieces are not travelled.
    facilities
        Any geometry, any CRS.
    direction
        ``to``: people travel to the facility; ``from``: units travel from it.
    minutes
        The times, access leg of the facility and delay counted.
    delay_min
        Minutes before a facility's clock starts (turnout): a number, or a column
        of `facilities`.
    max_distance_m
        Longest walk off the road.

    Returns
    -------
    geopandas.GeoDataFrame
        facility (label), minutes, reason, geometry (polygons; null where the
        facility is on no road, or the time is used up before it), in the CRS of
        `facilities`; sorted by facility, then minutes.

    Raises
    ------
    CrsError
        If `facilities` has no CRS.
    LayerError
        If `delay_min` names no column, or facilities' labels are not unique.
    NetworkError
        If direction or a time makes no sense.
    """
    limits = _limits(direction, minutes)
    delay = delays_of(facilities, delay_min)
    anchors = anchor(network, facilities, max_distance_m=max_distance_m)
    closed = shapely.union_all(network.zones.geometry.to_numpy())

    arms = _arms(network, anchors, direction=direction, most=limits[-1], late=delay)
    begin = np.searchsorted(arms["begin_owner"], np.arange(len(anchors) + 1))

    def areas(row: int) -> list[BaseGeometry | None]:
        own = arms.iloc[begin[row] : begin[row + 1]]
        parts = [within_limit(own, limit) for limit in limits]
        made = [
            _area(network, part, limit=limit, most=max_distance_m)
            for part, limit in zip(parts, limits, strict=True)
        ]
        return [None if one is None else one.difference(closed) for one in made]

    with ThreadPoolExecutor(THREADS) as pool:
        every = [area for some in pool.map(areas, range(len(anchors))) for area in some]
    row = np.repeat(np.arange(len(anchors)), len(limits))
    frame = gpd.GeoDataFrame(
        {
            "facility": facilities.index.take(row),
            "minutes": np.tile(limits, len(anchors)),
            "reason": anchors.reason[row],
        },
        geometry=gpd.GeoSeries(np.array(every, dtype=object), crs=network.crs),
    )
    return frame.to_crs(crs_of(facilities))


def _limits(direction: str, minutes: Sequence[float]) -> list[float]:
    """Return the times in order, or refuse them."""
    check(direction, None)
    limits = sorted(float(one) for one in minutes)
    if not limits or not all(0 < one < np.inf for one in limits):
        msg = f"minutes {list(minutes)} must be times above 0"
        raise NetworkError(msg)
    return limits


def _arms(
    network: Network, anchors: Anchors, *, direction: Direction, most: float,
    late: FloatArray,
) -> pd.DataFrame:  # fmt: skip
    """Return parts of edges with the times at both ends, facility by facility.

    Columns: edge, begin, end (fractions), begin_min, end_min (inf: not reached),
    ahead and back (the minutes across from the begin and from the end), and
    begin_owner and end_owner, the facility.
    """
    starts = (arrivals if direction == "to" else departures)(network, anchors)
    owner, node, minutes = within(
        graph_of(network, reverse=direction == "to"), starts.seeds(delay_min=late),
        sources=len(anchors), limit_min=most,
    )  # fmt: skip
    ahead, back = network.forward_min, network.backward_min
    if direction == "to":
        ahead, back = back, ahead
    key = owner.astype(np.int64) * len(network.node_xy) + node
    order = np.argsort(key)
    key, minutes = key[order], minutes[order]

    def time(facility: IntArray, at: IntArray) -> FloatArray:
        """Return the minutes of facilities to nodes; inf where not reached."""
        wanted = facility * len(network.node_xy) + at
        place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        known = np.append(minutes, np.inf)
        return np.where(np.append(key, -1)[place] == wanted, known[place], np.inf)

    facility, edge = _edges_at(network, owner, node)
    own = anchors.edge[facility] == edge
    facility, edge = facility[~own], edge[~own]
    u, v = network.edge_u, network.edge_v
    arms = pd.DataFrame({
        "edge": edge, "begin": 0.0, "end": 1.0, "begin_min": time(facility, u[edge]),
        "end_min": time(facility, v[edge]), "ahead": ahead[edge], "back": back[edge],
        "begin_owner": facility,
    })  # fmt: skip
    row = np.flatnonzero((anchors.edge >= 0) & network.is_open[anchors.edge])
    at, part = anchors.edge[row], anchors.fraction[row]
    when = anchors.access_min[row] + late[row]
    halves = [
        pd.DataFrame({
            "edge": at, "begin": low, "end": high, "begin_min": one, "end_min": other,
            "ahead": share(high - low, ahead[at]), "back": share(high - low, back[at]),
            "begin_owner": row,
        })
        for low, high, one, other in (
            (np.zeros(len(row)), part, time(row, u[at]), when),
            (part, np.ones(len(row)), when, time(row, v[at])),
        )
    ]  # fmt: skip
    whole = pd.concat([arms, *halves], ignore_index=True)
    whole = whole[whole["begin"] < whole["end"]]
    whole = whole.sort_values(["begin_owner", "edge", "begin"], ignore_index=True)
    return whole.assign(end_owner=whole["begin_owner"])


def _edges_at(
    network: Network, owner: IntArray, node: IntArray
) -> tuple[IntArray, IntArray]:
    """Return each owner and open edge that has a node of the owner's at an end."""
    if "edges at nodes" not in network.memo:
        ends = np.column_stack([network.edge_u, network.edge_v]).ravel()
        order = np.argsort(ends, kind="stable")
        order = order[network.is_open[order >> 1]]
        first = np.searchsorted(ends[order], np.arange(len(network.node_xy) + 1))
        network.memo["edges at nodes"] = first, order >> 1
    first, edges = network.memo["edges at nodes"]
    count = first[node + 1] - first[node]
    key = np.repeat(owner.astype(np.int64) * len(network), count)
    key = np.unique(key + edges[ranges(first[node], count)])
    facility, edge = np.divmod(key, max(len(network), 1))
    return facility, edge


def _area(
    network: Network, part: pd.DataFrame, *, limit: float, most: float
) -> BaseGeometry | None:
    """Return the union of what is in walking reach of the pieces."""
    if not len(part):
        return None
    lines = cut_lines(network, part)
    rows, measure = lines.rows(), lines.measures()
    length = np.maximum(lines.lengths(), 1e-9)[rows]
    begin, end = part["start_min"].to_numpy()[rows], part["end_min"].to_numpy()[rows]
    left = limit - (begin + (end - begin) * measure / length)
    radius = np.clip(left * network.offroad_kmh * 1000 / 60, 0.0, most)
    lines, radius = _straightened(lines, radius)
    rows = lines.rows()
    first = np.flatnonzero(rows[:-1] == rows[1:])
    areas = _capsules(lines.xy, radius, first)
    return shapely.union_all(areas) if len(areas) else None


def _straightened(lines: Lines, radius: FloatArray) -> tuple[Lines, FloatArray]:
    """Leave out bends that a wide walk off the road swallows; radii shrink as much."""
    wide = np.minimum.reduceat(radius, lines.start[:-1]) > _WIDE_M
    rows = np.flatnonzero(wide)
    if not len(rows):
        return lines, radius
    known = np.column_stack([lines.xy, radius])
    part = subset(Lines(lines.start, known), rows)
    bent = shapely.linestrings(part.xy, indices=part.rows())
    bends = shapely.simplify(bent, _BEND_M, preserve_topology=False)
    xyz, row = shapely.get_coordinates(bends, include_z=True, return_index=True)
    fewer = np.bincount(row, minlength=len(rows)) < np.diff(part.start)
    xyz[:, 2] -= _BEND_M * fewer[row]
    rest = subset(Lines(lines.start, known), np.flatnonzero(~wide))
    every = np.concatenate([rest.xy, xyz])
    count = np.r_[np.diff(rest.start), np.bincount(row, minlength=len(rows))]
    start = np.r_[0, np.cumsum(count)].astype(np.int64)
    return Lines(start, every[:, :2]), every[:, 2]


def _capsules(xy: FloatArray, radius: FloatArray, first: IntArray) -> NDArray:
    """Return the hulls of the discs about vertices and those that follow them."""
    wide = np.maximum(radius[first], radius[first + 1])
    made, least = [], 0.0
    for most, quarter in _QUARTERS:
        some = first[(wide > least) & (wide <= most)]
        turn = np.arange(4 * quarter) * (np.pi / (2 * quarter))
        circle = np.column_stack([np.cos(turn), np.sin(turn)])
        ends = [
            xy[at, None, :] + radius[at, None, None] * circle[None]
            for at in (some, some + 1)
        ]
        # A line through the corners has their hull, and is quicker made than points.
        lines = shapely.linestrings(np.concatenate(ends, axis=1))
        made.append(np.asarray(shapely.convex_hull(lines), dtype=object))
        least = most
    hulls = np.concatenate(made)
    solid: NDArray = hulls[shapely.get_type_id(hulls) == _POLYGON]
    return solid
