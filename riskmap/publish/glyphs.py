"""The outlines of characters, read from a font once and then kept."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.font_manager import get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.path import Path as Outline

from riskmap.publish.fonts import advance

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["char_outline", "line_outline"]

_PIXEL = 64.0  # FreeType's fixed point


@lru_cache(maxsize=20_000)
def char_outline(one: str, face: Path) -> Outline:
    """Return the outline of a character.

    Parameters
    ----------
    one
        The character.
    face
        The file of the font.

    Returns
    -------
    matplotlib.path.Path
        In sizes of the font, from the foot of the character; without vertices
        for a blank. Shared between callers, do not change it.
    """
    font = get_font(str(face))
    font.load_char(ord(one), flags=LoadFlags.NO_SCALE | LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    return Outline(vertices * (_PIXEL / font.units_per_EM), codes)


@lru_cache(maxsize=4_000)
def line_outline(line: str, face: Path) -> Outline | None:
    """Return the outlines of a line of text, side by side.

    Parameters
    ----------
    line
        Characters without a line break.
    face
        The file of the font.

    Returns
    -------
    matplotlib.path.Path or None
        In sizes of the font; None where nothing is to be seen. Shared between
        callers, do not change it.
    """
    outlines = [char_outline(one, face) for one in line]
    widths = [advance(face, one) for one in line]
    starts = np.concatenate([[0.0], np.cumsum(widths)])
    seen = [pair for pair in zip(outlines, starts[:-1], strict=True) if len(pair[0])]
    if not seen:
        return None
    vertices = np.vstack([np.add(one.vertices, (x, 0.0)) for one, x in seen])
    return Outline(vertices, np.concatenate([one.codes for one, _ in seen]))
