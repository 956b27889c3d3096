"""North arrow and scale bar within the map of a phone picture, which has no foot."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path as Outline

from riskmap.publish.artists import ring_codes
from riskmap.publish.plot import points_wide
from riskmap.publish.style import page_style, read_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.publish.plot import Plot

    FloatArray = NDArray[np.float64]

__all__ = ["draw_compass", "round_length"]

_Z = 150.0
_LONGEST_MM, _BAR_MM, _INSET_MM = 26.0, 1.4, 3.0
_NORTH_MM = 9.0
_KILOMETRE = 1000.0


def round_length(longest: float) -> float:
    """Return the greatest of 1, 2, 5, 10, 20 and so on that is not longer.

    Parameters
    ----------
    longest
        Any positive length.

    Returns
    -------
    float
        In the same unit.

    Examples
    --------
    >>> round_length(730.0)
    500.0
    """
    power = 10.0 ** math.floor(math.log10(longest))
    return float(max(one * power for one in (1, 2, 5) if one * power <= longest))


def draw_compass(plot: Plot) -> FloatArray:
    """Draw a north arrow and a scale bar, true on every screen.

    Parameters
    ----------
    plot
        Where to draw.

    Returns
    -------
    numpy.ndarray
        What they cover: rows of ``(minx, miny, maxx, maxy)``, millimetres.
    """
    return np.vstack([_draw_bar(plot), _draw_north(plot)])


def _draw_bar(plot: Plot) -> FloatArray:
    """Draw two parts, black and white, with their length above."""
    length = round_length(plot.metres(_LONGEST_MM))
    wide, mm = length * 1000.0 / plot.scale, plot.page.text_mm
    x, y = _INSET_MM, _INSET_MM
    ink, paper = page_style()["ink"], page_style()["paper"]
    for part, fill in ((0, ink), (1, paper)):
        left = x + part * wide / 2
        box = _ring(plot, (left, y), (left + wide / 2, y + _BAR_MM))
        plot.shapes([box], fill=fill, edge=ink, width=points_wide(0.15), z=_Z)
    units = read_words()["units"]
    short = length < _KILOMETRE
    value = length if short else length / _KILOMETRE
    words = f"{value:g} {units['metres' if short else 'kilometres']}"
    at = plot.ground(np.array([x + wide / 2, y + _BAR_MM + 0.4 + mm * 0.6]))
    plot.text(at, words, mm=mm, colour=ink, z=_Z, halo_mm=0.6, halo_z=_Z - 1)
    return np.array([[x - 1, y - 1, x + wide + 1, y + _BAR_MM + 1.3 * mm + 0.6]])


def _draw_north(plot: Plot) -> FloatArray:
    """Draw an arrow that points up, with its word below."""
    mm, high = plot.page.text_mm, _NORTH_MM
    x, top = plot.rect.width - _INSET_MM - 2.5, plot.rect.height - _INSET_MM
    ink, paper = page_style()["ink"], page_style()["paper"]
    foot, notch = top - high, top - high * 0.78
    for side, fill in ((-1.0, ink), (1.0, paper)):
        corners = [(x, top), (x + side * 2.2, foot), (x, notch), (x, top)]
        ground = plot.ground(np.array(corners))
        outline = _outline(ground)
        plot.shapes([outline], fill=fill, edge=ink, width=points_wide(0.2), z=_Z)
    at = plot.ground(np.array([x, foot - mm * 0.85]))
    words = read_words()["marks"]["north"]
    plot.text(at, words, mm=mm, colour=ink, z=_Z, bold=True, halo_mm=0.3)
    return np.array([[x - 3.2, foot - 1.6 * mm, x + 3.2, top + 1]])


def _ring(plot: Plot, low: tuple[float, float], high: tuple[float, float]) -> Outline:
    """Return the outline of a box on the map."""
    west, south, east, north = *low, *high
    corners = [(west, south), (east, south), (east, north), (west, north), low]
    return _outline(plot.ground(np.array(corners)))


def _outline(ground: FloatArray) -> Outline:
    """Return a closed outline through positions."""
    return Outline(ground, ring_codes(len(ground)))
