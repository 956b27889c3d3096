"""A frame looks where the ground is known, and says where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation

from riskmap.errors import SourceError
from riskmap.publish import draw_risk_map
from riskmap.publish.fonts import find_fonts
from riskmap.publish.ground import known_ground, settled
from riskmap.publish.legend import merged_samples
from riskmap.publish.paper import RC
from riskmap.publish.sheet import lay_out_map
from riskmap.publish.style import style
from riskmap.publish.terrain import read_terrain, shaded

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

sides = st.floats(0, 50)


@given(st.tuples(sides, sides, sides, sides), st.tuples(sides, sides, sides, sides))
@settings(max_examples=60, deadline=None)
def test_a_settled_frame_keeps_its_size_and_all_that_must_be_seen(
    air: tuple[float, ...], reach: tuple[float, ...]
) -> None:
    bounds = (100.0, 100.0, 140.0, 120.0)
    window = (100 - air[0], 100 - air[1], 140 + air[2], 120 + air[3])
    ground = shapely.box(100 - reach[0], 100 - reach[1], 140 + reach[2], 120 + reach[3])
    west, south, east, north = settled(window, bounds, ground)
    assert east - west == pytest.approx(window[2] - window[0])
    assert north - south == pytest.approx(window[3] - window[1])
    assert west <= bounds[0] + 1e-9
    assert north >= bounds[3] - 1e-9
    before = shapely.box(*window).intersection(ground).area
    after = shapely.box(west, south, east, north).intersection(ground).area
    assert after >= before - 1e-6


def dem_of(path: Path, *, west: float, crs: str | None = "EPSG:4490") -> Path:
    """Write terrain whose left edge lies at a longitude."""
    grid = rasterio.Affine(0.0005, 0, west, 0, -0.0005, 28.03)
    with rasterio.open(
        path, "w", driver="GTiff", width=80, height=80, count=1, dtype="float32",
        crs=crs, transform=grid,
    ) as target:  # fmt: skip
        target.write(np.ones((80, 80), dtype="float32"), 1)
    return path


@pytest.mark.parametrize(("west", "blank"), [(119.98, False), (120.006, True)])
def test_paper_beyond_the_terrain_is_explained(
    villages: gpd.GeoDataFrame, tmp_path: Path, *, west: float, blank: bool
) -> None:
    dem = dem_of(tmp_path / "dem.tif", west=west)
    spec = draw_risk_map(villages, village="竹溪村", dem=dem)
    with mpl.rc_context(RC):
        sheet = lay_out_map(spec, "A3", faces=find_fonts())
    told = [one.words for one in sheet.drawn.legend]
    assert ("图外无资料" in told) == blank


@pytest.mark.parametrize("hole", [False, True])
def test_voids_of_the_terrain_are_hatched_and_named_and_no_cliff_is_made_up(
    villages: gpd.GeoDataFrame, tmp_path: Path, *, hole: bool
) -> None:
    heights = np.full((80, 80), 50.0, dtype="float32")
    heights[:, 40:] = 300.0 if not hole else 50.0
    if hole:
        heights[36:44, 36:44] = -9999.0
    path = tmp_path / "dem.tif"
    grid = rasterio.Affine(0.0005, 0, 119.98, 0, -0.0005, 28.03)
    with rasterio.open(
        path, "w", driver="GTiff", width=80, height=80, count=1, dtype="float32",
        crs="EPSG:4490", transform=grid, nodata=-9999.0,
    ) as target:  # fmt: skip
        target.write(heights, 1)
    spec = draw_risk_map(villages, village="竹溪村", dem=path)
    with mpl.rc_context(RC):
        sheet = lay_out_map(spec, "A3", faces=find_fonts())
    told = [one.words for one in sheet.drawn.legend]
    assert (style("no_height").label in told) == hole
    terrain = read_terrain([path], sheet.drawn.plot.window, spec.crs)
    image = shaded(terrain, strength=0.3)
    dark = image.sum(axis=2) < 640
    if hole:
        assert np.isnan(terrain.heights).any(), "heights are not made up"
        colours = np.unique(image[np.isnan(terrain.heights)], axis=0)
        assert len(colours) == 2
        rest = binary_dilation(np.isnan(terrain.heights), iterations=3)
        assert not dark[~rest].any(), "flat ground has no shade at its rim"
    else:
        assert len(np.unique(image.reshape(-1, 3), axis=0)) > 2


def test_terrain_that_cannot_be_read_is_one_clear_error(
    villages: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    assert known_ground(draw_risk_map(villages, village="竹溪村")) is None
    spec = draw_risk_map(villages, village="竹溪村", dem=tmp_path / "没有.tif")
    with pytest.raises(SourceError, match="没有"):
        known_ground(spec)


def test_circles_of_one_kind_are_one_entry_with_all_their_sizes() -> None:
    look = style("circle_2")
    words = [f"135快速救援圈 5分钟 {one}米（假定值）" for one in (2000, 500, 750)]
    (joined,) = merged_samples([(look, one) for one in words])
    assert joined.words == "135快速救援圈 5分钟 500、750、2000米（假定值）"
    assert len(merged_samples([(look, "甲 5米"), (look, "乙 5米")])) == 2
