"""Messy files, made as bureaus make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEADINGS = (
    *("场所编号", "场所名称", "行政村", "容纳人数（人）", "经度", "纬度"),
    *("责任人A角", "A角电话", "责任人B角"),
)
ROWS = (
    ("S1", "东山小学", "东山村", 200, 121.20, 28.10, "张三", "13800001111", "李四"),
    ("S2", "西山礼堂", "西山村", 100, 121.21, 28.11, "王五", "13800002222", "赵六"),
    ("S3", "南山公园", "南山村", 50, 121.22, 28.12, "钱七", "13800003333", "孙八"),
)


def write_book(
    path: Path,
    rows: Sequence[Sequence[object]],
    headings: Sequence[str] = HEADINGS,
    sheet: str = "Sheet1",
) -> Path:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(sheet)
    for at, row in enumerate([headings, *rows]):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(at, place, cell)
            elif cell is not None:
                page.write(at, place, cell)
    book.close()
    return path


def write_form(path: Path) -> Path:
    """A form with a title, merged headings, a code row, totals and a note."""
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("避灾场所")
    notes = book.add_worksheet("其他")
    notes.write(0, 0, "随便写的话")
    notes.write(1, 0, "第二行")
    page.merge_range(0, 0, 0, 8, "示例县避灾安置场所登记表")
    page.write(1, 0, "填报单位：示例县")
    for place, word in enumerate(["序号", "场所名称", "行政村"]):
        page.merge_range(2, place, 3, place, word)
    page.merge_range(2, 3, 2, 4, "面积（平方米）")
    page.write_row(3, 3, ["总面积", "室内面积"])
    page.merge_range(2, 5, 2, 6, "责任人A角")
    page.write_row(3, 5, ["姓名", "电话"])
    page.merge_range(2, 7, 2, 8, "责任人B角")
    page.write_row(3, 7, ["姓名", "电话"])
    codes = ["xh", "csmc", "c", "zmj", "snmj", "zrra", "ajdh", "zrrb", "bjdh"]
    page.write_row(4, 0, codes)
    page.write_row(5, 0, [1, "东山小学", "", 1200, 800, "张三", "13800001111"])
    page.write_row(6, 0, [2, "西山礼堂", "", "3亩", 500, "王五", "13800002222"])
    page.merge_range(5, 2, 6, 2, "东山村")
    page.write_row(7, 0, ["小计", "", "", 3200, 1300])
    page.write(9, 0, "注：面积以实测为准")
    book.close()
    return path


def frame(rows: Sequence[Sequence[Any]] = ROWS, crs: int = 4490) -> gpd.GeoDataFrame:
    points = [shapely.Point(row[4], row[5]) for row in rows]
    names = [one for one in HEADINGS if one not in {"经度", "纬度"}]
    cells = [(*row[:4], *row[6:]) for row in rows]
    return gpd.GeoDataFrame(
        [dict(zip(names, row, strict=True)) for row in cells], geometry=points, crs=crs
    )
