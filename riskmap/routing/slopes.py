"""Walking speed by slope: functions by name, with their sources in slopes.toml.

A slope is rise over run and signed: positive uphill in the direction of travel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskmap.errors import NetworkError
from riskmap.standards import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    FloatArray = NDArray[np.float64]
    Form = Callable[[FloatArray, Mapping[str, Any]], FloatArray]

__all__ = ["STEEPEST", "slope_functions", "walking_speed"]

# Campbell's curve holds to 30 degrees; steeper ground is walked as 30 degrees.
STEEPEST = float(np.tan(np.radians(30.0)))
_KMH = 1 / 3.6


def slope_functions() -> tuple[str, ...]:
    """Return the names that `walking_speed` and `build_network` take.

    Returns
    -------
    tuple of str
        In the order of the table slopes.toml.
    """
    return tuple(read_table("slopes"))


def walking_speed(slope: ArrayLike, *, function: str = "campbell_2019_p05") -> Any:  # noqa: ANN401
    """Return the walking speed of an adult on a slope.

    Parameters
    ----------
    slope
        Rise over run, positive uphill; beyond 30 degrees taken as 30 degrees.
    function
        A name of `slope_functions`. The default is the 5th percentile of
        Campbell 2019, the curve that resembles an evacuating adult.

    Returns
    -------
    float or numpy.ndarray
        Metres a second, in the shape of `slope`; NaN stays NaN.

    Raises
    ------
    NetworkError
        If no function has that name.

    Examples
    --------
    >>> float(walking_speed(0.0, function="tobler").round(2))
    1.4
    """
    table = read_table("slopes")
    if function not in table:
        msg = f'no slope function "{function}"; there are {", ".join(table)}'
        raise NetworkError(msg)
    entry = table[function]
    clipped = np.clip(np.asarray(slope, dtype=float), -STEEPEST, STEEPEST)
    return _FORMS[entry["form"]](clipped, entry)


def _tobler(slope: FloatArray, entry: Mapping[str, Any]) -> FloatArray:
    """Tobler's hiking function."""
    speed: FloatArray = 6.0 * _KMH * np.exp(-3.5 * np.abs(slope + 0.05))
    return np.asarray(entry["factor"] * speed)


def _marquez(slope: FloatArray, entry: Mapping[str, Any]) -> FloatArray:
    """Marquez-Perez's revision of Tobler."""
    speed: FloatArray = 4.8 * _KMH * np.exp(-5.3 * np.abs(0.7 * slope + 0.03))
    return np.asarray(entry["factor"] * speed)


def _irmischer(slope: FloatArray, entry: Mapping[str, Any]) -> FloatArray:
    """Irmischer and Clarke, slope in percent and signed."""
    bell: FloatArray = np.exp(-((100 * slope + entry["shift"]) ** 2) / (2 * 30.0**2))
    return np.asarray(0.11 + entry["scale"] * bell)


def _langmuir(slope: FloatArray, entry: Mapping[str, Any]) -> FloatArray:
    """Naismith's rule with Langmuir's corrections downhill, clamped."""
    per_metre: FloatArray = entry["a"] + np.select(
        [slope >= 0, slope >= entry["gentle"], slope >= entry["steep"]],
        [entry["b"] * slope, np.zeros_like(slope), entry["c"] * slope],
        entry["d"] * slope,
    )
    return np.asarray(np.minimum(1.0 / per_metre, entry["fastest_m_s"]))


def _campbell(slope: FloatArray, entry: Mapping[str, Any]) -> FloatArray:
    """Campbell's Lorentz curve, slope as an angle in degrees."""
    a, b, c, d, e = entry["terms"]
    angle = np.degrees(np.arctan(slope))
    speed: FloatArray = c / (np.pi * b * (1 + ((angle - a) / b) ** 2)) + d + e * angle
    return speed


_FORMS: dict[str, Form] = {
    "tobler": _tobler,
    "marquez": _marquez,
    "irmischer": _irmischer,
    "langmuir": _langmuir,
    "campbell": _campbell,
}
