"""The column beside a map and further pages: filled, in order, and even."""

from __future__ import annotations

import pandas as pd
import pytest

from riskmap.publish.compose_tables import signal_table
from riskmap.publish.fonts import find_fonts, points_of
from riskmap.publish.layout import page_named
from riskmap.publish.legend import Sample, print_legend
from riskmap.publish.paper import blank_figure
from riskmap.publish.pen import Pen, new_pen
from riskmap.publish.side import print_more, print_side
from riskmap.publish.spec import Table
from riskmap.publish.style import style

PAGE = page_named("A3")
LEGEND = tuple(Sample((style(one),), one) for one in ("shelter", "team", "supply"))
EMERGENCY = Table(
    "emergency", "应急电话", pd.DataFrame({"用途": ["报警"], "电话": ["110"]})
)


def table(key: str, rows: int) -> Table:
    cells = {"名称": [f"{key}{one}" for one in range(rows)], "内容": ["若干字"] * rows}
    return Table(key, f"{key}表", pd.DataFrame(cells, dtype="object"))


@pytest.fixture
def pen() -> Pen:
    return new_pen(blank_figure(PAGE), PAGE, find_fonts())


def where(pen: Pen) -> dict[str, tuple[float, float]]:
    """Give the place of every text on a page, millimetres."""
    return {one.get_text(): one.get_position() for one in pen.axes.texts}


def largest(pen: Pen, words: str) -> float:
    return max(one.get_fontsize() for one in pen.axes.texts if words in one.get_text())


@pytest.mark.parametrize("name", ["route", "route_backup", "closure", "circle_1"])
def test_a_line_of_the_legend_is_as_pale_as_on_the_map(pen: Pen, name: str) -> None:
    look = style(name)
    print_legend(pen, [Sample((look,), look.label)], (10, 10), width=100)
    seen = {one.get_alpha() for one in pen.axes.collections}
    assert seen <= {None, 1.0, look.fill_opacity}
    assert look.kind == "area" or look.fill_opacity in seen


def test_a_legend_is_never_cut(pen: Pen) -> None:
    words = (
        "135快速救援圈（台州2018读法） 5分钟协同作战 应急抢险突击队半径500米（假定值）"
    )
    print_legend(pen, [Sample((style("circle_1"),), words)] * 9, (10, 10), width=105)
    assert "".join(one.get_text() for one in pen.axes.texts).count("假定值") == 9


def test_no_entry_of_a_legend_is_a_pile_of_single_characters() -> None:
    page = page_named("A4")
    narrow = new_pen(blank_figure(page), page, find_fonts())
    names = ("risk_zone_very_high", "risk_zone_high", "risk_zone_medium")
    looks = tuple(style(one) for one in (*names, "risk_zone_low"))
    legend = [Sample(looks, "风险防范区（极高、高、中、低）"), *LEGEND * 4]
    print_side(narrow, [table("transfer", 60), EMERGENCY], legend, late=())
    lines = [one.get_text() for one in narrow.axes.texts]
    assert any("风险防范" in one for one in lines)


def test_a_long_table_flows_into_the_gap_and_signals_stay_on_the_first_page(
    pen: Pen,
) -> None:
    tables = [table("transfer", 12), table("duty", 9), signal_table(), EMERGENCY]
    tables.insert(2, table("hazards", 30))
    rest, signs = print_side(pen, tables, LEGEND, late=())
    told = where(pen)
    assert not signs
    assert [one.source.key for one in rest] == ["hazards"]
    assert 2 <= rest[0].first < 30
    assert f"hazards{rest[0].first - 1}" in told
    signals = told["铜锣急敲、手摇警报器长鸣"][1]
    assert told[f"hazards{rest[0].first - 1}"][1] < signals < told["110"][1]
    gap = signals - told[f"hazards{rest[0].first - 1}"][1]
    assert gap < 25.0


def test_ways_are_printed_beside_the_map_where_there_is_room(pen: Pen) -> None:
    rest, _ = print_side(pen, [EMERGENCY], LEGEND, late=[table("steps", 3)])
    assert rest == []
    assert {"steps0", "110"} <= set(where(pen))


def test_ways_without_room_go_on_a_further_page_and_shrink_nothing(pen: Pen) -> None:
    tables = [table("transfer", 20), signal_table(), EMERGENCY]
    alone = new_pen(blank_figure(PAGE), PAGE, find_fonts())
    print_side(alone, tables, LEGEND, late=())
    rest, _ = print_side(pen, tables, LEGEND, late=[table("steps", 40)])
    assert [one.source.key for one in rest] == ["steps"]
    assert largest(pen, "transfer") == largest(alone, "transfer")


def test_a_further_page_has_no_giant_words_and_even_columns(pen: Pen) -> None:
    short = [table("hazards", 4), table("steps", 4)]
    tall = [table("transfer", 60), signal_table(), *short, EMERGENCY]
    rest, _ = print_side(pen, tall, LEGEND, late=())
    further = new_pen(blank_figure(PAGE), PAGE, find_fonts())
    assert print_more(further, rest, (), spare=()) == []
    assert largest(further, "steps0") <= points_of(2.05 * PAGE.text_mm)
    across = sorted({round(x) for x, _ in where(further).values()})
    assert across[0] < PAGE.width / 2 < across[-1]
