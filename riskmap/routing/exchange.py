"""networkx in and out: OSMnx graphs, and any graph with coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from riskmap.errors import CrsError, LayerError
from riskmap.routing.ragged import subset, to_linestrings
from riskmap.routing.roads import NODE_IDS

if TYPE_CHECKING:
    import networkx as nx

    from riskmap.routing.network import Network

__all__ = ["frame_of_graph", "to_networkx"]


def frame_of_graph(graph: nx.Graph) -> gpd.GeoDataFrame:
    """Return the edges of an OSMnx or other networkx graph as roads.

    Every edge stays an edge: nodes join where they are the same, nowhere else.
    A pair of arcs that is one street in both directions becomes one road.

    Parameters
    ----------
    graph
        Nodes with ``x`` and ``y``; edges with or without ``geometry``; the CRS in
        ``graph.graph["crs"]``.

    Returns
    -------
    geopandas.GeoDataFrame
        Lines with the attributes of the edges, oneway and node_ids.

    Raises
    ------
    CrsError
        If the graph names no CRS.
    LayerError
        If it has no edges, or a node without coordinates.
    """
    crs = graph.graph.get("crs")
    if crs is None:
        msg = 'the graph names no CRS; set graph.graph["crs"]'
        raise CrsError(msg)
    try:
        place = {
            node: (float(d["x"]), float(d["y"])) for node, d in graph.nodes.items()
        }
    except KeyError as error:
        msg = f"a node of the graph has no {error.args[0]}; nodes need x and y"
        raise LayerError(msg) from error
    number = {node: row for row, node in enumerate(place)}
    rows = list(_streets(graph, place))
    if not rows:
        msg = "the graph has no edges"
        raise LayerError(msg)
    frame = gpd.GeoDataFrame(
        [data for _, _, data, _ in rows], geometry=[line for *_, line in rows], crs=crs
    )
    # Inner vertices get ids that nothing shares, so that only nodes join.
    ids = np.empty(len(rows), dtype=object)
    unused = -1
    for row, (u, v, _, line) in enumerate(rows):
        inner = shapely.get_num_coordinates(line) - 2
        ids[row] = np.r_[number[u], np.arange(unused, unused - inner, -1), number[v]]
        unused -= inner
    return frame.assign(**{NODE_IDS: ids})


def _streets(graph: nx.Graph, place: dict[Any, tuple[float, float]]) -> Any:  # noqa: ANN401
    """Yield u, v, attributes, line: a pair of opposite arcs comes once."""
    every: Any = graph.edges
    arguments = {"keys": True} if graph.is_multigraph() else {}
    open_pairs: dict[Any, list[int]] = {}
    rows: list[list[Any]] = []
    for u, v, *_, data in every(data=True, **arguments):
        line = data.get("geometry") or shapely.LineString([place[u], place[v]])
        key = (v, u, str(data.get("osmid")), round(shapely.length(line), 6))
        if graph.is_directed() and open_pairs.get(key):
            rows[open_pairs[key].pop()][2]["oneway"] = "no"
            continue
        own = {name: value for name, value in data.items() if name != "geometry"}
        own["oneway"] = "yes" if graph.is_directed() else "no"
        own["junction"] = None
        pair = (u, v, str(data.get("osmid")), round(shapely.length(line), 6))
        open_pairs.setdefault(pair, []).append(len(rows))
        rows.append([u, v, own, line])
    yield from rows


def to_networkx(network: Network) -> nx.MultiDiGraph:
    """Return the open network as a graph that OSMnx understands.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`; closed pieces are left out.

    Returns
    -------
    networkx.MultiDiGraph
        Nodes with x and y; an edge for each direction that may be travelled, with
        osmid, highway, name, length (metres), travel_time (seconds), oneway,
        geometry; the CRS of the network.
    """
    import networkx as nx  # noqa: PLC0415 - slow to import, and wanted here only

    graph: nx.MultiDiGraph = nx.MultiDiGraph(crs=network.crs.to_string())
    graph.add_nodes_from(
        (node, {"x": float(x), "y": float(y)})
        for node, (x, y) in enumerate(network.node_xy)
    )
    rows = np.flatnonzero(network.is_open)
    lines = to_linestrings(subset(network.lines, rows))
    roads = network.roads.iloc[network.edge_road[rows]]
    for row, line, (_, road) in zip(rows, lines, roads.iterrows(), strict=True):
        ends = int(network.edge_u[row]), int(network.edge_v[row])
        there, back = network.forward_min[row], network.backward_min[row]
        common = {
            "osmid": road["road_id"], "highway": road["road_class"],
            "name": road["road_name"], "length": float(network.edge_length_m[row]),
            "oneway": bool(np.isinf(there) != np.isinf(back)), "edge": int(row),
        }  # fmt: skip
        if np.isfinite(there):
            graph.add_edge(*ends, **common, travel_time=there * 60, geometry=line)
        if np.isfinite(back):
            graph.add_edge(
                *ends[::-1], **common, travel_time=back * 60, geometry=line.reverse()
            )
    return graph
