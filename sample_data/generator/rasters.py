"""Rasters of the county: terrain with voids, flood depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from scipy import ndimage

from generator import grid

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from generator.scene import Scene

NODATA = -9999.0


def _write(path: Path, values: NDArray) -> None:
    """Write one band of 32-bit floats; NaN becomes nodata."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = np.where(np.isfinite(values), values, NODATA).astype("float32")
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=grid.ROWS,
        width=grid.COLS,
        count=1,
        dtype="float32",
        crs=grid.CRS,
        transform=grid.TRANSFORM,
        nodata=NODATA,
        compress="deflate",
        zlevel=9,
        predictor=3,
        tiled=True,
    ) as target:
        target.write(data, 1)


def voids(scene: Scene) -> NDArray[np.bool_]:
    """Return where the terrain model has no data: patches on steep ground."""
    rough = grid.fractal(
        grid.rng_for("voids"), scene.land.z.shape, beta=3.0, longest=30
    )
    steep = ndimage.uniform_filter(scene.land.slope, 9)
    return (rough > 2.35) & (steep > 0.3)


def write_rasters(scene: Scene, dem: Path, depth: Path) -> None:
    """Write the terrain model and the flood depth, EPSG:4549, 30 m."""
    _write(dem, np.where(voids(scene), np.nan, scene.land.z))
    _write(depth, scene.depth)
