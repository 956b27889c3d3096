"""Files of every kind come in with every row accounted for."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskmap.census import Source, build_census, check_census, read_census
from riskmap.errors import CrsError, LayerError, SourceError
from tests.census.messy import HEADINGS, ROWS, frame, write_book, write_form

DATA = Path(__file__).parents[3] / "shared/data"


def rules(
    findings: pd.DataFrame,
    *,
    but: tuple[str, ...] = (
        *("made_id", "unmatched_column", "missing_column"),
        "low_precision",  # the places of these rows are round
    ),
) -> list[str]:
    return sorted(set(findings["rule"]) - set(but))


def test_a_form_with_everything_in_it(tmp_path: Path) -> None:
    path = write_form(tmp_path / "表.xlsx")
    sites = read_census(path, "shelters")
    assert sites["name"].tolist() == ["东山小学", "西山礼堂"]
    assert sites["village_name"].tolist() == ["东山村", "东山村"]
    assert sites["site_area_m2"].tolist() == [1200, 2000]
    assert sites["indoor_area_m2"].tolist() == [800, 500]
    assert sites["responsible_a"].tolist() == ["张三", "王五"]
    assert sites["phone_a"].tolist() == ["13800001111", "13800002222"]
    assert sites["responsible_b"].isna().all()
    findings = check_census(path, "shelters")
    place = findings.dropna(subset="row")[["row", "rule"]].to_numpy().tolist()
    assert [8, "total_row"] in place
    assert [10, "note_row"] in place
    assert [7, "number_as_text"] in place
    assert "sheet_skipped" in set(findings["rule"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_tables(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "场所 名单.csv"
    table = pd.DataFrame(ROWS, columns=HEADINGS)
    table.to_csv(path, index=False, encoding=encoding)
    sites = read_census(path, "shelters")
    assert sites["name"].tolist() == [row[1] for row in ROWS]
    assert sites.geometry.x.tolist() == [row[4] for row in ROWS]
    expected = ["encoding_gbk"] if encoding == "gb18030" else []
    assert rules(check_census(path, "shelters")) == expected


@pytest.mark.parametrize(
    ("name", "driver"),
    [
        ("a.gpkg", "GPKG"),
        ("a.geojson", "GeoJSON"),
        ("a.gdb", "OpenFileGDB"),
        ("a.shp", "ESRI Shapefile"),
        ("a.kml", "KML"),
    ],
)
def test_vector_files(tmp_path: Path, name: str, driver: str) -> None:
    path = tmp_path / name
    table = frame(crs=4326)
    if driver == "KML":
        table = table.rename(columns={"场所名称": "Name"})[["Name", "geometry"]]
    if driver in {"ESRI Shapefile", "OpenFileGDB"}:
        table = table.rename(columns={"场所名称": "csmc"})[["csmc", "geometry"]]
    table.to_file(path, driver=driver)
    sites = read_census(path, "shelters")
    assert sites["name"].tolist() == [row[1] for row in ROWS]
    assert sites.crs.to_epsg() == 4490
    assert sites.geometry.y.tolist() == pytest.approx([row[5] for row in ROWS])


def test_geoparquet(tmp_path: Path) -> None:
    frame().to_parquet(tmp_path / "a.parquet")
    assert len(read_census(tmp_path / "a.parquet", "shelters")) == 3


def test_a_gbk_shapefile_without_anything_beside_it(tmp_path: Path) -> None:
    source = frame().rename(columns={"场所名称": "csmc", "容纳人数（人）": "bnsrnrs"})
    source = source[["csmc", "bnsrnrs", "geometry"]]
    source.to_file(tmp_path / "a.shp", encoding="gbk")
    for end in (".cpg", ".prj", ".shx"):
        (tmp_path / "a").with_suffix(end).unlink()
    sites = read_census(tmp_path / "a.shp", "shelters")
    assert sites["name"].tolist() == [row[1] for row in ROWS]
    assert sites["declared_people"].tolist() == [200, 100, 50]
    found = rules(check_census(tmp_path / "a.shp", "shelters"))
    assert found == ["crs_unstated", "encoding_gbk"]
    assert not (tmp_path / "a.shx").exists()  # the source is not touched
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for end in (".shp", ".dbf"):
            packed.write((tmp_path / "a").with_suffix(end), f"县/a{end}")
    assert len(read_census(tmp_path / "a.zip", "shelters")) == 3


def test_kml_keeps_chinese_names_of_one_length(tmp_path: Path) -> None:
    mark = (
        "<Placemark><name>{0}</name><ExtendedData><Data name='储备点编号'><value>{1}"
        "</value></Data><Data name='行政村'><value>{2}</value></Data>"
        "<Data name='管理员'><value>{3}</value></Data></ExtendedData>"
        "<Point><coordinates>121.1,28.1</coordinates></Point></Placemark>"
    )
    text = "<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{}</Document></kml>"
    body = mark.format("东山库", "C1", "东山村", "张三")
    (tmp_path / "a.kml").write_text(text.format(body), "utf-8")
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as packed:
        packed.write(tmp_path / "a.kml", "doc.kml")
    for name in ("a.kml", "a.kmz"):
        row = read_census(tmp_path / name, "supplies").iloc[0]
        said = (row["supply_id"], row["village_name"], row["responsible_a"])
        assert said == ("C1", "东山村", "张三")


def test_gpx_waypoints(tmp_path: Path) -> None:
    text = (
        '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="28.1" lon="121.2"><name>集合点</name></wpt></gpx>'
    )
    (tmp_path / "a.gpx").write_text(text, "utf-8")
    sites = read_census(tmp_path / "a.gpx", "shelters")
    assert sites.geometry.x.tolist() == [121.2]


def test_a_frame_and_its_findings_come_back() -> None:
    sites = read_census(frame(), "shelters")
    again = read_census(sites, "shelters")
    assert again.drop(columns="geometry").equals(sites.drop(columns="geometry"))
    assert rules(check_census(sites, "shelters")) == []


@pytest.mark.parametrize(
    ("east", "north", "crs", "rule"),
    [
        (4549, 4549, None, "zone_unstated"),
        (4528, 4528, None, "crs_from_prefix"),
        (4549, 4549, 4549, None),
    ],
)
def test_metric_coordinates(
    tmp_path: Path, east: int, north: int, crs: int | None, rule: str | None
) -> None:
    metres = frame().to_crs(east)
    rows = [
        (*row[:4], round(at.x, 3), round(at.y, 3), *row[6:])
        for row, at in zip(ROWS, metres.geometry, strict=True)
    ]
    headings = [{"经度": "Y坐标", "纬度": "X坐标"}.get(one, one) for one in HEADINGS]
    path = write_book(tmp_path / "a.xlsx", rows, headings)
    cell = shapely.box(121.1, 28.0, 121.3, 28.2)
    villages = gpd.GeoDataFrame(
        {"行政区划代码": ["990101001201"], "名称": ["东山村"], "人口": [9]},
        geometry=[cell],
        crs=4490,
    )
    census = build_census(
        {"villages": Source(villages), "shelters": Source(path, crs=crs)},
        as_of="2024-06-01",
    )
    got = shapely.get_coordinates(census["shelters"].geometry)
    assert got == pytest.approx(np.array([row[4:6] for row in ROWS]), abs=1e-7)
    found = set(census.findings["rule"])
    assert rule is None or rule in found
    assert north == east


def test_metres_without_evidence_stay_unplaced(tmp_path: Path) -> None:
    rows = [(*row[:4], 519_000.0, 3_110_000.0, *row[6:]) for row in ROWS]
    path = write_book(tmp_path / "a.xlsx", rows)
    assert read_census(path, "shelters").geometry.isna().all()
    assert "zone_unknown" in set(check_census(path, "shelters")["rule"])


@pytest.mark.parametrize(
    ("lon", "lat", "rule"),
    [
        (28.10, 121.20, "swapped_lonlat"),
        (0, 0, "zero_coordinate"),
        ("121°12′", "28°06′", "dms_text"),  # noqa: RUF001
        (121.2, None, "bad_coordinate"),
        ("东边", 28.1, "bad_coordinate"),
    ],
)
def test_coordinates_that_need_a_word(
    tmp_path: Path, lon: object, lat: object, rule: str
) -> None:
    rows = [(*ROWS[0][:4], lon, lat, *ROWS[0][6:]), *ROWS[1:]]
    path = write_book(tmp_path / "a.xlsx", rows)
    findings = check_census(path, "shelters")
    assert rule in set(findings[findings["row"] == 2]["rule"])
    place = read_census(path, "shelters").geometry.iloc[0]
    known = rule in {"swapped_lonlat", "dms_text"}
    assert place is None or (place.x, place.y) == pytest.approx((121.2, 28.1))
    assert (place is not None) == known


def test_rows_without_a_place_join_by_id_then_by_name(tmp_path: Path) -> None:
    rows = [(*row[:4], None, None, *row[6:]) for row in ROWS]
    rows[1] = ("X9", *rows[1][1:])
    rows[2] = ("X8", "没有的", *rows[2][2:])
    path = write_book(tmp_path / "a.xlsx", rows)
    frame().to_file(tmp_path / "p.geojson")
    source = Source(path, places=tmp_path / "p.geojson")
    census = build_census({"shelters": source}, as_of="2024-06-01")
    account = census.sources.iloc[0]
    counts = account[["placed_by_id", "placed_by_name", "unplaced"]].tolist()
    assert counts == [1, 1, 1]
    sites = census["shelters"]
    assert len(sites) == 3
    assert sites.geometry.isna().tolist() == [False, False, True]
    assert "unmatched_place" in set(census.findings["rule"])


def test_ids(tmp_path: Path) -> None:
    rows = [
        *ROWS,
        ROWS[0],
        ("S2", "西山礼堂", "西山村", 90, 121.21, 28.11, "王五", "13800002222", ""),
        ("S2", "另一处", "西山村", 90, 121.25, 28.15, "王五", "13800002222", ""),
        (None, "无号处", "西山村", 90, 121.26, 28.15, "王五", "13800002222", ""),
    ]
    census = build_census(
        {"shelters": Source(write_book(tmp_path / "a.xlsx", rows))}, as_of="2024-06-01"
    )
    ids = census["shelters"]["shelter_id"].tolist()
    assert ids == ["S1", "S2", "S3", "S2-2", "无号处@西山村"] or ids[-1] == "无号处"
    reasons = census.quarantine[["row", "reason"]].to_numpy().tolist()
    assert sorted(reasons) == [[5, "duplicate_row"], [6, "duplicate_id"]]
    account = census.sources.iloc[0]
    assert account["read"] == account["accepted"] + account["quarantined"] == 7


def test_missing_file() -> None:
    with pytest.raises(SourceError, match=r'"没有\.xlsx" is not there'):
        read_census("没有.xlsx", "shelters")


def test_nothing_known(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", [("a", "b")], ("月", "日"))
    with pytest.raises(LayerError, match="no column of"):
        read_census(path, "shelters")


def test_unknown_crs(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", ROWS)
    with pytest.raises(CrsError, match='write it like "EPSG:4549"'):
        read_census(path, "shelters", crs="EPSG:四五四九")


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason="the real data folder is absent")
@pytest.mark.parametrize(
    ("name", "layer", "rows"),
    [
        ("japan-shelters/gsi_emergency_all.csv.gz", "shelters", 115_402),
        ("landslides/NASA_Global_Landslide_Catalog_2018.csv", "hazard_points", 9564),
        ("jinan-cn/edges.shp", "roads", 28_597),
        ("chile-evac/forestal/map_data_roads.shp", "roads", 4117),
        ("china-admin/zhejiang_villages.csv", "villages", 25_547),
    ],
)
def test_real_tables_lose_no_row(
    tmp_path: Path, name: str, layer: str, rows: int
) -> None:
    path = DATA / name
    if path.suffix == ".gz":
        path = tmp_path / "table.csv"
        path.write_bytes(gzip.decompress((DATA / name).read_bytes()))
    census = build_census({layer: Source(path)}, as_of="2026-01-01")
    account = census.sources.iloc[0]
    assert account["read"] == rows == account["accepted"] + account["quarantined"]
