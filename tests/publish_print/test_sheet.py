from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import rasterio
from PIL import Image

from riskmap.errors import LayerError, SourceError
from riskmap.publish import (
    Imprint,
    draw_risk_map,
    draw_route_map,
    draw_situation_map,
    save_sheet,
    save_sheets,
)
from riskmap.publish.card_frames import household_cards
from riskmap.publish.cards import save_cards, save_list
from riskmap.publish.fonts import find_fonts, points_of, printable, text_width, wrap
from riskmap.publish.labels import overlaps
from riskmap.publish.layout import SCALES, Rect, round_scale
from riskmap.publish.lists_frames import duty_list
from riskmap.publish.paper import RC
from riskmap.publish.sheet import lay_out_map

if TYPE_CHECKING:
    from pathlib import Path
    from types import SimpleNamespace

    from riskmap.publish.sheet import PaperSheet
    from riskmap.publish.spec import MapSpec

    Layers = dict[str, gpd.GeoDataFrame]

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler-utils is not installed"
)


def laid_out(spec: MapSpec, page: str = "A3") -> PaperSheet:
    with mpl.rc_context(RC):
        return lay_out_map(spec, page, faces=find_fonts())


def hidden_area(sheet: PaperSheet) -> float:
    boxes = [one.candidate.boxes for one in sheet.drawn.placed]
    return sum(
        float(overlaps(one, other).sum())
        for rank, one in enumerate(boxes)
        for other in boxes[:rank]
    )


def words_of(pdf: Path) -> str:
    run = subprocess.run(
        ["pdftotext", "-raw", str(pdf), "-"], capture_output=True, check=True
    )
    return "".join(run.stdout.decode("utf-8").split())


@pytest.fixture
def route_map(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> MapSpec:
    imprint = Imprint(data_date="2026-04-15", version="2026-04-15", fictional=True)
    return draw_route_map(
        plan, villages, village="竹溪村", layers=layers, imprint=imprint
    )


@pytest.fixture
def crowded_map(villages: gpd.GeoDataFrame, layers: Layers) -> MapSpec:
    rng = np.random.default_rng(7)
    west, south, east, north = villages.geometry.iloc[0].bounds
    x, y = rng.uniform(west, east, 200), rng.uniform(south, north, 200)
    points = gpd.GeoDataFrame(
        {
            "hazard_point_id": [f"H{rank:03d}" for rank in range(200)],
            "name": [f"第{rank}号隐患点" for rank in range(200)],
            "hazard": rng.choice(["滑坡", "崩塌", "泥石流"], 200),
            "threat_grade": rng.choice(["大型", "中型", "小型", ""], 200),
            "village_code": "990000000201",
        },
        geometry=gpd.points_from_xy(x, y),
        crs=villages.crs,
    )
    return draw_risk_map(
        villages, village="竹溪村", layers=layers, hazard_points=points
    )


@pytest.mark.parametrize("page", ["A3", "A4", "A1", "phone"])
def test_no_label_covers_another_and_none_is_too_small(
    route_map: MapSpec, page: str
) -> None:
    sheet = laid_out(route_map, page)
    assert hidden_area(sheet) == 0
    least = 2.8 if page == "phone" else 2.2
    for figure in sheet.figures:
        sizes = [text.get_fontsize() for axes in figure.axes for text in axes.texts]
        assert min(sizes) >= points_of(least) * 0.999
    printed = {sheet.drawn.wanted[one.key].words for one in sheet.drawn.placed}
    assert any("竹溪小学" in words for words in printed)
    assert sum("组" in words for words in printed) >= 4


def test_two_hundred_dangers_are_all_listed_and_none_covers_another(
    crowded_map: MapSpec,
) -> None:
    sheet = laid_out(crowded_map)
    assert hidden_area(sheet) == 0
    assert len(crowded_map.table("hazards").frame) == 201
    assert len(sheet.figures) > 1


@needs_poppler
def test_every_label_and_figure_is_found_in_the_pdf(
    route_map: MapSpec, tmp_path: Path
) -> None:
    file = tmp_path / "转移 路线.pdf"
    assert save_sheet(route_map, file) == [file]
    found = words_of(file)
    layers = [one for one in route_map.layers if one.kind == "point"]
    for label in pd.concat([one.frame["label"] for one in layers]).dropna():
        for part in label.split("\n"):
            assert "".join(part.split()) in found
    for cell in route_map.table("transfer").frame.to_numpy().ravel():
        assert "".join(cell.split()) in found or len(cell) > 6
    for words in ("图例", "比例尺", "北", "坐标系", "虚构示例", "2026-04-15", "审图号"):
        assert words in found


@pytest.mark.parametrize("ending", ["pdf", "png"])
def test_the_same_map_gives_the_same_bytes(
    route_map: MapSpec, tmp_path: Path, ending: str
) -> None:
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    save_sheet(route_map, first)
    save_sheet(route_map, second)
    assert first.read_bytes() == second.read_bytes()


def test_a_sheet_has_its_size(route_map: MapSpec, tmp_path: Path) -> None:
    files = save_sheets(route_map, [tmp_path / "a.pdf", tmp_path / "a.png"])
    with Image.open(files[1]) as picture:
        assert picture.size == (2480, 1753)
    (phone,) = save_sheet(route_map, tmp_path / "手机.png", page="phone")
    with Image.open(phone) as picture:
        assert picture.width == 1080
    assert phone.stat().st_size < 1_000_000


def test_the_colour_of_danger_survives_in_the_picture(
    crowded_map: MapSpec, tmp_path: Path
) -> None:
    (file, *_) = save_sheet(crowded_map, tmp_path / "a.png")
    with Image.open(file) as picture:
        colours = set(picture.convert("RGB").get_flattened_data())
    assert {(222, 45, 38), (251, 138, 46), (242, 193, 78)} <= colours


def test_terrain_with_holes_is_drawn(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    heights = np.add.outer(np.arange(80.0), np.arange(80.0)).astype("float32") * 3
    heights[30:34, 30:34] = -9999
    dem = tmp_path / "dem.tif"
    with rasterio.open(
        dem,
        "w",
        driver="GTiff",
        width=80,
        height=80,
        count=1,
        dtype="float32",
        crs="EPSG:4490",
        transform=rasterio.Affine(0.0005, 0, 119.99, 0, -0.0005, 28.03),
        nodata=-9999,
    ) as target:
        target.write(heights, 1)
    spec = draw_route_map(plan, villages, village="竹溪村", dem=dem)
    assert laid_out(spec).drawn.interval is not None


@pytest.mark.parametrize("product", ["risk", "route", "situation"])
@pytest.mark.parametrize("village", ["竹溪新村", "石门村"])
def test_a_place_of_which_little_is_known_still_has_a_sheet(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, village: str, product: str
) -> None:
    if product == "route":
        spec = draw_route_map(plan, villages, village=village)
    elif product == "risk":
        spec = draw_risk_map(villages, village=village)
    else:
        spec = draw_situation_map(villages, village=village)
    assert len(laid_out(spec).figures) == 1


def test_a_name_of_sixty_characters_and_rare_ones_are_printed(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    name = "很长的村名" * 12
    villages.loc[0, "name"] = name + "\U0001f600$x_1$"
    plan.groups.loc[0, "name"] = "<b>组</b>\u0007 $\\frac{1}{2}$"
    spec = draw_route_map(plan, villages, village="990000000201")
    (file,) = save_sheet(spec, tmp_path / "a.pdf")
    if shutil.which("pdftotext"):
        found = words_of(file)
        assert "〓" in found
        assert "U+1F600" in found
        assert "<b>组</b>$\\frac{1}{2}$" in found


def test_long_tables_flow_on_and_lose_no_row(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    many = gpd.GeoDataFrame(
        pd.concat(
            [
                plan.groups.iloc[[1]].assign(
                    group_id=f"G{rank:04d}", name=f"甲{rank:03d}组"
                )
                for rank in range(120)
            ],
            ignore_index=True,
        ),
        crs=plan.groups.crs,
    )
    plan.groups = many
    spec = draw_route_map(plan, villages, village="竹溪村")
    (file,) = save_sheet(spec, tmp_path / "a.pdf")
    assert len(spec.table("transfer").frame) == 120
    if shutil.which("pdftotext"):
        found = words_of(file)
        assert all(f"甲{rank:03d}组" in found for rank in range(120))


@pytest.mark.parametrize(
    ("name", "page", "error", "message"),
    [
        ("a.svg", "A3", SourceError, "saved as .pdf or .png"),
        ("a.pdf", "A2", LayerError, 'no page is named "A2"'),
        ("none/a.pdf", "A3", SourceError, "cannot be written"),
        ("none/a.png", "A3", SourceError, "cannot be written"),
    ],
)
def test_what_cannot_be_saved_is_one_clear_error(
    route_map: MapSpec,
    tmp_path: Path,
    name: str,
    page: str,
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        save_sheet(route_map, tmp_path / name, page=page)


def test_a_file_that_is_no_chinese_font_is_refused(tmp_path: Path) -> None:
    latin = mpl.get_data_path() + "/fonts/ttf/DejaVuSans.ttf"
    with pytest.raises(SourceError, match="no Chinese characters"):
        find_fonts(latin)
    wrong = tmp_path / "font.ttf"
    wrong.write_text("no font")
    with pytest.raises(SourceError, match="cannot be read as a font"):
        find_fonts(wrong)


def test_text_wraps_between_characters_not_within_numbers() -> None:
    font = find_fonts().regular
    lines = wrap("联系电话13900000001，请记住", 25.0, mm=2.5, font=font)
    assert "".join(lines) == "联系电话13900000001，请记住"
    assert any("13900000001" in line for line in lines)
    assert all(text_width(line, 2.5, font) <= 25.0 for line in lines)
    assert not any(line.startswith("，") for line in lines)


def test_characters_outside_the_font_are_seen() -> None:
    shown, missing = printable("村\U0001f600\u0000\t组", find_fonts())
    assert shown.replace(" ", "") == "村〓组"
    assert missing == {"\U0001f600"}


@pytest.mark.parametrize("width", [10.0, 285.0, 1000.0, 12_345.0, 2e6])
def test_the_scale_is_round_and_holds_the_bounds(width: float) -> None:
    frame = Rect(10, 30, 285, 225)
    scale, window = round_scale((0.0, 0.0, width, width / 2), frame)
    assert scale in SCALES or scale % SCALES[-1] == 0
    assert window[0] <= 0
    assert window[2] >= width
    assert window[2] - window[0] == pytest.approx(frame.width * scale / 1000)


def test_cards_and_lists_are_pages(
    plan: SimpleNamespace,
    villages: gpd.GeoDataFrame,
    layers: Layers,
    tmp_path: Path,
) -> None:
    imprint = Imprint(data_date="2026-04-15", version="v1", fictional=True)
    cards = household_cards(plan, villages, village="竹溪村", layers=layers)
    file = save_cards(cards, tmp_path / "卡.pdf", place="竹溪村", imprint=imprint)
    duties = duty_list(villages, village="竹溪村", layers=layers)
    many = pd.concat([duties] * 20, ignore_index=True)
    listed = save_list(many, tmp_path / "清单.pdf", title="责任清单", imprint=imprint)
    if shutil.which("pdftotext"):
        assert words_of(file).count("避险明白卡") == 4
        assert words_of(listed).count("上坑风险防范区") == 20
    none = save_cards(
        cards.iloc[:0], tmp_path / "无.pdf", place="竹溪村", imprint=imprint
    )
    assert none.stat().st_size > 0


@pytest.mark.parametrize("page", ["A3", "A4", "phone"])
def test_only_internal_maps_are_watermarked(route_map: MapSpec, page: str) -> None:
    inside = replace(route_map.imprint, edition="internal")
    for spec in (route_map, replace(route_map, imprint=inside)):
        sheet = laid_out(spec, page)
        axes = [one for figure in sheet.figures for one in figure.axes]
        marks = [
            one
            for part in axes
            for one in part.texts
            if one.get_text() == "内部使用" and one.get_rotation() == 30.0
        ]
        over = [one.get_alpha() for one in marks if one.get_zorder() > 50]
        assert len(over) == (spec.imprint.edition == "internal")
        assert all(0.05 < one < 0.2 for one in over)
        assert len(marks) >= len(over) * (1 + len(sheet.figures))


def test_the_watermark_is_seen_and_hides_nothing(
    route_map: MapSpec, tmp_path: Path
) -> None:
    inside = replace(route_map.imprint, edition="internal")
    pictures = []
    for spec in (route_map, replace(route_map, imprint=inside)):
        (file, *_) = save_sheet(spec, tmp_path / "a.png", dpi=60)
        with Image.open(file) as picture:
            pictures.append(np.asarray(picture.convert("RGB"), dtype=float))
    whole = pictures[0].shape[1]
    gap = np.abs(pictures[0] - pictures[1]).max(axis=2)[:, : whole * 2 // 3]
    assert 0.01 < np.mean(gap > 8) < 0.1
    dark = pictures[0][:, : whole * 2 // 3].max(axis=2) < 90
    kept = pictures[1][:, : whole * 2 // 3].max(axis=2)
    assert kept[dark].max() < 130
