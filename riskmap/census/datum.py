"""Old datums: which one coordinates are in, and how well they can be changed.

Beijing 54 and Xi'an 80 lie tens of metres to more than a hundred metres from
CGCS2000. What leads from them to CGCS2000 is known to the county's surveyors
and mostly not published; where PROJ knows no way, only the ellipsoid is
changed, and a finding says so (domain.md 8.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from riskmap.crs import CGCS2000
from riskmap.errors import CrsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.census.evidence import Placement

    FloatArray = NDArray[np.float64]

__all__ = ["GaussKrueger", "change_to_cgcs2000", "gauss_krueger_of", "note_once"]

_MODERN_AXIS_M = 6378137.0
_WGS84 = pyproj.CRS.from_epsg(4326)
_NARROW_ZONES = (25, 45)
_WIDE_ZONES = (13, 23)


@dataclass(frozen=True, slots=True)
class GaussKrueger:
    """The EPSG codes of the Gauss-Krueger zones of one datum.

    Attributes
    ----------
    narrow_prefixed, narrow
        Of the first zone of 3 degrees (25, at 75 E), eastings with and without
        the number of the zone; 21 zones follow each other.
    wide_prefixed, wide
        Of the first zone of 6 degrees (13, at 75 E) likewise; 11 zones.
    """

    narrow_prefixed: int
    narrow: int
    wide_prefixed: int
    wide: int

    def of_zone(self, zone: int) -> int | None:
        """Return the code of eastings that begin with this zone's number."""
        if _NARROW_ZONES[0] <= zone <= _NARROW_ZONES[1]:
            return self.narrow_prefixed + zone - _NARROW_ZONES[0]
        if _WIDE_ZONES[0] <= zone <= _WIDE_ZONES[1]:
            return self.wide_prefixed + zone - _WIDE_ZONES[0]
        return None

    def without_number(self, crs: pyproj.CRS) -> bool:
        """Tell whether eastings of a CRS carry no number of a zone."""
        code = crs.to_epsg() or 0
        narrow, wide = (last - first for first, last in (_NARROW_ZONES, _WIDE_ZONES))
        return (
            self.narrow <= code <= self.narrow + narrow
            or self.wide <= code <= self.wide + wide
        )

    def unnumbered(self) -> range:
        """Return the codes of the 3-degree zones without number."""
        return range(self.narrow, self.narrow + _NARROW_ZONES[1] - _NARROW_ZONES[0] + 1)


# By the EPSG code of the geographic CRS: CGCS2000, Xian 1980, Beijing 1954;
# read in the PROJ database.
_OF_DATUM = {
    4490: GaussKrueger(4513, 4534, 4491, 4502),
    4610: GaussKrueger(2349, 2370, 2327, 2338),
    4214: GaussKrueger(2401, 2422, 21413, 21453),
}


def gauss_krueger_of(crs: pyproj.CRS | None) -> GaussKrueger:
    """Return the zones of the datum of a CRS; those of CGCS2000 for any other.

    Parameters
    ----------
    crs
        Geographic or projected; None for unknown.
    """
    base = None if crs is None else crs.geodetic_crs
    code = None if base is None else base.to_epsg()
    return _OF_DATUM.get(code or 4490, _OF_DATUM[4490])


def change_to_cgcs2000(
    placed: Placement, crs: pyproj.CRS, *, x: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Bring coordinates to EPSG:4490 and note how well that can be done.

    Parameters
    ----------
    placed
        Takes the note about an old datum.
    crs
        What the coordinates are in; parameters of a county's own stand in it
        as ``+towgs84``.
    x, y
        East and north, in the units of `crs`.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude; infinite where there is no way.

    Raises
    ------
    CrsError
        If no operation leads to EPSG:4490.
    """
    old = _is_old(crs)
    # PROJ keeps what is published, and +towgs84, for WGS 84, which is the same
    # as CGCS2000 within decimetres.
    target = _WGS84 if old else CGCS2000
    try:
        change = pyproj.Transformer.from_crs(crs, target, always_xy=True)
    except pyproj.exceptions.ProjError as error:
        msg = f"no way leads from {crs.to_string()} to EPSG:4490: {error}"
        raise CrsError(msg) from error
    lon, lat = change.transform(x, y)
    if old and np.isfinite(lon).any():
        _note_way(placed, crs, change)
    return lon, lat


def _is_old(crs: pyproj.CRS) -> bool:
    """Tell a datum of another ellipsoid than that of satellites."""
    body = crs.ellipsoid
    return body is not None and abs(body.semi_major_metre - _MODERN_AXIS_M) > 1e-3  # noqa: PLR2004


def _note_way(placed: Placement, crs: pyproj.CRS, change: pyproj.Transformer) -> None:
    """Note by which operation coordinates were changed, or that none is known."""
    used = change.get_last_used_operation()
    name = crs.name if crs.to_epsg() is None else crs.to_string()
    words = {"crs": name}
    if "Ballpark" in used.description:
        note_once(placed, "datum_ballpark", words)
        return
    accuracy = f"{used.accuracy:g}" if used.accuracy >= 0 else "—"
    note_once(placed, "datum_changed", words | {"accuracy": accuracy})


def note_once(placed: Placement, name: str, words: dict[str, Any]) -> None:
    """Note something of the whole source, if that was not yet done."""
    if (name, words) not in placed.notes:
        placed.notes.append((name, words))
