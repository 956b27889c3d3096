"""Outlines in the words of a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.path import Path as Outline

if TYPE_CHECKING:
    from matplotlib.transforms import Transform
    from numpy.typing import NDArray

    Vertices = NDArray[np.float64]
    Codes = NDArray[np.uint8]

__all__ = ["path_words"]

_CURVE_END = 5  # the last of the three vertices of a cubic curve
_WORDS = {
    Outline.MOVETO: "%.{0}f %.{0}f m\n",
    Outline.LINETO: "%.{0}f %.{0}f l\n",
    Outline.CURVE4: "%.{0}f %.{0}f ",
    _CURVE_END: "%.{0}f %.{0}f c\n",
    Outline.CLOSEPOLY: "h\n",
    Outline.STOP: "",
}
_ROUNDED = {
    places: {code: words.format(places) for code, words in _WORDS.items()}
    for places in (0, 2)
}


def path_words(
    outline: Outline,
    transform: Transform | None = None,
    *,
    frame: tuple[float, float, float, float] | None = None,
    places: int = 2,
) -> str:
    """Write an outline as operators of a page.

    Parameters
    ----------
    outline
        Lines and curves, in any units.
    transform
        What brings it into the units of the page; None for nothing.
    frame
        Of lines that are not filled, what is drawn of them: they are cut to it,
        and thinned where nobody would see it; None for all.
    places
        Decimal places of the coordinates: 0 or 2.

    Returns
    -------
    str
        Operators ending in a line break; empty where nothing is drawn.
    """
    whole = outline.cleaned(
        transform,
        remove_nans=True,
        clip=frame,
        simplify=frame is not None and outline.should_simplify,
        curves=True,
    )
    vertices, codes = np.asarray(whole.vertices), np.asarray(whole.codes)
    vertices, codes = _cubic(vertices, codes)
    codes[np.flatnonzero(codes == Outline.CURVE4)[2::3]] = _CURVE_END
    words = "".join(map(_ROUNDED[places].__getitem__, codes.tolist()))
    placed = (codes != Outline.CLOSEPOLY) & (codes != Outline.STOP)
    return words % tuple(vertices[placed].ravel().tolist())


def _cubic(vertices: Vertices, codes: Codes) -> tuple[Vertices, Codes]:
    """Turn quadratic curves, which a PDF has not, into cubic ones."""
    at = np.flatnonzero(codes == Outline.CURVE3)[::2]
    if not len(at):
        return vertices, codes.copy()
    before, bend, after = vertices[at - 1], vertices[at], vertices[at + 1]
    first, second = bend + (before - bend) / 3, bend + (after - bend) / 3
    vertices = np.insert(vertices, at + 1, second, axis=0)
    codes = np.insert(codes, at + 1, Outline.CURVE4)
    moved = at + np.arange(len(at))
    vertices[moved] = first
    codes[codes == Outline.CURVE3] = Outline.CURVE4
    return vertices, codes
