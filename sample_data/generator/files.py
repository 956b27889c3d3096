"""Files that come out the same, byte for byte, every time."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax import saxutils

import pyogrio
import shapely
import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd

    from generator.faults import Row

CREATED = dt.datetime(2026, 4, 15, tzinfo=dt.UTC).replace(tzinfo=None)
DBF_DATE = bytes([126, 4, 15])
UNKNOWN_LANGUAGE = 29


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a form: group heading, heading, code, canonical field."""

    heading: str
    field: str
    code: str = ""
    top: str = ""

    @property
    def label(self) -> str:
        """The heading by which a fault names the column."""
        return self.heading


@dataclass(frozen=True, slots=True)
class Form:
    """The look of a workbook: title, columns, and what stands above and below."""

    title: str
    columns: Sequence[Column]
    coded: bool = False
    note: str = ""

    @property
    def first(self) -> int:
        """The sheet row of the first record, counted from 1."""
        grouped = any(column.top for column in self.columns)
        return 4 + grouped + self.coded


def write_workbook(
    path: Path, form: Form, sheets: dict[str, list[Row]], *, notes: Sequence[str] = ()
) -> None:
    """Write a form with merged headings, a sheet for each list of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": CREATED, "author": "云屏县（虚构）"})
        if notes:
            page = book.add_worksheet("填表说明")
            for k, line in enumerate(notes):
                page.write(k, 0, line)
        for name, rows in sheets.items():
            _write_sheet(book, name, form, rows=rows)


def _write_sheet(book: Any, name: str, form: Form, *, rows: list[Row]) -> None:  # noqa: ANN401
    """Write one sheet: title, reporter, headings, codes, records, signature."""
    page = book.add_worksheet(name)
    head = book.add_format({"bold": True, "border": 1, "align": "center"})
    width = len(form.columns)
    page.merge_range(0, 0, 0, width - 1, form.title, head)
    page.write(1, 0, "填报单位：云屏县（虚构示例，非真实数据）")
    top = 2
    if any(column.top for column in form.columns):
        _write_tops(page, form, head)
        top = 3
    for k, column in enumerate(form.columns):
        if top == 2 or column.top:
            page.write(top, k, column.heading, head)
        if form.coded:
            page.write(top + 1, k, column.code, head)
    for number, row in enumerate(rows, start=form.first - 1):
        for k, column in enumerate(form.columns):
            _write_cell(page, (number, k), row.get(column.heading))
    if form.note:
        page.write(form.first + len(rows), 0, form.note)
    page.freeze_panes(form.first - 1, 0)
    page.set_column(0, width - 1, 14)


def _write_tops(page: Any, form: Form, head: Any) -> None:  # noqa: ANN401
    """Write the upper row of headings, merged across and down."""
    start = 0
    while start < len(form.columns):
        column = form.columns[start]
        stop = start
        while (
            column.top
            and stop + 1 < len(form.columns)
            and (form.columns[stop + 1].top == column.top)
        ):
            stop += 1
        if not column.top:
            page.merge_range(2, start, 3, start, column.heading, head)
        elif stop > start:
            page.merge_range(2, start, 2, stop, column.top, head)
        else:
            page.write(2, start, column.top, head)
        start = stop + 1


def _write_cell(page: Any, at: tuple[int, int], value: object) -> None:  # noqa: ANN401
    """Write a cell by its kind: text stays text, dates become Excel dates."""
    if value is None:
        return
    if isinstance(value, dt.date):
        page.write_datetime(*at, dt.datetime.combine(value, dt.time()))
    elif isinstance(value, str):
        page.write_string(*at, value)
    else:
        page.write_number(*at, value)


def write_csv(
    path: Path, columns: Sequence[Column], rows: list[Row], *, encoding: str
) -> None:
    """Write a text table with one heading line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.heading for column in columns])
    for row in rows:
        cells = [row.get(column.heading) for column in columns]
        writer.writerow(["" if cell is None else cell for cell in cells])
    path.write_bytes(text.getvalue().encode(encoding))


def write_geojson(path: Path, rows: list[Row], geometry: Sequence[Any]) -> None:
    """Write features in EPSG:4490 lon/lat, one a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": row,
                "geometry": json.loads(shapely.to_geojson(shape)),
            },
            ensure_ascii=False,
        )
        for row, shape in zip(rows, geometry, strict=True)
    ]
    text = (
        '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n"
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def write_kml(path: Path, rows: list[Row], geometry: Sequence[Any]) -> None:
    """Write points as placemarks with their attributes as extended data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    marks = []
    for row, point in zip(rows, geometry, strict=True):
        data = "".join(
            f'<Data name="{key}"><value>{saxutils.escape(str(value))}</value></Data>'
            for key, value in row.items()
            if value is not None and key != "名称"
        )
        marks.append(
            f"<Placemark><name>{row['名称']}</name><ExtendedData>{data}</ExtendedData>"
            f"<Point><coordinates>{point.x:.7f},{point.y:.7f}</coordinates></Point>"
            "</Placemark>"
        )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
        + "\n".join(marks)
        + "\n</Document></kml>\n"
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def write_geopackage(path: Path, frame: gpd.GeoDataFrame, layer: str) -> None:
    """Write a GeoPackage whose last change is the day of the data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-04-15T00:00:00.000Z"})
    try:
        pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def write_shapefile(
    path: Path, frame: gpd.GeoDataFrame, *, projection: bool, language: bool = True
) -> None:
    """Write a shapefile in GBK without .cpg, with or without .prj.

    The day in the .dbf is fixed; without `language` the .dbf does not say GBK.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if not projection:
        path.with_suffix(".prj").unlink(missing_ok=True)
    table = path.with_suffix(".dbf")
    data = bytearray(table.read_bytes())
    data[1:4] = DBF_DATE
    data[UNKNOWN_LANGUAGE] = 0x4D if language else 0
    table.write_bytes(bytes(data))
