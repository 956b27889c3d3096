"""From roads to a network: nodes, edges, minutes both ways, islands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from riskmap.crs import crs_of, to_metric
from riskmap.errors import NetworkError
from riskmap.routing.exchange import frame_of_graph
from riskmap.routing.findings import finding, findings_frame
from riskmap.routing.network import OPEN, Network
from riskmap.routing.noding import Pieces, node_roads
from riskmap.routing.ragged import subset
from riskmap.routing.reading import read_roads
from riskmap.routing.roads import tidy_roads
from riskmap.routing.speeds import MODES, road_speeds, walking_pace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import networkx as nx
    from numpy.typing import NDArray

    from riskmap.routing.terrain import Profile

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["build_network"]


def build_network(
    roads: gpd.GeoDataFrame | nx.Graph | str | Path,
    *,
    mode: str = "walk",
    dem: str | Path | Sequence[str | Path] | None = None,
    speeds: Mapping[str, float] | None = None,
    slope: str = "campbell_2019_p05",
    group: str = "adult",
    night: bool = False,
    rain: bool = False,
    tolerance_m: float = 0.5,
    crs: Any = None,  # noqa: ANN401
) -> Network:
    """Make roads into a network with minutes in both directions.

    Lines are joined where they meet or cross on the same level; a bridge or a
    tunnel is joined at its ends alone. OpenStreetMap files are joined at shared
    nodes. Walking counts the slope of a DEM in each direction; bridges and
    tunnels run straight from end to end. Lengths are horizontal.

    Parameters
    ----------
    roads
        Lines in any CRS with road_class (OSM ``highway`` or Chinese 行政等级), and,
        where known, road_id, name, technical_grade, surface, bridge, tunnel,
        layer, oneway; or a file that `read_roads` reads; or an OSMnx or other
        networkx graph with coordinates and ``graph["crs"]``.
    mode
        ``walk``, ``drive`` or ``emergency``.
    dem
        Elevation rasters, metres, any CRS; the first that knows a place counts.
        None walks on the level. Vehicles do not mind slopes here.
    speeds
        Class of road to km/h (walking: on the level), over the defaults of the
        tables speeds.toml and walking.toml.
    slope
        A name of `slope_functions`.
    group
        Who walks: ``adult``, ``with_elderly``, ``elderly``, ``assisted``.
    night, rain
        Whether darkness and heavy rain slow the walk.
    tolerance_m
        Ends this near to each other or to a line are joined, metres.
    crs
        The projected CRS to work in; None chooses one.

    Returns
    -------
    Network
        With its `findings`: duplicates, dangles, islands, unknown classes, missing
        nodes, roads that no DEM covers.

    Raises
    ------
    CrsError
        If the roads have no CRS, or `crs` is not metric.
    LayerError
        If there are no roads.
    NetworkError
        If no road is open to the mode, or a speed, group or function is wrong.
    SourceError
        If a file cannot be read.
    """
    if mode not in MODES:
        msg = f'mode "{mode}" is none of {", ".join(MODES)}'
        raise NetworkError(msg)
    if not 0 <= tolerance_m < np.inf:
        msg = f"tolerance_m {tolerance_m} must be 0 or more"
        raise NetworkError(msg)
    pace = walking_pace(slope=slope, group=group, night=night, rain=rain)
    source = _frame(roads)
    frame, findings = tidy_roads(to_metric(source, crs=crs))
    findings += _missing_nodes(source)
    kmh, unknown = road_speeds(frame, mode=mode, speeds=speeds, pace=pace)
    findings += unknown
    usable = np.isfinite(kmh)
    if not usable.any():
        msg = f'none of {len(frame)} roads is open to mode "{mode}"'
        raise NetworkError(msg)
    frame, kmh = frame[usable].reset_index(drop=True), kmh[usable]
    if mode == "walk":
        frame["oneway"] = 0
    pieces, noded = node_roads(frame, tolerance_m=tolerance_m)
    profile = None
    if dem is not None and mode == "walk":
        from riskmap.routing.terrain import climb  # noqa: PLC0415 - rasterio is slow

        profile = climb(pieces, frame, dem)
        findings += profile.findings(frame, pieces)
    minutes = _minutes(frame, pieces, kmh, profile=profile, slope=slope)
    settings = {
        "mode": mode, "slope": slope if profile is not None else "level",
        "group": group, "night": str(night), "rain": str(rain),
        "tolerance_m": str(tolerance_m),
    }  # fmt: skip
    return _assemble(
        frame, pieces, minutes, mode=mode, settings=settings,
        offroad_kmh=pace.offroad_kmh, findings=findings + noded,
    )  # fmt: skip


def _frame(roads: Any) -> gpd.GeoDataFrame:  # noqa: ANN401
    """Return roads of any kind as a frame."""
    if isinstance(roads, gpd.GeoDataFrame):
        return roads
    if isinstance(roads, str | Path):
        return read_roads(roads)
    if hasattr(roads, "edges") and hasattr(roads, "nodes"):
        return frame_of_graph(roads)
    msg = (
        f"roads are a {type(roads).__name__}; give a GeoDataFrame, a path or a "
        "networkx graph"
    )
    raise NetworkError(msg)


def _missing_nodes(source: gpd.GeoDataFrame) -> list[dict[str, str]]:
    """Report ways that were cut where their file lacks nodes, or lost."""
    rows = [finding("lost_way", row=way) for way in source.attrs.get("lost_ways", [])]
    if "missing_nodes" in source.columns:
        cut = source.loc[source["missing_nodes"] > 0, ["road_id", "missing_nodes"]]
        cut = cut.drop_duplicates("road_id")
        rows += [
            finding("missing_nodes", row=road, value=count)
            for road, count in cut.itertuples(index=False)
        ]
    return rows


def _minutes(
    roads: gpd.GeoDataFrame, pieces: Pieces, kmh: FloatArray,
    *, profile: Profile | None, slope: str,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Return minutes along and against each piece; inf against a one-way."""
    speed = kmh[pieces.road]
    if profile is None:
        there = pieces.lines.lengths() / (speed * 1000 / 60)
        back = there.copy()
    else:
        there, back = profile.minutes(speed, slope=slope)
    oneway = roads["oneway"].to_numpy()[pieces.road]
    there[oneway == -1] = np.inf
    back[oneway == 1] = np.inf
    return there, back


def _assemble(
    roads: gpd.GeoDataFrame, pieces: Pieces,
    minutes: tuple[FloatArray, FloatArray],
    *, mode: str, settings: dict[str, str], offroad_kmh: float,
    findings: list[dict[str, str]],
) -> Network:  # fmt: skip
    """Put nodes and edges in an order that keeps neighbours together."""
    node, place = space_order(pieces.node_xy, np.r_[pieces.u, pieces.v])
    u, v = place[pieces.u], place[pieces.v]
    order = np.lexsort((np.maximum(u, v), np.minimum(u, v)))
    lines = subset(pieces.lines, order)
    u, v = u[order], v[order]
    length = pieces.lines.lengths()[order]
    component = islands(u, v, length, nodes=len(node))
    columns = ["road_id", "road_name", "road_class", "bridge", "tunnel"]
    table = pd.DataFrame(roads[[*columns, "technical_grade", "surface"]])
    table["layer"] = roads["level"].astype(str).astype(object)
    none = gpd.GeoDataFrame(
        {"zone_id": np.empty(0, object), "cause": np.empty(0, object)},
        geometry=gpd.GeoSeries([], crs=roads.crs),
    )
    return Network(
        mode=mode, crs=crs_of(roads), node_xy=pieces.node_xy[node], edge_u=u, edge_v=v,
        edge_length_m=length, forward_min=minutes[0][order],
        backward_min=minutes[1][order], edge_road=pieces.road[order],
        vertex_start=lines.start, vertex_xy=lines.xy, roads=table,
        component=component, edge_cause=np.full(len(u), OPEN, dtype=np.int64),
        causes=(), zones=none, offroad_kmh=offroad_kmh, settings=settings,
        findings=findings_frame(
            findings + _island_findings(
                table, road=pieces.road[order], label=component[u], length=length
            )
        ),
    )  # fmt: skip


def space_order(xy: FloatArray, used: IntArray) -> tuple[IntArray, IntArray]:
    """Return the nodes in use along a Morton curve, and the place of each node."""
    nodes = np.unique(used)
    low, high = xy[nodes].min(axis=0), xy[nodes].max(axis=0)
    cell = np.maximum((high - low).max(), 1e-9) / 0xFFFFFFFF
    code = np.zeros(len(nodes), dtype=np.uint64)
    for axis in (0, 1):
        part = ((xy[nodes, axis] - low[axis]) / cell).astype(np.uint64)
        code |= _spread_bits(part) << np.uint64(axis)
    nodes = nodes[np.argsort(code, kind="stable")]
    place = np.full(len(xy), -1, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    return nodes, place


def _spread_bits(part: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Put a zero between the bits of 32-bit numbers."""
    masks = (
        (16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333), (1, 0x5555555555555555),
    )  # fmt: skip
    for shift, mask in masks:
        part = (part | (part << np.uint64(shift))) & np.uint64(mask)
    return part


def islands(u: IntArray, v: IntArray, length: FloatArray, *, nodes: int) -> IntArray:
    """Label nodes by the island they are on, the longest first."""
    graph = coo_array((np.ones(len(u)), (u, v)), (nodes, nodes))
    count, label = connected_components(graph, directed=False)
    total = np.bincount(label[u], weights=length, minlength=count)
    rank = np.empty(count, dtype=np.int64)
    rank[np.argsort(-total, kind="stable")] = np.arange(count)
    ranked: IntArray = rank[label]
    return ranked


def _island_findings(
    roads: pd.DataFrame, *, road: IntArray, label: IntArray, length: FloatArray
) -> list[dict[str, str]]:
    """Report every island: its first road, and its metres."""
    total = np.bincount(label, weights=length)
    first = np.full(len(total), len(roads))
    np.minimum.at(first, label, road)
    return [
        finding("island", row=roads["road_id"].iloc[first[one]], value=f"{metres:.0f}")
        for one, metres in enumerate(total)
        if one > 0
    ]
