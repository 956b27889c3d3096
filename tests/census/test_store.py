"""Stores, ledgers, forms and diffs."""

from __future__ import annotations

import hashlib
import sqlite3
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from openpyxl.utils import get_column_letter

from riskmap.census import (
    Source,
    build_census,
    check_census,
    diff_census,
    layer_names,
    load_census,
    load_layer,
    read_census,
    save_census,
    write_findings,
    write_templates,
)
from riskmap.errors import LayerError, SourceError
from tests.census.messy import HEADINGS, ROWS, write_book

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from riskmap.census import Census

EVIL = '=HYPERLINK("http://x","y")'


@pytest.fixture
def census(tmp_path: Path) -> Census:
    rows = [
        *ROWS,
        ("S4", EVIL, "东山村", "约30", 121.2, 28.1, "甲", "123", "甲"),
        ROWS[0],
    ]
    duties = pd.DataFrame(
        {"姓名": ["张三"], "岗位": ["村主任"], "电话": ["13800001111"]}
    )
    sources = {
        "shelters": Source(write_book(tmp_path / "场所.xlsx", rows)),
        "duties": Source(duties),
    }
    return build_census(sources, as_of="2024-06-01")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_census_comes_back_and_bytes_repeat(census: Census, tmp_path: Path) -> None:
    path = tmp_path / "输 出" / "census.gpkg"
    save_census(census, path)
    first = digest(path)
    save_census(census, path)
    assert digest(path) == first
    assert [one.name for one in path.parent.iterdir()] == ["census.gpkg"]
    again = load_census(path)
    for name, frame in census.layers.items():
        assert_geodataframe_equal(frame, again[name])
    for name in ("findings", "quarantine", "sources", "columns"):
        mine, theirs = getattr(census, name), getattr(again, name)
        pd.testing.assert_frame_equal(mine, theirs, check_dtype=False)


def test_a_census_that_is_open_elsewhere_is_not_replaced(
    census: Census, tmp_path: Path
) -> None:
    path = tmp_path / "census.gpkg"
    save_census(census, path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE elsewhere (a)")
    before = digest(path)
    with pytest.raises(SourceError, match="open in another program"):
        save_census(census, path)
    assert digest(path) == before
    other.execute("COMMIT")
    other.close()
    save_census(census, path)
    assert len(load_census(path)["shelters"]) == 4


@pytest.mark.parametrize("content", [b"", b"not a geopackage"])
def test_no_census(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"x\.gpkg"):
        load_census(path)


def test_the_ledger_is_safe_and_printable(census: Census, tmp_path: Path) -> None:
    csv, xlsx = tmp_path / "findings.csv", tmp_path / "质检台账.xlsx"
    write_findings(census, csv, xlsx)
    assert csv.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(csv, dtype=str, keep_default_na=False)
    assert len(table) == len(census.findings)
    assert not table.map(lambda one: one.startswith(("=", "+", "-", "@"))).any().any()
    book = openpyxl.load_workbook(xlsx)
    kinds = {cell.data_type for page in book for row in page for cell in row}
    assert "f" not in kinds
    for page in book:
        assert page.page_setup.orientation == "landscape"
        assert page.page_setup.paperSize == 9
        assert page.freeze_panes == "A2"
        assert page.print_title_rows == "$1:$1"
    copy = next(page for page in book if page.title.startswith("副本"))
    place = HEADINGS.index("A角电话") + 2
    bad = copy.cell(5, place)
    assert bad.value == "123"
    assert bad.fill.fgColor.rgb.endswith("F4B6B0")
    assert not copy.cell(2, place).fill.fgColor.rgb.endswith("F4B6B0")
    assert get_column_letter(place) == "I"
    first = digest(xlsx)
    write_findings(census, csv, xlsx)
    assert digest(xlsx) == first


def test_findings_alone_make_a_ledger(census: Census, tmp_path: Path) -> None:
    write_findings(census.findings, xlsx=tmp_path / "a.xlsx")
    assert len(openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames) == 2
    with pytest.raises(LayerError, match="lack the columns"):
        write_findings(pd.DataFrame({"a": [1]}), tmp_path / "a.csv")


def test_forms_are_read_back_as_empty_layers(tmp_path: Path) -> None:
    paths = write_templates(tmp_path)
    by_label = {load_layer(name).label: name for name in layer_names()}
    assert len(paths) >= 15
    for path in paths:
        layer = by_label[path.stem]
        assert len(read_census(path, layer)) == 0
        assert check_census(path, layer)["rule"].tolist() == ["note_row"]


def test_a_filled_form_is_clean(tmp_path: Path) -> None:
    (path,) = write_templates(tmp_path, layers=["shelters"])
    book = openpyxl.load_workbook(path)
    page = book.active
    headings = [cell.value for cell in page[1]]
    row = dict(zip(HEADINGS, ROWS[0], strict=True))
    for at, heading in enumerate(headings, start=1):
        known = {
            "应急避难场所名称": "场所名称",
            "避难所容纳人数（人）": "容纳人数（人）",
        }
        page.cell(3, at).value = row.get(known.get(heading, heading))
    book.save(path)
    sites = read_census(path, "shelters")
    assert sites[["shelter_id", "declared_people"]].iloc[0].tolist() == ["S1", 200]
    assert sites.geometry.iloc[0].coords[0] == (121.2, 28.1)


def rebuilt(rows: Sequence[Sequence[object]], tmp_path: Path) -> Census:
    path = write_book(tmp_path / "场所.xlsx", rows)
    return build_census({"shelters": Source(path)}, as_of="2024-06-01")


def test_what_changed(tmp_path: Path) -> None:
    old = rebuilt(ROWS, tmp_path)
    moved = (*ROWS[1][:3], 120, 121.215, *ROWS[1][5:])
    new = rebuilt([ROWS[0], moved, ("S9", "新处", *ROWS[2][2:])], tmp_path)
    changes = diff_census(old, new).changes
    shown = changes[["id", "change", "field", "old", "new"]].astype(object)
    shown = shown.where(shown.notna(), None).to_numpy().tolist()
    assert shown == [
        ["S9", "added", None, None, None],
        ["S3", "removed", None, None, None],
        ["S2", "moved", "geometry", None, None],
        ["S2", "changed", "declared_people", "100", "120"],
    ]
    metres = changes[changes["change"] == "moved"]["moved_m"].iloc[0]
    assert metres == pytest.approx(491, abs=2)
    assert diff_census(old, old).changes.empty


def test_merged_villages_are_neither_removed_nor_added() -> None:
    def villages(codes: list[str]) -> Census:
        names = [f"{one[-3:]}村" for one in codes]
        frame = pd.DataFrame({"行政区划代码": codes, "名称": names, "人口": 9})
        return build_census({"villages": Source(frame)}, as_of="2024-06-01")

    old = villages(["990101001201", "990101001202"])
    new = villages(["990101001201"])
    merged = pd.DataFrame({"old": ["990101001202"], "new": ["990101001201"]})
    changes = diff_census(old, new, successors=merged).changes
    assert changes["change"].tolist() == ["merged", "changed"]
    assert changes[["old", "new"]].iloc[1].tolist() == ["18", "9"]
    with pytest.raises(LayerError, match="lacks the columns new"):
        diff_census(old, new, successors=merged[["old"]])
