"""Damaged files of every kind: one clear line, or every row accounted for.

2,000 cases in every run, 20,000 with ``-m large``; the seed of a case is in its
name, so that what fails once fails again.
"""

from __future__ import annotations

import random
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from riskmap.census import Source, build_census
from riskmap.errors import RiskmapError
from tests.census.messy import HEADINGS, ROWS, frame, write_book

FILES = Path(__file__).with_name("files")
KINDS = (
    *("csv", "geojson", "gdb", "gpkg", "gpx", "kml", "kmz", "parquet"),
    *("shp", "xls", "xlsx", "zip"),
)
CASES, MANY = 2000, 20_000
PATIENCE_S = 20.0
GPX = (
    '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>'
)
POINT = '<wpt lat="{}" lon="{}"><name>{}</name><desc>晒谷场</desc></wpt>'


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small sound source of every kind."""
    folder = tmp_path_factory.mktemp("sound")
    table = frame().rename(columns={"场所名称": "csmc"})[["csmc", "geometry"]]
    for kind in ("geojson", "gpkg", "shp"):
        table.to_file(folder / f"a.{kind}")
    table.to_file(folder / "a.gdb", driver="OpenFileGDB")
    table.to_parquet(folder / "a.parquet")
    table.rename(columns={"csmc": "Name"}).to_file(folder / "a.kml", driver="KML")
    with zipfile.ZipFile(folder / "a.kmz", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(folder / "a.kml", "doc.kml")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for end in ("shp", "dbf", "shx", "prj"):
            packed.write(folder / f"a.{end}", f"县/a.{end}")
    points = "".join(POINT.format(row[5], row[4], row[1]) for row in ROWS)
    (folder / "a.gpx").write_text(GPX.format(points), "utf-8")
    text = "\n".join(",".join(map(str, row)) for row in [HEADINGS, *ROWS])
    (folder / "a.csv").write_text(text, "gb18030")
    write_book(folder / "a.xlsx", ROWS)
    shutil.copyfile(FILES / "shelters.xls", folder / "a.xls")
    return folder


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Change, cut, repeat or insert some bytes."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        at = chance.randrange(len(data) + 1)
        way = chance.random()
        if way < 0.6 and at < len(data):
            data[at] = chance.choice([0, 255, 127, chance.randrange(256)])
        elif way < 0.7:
            del data[at : at + chance.randrange(1, 64)]
        elif way < 0.8:
            data[at:at] = data[at : at + chance.randrange(1, 64)]
        elif way < 0.9:
            data[at:at] = chance.randbytes(chance.randrange(1, 16))
        else:
            del data[at:]
    return bytes(data)


def spoil(folder: Path, kind: str, target: Path, chance: random.Random) -> Path:
    """Copy a sound source and damage one of its files."""
    path = target / f"m.{kind}"
    if kind == "gdb":
        shutil.copytree(folder / "a.gdb", path)
        one = chance.choice(sorted(part for part in path.iterdir() if part.is_file()))
        one.write_bytes(damaged(one.read_bytes(), chance))
        return path
    ends = ["shp", "shx", "dbf", "prj", "cpg"] if kind == "shp" else [kind]
    spoilt = chance.choice(ends)
    for end in ends:
        content = (folder / f"a.{end}").read_bytes()
        content = damaged(content, chance) if end == spoilt else content
        (target / f"m.{end}").write_bytes(content)
    return path


def account(path: Path) -> bool:
    """Read a source: refused in one line, or every row accounted for."""
    started = time.monotonic()
    try:
        census = build_census({"shelters": Source(path)}, as_of="2024-06-01")
    except RiskmapError as error:
        assert "\n" not in str(error)  # noqa: PT017 (either way is fine)
        return False
    finally:
        assert time.monotonic() - started < PATIENCE_S
    row = census.sources.iloc[0]
    assert row["read"] == row["accepted"] + row["quarantined"]
    assert row["accepted"] == len(census["shelters"])
    assert row["quarantined"] == len(census.quarantine)
    assert census["shelters"]["shelter_id"].is_unique
    return True


def fuzz(folder: Path, kind: str, target: Path, seeds: range) -> None:
    read = 0
    for seed in seeds:
        chance = random.Random(f"{kind}-{seed}")  # noqa: S311 (no secret)
        case = target / str(seed)
        case.mkdir()
        try:
            read += account(spoil(folder, kind, case, chance))
        except Exception as error:
            error.add_note(f"{kind}, seed {seed}")
            raise
        shutil.rmtree(case)
    assert 0 < read < len(seeds)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_source_is_read(originals: Path, kind: str) -> None:
    assert account(originals / f"a.{kind}")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_sources(originals: Path, tmp_path: Path, kind: str) -> None:
    fuzz(originals, kind, tmp_path, range(CASES // len(KINDS) + 1))


@pytest.mark.large
@pytest.mark.parametrize("kind", KINDS)
def test_many_damaged_sources(originals: Path, tmp_path: Path, kind: str) -> None:
    fuzz(originals, kind, tmp_path, range(1000, 1000 + MANY // len(KINDS) + 1))
