"""Backup routes: second ways that share as little as possible with the first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.crs import crs_of
from riskmap.errors import LayerError
from riskmap.routing.courses import Steps, steps_of
from riskmap.routing.paths import finished_routes
from riskmap.routing.ragged import ranges
from riskmap.routing.router import Router, Traced
from riskmap.routing.search import THREADS, graph_of, onward
from riskmap.routing.sides import check, sides_of
from riskmap.routing.snapping import MAX_DISTANCE_M

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.courses import Courses
    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["backup_paths"]

# Shared lengths count in whole millimetres, so that equal sums are equal.
_MM = 1000.0
_LEAST_ROOM = 4096


def backup_paths(
    network: Network,
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    *,
    routes: gpd.GeoDataFrame,
    to: str = "destination",
    limit_min: float | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
    leave: bool = True,
) -> gpd.GeoDataFrame:
    """Return for each route a second one that shares as little road as possible.

    Among all routes the one with the fewest metres in common with the first, and
    among those the quickest. Where there is no other way it is the first again,
    all shared.

    Parameters
    ----------
    network, origins, destinations
        What `shortest_paths` was called with.
    routes
        Its result; rows without a route get no backup.
    to
        The column of `routes` with the label of the destination of the backup.
    limit_min
        Longest time; None sets none.
    max_distance_m
        Longest access leg off the road.
    leave
        Whether an origin inside a closing zone may walk out of it.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed as `routes`, the columns of `shortest_paths` and shared_m: metres
        of road in common with the first route.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    LayerError
        If `routes` lack a column, or name an unknown label.
    NetworkError
        If the limit is negative or NaN.
    """
    check("to", limit_min)
    missing = {"origin", to, "edges"} - set(routes.columns)
    if missing:
        msg = f"routes have no {', '.join(sorted(missing))}; take shortest_paths' frame"
        raise LayerError(msg)
    first = origins.index.get_indexer(pd.Index(routes["origin"]))
    second = destinations.index.get_indexer(pd.Index(routes[to]))
    if min(first.min(initial=0), second.min(initial=0)) < 0:
        msg = f"routes name an origin or a {to} that the frames do not hold"
        raise LayerError(msg)
    sides = sides_of(
        network, origins, destinations, direction="to",
        max_distance_m=max_distance_m, leave=leave,
    )  # fmt: skip
    used = _parts(steps_of(list(routes["edges"])))
    found, shared = _second(Router(network, sides), used, first, second)
    frame = finished_routes(
        network, sides, found, first=first, second=second, limit_min=limit_min
    )
    frame["shared_m"] = np.where(frame["reason"] == "ok", shared, np.nan)
    frame.index = routes.index
    return frame.to_crs(crs_of(origins))


def _second(  # noqa: PLR0917
    router: Router, used: Steps, first: IntArray, second: IntArray
) -> tuple[Courses, FloatArray]:
    """Return the routes that share least with used parts, and the metres shared."""
    traced, shared = _least_shared(router, used, first, second)
    minutes, _, straight = router.direct(first, second)
    here = np.where(
        np.isfinite(minutes),
        _shared(router.network, used, straight, len(first)),
        np.inf,
    )
    direct = (here < shared) | ((here == shared) & (minutes <= traced.minutes))
    over = np.isfinite(traced.minutes) & ~direct
    traced = traced._replace(minutes=np.where(over, traced.minutes, np.inf))
    late = np.zeros(len(first), dtype=bool)
    found = router.assembled(traced, first, second, late=late, over=over)
    return found, np.where(direct, here, shared) / _MM


def _least_shared(  # noqa: PLR0917
    router: Router, used: Steps, first: IntArray, second: IntArray
) -> tuple[Traced, FloatArray]:
    """Search for the ways over nodes, in threads; return them and what they share."""
    starts, seeds = router.sides.starts, router.sides.facility_starts
    entry_first, entry = router.entries(first)
    low = np.searchsorted(seeds.place, second)
    count = np.searchsorted(seeds.place, second, side="right") - low
    goal_first, goal = np.r_[0, np.cumsum(count)].astype(np.int64), ranges(low, count)
    pairs = len(first)
    at_entry = np.repeat(np.arange(pairs), np.diff(entry_first))
    at_goal = np.repeat(np.arange(pairs), count)
    lead = router.first_steps(np.arange(len(entry)), entry, first[at_entry])
    last = router.last_steps(np.arange(len(goal)), seeds.node[goal], second[at_goal])
    ends = (
        goal_first, seeds.node[goal].astype(np.uint32),
        _shared(router.network, used, last, len(goal), of=at_goal), seeds.minutes[goal],
        entry_first, starts.node[entry].astype(np.uint32),
        _shared(router.network, used, lead, len(entry), of=at_entry),
        starts.minutes[entry],
    )  # fmt: skip
    whole = _whole(router.network, used, pairs)
    out = (
        np.full(pairs, np.inf), np.full(pairs, np.inf), np.full(pairs, -1),
        np.full(pairs, -1), np.zeros(pairs, dtype=np.int64),
    )  # fmt: skip
    bound = np.linspace(0, pairs, THREADS + 1).astype(int)

    def part(begin: int, end: int) -> NDArray[np.int32]:
        return _searched(router.network, (*whole, *ends), out, begin=begin, end=end)

    with ThreadPoolExecutor(THREADS) as pool:
        arcs = np.concatenate(list(pool.map(part, bound[:-1], bound[1:])))
    row = np.repeat(np.arange(pairs), out[4])
    known = np.append(entry, -1)[out[2]]
    return Traced(out[1], known, out[3], row, arcs.astype(np.int64)), out[0]


def _searched(
    network: Network, question: tuple[NDArray, ...], out: tuple[NDArray, ...],
    *, begin: int, end: int,
) -> NDArray[np.int32]:  # fmt: skip
    """Search for some of the pairs, one after the other; return all arcs."""
    from riskmap.routing import sharing  # noqa: PLC0415 - numba is slow to import

    both = [graph_of(network, reverse=reverse) for reverse in (True, False)]
    graphs: list[NDArray] = []
    for graph in both:
        graphs += [
            graph.first.view(np.uint32), graph.head.view(np.uint32), graph.minutes,
            graph.arc, onward(network, reverse=graph.reverse),
        ]  # fmt: skip
    nodes = both[0].nodes
    most = len(both[0].head) + len(question[4]) + len(question[8])
    scratch = (
        np.zeros(len(network)), np.full(nodes, np.inf), np.full(nodes, np.inf),
        np.empty(nodes, np.int32), np.empty(nodes, np.uint32), np.empty(most + 1),
        np.empty(most + 1), np.empty(most + 1, np.uint32),
    )  # fmt: skip
    parts: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
    while begin < end:
        arcs = np.empty(max(_LEAST_ROOM, 2 * nodes), np.int32)
        begin, used = sharing.least_shared(
            *graphs, *question, begin, end, *scratch, *out, arcs
        )
        parts.append(arcs[:used])
    return np.concatenate(parts)


def _parts(steps: Steps) -> Steps:
    """Return parts of edges with the smaller fraction first."""
    low = np.minimum(steps.begin, steps.end)
    return Steps(steps.row, steps.edge, low, np.maximum(steps.begin, steps.end))


def _shared(  # noqa: PLR0917
    network: Network, used: Steps, steps: Steps, rows: int,
    *, of: IntArray | None = None,
) -> FloatArray:  # fmt: skip
    """Return the millimetres that steps have in common with used parts, by row.

    `of` says for each row of the steps whose used parts count.
    """
    steps = _parts(steps)
    own = steps.row if of is None else of[steps.row]
    order = np.lexsort((used.edge, used.row))
    key = used.row[order] * len(network) + used.edge[order]
    wanted = own * len(network) + steps.edge
    low = np.searchsorted(key, wanted)
    count = np.searchsorted(key, wanted, side="right") - low
    at, step = order[ranges(low, count)], np.repeat(np.arange(len(own)), count)
    overlap = np.minimum(steps.end[step], used.end[at])
    overlap = overlap - np.maximum(steps.begin[step], used.begin[at])
    length = network.edge_length_m[used.edge[at]]
    common = np.round(np.maximum(overlap, 0.0) * length * _MM)
    return np.bincount(steps.row[step], weights=common, minlength=rows).astype(float)


def _whole(
    network: Network, used: Steps, pairs: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the used edges of each pair, and the millimetres of each in use."""
    key, at = np.unique(used.row * len(network) + used.edge, return_inverse=True)
    length = (used.end - used.begin) * network.edge_length_m[used.edge]
    total = np.bincount(at.ravel(), weights=np.round(length * _MM), minlength=len(key))
    row, edge = np.divmod(key, len(network))
    first = np.searchsorted(row, np.arange(pairs + 1))
    return first, edge, total.astype(float)
