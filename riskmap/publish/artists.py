"""Words and pictures that matplotlib draws without laying them out again.

The widths of all characters are known from the font's own table, so that a text
goes straight to its place in a PDF and in a picture alike.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from PIL import Image

from riskmap.publish.fonts import advance, ems, face_file
from riskmap.publish.glyphs import line_outline

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.transforms import BboxBase
    from numpy.typing import NDArray

Renderer: TypeAlias = Any
"""A renderer of matplotlib, or its graphics context; neither is typed."""

__all__ = ["LINE_STEP", "Picture", "Words", "ring_codes"]

LINE_STEP = 1.13
"""From one line of a text to the next, in sizes of its font."""

_MIDDLE = 0.37  # of the font's size: the middle of a character over its foot
_SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}
_HALO_DETAIL = 0.025


class Words(Text):
    """A text whose lines stand centred on the height of its position.

    Parameters
    ----------
    x, y, text
        As for `matplotlib.text.Text`.
    halo
        The width of a stroke around the characters, points, which is drawn in
        their place; 0 for the characters themselves.
    **more
        As for `matplotlib.text.Text`.
    """

    def __init__(
        self,
        x: float,
        y: float,
        text: str,
        *,
        halo: float = 0.0,
        **more: Any,  # noqa: ANN401 (as of Text)
    ) -> None:
        super().__init__(x, y, text, **more)
        self._halo = halo

    def set_clip_path(self, path: object, transform: object = None) -> None:
        """Keep to the axes by the box they have, not by a new one for each text."""
        del path, transform
        if self.axes is not None:
            self.set_clip_box(self.axes.bbox)

    def draw(self, renderer: Renderer) -> None:
        """Draw every line at its place."""
        size = renderer.points_to_pixels(self.get_fontsize())
        x, y = self.get_transform().transform(self.get_position())
        face = face_file(self.get_fontproperties())
        angle = float(self.get_rotation())
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        share = _SHARE[self.get_horizontalalignment()]
        gc = renderer.new_gc()
        gc.set_foreground(self.get_color())
        gc.set_alpha(self.get_alpha())
        self._set_gc_clip(gc)  # type: ignore[attr-defined]
        lines = self.get_text().split("\n")
        for rank, line in enumerate(lines):
            wide = size * ems(line, face)
            high = ((len(lines) - 1) / 2 - rank) * LINE_STEP - _MIDDLE
            right, up = -share * wide, high * size
            at = (x + right * cos - up * sin, y + right * sin + up * cos)
            if self._halo:
                self._stroke(renderer, gc, line, at=at, size=size)
            else:
                self._print(renderer, gc, line, at=at, size=size)
        gc.restore()

    def _print(
        self,
        renderer: Renderer,
        gc: Renderer,
        line: str,
        *,
        at: tuple[float, float],
        size: float,
    ) -> None:
        """Draw the characters of one line: in a picture, the areas they fill."""
        x, y = at
        angle = self.get_rotation()
        if not isinstance(renderer, RendererAgg):
            if renderer.flipy():
                y = renderer.get_canvas_width_height()[1] - y
            renderer.draw_text(gc, x, y, line, self.get_fontproperties(), angle)
            return
        outline = line_outline(line, face_file(self.get_fontproperties()))
        if outline is not None:
            gc.set_linewidth(0.0)
            gc.set_snap(False)
            turn = Affine2D().scale(size).rotate_deg(angle).translate(x, y)
            renderer.draw_path(gc, outline, turn, gc.get_rgb())  # type: ignore[no-untyped-call]

    def _stroke(
        self,
        renderer: Renderer,
        gc: Renderer,
        line: str,
        *,
        at: tuple[float, float],
        size: float,
    ) -> None:
        """Draw a broad outline of one line."""
        outline = _line_outline(line, face_file(self.get_fontproperties()))
        if outline is None:
            return
        gc.set_linewidth(renderer.points_to_pixels(self._halo))
        gc.set_joinstyle("round")
        gc.set_capstyle("round")
        turn = Affine2D().scale(size).rotate_deg(self.get_rotation()).translate(*at)
        renderer.draw_path(gc, outline, turn, None)


class Picture(Artist):
    """A picture that fills its axes or a box in them, cell by cell.

    Parameters
    ----------
    axes
        The axes.
    cells
        Red, green and blue, rows from the top to the bottom.
    zorder
        What it lies above.
    box
        Where it stands, in dots; None for all of the axes.
    """

    def __init__(
        self,
        axes: Axes,
        cells: NDArray[np.uint8],
        *,
        zorder: float,
        box: BboxBase | None = None,
    ) -> None:
        super().__init__()
        self._box = axes.bbox if box is None else box
        full = np.full((*cells.shape[:2], 1), 255, dtype=np.uint8)
        self._cells = np.concatenate([cells, full], axis=2)
        self.set_zorder(zorder)
        axes.add_artist(self)

    def draw(self, renderer: Renderer) -> None:
        """Draw the cells as they are, or enlarged to the pixels of the page."""
        box, gc = self._box, renderer.new_gc()
        if renderer.option_scale_image():
            whole = Affine2D().scale(box.width, box.height)
            renderer.draw_image(gc, box.x0, box.y0, self._cells[::-1], whole)
        else:
            wide, high = (int(np.ceil(one)) for one in (box.width, box.height))
            large = Image.fromarray(self._cells).resize(
                (wide, high), Image.Resampling.NEAREST
            )
            renderer.draw_image(gc, int(box.x0), int(box.y0), np.asarray(large)[::-1])
        gc.restore()


def ring_codes(count: int) -> NDArray[np.uint8]:
    """Return the codes of one closed ring of an outline.

    Parameters
    ----------
    count
        How many vertices it has, the first one repeated at the end.

    Returns
    -------
    numpy.ndarray
        For `matplotlib.path.Path`.
    """
    codes = np.full(count, Outline.LINETO, dtype=np.uint8)
    codes[0], codes[-1] = Outline.MOVETO, Outline.CLOSEPOLY
    return codes


@lru_cache(maxsize=4_000)
def _line_outline(line: str, face: Path) -> Outline | None:
    """Return the outlines of a line of text, in sizes of its font."""
    x, rings = 0.0, list["NDArray[np.float64]"]()
    for one in line:
        rings += [np.add(ring, (x, 0.0)) for ring in _rings(one, face)]
        x += advance(face, one)
    if not rings:
        return None
    codes = np.concatenate([ring_codes(len(one)) for one in rings])
    return Outline(np.vstack(rings), codes)


@cache
def _rings(one: str, face: Path) -> list[NDArray[np.float64]]:
    """Return the outline of a character, as coarse as a broad stroke allows."""
    if not one.strip():
        return []
    path = TextPath((0.0, 0.0), one, size=1.0, prop=FontProperties(fname=face))
    rings = [
        shapely.get_coordinates(
            shapely.simplify(shapely.LinearRing(ring), _HALO_DETAIL)
        )
        for ring in map(np.asarray, path.to_polygons())
        if len(ring) > 3  # noqa: PLR2004
    ]
    return [ring for ring in rings if len(ring) > 3]  # noqa: PLR2004
