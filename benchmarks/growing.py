"""Time one search on one large network, beside scipy, in a process of its own.

``python -m benchmarks.growing NAME REPEATS`` prints JSON; NAME is a number of nodes
(a made-up county: bent roads on a torn grid) or a file of the PACE road graphs. A
process of its own says how much memory the network and the search take in all.
"""

from __future__ import annotations

import json
import lzma
import resource
import sys
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyproj
from geopandas import GeoDataFrame, GeoSeries
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.harness import DATA, insist, measure
from riskmap.routing import Network
from riskmap.routing.build import islands, space_order
from riskmap.routing.search import Seeds, graph_of, search

SOURCES = 500
# Roads of three pieces between junctions give 1.16 edges a node, as real ones do.
PIECES = 3
KEPT = 0.85
METRES_A_MINUTE = 600.0


class Plain(NamedTuple):
    """Nodes and edges of a network, both ways as long."""

    xy: np.ndarray
    u: np.ndarray
    v: np.ndarray
    metres: np.ndarray


def made_up(nodes: int) -> Plain:
    """Return a torn grid of bent roads, neighbours next to each other."""
    side = round((nodes / (1 + 2 * KEPT * (PIECES - 1))) ** 0.5)
    rng = np.random.default_rng(side)
    number = np.arange(side * side, dtype=np.int32).reshape(side, side)
    u = np.r_[number[:, :-1].ravel(), number[:-1].ravel()]
    v = np.r_[number[:, 1:].ravel(), number[1:].ravel()]
    kept = rng.random(len(u)) < KEPT
    u, v = u[kept], v[kept]
    xy = np.column_stack([number.ravel() % side, number.ravel() // side]) * 300.0
    xy += rng.uniform(-90, 90, xy.shape)
    inner = len(xy) + np.arange(len(u) * (PIECES - 1), dtype=np.int32)
    inner = inner.reshape(len(u), PIECES - 1)
    bends = [
        xy[u] + (xy[v] - xy[u]) * part + rng.uniform(-20, 20, (len(u), 2))
        for part in np.arange(1, PIECES) / PIECES
    ]
    xy = np.concatenate([xy, np.stack(bends, axis=1).reshape(-1, 2)])
    chain = np.column_stack([u, inner, v])
    ends = np.stack([chain[:, :-1], chain[:, 1:]], axis=-1).reshape(-1, 2)
    return _in_space_order(xy, ends)


def _in_space_order(xy: np.ndarray, ends: np.ndarray) -> Plain:
    """Number nodes and edges as `build_network` does."""
    node, place = space_order(xy, ends.ravel())
    u, v = place[ends].T
    order = np.lexsort((np.maximum(u, v), np.minimum(u, v)))
    xy, u, v = xy[node], u[order], v[order]
    return Plain(xy, u, v, np.hypot(*(xy[u] - xy[v]).T) + 0.1)


def given(name: str) -> Plain:
    """Return a road graph of the PACE set: no places known, lengths made up."""
    with lzma.open(DATA / "dimacs-pace" / f"{name}.gr.xz", "rt") as file:
        pair = np.loadtxt(file, dtype=np.int64, skiprows=1) - 1
    rng = np.random.default_rng(len(pair))
    metres = rng.uniform(20, 400, len(pair))
    return Plain(np.zeros((pair.max() + 1, 2)), *pair.T, metres)


def network_of(plain: Plain) -> Network:
    """Return the whole value that `build_network` would: geometry, islands, all."""
    xy, u, v, metres = plain
    edges, crs = len(u), pyproj.CRS("EPSG:4549")
    vertex = np.empty((edges, 2, 2))
    vertex[:, 0], vertex[:, 1] = xy[u], xy[v]
    minutes = metres / METRES_A_MINUTE
    none = {"zone_id": np.empty(0, object), "cause": np.empty(0, object)}
    return Network(
        mode="walk", crs=crs, node_xy=xy, edge_u=u, edge_v=v, edge_length_m=metres,
        forward_min=minutes, backward_min=minutes.copy(),
        edge_road=np.zeros(edges, np.int64),
        vertex_start=np.arange(0, 2 * edges + 1, 2), vertex_xy=vertex.reshape(-1, 2),
        roads=pd.DataFrame({"road_id": ["1"]}),
        component=islands(u, v, metres, nodes=len(xy)),
        edge_cause=np.full(edges, -1), causes=(),
        zones=GeoDataFrame(none, geometry=GeoSeries([], crs=crs)),
        offroad_kmh=4.0, findings=pd.DataFrame(),
    )  # fmt: skip


def main() -> None:
    """Search, then let scipy search, and print what was seen."""
    name, repeats = sys.argv[1], int(sys.argv[2])
    network = network_of(made_up(int(name)) if name.isdigit() else given(name))
    nodes = len(network.node_xy)
    rng = np.random.default_rng(1)
    node = np.sort(rng.choice(nodes, SOURCES, replace=False))
    seeds = Seeds(node, np.zeros(SOURCES), np.arange(SOURCES), np.zeros(SOURCES))
    graph = graph_of(network, reverse=False)
    ours, tree = measure(lambda: search(graph, seeds), repeats=repeats)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    matrix = csr_array((graph.minutes, graph.head, graph.first), shape=(nodes, nodes))
    theirs, found = measure(
        lambda: dijkstra(matrix, indices=node, min_only=True, return_predecessors=True),
        repeats=repeats,
    )
    insist(np.array_equal(found[0], tree.minutes), "scipy, times")
    print(json.dumps({
        "nodes": nodes, "edges": len(network), "ours": ours, "scipy": theirs,
        "peak_mb": round(peak),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
