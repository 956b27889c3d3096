"""What cannot be read is refused in one clear line, and the command leaves with 2."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from riskmap.census import (
    Source,
    build_census,
    parquet,
    read_census,
    write_findings,
)
from riskmap.cli import main
from riskmap.errors import SourceError
from tests.census.messy import ROWS, frame, write_book

FILES = Path(__file__).with_name("files")
TWO_GB = 2_100_000_000
PROJECT = """
[project]
name = "某县"
as_of = 2024-06-01
[sources."{layer}"]
path = "{path}"
"""


def locked(folder: Path) -> Path:
    path = folder / "密.xlsx"
    path.write_bytes((FILES / "locked.xlsx").read_bytes())
    return path


def bomb(folder: Path) -> Path:
    path = folder / "弹.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(80_000_000))
    return path


def cut_short(folder: Path) -> Path:
    table = frame().rename(columns={"场所名称": "csmc"})[["csmc", "geometry"]]
    table.to_file(folder / "断.shp")
    for end in ("shp", "dbf"):
        whole = (folder / f"断.{end}").read_bytes()
        if end == "shp":
            (folder / f"断.{end}").write_bytes(whole[: len(whole) - 30])
    return folder / "断.shp"


def endless(folder: Path) -> Path:
    path = folder / "长.csv"
    with path.open("wb") as stream:
        stream.write("场所名称,容纳人数\n".encode())
        stream.truncate(TWO_GB)
    return path


CASES = [
    (locked, "密.xlsx cannot be read as a workbook: it is protected by a password"),
    (bomb, "弹.xlsx would unpack to 80 MB, "),
    (cut_short, "断.shp is cut short: its .shp should have 184 bytes and has 154"),
    (endless, "长.csv is a text of 2100 MB; it is not read"),
]


@pytest.mark.parametrize(("make", "message"), CASES)
def test_one_clear_line(tmp_path: Path, make: object, message: str) -> None:
    path = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(SourceError) as caught:
        read_census(path, "shelters")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_the_command_leaves_with_two(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    named = [(make(tmp_path).name, message, "shelters") for make, message in CASES]
    for path, message, layer in [*named, (named[0][0], "no layer", "../../x")]:
        text = PROJECT.format(layer=layer, path=path)
        (tmp_path / "riskmap.toml").write_text(text, "utf-8")
        monkeypatch.setattr(sys, "argv", ["riskmap", "check", str(tmp_path)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr().err
        assert left.value.code == 2
        assert len(said.strip().splitlines()) == 1
        assert message in said
        assert not (tmp_path / "out" / "census.gpkg").exists()


@pytest.mark.parametrize("suffix", [".kml", ".gpx", ".geojson"])
def test_texts_too_long_to_be_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"长{suffix}"
    with path.open("wb") as stream:
        stream.truncate(TWO_GB)
    with pytest.raises(SourceError, match="is a text of 2100 MB"):
        read_census(path, "shelters")


def test_an_attribute_that_swells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame({"场所名称": ["长" * 1_000_000]}).to_parquet(path, compression="zstd")
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(parquet, "_LARGEST", 1_000_000)
    with pytest.raises(SourceError, match=r"a\.parquet would unpack to 3 MB"):
        read_census(path, "shelters")


@pytest.mark.parametrize("name", ["大.gpkg", "大.gdb", "大.shp"])
def test_a_giant_attribute_of_a_vector_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("gdb"):
        path.mkdir()
        held = path / "a00000009.gdbtable"
    else:
        held = path
    with held.open("wb") as stream:
        stream.truncate(TWO_GB)
    with pytest.raises(SourceError, match="has 2100 MB, more than 2000"):
        read_census(path, "shelters")


@pytest.mark.parametrize("name", ["../../evil", "C:\\evil", "a'; DROP--", "a/b"])
def test_a_path_in_a_layer_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    mark = (
        "<Placemark><name>{}</name><Point><coordinates>121.1,28.1</coordinates>"
        "</Point></Placemark>"
    )
    folders = "".join(
        f"<Folder><name>{one}</name>{mark.format(at)}</Folder>"
        for at, one in enumerate([name, "别的"])
    )
    folder = tmp_path / "in" / "deep"
    folder.mkdir(parents=True)
    path = folder / "a.kml"
    text = f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{folders}"
    path.write_text(text + "</Document></kml>", "utf-8")
    before = sorted(tmp_path.rglob("*"))
    census = build_census({"shelters": Source(path)}, as_of="2024-06-01")
    assert len(census["shelters"]) == 2
    assert len(read_census(path, "shelters", sheet=name)) == 1
    assert sorted(tmp_path.rglob("*")) == before
    write_findings(census, tmp_path / "a.csv", tmp_path / "a.xlsx")
    made = sorted(set(tmp_path.rglob("*")) - set(before))
    assert [one.name for one in made] == ["a.csv", "a.xlsx"]


def test_a_zip_may_name_other_folders_and_nothing_goes_there(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    source = frame().rename(columns={"场所名称": "csmc"})[["csmc", "geometry"]]
    source.to_file(folder / "a.shp")
    source.iloc[:2].assign(csmc=["甲", "乙"]).to_file(folder / "b.shp")
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for end in ("shp", "shx", "dbf"):
            packed.write(folder / f"a.{end}", f"../../a.{end}")
            packed.write(folder / f"b.{end}", f"镇/a.{end}")
    before = sorted(tmp_path.rglob("*"))
    assert len(read_census(path, "shelters")) == 5
    assert sorted(tmp_path.rglob("*")) == before


def test_a_packed_filegdb_and_an_old_workbook(tmp_path: Path) -> None:
    table = frame().rename(columns={"场所名称": "csmc"})[["csmc", "geometry"]]
    table.to_file(tmp_path / "a.gdb", driver="OpenFileGDB")
    with zipfile.ZipFile(tmp_path / "a.gdb.zip", "w") as packed:
        for one in (tmp_path / "a.gdb").iterdir():
            packed.write(one, f"县/a.gdb/{one.name}")
    names = [row[1] for row in ROWS]
    assert read_census(tmp_path / "a.gdb.zip", "shelters")["name"].tolist() == names
    assert read_census(FILES / "shelters.xls", "shelters")["name"].tolist() == names


def test_a_parquet_table_without_geometry(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pd.DataFrame(frame().drop(columns="geometry")).to_parquet(path)
    found = read_census(path, "shelters")
    assert isinstance(found, gpd.GeoDataFrame)
    assert found["declared_people"].tolist() == [200, 100, 50]


def test_a_prj_with_chinese_names(tmp_path: Path) -> None:
    write_book(tmp_path / "x.xlsx", ROWS)
    table = frame().rename(columns={"场所名称": "csmc"})[["csmc", "geometry"]]
    table.to_crs(4549).to_file(tmp_path / "a.shp")
    prj = (tmp_path / "a.prj").read_text()
    named = prj.replace("CGCS2000_3_Degree_GK_CM_120E", "国家2000三度带")
    (tmp_path / "a.prj").write_bytes(named.encode("gb18030"))
    found = read_census(tmp_path / "a.shp", "shelters")
    assert found.geometry.x.tolist() == pytest.approx([row[4] for row in ROWS])
