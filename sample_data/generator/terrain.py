"""Terrain of the sample county: coast, ridges, valleys and streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import ndimage

from generator import flow, grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

STREAM_KM2 = 1.1
ISLANDS = (
    (0.885, 0.36, 0.042, 1.35),
    (0.80, 0.145, 0.016, 0.62),
    (0.955, 0.56, 0.013, 0.55),
    (0.74, 0.09, 0.010, 0.5),
)


@dataclass(frozen=True, slots=True)
class Terrain:
    """Elevation in metres, the sea, and where water runs.

    Attributes
    ----------
    z : float array
        Elevation, 0 in the sea.
    sea : bool array
        Cells of the sea.
    to : int array
        Flat index of the cell each cell drains to.
    area : float array
        Drainage area in square kilometres.
    """

    z: NDArray[np.float64]
    sea: NDArray[np.bool_]
    to: NDArray[np.intp]
    area: NDArray[np.float64]

    @property
    def slope(self) -> NDArray[np.float64]:
        """Rise over run of the surface."""
        return np.hypot(*np.gradient(self.z, grid.CELL))

    def height(self, xy: NDArray) -> NDArray[np.float64]:
        """Return elevations at points, metres."""
        return self.z[grid.cell_of(xy)]


def _coast(shape: tuple[int, int]) -> NDArray[np.float64]:
    """Return how far each cell is inside the land; below 0 is sea."""
    rng = grid.rng_for("coast")
    south, east = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    north = 1 - south
    rough = grid.fractal(rng, shape, beta=3.3, longest=shape[1] / 4)
    fine = grid.fractal(rng, shape, beta=2.4, longest=shape[1] / 20)
    inside = 0.70 - 0.98 * east + 0.34 * (north - 0.5) + 0.13 * rough + 0.012 * fine
    for x, y, size, height in ISLANDS:
        far = ((east - x) / size) ** 2 + ((north - y) / (size * 1.5)) ** 2
        bump = 0.16 * height * np.exp(-far) + 0.01 * fine + 0.02 * rough - 0.04
        inside = np.where(far < 4, np.maximum(inside, bump), inside)
    return inside


def _open_sea(inside: NDArray) -> NDArray[np.float64]:
    """Turn inland waters into land and drop specks of land in the sea."""
    water, _ = ndimage.label(inside <= 0)
    largest = np.bincount(water[water > 0]).argmax()
    inside = np.where((water > 0) & (water != largest), 0.004, inside)
    land, count = ndimage.label(inside > 0)
    sizes = ndimage.sum_labels(inside > 0, land, np.arange(count + 1))
    return np.where((land > 0) & (sizes[land] < 14), -0.01, inside)


def _grow(inside: NDArray) -> NDArray[np.float64]:
    """Raise the land while rivers cut it: 60 m cells, elevation in metres."""
    rng = grid.rng_for("uplift")
    sea = inside <= 0
    shape = inside.shape
    reach = ndimage.distance_transform_edt(~sea)
    uplift = (1 - np.exp(-reach / 22.0)) * (
        1 + 0.45 * grid.fractal(rng, shape, beta=3.2, longest=70)
    ).clip(0.08, 2.2)
    erodible = np.exp(0.35 * grid.fractal(rng, shape, beta=2.6, longest=60))
    z = np.where(sea, 0.0, 4 + 3 * grid.fractal(rng, shape, beta=2.5, longest=60))
    for _ in range(70):
        z, order, to, cells = flow.route(np.where(sea, 0.0, z + 11 * uplift), sea)
        factor = (0.16 * erodible * np.sqrt(cells)).ravel()
        flat = z.ravel().copy()
        flow.incise(flat, order, to, factor)
        flow.limit_slope(flat, order, to, 42.0, shape[1])
        z = flat.reshape(shape)
    return ndimage.gaussian_filter(z, 0.8)


def _settle(z: NDArray, sea: NDArray) -> NDArray[np.float64]:
    """Flatten the floors of valleys and the mouths of rivers."""
    _, order, to, cells = flow.route(z, sea)
    area = (cells * grid.CELL**2 / 1e6).ravel()
    base, size = z.ravel().copy(), area.copy()
    for i in order[::-1]:
        if to[i] != i and area[i] < 0.45:
            base[i], size[i] = base[to[i]], size[to[i]]
    above = np.maximum(z.ravel() - base, 0)
    keep = 16 * np.minimum(np.sqrt(size / 3.0), 2.2)
    low = base + above**2 / (above + keep + 1e-9)
    return ndimage.gaussian_filter(low.reshape(z.shape), 1.0)


def build_terrain() -> Terrain:
    """Return the terrain; streams flow downhill on its elevation."""
    shape = (grid.ROWS, grid.COLS)
    half = _open_sea(_coast((grid.ROWS // 2, grid.COLS // 2)))
    inside = ndimage.zoom(half, 2, order=1)
    sea = ndimage.binary_opening(inside <= 0, iterations=1)
    z = ndimage.zoom(_grow(half), 2, order=3)
    rough = grid.fractal(grid.rng_for("detail"), shape, beta=2.2, longest=30)
    slope = np.hypot(*np.gradient(z, grid.CELL))
    z = np.maximum(z + rough * (0.3 + 7 * slope.clip(0, 0.8)), 0)
    shore = ndimage.distance_transform_edt(~sea) * grid.CELL
    z = np.maximum(_settle(np.where(sea, 0.0, z), sea), np.minimum(1.2 + shore / 90, 3))
    z = np.round(flow.fill(np.where(sea, 0.0, z), sea), 1)
    _, _, to, cells = flow.route(z, sea)
    return Terrain(z=z, sea=sea, to=to, area=cells * grid.CELL**2 / 1e6)


def stream_lines(terrain: Terrain) -> list[tuple[shapely.LineString, float]]:
    """Return the reaches between confluences, downstream, with km2 at their end."""
    area, to, cols = terrain.area.ravel(), terrain.to, terrain.z.shape[1]
    wet = (area >= STREAM_KM2) & ~terrain.sea.ravel()
    inflows = np.bincount(to[wet & (to != np.arange(to.size))], minlength=to.size)
    heads = np.flatnonzero(wet & (inflows != 1))
    reaches = []
    for head in heads:
        cells = [head]
        while to[cells[-1]] != cells[-1]:
            cells.append(to[cells[-1]])
            if not wet[cells[-1]] or inflows[cells[-1]] > 1:
                break
        if len(cells) > 1:
            xy = grid.centre(*np.divmod(np.array(cells), cols))
            reaches.append((shapely.LineString(bend(xy, 1.3)), area[cells[-2]]))
    return reaches


def bend(xy: NDArray, sigma: float) -> NDArray[np.float64]:
    """Round the corners of a polyline of grid cells; its ends stay."""
    if len(xy) < 3:
        return xy
    chord = np.linspace(0, 1, len(xy))[:, None] * (xy[-1] - xy[0]) + xy[0]
    smooth = (
        chord
        + ndimage.gaussian_filter1d(
            np.vstack((-(xy - chord)[::-1], (xy - chord)[1:], -(xy - chord)[::-1][1:])),
            sigma,
            axis=0,
        )[len(xy) - 1 : 2 * len(xy) - 1]
    )
    smooth[0], smooth[-1] = xy[0], xy[-1]
    return smooth
