"""Three stores, one census: the same frames come back, or the ones before."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from riskmap.census import Source, build_census, load_census, save_census
from riskmap.errors import SourceError
from tests.census.messy import ROWS, frame
from tests.census.server import PASSWORD, QUOTED

if TYPE_CHECKING:
    from riskmap.census import Census

STORES = ("census.gpkg", "census", "postgis")


def made(people: int, rows: int = 3) -> Census:
    """A small census with every type of field, nulls among them."""
    area = shapely.box(121.1, 28.0, 121.3, 28.2)
    villages = gpd.GeoDataFrame(
        {
            "行政区划代码": ["990101001201", "990101001202"],
            "名称": ["东山村", "西山村"],
            "人口": [people, None],
            "是否有应急预案": ["是", None],
            "最近演练日期": ["2024-05-06", None],
        },
        geometry=[area, None],
        crs=4490,
    )
    duties = pd.DataFrame({"姓名": ["张三"] * rows, "岗位": ["村主任"] * rows})
    sites = frame([*ROWS, ("S4", "合计", None, 350, 121.2, 28.1, "", "", "")])
    sites["场地面积"] = [1.5, None, 3.25, None]
    sources = {"villages": villages, "shelters": sites, "duties": duties}
    return build_census(
        {name: Source(one) for name, one in sources.items()}, as_of="2024-06-01"
    )


def same(first: Census, second: Census) -> None:
    """Compare two censuses that were loaded, types and all."""
    assert list(first.layers) == list(second.layers)
    for name, one in first.layers.items():
        assert_geodataframe_equal(one, second[name])
        assert one.crs == second[name].crs
        pd.testing.assert_frame_equal(first.origins[name], second.origins[name])
    for name in ("findings", "quarantine", "sources", "columns"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where to keep a census, in each of the three ways."""
    if request.param != "postgis":
        return tmp_path / "输 出" / str(request.param)
    server = request.getfixturevalue("server")
    return f"{server}&schema={request.node.name[:40].lower()}"


def test_the_same_content_whatever_the_store(store: str | Path, tmp_path: Path) -> None:
    census = made(300)
    save_census(census, tmp_path / "plain.gpkg")
    plain = load_census(tmp_path / "plain.gpkg")
    save_census(made(9, rows=1), store)
    save_census(census, store)
    again = load_census(store)
    same(again, plain)
    for name, one in census.layers.items():
        assert_geodataframe_equal(one, again[name])
    assert again.findings.equals(census.findings)
    assert again.quarantine["raw"].tolist() == census.quarantine["raw"].tolist()
    assert again["villages"]["population"].tolist() == [300, pd.NA]


def test_what_is_no_store_is_named(store: str | Path) -> None:
    with pytest.raises(SourceError, match=r"is not there|is no census: it lacks"):
        load_census(store)


def test_a_kill_between_the_two_renames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "census"
    save_census(made(300), folder)
    old = load_census(folder)
    rename = Path.rename

    def killed(self: Path, target: Path) -> Path:
        if target == folder:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        save_census(made(400), folder)
    monkeypatch.undo()
    assert not folder.exists()
    same(load_census(folder), old)
    save_census(made(400), folder)
    assert load_census(folder)["villages"]["population"].iloc[0] == 400
    assert [one.name for one in tmp_path.iterdir()] == ["census"]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "照片.jpg").write_bytes(b"x")
    with pytest.raises(SourceError, match="holds files that are no census"):
        save_census(made(300), tmp_path)
    assert (tmp_path / "照片.jpg").read_bytes() == b"x"


CHILD = """
import sys
from riskmap.census import save_census
from tests.census.test_stores import made
one, two = made(300), made(400, rows=9)
save_census(one, sys.argv[1])
print("ready", flush=True)
while True:
    save_census(two, sys.argv[1])
    save_census(one, sys.argv[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(
    store: str | Path, tmp_path: Path
) -> None:
    kept = {}
    for people, rows in ((300, 3), (400, 9)):
        save_census(made(people, rows), tmp_path / "kept.gpkg")
        kept[people] = load_census(tmp_path / "kept.gpkg")
    words = [sys.executable, "-c", CHILD, str(store)]
    root = Path(__file__).parents[2]
    for wait in (0.02, 0.11, 0.31):
        with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=root) as child:
            assert child.stdout is not None
            assert child.stdout.readline().strip() == b"ready"
            time.sleep(wait)
            child.send_signal(signal.SIGKILL)
        found = load_census(store)
        same(found, kept[int(found["villages"]["population"].iloc[0])])
    save_census(made(300), store)
    same(load_census(store), kept[300])


def test_no_password_is_printed(server: str) -> None:
    wrong = server.replace(QUOTED, "sha-mi-ma")
    for address in (wrong, server.replace("/postgres?", "/none?"), server + "&a=b"):
        with pytest.raises(SourceError, match=r"^postgresql://riskmap@") as caught:
            load_census(address)
        said = str(caught.value)
        assert "\n" not in said
        for secret in (PASSWORD, QUOTED, "sha-mi-ma"):
            assert secret not in said


def test_what_else_stands_in_the_database_is_left_alone(server: str) -> None:
    import psycopg  # noqa: PLC0415

    with pytest.raises(SourceError, match='the schema "public" is not riskmap'):
        save_census(made(300), server + "&schema=public")
    own = server + "&schema=own"
    save_census(made(300), own)
    with psycopg.connect(server) as opened:
        opened.execute("CREATE TABLE own.notes (a int)")
        opened.execute("CREATE VIEW public.seen AS SELECT name FROM own.villages")
    with pytest.raises(SourceError, match="other objects depend on it"):
        save_census(made(400), own)
    assert load_census(own)["villages"]["population"].iloc[0] == 300
    with psycopg.connect(server) as opened:
        opened.execute("DROP VIEW public.seen")
    save_census(made(400), own)
    with psycopg.connect(server) as opened:
        assert opened.execute("SELECT count(*) FROM own.notes").fetchone() == (0,)
        srid = opened.execute("SELECT ST_SRID(geometry) FROM own.shelters").fetchone()
    assert srid == (4490,)


def test_a_reader_that_holds_the_tables_is_named(server: str) -> None:
    import psycopg  # noqa: PLC0415

    held = server + "&schema=held"
    save_census(made(300), held)
    with psycopg.connect(server) as other:
        other.execute("SELECT * FROM held.villages")
        with pytest.raises(SourceError, match="lock timeout"):
            save_census(made(400), held)
    assert load_census(held)["villages"]["population"].iloc[0] == 300
