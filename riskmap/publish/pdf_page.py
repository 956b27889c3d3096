"""What draws a figure of matplotlib on a page of a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.transforms import Affine2D

from riskmap.publish.fonts import face_file
from riskmap.publish.pdf_paths import path_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path as Outline
    from matplotlib.transforms import Transform

    from riskmap.publish.pdf_file import PdfFile

Context: TypeAlias = Any
"""A graphics context of matplotlib, which is not typed."""
Pixels: TypeAlias = Any
"""Rows of red, green, blue and opacity, 0 to 255."""
Colour: TypeAlias = Any
"""Red, green, blue, 0 to 1, and opacity where it has one."""

__all__ = ["POINTS_PER_INCH", "draw_page"]

POINTS_PER_INCH = 72.0
_CAPS = {"butt": 0, "round": 1, "projecting": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}
_PAINT = {(True, False): "f\n", (False, True): "S\n", (True, True): "B\n"}


def draw_page(figure: Figure, file: PdfFile) -> None:
    """Draw a figure on a new page.

    Parameters
    ----------
    figure
        Any figure; its dots per inch are as before afterwards.
    file
        What the page is added to.
    """
    dots = figure.get_dpi()
    figure.set_dpi(POINTS_PER_INCH)
    try:
        width, height = figure.get_size_inches() * POINTS_PER_INCH
        page = _Page(file, float(width), float(height))
        figure.draw(page)
    finally:
        figure.set_dpi(dots)
    file.page(page.words(), float(width), float(height))


class _Page(RendererBase):
    """Turns what artists draw into operators; one unit is a point."""

    def __init__(self, file: PdfFile, width: float, height: float) -> None:
        super().__init__()
        self._file = file
        self._size = (width, height)
        self._parts: list[str] = []
        self._clip = ""
        self._state: dict[str, str] = {}

    def words(self) -> str:
        """Return the operators of the whole page."""
        return "".join([*self._parts, "Q\n" if self._clip else ""])

    def flipy(self) -> bool:
        """Tell that y grows upwards."""
        return False

    def option_scale_image(self) -> bool:
        """Tell that a picture may come in its own pixels."""
        return True

    def option_image_nocomposite(self) -> bool:
        """Tell that pictures are stored one by one."""
        return True

    def get_canvas_width_height(self) -> tuple[float, float]:
        """Return the size of the page, points."""
        return self._size

    def draw_path(  # noqa: PLR0917 (as of matplotlib)
        self,
        gc: Context,
        path: Outline,
        transform: Transform,
        rgbFace: Colour = None,
    ) -> None:
        """Fill an outline, draw its line, or both."""
        hatched = gc.get_hatch() is not None
        filled = hatched or _seen(rgbFace)
        drawn = gc.get_linewidth() > 0 and gc.get_alpha() > 0 and _seen(gc.get_rgb())
        frame = None if filled else (0.0, 0.0, *self._size)
        if not (filled or drawn):
            return
        words = path_words(path, transform, frame=frame)
        if not words:
            return
        self._begin(gc, _opacity(rgbFace))
        if drawn:
            self._pen(gc)
        if hatched:
            self._say("fill", f"/Pattern cs {self._hatch(gc, rgbFace)} scn\n")
        elif rgbFace is not None:
            self._say("fill", f"{_colour(rgbFace)} rg\n")
        self._parts += (words, _PAINT[filled, drawn])

    def draw_image(  # noqa: PLR0917 (as of matplotlib)
        self,
        gc: Context,
        x: float,
        y: float,
        im: Pixels,
        transform: Transform | None = None,
    ) -> None:
        """Draw a picture, its rows given from the bottom to the top."""
        high, wide = im.shape[:2]
        if not (high and wide):
            return
        place = Affine2D().scale(wide, high) if transform is None else transform
        corner = Affine2D(place.get_matrix()).translate(x, y).to_values()
        self._begin(gc, 1.0)
        where = " ".join(f"{one:.4f}" for one in corner)
        self._parts.append(f"q {where} cm {self._file.picture(im[::-1])} Do Q\n")

    def draw_text(  # noqa: PLR0917 (as of matplotlib)
        self,
        gc: Context,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: bool | str = False,  # noqa: FBT001, FBT002 (as of matplotlib)
        mtext: object = None,
    ) -> None:
        """Print a line of text; nothing in it is read as a formula."""
        del ismath, mtext
        self._begin(gc, _opacity(gc.get_rgb()))
        self._say("fill", f"{_colour(gc.get_rgb())} rg\n")
        turn = np.radians(angle)
        cos, sin = np.cos(turn), np.sin(turn)
        where = f"{cos:.5f} {sin:.5f} {-sin:.5f} {cos:.5f} {x:.2f} {y:.2f}"
        size = prop.get_size_in_points()
        runs = self._file.text(s, face_file(prop))
        shown = " ".join(f"{font} {size:.3f} Tf {codes} Tj" for font, codes in runs)
        self._parts.append(f"BT {where} Tm {shown} ET\n")

    def _say(self, about: str, words: str) -> None:
        """Set a part of the state of the page, unless it is so already."""
        if self._state.get(about) != words:
            self._state[about] = words
            self._parts.append(words)

    def _begin(self, gc: Context, fill: float) -> None:
        """Set where may be drawn, and how much light goes through."""
        clip = _clip(gc)
        if clip != self._clip:
            self._parts += ("Q\n" if self._clip else "", f"q {clip}" if clip else "")
            self._clip = clip
            self._state.clear()
        forced = gc.get_forced_alpha()
        stroke = gc.get_alpha() if forced else _opacity(gc.get_rgb())
        fill = gc.get_alpha() if forced else fill
        self._say("opacity", f"{self._file.opacity(stroke, fill)} gs\n")

    def _pen(self, gc: Context) -> None:
        """Set how lines are drawn."""
        offset, dashes = gc.get_dashes()
        strokes = " ".join(f"{one:.3f}" for one in (() if dashes is None else dashes))
        self._say("dashes", f"[{strokes}] {offset or 0:.3f} d\n")
        self._say("stroke", f"{_colour(gc.get_rgb())} RG\n")
        ends = f"{_CAPS[gc.get_capstyle()]} J {_JOINS[gc.get_joinstyle()]} j"
        self._say("line", f"{gc.get_linewidth():.3f} w {ends}\n")

    def _hatch(self, gc: Context, face: Colour) -> str:
        """Return the pattern of a hatch on the colour of its area."""
        side = POINTS_PER_INCH
        line = _colour(gc.get_hatch_color())
        ground = f"{_colour(face)} rg 0 0 {side} {side} re f\n" if _seen(face) else ""
        strokes = path_words(gc.get_hatch_path(), Affine2D().scale(side))
        wide = gc.get_hatch_linewidth()
        words = f"{ground}{line} RG {line} rg {wide:.3f} w\n{strokes}B\n"
        return self._file.pattern(words, side)


def _opacity(colour: Colour) -> float:
    """Return how much of what lies below a colour hides, 0 to 1."""
    return 1.0 if colour is None or len(colour) < 4 else float(colour[3])  # noqa: PLR2004


def _seen(colour: Colour) -> bool:
    """Tell whether a colour is there at all."""
    return colour is not None and _opacity(colour) > 0


def _colour(rgb: Colour) -> str:
    """Write red, green and blue."""
    return " ".join(f"{one:.4f}" for one in rgb[:3])


def _clip(gc: Context) -> str:
    """Write the operators that keep drawing within a frame and an outline."""
    frame, (outline, transform) = gc.get_clip_rectangle(), gc.get_clip_path()
    words = ""
    if frame is not None:
        x, y, wide, high = frame.bounds
        words = f"{x:.2f} {y:.2f} {wide:.2f} {high:.2f} re W n\n"
    if outline is not None:
        words += f"{path_words(outline, transform)}W n\n"
    return words
