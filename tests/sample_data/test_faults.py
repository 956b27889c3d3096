"""Every planted fault is really there, in the bytes of the file it names."""

import collections
import csv
import datetime as dt
import io
import json
import tomllib
from functools import cache
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

from riskmap.crs import gcj02_to_wgs84_lonlat

COUNTY = Path(__file__).resolve().parents[2] / "sample_data" / "county"
FAULTS = tomllib.loads((COUNTY / "faults.toml").read_text(encoding="utf-8"))["fault"]
PLANNED = {
    *("missing_required", "bad_number", "approximate_number", "bad_date"),
    *("bad_phone", "bad_code", "duplicate_id", "duplicate_row", "same_person_ab"),
    *("grade_mismatch", "swapped_lonlat", "outside_village", "unmatched_place"),
    *("total_row", "capacity_mismatch", "stale_inspection", "offset_gcj02"),
    *("zone_unstated", "encoding_gbk", "dms_text", "zero_coordinate"),
    *("few_information_officers", "shelter_in_zone", "unknown_code"),
}


@cache
def grid(source: str, sheet: str | None = None) -> dict[int, tuple]:
    """Return a table as rows of cells, counted from 1."""
    path = COUNTY / source
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        rows = book[sheet].iter_rows(values_only=True)
        return dict(enumerate(rows, 1))
    if path.suffix == ".geojson":
        rows = [one["properties"] for one in json.loads(path.read_text())["features"]]
        return dict(enumerate([tuple(rows[0]), *(tuple(one.values()) for one in rows)]))
    data = path.read_bytes()
    encoding = "gb18030" if "队伍" in source else "utf-8-sig"
    return dict(enumerate(csv.reader(io.StringIO(data.decode(encoding))), 1))


def text(value: object) -> str | None:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return None if value in {None, ""} else str(value)


def column_of(table: dict[int, tuple], heading: str) -> int:
    """Return the place of a heading in the first rows."""
    for at in range(6):
        if at in table and heading in table[at]:
            return table[at].index(heading)
    raise AssertionError(heading)


CELLS = [fault for fault in FAULTS if "row" in fault]
NAMES = [f"{f['layer']}-{f['row']}-{f['rule']}" for f in CELLS]


@pytest.mark.parametrize("fault", CELLS, ids=NAMES)
def test_a_fault_of_a_row_stands_in_its_cell(fault: dict) -> None:
    table = grid(fault["source"], fault.get("sheet"))
    row = table[fault["row"]]
    if "id" in fault:
        assert fault["id"] in {text(cell) for cell in row}
    if "column" in fault:
        at = column_of(table, fault["column"])
        assert text(row[at]) == fault.get("value")


def test_every_kind_of_fault_is_planted() -> None:
    assert {fault["rule"] for fault in FAULTS} >= PLANNED


def test_every_fault_names_a_file_of_the_county() -> None:
    assert {
        f["source"] for f in FAULTS if not (COUNTY / f["source"]).is_file()
    } == set()


def test_a_repeated_row_equals_the_row_above() -> None:
    for fault in (f for f in FAULTS if f["rule"] == "duplicate_row"):
        table = grid(fault["source"], fault["sheet"])
        assert table[fault["row"]] == table[fault["row"] - 1]


def test_a_repeated_identifier_occurs_twice() -> None:
    for fault in (f for f in FAULTS if f["rule"] == "duplicate_id"):
        table = grid(fault["source"], fault["sheet"])
        at = column_of(table, fault["column"])
        seen = collections.Counter(row[at] for row in table.values())
        assert seen[fault["value"]] == 2


@pytest.mark.parametrize(
    "source", ["01 基础地理/行政村界.shp", "03 灾害隐患/危旧房.shp"]
)
def test_shapefiles_are_gbk_and_do_not_say_so(source: str) -> None:
    path = COUNTY / source
    assert not path.with_suffix(".cpg").exists()
    data = path.with_suffix(".dbf").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert "电话" not in data.decode("gbk", "ignore")
    first = "屏城社区" if "村界" in source else "C级"
    assert first.encode("gbk") in data


def test_field_names_of_shapefiles_fit_ten_bytes() -> None:
    frame = gpd.read_file(COUNTY / "01 基础地理/行政村界.shp", encoding="gbk")
    assert [name for name in frame.columns if len(name) > 10] == []
    assert {"sqxzcmc", "xzqhdm"} <= set(frame.columns)


def test_unsafe_houses_are_metres_of_an_unstated_zone() -> None:
    path = COUNTY / "03 灾害隐患/危旧房.shp"
    assert not path.with_suffix(".prj").exists()
    west, south, east, north = gpd.read_file(path, encoding="gbk").total_bounds
    assert 6.0e5 < west < east < 6.4e5
    assert 3.09e6 < south < north < 3.12e6
    project = tomllib.loads((COUNTY / "riskmap.toml").read_text(encoding="utf-8"))
    assert "crs" not in project["sources"]["unsafe_houses"]


def test_team_list_is_not_utf8() -> None:
    with pytest.raises(UnicodeDecodeError):
        (COUNTY / "02 调查表/应急队伍.csv").read_bytes().decode("utf-8")


def test_hazard_points_lie_by_their_zones_once_unshifted() -> None:
    table = grid("03 灾害隐患/地质灾害隐患点.xlsx", "Sheet1")
    lon, lat = column_of(table, "经度"), column_of(table, "纬度")
    rows = [row for row in table.values() if isinstance(row[lon], float)]
    zones = gpd.read_file(COUNTY / "03 灾害隐患/风险防范区.gpkg").to_crs("EPSG:4549")
    near = zones.union_all()
    for shifted, low, high in ((True, 200, 900), (False, 0, 120)):
        x, y = [row[lon] for row in rows], [row[lat] for row in rows]
        if not shifted:
            x, y = gcj02_to_wgs84_lonlat(x, y)
        points = gpd.GeoSeries.from_xy(x, y, crs="EPSG:4490").to_crs("EPSG:4549")
        assert low <= points.distance(near).median() <= high
    assert len(rows) >= 30


def test_two_shelters_lie_in_zones_and_one_has_no_place() -> None:
    places = json.loads((COUNTY / "02 调查表/避灾场所点位.geojson").read_text("utf-8"))
    points = {
        one["properties"]["名称"]: shapely.geometry.shape(one["geometry"])
        for one in places["features"]
    }
    danger = shapely.union_all(
        [
            gpd.read_file(COUNTY / "03 灾害隐患" / name).union_all()
            for name in ("风险防范区.gpkg", "山洪灾害危险区.geojson")
        ]
    )
    inside = {name for name, point in points.items() if danger.contains(point)}
    planted = {f["value"] for f in FAULTS if f["rule"] == "shelter_in_zone"}
    assert inside == planted
    (nowhere,) = [f["value"] for f in FAULTS if f["rule"] == "unmatched_place"]
    assert nowhere not in points


def test_totals_are_the_sums_of_what_can_be_read() -> None:
    table = grid("02 调查表/行政村减灾能力调查表.xlsx", "Sheet1")
    label, people = (
        column_of(table, "社区（行政村）名称"),
        column_of(table, "常住人口数量"),
    )
    parts = [row[people] for row in table.values() if row[label] == "小计"]
    (total,) = [row[people] for row in table.values() if row[label] == "合计"]
    assert len(parts) == 3
    assert sum(parts) == total
