"""The command line: one clear line, the right exit code, nothing half-written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyogrio
import pytest

COUNTY = Path(__file__).parents[2] / "sample_data" / "county"

PROJECT = """
[project]
name = "小县"
as_of = 2026-04-15
[sources.villages]
path = "村.csv"
[sources.shelters]
path = "场所.csv"
"""
VILLAGES = (
    "区划代码,社区（行政村）名称,常住人口数量,经度,纬度\n"
    "990121100201,竹溪村,398,121.1,28.0\n"
)
SHELTERS = "场所编号,应急避难场所名称,避难所容纳人数,经度,纬度\nB1,礼堂,90,121.1,28.0\n"


def riskmap(*words: object, encoding: str = "utf-8") -> subprocess.CompletedProcess:
    """Run the command line as a planner's console would."""
    return subprocess.run(
        [sys.executable, "-m", "riskmap", *map(str, words)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a small project in a folder with Chinese and a space in its name."""
    folder = tmp_path / "我的 县"
    folder.mkdir()
    (folder / "riskmap.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "村.csv").write_text(VILLAGES, encoding="utf-8")
    (folder / "场所.csv").write_text(SHELTERS, encoding="gb18030")
    return folder


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_check_prints_what_any_console_can_show(project: Path, encoding: str) -> None:
    done = riskmap("check", project, encoding=encoding)
    assert done.returncode == 0, done.stderr.decode(encoding)
    text = done.stdout.decode(encoding)
    assert "读入 2 个图层，2 行 = 采用 2 行 + 隔离 0 行。" in text
    assert names(project / "out") == [
        "census.gpkg",
        "findings.csv",
        "network",
        "质检台账.xlsx",
    ]


def spoil_key(project: Path) -> None:
    text = PROJECT.replace("as_of", "asof")
    (project / "riskmap.toml").write_text(text, encoding="utf-8")


def drop_file(project: Path) -> None:
    (project / "场所.csv").unlink()


def spoil_toml(project: Path) -> None:
    (project / "riskmap.toml").write_text("[project", encoding="utf-8")


def garble_file(project: Path) -> None:
    (project / "riskmap.toml").write_text(
        PROJECT.replace("场所.csv", "场所.xlsx"), encoding="utf-8"
    )
    (project / "场所.xlsx").write_bytes(b"PK\x03\x04 not a workbook")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_key, ["riskmap.toml", "project.asof", "as_of"]),
        (drop_file, ["riskmap.toml", "sources.shelters", "场所.csv"]),
        (spoil_toml, ["riskmap.toml", "TOML"]),
        (garble_file, ["场所.xlsx"]),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    project: Path, spoil: object, words: list[str]
) -> None:
    assert callable(spoil)
    spoil(project)
    done = riskmap("check", project)
    text = done.stderr.decode()
    assert done.returncode == 2
    assert len(text.strip().splitlines()) == 1
    assert all(word in text for word in words), text
    assert "Traceback" not in text
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("plan", "scenario"),
        ("verify", "plan.gpkg"),
        ("publish --edition secret", "public or internal"),
        ("find --at here", "longitude,latitude"),
    ],
)
def test_what_cannot_be_done_is_said(project: Path, command: str, words: str) -> None:
    name, *options = command.split()
    done = riskmap(name, project, *options)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert len(done.stderr.decode().strip().splitlines()) == 1


def test_an_empty_layer_is_named(project: Path) -> None:
    heading = SHELTERS.splitlines()[0]
    (project / "场所.csv").write_text(heading + "\n", encoding="gb18030")
    done = riskmap("audit", project)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr.decode()
    assert not (project / "out").exists()


def test_strict_leaves_with_1_where_an_error_is_found(project: Path) -> None:
    text = VILLAGES.replace("990121100201", "99012110020X")
    (project / "村.csv").write_text(text, encoding="utf-8")
    assert riskmap("check", project).returncode == 0
    assert riskmap("check", project, "--strict").returncode == 1


def test_a_new_project_can_be_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "新 县"
    assert riskmap("init", folder).returncode == 0
    assert names(folder) == ["riskmap.toml", "填报表"]
    again = riskmap("init", folder)
    assert again.returncode == 2
    assert "not empty" in again.stderr.decode()


@pytest.mark.slow
def test_the_same_county_gives_the_same_bytes(tmp_path: Path) -> None:
    shutil.copytree(COUNTY, tmp_path / "县")
    for out in ("one", "two"):
        for step in ("check", "audit", "plan"):
            done = riskmap(step, tmp_path / "县", "--out", tmp_path / out, "--quiet")
            assert done.returncode == 0, done.stderr.decode()
            assert done.stdout == b""
    files = sorted(
        one.relative_to(tmp_path / "one")
        for one in (tmp_path / "one").rglob("*")
        if one.is_file()
    )
    assert len(files) > 8
    for file in files:
        one, two = (tmp_path / out / file for out in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), file


@pytest.mark.slow
def test_diff_says_who_lost_cover(tmp_path: Path) -> None:
    fewer = tmp_path / "后"
    shutil.copytree(COUNTY, fewer)
    teams = next(fewer.glob("**/应急队伍.csv"))
    lines = teams.read_bytes().splitlines(keepends=True)
    teams.write_bytes(b"".join(lines[:-8]))
    done = riskmap("diff", COUNTY, fewer, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr.decode()
    said = done.stdout.decode()
    assert "减少 8" in said
    assert "0 个村有改善" in said
    assert "0 个村变差" not in said
    cover = pyogrio.read_dataframe(tmp_path / "out" / "diff.gpkg", layer="cover")
    assert set(cover["change"]) == {"lost"}
    assert cover["village_name"].notna().all()
