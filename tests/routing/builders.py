# ruff: noqa: ANN001, ANN003, ANN201, ANN202
"""Roads and networks whose answers are known by construction."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from riskmap.routing import build_network
from riskmap.routing.snapping import Anchors

if TYPE_CHECKING:
    from riskmap.routing import Network

CRS = "EPSG:4549"
EAST, NORTH = 500_000.0, 3_100_000.0
# With this speed a metre of `village_road` takes a hundredth of a minute.
KMH = 6.0


def roads(lines, **columns):
    """Straight or bent roads from coordinates in metres."""
    moved = [[(EAST + x, NORTH + y) for x, y in line] for line in lines]
    count = len(lines)
    values = {
        "road_id": [f"R{i}" for i in range(count)],
        "road_class": ["村道"] * count,
    }
    geometry = [shapely.LineString(one) for one in moved]
    return gpd.GeoDataFrame(values | columns, geometry=geometry, crs=CRS)


def points(xy, **columns):
    """Places from coordinates in metres."""
    geometry = [None if one is None else shapely.Point(EAST + one[0], NORTH + one[1])
                for one in xy]  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS, index=range(len(xy)))


def boxes(bounds, **columns):
    """Zones from (left, bottom, right, top) in metres."""
    geometry = [shapely.box(EAST + a, NORTH + b, EAST + c, NORTH + d)
                for a, b, c, d in bounds]  # fmt: skip
    values = {"risk_zone_id": [f"Z{i}" for i in range(len(bounds))]}
    return gpd.GeoDataFrame(values | columns, geometry=geometry, crs=CRS)


def network(lines, **options):
    """A walking network at 6 km/h: 100 m a minute."""
    columns = options.pop("columns", {})
    options = {"speeds": {"村道": KMH}} | options
    return build_network(roads(lines, **columns), **options)


def multigraph(nodes: int, edges: list[tuple[int, int, float, float]]) -> Network:
    """A network with any minutes on any edges: parallel, one-way, zero, loops."""
    angle = np.arange(nodes) * 2.399963
    xy = np.column_stack([np.cos(angle), np.sin(angle)]) * 1000 + (EAST, NORTH)
    xy += np.arange(nodes)[:, None] * 7.0
    lines, ids = [], []
    for row, (u, v, _, _) in enumerate(edges):
        bend = (xy[u] + xy[v]) / 2 + (3.0 * row + 5.0, 2.0 * row + 11.0)
        lines.append(shapely.LineString([xy[u], bend, bend + 1.0, xy[v]]))
        ids.append(np.array([u, 10_000 + 2 * row, 10_001 + 2 * row, v]))
    column = np.empty(len(ids), dtype=object)
    column[:] = ids
    frame = gpd.GeoDataFrame(
        {"road_id": [str(i) for i in range(len(edges))], "road_class": "村道",
         "node_ids": column}, geometry=lines, crs=CRS,
    )  # fmt: skip
    made = build_network(frame)
    row = made.edge_road
    minutes = np.array([(a, b) for _, _, a, b in edges], dtype=float)[row]
    return made.changed(forward_min=minutes[:, 0], backward_min=minutes[:, 1])


def anchors(network: Network, spots: list[tuple[int, float, float]]) -> Anchors:
    """Places at (edge, fraction) with minutes of access."""
    edge = np.array([one for one, _, _ in spots], dtype=np.int64)
    part = np.array([one for _, one, _ in spots], dtype=float)
    access = np.array([one for _, _, one in spots], dtype=float)
    foot = network.points(edge, part)
    return Anchors(
        pd.RangeIndex(len(spots)), foot, edge, part, foot, access * 10, access,
        np.full(len(spots), "ok", dtype=object), (frozenset(),) * len(spots),
    )  # fmt: skip


def oracle(network: Network, *sides: tuple[str, Anchors]) -> nx.DiGraph:
    """The same network for networkx, every place a node ``(name, row)``."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(network.node_xy)))

    def add(one, other, minutes):
        if np.isfinite(minutes):
            known = graph.get_edge_data(one, other, {"weight": np.inf})["weight"]
            graph.add_edge(one, other, weight=min(minutes, known))

    for edge in np.flatnonzero(network.is_open):
        spots = [(0.0, int(network.edge_u[edge])), (1.0, int(network.edge_v[edge]))]
        for name, side in sides:
            for row in np.flatnonzero(side.edge == edge):
                spots.append((float(side.fraction[row]), (name, int(row), "foot")))
                add((name, int(row)), (name, int(row), "foot"), side.access_min[row])
                add((name, int(row), "foot"), (name, int(row)), side.access_min[row])
        first, *inner, last = [
            spots[0],
            *sorted(spots[2:], key=lambda s: s[0]),
            spots[1],
        ]
        chain = [first, *inner, last]
        for (a, one), (b, other) in pairwise(chain):
            part = b - a
            ahead, back = network.forward_min[edge], network.backward_min[edge]
            add(one, other, part * ahead if part > 0 else 0.0)
            add(other, one, part * back if part > 0 else 0.0)
    return graph
