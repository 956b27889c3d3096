"""Hazards close roads: exactly the part of each edge that lies in a zone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of
from riskmap.errors import LayerError, NetworkError
from riskmap.routing.ragged import along, split, subset, to_linestrings
from riskmap.routing.water import DEPTH, deeper_than, depth_limit

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.ragged import Lines

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["close_roads", "close_table", "cut_at_zones", "zone_table", "zones_of"]

_IDS = (
    "zone_id", "risk_zone_id", "flood_zone_id", "hazard_point_id", "road_closure_id",
)  # fmt: skip
# Zones that are lines or points (a slide on a road, a bridge out) are this wide.
_HALF_WIDTH_M = 10.0
_LINE_KINDS = (1, 2, 5)


def close_roads(
    network: Network,
    zones: gpd.GeoDataFrame | str | Path,
    *,
    depth_limit_m: float | None = None,
) -> Network:
    """Close the parts of roads that lie in zones.

    Edges are cut exactly at the borders of the zones. The pieces inside stay in
    the network, closed, with their cause, so that people who stand inside can
    walk out. What was closed before stays closed. Bridges and tunnels inside a
    zone are closed as well.

    Parameters
    ----------
    network
        From `build_network`, or already with closures.
    zones
        Polygons in any CRS; points and lines close 10 m around them. Ids come
        from zone_id, risk_zone_id, flood_zone_id, hazard_point_id,
        road_closure_id, else the index; the cause from name, else the id. Or
        the path of a raster of water depths, metres.
    depth_limit_m
        With a raster, or zones that have a column depth_m: deeper water closes a
        road, unknown depth of a zone as well. None takes with a raster the limit
        of the mode (``water.toml``; the cause then says that it is assumed), and
        without one closes in all zones, however deep.

    Returns
    -------
    Network
        A new network; `Network.closures` lists the closed pieces.

    Raises
    ------
    CrsError
        If `zones` has no CRS.
    LayerError
        If `zones` has an invalid geometry that cannot be made valid, or a depth
        that is no number.
    NetworkError
        If a depth limit makes no sense, or a raster does not overlap.
    """
    table = zones_of(network, zones, depth_limit_m=depth_limit_m)
    return close_table(network, table) if len(table) else network.changed()


def zones_of(
    network: Network,
    zones: gpd.GeoDataFrame | str | Path,
    *,
    depth_limit_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Return zones, or the deep parts of water, as `zone_table` gives them."""
    mark = ""
    if isinstance(zones, str | Path):
        if depth_limit_m is None:
            depth_limit_m, mark = depth_limit(network)
        zones = deeper_than(network, zones, depth_limit_m)
    elif depth_limit_m is not None:
        if DEPTH not in zones.columns:
            msg = "depth_limit_m goes with a raster of depths, or zones with depth_m"
            raise NetworkError(msg)
        zones = deeper_than(network, zones, depth_limit_m)
    table = zone_table(zones, network.crs)
    return table.assign(cause=table["cause"] + mark)


def close_table(network: Network, table: gpd.GeoDataFrame) -> Network:
    """Close the pieces that lie in zones of a table from `zone_table`."""
    cut, piece, zone = cut_at_zones(network, table)
    return _with_causes(cut, table, piece=piece, zone=zone)


def cut_at_zones(
    network: Network, table: gpd.GeoDataFrame
) -> tuple[Network, IntArray, IntArray]:
    """Cut edges at the borders of zones; return pairs of piece and zone inside."""
    tree = shapely.STRtree(table.geometry.to_numpy())
    touched, cut_edge, cut_at = _cuts(network, table, tree)
    lines, edge, _ = split(network.lines, cut_edge, cut_at)
    cut = _split_network(network, lines, edge)
    hit = np.zeros(len(network), dtype=bool)
    hit[touched] = True
    pieces = np.flatnonzero(hit[edge])
    return cut, *_inside(cut, pieces, tree)


def zone_table(zones: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return zone_id, cause and a valid polygon for each zone with a place."""
    crs_of(zones)
    name = next((one for one in _IDS if one in zones.columns), None)
    ids = zones.index.to_series() if name is None else zones[name]
    ids = ids.where(ids.notna(), zones.index.to_series()).astype(str)
    cause = zones["name"] if "name" in zones.columns else ids
    cause = cause.where(cause.notna(), ids).astype(str)
    geometry = zones.geometry.to_crs(crs).to_numpy()
    keep = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    geometry = shapely.force_2d(geometry[keep])
    thin = ~np.isin(shapely.get_type_id(geometry), (3, 6, 7))
    geometry[thin] = shapely.buffer(geometry[thin], _HALF_WIDTH_M)
    geometry = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    if shapely.is_empty(geometry).any():
        bad = ids.to_numpy()[keep][shapely.is_empty(geometry)]
        msg = f"{len(bad)} zones have no area: {', '.join(bad[:3])}; mend or drop them"
        raise LayerError(msg)
    return gpd.GeoDataFrame(
        {"zone_id": ids.to_numpy(object)[keep], "cause": cause.to_numpy(object)[keep]},
        geometry=geometry, crs=crs,
    )  # fmt: skip


def _cuts(
    network: Network, table: gpd.GeoDataFrame, tree: shapely.STRtree
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the edges that zones touch, and where their borders cut them."""
    near = _edges_near(network, table)
    lines = to_linestrings(subset(network.lines, near))
    row, zone = tree.query(lines, predicate="intersects")
    geometry = table.geometry.to_numpy()
    shapely.prepare(geometry)
    within = shapely.contains_properly(geometry[zone], lines[row])
    border = shapely.boundary(geometry)
    shared = shapely.intersection(lines[row[~within]], border[zone[~within]])
    parts, pair = shapely.get_parts(shared, return_index=True)
    overlap = np.isin(shapely.get_type_id(parts), _LINE_KINDS)
    tips = np.concatenate([
        parts[~overlap], shapely.get_point(parts[overlap], 0),
        shapely.get_point(parts[overlap], -1),
    ])  # fmt: skip
    pair = np.concatenate([pair[~overlap], pair[overlap], pair[overlap]])
    at = row[~within][pair]
    where = shapely.line_locate_point(lines[at], tips)
    return np.unique(near[row]), near[at], where


def _edges_near(network: Network, table: gpd.GeoDataFrame) -> IntArray:
    """Return the edges whose boxes meet the box of all zones."""
    xy, start = network.vertex_xy, network.vertex_start[:-1]
    low = np.minimum.reduceat(xy, start, axis=0)
    high = np.maximum.reduceat(xy, start, axis=0)
    left, bottom, right, top = table.total_bounds
    meets = (low <= (right, top)).all(axis=1) & (high >= (left, bottom)).all(axis=1)
    return np.flatnonzero(meets)


def _split_network(network: Network, lines: Lines, edge: IntArray) -> Network:
    """Return the network with its edges cut: every value in proportion."""
    length = lines.lengths()
    first = np.r_[True, np.diff(edge) != 0]
    last = np.r_[first[1:], True]
    new = np.flatnonzero(~first)
    number = len(network.node_xy) + np.arange(len(new))
    u, v = network.edge_u[edge], network.edge_v[edge]
    u[new] = number
    v[np.flatnonzero(~last)] = number
    whole = network.edge_length_m[edge]
    share = np.where(first & last, 1.0, length / whole)
    return network.changed(
        node_xy=np.concatenate([network.node_xy, lines.xy[lines.start[new]]]),
        edge_u=u, edge_v=v, edge_length_m=np.where(first & last, whole, length),
        forward_min=network.forward_min[edge] * share,
        backward_min=network.backward_min[edge] * share,
        edge_road=network.edge_road[edge], vertex_start=lines.start,
        vertex_xy=lines.xy, edge_cause=network.edge_cause[edge],
        component=np.r_[
            network.component, network.component[network.edge_u[edge[new]]]
        ],
    )  # fmt: skip


def _inside(
    network: Network, pieces: IntArray, tree: shapely.STRtree
) -> tuple[IntArray, IntArray]:
    """Return pairs of piece and zone: the middle of a piece tells."""
    part = subset(network.lines, pieces)
    middle = along(part, np.arange(len(pieces)), part.lengths() / 2)
    row, zone = tree.query(shapely.points(middle), predicate="intersects")
    return pieces[row], zone


def _with_causes(
    network: Network, table: gpd.GeoDataFrame, *, piece: IntArray, zone: IntArray
) -> Network:
    """Return the network with pieces closed by zones, old causes kept."""
    held: dict[int, set[int]] = {}
    for one, by in zip(piece.tolist(), (zone + len(network.zones)).tolist(),
                       strict=True):  # fmt: skip
        held.setdefault(one, set()).add(by)
    number = {cause: row for row, cause in enumerate(network.causes)}
    cause = network.edge_cause.copy()
    for one, by in held.items():
        before = network.causes[cause[one]] if cause[one] >= 0 else ()
        key = tuple(sorted({*before, *by}))
        cause[one] = number.setdefault(key, len(number))
    zones = pd.concat([network.zones, table], ignore_index=True)
    return network.changed(
        edge_cause=cause, causes=tuple(number),
        zones=gpd.GeoDataFrame(zones, geometry="geometry", crs=network.crs),
    )  # fmt: skip
