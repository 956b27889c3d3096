"""Where rows are: from coordinates and geometries of any kind to EPSG:4490.

Swapped axes are put right, zone numbers in eastings are understood, a zone
that is nowhere stated is found from evidence or not at all; every such step is
a finding.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from riskmap.census.coordinates import parse_pair
from riskmap.census.datum import change_to_cgcs2000
from riskmap.census.evidence import (
    Evidence,
    Placement,
    expected_box,
    note_rows,
    short_number,
    within_box,
)
from riskmap.census.zones import find_zone, place_metres, zone_of_prefix
from riskmap.crs import CGCS2000

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Evidence", "Placement", "place_geometries", "place_numbers", "read_pairs"]


def place_numbers(east: FloatArray, north: FloatArray, evidence: Evidence) -> Placement:
    """Make points of two columns of numbers, degrees or metres.

    Parameters
    ----------
    east, north
        Longitude or easting, latitude or northing; NaN for unknown.
    evidence
        What is known about the place.

    Returns
    -------
    Placement
        Points in EPSG:4490.
    """
    placed = Placement(np.full(len(east), None, dtype=object))
    lon, lat = np.full(len(east), np.nan), np.full(len(east), np.nan)
    one_missing = np.isnan(east) != np.isnan(north)
    zero = ~one_missing & ((east == 0) | (north == 0))
    note_rows(placed, one_missing, "bad_coordinate", east=east, north=north)
    note_rows(placed, zero, "zero_coordinate", east=east, north=north)
    good = ~(np.isnan(east) | np.isnan(north) | zero)
    metres = good & (np.maximum(np.abs(east), np.abs(north)) > 360)  # noqa: PLR2004
    degrees = good & ~metres
    lon[degrees], lat[degrees] = east[degrees], north[degrees]
    if degrees.any():
        _degrees_by_crs(placed, (lon, lat), degrees, evidence=evidence)
        _right_way_round(placed, lon, lat, evidence=evidence)
    if metres.any():
        place_metres(placed, (east, north), (lon, lat), which=metres, evidence=evidence)
    known = np.isfinite(lon) & np.isfinite(lat)
    placed.geometry[known] = shapely.points(lon[known], lat[known])
    return placed


def _degrees_by_crs(
    placed: Placement,
    lonlat: tuple[FloatArray, FloatArray],
    which: NDArray[np.bool_],
    *,
    evidence: Evidence,
) -> None:
    """Bring degrees of another datum to EPSG:4490, in place."""
    crs = evidence.crs
    if crs is None or not evidence.stated or not crs.is_geographic:
        return
    if crs.to_epsg() in {4326, 4490}:
        return
    lon, lat = lonlat
    moved = change_to_cgcs2000(placed, crs, x=lon[which], y=lat[which])
    lon[which], lat[which] = moved


def _right_way_round(
    placed: Placement,
    lon: FloatArray,
    lat: FloatArray,
    *,
    evidence: Evidence,
) -> None:
    """Swap longitude and latitude where only the swapped place makes sense."""
    box = expected_box(lon, lat, evidence)
    here, there = within_box(lon, lat, box), within_box(lat, lon, box)
    impossible = (np.abs(lat) > 90) | (np.abs(lon) > 180)  # noqa: PLR2004
    fits_swapped = (np.abs(lat) <= 180) & (np.abs(lon) <= 90)  # noqa: PLR2004
    swap = (~here & there) | (impossible & fits_swapped)
    note_rows(placed, swap, "swapped_lonlat", east=lon, north=lat)
    lon[swap], lat[swap] = lat[swap], lon[swap]
    known = np.isfinite(lon) & np.isfinite(lat)
    lost = known & ((np.abs(lat) > 90) | (np.abs(lon) > 180))  # noqa: PLR2004
    note_rows(placed, lost, "bad_coordinate", east=lon, north=lat)
    lon[lost] = lat[lost] = np.nan
    if evidence.bounds is not None:
        away = known & ~lost & ~within_box(lon, lat, box)
        for at in np.flatnonzero(away):
            km = _distance_km(float(lon[at]), float(lat[at]), evidence.bounds)
            words = {
                "value": f"{short_number(lon[at])}, {short_number(lat[at])}",
                "km": round(km),
            }
            placed.issues.append((int(at), "far_away", words))
        lon[away] = lat[away] = np.nan


def _distance_km(lon: float, lat: float, bounds: tuple[float, ...]) -> float:
    """Return the distance of a position to a box, in kilometres."""
    west, south, east, north = bounds
    near = min(max(lon, west), east), min(max(lat, south), north)
    metres = pyproj.Geod(ellps="GRS80").inv(lon, lat, *near)[2]
    return float(metres) / 1000


def place_geometries(
    geometry: NDArray[np.object_], crs: pyproj.CRS | None, evidence: Evidence
) -> Placement:
    """Bring the geometries of a source to EPSG:4490.

    Parameters
    ----------
    geometry
        Shapely geometries; None for unknown.
    crs
        The CRS that the file states; None for none.
    evidence
        What is known about the place; a CRS stated for the source wins.

    Returns
    -------
    Placement
        Two-dimensional geometries.

    Raises
    ------
    CrsError
        If the coordinates cannot be brought to EPSG:4490.
    """
    flat = shapely.force_2d(geometry)
    flat[shapely.is_empty(flat)] = None
    placed = Placement(flat)
    used = evidence.crs if evidence.stated else crs
    if used is None:
        vertices = shapely.get_coordinates(flat)
        if not len(vertices):
            return placed
        used = _unstated(placed, vertices, evidence)
        if used is None:
            placed.geometry = np.full(len(flat), None, dtype=object)
            return placed
    if used not in {CGCS2000, pyproj.CRS.from_epsg(4326)}:
        placed.geometry = _transformed(placed, flat, used)
    _points_right_way_round(placed, evidence)
    return placed


def _transformed(
    placed: Placement, geometry: NDArray[np.object_], crs: pyproj.CRS
) -> NDArray[np.object_]:
    """Transform geometries to EPSG:4490."""
    moved: NDArray[np.object_] = shapely.transform(
        geometry,
        lambda xy: np.column_stack(
            change_to_cgcs2000(placed, crs, x=xy[:, 0], y=xy[:, 1])
        ),
    )
    finite = np.isfinite(shapely.bounds(moved)).all(axis=1)
    moved[~finite] = None
    return moved


def _unstated(
    placed: Placement, vertices: FloatArray, evidence: Evidence
) -> pyproj.CRS | None:
    """Find the CRS of geometries whose file states none."""
    middle = np.nanmedian(vertices, axis=0)
    if (np.abs(middle) <= 180).all():  # noqa: PLR2004
        placed.notes.append(("crs_unstated", {}))
        return CGCS2000
    zone = zone_of_prefix(placed, float(middle[0] // 1e6), evidence)
    if zone is not None:
        return zone
    return find_zone(placed, vertices[:, 0], vertices[:, 1], evidence=evidence)


def _points_right_way_round(placed: Placement, evidence: Evidence) -> None:
    """Swap the axes of points that only make sense swapped."""
    at = np.flatnonzero(shapely.get_type_id(placed.geometry) == 0)
    if not len(at):
        return
    points = placed.geometry[at]
    done = replace(evidence, stated=False)  # what was stated has been undone
    moved = place_numbers(shapely.get_x(points), shapely.get_y(points), done)
    placed.geometry[at] = moved.geometry
    placed.issues += [(int(at[row]), name, words) for row, name, words in moved.issues]


def read_pairs(cells: NDArray[np.object_]) -> tuple[FloatArray, FloatArray, list[int]]:
    """Read a column that holds both coordinates of each row.

    Parameters
    ----------
    cells
        Texts such as ``"121.2, 28.1"``; None for empty.

    Returns
    -------
    tuple of numpy.ndarray
        First and second number, NaN for unknown.
    list of int
        Rows whose text holds no pair.
    """
    pairs = [None if one is None else parse_pair(one) for one in cells]
    bad = [
        at
        for at, one in enumerate(pairs)
        if one is None and cells[at] is not None and str(cells[at]).strip()
    ]
    numbers = np.array([one or (np.nan, np.nan) for one in pairs], dtype=float)
    numbers = numbers.reshape(-1, 2)
    return numbers[:, 0], numbers[:, 1], bad
