"""Layers as data, and headings matched with every guess visible."""

from __future__ import annotations

import json
import tomllib
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


VARIANTS = tomllib.loads(
    (Path(__file__).parent / "headings.toml").read_text(encoding="utf-8")
)


def test_headings_as_counties_write_them(capsys: pytest.CaptureFixture[str]) -> None:
    known, guessed = 0, []
    for layer, fields in VARIANTS.items():
        for field, headings in fields.items():
            for heading in headings:
                row = match_columns([heading], layer).iloc[0]
                sure = row["field"] == field and row["how"] in {"exact", "alias"}
                known += sure
                if not sure:
                    guessed.append((layer, heading, row["field"], row["how"]))
    with capsys.disabled():
        print(f"\nheadings known {known} of {known + len(guessed)}")  # noqa: T201
    assert guessed == []


@pytest.mark.parametrize("name", layer_names())
@pytest.mark.parametrize("tail", ["", "_1", "_2"])
def test_initials_cut_to_ten_find_their_label(name: str, tail: str) -> None:
    layer = load_layer(name)
    codes = {initials(one.label): one.name for one in layer.fields.values()}
    codes = {code: field for code, field in codes.items() if len(code) >= 3}
    table = match_columns([code.upper() + tail for code in codes], name)
    how = table["how"].isin(["code", "alias", "exact", "unmatched"])
    assert how.all()
    assert table["field"].notna().mean() >= 0.9


@pytest.mark.parametrize(
    ("layer", "heading"),
    [
        ("hazard_points", "防灾责任人家庭电话"),
        ("shelters", "场所管理人员手机号"),
        ("supplies", "库管人员联系方式"),
        ("risk_zones", "本级责任人联系号码"),
    ],
)
def test_a_phone_is_never_taken_for_its_owner(layer: str, heading: str) -> None:
    field = match_columns([heading], layer)["field"].iloc[0]
    assert field is None or load_layer(layer)[field].type == "phone"


def test_equal_words_never_take_a_heading_from_its_own_field() -> None:
    table = match_columns(["水库类型", "人口", "户数", "联系手机"], "reservoirs")
    assert table["field"].tolist()[0] == "kind"
    table = match_columns(["责任人", "责任人手机", "B角手机"], "flood_zones")
    assert table["field"].tolist() == ["responsible_a", "phone_a", "phone_b"]
