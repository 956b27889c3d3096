"""The ground of a map on a sheet: terrain, border, and ticks on its frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from PIL import Image

from riskmap.publish.artists import Picture
from riskmap.publish.basemap import few_colours, read_base
from riskmap.publish.plot import Plot, area_outlines, points_wide
from riskmap.publish.routedraw import boxes_around
from riskmap.publish.style import page_style, style
from riskmap.publish.terrain import (
    contour_interval,
    contours,
    read_terrain,
    shaded,
    simplified,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.spec import MapSpec
    from riskmap.publish.terrain import Terrain

    FloatArray = NDArray[np.float64]
    Pixels = NDArray[np.uint8]

__all__ = ["DIM_Z", "Relief", "draw_boundary", "draw_terrain", "draw_ticks"]

DIM_Z = 35.0
"""What lies above the base map and below dangers and routes."""

_CONTOUR_DETAIL_MM = 0.12
_BASE_COLUMNS, _BASE_COLOURS = 1100, 96
_MOST_TICKS, _TICK_CORNER_MM = 8, 8.0
_TICKS_M = (500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


@dataclass(frozen=True, slots=True)
class Relief:
    """What the terrain of a map says of itself.

    Parameters
    ----------
    interval
        Metres between contours; None for none.
    void
        Whether heights are unknown somewhere within the known ground.
    """

    interval: float | None
    void: bool


def draw_terrain(plot: Plot, spec: MapSpec, reach: BaseGeometry | None) -> Relief:
    """Draw base map or shade, and contours.

    Parameters
    ----------
    plot
        Where to draw.
    spec
        The map.
    reach
        Where its terrain reaches; None for nowhere.

    Returns
    -------
    Relief
        The interval of the contours, and whether there are voids.

    Raises
    ------
    SourceError
        If a raster cannot be read.
    CrsError
        If the base map says that it is in GCJ-02.
    """
    terrain = read_terrain(spec.dem, plot.window, spec.crs) if spec.dem else None
    page = page_style()
    shade = None
    if terrain is not None:
        shade = shaded(terrain, strength=page["hillshade"])
    ground = _ground(plot, spec, shade)
    if ground is not None:
        Picture(plot.axes, ground, zorder=1)
    if terrain is None:
        return Relief(None, void=False)
    interval = contour_interval(terrain, plot.scale)
    index: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    for height, lines in contours(terrain, interval).items():
        index[round(height / interval) % 5 == 0].extend(lines)
    widths = (page["contour_mm"], page["contour_index_mm"])
    fine = plot.metres(_CONTOUR_DETAIL_MM)
    for lines, width in zip(index, widths, strict=True):
        lines[:] = [simplified(one, fine) for one in lines]
        plot.axes.add_collection(
            LineCollection(
                lines,
                colors=[page["contour"]],
                linewidths=points_wide(width),
                zorder=2,
            ),
            autolim=False,
        )
    shown = spec.base is None
    return Relief(interval, void=shown and _has_void(terrain, reach))


def _has_void(terrain: Terrain, reach: BaseGeometry | None) -> bool:
    """Tell whether heights are unknown within the outline of the terrain."""
    unknown = np.isnan(terrain.heights)
    if not unknown.any() or reach is None:
        return False
    (west, _, _, north), (wide, high) = terrain.bounds, terrain.cell
    row, column = np.nonzero(unknown)
    x, y = west + (column + 0.5) * wide, north - (row + 0.5) * high
    inner = reach.buffer(-2.0 * max(wide, high))
    return bool(shapely.contains_xy(inner, x, y).any())


def _ground(plot: Plot, spec: MapSpec, shade: Pixels | None) -> Pixels | None:
    """Lay the base map over the shade; where it ends, the shade goes on."""
    if spec.base is None:
        return shade
    base = read_base(spec.base, plot.window, spec.crs, columns=_BASE_COLUMNS)
    if base is None:
        return shade
    rows, columns = base.shape[:2]
    under = np.full((1, 1, 3), 255, dtype=np.uint8) if shade is None else shade
    wide = Image.fromarray(under).resize((columns, rows), Image.Resampling.NEAREST)
    pale = few_colours(
        base[..., :3], pale=page_style()["base_pale"], count=_BASE_COLOURS
    )
    return np.where(base[..., 3:] > 0, pale, np.asarray(wide))


def draw_boundary(plot: Plot, spec: MapSpec) -> None:
    """Dim what lies outside and draw the border.

    Parameters
    ----------
    plot
        Where to draw.
    spec
        The map.
    """
    if spec.boundary is None:
        return
    page = page_style()
    shape = spec.boundary.geometry.union_all()
    outside = shapely.box(*plot.window).difference(shape)
    veil = PathCollection(
        area_outlines(outside),
        facecolors=[page["paper"]],
        alpha=page["outside_dim"],
        edgecolors="none",
        zorder=DIM_Z,
    )
    plot.axes.add_collection(veil, autolim=False)
    plot.lines([shape.boundary], style("boundary"), z=DIM_Z + 1)


def draw_ticks(plot: Plot) -> FloatArray:
    """Tick round coordinates on the neat line.

    Parameters
    ----------
    plot
        Where to draw.

    Returns
    -------
    numpy.ndarray
        The boxes of their words, which no label may cover.
    """
    west, south, east, north = plot.window
    step = next(
        (one for one in _TICKS_M if (east - west) / one <= _MOST_TICKS), _TICKS_M[-1]
    )
    page, mm, boxes = page_style(), plot.page.text_mm, [np.zeros((0, 4))]
    reach = plot.metres(1.5)
    for axis, (low, high) in enumerate(((west, east), (south, north))):
        for value in np.arange(np.ceil(low / step) * step, high, step):
            on = np.array([value, south] if axis == 0 else [west, value])
            inward = np.array([0.0, reach] if axis == 0 else [reach, 0.0])
            ends = np.vstack([on, on + inward])
            plot.axes.plot(
                ends[:, 0], ends[:, 1], color=page["ink"], linewidth=0.6, zorder=150
            )
            at = on + inward * (2.2 if axis == 0 else 4.2)
            paper = plot.paper(at)
            far = np.array([plot.rect.width - 6, plot.rect.height - 4])
            if (paper < _TICK_CORNER_MM).all() or (paper > far).any():
                continue
            plot.text(
                at,
                f"{value / 1000:.1f}",
                mm=mm,
                colour=page["quiet"],
                z=150,
                halo_mm=0.4,
            )
            boxes.append(boxes_around(paper, 3.2))
    return np.vstack(boxes)
