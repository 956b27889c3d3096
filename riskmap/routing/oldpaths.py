"""Routes: lines in the direction of travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of
from riskmap.errors import LayerError
from riskmap.reasons import Reason
from riskmap.routing.ragged import along, subset
from riskmap.routing.search import Seeds, graph_of, onward, search
from riskmap.routing.sides import (
    Sides,
    check_limit,
    reached_without_zones,
    sides_of,
    take_anchors,
)
from riskmap.routing.snapping import MAX_DISTANCE_M
from riskmap.routing.starts import WayOut, walk_out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.search import Tree

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Router", "finished_routes", "shortest_paths", "step_xy"]

Step = tuple[int, float, float]
Found = tuple[float, float, list[Step]]


def shortest_paths(
    network: Network,
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    *,
    pairs: Iterable[tuple[Any, Any]] | None = None,
    limit_min: float | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
    leave: bool = True,
) -> gpd.GeoDataFrame:
    """Return the quickest route for each pair of origin and destination.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    origins, destinations
        Any geometry, any CRS.
    pairs
        Labels of an origin and a destination; None pairs the rows in order.
    limit_min
        Longest time; None sets none.
    max_distance_m
        Longest access leg off the road.
    leave
        Whether an origin inside a closing zone may walk out of it.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a pair, in the CRS of `origins`: origin, destination (labels),
        time_min, length_m (access legs counted), access_m (both legs), edges
        (tuple of edge, from fraction, to fraction), reason, geometry from origin
        to destination, access legs included; NaN, an empty tuple and no geometry
        where there is no route.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    LayerError
        If rows do not pair, or a label is unknown or repeated.
    NetworkError
        If the limit is negative or NaN.
    """
    check_limit(limit_min)
    first, second = _paired(origins, destinations, pairs)
    sides = sides_of(
        network, origins, destinations, direction="to",
        max_distance_m=max_distance_m, leave=leave,
    )  # fmt: skip
    found = Router(network, sides).routes(first, second)
    frame = finished_routes(
        network, sides, found, first=first, second=second, limit_min=limit_min
    )
    return frame.to_crs(crs_of(origins))


def finished_routes(
    network: Network, sides: Sides, found: list[Found],
    *, first: IntArray, second: IntArray, limit_min: float | None,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Make a frame of routes, in the CRS of the network, each with its reason."""
    reason = _reasons(
        network, sides, found, first=first, second=second, limit_min=limit_min
    )
    ok = reason == str(Reason.OK)
    access = sides.places.distance_m[first] + sides.facilities.distance_m[second]
    lines = np.full(len(found), None, dtype=object)
    steps = np.full(len(found), None, dtype=object)
    for row, (_, _, taken) in enumerate(found):
        steps[row] = tuple(taken) if ok[row] else ()
        if ok[row]:
            lines[row] = _geometry(
                network, sides, taken, origin=int(first[row]),
                destination=int(second[row]),
            )  # fmt: skip
    return gpd.GeoDataFrame(
        {
            "origin": sides.places.index.take(first),
            "destination": sides.facilities.index.take(second),
            "time_min": np.where(ok, [one for one, _, _ in found], np.nan),
            "length_m": np.where(ok, [metres for _, metres, _ in found], np.nan),
            "access_m": np.where(ok, access, np.nan),
            "edges": pd.Series(steps, dtype=object),
            "reason": reason,
        },
        geometry=gpd.GeoSeries(lines, crs=network.crs),
    )


def _paired(
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    pairs: Iterable[tuple[Any, Any]] | None,
) -> tuple[IntArray, IntArray]:
    """Return the rows of each pair."""
    if pairs is None:
        if len(origins) != len(destinations):
            msg = (
                f"{len(origins)} origins and {len(destinations)} destinations do not "
                "pair row by row; pass pairs="
            )
            raise LayerError(msg)
        row = np.arange(len(origins))
        return row, row.copy()
    for index in (origins.index, destinations.index):
        if not index.is_unique:
            msg = "labels repeat, so pairs are ambiguous; reset_index() first"
            raise LayerError(msg)
    listed = list(pairs)
    first = origins.index.get_indexer(pd.Index([one for one, _ in listed]))
    second = destinations.index.get_indexer(pd.Index([other for _, other in listed]))
    unknown = [
        p for p, i, j in zip(listed, first, second, strict=True) if min(i, j) < 0
    ]
    if unknown:
        msg = f"{len(unknown)} pairs name an unknown label, first {unknown[0]}"
        raise LayerError(msg)
    return first.astype(np.int64), second.astype(np.int64)


class Router:
    """Routes of many pairs: one search for each destination."""

    def __init__(self, network: Network, sides: Sides) -> None:
        self.network, self.sides = network, sides
        self.graph = graph_of(network, reverse=True)
        self.towards = onward(network, reverse=True)
        self.ways: dict[int, WayOut] = walk_out(network, sides.places)[1]
        self.bounds = np.searchsorted(
            sides.starts.place, np.arange(len(sides.places) + 1)
        )

    def routes(self, first: IntArray, second: IntArray) -> list[Found]:
        """Return minutes (inf: no route), metres and steps of each pair."""
        routes: list[Found] = [(np.inf, np.nan, [])] * len(first)
        for destination in np.unique(second):
            tree = search(self.graph, self.seeds(int(destination)))
            for row in np.flatnonzero(second == destination):
                routes[row] = self._route(tree, int(first[row]), int(destination))
        return routes

    def seeds(self, destination: int) -> Seeds:
        """Return the ways into one destination."""
        seeds = self.sides.facility_starts.seeds()
        own = np.flatnonzero(seeds.owner == destination)
        return Seeds(
            seeds.node[own], seeds.minutes[own], seeds.owner[own], seeds.metres[own]
        )

    def _route(self, tree: Tree, origin: int, destination: int) -> Found:
        """Return the quickest route of one pair."""
        part = slice(self.bounds[origin], self.bounds[origin + 1])
        starts = self.sides.starts
        total = starts.minutes[part] + tree.minutes[starts.node[part]]
        best = int(np.argmin(total)) if len(total) else -1
        minutes = float(total[best]) if len(total) else np.inf
        straight = self.direct(origin, destination)
        if straight is not None and straight[0] <= minutes:
            return straight
        if not np.isfinite(minutes):
            return np.inf, np.nan, []
        node = int(starts.node[part][best])
        return self.through(tree, node, origin=origin, destination=destination)

    def direct(self, origin: int, destination: int) -> Found | None:
        """Return the route along the one edge that both stand on, if they do."""
        one, other, minutes, metres = self.sides.direct
        same = np.flatnonzero((one == origin) & (other == destination))
        if not len(same):
            return None
        here, there = self.sides.places, self.sides.facilities
        begin, end = float(here.fraction[origin]), float(there.fraction[destination])
        steps = [(int(here.edge[origin]), begin, end)] if begin != end else []
        return float(minutes[same[0]]), float(metres[same[0]]), steps

    def through(self, tree: Tree, node: int, *, origin: int, destination: int) -> Found:
        """Return the route that enters the network at a node."""
        path, _ = tree.path(self.towards, node)
        last = node if not path else int(self.towards[path[-1]])
        steps = self.first_steps(node, origin=origin)
        steps += [(arc >> 1, float(arc % 2), 1.0 - arc % 2) for arc in path]
        steps += self.last_steps(last, destination=destination)
        length = self.network.edge_length_m
        metres = sum(abs(end - begin) * length[edge] for edge, begin, end in steps)
        metres += self.sides.places.distance_m[origin]
        metres += self.sides.facilities.distance_m[destination]
        part = slice(self.bounds[origin], self.bounds[origin + 1])
        entry = self.sides.starts.minutes[part][self.sides.starts.node[part] == node]
        minutes = entry.min() + tree.minutes[node]
        return float(minutes), float(metres), steps

    def first_steps(self, node: int, *, origin: int) -> list[Step]:
        """Return the steps from an origin to a node where it enters."""
        here = self.sides.places
        if origin in self.ways:
            steps = self.ways[origin].steps(here, place=origin, node=node)
        else:
            edge, part = int(here.edge[origin]), float(here.fraction[origin])
            steps = [(edge, part, self._end(edge, node, part, leaving=True))]
        return [step for step in steps if step[1] != step[2]]

    def last_steps(self, node: int, *, destination: int) -> list[Step]:
        """Return the steps from a node to a destination on an edge of it."""
        there = self.sides.facilities
        edge, part = int(there.edge[destination]), float(there.fraction[destination])
        end = self._end(edge, node, part, leaving=False)
        return [(edge, end, part)] if end != part else []

    def _end(self, edge: int, node: int, part: float, *, leaving: bool) -> float:
        """Return the end of an edge that a node is; of a loop, the quicker one."""
        net = self.network
        if net.edge_u[edge] != net.edge_v[edge]:
            return 0.0 if net.edge_u[edge] == node else 1.0
        to_start, to_end = net.backward_min[edge], net.forward_min[edge]
        if not leaving:
            to_start, to_end = to_end, to_start
        start = part * to_start if part > 0 else 0.0
        end = (1 - part) * to_end if part < 1 else 0.0
        return 0.0 if start <= end else 1.0


def _reasons(
    network: Network, sides: Sides, found: list[Found],
    *, first: IntArray, second: IntArray, limit_min: float | None,
) -> NDArray:  # fmt: skip
    """Say for each pair why it has a route or none."""
    minutes = np.array([one for one, _, _ in found], dtype=float)
    reason = sides.places.reason[first].copy()
    fine = reason == str(Reason.OK)
    reason[fine] = sides.facilities.reason[second][fine]
    none = (reason == str(Reason.OK)) & np.isinf(minutes)
    reason[none] = str(Reason.CUT_OFF)
    if len(network.zones):
        for destination in np.unique(second[none]):
            rows = np.flatnonzero(none & (second == destination))
            only = take_anchors(sides.facilities, np.array([destination]))
            free = reached_without_zones(network, sides, only)
            reason[rows[free[first[rows]]]] = str(Reason.CROSSES_HAZARD)
    if limit_min is not None:
        late = (reason == str(Reason.OK)) & (minutes > limit_min)
        reason[late] = str(Reason.OVER_TIME)
    return reason


def _geometry(
    network: Network, sides: Sides, steps: list[Step], *, origin: int, destination: int
) -> shapely.LineString:
    """Draw a route, access legs included."""
    parts = [sides.places.xy[origin][None], sides.places.foot[origin][None]]
    parts += [step_xy(network, step) for step in steps]
    there = sides.facilities
    parts += [there.foot[destination][None], there.xy[destination][None]]
    xy = np.concatenate(parts)
    keep = np.ones(len(xy), dtype=bool)
    keep[1:] = np.hypot(*np.diff(xy, axis=0).T) > 1e-9  # noqa: PLR2004
    xy = xy[keep]
    return shapely.LineString(xy if len(xy) > 1 else np.repeat(xy, 2, axis=0))


def step_xy(network: Network, step: Step) -> FloatArray:
    """Return the vertices of a step in the direction of travel."""
    edge, begin, end = step
    if {begin, end} == {0.0, 1.0}:
        whole = slice(network.vertex_start[edge], network.vertex_start[edge + 1])
        return network.vertex_xy[whole][:: 1 if begin < end else -1]
    low, high = min(begin, end), max(begin, end)
    line = subset(network.lines, np.array([edge]))
    measure = line.measures()
    length = float(measure[-1])
    inner = line.xy[(measure > low * length) & (measure < high * length)]
    tips = along(line, np.zeros(2, np.int64), np.array([low, high]) * length)
    xy = np.concatenate([tips[:1], inner, tips[1:]])
    return xy if begin <= end else xy[::-1]
