"""The working grid: 30 m cells in EPSG:4549, and random streams by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from scipy import fft

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20260415
CRS = "EPSG:4549"
CELL = 30.0
ROWS, COLS = 660, 800
WEST, NORTH = 604_500.0, 3_117_000.0
TRANSFORM = Affine(CELL, 0.0, WEST, 0.0, -CELL, NORTH)


def rng_for(name: str) -> np.random.Generator:
    """Return the random stream of one step, independent of all other steps."""
    return np.random.default_rng([SEED, *name.encode()])


def fractal(
    rng: np.random.Generator, shape: tuple[int, int], *, beta: float, longest: float
) -> NDArray[np.float64]:
    """Return 1/f noise with mean 0 and deviation 1; `longest` wave in cells."""
    rows, cols = (2 * side for side in shape)
    frequency = np.hypot(fft.fftfreq(rows)[:, None], fft.rfftfreq(cols)[None, :])
    amplitude = (frequency**2 + (1.0 / longest) ** 2) ** (-beta / 4.0)
    spectrum = fft.rfft2(rng.standard_normal((rows, cols))) * amplitude
    noise = fft.irfft2(spectrum, s=(rows, cols))[: shape[0], : shape[1]]
    return (noise - noise.mean()) / noise.std()


def centre(row: NDArray, col: NDArray) -> NDArray[np.float64]:
    """Return easting and northing of cell centres as an (n, 2) array."""
    row, col = np.asarray(row, dtype=float), np.asarray(col, dtype=float)
    return np.column_stack((WEST + (col + 0.5) * CELL, NORTH - (row + 0.5) * CELL))


def cell_of(xy: NDArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column of the cells that hold the points."""
    xy = np.atleast_2d(np.asarray(xy, dtype=float))
    row = np.clip(((NORTH - xy[:, 1]) / CELL).astype(np.intp), 0, ROWS - 1)
    col = np.clip(((xy[:, 0] - WEST) / CELL).astype(np.intp), 0, COLS - 1)
    return row, col
