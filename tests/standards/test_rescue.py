"""Rescue circles as data: shipped ones are honest, broken ones are refused."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from riskmap.errors import StandardError
from riskmap.standards import (
    Standard,
    describe_tier,
    load_standard,
    read_table,
    standard_names,
)

TEN_LINES = """
label = "本县五分钟救援圈"
source = "县应急办2024年12号文"
evidence = "S"
[[tiers]]
number = 1
label = "5分钟到场"
unit_kinds = ["微型消防站"]
turnout_min = 1
limit_min = 5
speed_kmh = 30
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Standard]:
    """Write a standard with some text replaced, and load it."""

    def load(old: str = "", new: str = "", text: str = TEN_LINES) -> Standard:
        path = tmp_path / "本县.toml"
        path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        return load_standard(path)

    return load


@pytest.mark.parametrize("name", standard_names())
def test_each_shipped_circle_loads_and_admits_what_is_assumed(name: str) -> None:
    standard = load_standard(name)
    assert standard.name == name
    assert standard.label
    assert standard.assumed
    for tier in standard.tiers:
        assert tier.evidence == "V"
        assert tier.source
        if tier.meaning != "start":
            assert "speed_kmh" in tier.assumed, "no norm gives the speed of a circle"
            assert describe_tier(tier).count("假定值") >= 2
            assert tier.radius_m() > 0


def test_the_circles_of_the_brief_are_shipped() -> None:
    assert set(standard_names()) == {
        "123",
        "135_taizhou",
        "135_units",
        "fifteen_minute",
        "fire_station",
        "five_minute",
        "three_minute",
    }


def test_the_taizhou_reading_says_what_it_is() -> None:
    standard = load_standard("135_taizhou")
    assert standard.note == "台州2018读法，未经玉环文件证实"
    assert [tier.limit_min for tier in standard.tiers] == [1, 3, 5]
    assert [tier.meaning for tier in standard.tiers] == ["start", "arrive", "joint"]
    assert math.isnan(standard.tiers[0].radius_m())


def test_no_table_claims_numbers_of_gb_44013() -> None:
    for path in Path(str(Path(__file__).parents[2] / "riskmap/standards")).glob(
        "*.toml"
    ):
        table = read_table(path.stem)
        for entry in [*table.values()]:
            if isinstance(entry, dict) and "source" in entry:
                assert "44013" not in str(entry["source"])


def test_a_county_writes_its_own_in_ten_lines(written: Callable[..., Standard]) -> None:
    standard = written()
    tier = standard.tiers[0]
    assert (standard.name, standard.label) == ("本县", "本县五分钟救援圈")
    assert (tier.source, tier.evidence) == ("县应急办2024年12号文", "S")
    assert not standard.assumed
    assert "假定值" not in describe_tier(tier)
    assert load_standard(standard) is standard


@pytest.mark.parametrize(
    ("turnout_min", "radius_m"), [(None, 2000), (0, 2500), (3, 1000), (5, 0), (9, 0)]
)
def test_radius_is_what_is_left_after_turnout(
    written: Callable[..., Standard], turnout_min: float | None, radius_m: float
) -> None:
    assert written().tiers[0].radius_m(turnout_min) == pytest.approx(radius_m)


def test_detour_shortens_the_radius(written: Callable[..., Standard]) -> None:
    assert written("speed_kmh = 30", "speed_kmh = 30\ndetour = 1.6").tiers[
        0
    ].radius_m() == pytest.approx(1250)


def test_a_choice_of_the_project_prints_as_assumed(
    written: Callable[..., Standard],
) -> None:
    tier = written('"S"', '"I"').tiers[0]
    assert tier.assumed == ("limit_min", "speed_kmh", "turnout_min")
    assert describe_tier(tier).count("假定值") == 3


def test_assumed_numbers_may_have_a_source_of_their_own(
    written: Callable[..., Standard],
) -> None:
    stated = (
        '[tiers.assumed]\nspeed_kmh = 30\nsource = "road survey 2024"\nevidence = "S"'
    )
    assert not written("speed_kmh = 30", stated).assumed
    guessed = stated.replace('"S"', '"M-low"')
    assert written("speed_kmh = 30", guessed).tiers[0].assumed == ("speed_kmh",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "limit_min = 5",
            "limit_min = 0.5",
            r"本县\.toml.*limit_min = 0\.5 is below turnout_min = 1",
        ),
        ("limit_min = 5", "limit_min = 0", r"limit_min = 0 is below turnout"),
        (
            "limit_min = 5",
            "limit_min = -5",
            r"tiers\[1\]\.limit_min = -5; give a number of 0",
        ),
        ("limit_min = 5", "limit_min = nan", r"tiers\[1\]\.limit_min = nan"),
        ("limit_min = 5", 'limit_min = "五"', r'limit_min is "五"; give a number'),
        ("limit_min = 5", "limit_min = true", r'limit_min is "True"; give a number'),
        ("limit_min = 5", "", r"tiers\[1\]\.limit_min is missing"),
        (
            "limit_min",
            "limit_mins",
            r"limit_mins is no key of a tier; there are clock_start",
        ),
        ("turnout_min = 1", "", r"turnout_min is missing; a tier that means arrive"),
        ("speed_kmh = 30", "", r"speed_kmh is missing"),
        ("speed_kmh = 30", "speed_kmh = 0", r"speed_kmh is missing"),
        (
            "speed_kmh = 30",
            "speed_kmh = 30\ndetour = 0.9",
            r"detour = 0\.9; give a number of 1",
        ),
        ("speed_kmh = 30", "speed_kmh = 30\nminimum_members = 2.5", "a whole number"),
        ("speed_kmh = 30", "speed_kmh = 30\nminimum_ratio = 1.5", "a share up to 1"),
        (
            "speed_kmh = 30",
            'speed_kmh = 30\nmeaning = "reach"',
            "choose one of start, arrive, joint",
        ),
        (
            "speed_kmh = 30",
            "[tiers.assumed]\nspeed = 30",
            r"tiers\[1\]\.speed is no key",
        ),
        ('["微型消防站"]', '"微型消防站"', r"unit_kinds is '微型消防站'; give a list"),
        ('label = "5分钟到场"', "label = 5", "label is 5; give a text"),
        ('source = "县应急办2024年12号文"', "", "names no source and evidence"),
        ('"S"', '"certain"', 'evidence "certain" is none of'),
        ("[[tiers]]", "[[steps]]", "tiers is missing"),
        ("[[tiers]]", "[[tiers", "is not TOML"),
        (
            "speed_kmh = 30",
            "speed_kmh = 30\nassumed = 3",
            r"tiers\[1\]\.assumed is 3; give",
        ),
        ('label = "本县五分钟救援圈"', 'lable = "圈"', "lable is no key of a standard"),
    ],
)
def test_a_malformed_file_is_refused_by_file_and_key(
    written: Callable[..., Standard], old: str, new: str, message: str
) -> None:
    with pytest.raises(StandardError, match=message):
        written(old, new)


def test_tiers_are_tables(written: Callable[..., Standard]) -> None:
    with pytest.raises(StandardError, match=r"tiers\[1\] is '快'; give a table"):
        written(text='tiers = ["快"]')


def test_tiers_are_numbered_upwards(written: Callable[..., Standard]) -> None:
    twice = TEN_LINES + TEN_LINES[TEN_LINES.index("[[tiers]]") :]
    with pytest.raises(StandardError, match=r"tiers\.number is \[1, 1\]"):
        written(text=twice)


@pytest.mark.parametrize("name", ["reasons", "shelters", "135"])
def test_an_unknown_name_lists_what_there_is(name: str) -> None:
    with pytest.raises(StandardError, match="there are 123, 135_taizhou"):
        load_standard(name)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(StandardError, match=r"nowhere\.toml cannot be read"):
        load_standard("nowhere.toml")
