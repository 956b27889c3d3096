"""Marks on paper: the code that a phone reads, and whose eyes a page is for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import segno
from matplotlib.transforms import Bbox, TransformedBbox

from riskmap.publish.artists import Picture, Words
from riskmap.publish.style import page_style, read_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.publish.layout import Rect
    from riskmap.publish.pen import Pen

__all__ = ["print_code", "print_watermark"]

_ACROSS, _SLOPE = 9, 30.0
_WATER = "#F6E6E5"
_THROUGH = 0.13
_OVER, _BEHIND = 90.0, 0.2


def print_code(pen: Pen, text: str, frame: Rect) -> None:
    """Print a text as a QR code that fills a frame.

    Parameters
    ----------
    pen
        What prints.
    text
        What a phone shows that reads it: an address, or words.
    frame
        A square; leave two millimetres blank around it.
    """
    corners = Bbox([[frame.x, frame.y], [frame.right, frame.bottom]])
    box = TransformedBbox(corners, pen.axes.transData)
    Picture(pen.axes, _code_cells(text), zorder=3, box=box)


@lru_cache(maxsize=256)
def _code_cells(text: str) -> NDArray[np.uint8]:
    """Return a QR code as black and white cells; all cards of a place share one."""
    matrix = np.array([list(row) for row in segno.make(text).matrix], dtype=np.uint8)
    return np.repeat((255 - 255 * matrix)[..., None], 3, axis=2)


def print_watermark(pen: Pen, frame: Rect, *, over: bool = False) -> None:
    """Print 内部使用 pale and aslant across a frame.

    Parameters
    ----------
    pen
        What prints.
    frame
        Where; the height of the characters is a part of its width.
    over
        Whether it lies over what stands in the frame, a map that has no blank
        ground, and lets it shine through; else it lies behind.
    """
    mm = frame.width / _ACROSS
    pen.axes.add_artist(
        Words(
            frame.x + frame.width / 2,
            frame.y + frame.height / 2,
            read_words()["marks"]["internal"],
            fontproperties=pen.faces.properties(mm, bold=True),
            color=page_style()["danger"] if over else _WATER,
            alpha=_THROUGH if over else None,
            ha="center",
            rotation=_SLOPE,
            transform=pen.axes.transData,
            zorder=_OVER if over else _BEHIND,
        )
    )
