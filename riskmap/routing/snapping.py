"""Places on roads: the nearest point on an edge, the mainland before an island."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyproj
import shapely

from riskmap.crs import crs_of
from riskmap.errors import NetworkError
from riskmap.reasons import Reason
from riskmap.routing.near import edges_within, mainland, nearest_edges
from riskmap.routing.ragged import subset, to_linestrings

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

__all__ = ["MAX_DISTANCE_M", "Anchors", "anchor", "snap"]

MAX_DISTANCE_M = 500.0
# An access leg that is this little inside a zone only touches its border.
_TOUCH_M = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Anchors:
    """Where places join the network: a point on an edge, or none and a reason.

    `edge` is -1 where there is none. `standing` lists for each place the rows of
    ``network.zones`` it stands in; only places that may walk out have an edge
    while they stand in one.
    """

    index: pd.Index
    xy: FloatArray
    edge: IntArray
    fraction: FloatArray
    foot: FloatArray
    distance_m: FloatArray
    access_min: FloatArray
    reason: NDArray
    standing: tuple[frozenset[int], ...]

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.edge)


def snap(
    network: Network,
    places: gpd.GeoDataFrame,
    *,
    max_distance_m: float = MAX_DISTANCE_M,
    offroad_kmh: float | None = None,
    leave: bool = False,
) -> pd.DataFrame:
    """Find the nearest point on an open road for every place.

    A place is joined to the mainland where that is in reach, to an island only
    where nothing else is. The access leg must not cross a zone that closes
    roads, unless the place stands in that zone and may walk out of it.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    places
        Any geometry, any CRS; other than points are taken at a point on their
        surface.
    max_distance_m
        No place is joined to a road farther away than this.
    offroad_kmh
        Walking speed on the access leg; None takes the network's.
    leave
        Whether a place that stands in a closing zone may walk out of it.

    Returns
    -------
    pandas.DataFrame
        Indexed as `places`: edge (null where none), fraction of the edge, x and
        y in the CRS of `places`, distance_m, access_min, reason (``ok``,
        ``too_far_from_road``, ``crosses_hazard``, ``insufficient_data``).

    Raises
    ------
    CrsError
        If `places` has no CRS.
    NetworkError
        If a distance or speed is not positive.
    """
    found = anchor(
        network, places, max_distance_m=max_distance_m, offroad_kmh=offroad_kmh,
        leave=leave,
    )  # fmt: skip
    back = pyproj.Transformer.from_crs(network.crs, crs_of(places), always_xy=True)
    x, y = back.transform(found.foot[:, 0], found.foot[:, 1])
    none = found.edge < 0
    return pd.DataFrame(
        {
            "edge": pd.array(np.where(none, 0, found.edge), dtype="Int64"),
            "fraction": found.fraction,
            "x": np.where(none, np.nan, x),
            "y": np.where(none, np.nan, y),
            "distance_m": found.distance_m,
            "access_min": found.access_min,
            "reason": found.reason,
        },
        index=places.index,
    ).assign(edge=lambda frame: frame["edge"].mask(none))


def anchor(
    network: Network,
    places: gpd.GeoDataFrame,
    *,
    max_distance_m: float = MAX_DISTANCE_M,
    offroad_kmh: float | None = None,
    leave: bool = False,
) -> Anchors:
    """Join places to the network; see `snap`."""
    speed = network.offroad_kmh if offroad_kmh is None else offroad_kmh
    if not (max_distance_m > 0 and speed > 0):
        msg = f"max_distance_m {max_distance_m} and offroad_kmh {speed} must be > 0"
        raise NetworkError(msg)
    points = _points(network, places)
    standing = _standing(network, points)
    held = np.array([bool(one) for one in standing], dtype=bool)
    edge = np.full(len(points), -1, dtype=np.int64)
    distance = np.full(len(points), np.nan)
    search = ~shapely.is_missing(points) & (leave | ~held)
    _nearest_open(network, points, search, max_distance_m, edge=edge, out=distance)
    if leave and held.any():
        _nearest_own(network, points, standing, max_distance_m, edge=edge, out=distance)
    crossing = _legs_through_zones(network, points, edge, standing=standing)
    blocked = np.zeros(len(points), dtype=bool)
    for row in np.flatnonzero(crossing):
        edge[row] = _clear_edge(
            network, points[row], standing=standing[row], most=max_distance_m
        )
        blocked[row] = edge[row] < 0
    reason = np.full(len(points), str(Reason.OK), dtype=object)
    reason[edge < 0] = str(Reason.TOO_FAR_FROM_ROAD)
    reason[blocked | (held & (edge < 0))] = str(Reason.CROSSES_HAZARD)
    reason[shapely.is_missing(points)] = str(Reason.INSUFFICIENT_DATA)
    return _anchored(
        network, places.index, points, edge, speed=speed, reason=reason,
        standing=standing,
    )  # fmt: skip


def _anchored(  # noqa: PLR0917
    network: Network, index: pd.Index, points: NDArray, edge: IntArray,
    *, speed: float, reason: NDArray, standing: tuple[frozenset[int], ...],
) -> Anchors:  # fmt: skip
    """Measure where on its edge each place joins, and how far away that is."""
    some = np.flatnonzero(edge >= 0)
    fraction, distance = np.full(len(edge), np.nan), np.full(len(edge), np.nan)
    foot = np.full((len(edge), 2), np.nan)
    if len(some):
        line = to_linestrings(subset(network.lines, edge[some]))
        length = shapely.length(line)
        share = shapely.line_locate_point(line, points[some]) / length
        fraction[some] = np.clip(share, 0.0, 1.0)
        foot[some] = network.points(edge[some], fraction[some])
        distance[some] = shapely.distance(line, points[some])
    return Anchors(
        index, shapely.get_coordinates(_filled(points)), edge, fraction, foot,
        distance, distance / (speed * 1000 / 60), reason, standing,
    )  # fmt: skip


def _filled(points: NDArray) -> NDArray:
    """Put a point without position where there is none."""
    filled = points.copy()
    filled[shapely.is_missing(points)] = shapely.Point(np.nan, np.nan)
    return filled


def _points(network: Network, places: gpd.GeoDataFrame) -> NDArray:
    """Return one point a place in the CRS of the network, None where unknown."""
    crs_of(places)
    points = np.array(places.geometry.to_crs(network.crs), dtype=object)
    other = shapely.get_type_id(points) > 0
    points[other] = shapely.point_on_surface(points[other])
    points = np.array(shapely.force_2d(points), dtype=object)
    finite = np.isfinite(shapely.get_x(points)) & np.isfinite(shapely.get_y(points))
    points[~finite] = None
    return points


def zone_tree(network: Network) -> shapely.STRtree:
    """Return a tree of the zones that close roads."""
    if "zones" not in network.memo:
        geometry = network.zones.geometry.to_numpy()
        shapely.prepare(geometry)
        network.memo["zones"] = shapely.STRtree(geometry)
    tree: shapely.STRtree = network.memo["zones"]
    return tree


def _standing(network: Network, points: NDArray) -> tuple[frozenset[int], ...]:
    """Return the zones each point stands in."""
    nowhere: frozenset[int] = frozenset()
    held = [nowhere] * len(points)
    place, zone = zone_tree(network).query(points, predicate="intersects")
    for one in np.unique(place):
        held[one] = frozenset(int(each) for each in zone[place == one])
    return tuple(held)


def _nearest_open(  # noqa: PLR0917
    network: Network, points: NDArray, search: BoolArray, most: float,
    *, edge: IntArray, out: FloatArray,
) -> None:  # fmt: skip
    """Fill in the nearest open edge, on the mainland before an island."""
    for kind in ("main", "island"):
        left = np.flatnonzero(search & (edge < 0))
        place, found, distance = nearest_edges(network, kind, points[left], most=most)
        edge[left[place]] = found
        out[left[place]] = distance


def _nearest_own(  # noqa: PLR0917
    network: Network, points: NDArray, standing: tuple[frozenset[int], ...],
    most: float, *, edge: IntArray, out: FloatArray,
) -> None:  # fmt: skip
    """Prefer a nearer piece that only the place's own zones close."""
    held = np.flatnonzero([bool(one) for one in standing])
    place, found = edges_within(network, "closed", points[held], most=most)
    if not len(place):
        return
    place = held[place]
    own = np.array(
        [standing[p].issuperset(network.causes[c]) for p, c in
         zip(place, network.edge_cause[found], strict=True)], dtype=bool,
    )  # fmt: skip
    place, found = place[own], found[own]
    lines = to_linestrings(subset(network.lines, found))
    distance = shapely.distance(lines, points[place])
    main = mainland(network)
    for one in np.lexsort((distance, ~main[found])):
        row = place[one]
        now = (main[edge[row]], -out[row]) if edge[row] >= 0 else (False, -np.inf)
        if (main[found[one]], -distance[one]) > now:
            edge[row], out[row] = found[one], distance[one]


def _legs_through_zones(
    network: Network,
    points: NDArray,
    edge: IntArray,
    *,
    standing: tuple[frozenset[int], ...],
) -> BoolArray:
    """Tell whose access leg crosses a zone that it does not stand in."""
    through = np.zeros(len(edge), dtype=bool)
    some = np.flatnonzero(edge >= 0)
    if not (len(some) and len(network.zones)):
        return through
    lines = to_linestrings(subset(network.lines, edge[some]))
    legs = shapely.shortest_line(points[some], lines)
    leg, zone = zone_tree(network).query(legs, predicate="intersects")
    strange = np.array(
        [int(z) not in standing[some[i]] for i, z in zip(leg, zone, strict=True)],
        dtype=bool,
    )
    leg, zone = leg[strange], zone[strange]
    geometry = network.zones.geometry.to_numpy()[zone]
    inside = shapely.length(shapely.intersection(legs[leg], geometry)) > _TOUCH_M
    through[some[leg[inside]]] = True
    return through


def _clear_edge(
    network: Network, point: shapely.Point, *, standing: frozenset[int], most: float
) -> int:
    """Return the nearest edge that a place reaches without crossing a zone; or -1."""
    for kind in ("main", "island", "closed") if standing else ("main", "island"):
        place = np.array([point], dtype=object)
        _, found = edges_within(network, kind, place, most=most)
        if kind == "closed":
            cause = network.edge_cause[found]
            own = [standing.issuperset(network.causes[one]) for one in cause]
            found = found[np.array(own, dtype=bool)]
        if not len(found):
            continue
        lines = to_linestrings(subset(network.lines, found))
        nearest = np.argsort(shapely.distance(lines, point), kind="stable")
        points = np.full(len(found), point, dtype=object)
        crossing = _legs_through_zones(
            network, points, found, standing=(standing,) * len(found)
        )
        clear = nearest[~crossing[nearest]]
        if len(clear):
            return int(found[clear[0]])
    return -1
