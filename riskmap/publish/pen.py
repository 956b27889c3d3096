"""Drawing on a page in millimetres from its upper left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.patches import Ellipse, Rectangle

from riskmap.publish.artists import Words
from riskmap.publish.fonts import printable, text_width, wrap
from riskmap.publish.plot import points_wide, symbol_outline
from riskmap.publish.style import page_style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from riskmap.publish.fonts import Faces
    from riskmap.publish.layout import Page, Rect
    from riskmap.publish.style import Style

__all__ = ["Pen", "new_pen"]


@dataclass(frozen=True, slots=True)
class Pen:
    """What draws words, rules and signs on a page.

    Parameters
    ----------
    axes
        Axes over the whole page, in millimetres, y downwards.
    page
        The page.
    faces
        The font.
    """

    axes: Axes
    page: Page
    faces: Faces

    def text(
        self,
        at: tuple[float, float],
        words: str,
        *,
        mm: float,
        colour: str | None = None,
        bold: bool = False,
        align: Literal["left", "center", "right"] = "left",
        z: float = 10.0,
    ) -> None:
        """Print one line, its characters centred on the height of `at`."""
        shown, _ = printable(words, self.faces)
        if not shown.strip():
            return
        self.axes.add_artist(
            Words(
                *at,
                shown,
                fontproperties=self.faces.properties(mm, bold=bold),
                color=colour or page_style()["ink"],
                ha=align,
                transform=self.axes.transData,
                zorder=z,
            )
        )

    def width(self, words: str, mm: float, *, bold: bool = False) -> float:
        """Return how wide a line prints, millimetres."""
        face = self.faces.bold if bold else self.faces.regular
        return text_width(printable(words, self.faces)[0], mm, face)

    def wrapped(
        self, words: str, width: float, *, mm: float, bold: bool = False
    ) -> list[str]:
        """Break a text into lines that fit a width, millimetres."""
        face = self.faces.bold if bold else self.faces.regular
        return wrap(printable(words, self.faces)[0], width, mm, font=face)

    def lines(
        self,
        ends: Sequence[Sequence[tuple[float, float]]],
        *,
        mm: float = 0.15,
        colour: str | None = None,
        dashes: object = "solid",
        alpha: float | None = None,
    ) -> None:
        """Draw lines through positions."""
        self.axes.add_collection(
            LineCollection(
                [np.asarray(one, dtype=float) for one in ends],
                colors=[colour or page_style()["rule"]],
                linewidths=points_wide(mm),
                linestyles=[dashes],
                capstyle="butt",
                alpha=alpha,
            ),
            autolim=False,
        )

    def box(
        self,
        rect: Rect,
        *,
        fill: str = "none",
        edge: str = "none",
        mm: float = 0.2,
        hatch: str | None = None,
        alpha: float | None = None,
        z: float = 1.0,
    ) -> None:
        """Draw a rectangle."""
        self.axes.add_artist(
            Rectangle(
                (rect.x, rect.y),
                rect.width,
                rect.height,
                facecolor=fill,
                edgecolor=edge,
                linewidth=points_wide(mm) if edge != "none" else 0.0,
                hatch=hatch,
                alpha=alpha,
                zorder=z,
            )
        )

    def disc(self, at: tuple[float, float], *, fill: str, side: float) -> None:
        """Draw a filled disc around a position."""
        x, y = at
        self.axes.add_artist(
            Ellipse((x, y), side, side, facecolor=fill, edgecolor="none", zorder=15)
        )

    def sign(self, at: tuple[float, float], look: Style, *, side: float) -> None:
        """Draw the symbol of a style."""
        width = points_wide(look.width_mm * self.page.type_scale * side / look.size_mm)
        parts = [(look.symbol, look.fill, look.edge, width)]
        parts += [(look.mark, look.mark_fill, "none", 0.0)]
        for rank, (name, fill, edge, wide) in enumerate(parts):
            if name is None:
                continue
            outline = symbol_outline(name, (0.0, 0.0), side)
            flipped = outline.vertices * np.array([1.0, -1.0]) + np.asarray(at)
            self.axes.add_collection(
                PathCollection(
                    [type(outline)(flipped, outline.codes)],
                    facecolors=[fill],
                    edgecolors=["#8A8A8A" if fill == "#FFFFFF" == edge else edge],
                    linewidths=wide,
                    zorder=5 + rank,
                ),
                autolim=False,
            )


def new_pen(figure: Figure, page: Page, faces: Faces) -> Pen:
    """Lay transparent axes in millimetres over a page.

    Parameters
    ----------
    figure
        A figure of the page's size.
    page
        The page.
    faces
        The font.

    Returns
    -------
    Pen
        Ready to draw.
    """
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0.0, page.width)
    axes.set_ylim(page.height, 0.0)
    axes.set_axis_off()
    axes.patch.set_visible(False)
    return Pen(axes, page, faces)
