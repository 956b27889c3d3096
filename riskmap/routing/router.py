"""The router: quickest ways of many pairs, one search for each goal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from riskmap.routing.courses import Courses, Steps, joined_steps
from riskmap.routing.ragged import ranges
from riskmap.routing.search import THREADS, bucket_ring, graph_of, onward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.search import Graph
    from riskmap.routing.sides import Sides

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Router", "Traced"]

_LEAST_ROOM = 4096


class Goals(NamedTuple):
    """Pairs by the goal they share, and the goals' ways in.

    Destinations joined at one spot are one goal; pair i in the order of the goals
    is ``pair[i]`` of those asked for.
    """

    pair: IntArray
    pair_first: IntArray
    seed_first: IntArray
    seed: IntArray


class Traced(NamedTuple):
    """Ways over nodes by pair: minutes (inf: none), entry (-1), last node, arcs."""

    minutes: FloatArray
    entry: IntArray
    last: IntArray
    row: IntArray
    arc: IntArray


class Router:
    """Routes of many pairs of a question with the direction ``to``."""

    def __init__(self, network: Network, sides: Sides) -> None:
        self.network, self.sides = network, sides
        self.bounds = np.searchsorted(
            sides.starts.place, np.arange(len(sides.places) + 1)
        )

    def routes(
        self, first: IntArray, second: IntArray, *, limit_min: float = np.inf
    ) -> Courses:
        """Return the quickest route of each pair, within a limit as far as known."""
        traced = self._trace(first, second, limit_min)
        late = np.zeros(len(first), dtype=bool)
        if np.isfinite(limit_min):
            late = np.isinf(traced.minutes) & self._surely_joined(first, second)
            open_rows = np.flatnonzero(np.isinf(traced.minutes) & ~late)
            again = self._trace(first[open_rows], second[open_rows], np.inf)
            late[open_rows] = np.isfinite(again.minutes)
        minutes = self.direct(first, second)[0]
        over = np.isfinite(traced.minutes) & ~(minutes <= traced.minutes)
        return self.assembled(traced, first, second, late=late, over=over)

    def assembled(
        self, traced: Traced, first: IntArray, second: IntArray,
        *, late: NDArray[np.bool_], over: NDArray[np.bool_],
    ) -> Courses:  # fmt: skip
        """Return the ways over nodes of some pairs, the direct ones of the others."""
        minutes, metres, straight = self.direct(first, second)
        keep = over[traced.row]
        row, arc = traced.row[keep], traced.arc[keep]
        begin = (arc & 1).astype(np.float64)
        middle = Steps(row, arc >> 1, begin, np.subtract(1.0, begin))
        steps = joined_steps(
            straight.taken(~over[straight.row]),
            self.first_steps(np.flatnonzero(over), traced.entry[over], first[over]),
            middle,
            self.last_steps(np.flatnonzero(over), traced.last[over], second[over]),
        )
        part = np.abs(steps.end - steps.begin) * self.network.edge_length_m[steps.edge]
        length = (
            np.bincount(steps.row, weights=part, minlength=len(first)).astype(float)
            + self.sides.places.distance_m[first]
            + self.sides.facilities.distance_m[second]
        )
        none = ~over & np.isinf(minutes)
        return Courses(
            np.where(over, traced.minutes, minutes),
            np.where(none, np.nan, np.where(over, length, metres)), steps, late & none,
        )  # fmt: skip

    def direct(
        self, first: IntArray, second: IntArray
    ) -> tuple[FloatArray, FloatArray, Steps]:
        """Return minutes (inf: none), metres, and steps along an edge both are on."""
        one, other, minutes, metres = self.sides.direct
        here, there = self.sides.places, self.sides.facilities
        if not len(one):
            none = np.full(len(first), np.inf)
            return none, none * np.nan, Steps(*(np.empty(0, t) for t in "lldd"))
        key = one * len(there) + other
        order = np.argsort(key, kind="stable")
        wanted = first * len(there) + second
        at = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
        found = key[order][at] == wanted
        at = order[at]
        row = np.flatnonzero(found)
        steps = Steps(
            row, here.edge[first[row]], here.fraction[first[row]],
            there.fraction[second[row]],
        )  # fmt: skip
        return (
            np.where(found, minutes[at], np.inf),
            np.where(found, metres[at], np.nan),
            steps,
        )

    def first_steps(self, row: IntArray, entry: IntArray, origin: IntArray) -> Steps:
        """Return the steps from origins to the nodes of entries."""
        here, node = self.sides.places, self.sides.starts.node[entry]
        inside = np.isin(origin, list(self.sides.ways))
        edge, part = here.edge[origin[~inside]], here.fraction[origin[~inside]]
        ends = self._ends(edge, node[~inside], part, leaving=True)
        plain = Steps(row[~inside], edge, part, ends)
        held = [
            (one, *step)
            for one, place, at in zip(
                row[inside], origin[inside], node[inside], strict=True
            )
            for step in self.sides.ways[int(place)].steps(
                here, place=int(place), node=int(at)
            )
        ]
        flat = np.array(held, dtype=float).reshape(-1, 4)
        numbers = flat[:, :2].astype(np.int64)
        ways = Steps(numbers[:, 0], numbers[:, 1], flat[:, 2], flat[:, 3])
        return joined_steps(plain, ways)

    def last_steps(self, row: IntArray, node: IntArray, second: IntArray) -> Steps:
        """Return the steps from nodes to the destinations on an edge of theirs."""
        there = self.sides.facilities
        edge, part = there.edge[second], there.fraction[second]
        return Steps(row, edge, self._ends(edge, node, part, leaving=False), part)

    def _ends(
        self, edge: IntArray, node: IntArray, part: FloatArray, *, leaving: bool
    ) -> FloatArray:
        """Return the ends of edges that nodes are; of a loop, the quicker one."""
        net = self.network
        to_start, to_end = net.backward_min[edge], net.forward_min[edge]
        if not leaving:
            to_start, to_end = to_end, to_start
        with np.errstate(invalid="ignore"):
            start = np.where(part > 0, part * to_start, 0.0)
            end = np.where(part < 1, (1 - part) * to_end, 0.0)
        u, v = net.edge_u[edge], net.edge_v[edge]
        quicker = np.where(start <= end, 0.0, 1.0)
        return np.where(u == v, quicker, np.where(u == node, 0.0, 1.0))

    def entries(self, first: IntArray) -> tuple[IntArray, IntArray]:
        """Return the entries of the origins of pairs: where each begins, and all."""
        low = self.bounds[first]
        count = self.bounds[first + 1] - low
        return np.r_[0, np.cumsum(count)].astype(np.int64), ranges(low, count)

    def goals(self, second: IntArray) -> Goals:
        """Put pairs together that lead to one spot."""
        there, starts = self.sides.facilities, self.sides.facility_starts
        fraction = np.nan_to_num(there.fraction[second], nan=-1.0)
        access = np.nan_to_num(there.access_min[second], nan=-1.0)
        spot = np.column_stack([there.edge[second], fraction, access])
        _, first, goal = np.unique(spot, axis=0, return_index=True, return_inverse=True)
        pair = np.argsort(goal.ravel(), kind="stable")
        pair_first = np.searchsorted(goal.ravel()[pair], np.arange(len(first) + 1))
        low = np.searchsorted(starts.place, second[first])
        count = np.searchsorted(starts.place, second[first], side="right") - low
        seed_first = np.r_[0, np.cumsum(count)].astype(np.int64)
        return Goals(pair, pair_first, seed_first, ranges(low, count))

    def _trace(self, first: IntArray, second: IntArray, limit: float) -> Traced:
        """Search from each goal, in threads, and trace the way of each pair."""
        goals = self.goals(second)
        entry_first, entry = self.entries(first[goals.pair])
        graph = graph_of(self.network, reverse=True)
        minutes, chosen = np.full(len(first), np.inf), np.full(len(first), -1)
        last, count = np.full(len(first), -1), np.zeros(len(first), dtype=np.int64)
        share = np.linspace(0, len(first), THREADS + 1)
        cut = np.searchsorted(goals.pair_first[:-1], share)

        def part(begin: int, end: int) -> NDArray[np.int32]:
            return self._traced(
                graph, goals, begin, end,
                entry_first=entry_first, entry=entry, limit=limit,
                out=(minutes, chosen, last, count),
            )  # fmt: skip

        with ThreadPoolExecutor(THREADS) as pool:
            arcs = list(pool.map(part, cut[:-1], cut[1:]))
        row = np.repeat(goals.pair, count)
        order = np.argsort(row, kind="stable")
        back = np.argsort(goals.pair, kind="stable")
        known = np.append(entry, -1)[chosen]
        return Traced(
            minutes[back], known[back], last[back], row[order],
            np.concatenate(arcs).astype(np.int64)[order],
        )  # fmt: skip

    def _traced(  # noqa: PLR0917
        self, graph: Graph, goals: Goals, begin: int, end: int,
        *, entry_first: IntArray, entry: IntArray, limit: float,
        out: tuple[FloatArray, IntArray, IntArray, IntArray],
    ) -> NDArray[np.int32]:  # fmt: skip
        """Search from some of the goals, one after the other; return all arcs."""
        from riskmap.routing import kernels, tracing  # noqa: PLC0415 - numba is slow

        starts, seeds = self.sides.starts, self.sides.facility_starts
        seed_min = seeds.minutes[goals.seed]
        spread = float(np.ptp(seed_min)) if len(seed_min) else 0.0
        width, ring = bucket_ring(graph, spread)
        room = results = max(_LEAST_ROOM, 2 * graph.nodes)
        time = np.full(graph.nodes, np.inf)
        parent = np.full(graph.nodes, -1, dtype=np.int32)
        parts: list[NDArray[np.int32]] = [np.empty(0, np.int32)]
        while begin < end:
            arcs = np.empty(results, np.int32)
            done, used = tracing.trace_routes(
                graph.first.view(np.uint32), graph.head.view(np.uint32),
                graph.minutes, graph.arc, onward(self.network, reverse=True),
                goals.seed_first, seeds.node[goals.seed].astype(np.uint32), seed_min,
                goals.pair_first, entry_first, starts.node[entry].astype(np.uint32),
                starts.minutes[entry], begin, end, float(limit), width, time, parent,
                np.full(ring, kernels.NONE), np.empty(room, np.uint32),
                np.empty(room, np.uint32), np.empty(graph.nodes, np.uint32),
                *out, arcs,
            )  # fmt: skip
            if done == begin:
                room, results = 2 * room, 2 * results
            parts.append(arcs[:used])
            begin = done
        return np.concatenate(parts)

    def _surely_joined(self, first: IntArray, second: IntArray) -> NDArray[np.bool_]:
        """Tell which pairs have a way, because every node of a part leads to all."""
        label = _strong(self.network)
        entry_first, entry = self.entries(first)
        starts, seeds = self.sides.starts, self.sides.facility_starts
        at = np.minimum(np.searchsorted(seeds.place, second), len(seeds.place) - 1)
        if not len(seeds.place):
            return np.zeros(len(first), dtype=bool)
        known = seeds.place[at] == second
        row = np.repeat(np.arange(len(first)), np.diff(entry_first))
        same = label[starts.node[entry]] == label[seeds.node[at]][row]
        reached: NDArray[np.bool_] = np.bincount(row[same], minlength=len(first)) > 0
        return np.asarray(known & reached)


def _strong(network: Network) -> NDArray[np.int32]:
    """Label nodes by the part in which every node leads to every other."""
    key = "strong"
    if key not in network.memo:
        graph = graph_of(network, reverse=True)
        size = (graph.nodes, graph.nodes)
        one = np.ones(len(graph.head), dtype=np.int8)
        plain = csr_array((one, graph.head, graph.first), shape=size)
        network.memo[key] = connected_components(plain, connection="strong")[1]
    label: NDArray[np.int32] = network.memo[key]
    return label
