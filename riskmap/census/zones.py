"""Metric coordinates: zone numbers in eastings, zones stated nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj

from riskmap.census.datum import change_to_cgcs2000, gauss_krueger_of, note_once
from riskmap.census.evidence import expected_box, note_rows, short_number, within_box
from riskmap.crs import CGCS2000

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.census.evidence import Evidence, Placement

    FloatArray = NDArray[np.float64]

__all__ = ["find_zone", "place_metres", "zone_of_prefix"]

_NORTHINGS = (1.0e6, 6.1e6)
_LEAST_SHARE = 0.6


def place_metres(
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
        rows = which & (zone == one)
        if crs is not None and not gauss_krueger_of(crs).without_number(crs):
            continue
        prefixed = zone_of_prefix(placed, float(one), evidence)
        if prefixed is None:
            continue
        _project(placed, rows, (east, north), lonlat=lonlat, crs=prefixed)
        which = which & ~rows
    if crs is None and which.any():
        crs = find_zone(placed, east[which], north[which], evidence=evidence)
    if crs is not None and which.any():
        _project(placed, which, (east, north), lonlat=lonlat, crs=crs)
    away = (
        which
        & np.isfinite(lonlat[0])
        & ~within_box(*lonlat, expected_box(*lonlat, evidence))
    )
    note_rows(placed, away, "bad_coordinate", east=east, north=north)
    lonlat[0][away] = lonlat[1][away] = np.nan


def _is_northing(metres: FloatArray) -> NDArray[np.bool_]:
    """Tell which numbers can be northings of China."""
    result: NDArray[np.bool_] = (metres >= _NORTHINGS[0]) & (metres <= _NORTHINGS[1])
    return result


def zone_of_prefix(
    placed: Placement, number: float, evidence: Evidence
) -> pyproj.CRS | None:
    """Return the CRS of eastings that begin with a zone's number; None for none.

    Parameters
    ----------
    placed
        Takes the note of what was understood.
    number
        Millions of metres.
    evidence
        What is known; a CRS that it states tells the datum.
    """
    code = gauss_krueger_of(_told(evidence)).of_zone(int(number))
    if code is None:
        return None
    words = {"crs": f"EPSG:{code}", "evidence": f"横坐标带号 {number:.0f}"}
    note_once(placed, "crs_from_prefix", words)
    if _told(evidence) is None:
        note_once(placed, "datum_untold", {})
    return pyproj.CRS.from_epsg(code)


def _told(evidence: Evidence) -> pyproj.CRS | None:
    """Return the CRS that tells which datum metric coordinates are in.

    A project's longitudes and latitudes say nothing about a table in metres.
    """
    crs = evidence.crs
    return crs if crs is not None and (evidence.stated or crs.is_projected) else None


def _project(
    placed: Placement,
    which: NDArray[np.bool_],
    metres: tuple[FloatArray, FloatArray],
    *,
    lonlat: tuple[FloatArray, FloatArray],
    crs: pyproj.CRS,
) -> None:
    """Fill in degrees of some rows from metres in a CRS."""
    east, north = metres
    moved = change_to_cgcs2000(placed, crs, x=east[which], y=north[which])
    lonlat[0][which], lonlat[1][which] = moved
    bad = which & ~(np.isfinite(lonlat[0]) & np.isfinite(lonlat[1]))
    lonlat[0][bad] = lonlat[1][bad] = np.nan


def find_zone(
    placed: Placement,
    east: FloatArray,
    north: FloatArray,
    *,
    evidence: Evidence,
) -> pyproj.CRS | None:
    """Find the zone of eastings without one, from evidence; None without."""
    count, example = len(east), f"{short_number(east[0])}, {short_number(north[0])}"
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
    for code in gauss_krueger_of(_told(evidence)).unnumbered():
        change = pyproj.Transformer.from_crs(code, CGCS2000, always_xy=True)
        west, south, eastern, northern = evidence.bounds
        box = (west - 0.05, south - 0.05, eastern + 0.05, northern + 0.05)
        shares[code] = float(np.mean(within_box(*change.transform(east, north), box)))
    first, second = sorted(shares, key=lambda one: -shares[one])[:2]
    if shares[first] < _LEAST_SHARE or shares[second] > shares[first] / 2:
        placed.notes.append(("zone_unknown", {"count": count, "value": example}))
        return None
    inside = round(shares[first] * count)
    words = {"crs": f"EPSG:{first}", "evidence": f"{inside}/{count} 个点落在各村范围内"}
    placed.notes.append(("zone_unstated", words))
    if _told(evidence) is None:
        note_once(placed, "datum_untold", {})
    return pyproj.CRS.from_epsg(first)
