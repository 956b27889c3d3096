"""A county's picture of the ground: in its true place, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from PIL import Image

from riskmap.errors import CrsError, SourceError
from riskmap.publish import draw_route_map, save_sheets, save_web
from riskmap.publish.basemap import own_base, read_base

if TYPE_CHECKING:
    from pathlib import Path
    from types import SimpleNamespace

    import geopandas as gpd

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(path: Path, villages: gpd.GeoDataFrame, **tags: str) -> Path:
    """Write a picture whose west half is red and whose east half is blue."""
    west, south, east, north = villages.to_crs(4326).total_bounds
    pixels = np.zeros((3, 256, 256), dtype=np.uint8)
    pixels[:, :, :128] = np.array(RED)[:, None, None]
    pixels[:, :, 128:] = np.array(BLUE)[:, None, None]
    wide, high = (east - west) / 256, (north - south) / 256
    grid = rasterio.Affine(wide, 0.0, west, 0.0, -high, north)
    with rasterio.open(
        path, "w", driver="GTiff", width=256, height=256, count=3, dtype="uint8",
        crs="EPSG:4326", transform=grid,
    ) as target:  # fmt: skip
        target.write(pixels)
        target.update_tags(**tags)
    return path


@pytest.mark.parametrize("ending", ["tif", "mbtiles"])
def test_a_picture_lies_where_it_belongs(
    villages: gpd.GeoDataFrame, tmp_path: Path, ending: str
) -> None:
    file = picture(tmp_path / "a.tif", villages)
    if ending == "mbtiles":
        rasterio.shutil.copy(file, tmp_path / "a.mbtiles", driver="MBTiles")
        file = tmp_path / "a.mbtiles"
    known = villages[villages.geometry.notna()].to_crs("EPSG:4549")
    west, south, east, north = known.total_bounds
    bounds = (west - 500, south, east + 500, north)
    seen = read_base(file, bounds, known.crs, columns=340)
    row = len(seen) // 2
    assert np.abs(seen[row, 80, :3].astype(int) - RED).max() < 40
    assert np.abs(seen[row, 260, :3].astype(int) - BLUE).max() < 40
    assert seen[row, 2, 3] == 0
    assert seen[row, 170, 3] == 255


def test_a_picture_elsewhere_is_no_picture(
    villages: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    file = picture(tmp_path / "a.tif", villages)
    crs = villages.to_crs("EPSG:4549").crs
    assert read_base(file, (0.0, 0.0, 900.0, 600.0), crs, columns=40) is None


@pytest.mark.parametrize(
    "tags", [{"datum": "GCJ-02"}, {"SOURCE": "高德卫星影像"}, {"note": "BD09 tiles"}]
)
def test_a_picture_that_says_it_is_shifted_is_refused(
    villages: gpd.GeoDataFrame, tmp_path: Path, tags: dict[str, str]
) -> None:
    file = picture(tmp_path / "a.tif", villages, **tags)
    with pytest.raises(CrsError, match="GCJ-02 or BD-09"):
        own_base(file, datum="cgcs2000")


def test_a_picture_that_the_county_declares_shifted_is_refused(
    villages: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    file = picture(tmp_path / "a.tif", villages)
    assert own_base(file, datum="cgcs2000") == file
    with pytest.raises(CrsError, match="hundreds of metres beside"):
        own_base(file, datum="gcj02")


def test_what_is_no_raster_is_one_clear_error(tmp_path: Path) -> None:
    wrong = tmp_path / "a.tif"
    wrong.write_text("no picture")
    with pytest.raises(SourceError, match="cannot be read as a base map"):
        own_base(wrong, datum="cgcs2000")


def test_a_picture_goes_to_paper_and_page(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    base = picture(tmp_path / "底图.tif", villages)
    spec = draw_route_map(plan, villages, village="竹溪村", base=base)
    plain = draw_route_map(plan, villages, village="竹溪村")
    assert "影像底图：底图.tif。" in spec.imprint.notes
    paper, *_ = save_sheets(spec, [tmp_path / "a.png"], page="A4")
    with Image.open(paper) as sheet:
        colours = sheet.convert("RGB").getcolors(1 << 24)
    reddish = sum(n for n, (r, g, b) in colours if r > g + 50 and abs(g - b) < 20)
    assert reddish > 50_000
    page = save_web(spec, tmp_path / "a.html").read_text("utf-8")
    none = save_web(plain, tmp_path / "b.html").read_text("utf-8")
    assert page.count("data:image/webp") == 1
    assert "data:image/webp" not in none
    assert len(page) < 1_500_000
