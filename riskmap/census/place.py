"""Where rows are: from coordinates and geometries of any kind to EPSG:4490.

Swapped axes are put right, zone numbers in eastings are understood, a zone
that is nowhere stated is found from evidence or not at all; every such step is
a finding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from riskmap.census.coordinates import parse_pair
from riskmap.crs import CGCS2000
from riskmap.errors import CrsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["Evidence", "Placement", "place_geometries", "place_numbers", "read_pairs"]

_CHINA = (73.0, 3.0, 136.0, 54.0)
_WORLD = (-180.0, -90.0, 180.0, 90.0)
_FAR_DEG = 1.0
_LEAST_POINTS = 5
_NORTHINGS = (1.0e6, 6.1e6)
_ZONES = (25, 45)
_WIDE_ZONES = (13, 23)
_LEAST_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is already known about where a county lies.

    Attributes
    ----------
    bounds
        West, south, east, north in degrees, of the villages; None if unknown.
    crs
        The CRS that the source or its project states; None for neither.
    stated
        Whether `crs` was stated for this very source.
    """

    bounds: tuple[float, float, float, float] | None = None
    crs: pyproj.CRS | None = None
    stated: bool = False


@dataclass(slots=True)
class Placement:
    """Positions in EPSG:4490 and what there is to say about them.

    Attributes
    ----------
    geometry
        One a row, None where the place is unknown.
    issues
        (row, rule, words) for single rows.
    notes
        (rule, words) for the whole source.
    """

    geometry: NDArray[np.object_]
    issues: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


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
    _note(placed, one_missing, "bad_coordinate", east=east, north=north)
    _note(placed, zero, "zero_coordinate", east=east, north=north)
    good = ~(np.isnan(east) | np.isnan(north) | zero)
    metres = good & (np.maximum(np.abs(east), np.abs(north)) > 360)  # noqa: PLR2004
    degrees = good & ~metres
    lon[degrees], lat[degrees] = east[degrees], north[degrees]
    if degrees.any():
        _degrees_by_crs(lon, lat, degrees, evidence=evidence)
        _right_way_round(placed, lon, lat, evidence=evidence)
    if metres.any():
        _metres(placed, (east, north), (lon, lat), which=metres, evidence=evidence)
    known = np.isfinite(lon) & np.isfinite(lat)
    placed.geometry[known] = shapely.points(lon[known], lat[known])
    return placed


def _note(
    placed: Placement,
    which: NDArray[np.bool_],
    name: str,
    *,
    east: Any,  # noqa: ANN401
    north: Any,  # noqa: ANN401
) -> None:
    """Note a finding for each of some rows, with their coordinates."""
    for at in np.flatnonzero(which):
        value = f"{_short(east[at])}, {_short(north[at])}"
        placed.issues.append((int(at), name, {"value": value}))


def _short(number: float) -> str:
    """Return a coordinate without needless digits."""
    return "" if np.isnan(number) else f"{number:.6f}".rstrip("0").rstrip(".")


def _degrees_by_crs(
    lon: FloatArray,
    lat: FloatArray,
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
    change = pyproj.Transformer.from_crs(crs, CGCS2000, always_xy=True)
    lon[which], lat[which] = change.transform(lon[which], lat[which])


def _box(lon: FloatArray, lat: FloatArray, evidence: Evidence) -> tuple[float, ...]:
    """Return where positions are to be expected: west, south, east, north."""
    if evidence.bounds is not None:
        west, south, east, north = evidence.bounds
        return west - _FAR_DEG, south - _FAR_DEG, east + _FAR_DEG, north + _FAR_DEG
    if not np.isfinite(lon).any():
        return _WORLD
    middle = [np.nanmedian(lon), np.nanmedian(lat)]
    if _inside(np.array(middle[1]), np.array(middle[0]), _CHINA):
        return _CHINA
    if np.isfinite(lon).sum() < _LEAST_POINTS:
        return _WORLD
    spread = [
        np.nanmedian(np.abs(one - at))
        for one, at in zip((lon, lat), middle, strict=True)
    ]
    reach = [max(3 * _FAR_DEG, 20 * one) for one in spread]
    return (
        *(middle[0] - reach[0], middle[1] - reach[1]),
        *(middle[0] + reach[0], middle[1] + reach[1]),
    )


def _inside(lon: FloatArray, lat: FloatArray, box: tuple[float, ...]) -> Any:  # noqa: ANN401
    """Tell which positions lie in a box."""
    west, south, east, north = box
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _right_way_round(
    placed: Placement,
    lon: FloatArray,
    lat: FloatArray,
    *,
    evidence: Evidence,
) -> None:
    """Swap longitude and latitude where only the swapped place makes sense."""
    box = _box(lon, lat, evidence)
    here, there = _inside(lon, lat, box), _inside(lat, lon, box)
    impossible = (np.abs(lat) > 90) | (np.abs(lon) > 180)  # noqa: PLR2004
    fits_swapped = (np.abs(lat) <= 180) & (np.abs(lon) <= 90)  # noqa: PLR2004
    swap = (~here & there) | (impossible & fits_swapped)
    _note(placed, swap, "swapped_lonlat", east=lon, north=lat)
    lon[swap], lat[swap] = lat[swap], lon[swap]
    known = np.isfinite(lon) & np.isfinite(lat)
    lost = known & ((np.abs(lat) > 90) | (np.abs(lon) > 180))  # noqa: PLR2004
    _note(placed, lost, "bad_coordinate", east=lon, north=lat)
    lon[lost] = lat[lost] = np.nan
    if evidence.bounds is not None:
        away = known & ~lost & ~_inside(lon, lat, box)
        for at in np.flatnonzero(away):
            km = _distance_km(float(lon[at]), float(lat[at]), evidence.bounds)
            words = {"value": f"{_short(lon[at])}, {_short(lat[at])}", "km": round(km)}
            placed.issues.append((int(at), "far_away", words))
        lon[away] = lat[away] = np.nan


def _distance_km(lon: float, lat: float, bounds: tuple[float, ...]) -> float:
    """Return the distance of a position to a box, in kilometres."""
    west, south, east, north = bounds
    near = min(max(lon, west), east), min(max(lat, south), north)
    metres = pyproj.Geod(ellps="GRS80").inv(lon, lat, *near)[2]
    return float(metres) / 1000


def _metres(
    placed: Placement,
    given: tuple[FloatArray, FloatArray],
    lonlat: tuple[FloatArray, FloatArray],
    *,
    which: NDArray[np.bool_],
    evidence: Evidence,
) -> None:
    """Turn metric coordinates into degrees, in place."""
    east, north = given[0].copy(), given[1].copy()
    swap = which & _is_northing(east) & ~_is_northing(north)
    east[swap], north[swap] = north[swap], east[swap]
    crs = evidence.crs if evidence.stated else None
    if crs is not None and crs.is_geographic:
        crs = None
    zone = np.floor(east / 1e6)
    for one in np.unique(zone[which & (zone > 0)]):
        code = _prefixed_code(int(one))
        rows = which & (zone == one)
        if code is None or (crs is not None and not _without_prefix(crs)):
            continue
        _project(rows, east, north, lonlat=lonlat, crs=pyproj.CRS.from_epsg(code))
        words = {"crs": f"EPSG:{code}", "evidence": f"横坐标带号 {one:.0f}"}
        placed.notes.append(("crs_from_prefix", words))
        which = which & ~rows
    if crs is None and which.any():
        crs = _find_zone(placed, east[which], north[which], evidence=evidence)
    if crs is not None and which.any():
        _project(which, east, north, lonlat=lonlat, crs=crs)
    away = which & np.isfinite(lonlat[0]) & ~_inside(*lonlat, _box(*lonlat, evidence))
    _note(placed, away, "bad_coordinate", east=east, north=north)
    lonlat[0][away] = lonlat[1][away] = np.nan


def _is_northing(metres: FloatArray) -> NDArray[np.bool_]:
    """Tell which numbers can be northings of China."""
    result: NDArray[np.bool_] = (metres >= _NORTHINGS[0]) & (metres <= _NORTHINGS[1])
    return result


def _prefixed_code(zone: int) -> int | None:
    """Return the EPSG code of Gauss-Krueger eastings with a zone number."""
    if _ZONES[0] <= zone <= _ZONES[1]:
        return 4513 + zone - _ZONES[0]
    if _WIDE_ZONES[0] <= zone <= _WIDE_ZONES[1]:
        return 4491 + zone - _WIDE_ZONES[0]
    return None


def _without_prefix(crs: pyproj.CRS) -> bool:
    """Tell whether eastings of a CRS have six digits."""
    code = crs.to_epsg() or 0
    return 4534 <= code <= 4554 or 4502 <= code <= 4512  # noqa: PLR2004


def _project(
    which: NDArray[np.bool_],
    east: FloatArray,
    north: FloatArray,
    *,
    lonlat: tuple[FloatArray, FloatArray],
    crs: pyproj.CRS,
) -> None:
    """Fill in degrees of some rows from metres in a CRS."""
    change = pyproj.Transformer.from_crs(crs, CGCS2000, always_xy=True)
    lonlat[0][which], lonlat[1][which] = change.transform(east[which], north[which])
    bad = which & ~(np.isfinite(lonlat[0]) & np.isfinite(lonlat[1]))
    lonlat[0][bad] = lonlat[1][bad] = np.nan


def _find_zone(
    placed: Placement,
    east: FloatArray,
    north: FloatArray,
    *,
    evidence: Evidence,
) -> pyproj.CRS | None:
    """Find the zone of eastings without one, from evidence; None without."""
    count, example = len(east), f"{_short(east[0])}, {_short(north[0])}"
    stated = (
        evidence.crs
        if evidence.crs is not None and not evidence.crs.is_geographic
        else None
    )
    if evidence.bounds is None:
        if stated is not None:
            words = {"crs": stated.to_string(), "evidence": "项目坐标系"}
            placed.notes.append(("zone_unstated", words))
            return stated
        placed.notes.append(("zone_unknown", {"count": count, "value": example}))
        return None
    shares = {}
    for code in range(4534, 4555):
        change = pyproj.Transformer.from_crs(code, CGCS2000, always_xy=True)
        west, south, eastern, northern = evidence.bounds
        box = (west - 0.05, south - 0.05, eastern + 0.05, northern + 0.05)
        shares[code] = float(np.mean(_inside(*change.transform(east, north), box)))
    first, second = sorted(shares, key=lambda one: -shares[one])[:2]
    if shares[first] < _LEAST_SHARE or shares[second] > shares[first] / 2:
        placed.notes.append(("zone_unknown", {"count": count, "value": example}))
        return None
    inside = round(shares[first] * count)
    words = {"crs": f"EPSG:{first}", "evidence": f"{inside}/{count} 个点落在各村范围内"}
    placed.notes.append(("zone_unstated", words))
    return pyproj.CRS.from_epsg(first)


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
        placed.geometry = _transformed(flat, used)
    _points_right_way_round(placed, evidence)
    return placed


def _transformed(geometry: NDArray[np.object_], crs: pyproj.CRS) -> NDArray[np.object_]:
    """Transform geometries to EPSG:4490."""
    try:
        change = pyproj.Transformer.from_crs(crs, CGCS2000, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        msg = f"no way leads from {crs.to_string()} to EPSG:4490: {error}"
        raise CrsError(msg) from error
    moved: NDArray[np.object_] = shapely.transform(
        geometry, lambda xy: np.column_stack(change.transform(xy[:, 0], xy[:, 1]))
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
    code = _prefixed_code(int(middle[0] // 1e6)) if middle[0] > 0 else None
    if code is not None:
        words = {
            "crs": f"EPSG:{code}",
            "evidence": f"横坐标带号 {middle[0] // 1e6:.0f}",
        }
        placed.notes.append(("crs_from_prefix", words))
        return pyproj.CRS.from_epsg(code)
    return _find_zone(placed, vertices[:, 0], vertices[:, 1], evidence=evidence)


def _points_right_way_round(placed: Placement, evidence: Evidence) -> None:
    """Swap the axes of points that only make sense swapped."""
    at = np.flatnonzero(shapely.get_type_id(placed.geometry) == 0)
    if not len(at):
        return
    points = placed.geometry[at]
    moved = place_numbers(shapely.get_x(points), shapely.get_y(points), evidence)
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
