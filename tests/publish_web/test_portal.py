"""The portal says what the frames say, and the unknown as unknown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from riskmap.publish.portal import Link, portal_page
from riskmap.publish.portal_states import village_states
from tests.publish_web.county import CODES, TOWNSHIP, atlas

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser import Browser

LINKS = {
    code: [
        Link("避险转移路线图", (("html", f"villages/{code}/a.html"), ("pdf", "a.pdf")))
    ]
    for code in CODES
}


def page(**options: object) -> str:
    """Return the county's page."""
    shown = atlas(**options)  # type: ignore[arg-type]
    return portal_page(shown, village_states(shown), title="图集", links=LINKS)


def test_states_by_construction() -> None:
    states = village_states(atlas())
    assert [(one.to_move, one.placed, one.unplaced, one.state) for one in states] == [
        (30, 30, 0, "done"),
        (25, 20, 5, "unplaced"),
        (0, 0, 0, "unknown"),
    ]
    assert states[1].text == "5 人未落实"
    assert states[2].unknown_groups == 1
    assert states[1].population is None


def test_without_a_plan_nothing_is_called_done() -> None:
    states = village_states(atlas(planned=False))
    assert {one.state for one in states} == {"unknown"}
    assert {one.to_move for one in states} == {None}
    text = page(planned=False)
    assert "未编制转移方案" in text
    assert "全部落实" not in text


def test_five_figures() -> None:
    text = page()
    figures = re.findall(r"<dd>([^<]+)", text.split("</dl>")[0])
    assert [one.strip() for one in figures] == ["≥55", "50", "≥5", "1", "2026-04-15"]
    assert "另有 1 个转移单元人数未知" in text
    assert "共 2 个村" in text


def test_every_village_is_drawn_and_linked() -> None:
    text = page()
    assert text.count("<path fill-rule") == 3
    for code in CODES:
        assert text.count(f'href="villages/{code}/a.html"') == 2


def test_unknown_figures_say_so() -> None:
    row = page().split("下宅村</b>")[1].split("</tr>")[0]
    assert '<td class="number unknown" data-h="常住人口" data-sort="">未知</td>' in row
    assert "≥" not in row
    lost = page().split("外岙村</b>")[1].split("</tr>")[0]
    assert lost.count('data-sort="0">≥0</td>') == 2


def audited(**changes: list[object]) -> str:
    """Return the county's page with the audit of one standard and of beds."""
    tiers = {
        "village_code": list(CODES), "standard": ["three_minute"] * 3, "tier": [1] * 3,
        "passed": pd.array([True, False, None], dtype="boolean"),
        "people": pd.array([300, 100, None], dtype="Int64"),
        "circle_people": pd.array([300, 100, None], dtype="Int64"),
        "network_people": pd.array([300, 50, None], dtype="Int64"),
    }  # fmt: skip
    beds = {
        "scope": ["township", "county"], "code": [TOWNSHIP, "all"], "shelters": [2, 2],
        "safe_shelters": [1, 1], "unknown_shelters": [1, 1], "villages_without": [2, 2],
        "beds": pd.array([None, None], dtype="Int64"), "reached_ratio": [0.5, None],
    }  # fmt: skip
    audit = {"tiers": pd.DataFrame(tiers), "sheltering": pd.DataFrame(beds | changes)}
    shown = replace(atlas(), audit=audit)
    return portal_page(shown, village_states(shown), title="图集", links=LINKS)


def rows_below(text: str, title: str) -> list[list[str]]:
    """Return the rows of the table under a title."""
    table = text.split(f"<h2>{title}</h2>")[1].split("</table>", maxsplit=1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    return [re.findall(r"<td[^>]*>([^<]*)</td>", one) for one in rows]


def test_coverage_counts_the_unknown_apart() -> None:
    (row,) = rows_below(audited(), "各标准覆盖情况")
    assert row[1:] == ["1", "1", "1", "87.5%"]
    assert row[0].startswith("三分钟应急救援圈 第1级")


def test_beds_that_nobody_knows_are_unknown_and_hatched() -> None:
    text = audited()
    assert rows_below(text, "避灾床位与缺口") == [
        ["石浦镇", "2", "1", "1", "未知", "2", "50.0%"],
        ["全县", "2", "1", "1", "未知", "2", "未知"],
    ]
    assert text.count('<td class="unknown">未知</td>') >= 3
    known = audited(beds=[0, 0])
    assert rows_below(known, "避灾床位与缺口")[0][4] == "0"


def test_every_layer_says_how_old_it_is() -> None:
    rows = {one[0]: one[1:] for one in rows_below(audited(), "各图层数据新旧")}
    assert rows["行政村"] == ["3", "2026-03-01", "2026-03-01", "0"]
    assert rows["避灾安置场所"] == ["1", "未知", "未知", "1"]


@pytest.mark.slow
@pytest.mark.browser
def test_three_hundred_and_fifty_villages_open_in_two_seconds(
    browser: Browser, tmp_path: Path
) -> None:
    base = atlas()
    names = [f"第{one}村" for one in range(350)]
    villages = gpd.GeoDataFrame(
        {
            "village_code": [f"9901010{one:05d}" for one in range(350)],
            "name": names,
            "township_code": [f"9901010{one // 25:02d}000" for one in range(350)],
            "township_name": [f"第{one // 25}镇" for one in range(350)],
            "population": pd.array([None, *range(349)], dtype="Int64"),
        },
        geometry=[
            Point(120 + one % 25 / 50, 28 + one // 25 / 50).buffer(0.01, 16)
            for one in range(350)
        ],
        crs=4490,
    )
    shown = replace(base, layers={**base.layers, "villages": villages})
    forms = (("html", "a"), ("pdf", "b"), ("png", "c"))
    links = {
        code: [Link(f"图{one}", forms) for one in range(8)]
        for code in villages["village_code"]
    }
    file = tmp_path / "index.html"
    text = portal_page(shown, village_states(shown), title="图集", links=links)
    file.write_text(text, "utf-8")
    took = []
    for _ in range(3):
        opened = browser.open(
            file, ready="document.documentElement.dataset.ready === 'true'"
        )
        assert (opened.outside, opened.errors) == ([], [])
        browser.wait("performance.timing.loadEventEnd > 0")
        took.append(
            browser.run(
                "performance.timing.loadEventEnd - performance.timing.navigationStart"
            )
        )
    assert browser.run("document.querySelectorAll('.villages tbody tr').length") > 350
    assert min(took) < 2000, took


@pytest.mark.browser
class TestInChromium:
    """The table in use."""

    @pytest.fixture
    def opened(self, browser: Browser, tmp_path: Path) -> Browser:
        """Open the county's page."""
        file = tmp_path / "index.html"
        file.write_text(page(), "utf-8", newline="\n")
        seen = browser.open(file, ready="document.documentElement.dataset.ready")
        assert seen.outside == []
        assert seen.errors == []
        return browser

    def rows(self, browser: Browser) -> list[str]:
        """Return the names of the rows that are shown."""
        return browser.run(
            "[...document.querySelectorAll('.villages tbody tr')]"
            ".filter(r => !r.hidden).map(r => r.cells[0].textContent)"
        )

    def test_sorts_numbers_as_numbers_and_the_unknown_last(
        self, opened: Browser
    ) -> None:
        population = "document.querySelectorAll('.villages th button')[2].click()"
        opened.run(population)
        assert self.rows(opened) == ["外岙村", "竹溪村", "下宅村"]
        opened.run(population)
        assert self.rows(opened) == ["竹溪村", "外岙村", "下宅村"]

    @pytest.mark.parametrize(
        ("field", "value", "left"),
        [
            ("search", "下宅", ["下宅村"]),
            ("search", "990101001003", ["外岙村"]),
            ("state", "done", ["竹溪村"]),
            ("search", "没有", []),
        ],
    )
    def test_filters(
        self, opened: Browser, field: str, value: str, left: list[str]
    ) -> None:
        opened.run(
            f"const f = document.getElementById('{field}'); f.value = '{value}';"
            "f.dispatchEvent(new Event('input'))"
        )
        assert self.rows(opened) == left
        assert opened.run("document.getElementById('none').hidden") == bool(left)


@pytest.mark.browser
def test_on_a_phone_the_table_is_searched_sorted_and_short(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "index.html"
    links = {CODES[0]: [Link("图", (("html", "a.html"),))]}
    shown = atlas()
    text = portal_page(shown, village_states(shown), title="图集", links=links)
    file.write_text(text, "utf-8", newline="\n")
    ready = "document.documentElement.dataset.ready"
    seen = browser.open(file, size=(390, 844), ready=ready)
    assert (seen.outside, seen.errors) == ([], [])
    assert browser.run("document.documentElement.scrollWidth") == 390
    names = (
        "[...document.querySelectorAll('.villages tbody tr')]"
        ".filter(r => r.offsetHeight > 0).map(r => r.cells[0].textContent)"
    )
    assert not browser.run("document.querySelector('details').open")
    browser.run(
        "const o = document.getElementById('order'); o.value = '常住人口';"
        "o.dispatchEvent(new Event('change'))"
    )
    assert browser.run(names) == ["竹溪村", "外岙村", "下宅村"]
    browser.run(
        "const s = document.getElementById('search'); s.value = '外';"
        "s.dispatchEvent(new Event('input'))"
    )
    assert browser.run(names) == ["外岙村"]
    assert browser.run("document.getElementById('count').textContent") == "1 / 3"
    least = browser.run(
        "Math.min(...[...document.querySelectorAll('.tools *,summary')]"
        ".filter(e => e.offsetHeight > 0).map(e => e.offsetHeight))"
    )
    assert least >= 40


def test_people_of_no_listed_village_are_counted_and_named() -> None:
    whole = atlas()
    villages = whole.layers["villages"]
    lost = villages[villages["village_code"].astype(str) != CODES[1]]
    shown = replace(whole, layers={**whole.layers, "villages": lost})
    states = village_states(shown)
    assert (states[-1].to_move, states[-1].placed) == (25, 20)
    assert states[-1].name.startswith("所属村不明：")
    assert sum(one.to_move or 0 for one in states) == 55
