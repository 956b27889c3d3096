"""Isochrones in Andorra, beside OSMnx's recipe."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from benchmarks.harness import (
    DATA,
    Timing,
    compare,
    insist,
    measure,
    skipped,
)
from riskmap.routing import build_network, isochrones, reached_roads, to_networkx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Record, Scale
    from riskmap.routing import Network

MINUTES = (1, 3, 5)
# The isoline recipe of OSMnx's examples puts a ribbon of this width on each road.
RIBBON_M = 25.0


def recipe(network: Network, nodes: np.ndarray) -> Timing:
    """Time the isoline recipe: ego graphs, ribbons about their roads, a union."""
    graph = to_networkx(network)

    def roads() -> list[nx.MultiDiGraph]:
        return [
            nx.ego_graph(graph, node, radius=minutes * 60.0, distance="travel_time")
            for node in nodes.tolist()
            for minutes in MINUTES
        ]

    def rings() -> list[shapely.Geometry]:
        made = []
        for part in roads():
            spots = [shapely.Point(d["x"], d["y"]) for _, d in part.nodes(data=True)]
            lines = [d["geometry"] for *_, d in part.edges(data=True)]
            buffers = [one.buffer(RIBBON_M) for one in spots + lines]
            made.append(shapely.union_all(buffers))
        return made

    _insist_on_same_nodes(network, nodes, roads())
    return measure(rings, repeats=1, warm=False)[0]


def _insist_on_same_nodes(
    network: Network, nodes: np.ndarray, parts: list[nx.MultiDiGraph]
) -> None:
    """Compare the nodes of ego graphs with those on the roads that we reach."""
    found = reached_roads(
        network, _places(network, nodes), direction="from", minutes=MINUTES
    )
    ends = [
        {tuple(np.round(xy, 3)) for xy in shapely.get_coordinates(some.geometry)}
        for _, some in found.groupby(["facility", "minutes"])
    ]
    where = np.round(network.node_xy, 3)
    for part, end in zip(parts, ends, strict=True):
        insist({tuple(where[node]) for node in part} <= end, "osmnx, nodes reached")


def _places(network: Network, nodes: np.ndarray) -> gpd.GeoDataFrame:
    """Return nodes as places."""
    points = gpd.points_from_xy(*network.node_xy[nodes].T)
    return gpd.GeoDataFrame(geometry=points, crs=network.crs)


def isochrone_records(scale: Scale) -> Iterator[Record]:
    """Areas at 1, 3 and 5 minutes by car, against OSMnx's isoline recipe."""
    network = build_network(DATA / "andorra" / "andorra.osm.pbf", mode="drive")
    rng = np.random.default_rng(3)
    main = np.flatnonzero(network.component == 0)
    nodes = rng.choice(main, 2 if scale.quick else 10, replace=False)
    places = _places(network, nodes)

    def call() -> gpd.GeoDataFrame:
        return isochrones(network, places, direction="from", minutes=MINUTES)

    ours, areas = measure(call, repeats=scale.repeats)
    insist(areas.geometry.notna().all(), "ours, an area each")
    case = f"Andorra, {len(places)} teams, 1/3/5 min"
    peers = [
        ("osmnx", lambda: recipe(network, nodes)),
        ("valhalla", valhalla),
    ]
    yield from compare("isochrones", case, ours, scale.peak_mb(call), peers)


def valhalla() -> Timing:
    """Say why Valhalla is not timed: without tiles it has nothing to answer from."""
    if importlib.util.find_spec("valhalla") is None:
        raise ImportError("not installed (no wheel for this Python, or not asked for)")
    if sys.version_info < (3, 12):
        raise NotImplementedError("pyvalhalla 3.2, the last for this Python, has no "
                                  "tile builder")  # fmt: skip
    raise NotImplementedError("tiles are not built here")


def records(scale: Scale) -> Iterator[Record]:
    """Ask Andorra, where it is there."""
    if (DATA / "andorra").exists():
        yield from isochrone_records(scale)
    else:
        yield skipped("isochrones", "Andorra", "osmnx", note="../shared/data is absent")
