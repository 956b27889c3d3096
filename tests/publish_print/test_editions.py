"""Sheets of other sizes: small and grey, large and fine; all of them legible."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from riskmap.publish import draw_risk_map, draw_route_map, save_sheet
from riskmap.publish.fonts import find_fonts, points_of
from riskmap.publish.labels import overlaps
from riskmap.publish.layout import PAGES
from riskmap.publish.paper import RC
from riskmap.publish.sheet import lay_out_map

if TYPE_CHECKING:
    from pathlib import Path
    from types import SimpleNamespace

    from riskmap.publish.sheet import PaperSheet
    from riskmap.publish.spec import MapSpec

    Layers = dict[str, gpd.GeoDataFrame]

GRADES = ("特大型", "大型", "中型", "小型", None)
APART = 20
"""Grey levels of 256 between two grades, which a copier keeps apart."""


def laid_out(spec: MapSpec, page: str) -> PaperSheet:
    with mpl.rc_context(RC):
        return lay_out_map(spec, page, faces=find_fonts())


def hidden_area(sheet: PaperSheet) -> float:
    boxes = [one.candidate.boxes for one in sheet.drawn.placed]
    return sum(
        float(overlaps(one, other).sum())
        for rank, one in enumerate(boxes)
        for other in boxes[:rank]
    )


@pytest.fixture
def graded(villages: gpd.GeoDataFrame, layers: Layers) -> MapSpec:
    """Draw one landslide of each grade, far apart."""
    first = layers["hazard_points"].iloc[[0]]
    many = pd.concat([first] * len(GRADES), ignore_index=True)
    many["hazard_point_id"] = [f"99012101005{at}" for at in range(len(GRADES))]
    many["threat_grade"] = GRADES
    west, south, east, north = villages.geometry.iloc[0].bounds
    along = np.linspace(west + (east - west) / 6, east - (east - west) / 6, len(GRADES))
    middle = gpd.points_from_xy(along, [(south + north) / 2] * len(GRADES))
    points = gpd.GeoDataFrame(many, geometry=middle, crs=villages.crs)
    return draw_risk_map(villages, village="竹溪村", hazard_points=points)


def test_grades_darken_with_danger_on_a_grey_a4_copy(
    graded: MapSpec, tmp_path: Path
) -> None:
    sheet, page = laid_out(graded, "A4"), PAGES["A4"]
    (file,) = save_sheet(graded, tmp_path / "a.png", page="A4", dpi=200)
    with Image.open(file) as picture:
        grey = np.asarray(picture.convert("RGB").convert("L"))
    layer = graded.layer("hazard_points")
    xy = sheet.drawn.plot.paper(np.array([(p.x, p.y) for p in layer.frame.geometry]))
    half, greys = round(1.2 * 200 / 25.4), []
    for x, y in xy:
        column = round((page.map.x + x) * 200 / 25.4)
        row = round((page.map.bottom - y) * 200 / 25.4)
        box = grey[row - half : row + half + 1, column - half : column + half + 1]
        greys.append(int(np.bincount(box.ravel()).argmax()))
    assert np.diff(greys).min() >= APART, greys
    sizes = [
        one.get_fontsize()
        for figure in sheet.figures
        for axes in figure.axes
        for one in axes.texts
    ]
    assert min(sizes) >= points_of(2.2)
    words = [one.get_text() for one in sheet.figures[0].axes[-1].texts]
    assert words.count("13900000001") >= len(GRADES)  # no telephone is broken


@pytest.mark.parametrize("page", ["A1", "A0"])
def test_a_board_for_the_wall_is_laid_out_and_saved(
    plan: SimpleNamespace,
    villages: gpd.GeoDataFrame,
    layers: Layers,
    tmp_path: Path,
    page: str,
) -> None:
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    sheet, size = laid_out(spec, page), PAGES[page]
    assert hidden_area(sheet) == 0
    sizes = [one.get_fontsize() for axes in sheet.figures[0].axes for one in axes.texts]
    assert min(sizes) >= points_of(2.2 * size.type_scale)
    file = tmp_path / f"{page}.pdf"
    save_sheet(spec, file, page=page)
    assert 20_000 < file.stat().st_size < 2_000_000
    box = re.search(rb"MediaBox ?\[ ?0 0 ([0-9.]+) ([0-9.]+)", file.read_bytes())
    assert box is not None
    wide, high = (float(one) / 72 * 25.4 for one in box.groups())
    assert (wide, high) == pytest.approx((size.width, size.height), abs=0.5)


def test_a_fine_picture_has_twice_the_dots(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers, tmp_path: Path
) -> None:
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    (file, *_) = save_sheet(spec, tmp_path / "a.png", dpi=300)
    with Image.open(file) as picture:
        assert picture.size == pytest.approx((4961, 3508), abs=1)
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert file.stat().st_size < 4_000_000
