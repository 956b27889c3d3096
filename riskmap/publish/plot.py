"""A map's frame on a sheet, and the primitives drawn into it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path as Outline
from svgpath2mpl import parse_path

from riskmap.publish.artists import Words, ring_codes
from riskmap.publish.fonts import printable
from riskmap.publish.style import page_style, symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.fonts import Faces
    from riskmap.publish.layout import Page, Rect
    from riskmap.publish.style import Style

    FloatArray = NDArray[np.float64]

__all__ = ["Plot", "area_outlines", "line_arrays", "points_wide", "symbol_outline"]

POINTS_PER_MM = 72.0 / 25.4
_FADED = 0.4
_SMALL_SCALE, _SMALL = 20_000, 0.72


@dataclass(frozen=True, slots=True)
class Plot:
    """Where a map is drawn, and how large a millimetre of paper is there.

    Parameters
    ----------
    axes
        The axes, in metres of the map's CRS.
    window
        What they show, ``(minx, miny, maxx, maxy)``, metres.
    scale
        The denominator of the scale.
    page
        The page.
    rect
        The frame on the page.
    faces
        The font.
    """

    axes: Axes
    window: tuple[float, float, float, float]
    scale: int
    page: Page
    rect: Rect
    faces: Faces

    def metres(self, mm: float) -> float:
        """Return the metres on the ground of millimetres of paper."""
        return mm * self.scale / 1000.0

    def size(self, mm: float) -> float:
        """Return the millimetres of paper of a size given for an A3 sheet."""
        crowd = _SMALL if self.scale > _SMALL_SCALE else 1.0
        return mm * self.page.type_scale * crowd

    def sign_size(self, mm: float, layer: str) -> float:
        """Return the size of a sign; numbers of groups never shrink."""
        return mm * self.page.type_scale if layer == "groups" else self.size(mm)

    def label_mm(self, look: Style) -> float:
        """Return the height of the characters of a label, millimetres."""
        return max(self.size(look.text_mm), self.page.text_mm)

    def paper(self, xy: FloatArray) -> FloatArray:
        """Return positions on paper, millimetres from the frame's lower left."""
        return (np.asarray(xy) - self.window[:2]) * 1000.0 / self.scale

    def ground(self, xy: FloatArray) -> FloatArray:
        """Return positions in metres of the CRS."""
        return np.asarray(xy) * self.scale / 1000.0 + self.window[:2]

    def areas(
        self, shapes: Iterable[BaseGeometry], look: Style, *, z: float, faded: bool
    ) -> None:
        """Draw areas; faded ones as a breath of their colour and hatch."""
        outlines = [one for shape in shapes for one in area_outlines(shape)]
        if not outlines:
            return
        opacity = look.fill_opacity * (_FADED if faded else 1.0)
        fill = PathCollection(
            outlines, facecolors=[look.fill], alpha=opacity, edgecolors="none", zorder=z
        )
        if opacity > 0:
            self.axes.add_collection(fill, autolim=False)
        if look.width_mm > 0:
            edge = PathCollection(
                outlines,
                facecolors="none",
                edgecolors=[look.edge],
                linewidths=points_wide(self.size(look.width_mm)),
                linestyles=[self._dashes(look)],
                hatch=look.hatch or None,
                zorder=z + 0.1,
            )
            self.axes.add_collection(edge, autolim=False)

    def lines(
        self,
        shapes: Iterable[BaseGeometry],
        look: Style,
        *,
        z: float,
        casing_z: float | None = None,
    ) -> None:
        """Draw lines on their casing."""
        arrays = [one for shape in shapes for one in line_arrays(shape)]
        if not arrays:
            return
        if look.casing is not None:
            wide = look.width_mm + 2 * look.casing_mm
            self._strokes(arrays, look.casing, width=wide, z=casing_z or z)
        body = LineCollection(
            arrays,
            colors=[look.fill],
            linewidths=points_wide(self.size(look.width_mm)),
            linestyles=[self._dashes(look)],
            capstyle="butt" if look.dash_mm else "round",
            joinstyle="round",
            alpha=look.fill_opacity,
            zorder=z + 0.1,
        )
        self.axes.add_collection(body, autolim=False)

    def symbols(
        self, xy: FloatArray, look: Style, *, z: float, sizes: Sequence[float]
    ) -> None:
        """Draw a symbol at each position; sizes are factors."""
        if look.symbol is None or not len(xy):
            return
        width = points_wide(self.size(look.width_mm))
        sides = [self.metres(self.size(look.size_mm)) * one for one in sizes]
        halo = [
            symbol_outline(look.symbol, at, side * 1.1)
            for at, side in zip(xy, sides, strict=True)
        ]
        self.shapes(halo, fill=page_style()["paper"], edge="none", width=0.0, z=z)
        body = [
            symbol_outline(look.symbol, at, side)
            for at, side in zip(xy, sides, strict=True)
        ]
        self.shapes(body, fill=look.fill, edge=look.edge, width=width, z=z + 0.1)
        if look.mark is not None:
            marks = [
                symbol_outline(look.mark, at, side)
                for at, side in zip(xy, sides, strict=True)
            ]
            self.shapes(marks, fill=look.mark_fill, edge="none", width=0.0, z=z + 0.2)

    def shapes(
        self,
        outlines: Sequence[Outline],
        *,
        fill: str,
        edge: str,
        width: float,
        z: float,
    ) -> None:
        """Draw outlines in metres; the width of the edge in points."""
        self.axes.add_collection(
            PathCollection(
                outlines,
                facecolors=[fill],
                edgecolors=[edge],
                linewidths=width,
                zorder=z,
            ),
            autolim=False,
        )

    def text(
        self,
        xy: FloatArray | tuple[float, float],
        words: str,
        *,
        mm: float,
        colour: str,
        z: float,
        bold: bool = False,
        angle: float = 0.0,
        halo_mm: float = 0.0,
        halo_z: float | None = None,
    ) -> None:
        """Print a text around a position, on a halo of paper colour."""
        words, _ = printable(words, self.faces)
        common: dict[str, Any] = {
            "fontproperties": self.faces.properties(mm, bold=bold),
            "ha": "center",
            "rotation": angle,
            "transform": self.axes.transData,
        }
        x, y = float(xy[0]), float(xy[1])
        if halo_mm > 0:
            wide, paper = points_wide(2 * halo_mm), page_style()["paper"]
            under = Words(
                x,
                y,
                words,
                halo=wide,
                color=paper,
                zorder=z if halo_z is None else halo_z,
                **common,
            )
            self.axes.add_artist(under)
        over = Words(x, y, words, color=colour, zorder=z + 0.5, **common)
        self.axes.add_artist(over)

    def _strokes(
        self, arrays: Sequence[FloatArray], colour: str, *, width: float, z: float
    ) -> None:
        """Draw plain lines of a width given for an A3 sheet."""
        self.axes.add_collection(
            LineCollection(
                arrays,
                colors=[colour],
                linewidths=points_wide(self.size(width)),
                capstyle="round",
                joinstyle="round",
                zorder=z,
            ),
            autolim=False,
        )

    def _dashes(self, look: Style) -> object:
        """Return the line style of matplotlib, whose dashes count line widths."""
        if not look.dash_mm or look.width_mm <= 0:
            return "solid"
        return (0, [one / look.width_mm for one in look.dash_mm])


def points_wide(mm: float) -> float:
    """Return millimetres as points, the unit of line widths.

    Parameters
    ----------
    mm
        Millimetres on paper.

    Returns
    -------
    float
        Points.
    """
    return mm * POINTS_PER_MM


def symbol_outline(name: str, at: Sequence[float], side: float) -> Outline:
    """Return a symbol at a place.

    Parameters
    ----------
    name
        The name of the symbol.
    at
        The middle of its box; y grows upwards.
    side
        The side of its box.

    Returns
    -------
    matplotlib.path.Path
        In the units of `at` and `side`.
    """
    path = _parsed(symbol(name))
    turned = (np.asarray(path.vertices) - 12.0) * np.array([side / 24.0, -side / 24.0])
    return Outline(turned + np.asarray(at), path.codes)


def area_outlines(shape: BaseGeometry) -> list[Outline]:
    """Return the polygons of a geometry as outlines with holes.

    Parameters
    ----------
    shape
        Any geometry.

    Returns
    -------
    list of matplotlib.path.Path
        One for each polygon.
    """
    found = []
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        sound = shapely.geometry.polygon.orient(part)
        rings = [sound.exterior, *sound.interiors]
        vertices = [shapely.get_coordinates(ring) for ring in rings]
        codes = [ring_codes(len(one)) for one in vertices]
        found.append(Outline(np.vstack(vertices), np.concatenate(codes)))
    return found


def line_arrays(shape: BaseGeometry) -> list[FloatArray]:
    """Return the lines of a geometry, or the outlines of its areas.

    Parameters
    ----------
    shape
        Any geometry; points are passed over.

    Returns
    -------
    list of numpy.ndarray
        Coordinates, one array for each line.
    """
    found = []
    for part in shapely.get_parts(shape):
        outline = part.boundary if part.geom_type == "Polygon" else part
        found += [
            shapely.get_coordinates(one)
            for one in shapely.get_parts(outline)
            if one.geom_type in {"LineString", "LinearRing"} and one.length > 0
        ]
    return found


@cache
def _parsed(words: str) -> Outline:
    """Parse the path of a symbol, once."""
    outline: Outline = parse_path(words)
    return outline
