"""Workbooks: text stays text, numbers stay numbers, bytes stay the same."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pandas as pd
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from riskmap.errors import SourceError
from riskmap.publish.headings import labelled
from riskmap.publish.lists import (
    Sheet,
    imprint_line,
    write_book,
    write_workbook,
)
from riskmap.publish.sheetgrid import fit_grid
from riskmap.publish.spec import Imprint
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from pathlib import Path

IMPRINT = Imprint(data_date="2026-04-15", version="v1", fictional=True)


def cells(path: Path) -> list[list[object]]:
    """Return the rows below the headings."""
    page = openpyxl.load_workbook(path).worksheets[0]
    return [[cell.value for cell in row] for row in page.iter_rows(min_row=4)]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "{=SUM(A1)}",
        "+1",
        "-1",
        "@SUM(A1)",
        "=cmd|' /C calc'!A0",
        "http://example.org/",
        "mailto:a@b",
        "007",
        "1e5",
        "\t=1",
        "竹溪村\n下宅",
    ],
)
def test_text_is_written_as_typed(tmp_path: Path, text: str) -> None:
    file = write_book(
        tmp_path / "a.xlsx", [Sheet("表", "题", pd.DataFrame({"列": [text]}))]
    )
    page = openpyxl.load_workbook(file).worksheets[0]
    assert page["A4"].value == text
    assert page["A4"].data_type == "s"
    assert page["A4"].hyperlink is None
    with zipfile.ZipFile(file) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_makes_a_workbook(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    frame = pd.DataFrame({text: [text, None]})
    file = write_book(folder / "a.xlsx", [Sheet(text, text, frame, text)])
    assert len(openpyxl.load_workbook(file).sheetnames) == 1


def test_numbers_nulls_and_truth_values(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "people": pd.array([3, None], dtype="Int64"),
            "time_min": [1.5, float("nan")],
            "passed": pd.array([True, None], dtype="boolean"),
            "reason": ["cut_off", None],
        }
    )
    file = write_book(tmp_path / "a.xlsx", [Sheet("表", "题", labelled(frame))])
    assert cells(file) == [[3, 1.5, "是", "断路孤岛"], [None, None, None, None]]
    heads = [one.value for one in openpyxl.load_workbook(file).worksheets[0][3]]
    assert heads == ["人数", "分钟", "是否达标", "结论"]


def test_geometry_is_left_out() -> None:
    frame = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[Point(0, 0)], crs=4490)
    assert list(labelled(frame).columns) == ["名称"]


def test_same_tables_same_bytes(tmp_path: Path) -> None:
    sheets = [Sheet("表", "题", pd.DataFrame({"列": ["甲"]}))]
    one = write_book(tmp_path / "one.xlsx", sheets).read_bytes()
    assert write_book(tmp_path / "two.xlsx", sheets).read_bytes() == one


def test_layout_for_paper(tmp_path: Path) -> None:
    frame = pd.DataFrame({f"列{i}": ["甲"] * 3 for i in range(20)})
    file = write_book(tmp_path / "a.xlsx", [Sheet("表", "题", frame)])
    page = openpyxl.load_workbook(file).worksheets[0]
    assert page.page_setup.orientation == "landscape"
    assert str(page.page_setup.paperSize) == "9"
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToHeight == 0  # as many pages as it takes
    assert page.print_title_rows == "$3:$3"
    assert page.freeze_panes == "A4"


def test_tabs_get_names_that_excel_takes(tmp_path: Path) -> None:
    names = ["a/b", "A?B", "x" * 40, "x" * 40, ""]
    sheets = [Sheet(one, one, pd.DataFrame({"列": []})) for one in names]
    tabs = openpyxl.load_workbook(write_book(tmp_path / "a.xlsx", sheets)).sheetnames
    assert tabs == ["a_b", "A_B (2)", "x" * 31, f"{'x' * 27} (2)", "_"]


def test_tables_of_the_contract_get_chinese_names(tmp_path: Path) -> None:
    audit = {"tiers": pd.DataFrame({"tier": ["村"], "people": [5], "other": [1]})}
    file = write_workbook(tmp_path / "a.xlsx", audit, note=imprint_line(IMPRINT))
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["分级达标"]
    assert book.worksheets[0]["A2"].value == imprint_line(IMPRINT)
    assert "虚构示例" in imprint_line(IMPRINT)


def test_no_sheets_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="at least one sheet"):
        write_book(tmp_path / "a.xlsx", [])


def test_a_missing_folder_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    sheets = [Sheet("表", "题", pd.DataFrame({"列": ["甲"]}))]
    with pytest.raises(SourceError, match=r"a\.xlsx cannot be written"):
        write_book(tmp_path / "absent" / "a.xlsx", sheets)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("columns", "paper"), [(5, 9), (28, 8)])
def test_paper_holds_all_columns_and_rows_all_lines(columns: int, paper: int) -> None:
    names = [f"安置场所名称{one}" for one in range(columns)]
    frame = pd.DataFrame(
        [["石浦镇中心小学避灾安置场所", *["13800001234"] * (columns - 1)]]
    )
    grid = fit_grid(frame.set_axis(names, axis=1))
    assert grid.paper == paper
    assert all(one >= len("13800001234") + 2 for one in grid.widths[1:])
    wraps = 2 * len("石浦镇中心小学避灾安置场所") > grid.widths[0]
    assert (grid.heights[1] > 20) == wraps


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here")
def test_an_office_prints_lists_one_page_wide_with_headings_and_nothing_cut(
    tmp_path: Path,
) -> None:
    heads = list(read_words()["evacuation"].values())
    long = "石浦镇中心小学避灾安置场所（体育馆二楼东侧）"
    rows = [
        [f"第{row}行{long}", *["13800001234"] * (len(heads) - 1)] for row in range(40)
    ]
    duty = pd.DataFrame({"岗位": ["村防汛负责人"] * 90, "电话": ["13800001234"] * 90})
    frames = {"避险转移清单": pd.DataFrame(rows, columns=heads), "责任清单": duty}
    inside = replace(IMPRINT, edition="internal")
    books = [
        write_book(tmp_path / f"{name}.xlsx", [Sheet(name, name, one)], imprint=inside)
        for name, one in frames.items()
    ]
    profile = (tmp_path / "office").as_uri()
    subprocess.run(
        [
            "soffice", "--headless", f"-env:UserInstallation={profile}",
            "--convert-to", "pdf", "--outdir", tmp_path, *books,
        ],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    for name, frame in frames.items():
        pages = [
            re.sub(r"\s", "", one.extract_text())
            for one in pypdf.PdfReader(tmp_path / f"{name}.pdf").pages
        ]
        assert 1 < len(pages) < len(frame)  # long, and not one sheet a column
        for text in pages:
            assert "内部资料" in text
            for head in frame.columns:
                assert re.sub(r"\s", "", head) in text, (name, head)
        told = "".join(pages)
        for cell in frame.iloc[:, 0].unique():
            assert told.count(cell) == (frame.iloc[:, 0] == cell).sum(), cell


def test_figures_of_a_list_can_be_added_up_and_phones_stay_words(
    tmp_path: Path,
) -> None:
    frame = pd.DataFrame(
        {"人数": ["28", "未知", "—"], "电话": ["13800001234", "110", "0570"]}
    )
    file = write_book(tmp_path / "a.xlsx", [Sheet("表", "题", frame)])
    page = openpyxl.load_workbook(file).active
    assert [page.cell(row, 1).value for row in (4, 5, 6)] == [28, "未知", "—"]
    assert [page.cell(row, 2).value for row in (4, 5, 6)] == frame["电话"].tolist()
    assert page.cell(4, 1).number_format == "#,##0"


def test_a_planner_reads_no_codes() -> None:
    """What the program knows by a code has words; what a user wrote stays."""
    frame = pd.DataFrame(
        {
            "standard": ["three_minute", "own.toml"],
            "rule": ["team_of_30", "has_plan"],
            "label": ["队伍", "预案"],
            "scope": ["county", None],
            "people_source": ["households+village", "a+b.xlsx"],
            "layer": ["villages", "x"],
            "reason": ["ok", "cut_off"],
            "fix_kind": ["turnout", "site"],
            "limit_min": [3.04999, float("nan")],
            "length_m": [719.45, 1.0],
            "three_minute_1": ["", ""],
        }
    )
    table = labelled(frame)
    assert not [one for one in table.columns if re.search("[a-z]{3}", one)]
    first = [str(one) for one in table.iloc[0]]
    assert not [one for one in first if re.search("[a-z]{3}", one)]
    assert "受威胁户、村级人口" in first
    assert "719.0" in first
    second = list(table.iloc[1])
    assert {"own.toml", "a+b.xlsx", "x"} <= set(map(str, second))
    assert len(table.columns) == len(frame.columns) - 1


def test_a_share_is_printed_in_hundredths(tmp_path: Path) -> None:
    frame = pd.DataFrame({"circle_ratio": [0.82049], "beds_per_person": [0.5]})
    file = write_workbook(tmp_path / "a.xlsx", {"ratios": frame})
    share, plain = next(openpyxl.load_workbook(file).active.iter_rows(min_row=4))
    assert share.number_format == "0.0%"
    assert share.value == pytest.approx(0.82049)
    assert plain.number_format != "0.0%"
