"""Second ways: backup routes that share least with the first, and critical links."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.crs import crs_of
from riskmap.errors import LayerError
from riskmap.routing.oldpaths import Router, finished_routes
from riskmap.routing.search import Graph, Seeds, graph_of, search
from riskmap.routing.sides import Direction, check, sides_of
from riskmap.routing.snapping import MAX_DISTANCE_M

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.oldpaths import Found, Step
    from riskmap.routing.search import Tree

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["backup_paths", "critical_links"]

# Shared lengths count in whole millimetres, so that equal sums are equal.
_MM = 1000.0


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
    router = Router(network, sides)
    found, shared = [], np.full(len(routes), np.nan)
    for row, steps in enumerate(routes["edges"]):
        wanted = int(first[row]), int(second[row])
        best, metres = _second(
            router, list(steps), origin=wanted[0], destination=wanted[1]
        )
        found.append(best)
        shared[row] = metres
    frame = finished_routes(
        network, sides, found, first=first, second=second, limit_min=limit_min
    )
    frame["shared_m"] = np.where(frame["reason"] == "ok", shared, np.nan)
    frame.index = routes.index
    return frame.to_crs(crs_of(origins))


def _second(
    router: Router, steps: list[Step], *, origin: int, destination: int
) -> tuple[Found, float]:
    """Return the route that shares least with some steps, and the metres shared."""
    network, used = router.network, _intervals(steps)
    whole = np.zeros(len(network))
    for edge in used:
        whole[edge] = _shared(network, used, [(edge, 0.0, 1.0)])
    tree, least = _least_shared(router, used, whole, destination=destination)
    part = slice(router.bounds[origin], router.bounds[origin + 1])
    best: tuple[float, float, int] = (np.inf, np.inf, -1)
    for node, minutes in zip(
        router.sides.starts.node[part], router.sides.starts.minutes[part], strict=True
    ):
        if not np.isfinite(tree.minutes[node]):
            continue
        begin = router.first_steps(int(node), origin=origin)
        total = float(least[node]) + _shared(network, used, begin)
        best = min(best, (total, float(minutes + tree.minutes[node]), int(node)))
    straight = router.direct(origin, destination)
    if straight is not None:
        here = (_shared(network, used, straight[2]), straight[0], -1)
        if here[:2] <= best[:2]:
            return straight, here[0] / _MM
    if best[2] < 0:
        return (np.inf, np.nan, []), np.nan
    return (
        router.through(tree, best[2], origin=origin, destination=destination),
        best[0] / _MM,
    )


def _least_shared(
    router: Router, used: dict[int, list[tuple[float, float]]], whole: FloatArray,
    *, destination: int,
) -> tuple[Tree, FloatArray]:  # fmt: skip
    """Search twice: least shared metres, then least minutes among those."""
    graph, network = router.graph, router.network
    seeds = router.seeds(destination)
    cost = np.array(
        [
            _shared(network, used, router.last_steps(int(n), destination=destination))
            for n in seeds.node
        ]
    )
    sharing = whole[graph.arc >> 1]
    first = Seeds(seeds.node, cost, seeds.owner, seeds.metres)
    least = search(_weighted(graph, sharing), first).minutes
    tail = np.repeat(np.arange(graph.nodes), np.diff(graph.first))
    with np.errstate(invalid="ignore"):
        tight = least[tail] + sharing == least[graph.head]
    fits = cost == least[seeds.node]
    tree = search(
        _weighted(graph, np.where(tight, graph.minutes, np.inf)),
        Seeds(
            seeds.node[fits], seeds.minutes[fits], seeds.owner[fits], seeds.metres[fits]
        ),
    )
    return tree, least


def _weighted(graph: Graph, minutes: FloatArray) -> Graph:
    """Return a graph with other weights; inf closes an arc."""
    finite = minutes[np.isfinite(minutes)]
    return replace(
        graph, minutes=minutes, longest=float(finite.max(initial=0.0)),
        mean=float(finite.mean()) if len(finite) else 0.0,
    )  # fmt: skip


def _intervals(steps: list[Step]) -> dict[int, list[tuple[float, float]]]:
    """Return the parts of each edge that steps cover."""
    used: dict[int, list[tuple[float, float]]] = {}
    for edge, begin, end in steps:
        used.setdefault(edge, []).append((min(begin, end), max(begin, end)))
    return used


def _shared(
    network: Network, used: dict[int, list[tuple[float, float]]], steps: list[Step]
) -> float:
    """Return the millimetres that steps have in common with used parts."""
    total = 0.0
    for edge, begin, end in steps:
        low, high = min(begin, end), max(begin, end)
        for one, other in used.get(edge, ()):
            overlap = max(0.0, min(high, other) - max(low, one))
            total += round(overlap * float(network.edge_length_m[edge]) * _MM)
    return total


def critical_links(
    network: Network,
    places: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    direction: Direction,
    max_distance_m: float = MAX_DISTANCE_M,
) -> gpd.GeoDataFrame:
    """List the pieces of road whose failure would cut places off.

    A piece is critical for a place when every way between the place and every
    facility uses it. The pieces that a place or a facility itself stands on are
    not examined.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    places, facilities
        Any geometry, any CRS.
    direction
        ``to``: people travel to the facility; ``from``: units travel from it.
    max_distance_m
        Longest access leg off the road.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a piece and place, in the CRS of `places`: edge, place (label),
        road_id, road_name, bridge, length_m, geometry. A place that has no way
        as it is has no row.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    NetworkError
        If direction makes no sense.
    """
    check(direction, None)
    sides = sides_of(
        network, places, facilities, direction=direction,
        max_distance_m=max_distance_m, leave=True,
    )  # fmt: skip
    import networkx as nx  # noqa: PLC0415 - slow to import, and wanted here only

    above = nx.immediate_dominators(_flow(network, sides, direction), "facilities")
    rows: list[tuple[int, Any]] = []
    for place, label in enumerate(places.index):
        node: Any = above.get(("place", place))
        while node is not None and node != "facilities":
            if isinstance(node, tuple):
                rows.append((node[1] >> 1, label))
            node = above.get(node)
    edge = np.array([one for one, _ in rows], dtype=np.int64)
    frame = network.edges().iloc[edge].reset_index(names="edge")
    frame["place"] = np.array([label for _, label in rows], dtype=object)
    columns = [
        "edge", "place", "road_id", "road_name", "bridge", "length_m", "geometry",
    ]  # fmt: skip
    return frame[columns].to_crs(crs_of(places))


def _flow(network: Network, sides: Any, direction: Direction) -> nx.DiGraph:  # noqa: ANN401
    """Return the ways from facilities to places; arcs on quickest ways are nodes."""
    import networkx as nx  # noqa: PLC0415

    graph = graph_of(network, reverse=direction == "to")
    seeds = sides.facility_starts.seeds()
    tree = search(graph, seeds)
    tail = np.repeat(np.arange(graph.nodes), np.diff(graph.first))
    candidate = tree.parent[graph.head] == graph.arc
    flow: nx.DiGraph = nx.DiGraph()
    flow.add_edges_from(("facilities", int(node)) for node in seeds.node)
    for one, other, arc, split in zip(
        tail.tolist(), graph.head.tolist(), graph.arc.tolist(), candidate, strict=True
    ):
        if split:
            flow.add_edge(one, ("arc", arc))
            flow.add_edge(("arc", arc), other)
        else:
            flow.add_edge(one, other)
    for place, node in zip(sides.starts.place, sides.starts.node, strict=True):
        flow.add_edge(int(node), ("place", int(place)))
    for place in np.unique(sides.direct[0]):
        flow.add_edge("facilities", ("place", int(place)))
    flow.add_node("facilities")
    return flow
