"""Isochrones in Andorra, and from its OpenStreetMap file to a network."""

from __future__ import annotations

import gzip
import importlib.util
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

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


def recipe(network: Network, nodes: np.ndarray, *, scale: Scale) -> Timing:
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
    return measure(rings, repeats=min(scale.repeats, 3))[0]


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
    nodes = rng.choice(main, 4 if scale.quick else 30, replace=False)
    places = _places(network, nodes)

    def call() -> gpd.GeoDataFrame:
        return isochrones(network, places, direction="from", minutes=MINUTES)

    ours, areas = measure(call, repeats=scale.repeats)
    insist(areas.geometry.notna().all(), "ours, an area each")
    case = f"Andorra, {len(places)} teams, 1/3/5 min"
    peers = [
        ("osmnx", lambda: recipe(network, nodes, scale=scale)),
        ("valhalla", valhalla),
    ]
    yield from compare("isochrones", case, ours, scale.peak_mb(call), peers)


def valhalla() -> Timing:
    """Say why Valhalla is not timed: its wheels answer, but build no tiles."""
    if importlib.util.find_spec("valhalla") is None:
        raise ImportError("not installed (no wheel for this Python, or not asked for)")
    raise NotImplementedError("pyvalhalla's wheel brings no tile builder")


def write_highways(source: Path, target: Path) -> None:
    """Leave nothing but highways in a file: OSMnx would make edges of all ways."""
    with gzip.open(source) as file:
        root = ET.parse(file).getroot()  # noqa: S314 - our own file
    ways = [
        one for one in root.iter("way") if one.find("tag[@k='highway']") is not None
    ]
    used = {nd.get("ref") for way in ways for nd in way.iter("nd")}
    root[:] = [one for one in root.iter("node") if one.get("id") in used] + ways
    ET.ElementTree(root).write(target, encoding="utf-8")


def network_records(scale: Scale) -> Iterator[Record]:
    """From an OpenStreetMap file to a network that can be asked."""
    folder = DATA / "andorra"

    def build() -> Network:
        return build_network(folder / "andorra.osm.pbf", mode="walk")

    def osmnx() -> Timing:
        if scale.quick:
            raise NotImplementedError("takes longer than a quick run")
        import osmnx  # noqa: PLC0415 - slow to import

        with tempfile.TemporaryDirectory() as name:
            plain = Path(name) / "andorra.osm"
            write_highways(folder / "andorra.osm.gz", plain)
            timing, graph = measure(
                lambda: osmnx.graph_from_xml(
                    plain, bidirectional=True, retain_all=True
                ),
                repeats=1, warm=False,
            )  # fmt: skip
        metres = sum(one for *_, one in graph.to_undirected().edges(data="length"))
        ours_m = float(network.edge_length_m.sum())
        # It keeps ways that nobody may walk on, about 3 %.
        insist(
            abs(metres / ours_m - 1) < 0.05, f"osmnx, {metres:.0f} m, {ours_m:.0f} m"
        )
        return timing

    ours, network = measure(build, repeats=scale.repeats)
    yield from compare(
        "network", "Andorra, OpenStreetMap file to network", ours, scale.peak_mb(build),
        [("osmnx", osmnx)],
    )  # fmt: skip


def records(scale: Scale) -> Iterator[Record]:
    """Ask Andorra, where it is there."""
    if (DATA / "andorra").exists():
        yield from isochrone_records(scale)
        yield from network_records(scale)
    else:
        yield skipped("isochrones", "Andorra", "osmnx", note="../shared/data is absent")
