"""Workbooks: text stays text, numbers stay numbers, bytes stay the same."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from riskmap.errors import SourceError
from riskmap.publish.lists import (
    Sheet,
    imprint_line,
    labelled,
    write_book,
    write_workbook,
)
from riskmap.publish.spec import Imprint

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
