"""North arrow and scale bar within the map of a phone picture, which has no foot."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path as Outline

from riskmap.publish.artists import ring_codes
from riskmap.publish.labels import overlaps
from riskmap.publish.plot import points_wide
from riskmap.publish.style import page_style, read_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.publish.plot import Plot

    FloatArray = NDArray[np.float64]

__all__ = ["draw_compass", "round_length"]

_Z = 150.0
_LONGEST_MM, _BAR_MM = 26.0, 1.4
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


def draw_compass(plot: Plot, taken: FloatArray) -> FloatArray:
    """Draw a north arrow and a scale bar, true on every screen.

    Parameters
    ----------
    plot
        Where to draw.
    taken
        Boxes of routes and signs, millimetres: the corners are chosen that hide
        the least of them.

    Returns
    -------
    numpy.ndarray
        What they cover: rows of ``(minx, miny, maxx, maxy)``, millimetres.
    """
    bar = _draw_bar(plot, taken)
    return np.vstack([bar, _draw_north(plot, np.vstack([taken, bar]))])


def _freest(
    plot: Plot, size: FloatArray, corners: str, *, taken: FloatArray
) -> FloatArray:
    """Return the box in the corner that hides least; the first of those alike."""
    frame = np.array([plot.rect.width, plot.rect.height])
    boxes = []
    for corner in corners.split():
        far = np.array(["e" in corner, "n" in corner])
        low = np.where(far, frame - size - 1.0, 1.0)
        boxes.append(np.concatenate([low, low + size]))
    hidden = overlaps(np.array(boxes), taken).sum(axis=1)
    best: FloatArray = boxes[int(np.argmin(hidden))]
    return best


def _draw_bar(plot: Plot, taken: FloatArray) -> FloatArray:
    """Draw two parts, black and white, with their length above."""
    length = round_length(plot.metres(_LONGEST_MM))
    wide, mm = length * 1000.0 / plot.scale, plot.page.text_mm
    size = np.array([wide + 4.0, _BAR_MM + 1.3 * mm + 2.6])
    box = _freest(plot, size, "sw se", taken=taken)
    x, y = box[0] + 2.0, box[1] + 2.0
    ink, paper = page_style()["ink"], page_style()["paper"]
    for part, fill in ((0, ink), (1, paper)):
        left = x + part * wide / 2
        part_box = _ring(plot, (left, y), (left + wide / 2, y + _BAR_MM))
        plot.shapes([part_box], fill=fill, edge=ink, width=points_wide(0.15), z=_Z)
    units = read_words()["units"]
    short = length < _KILOMETRE
    value = length if short else length / _KILOMETRE
    words = f"{value:g} {units['metres' if short else 'kilometres']}"
    at = plot.ground(np.array([x + wide / 2, y + _BAR_MM + 0.4 + mm * 0.6]))
    plot.text(at, words, mm=mm, colour=ink, z=_Z, halo_mm=0.6, halo_z=_Z - 1)
    return box[None, :]


def _draw_north(plot: Plot, taken: FloatArray) -> FloatArray:
    """Draw an arrow that points up, with its word below."""
    mm, high = plot.page.text_mm, _NORTH_MM
    box = _freest(plot, np.array([6.4, high + 1.6 * mm + 2.0]), "ne nw se", taken=taken)
    x, top = float(box[[0, 2]].mean()), box[3] - 1.0
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
    return box[None, :]


def _ring(plot: Plot, low: tuple[float, float], high: tuple[float, float]) -> Outline:
    """Return the outline of a box on the map."""
    west, south, east, north = *low, *high
    corners = [(west, south), (east, south), (east, north), (west, north), low]
    return _outline(plot.ground(np.array(corners)))


def _outline(ground: FloatArray) -> Outline:
    """Return a closed outline through positions."""
    return Outline(ground, ring_codes(len(ground)))
