"""Signs and colours are data: a county's own file takes their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import pytest

from riskmap.errors import StandardError
from riskmap.publish import draw_risk_map, save_sheet, save_web
from riskmap.publish.look import styled
from riskmap.publish.plot import symbol_outline
from riskmap.publish.style import page_style, style, symbol

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    Layers = dict[str, gpd.GeoDataFrame]

OWN = """
[page]
paper = "#FFFFFF"
[grades.high]
colour = "#7A0177"
[entries.shelter]
label = "应急避难场所"
mark = "star"
[symbols]
landslide = "M2 2 H22 V22 H2 Z"
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "本县样式.toml"
    file.write_text(OWN, "utf-8")
    return file


def test_only_what_differs_is_replaced(own: Path) -> None:
    before, box = style("landslide_high"), symbol("landslide")
    with styled(own):
        assert style("landslide_high").fill == "#7A0177"
        assert style("landslide_low") == style("landslide_low")
        assert style("shelter").label == "应急避难场所"
        assert page_style()["paper"] == "#FFFFFF"
        assert page_style()["ink"] == "#2B2B2B"
        assert symbol_outline("landslide", (0, 0), 24).get_extents().width == 20
    assert style("landslide_high") == before
    assert symbol("landslide") == box


def test_a_map_carries_its_look_to_paper_and_page(
    villages: gpd.GeoDataFrame, layers: Layers, own: Path, tmp_path: Path
) -> None:
    with styled(own):
        spec = draw_risk_map(villages, village="竹溪村", layers=layers)
    plain = draw_risk_map(villages, village="竹溪村", layers=layers)
    assert spec.look == own
    page = save_web(spec, tmp_path / "a.html").read_text("utf-8")
    assert "#7A0177" in page
    assert "应急避难场所" in page
    assert "#7A0177" not in save_web(plain, tmp_path / "b.html").read_text("utf-8")
    (paper, *_) = save_sheet(spec, tmp_path / "a.png", page="A4")
    picture = mpl.image.imread(paper)[..., :3]
    purple = (abs(picture - [0x7A / 255, 1 / 255, 0x77 / 255]) < 0.01).all(axis=2)
    assert purple.sum() > 20


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[entry.shelter]\nfill='#000000'", 'the nearest is "entries"'),
        ("[entries.sheltr]\nfill='#000000'", 'nearest is "entries.shelter"'),
        ("[entries.shelter]\nfill='green'", 'is not a colour; write it as "#RRGGBB"'),
        ("[entries.shelter]\ncolor='#000000'", "no style has"),
        ("[grades]\nhigh='#000000'", "must be a table"),
        ("[page", "cannot be read as a style"),
    ],
)
def test_a_wrong_file_is_one_clear_error(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "a.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(StandardError, match=message), styled(file):
        style("shelter")


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StandardError, match="cannot be read"), styled(tmp_path / "a"):
        style("shelter")
