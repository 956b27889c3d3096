"""Searches on Moscow's streets and isochrones in Andorra, beside their peers."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import networkx as nx
import numba
import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from benchmarks.harness import DATA, compare, measure, peak_mb, skipped
from riskmap.routing import build_network, isochrones, to_networkx
from riskmap.routing.build import space_order
from riskmap.routing.search import Graph, Seeds, compress, search, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Record

SHELTERS, TEAMS, LIMIT_S = 500, 2000, 300.0
METRES_A_SECOND = 10.0


class Town(NamedTuple):
    """A street network: both arcs of each edge, seconds, and positions."""

    tail: np.ndarray
    head: np.ndarray
    seconds: np.ndarray
    xy: np.ndarray

    def graph(self) -> Graph:
        """Return the arcs as ours."""
        number = np.arange(len(self.tail))
        return compress(
            self.tail, self.head, self.seconds, number,
            nodes=len(self.xy), reverse=False,
        )  # fmt: skip

    def matrix(self) -> csr_array:
        """Return the arcs as scipy's."""
        shape = (len(self.xy), len(self.xy))
        return csr_array((self.seconds, (self.tail, self.head)), shape=shape)

    def networkx(self) -> nx.DiGraph:
        """Return the arcs as networkx's."""
        graph = nx.DiGraph()
        graph.add_weighted_edges_from(
            zip(*(one.tolist() for one in self[:3]), strict=True), weight="s"
        )
        return graph


def moscow(copies: int = 1) -> Town:
    """Return the largest part of Moscow, in space order, some times side by side."""
    folder = DATA / "big-roads-bin"
    xy = np.fromfile(folder / "moscow-roads.co.bin", "<i4").reshape(-1, 2).astype(float)
    pair = np.fromfile(folder / "moscow-roads.gr.bin", "<i4").reshape(-1, 2) - 1
    size = (len(xy), len(xy))
    whole = csr_array((np.ones(len(pair)), (pair[:, 0], pair[:, 1])), shape=size)
    label = connected_components(whole, directed=False)[1]
    main = label == np.bincount(label).argmax()
    pair = pair[main[pair[:, 0]] & (pair[:, 0] != pair[:, 1])]
    wide = np.ptp(xy[:, 0]) + 50.0
    pairs = [pair + copy * len(xy) for copy in range(copies)]
    gate = np.flatnonzero(main)[0]
    joints = [(copy * len(xy) + gate, (copy + 1) * len(xy) + gate)
              for copy in range(copies - 1)]  # fmt: skip
    pair = np.concatenate([*pairs, np.array(joints, dtype=int).reshape(-1, 2)])
    xy = np.concatenate([xy + np.array([copy * wide, 0.0]) for copy in range(copies)])
    nodes, place = space_order(xy, pair.ravel())
    u, v, xy = place[pair[:, 0]], place[pair[:, 1]], xy[nodes]
    key = np.unique(np.minimum(u, v) * len(xy) + np.maximum(u, v))
    u, v = np.divmod(key, len(xy))
    seconds = np.hypot(*(xy[u] - xy[v]).T) / METRES_A_SECOND + 0.01
    return Town(np.r_[u, v], np.r_[v, u], np.r_[seconds, seconds], xy)


def sources(town: Town, count: int) -> Seeds:
    """Return nodes scattered over a town, the same each time."""
    rng = np.random.default_rng(20261121)
    node = np.sort(rng.choice(len(town.xy), count, replace=False))
    return Seeds(node, np.zeros(count), np.arange(count), np.zeros(count))


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


def floor_s(town: Town, seeds: Seeds, settled: np.ndarray) -> float:
    """Return the seconds of the search without its queue."""
    graph, nodes = town.graph(), len(town.xy)
    order = np.argsort(settled, kind="stable")
    time = np.empty(nodes)

    def once() -> None:
        time.fill(np.inf)
        time[seeds.node] = 0.0
        owner, parent = np.full(nodes, -1, np.int32), np.full(nodes, -1, np.int32)
        owner[seeds.node] = seeds.owner
        _relax(order, graph.first, graph.head, graph.minutes, time, owner, parent)

    seconds = measure(once)[0]
    np.testing.assert_array_equal(time, settled)
    return seconds


def nearest_records(copies: int) -> Iterator[Record]:
    """Every node to the nearest of 500 shelters, with owner and path tree."""
    town = moscow(copies)
    graph, matrix, seeds = town.graph(), town.matrix(), sources(town, SHELTERS)
    case = f"{len(town.xy)} nodes, {SHELTERS} shelters"
    ours, tree = measure(lambda: search(graph, seeds))

    def scipy() -> float:
        seconds, found = measure(
            lambda: dijkstra(
                matrix, indices=seeds.node, min_only=True, return_predecessors=True
            )
        )
        np.testing.assert_array_equal(found[0], tree.minutes)
        return seconds

    def networkx() -> float:
        plain = town.networkx()
        seconds, found = measure(
            lambda: nx.multi_source_dijkstra(
                plain, set(seeds.node.tolist()), weight="s"
            ),
            repeats=1,
        )
        assert len(found[0]) == len(town.xy)  # noqa: S101
        return seconds

    def igraph() -> float:
        import igraph  # noqa: PLC0415 - GPL, only in benchmarks

        nodes = len(town.xy)
        edges = np.column_stack([town.tail, town.head])
        roots = np.column_stack([np.full(SHELTERS, nodes), seeds.node])
        plain = igraph.Graph(nodes + 1, np.concatenate([edges, roots]), directed=True)
        weights = np.r_[town.seconds, np.zeros(SHELTERS)]
        seconds, found = measure(
            lambda: plain.distances(source=[nodes], weights=weights), repeats=3
        )
        np.testing.assert_allclose(np.array(found[0])[:nodes], tree.minutes, rtol=1e-9)
        return seconds

    peers = [("scipy", scipy), ("floor", lambda: floor_s(town, seeds, tree.minutes))]
    if copies == 1:
        peers += [("igraph", igraph), ("networkx", networkx)]
        peers += [("pandana", lambda: pandana_s(town, seeds, "nearest"))]
    peak = peak_mb(lambda: search(graph, seeds))
    yield from compare("nearest", case, (ours, peak), peers)


def reach_records() -> Iterator[Record]:
    """Who is within 300 seconds of each of 2,000 teams."""
    town = moscow()
    graph, seeds = town.graph(), sources(town, TEAMS)
    case = f"{len(town.xy)} nodes, {TEAMS} teams, {LIMIT_S:.0f} s"

    def all_teams() -> tuple[np.ndarray, ...]:
        return within(graph, seeds, sources=TEAMS, limit_min=LIMIT_S)

    ours, (team, node, seconds) = measure(all_teams)
    some = 20
    counts = np.bincount(team, minlength=TEAMS)

    def ego_graph() -> float:
        plain = town.networkx()

        def few() -> list[int]:
            return [
                len(nx.ego_graph(plain, int(one), radius=LIMIT_S, distance="s"))
                for one in seeds.node[:some]
            ]

        each, found = measure(few, repeats=1)
        assert found == counts[:some].tolist()  # noqa: S101
        return each * TEAMS / some

    def scipy() -> float:
        matrix = town.matrix()
        each, found = measure(
            lambda: dijkstra(matrix, indices=seeds.node[:some], limit=LIMIT_S),
            repeats=3,
        )
        mine = team < some
        np.testing.assert_array_equal(found[team[mine], node[mine]], seconds[mine])
        assert np.isfinite(found).sum() == mine.sum()  # noqa: S101
        return each * TEAMS / some

    peak = peak_mb(all_teams)
    yield from compare(
        "reach", case, (ours, peak),
        [("scipy", scipy), ("ego_graph", ego_graph),
         ("pandana", lambda: pandana_s(town, seeds, "reach"))],
    )  # fmt: skip


def pandana_s(town: Town, seeds: Seeds, task: str) -> float:
    """Run pandana (AGPL) in a process of its own, with its better thread setting.

    RISKMAP_PANDANA_PYTHON names an interpreter that has it; else this one.
    """
    python = os.environ.get("RISKMAP_PANDANA_PYTHON", sys.executable)
    if python == sys.executable and importlib.util.find_spec("pandana") is None:
        msg = "not installed (set RISKMAP_PANDANA_PYTHON)"
        raise ImportError(msg)
    # Both settings are tried: more threads help on an idle machine only.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "town.npz"
        np.savez(file, **town._asdict(), source=seeds.node, limit=LIMIT_S)
        times = []
        for threads in ("1", "2"):
            script = Path(__file__).with_name("peer_pandana.py")
            done = subprocess.run(
                [python, str(script), str(file), task],
                env=os.environ | {"OMP_NUM_THREADS": threads}, capture_output=True,
                text=True, check=True,
            )  # fmt: skip
            times.append(float(done.stdout.split()[-1]))
    return min(times)


def isochrone_records() -> Iterator[Record]:
    """Areas at 1, 3 and 5 minutes by car, against OSMnx's isoline recipe."""
    net = build_network(DATA / "andorra" / "andorra.osm.pbf", mode="drive")
    rng = np.random.default_rng(3)
    main = np.flatnonzero(net.component == 0)
    nodes = rng.choice(main, 30, replace=False)
    places = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(*net.node_xy[nodes].T), crs=net.crs
    )

    def call() -> gpd.GeoDataFrame:
        return isochrones(net, places, direction="from")

    ours, areas = measure(call, repeats=3)

    def recipe() -> float:
        graph = to_networkx(net)

        def rings() -> list[shapely.Geometry]:
            made = []
            for node in nodes.tolist():
                for minutes in (1, 3, 5):
                    part = nx.ego_graph(
                        graph, node, radius=minutes * 60.0, distance="travel_time"
                    )
                    spots = [
                        shapely.Point(d["x"], d["y"]) for _, d in part.nodes(data=True)
                    ]
                    lines = [d["geometry"] for *_, d in part.edges(data=True)]
                    buffers = [one.buffer(25) for one in spots + lines]
                    made.append(shapely.union_all(buffers))
            return made

        return measure(rings, repeats=3)[0]

    assert areas.geometry.notna().all()  # noqa: S101
    yield from compare(
        "isochrones", f"Andorra, {len(places)} teams, 1/3/5 min", (ours, peak_mb(call)),
        [("osmnx", recipe)],
    )  # fmt: skip


def network_records() -> Iterator[Record]:
    """From an OpenStreetMap file to a network that can be asked."""
    folder = DATA / "andorra"

    def build() -> object:
        return build_network(folder / "andorra.osm.pbf", mode="walk")

    ours, _ = measure(build)

    def osmnx() -> float:
        import osmnx as ox  # noqa: PLC0415 - slow to import

        with tempfile.TemporaryDirectory() as name:
            plain = Path(name) / "andorra.osm"
            import gzip  # noqa: PLC0415

            plain.write_bytes(gzip.decompress((folder / "andorra.osm.gz").read_bytes()))
            return measure(
                lambda: ox.graph_from_xml(plain, bidirectional=True, retain_all=True),
                repeats=1,
            )[0]

    yield from compare(
        "network", "Andorra, OpenStreetMap file to network", (ours, peak_mb(build)),
        [("osmnx", osmnx)],
    )  # fmt: skip


def records() -> Iterator[Record]:
    """Run every routing benchmark whose data is present."""
    if (DATA / "big-roads-bin").exists():
        yield from nearest_records(1)
        yield from nearest_records(3)
        yield from reach_records()
    else:
        yield skipped("nearest", "Moscow", "all", note="../shared/data is absent")
    if (DATA / "andorra").exists():
        yield from isochrone_records()
        yield from network_records()
    else:
        yield skipped("isochrones", "Andorra", "all", note="../shared/data is absent")
