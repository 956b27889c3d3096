"""The portal over units: what it says, what it does not, and that texts stay texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from riskmap.cluster import Province
from riskmap.cluster.gather import ranking
from riskmap.cluster.store import Unit
from riskmap.publish import Imprint, Overview, publish_province
from tests.cluster.conftest import write_strip

if TYPE_CHECKING:
    from pathlib import Path

UNITS = [
    Unit("990101", "甲县", 2),
    Unit("990102", "乙<script>县", 1),
    Unit("990103", "丙县", 1),
]
HOSTILE = "<img src=x onerror=alert(1)>"


def villages() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "unit": ["990101", "990101", "990102"],
            "unit_name": ["甲县", "甲县", "乙<script>县"],
            "village_code": ["a", "b", "c"],
            "village_name": ["一村", HOSTILE, "三村"],
            "population": pd.array([100, None, 50], dtype="Int64"),
            "to_move": pd.array([10, 20, 0], dtype="Int64"),
            "placed": pd.array([10, 5, 0], dtype="Int64"),
            "unplaced": pd.array([0, 15, 0], dtype="Int64"),
            "unknown_groups": pd.array([0, 0, 0], dtype="Int64"),
            "beds": pd.array([30, None, 9], dtype="Int64"),
            "three_minute_1": pd.array([True, None, True], dtype="boolean"),
        },
        geometry=[shapely.box(120 + n / 9, 27, 120.1 + n / 9, 27.1) for n in range(3)],
        crs=4490,
    )


def tiers() -> pd.DataFrame:
    frame = villages()
    return pd.DataFrame(
        {
            "unit": frame["unit"],
            "village_code": frame["village_code"],
            "passed": frame["three_minute_1"],
            "reason": ["ok", "insufficient_data", "ok"],
        }
    )


def test_an_unknown_village_has_not_passed_and_a_lost_unit_has_no_rank() -> None:
    table = ranking(villages(), tiers(), UNITS).set_index("unit")
    assert list(table["rank"].astype(object)[:2]) == [1, 2]
    assert table["rank"].isna()["990103"]
    assert table.loc["990101", "passed_villages"] == 1
    assert table.loc["990101", "unknown_villages"] == 1
    assert table.loc["990102", "passed_ratio"] == 1.0
    assert table["to_move"].isna()["990103"]


@pytest.fixture
def page(tmp_path: Path) -> str:
    site = tmp_path / "units" / "990101" / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("甲县", "utf-8")
    shown = Overview(
        name=f"某省{HOSTILE}",
        imprint=Imprint(data_date="2026-04-15", version="1", fictional=True),
        villages=villages(),
        ranking=ranking(villages(), tiers(), UNITS),
        failures=pd.DataFrame(
            {"name": ["丙县"], "step": ["覆盖审计"], "message": [HOSTILE]}
        ),
    )
    index = publish_province(shown, tmp_path, units="units")
    assert index == tmp_path / "site" / "index.html"
    return index.read_text("utf-8")


def test_the_portal_says_who_has_no_results(page: str) -> None:
    assert "2/3 个单元有结果" in page
    assert "丙县" in page
    assert "数据不足" in page
    assert page.count("尚未出图") == 2


def test_the_way_into_a_site_is_relative(page: str) -> None:
    assert 'href="../units/990101/site/index.html"' in unquote(page)
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_no_text_becomes_markup(page: str) -> None:
    assert HOSTILE not in page
    assert "乙<script>" not in page
    assert page.count("<script>") == 1


def links(page: Path) -> list[str]:
    """Return where the links of a page lead, beside addresses within it."""
    found = re.findall(r'href="([^"#]+)', page.read_text("utf-8"))
    return [unquote(one) for one in found if not one.startswith(("data:", "tel:"))]


@pytest.mark.slow
def test_from_the_portal_into_every_unit_down_to_every_village(tmp_path: Path) -> None:
    """A whole run; each link of each page leads to a file that is there."""
    province = Province.open(
        write_strip(tmp_path / "p", towns=2, villages=1), out=tmp_path / "out"
    )
    bad = [broken for _, broken in province.run()]
    assert bad == [False] * 5
    portal = province.out / "site" / "index.html"
    below = {(portal.parent / one).resolve() for one in links(portal)}
    assert {one.parents[1].name for one in below} == set(province.store.hulls)
    for index in below:
        leads = links(index)
        assert leads
        lost = [one for one in leads if not (index.parent / one).is_file()]
        assert not lost
        assert any(one.endswith(".html") for one in leads)
    report = province.report
    assert set(report["step"]) == {"network", "audit", "plan", "verify", "publish"}
    assert (report["cpu_s"] > 0).all()
