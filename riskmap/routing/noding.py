"""Noding: where roads meet, and the pieces of road between."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from riskmap.routing.findings import finding
from riskmap.routing.ragged import Lines, lines_of, ranges, split, to_linestrings
from riskmap.routing.roads import NODE_IDS

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

__all__ = ["Pieces", "cluster", "node_roads"]

# A dead end this near to another road, in tolerances, is likely an undershoot.
_NEAR_MISS = 10.0


class Pieces(NamedTuple):
    """Pieces of road between nodes, and the row of the road each came from."""

    lines: Lines
    u: IntArray
    v: IntArray
    node_xy: FloatArray
    road: IntArray


def node_roads(
    roads: gpd.GeoDataFrame, *, tolerance_m: float
) -> tuple[Pieces, list[dict[str, str]]]:
    """Cut roads where they meet: at shared nodes if they have ids, else in space."""
    lines = lines_of(roads.geometry.to_numpy())
    ids = _flat_ids(roads, lines)
    if ids is not None:
        pieces = _by_ids(lines, ids)
    else:
        pieces = _in_space(lines, roads["level"].to_numpy(), tolerance_m)
    findings = _duplicates(roads, pieces)
    if ids is None and tolerance_m > 0:
        findings += _near_misses(roads, pieces, tolerance_m)
    return pieces, findings


def cluster(xy: FloatArray, tolerance_m: float) -> tuple[IntArray, FloatArray]:
    """Put points within a tolerance together: label of each, and a point a label."""
    unique, first, label = np.unique(xy, axis=0, return_index=True, return_inverse=True)
    label = label.ravel()
    if tolerance_m > 0 and len(unique) > 1:
        pairs = KDTree(unique).query_pairs(tolerance_m, output_type="ndarray")
        if len(pairs):
            size = (len(unique), len(unique))
            graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), size)
            count, group = connected_components(graph, directed=False)
            order = np.argsort(first, kind="stable")[::-1]
            chosen = np.empty(count, dtype=np.int64)
            chosen[group[order]] = order  # the first to appear is written last
            return group[label].astype(np.int64), unique[chosen]
    return label.astype(np.int64), unique


def _flat_ids(roads: gpd.GeoDataFrame, lines: Lines) -> IntArray | None:
    """Return the node id of every vertex, or None where they do not fit."""
    if NODE_IDS not in roads.columns:
        return None
    ids = roads[NODE_IDS].to_list()
    sizes = [len(one) if one is not None else -1 for one in ids]
    if not np.array_equal(sizes, np.diff(lines.start)):
        return None
    return np.concatenate(ids).astype(np.int64)


def _by_ids(lines: Lines, ids: IntArray) -> Pieces:
    """Cut at ends and at nodes that occur more than once."""
    _, first, inverse, count = np.unique(
        _one_id_a_point(lines, ids),
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    is_node = count[inverse] > 1
    is_node[lines.start[:-1]] = True
    is_node[lines.start[1:] - 1] = True
    at = np.flatnonzero(is_node)
    row = lines.rows()[at]
    begin = np.flatnonzero(row[:-1] == row[1:])
    size = at[begin + 1] - at[begin] + 1
    xy = lines.xy[ranges(at[begin], size)]
    used, number = np.unique(inverse[at], return_inverse=True)
    pieces = Pieces(
        Lines(np.r_[0, np.cumsum(size)].astype(np.int64), xy),
        number[begin], number[begin + 1], lines.xy[first[used]], row[begin],
    )  # fmt: skip
    return _without_points(pieces, 0.0)


def _one_id_a_point(lines: Lines, ids: IntArray) -> IntArray:
    """Give vertices that follow each other at one point the same id."""
    still = lines.steps() == 0
    still[lines.start[:-1]] = False
    again = np.flatnonzero(still)
    if not len(again):
        return ids
    known, number = np.unique(ids, return_inverse=True)
    same = (np.ones(len(again)), (number[again - 1], number[again]))
    graph = coo_array(same, (len(known), len(known)))
    return np.asarray(connected_components(graph, directed=False)[1][number])


def _in_space(lines: Lines, level: IntArray, tolerance_m: float) -> Pieces:
    """Cut where lines meet or cross on one level, and join ends that are near."""
    ends = np.column_stack([lines.start[:-1], lines.start[1:] - 1])
    label, point = cluster(lines.xy[ends.ravel()], tolerance_m)
    xy = lines.xy.copy()
    xy[ends.ravel()] = point[label]
    lines = Lines(lines.start, xy)
    geometry = to_linestrings(lines)
    tree = shapely.STRtree(geometry)
    touching = _touches(tree, geometry, point, label.reshape(-1, 2), level, tolerance_m)
    crossing = _crossings(tree, geometry, level)
    row, where, at = (
        np.concatenate(part) for part in zip(touching, crossing, strict=True)
    )
    pieces, road, _ = split(lines, row, where, xy=at)
    tip = np.column_stack([pieces.start[:-1], pieces.start[1:] - 1])
    node, node_xy = cluster(pieces.xy[tip.ravel()], tolerance_m)
    xy = pieces.xy.copy()
    xy[tip.ravel()] = node_xy[node]
    u, v = node.reshape(-1, 2).T
    made = Pieces(Lines(pieces.start, xy), u, v, node_xy, road)
    return _without_points(made, 2 * tolerance_m)


def _touches(  # noqa: PLR0917
    tree: shapely.STRtree, geometry: NDArray, point: FloatArray, label: IntArray,
    level: IntArray, tolerance_m: float,
) -> tuple[IntArray, FloatArray, FloatArray]:  # fmt: skip
    """Return the cuts where an end lies on the inside of a line of its level."""
    places = shapely.points(point)
    end, line = tree.query(places, predicate="dwithin", distance=tolerance_m)
    own = (label[line] == end[:, None]).any(axis=1)
    levels = {(int(one), int(at)) for ends, at in zip(label, level, strict=True)
              for one in ends}  # fmt: skip
    same = np.array(
        [(int(e), int(level[row])) in levels for e, row in zip(end, line, strict=True)],
        dtype=bool,
    )
    end, line = end[~own & same], line[~own & same]
    where = np.asarray(
        shapely.line_locate_point(geometry[line], np.asarray(places)[end])
    )
    return line, where, point[end]


def _crossings(
    tree: shapely.STRtree, geometry: NDArray, level: IntArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the cuts where two lines of one level cross or overlap."""
    one, other = tree.query(geometry, predicate="intersects")
    keep = (one < other) & (level[one] == level[other])
    one, other = one[keep], other[keep]
    shared = shapely.intersection(geometry[one], geometry[other])
    parts, pair = shapely.get_parts(shared, return_index=True)
    kind = shapely.get_type_id(parts)
    overlap = kind == 1
    tips = np.concatenate([
        parts[kind == 0], shapely.get_point(parts[overlap], 0),
        shapely.get_point(parts[overlap], -1),
    ])  # fmt: skip
    pair = np.concatenate([pair[kind == 0], pair[overlap], pair[overlap]])
    row = np.concatenate([one[pair], other[pair]])
    tips = np.concatenate([tips, tips])
    where = np.asarray(shapely.line_locate_point(geometry[row], tips))
    return row, where, shapely.get_coordinates(tips)


def _without_points(pieces: Pieces, shortest: float) -> Pieces:
    """Drop pieces that begin and end at one node within a tolerance."""
    length = pieces.lines.lengths()
    keep = np.flatnonzero((length > 0) & ((pieces.u != pieces.v) | (length > shortest)))
    count = np.diff(pieces.lines.start)[keep]
    xy = pieces.lines.xy[ranges(pieces.lines.start[keep], count)]
    lines = Lines(np.r_[0, np.cumsum(count)].astype(np.int64), xy)
    return Pieces(
        lines, pieces.u[keep], pieces.v[keep], pieces.node_xy, pieces.road[keep]
    )


def _duplicates(roads: gpd.GeoDataFrame, pieces: Pieces) -> list[dict[str, str]]:
    """Report pieces that run between the same nodes along the same line."""
    low, high = np.minimum(pieces.u, pieces.v), np.maximum(pieces.u, pieces.v)
    middle = np.add.reduceat(pieces.lines.xy, pieces.lines.start[:-1], axis=0)
    middle /= np.diff(pieces.lines.start)[:, None]
    key = np.column_stack([low, high, np.round(pieces.lines.lengths(), 1)])
    key = np.column_stack([key, np.round(middle, 1)])
    _, first, inverse = np.unique(key, axis=0, return_index=True, return_inverse=True)
    again = first[inverse.ravel()] != np.arange(len(key))
    rows = np.unique(pieces.road[again])
    return [finding("duplicate", row=one) for one in roads["road_id"].iloc[rows]]


def _near_misses(
    roads: gpd.GeoDataFrame, pieces: Pieces, tolerance_m: float
) -> list[dict[str, str]]:
    """Report dead ends that nearly touch another road of their level."""
    nodes = np.r_[pieces.u, pieces.v]
    degree = np.bincount(nodes, minlength=len(pieces.node_xy))
    loose = np.flatnonzero(degree[nodes] == 1)
    piece = loose % len(pieces.u)
    geometry = to_linestrings(pieces.lines)
    level = roads["level"].to_numpy()[pieces.road]
    points = shapely.points(pieces.node_xy[nodes[loose]])
    end, other = shapely.STRtree(geometry).query(
        points, predicate="dwithin", distance=_NEAR_MISS * tolerance_m
    )
    touching = (pieces.u[other] == nodes[loose][end]) | (
        pieces.v[other] == nodes[loose][end]
    )
    kin = np.isin(
        np.column_stack([pieces.u[other], pieces.v[other]]),
        np.column_stack([pieces.u[piece[end]], pieces.v[piece[end]]]),
    )
    near = ~touching & ~kin.any(axis=1) & (level[other] == level[piece[end]])
    gap = shapely.distance(points[end[near]], geometry[other[near]])
    road = roads["road_id"].to_numpy()[pieces.road[piece[end[near]]]]
    best: dict[str, float] = {}
    for one, metres in zip(road, gap, strict=True):
        best[one] = min(metres, best.get(one, np.inf))
    return [
        finding("dangle", row=one, value=f"{metres:.1f}")
        for one, metres in best.items()
    ]
