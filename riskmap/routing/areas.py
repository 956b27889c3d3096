"""Service areas as land: polygons that do not overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from riskmap.crs import crs_of
from riskmap.errors import NetworkError
from riskmap.routing.ragged import along, lines_of, ranges
from riskmap.routing.service import service_areas
from riskmap.routing.snapping import MAX_DISTANCE_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.sides import Direction

__all__ = ["service_polygons"]

# Corners of cells lie on a grid as fine as this, which keeps their union sound.
_GRID_M = 1e-4


def service_polygons(
    network: Network,
    facilities: gpd.GeoDataFrame,
    *,
    direction: Direction,
    limit_min: float | None = None,
    delay_min: float | str | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
    width_m: float = 200.0,
    step_m: float = 20.0,
) -> gpd.GeoDataFrame:
    """Share out the land along roads: each spot goes with the nearest piece of road.

    The polygons do not overlap. They are for drawing: `service_areas` is exact on
    the roads; the borders between facilities here are within a step of it.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`; land in zones belongs to nobody.
    facilities
        Any geometry, any CRS.
    direction, limit_min, delay_min, max_distance_m
        As of `service_areas`.
    width_m
        Land farther than this from a reached road belongs to nobody.
    step_m
        Roads are taken as points this far apart.

    Returns
    -------
    geopandas.GeoDataFrame
        facility (label), road_m (metres of road), geometry (Polygon or
        MultiPolygon), in the CRS of `facilities`; no row for a facility that is
        first nowhere.

    Raises
    ------
    CrsError
        If `facilities` has no CRS.
    LayerError
        If `delay_min` names no column, or facilities' labels are not unique.
    NetworkError
        If a width, a step, the direction, the limit or a delay makes no sense.
    """
    if not (0 < width_m < np.inf and 0 < step_m < np.inf):
        msg = f"width_m {width_m} and step_m {step_m} must be above 0 and finite"
        raise NetworkError(msg)
    pieces = service_areas(
        network, facilities, direction=direction, limit_min=limit_min,
        delay_min=delay_min, max_distance_m=max_distance_m,
    ).to_crs(network.crs)  # fmt: skip
    road_m = pieces.length.groupby(pieces["facility"], sort=False).sum()
    road_m = road_m.reindex(facilities.index.intersection(road_m.index))
    land = _land(pieces, width_m=width_m, step_m=step_m)
    if len(network.zones):
        land = shapely.difference(land, network.zones.geometry.union_all())
    shares = [_polygon(land[pieces["facility"] == one]) for one in road_m.index]
    frame = gpd.GeoDataFrame(
        {"facility": road_m.index, "road_m": road_m.to_numpy()},
        geometry=gpd.GeoSeries(shares, crs=network.crs),
    )
    return frame.to_crs(crs_of(facilities))


def _land(pieces: gpd.GeoDataFrame, *, width_m: float, step_m: float) -> NDArray:
    """Return for each piece the land that is nearer to it than to the others."""
    land = shapely.buffer(pieces.geometry.to_numpy(), width_m)
    xy, row = _points(pieces.geometry.to_numpy(), step_m)
    if len(xy) < 2:  # noqa: PLR2004 - one point has no neighbour
        return np.asarray(land)
    around = shapely.buffer(shapely.box(*pieces.total_bounds), width_m)
    made = shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=around)
    cells = shapely.get_parts(made)
    cell, spot = shapely.STRtree(np.asarray(shapely.points(xy))).query(
        cells, predicate="contains"
    )
    cells, row = cells[cell], row[spot]
    order = np.argsort(row, kind="stable")
    first = np.searchsorted(row[order], np.arange(len(pieces) + 1))
    own = [
        shapely.union_all(cells[order[first[one] : first[one + 1]]], grid_size=_GRID_M)
        for one in range(len(pieces))
    ]
    return np.asarray(shapely.intersection(land, own))


def _points(lines: NDArray, step_m: float) -> tuple[NDArray, NDArray]:
    """Return points along lines, a step apart and half a step from the ends."""
    ragged = lines_of(lines)
    length = ragged.lengths()
    count = np.maximum(np.ceil(length / step_m), 1).astype(np.int64)
    row = np.repeat(np.arange(len(count)), count)
    number = ranges(np.zeros(len(count), dtype=np.int64), count)
    xy = along(ragged, row, (number + 0.5) * (length / count)[row])
    # Where two roads lie on one another the first keeps the point.
    rounded, kept = np.unique(np.round(xy, 1), axis=0, return_index=True)
    return rounded, row[kept]


def _polygon(parts: NDArray) -> shapely.Geometry:
    """Join the land of some pieces, without the lines and points of touching ones."""
    every = shapely.get_parts(shapely.union_all(parts))
    return shapely.union_all(every[shapely.get_dimensions(every) == 2])  # noqa: PLR2004
