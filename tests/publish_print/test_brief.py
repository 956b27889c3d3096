"""Word documents from templates, and what the audit's brief says."""

import re
import zipfile
from pathlib import Path

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from shapely import box

from riskmap.errors import SourceError
from riskmap.publish import write_workbook
from riskmap.publish.audit_brief import audit_brief
from riskmap.publish.audit_charts import AUDIT_CHARTS, audit_overview
from riskmap.publish.audit_map import draw_coverage
from riskmap.publish.brief import Brief, plain_template, write_brief

CODES = ["990100000001", "990100000002", "990100000003"]


@pytest.fixture(scope="module")
def audit() -> dict[str, pd.DataFrame]:
    """Three villages: covered, covered by the circle alone, unknown."""
    whole = {"standard": "three_minute", "tier": 1}
    tiers = pd.DataFrame(
        {
            "village_code": CODES, **whole, "mode": "emergency",
            "fix": ["", "新设", ""],
            "people": pd.array([100, 200, None], dtype="Int64"),
            "circle_people": pd.array([100, 200, None], dtype="Int64"),
            "network_people": pd.array([100, 50, None], dtype="Int64"),
            "reason": ["ok", "over_time", "insufficient_data"],
        }
    )  # fmt: skip
    ratios = pd.DataFrame(
        {
            "scope": ["county"], "code": [""], "roster": ["any"], **whole,
            "villages": [3], "passed_villages": [1], "unknown_villages": [1],
            "people": [300], "circle_people": [300], "network_people": [150],
            "circle_ratio": [1.0], "network_ratio": [0.5],
        }
    )  # fmt: skip
    shelters = pd.DataFrame(
        {
            "scope": ["county", "township"], "code": ["", "990100000000"],
            "shelters": 4, "safe_shelters": 3, "beds": 70, "villages_without": 1,
            "people": 300, "reached_people": 250, "reached_ratio": 0.83333,
            "passed": pd.array([None, None], dtype="boolean"),
        }
    )  # fmt: skip
    loss = pd.DataFrame(
        {**whole, "name": ["甲队"], "people": [100], "villages": [CODES[0]]}
    )
    land = [box(121 + at / 100, 28, 121.01 + at / 100, 28.01) for at in range(3)]
    villages = gpd.GeoDataFrame(
        {"village_code": CODES, "village_name": ["甲村", "乙村", "丙村"]},
        geometry=land, crs=4490,
    )  # fmt: skip
    circles = gpd.GeoDataFrame(
        {**whole, "team_id": ["T"]}, geometry=[box(121, 28, 121.02, 28.01)], crs=4490
    )
    rule = {"label": ["有应急预案", "有应急预案"], "reason": ["ok", "not_met"]}
    return {
        "villages": villages, "tiers": tiers, "ratios": ratios, "circles": circles,
        "sheltering": shelters, "losses": loss, "shelter_losses": loss.iloc[:0],
        "capability": pd.DataFrame(rule),
    }  # fmt: skip


@pytest.fixture(scope="module")
def brief(
    audit: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Brief:
    picture = tmp_path_factory.mktemp("brief") / "map.png"
    return audit_brief(
        audit,
        county="示例县",
        imprint="虚构示例",
        picture=draw_coverage(picture, audit),
    )


def words_of(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [
        cell.text
        for table in document.tables
        for row in table.rows
        for cell in row.cells
    ]
    return "\n".join([*(line.text for line in document.paragraphs), *cells])


def test_the_brief_says_circle_beside_road_and_what_is_unknown(
    brief: Brief, tmp_path: Path
) -> None:
    text = words_of(write_brief(tmp_path / "简报.docx", brief, kind="audit"))
    for said in (
        "示例县覆盖审计简报", "100.0%（300 人）", "50.0%（150 人）", "相差 150 人",
        "1/3 个村（社区）达标，1 个数据不足", "乙村", "超时限", "新设", "甲队",
        "83.3%", "数据不足", "假定值",
    ):  # fmt: skip
        assert said in text
    assert "{{" not in text
    assert "丙村" not in text  # of unknown people: counted, but in no list of gaps


def test_the_same_input_gives_the_same_bytes(brief: Brief, tmp_path: Path) -> None:
    one, other = (
        write_brief(tmp_path / name, brief, kind="audit").read_bytes()
        for name in ("a.docx", "b.docx")
    )
    assert one == other
    with zipfile.ZipFile(tmp_path / "a.docx") as parts:
        assert any(name.startswith("word/media/") for name in parts.namelist())


def test_a_countys_own_template_is_filled(brief: Brief, tmp_path: Path) -> None:
    own = docx.Document()
    own.add_paragraph("县应急局文件：{{county}}（{{imprint}}）")
    own.sections[0].footer.paragraphs[0].text = "{{county}}"
    own.add_paragraph("{{table:gaps}}")
    own.save(str(tmp_path / "own.docx"))
    made = write_brief(
        tmp_path / "简报.docx", brief, kind="audit", template=tmp_path / "own.docx"
    )
    assert "县应急局文件：示例县（虚构示例）" in words_of(made)
    assert docx.Document(str(made)).sections[0].footer.paragraphs[0].text == "示例县"
    assert len(docx.Document(str(made)).tables) == 1


@pytest.mark.parametrize("mark", ["{{nobody}}", "{{table:nobody}}", "{{odd:county}}"])
def test_a_mark_that_nobody_fills_is_named(
    brief: Brief, tmp_path: Path, mark: str
) -> None:
    own = plain_template("audit")
    own.add_paragraph(mark)
    own.save(str(tmp_path / "own.docx"))
    with pytest.raises(SourceError, match="nobody fills"):
        write_brief(
            tmp_path / "x.docx", brief, kind="audit", template=tmp_path / "own.docx"
        )
    assert not (tmp_path / "x.docx").exists()


def test_a_template_that_is_no_document_is_refused(
    brief: Brief, tmp_path: Path
) -> None:
    (tmp_path / "own.docx").write_text("no", encoding="utf-8")
    with pytest.raises(SourceError, match="no Word document"):
        write_brief(
            tmp_path / "x.docx", brief, kind="audit", template=tmp_path / "own.docx"
        )


def test_the_unknown_are_hatched_on_the_map(
    audit: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    known = audit["tiers"].assign(
        people=100, circle_people=100, network_people=100, reason="ok"
    )
    one = imread(draw_coverage(tmp_path / "a.png", audit))
    other = imread(draw_coverage(tmp_path / "b.png", {**audit, "tiers": known}))
    assert one.shape == other.shape
    right = one.shape[1] * 3 // 4
    green = (abs(other[..., :3] - to_rgb("#DDEBD7")) < 0.01).all(axis=2)
    assert green[:, right:].sum() > 1000
    again = (abs(one[..., :3] - to_rgb("#DDEBD7")) < 0.01).all(axis=2)
    assert again.sum() < green.sum()


def test_the_workbook_has_charts_over_its_own_cells(
    audit: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    file = write_workbook(
        tmp_path / "审计.xlsx", audit_overview(audit, {}), draw=AUDIT_CHARTS
    )
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["覆盖总览", "避灾总览"]
    with zipfile.ZipFile(file) as parts:
        charts = [one for one in parts.namelist() if one.startswith("xl/charts/chart")]
        texts = "".join(parts.read(one).decode() for one in charts)
    assert len(charts) == 3
    assert re.search(r"覆盖总览'?!\$B\$4", texts)
