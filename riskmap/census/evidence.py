"""What is known about where a county lies, and what its rows came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmap.census.codes import NO_SUCCESSORS, Successors

if TYPE_CHECKING:
    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "Evidence",
    "Placement",
    "expected_box",
    "note_rows",
    "short_number",
    "within_box",
]

_CHINA = (73.0, 3.0, 136.0, 54.0)
_WORLD = (-180.0, -90.0, 180.0, 90.0)
_FAR_DEG = 1.0
_LEAST_POINTS = 5


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
    successors
        Which village codes follow which.
    villages
        The villages of the county, once they are read; None before.
    """

    bounds: tuple[float, float, float, float] | None = None
    crs: pyproj.CRS | None = None
    stated: bool = False
    successors: Successors = NO_SUCCESSORS
    villages: gpd.GeoDataFrame | None = None


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


def note_rows(
    placed: Placement,
    which: NDArray[np.bool_],
    name: str,
    *,
    east: Any,  # noqa: ANN401
    north: Any,  # noqa: ANN401
) -> None:
    """Note a finding for each of some rows, with their coordinates."""
    for at in np.flatnonzero(which):
        value = f"{short_number(east[at])}, {short_number(north[at])}"
        placed.issues.append((int(at), name, {"value": value}))


def short_number(number: float) -> str:
    """Return a coordinate without needless digits."""
    return "" if np.isnan(number) else f"{number:.6f}".rstrip("0").rstrip(".")


def expected_box(
    lon: FloatArray, lat: FloatArray, evidence: Evidence
) -> tuple[float, ...]:
    """Return where positions are to be expected: west, south, east, north."""
    if evidence.bounds is not None:
        west, south, east, north = evidence.bounds
        return west - _FAR_DEG, south - _FAR_DEG, east + _FAR_DEG, north + _FAR_DEG
    if not np.isfinite(lon).any():
        return _WORLD
    middle = [np.nanmedian(lon), np.nanmedian(lat)]
    if within_box(np.array(middle[1]), np.array(middle[0]), _CHINA):
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


def within_box(lon: FloatArray, lat: FloatArray, box: tuple[float, ...]) -> Any:  # noqa: ANN401
    """Tell which positions lie in a box."""
    west, south, east, north = box
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
