"""Coordinate reference systems: metres, Gauss-Krueger zones, GCJ-02 and BD-09.

Longitude comes first everywhere. Lengths and areas are measured in a projected
CRS whose scale is true to 0.03 % or better, never in degrees or EPSG:3857.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from riskmap.errors import CrsError

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    LonLat = tuple[FloatArray, FloatArray]
    Shift = Callable[[FloatArray, FloatArray], LonLat]

__all__ = [
    "CGCS2000",
    "bd09_to_gcj02_lonlat",
    "bd09_to_wgs84",
    "crs_of",
    "gauss_krueger_crs",
    "gcj02_to_bd09_lonlat",
    "gcj02_to_wgs84",
    "gcj02_to_wgs84_lonlat",
    "metric_crs",
    "same_crs",
    "to_metric",
    "wgs84_to_gcj02",
    "wgs84_to_gcj02_lonlat",
]

CGCS2000 = pyproj.CRS.from_epsg(4490)

# The ellipsoid of the published GCJ-02 formula (Krassovsky 1940); domain.md 8.2.
_GCJ_AXIS_M = 6378245.0
_GCJ_ECCENTRICITY2 = 0.00669342162296594323
_BD09_TURN = np.pi * 3000.0 / 180.0

# 3-degree Gauss-Krueger by central meridian, CGCS2000: EPSG:4534 (75 E) to
# EPSG:4554 (135 E); read in the PROJ database.
_GK_FIRST_ZONE, _GK_LAST_ZONE, _GK_FIRST_EPSG = 25, 45, 4534


def crs_of(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> pyproj.CRS:
    """Return the CRS of a frame, or refuse to go on without one.

    Parameters
    ----------
    frame
        Any geometry, any CRS.

    Returns
    -------
    pyproj.CRS
        The CRS that `frame` declares.

    Raises
    ------
    CrsError
        If the frame declares none.
    """
    if frame.crs is None:
        msg = (
            f"{len(frame)} rows have no CRS; say which one they are in, "
            'for example frame.set_crs("EPSG:4490")'
        )
        raise CrsError(msg)
    return frame.crs


def same_crs(
    first: gpd.GeoDataFrame | gpd.GeoSeries, second: gpd.GeoDataFrame | gpd.GeoSeries
) -> pyproj.CRS:
    """Return the CRS that two frames share.

    Parameters
    ----------
    first, second
        Any geometry, any CRS.

    Returns
    -------
    pyproj.CRS
        The common CRS.

    Raises
    ------
    CrsError
        If either has none, or they differ.
    """
    one, other = crs_of(first), crs_of(second)
    if one != other:
        msg = (
            f"two frames are in different CRS, {one.to_string()} and "
            f"{other.to_string()}; bring them together with frame.to_crs(...)"
        )
        raise CrsError(msg)
    return one


def gauss_krueger_crs(lon: float) -> pyproj.CRS:
    """Return the 3-degree Gauss-Krueger CRS (CGCS2000) for a longitude.

    Parameters
    ----------
    lon
        Degrees east, between 73.5 and 136.5.

    Returns
    -------
    pyproj.CRS
        One of EPSG:4534 to EPSG:4554: eastings without zone number, metres.

    Raises
    ------
    CrsError
        If no zone holds this longitude.

    Examples
    --------
    >>> gauss_krueger_crs(121.2).to_epsg()
    4549
    """
    zone = round(lon / 3.0)
    if not _GK_FIRST_ZONE <= zone <= _GK_LAST_ZONE:
        msg = f"no Gauss-Krueger zone of CGCS2000 holds longitude {lon:.3f}"
        raise CrsError(msg)
    return pyproj.CRS.from_epsg(_GK_FIRST_EPSG + zone - _GK_FIRST_ZONE)


def metric_crs(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> pyproj.CRS:
    """Choose the projected CRS, in metres, to measure a frame in.

    A frame that is already in metres (EPSG:3857 apart) keeps its CRS. Else the
    3-degree Gauss-Krueger zone of CGCS2000 that holds its middle, or, outside
    the zones, the UTM zone.

    Parameters
    ----------
    frame
        Any geometry, any CRS.

    Returns
    -------
    pyproj.CRS
        A projected CRS with metres as its unit.

    Raises
    ------
    CrsError
        If the frame has no CRS, or not one geometry with a finite position.
    """
    crs = crs_of(frame)
    if _is_metric(crs):
        return crs
    bounds = np.asarray(frame.to_crs(4326).total_bounds, dtype=float)
    if not np.isfinite(bounds).all():
        msg = f"{len(frame)} rows hold no geometry with a finite position"
        raise CrsError(msg)
    lon, lat = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    try:
        return gauss_krueger_crs(float(lon))
    except CrsError:
        zone = int((lon + 180.0) // 6.0) % 60 + 1
        return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def _is_metric(crs: pyproj.CRS) -> bool:
    """Tell whether lengths may be measured in this CRS as they are."""
    units = {axis.unit_name for axis in crs.axis_info}
    return crs.is_projected and units == {"metre"} and crs.to_epsg() != 3857  # noqa: PLR2004


def to_metric(
    frame: gpd.GeoDataFrame, *, crs: pyproj.CRS | str | int | None = None
) -> gpd.GeoDataFrame:
    """Bring a frame into metres.

    Parameters
    ----------
    frame
        Any geometry, any CRS; index and columns are kept.
    crs
        The projected CRS to use; None chooses one by `metric_crs`.

    Returns
    -------
    geopandas.GeoDataFrame
        A copy in a projected CRS with metres as its unit.

    Raises
    ------
    CrsError
        If the frame has no CRS, or `crs` does not measure in metres.
    """
    target = metric_crs(frame) if crs is None else pyproj.CRS.from_user_input(crs)
    if not _is_metric(target):
        msg = f"{target.to_string()} does not measure true metres; use a projected CRS"
        raise CrsError(msg)
    crs_of(frame)
    return frame.to_crs(target)


def wgs84_to_gcj02_lonlat(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Shift true coordinates as Chinese web maps do (WGS 84 to GCJ-02).

    Parameters
    ----------
    lon, lat
        Degrees, WGS 84 or CGCS2000; NaN stays NaN.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in GCJ-02, degrees.

    Notes
    -----
    The widely published, unofficial formula; domain.md 8.2. It is applied
    everywhere, without the usual rough test for China, so that it has an
    inverse everywhere.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = 20.0 * (np.sin(6.0 * x * np.pi) + np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * (
        2.0 / 3.0
    )
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * (
        2.0 / 3.0
    )
    phi = np.radians(lat)
    magic = 1.0 - _GCJ_ECCENTRICITY2 * np.sin(phi) ** 2
    meridian_m = _GCJ_AXIS_M * (1.0 - _GCJ_ECCENTRICITY2) / (magic * np.sqrt(magic))
    parallel_m = _GCJ_AXIS_M / np.sqrt(magic) * np.cos(phi)
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def gcj02_to_wgs84_lonlat(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Undo the shift of Chinese web maps (GCJ-02 to WGS 84), exactly.

    Parameters
    ----------
    lon, lat
        Degrees, GCJ-02; NaN stays NaN.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in WGS 84, degrees; forward and back again
        closes within a micrometre.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    true_lon, true_lat = lon, lat
    for _ in range(8):  # contracts about a thousandfold a step; 4 would do
        shifted_lon, shifted_lat = wgs84_to_gcj02_lonlat(true_lon, true_lat)
        true_lon = true_lon + lon - shifted_lon
        true_lat = true_lat + lat - shifted_lat
    return true_lon, true_lat


def gcj02_to_bd09_lonlat(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Shift GCJ-02 coordinates to BD-09 (Baidu).

    Parameters
    ----------
    lon, lat
        Degrees, GCJ-02; NaN stays NaN.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in BD-09, degrees.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD09_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD09_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02_lonlat(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Undo the shift of Baidu (BD-09 to GCJ-02), exactly.

    Parameters
    ----------
    lon, lat
        Degrees, BD-09; NaN stays NaN.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in GCJ-02, degrees.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(12):
        shifted_lon, shifted_lat = gcj02_to_bd09_lonlat(guess_lon, guess_lat)
        guess_lon = guess_lon + lon - shifted_lon
        guess_lat = guess_lat + lat - shifted_lat
    return guess_lon, guess_lat


def _bd09_to_wgs84_lonlat(lon: FloatArray, lat: FloatArray) -> LonLat:
    """Undo both shifts of Baidu."""
    return gcj02_to_wgs84_lonlat(*bd09_to_gcj02_lonlat(lon, lat))


def _shifted(frame: gpd.GeoDataFrame, shift: Shift) -> gpd.GeoDataFrame:
    """Apply a shift of longitude and latitude to every vertex of a frame."""

    def move(lonlat: FloatArray) -> FloatArray:
        moved = lonlat.copy()
        moved[:, 0], moved[:, 1] = shift(lonlat[:, 0], lonlat[:, 1])
        return moved

    crs = crs_of(frame)
    if not crs.is_geographic:
        msg = f"{crs.to_string()} is projected; give longitudes and latitudes"
        raise CrsError(msg)
    return frame.set_geometry(shapely.transform(frame.geometry, move), crs=crs)


def gcj02_to_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Undo the shift of Chinese web maps in a frame of a planner's own data.

    Parameters
    ----------
    frame
        Any geometry whose vertices are GCJ-02 longitudes and latitudes, under
        the label of a geographic CRS (EPSG:4326 or EPSG:4490).

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows with true coordinates, in the same CRS.

    Raises
    ------
    CrsError
        If the frame has no CRS, or a projected one.

    Notes
    -----
    The law restricts publishing recovered positions of sensitive places: use
    it for data of your own, and record that you did (domain.md 8.2).
    """
    return _shifted(frame, gcj02_to_wgs84_lonlat)


def bd09_to_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Undo the shifts of Baidu's maps in a frame of a planner's own data.

    Parameters
    ----------
    frame
        Any geometry whose vertices are BD-09 longitudes and latitudes, under
        the label of a geographic CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows with true coordinates, in the same CRS.

    Raises
    ------
    CrsError
        If the frame has no CRS, or a projected one.
    """
    return _shifted(frame, _bd09_to_wgs84_lonlat)


def wgs84_to_gcj02(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Shift a frame as Chinese web maps do, for navigation links and the like.

    Parameters
    ----------
    frame
        Any geometry in a geographic CRS, true coordinates.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows in GCJ-02, under the same CRS label: do not mix them with
        true data.

    Raises
    ------
    CrsError
        If the frame has no CRS, or a projected one.
    """
    return _shifted(frame, wgs84_to_gcj02_lonlat)
