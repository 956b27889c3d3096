"""Tables of a PostGIS database as sources."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import pytest

from riskmap.census import (
    Source,
    build_census,
    check_census,
    load_census,
    read_census,
    save_census,
)
from riskmap.census.database import Address, is_address
from riskmap.errors import SourceError
from tests.census.server import PASSWORD, QUOTED

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = dt.date(2026, 4, 15)
ROWS = """
CREATE SCHEMA IF NOT EXISTS bureau;
DROP TABLE IF EXISTS bureau.sites;
CREATE TABLE bureau.sites (
  "场所编号" text, "场所名称" text, "容纳人数" numeric(6, 1), "是否启用" boolean,
  "报出日期" date, photo bytea, place geometry(Point, 4549));
INSERT INTO bureau.sites VALUES
  ('S1', '东山小学', 200, true, '2024-05-06', '\\x00ff',
   ST_Transform(ST_SetSRID(ST_MakePoint(121.20001, 28.10001), 4490), 4549)),
  ('S2', '西山礼堂', NULL, false, NULL, NULL, NULL);
CREATE TABLE IF NOT EXISTS bureau.people ("姓名" text, "岗位" text);
"""


@pytest.fixture
def bureau(server: str) -> str:
    import psycopg  # noqa: PLC0415 (its extra may be missing)

    with psycopg.connect(server) as opened:
        opened.execute(ROWS)
    return server


def test_a_table_is_read_with_its_places(bureau: str) -> None:
    sites = read_census(bureau, "shelters", sheet="bureau.sites")
    assert sites["name"].tolist() == ["东山小学", "西山礼堂"]
    assert sites["declared_people"].tolist()[0] == 200
    assert sites["declared_people"].isna().tolist() == [False, True]
    assert sites.geometry.iloc[0].x == pytest.approx(121.20001, abs=1e-9)
    assert sites.geometry.iloc[1] is None
    assert sites.crs.to_epsg() == 4490
    findings = check_census(bureau + "&table=sites", "shelters")
    assert set(findings["source"]) == {"postgresql://riskmap@/postgres"}
    assert set(findings["sheet"].dropna()) == {"bureau.sites"}
    assert PASSWORD not in findings.to_csv()
    assert QUOTED not in findings.to_csv()


def test_rows_places_and_conditions(bureau: str) -> None:
    listed = read_census(bureau, "shelters", sheet="sites").drop(columns="geometry")
    sources = {
        "shelters": Source(listed, places=bureau + "&table=bureau.sites"),
        "duties": Source(bureau, sheet="bureau.people"),
    }
    census = build_census(sources, as_of="2024-06-01")
    assert census.sources["placed_by_id"].tolist() == [1, 0]
    assert census.sources["read"].tolist() == [2, 0]
    chosen = Source(bureau, sheet="sites", where="\"场所名称\" LIKE '东%'")
    assert len(read_census(chosen, "shelters")) == 1


@pytest.mark.parametrize(
    ("table", "where", "message"),
    [
        ("none", None, 'has no table "none"; it has '),
        ("sites", "nothing = 1", 'column "nothing" does not exist'),
        ("sites", "true; DROP TABLE bureau.sites", "multiple commands"),
        ('sites"; --', None, "has no table"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    bureau: str, table: str, where: str | None, message: str
) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        read_census(Source(bureau, sheet=table, where=where), "shelters")
    assert "\n" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert len(read_census(bureau, "shelters", sheet="sites")) == 2


def test_addresses() -> None:
    assert is_address("postgresql://host/db")
    assert not is_address("postgres.gpkg")
    found = Address.parse("postgres://li:a%40b@h:5/县?schema=s&password=xyz9")
    assert found.shown == "postgresql://li@h:5/县"
    assert found.schema == "s"
    assert found.scrubbed("a@b a%40b xyz9\n.") == "*** *** *** ."
    with pytest.raises(SourceError, match="cannot be understood"):
        Address.parse("postgresql://[::1/x")


@pytest.mark.parametrize("use", [
    lambda address: read_census(address, "shelters", sheet="bureau.sites"),
    load_census,
    lambda address: save_census(build_census({}, as_of=DAY), address),
])  # fmt: skip
def test_without_the_extra_an_address_is_refused_in_one_line(
    use: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SourceError, match=r'"riskmap\[postgis\]"$') as caught:
        use("postgresql://riskmap:secret@localhost/none")
    assert "secret" not in str(caught.value)
