"""Layers as data, and headings matched with every guess visible."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskmap.census import layer_names, load_layer, match_columns
from riskmap.census.headings import initials, match_headings
from riskmap.census.schema import FIELD_TYPES
from riskmap.census.units import unit_of
from riskmap.errors import LayerError

HEADINGS = (
    Path(__file__).parents[3] / "shared/data/census-schema-cn/risk_census_headers.json"
)


@pytest.mark.parametrize("name", layer_names())
def test_every_layer_is_whole(name: str) -> None:
    layer = load_layer(name)
    assert layer.key in layer.columns
    labels = [one.label for one in layer.fields.values()]
    assert len(labels) == len(set(labels))
    for field in layer.fields.values():
        assert field.type in FIELD_TYPES
        assert field.visibility in {"public", "official", "private"}
        assert field.unit is None or unit_of(field.unit) is not None
        assert field.type != "choice" or field.domain
        assert set(field.synonyms.values()) <= set(field.domain)
        assert field.visibility != "public" or "phone" not in field.name


@pytest.mark.parametrize("name", layer_names())
def test_every_label_finds_its_own_field(name: str) -> None:
    layer = load_layer(name)
    labels = [one.label for one in layer.fields.values()]
    table = match_columns(labels, name)
    assert table["field"].tolist() == list(layer.fields)
    assert (table["how"] == "exact").all()


def test_an_unknown_layer_names_the_nearest() -> None:
    with pytest.raises(LayerError, match='did you mean "shelters"'):
        load_layer("shelter")


@pytest.mark.parametrize(
    ("heading", "field", "how"),
    [
        ("避难所容纳人数（人）", "declared_people", "exact"),
        (" 容纳人数 ", "declared_people", "alias"),
        ("bnsrnrs", "declared_people", "code"),
        ("BNSRNRS_1", "declared_people", "code"),
        ("应急避难场所可容纳人数", "declared_people", "fuzzy"),
        ("月球背面", None, "unmatched"),
    ],
)
def test_ways_to_match(heading: str, field: str | None, how: str) -> None:
    row = match_columns([heading], "shelters").iloc[0]
    assert (row["field"], row["how"]) == (field, how)
    assert 0 <= row["score"] <= 1


def test_a_and_b_are_never_taken_for_each_other() -> None:
    table = match_columns(["责任人A角", "责任人B角", "C角责任人姓名"], "shelters")
    assert table["field"].tolist() == ["responsible_a", "responsible_b", None]


def test_no_field_twice_and_the_better_column_wins() -> None:
    table = match_columns(["可容纳人数", "避难所容纳人数"], "shelters")
    assert table["field"].tolist() == [None, "declared_people"]


def test_pins_win_either_way_round() -> None:
    layer = load_layer("shelters")
    for pins in ({"安置数": "declared_people"}, {"declared_people": "安置数"}):
        found = match_headings(["安置数", "容纳人数"], layer, pinned=pins)
        assert found[0].field == "declared_people"
        assert found[1].field is None


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        ({"安置数": "declared"}, 'no field "declared"; did you mean "declared_people"'),
        ({"没有": "declared_people"}, 'no heading "没有"'),
    ],
)
def test_bad_pins_are_named(pins: dict[str, str], message: str) -> None:
    with pytest.raises(LayerError, match=message):
        match_headings(["安置数"], load_layer("shelters"), pinned=pins)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("避难所容纳人数", "bnsrnrs"),
        ("应急避难场所占地总面积", "yjbncszdzm"),
        ("Ａ角", "aj"),
    ],
)
def test_initials(text: str, code: str) -> None:
    assert initials(text) == code


@pytest.mark.real
@pytest.mark.skipif(not HEADINGS.exists(), reason="the real headings are absent")
@pytest.mark.parametrize(
    ("start", "layer", "least"),
    [
        ("dzzhyhd", "hazard_points", 19),
        ("zhjzzy_zf", "shelters", 11),
        ("zhjzzy_jc_sq", "villages", 11),
        ("zhjzzy_jc_xz", "townships", 3),
    ],
)
def test_real_headings_and_their_codes_agree(
    start: str, layer: str, least: int
) -> None:
    tables = json.loads(HEADINGS.read_text("utf-8"))
    pairs = next(table for name, table in tables.items() if name.startswith(start))
    by_label = match_columns([label for label, _ in pairs], layer)
    by_code = match_columns([code for _, code in pairs], layer)
    assert by_label["field"].notna().sum() >= least
    known = by_label["field"].notna() & by_code["field"].notna()
    differ = by_label[known & (by_label["field"] != by_code["field"])]["source"]
    # The dictionary itself binds these to each other's codes.
    assert set(differ.str.strip()) <= {"纬度", "经度", "联系电话", "报出日期"}
