"""Searches over a town's streets beside their peers: the array core alone."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import numba
import numpy as np
from scipy.sparse.csgraph import dijkstra

from benchmarks.harness import (
    DATA,
    Timing,
    compare,
    insist,
    measure,
    skipped,
)
from benchmarks.towns import Town, read_town, sources
from riskmap.routing.search import search, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.harness import Record, Scale
    from riskmap.routing.search import Seeds, Tree

# At 10 m/s a limit of 170 s gives about 1.4 million pairs in Moscow, the size of
# the case that the targets were set on (whose speeds are not on record).
LIMIT_S = 170.0
MAX_THREADS = ("1", "2")


@numba.njit(nogil=True)
def _relax(order, first, head, seconds, time, owner, parent):  # noqa: ANN001, ANN202, PLR0917
    """Relax every settled arc once in an order known beforehand: the floor."""
    for k in range(order.shape[0]):
        u = order[k]
        for a in range(first[u], first[u + 1]):
            t = time[u] + seconds[a]
            v = head[a]
            if t < time[v]:
                time[v] = t
                owner[v] = owner[u]
                parent[v] = a


def floor(town: Town, seeds: Seeds, *, settled: np.ndarray, scale: Scale) -> Timing:
    """Time the search without its queue."""
    graph, nodes = town.graph(), len(town.xy)
    order = np.argsort(settled, kind="stable")
    time = np.empty(nodes)

    def once() -> None:
        time.fill(np.inf)
        time[seeds.node] = 0.0
        owner, parent = np.full(nodes, -1, np.int32), np.full(nodes, -1, np.int32)
        owner[seeds.node] = seeds.owner
        _relax(order, graph.first, graph.head, graph.minutes, time, owner, parent)

    timing = measure(once, repeats=scale.repeats)[0]
    insist(np.array_equal(time, settled), "floor")
    return timing


def scipy_nearest(town: Town, seeds: Seeds, *, tree: Tree, scale: Scale) -> Timing:
    """Time one multi-source search with predecessors."""
    matrix = town.matrix()
    timing, found = measure(
        lambda: dijkstra(
            matrix, indices=seeds.node, min_only=True, return_predecessors=True
        ),
        repeats=scale.repeats,
    )
    insist(np.array_equal(found[0], tree.minutes), "scipy, times")
    return timing


def networkx_nearest(town: Town, seeds: Seeds, *, tree: Tree, scale: Scale) -> Timing:
    """Time one multi-source search with paths."""
    if scale.quick:
        raise NotImplementedError("takes longer than a quick run")
    plain = town.networkx()
    timing, found = measure(
        lambda: nx.multi_source_dijkstra(plain, set(seeds.node.tolist()), weight="s"),
        repeats=1, warm=False,
    )  # fmt: skip
    nodes = np.fromiter(found[0].keys(), int)
    times = np.fromiter(found[0].values(), float)
    insist(np.array_equal(times, tree.minutes[nodes]), "networkx, times")
    insist(len(nodes) == np.isfinite(tree.minutes).sum(), "networkx, nodes")
    return timing


def igraph_nearest(town: Town, seeds: Seeds, *, tree: Tree, scale: Scale) -> Timing:
    """Time the distances from a root that leads to every shelter."""
    import igraph  # noqa: PLC0415 - GPL, only in benchmarks

    nodes, count = len(town.xy), len(seeds.node)
    roots = np.column_stack([np.full(count, nodes), seeds.node])
    edges = np.concatenate([np.column_stack([town.tail, town.head]), roots])
    plain = igraph.Graph(nodes + 1, edges, directed=True)
    weights = np.r_[town.seconds, np.zeros(count)]
    timing, found = measure(
        lambda: plain.distances(source=[nodes], weights=weights),
        repeats=min(scale.repeats, 3),
    )
    same = np.allclose(np.array(found[0])[:nodes], tree.minutes, rtol=1e-9)
    insist(same, "igraph, times")
    return timing


@cache
def run_pandana(file: str, task: str, threads: str) -> dict[str, Any]:
    """Return what pandana (AGPL) says of a stored town, in a process of its own.

    RISKMAP_PANDANA_PYTHON names an interpreter that has it; else this one.
    """
    python = os.environ.get("RISKMAP_PANDANA_PYTHON", sys.executable)
    if python == sys.executable and importlib.util.find_spec("pandana") is None:
        raise ImportError("not installed (set RISKMAP_PANDANA_PYTHON)")
    script = Path(__file__).with_name("peer_pandana.py")
    done = subprocess.run(
        [python, str(script), file, task],
        env=os.environ | {"OMP_NUM_THREADS": threads}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def pandana(file: str, task: str, part: str, *, answer: int, scale: Scale) -> Timing:
    """Time pandana with its better thread setting, its query alone or the whole."""
    if scale.quick:
        raise NotImplementedError("takes longer than a quick run")
    timings = []
    for threads in MAX_THREADS:  # more of them help on an idle machine only
        seen = run_pandana(file, task, threads)
        # It cuts the time of every edge to milliseconds: a few pairs at the limit
        # differ.
        near = abs(seen["count"] - answer) <= answer * 1e-3
        insist(near, f"pandana, {seen['count']}")
        timings.append(Timing(*seen[part]))
    return min(timings)


def pandana_peers(  # noqa: PLR0917
    folder: str, town: Town, seeds: Seeds, task: str, answer: int, limit: float,
    scale: Scale,
) -> list[tuple[str, Callable[[], Timing]]]:  # fmt: skip
    """Store a town for pandana; return its query, and its query with its build."""
    file = str(Path(folder) / f"{task}.npz")
    np.savez(file, **town._asdict(), source=seeds.node, limit=limit)
    call = partial(pandana, file, task, answer=answer, scale=scale)
    return [
        ("pandana", partial(call, "query")),
        ("pandana+build", partial(call, "whole")),
    ]


def nearest_records(
    town: Town, name: str, *, folder: str, scale: Scale
) -> Iterator[Record]:
    """Every node to the nearest of 500 shelters, with owner and path tree."""
    shelters = 500
    graph, seeds = town.graph(), sources(town, shelters)
    case = f"{name}, {len(town.xy)} nodes, {shelters} shelters"
    ours, tree = measure(lambda: search(graph, seeds), repeats=scale.repeats)
    both = {"tree": tree, "scale": scale}
    peers = [
        ("scipy", partial(scipy_nearest, town, seeds, **both)),
        ("floor", partial(floor, town, seeds, settled=tree.minutes, scale=scale)),
    ]
    if "x" not in name:
        reached = int(np.isfinite(tree.minutes).sum())
        peers += [
            ("igraph", partial(igraph_nearest, town, seeds, **both)),
            ("networkx", partial(networkx_nearest, town, seeds, **both)),
            *pandana_peers(folder, town, seeds, "nearest", reached, 1e5, scale),
        ]
    peak = scale.peak_mb(lambda: search(graph, seeds))
    yield from compare("nearest", case, ours, peak, peers)


def reach_records(
    town: Town, name: str, *, limit: float, teams: int, folder: str, scale: Scale
) -> Iterator[Record]:
    """Who is within a time of each team."""
    graph, seeds = town.graph(), sources(town, teams)

    def all_teams() -> tuple[np.ndarray, ...]:
        return within(graph, seeds, sources=teams, limit_min=limit)

    ours, (team, node, seconds) = measure(all_teams, repeats=scale.repeats)
    some = 4 if scale.quick else 20
    counts = np.bincount(team, minlength=teams)

    def ego_graph() -> Timing:
        plain = town.networkx()

        def few() -> list[int]:
            return [
                len(nx.ego_graph(plain, int(one), radius=limit, distance="s"))
                for one in seeds.node[:some]
            ]

        timing, found = measure(few, repeats=1, warm=False)
        insist(found == counts[:some].tolist(), "ego_graph, nodes of a team")
        return timing.times(teams / some)

    def scipy() -> Timing:
        matrix = town.matrix()
        timing, found = measure(
            lambda: dijkstra(matrix, indices=seeds.node[:some], limit=limit),
            repeats=scale.repeats,
        )
        mine = team < some
        same = np.array_equal(found[team[mine], node[mine]], seconds[mine])
        insist(same and np.isfinite(found).sum() == mine.sum(), "scipy, pairs")
        return timing.times(teams / some)

    case = f"{name}, {teams} teams, {limit:.0f} s, {len(team)} pairs"
    others = pandana_peers(folder, town, seeds, "reach", len(team), limit, scale)
    yield from compare(
        "reach", case, ours, scale.peak_mb(all_teams),
        [("scipy", scipy), ("ego_graph", ego_graph), *others],
    )  # fmt: skip


def records(scale: Scale) -> Iterator[Record]:
    """Search Moscow, also three of it side by side; Rome when in a hurry."""
    if not (DATA / "big-roads-bin").exists():
        for name in ("nearest", "reach"):
            yield skipped(name, "Moscow", "scipy", note="../shared/data is absent")
        return
    name = "Rome" if scale.quick else "Moscow"
    town = read_town(name.lower())
    with tempfile.TemporaryDirectory() as folder:
        near = partial(nearest_records, folder=folder, scale=scale)
        reach = partial(reach_records, town, name, folder=folder, scale=scale)
        yield from near(town, name)
        if scale.quick:
            yield from reach(limit=60.0, teams=200)
            return
        yield from near(read_town(name.lower(), copies=3), f"{name} x 3")
        yield from reach(limit=LIMIT_S, teams=2000)
