"""The audit: circle beside road, and never a pass that means no data."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from coverage_world import CRS, METRES_A_MINUTE, at, teams, villages
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from riskmap.coverage import (
    audit_coverage,
    coverage_ratios,
    people_points,
    rescue_circles,
)
from riskmap.crs import CGCS2000
from riskmap.errors import CrsError, LayerError
from riskmap.routing import Network, build_network, close_roads
from riskmap.standards import Standard, load_standard

Rule = Callable[..., Standard]
COLUMNS = [
    *("village_code", "standard", "tier", "people", "circle_people"),
    *("network_people", "passed", "reason", "first_unit", "first_min", "fix"),
]


def points(
    places: list[float], people: list[object], rows: list[int]
) -> gpd.GeoDataFrame:
    codes = [f"9901000000{row:02d}" for row in rows]
    return gpd.GeoDataFrame(
        {"people": people, "village_code": codes},
        geometry=[at(place) for place in places],
        crs=CRS,
    )


def verdicts(table: pd.DataFrame) -> list[bool | None]:
    return [None if pd.isna(one) else bool(one) for one in table["passed"]]


@pytest.fixture
def rule(tmp_path: Path) -> Rule:
    """Write a one-tier standard, some keys changed."""

    def load(**keys: object) -> Standard:
        base = {
            "number": 1,
            "label": "到场",
            "limit_min": 3,
            "turnout_min": 1,
            "speed_kmh": 30,
        }
        lines = ['source = "test"', 'evidence = "S"', "[[tiers]]"]
        lines += [
            f"{key} = {value!r}".replace("'", '"')
            for key, value in {**base, **keys}.items()
            if value is not None
        ]
        path = tmp_path / "rule.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return load_standard(path)

    return load


def test_a_known_case(network: Network, rule: Rule) -> None:
    # One minute of turnout and two of driving: 1000 m along the road.
    table = audit_coverage(
        villages([0, 900, 1100, 5000], [100, 200, 300, 400]),
        teams([0]),
        network,
        standard=rule(),
    )
    assert [name for name in table if name in COLUMNS] != []
    assert set(COLUMNS) <= set(table)
    assert table["people"].tolist() == [100, 200, 300, 400]
    assert table["circle_people"].tolist() == [100, 200, 0, 0]
    assert table["network_people"].tolist() == [100, 200, 0, 0]
    assert table["passed"].tolist() == [True, True, False, False]
    assert table["reason"].tolist() == ["ok", "ok", "over_time", "over_time"]
    assert table["first_unit"].tolist() == ["T0"] * 4
    assert table["first_min"].tolist() == pytest.approx([1, 2.8, 3.2, 11], abs=1e-3)
    assert table["fix_kind"].tolist() == ["", "", "turnout", "site"]
    assert table["fix"].iloc[2] == "T0出动时间缩短0.2分钟"
    assert table["margin_min"].tolist() == pytest.approx([2, 0.2, -0.2, -8], abs=1e-3)
    assert table["mode"].eq("emergency").all()
    assert table["rough"].all()


def test_the_road_is_longer_than_the_circle(rule: Rule) -> None:

    bend = [at(0), at(0, 800), at(800, 800), at(800, 0)]
    road = gpd.GeoDataFrame(
        {"road_id": ["弯"], "road_class": "村道"}, geometry=[LineString(bend)], crs=CRS
    )
    network = build_network(road, mode="emergency", speeds={"村道": 30})
    table = audit_coverage(villages([800]), teams([0]), network, standard=rule())
    assert table["circle_people"].tolist() == [100]
    assert table["network_people"].tolist() == [0]
    assert table["reason"].tolist() == ["over_time"]
    assert table["first_min"].tolist() == pytest.approx([1 + 2400 / METRES_A_MINUTE])


@pytest.mark.parametrize(
    ("columns", "keys", "reason", "kind"),
    [
        ({}, {}, "ok", ""),
        ({"members_people": 20}, {"minimum_members": 30}, "under_strength", "members"),
        (
            {"members_people": None},
            {"minimum_members": 30},
            "insufficient_data",
            "data",
        ),
        ({"members_people": None}, {}, "ok", ""),
        ({"members_people": 0}, {}, "under_strength", "members"),
        ({"turnout_min": 4}, {}, "turnout_too_long", "turnout"),
        ({"turnout_min": 3}, {}, "ok", ""),  # at its own door when the limit ends
        ({"kind": "志愿者"}, {"unit_kinds": ["突击队"]}, "no_unit", "site"),
        ({"kind": None}, {"unit_kinds": ["突击队"]}, "insufficient_data", "data"),
        ({"geometry": None}, {}, "insufficient_data", "data"),
        ({"response_min": 2.0}, {}, "ok", ""),
        ({"response_min": 0.0}, {}, "ok", ""),
        ({"response_min": 7.0}, {}, "over_time", "site"),
        ({"response_min": 2.0, "turnout_min": 9}, {}, "ok", ""),
        ({"night_members_people": 3}, {"minimum_members": 5}, "ok", ""),
        (
            {"night_members_people": 3},
            {"minimum_members": 5, "roster": "night"},
            "under_strength",
            "members",
        ),
        ({}, {"minimum_units": 2, "meaning": "joint"}, "no_unit", "site"),
    ],
)
def test_reasons(
    network: Network,
    rule: Rule,
    columns: dict[str, object],
    keys: dict[str, object],
    reason: str,
    kind: str,
) -> None:
    columns = {"village_code": "990100000000", **columns}
    geometry = columns.pop("geometry", 0)
    table = audit_coverage(
        villages([0]), teams([geometry], **columns), network, standard=rule(**keys)
    )
    row = table.iloc[0]
    assert row["reason"] == reason
    assert verdicts(table) == [
        None if reason == "insufficient_data" else reason == "ok"
    ]
    assert row["network_people"] == (100 if reason == "ok" else 0)
    assert row["fix_kind"] == kind
    assert bool(row["fix"]) == bool(kind)


@pytest.mark.parametrize("people", [None, 0])
@pytest.mark.parametrize("standard", ["three_minute", "135_taizhou", "123"])
def test_unknown_or_no_people_never_pass(
    network: Network, people: int | None, standard: str
) -> None:
    here = villages([0], [people])
    crew = teams(
        [0, 0], turnout_min=0.5, village_code="990100000000", kind="微型消防站"
    )
    table = audit_coverage(here, crew, network, standard=standard)
    assert table["passed"].isna().all()
    assert table["reason"].eq("insufficient_data").all()
    assert table["people"].isna().all()
    assert coverage_ratios(table, here)["network_ratio"].isna().all()


@pytest.mark.parametrize("source", ["households", "groups"])
@pytest.mark.parametrize("standard", ["three_minute", "135_taizhou"])
def test_a_few_listed_people_are_not_a_village(
    network: Network, source: str, standard: str
) -> None:
    here = villages([0, 0], [None, 100]).assign(township_code="990100000000")
    listed = points([0, 10], [7, 5], [0, 0])
    people = people_points(here, **{source: listed})
    crew = teams([0, 0], turnout_min=0.5, village_code=["990100000000", "990100000001"])
    table = audit_coverage(here, crew, network, standard=standard, people=people)
    unknown = table[table["village_code"] == "990100000000"]
    assert unknown["passed"].isna().all()
    assert unknown["reason"].eq("insufficient_data").all()
    assert unknown[["people", "network_people"]].isna().all(axis=None)
    assert unknown["listed_people"].eq(12).all()
    assert unknown["fix_kind"].eq("data").all()
    sums = coverage_ratios(table, here)
    assert sums["unknown_villages"].eq(1).all()
    assert sums["listed_people"].eq(12).all()
    assert sums["people"].eq(100).all()
    assert sums["network_ratio"].dropna().eq(1).all()


def test_people_at_an_unknown_place_are_not_covered(
    network: Network, rule: Rule
) -> None:
    here = villages([0])
    here["geometry"] = gpd.GeoSeries([None], crs=CRS)
    row = audit_coverage(here, teams([0]), network, standard=rule()).iloc[0]
    assert (row["people"], row["network_people"], row["circle_people"]) == (100, 0, 0)
    assert row["reason"] == "insufficient_data"


def test_no_teams_at_all(network: Network) -> None:
    table = audit_coverage(villages([0]), teams([]), network, standard="135_taizhou")
    assert table["reason"].tolist() == ["no_unit"] * 3
    assert not table["passed"].any()
    assert table["fix"].str.len().gt(0).all()


def test_no_villages(network: Network) -> None:
    table = audit_coverage(villages([]), teams([0]), network, standard="135_taizhou")
    assert table.empty
    assert set(COLUMNS) <= set(table)


@pytest.mark.parametrize(
    ("place", "reason", "kind"),
    [(at(0, 5000), "cut_off", "move"), (at(0, 2500), "too_far_from_road", "road")],
)
def test_places_that_no_road_joins(
    network: Network, rule: Rule, place: Point, reason: str, kind: str
) -> None:
    people = points([0], [100], [0]).set_geometry([place])
    row = audit_coverage(
        villages([0]), teams([0]), network, standard=rule(), people=people
    ).iloc[0]
    assert (row["reason"], row["fix_kind"]) == (reason, kind)
    assert row["first_unit"] is None
    assert np.isnan(row["first_min"])


def test_riding_units_timed_on_foot_are_said_to_be(
    footpath: Network, caplog: pytest.LogCaptureFixture
) -> None:
    table = audit_coverage(villages([0]), teams([0]), footpath, standard="five_minute")
    assert table["mode"].tolist() == ["walk"]
    assert "the network times walkers" in caplog.text


def test_closed_roads_are_not_driven(network: Network, rule: Rule) -> None:

    landslide = box(*at(400, -50).coords[0], *at(450, 50).coords[0])
    zone = gpd.GeoDataFrame({"risk_zone_id": ["Z"]}, geometry=[landslide], crs=CRS)
    args = villages([800]), teams([0])
    assert audit_coverage(*args, network, standard=rule())["passed"].all()
    wet = audit_coverage(*args, close_roads(network, zone), standard=rule())
    assert wet["reason"].tolist() == ["crosses_hazard"]
    assert wet["circle_people"].tolist() == [100]


def test_measured_times_count_in_the_teams_own_village_only(
    network: Network, rule: Rule
) -> None:
    here = villages([0, 900])
    crew = teams([0], village_code="990100000000", response_min=9.0)
    table = audit_coverage(here, crew, network, standard=rule())
    assert table["first_min"].tolist() == pytest.approx([9, 2.8], abs=1e-3)
    assert table["passed"].tolist() == [False, True]
    far = teams([5000], village_code="990100000000", response_min=2.5)
    table = audit_coverage(here, far, network, standard=rule())
    assert table["first_min"].tolist() == pytest.approx([2.5, 9.2], abs=1e-3)
    assert table["passed"].tolist() == [True, False]
    assert table["circle_people"].tolist() == [0, 0]


def test_a_measured_time_does_not_cross_water(network: Network, rule: Rule) -> None:
    people = points([0], [100], [0]).set_geometry([at(0, 5000)])
    crew = teams([0], village_code="990100000000", response_min=1.0)
    row = audit_coverage(
        villages([0]), crew, network, standard=rule(), people=people
    ).iloc[0]
    assert row["reason"] == "cut_off"


def test_a_start_tier_asks_the_roster(network: Network) -> None:
    here = villages([0, 1000, 2000, 3000, 4000])
    crew = teams(
        [9000] * 5,
        village_code=[f"99010000000{row}" for row in (0, 1, 2, 3, 3)],
        turnout_min=[1, 2.45, None, 1, 5],
        members_people=[10, 10, 10, 0, 10],
    )
    table = audit_coverage(here, crew, network, standard="135_taizhou")
    start = table[table["tier"] == 1].reset_index(drop=True)
    assert start["reason"].tolist() == [
        "ok",
        "turnout_too_long",
        "insufficient_data",
        "turnout_too_long",
        "no_unit",
    ]
    assert verdicts(start) == [True, False, None, False, False]
    assert start["fix"].tolist() == [
        "",
        "T1出动时间缩短1.5分钟",
        "补全数据",
        "T4出动时间缩短4分钟",
        "本村组建队伍",
    ]
    assert start[["circle_people", "network_people"]].isna().all(axis=None)
    assert start["people"].tolist() == [100] * 5


def test_a_joint_tier_needs_two_units(network: Network) -> None:
    here = villages([0, 2500])
    table = audit_coverage(here, teams([0, 1000]), network, standard="135_taizhou")
    joint = table[table["tier"] == 3]
    assert joint["network_people"].tolist() == [100, 0]
    assert joint["circle_people"].tolist() == [100, 0]
    assert joint["first_min"].tolist() == pytest.approx([1, 4], abs=1e-3)
    assert joint["reason"].tolist() == ["ok", "over_time"]
    assert joint["fix"].iloc[1] == "T0出动时间缩短1分钟"


def test_part_of_a_village(network: Network, rule: Rule) -> None:
    people = points([0, 900, 1100], [10, 20, 70], [0, 0, 0])
    args = villages([0]), teams([0]), network
    row = audit_coverage(*args, standard=rule(), people=people).iloc[0]
    assert (row["people"], row["network_people"], row["passed"]) == (100, 30, False)
    assert row["first_min"] == pytest.approx(3.2, abs=1e-3)
    share = audit_coverage(*args, standard=rule(minimum_ratio=0.3), people=people)
    assert share["passed"].tolist() == [True]


def test_crs_and_columns_are_insisted_on(network: Network, rule: Rule) -> None:
    with pytest.raises(CrsError, match="different CRS"):
        audit_coverage(villages([0]), teams([0]).to_crs(4490), network, standard=rule())
    twice = pd.concat([villages([0]), villages([0])])
    with pytest.raises(LayerError, match="repeat"):
        audit_coverage(twice, teams([0]), network, standard=rule())
    with pytest.raises(LayerError, match="no column people"):
        audit_coverage(
            villages([0]),
            teams([0]),
            network,
            standard=rule(),
            people=points([0], [1], [0]).drop(columns="people"),
        )


def test_any_crs_gives_the_same_answer(network: Network) -> None:
    here, crew = villages([0, 900, 1100]), teams([0, 1950])
    one = audit_coverage(here, crew, network, standard="135_taizhou")
    other = audit_coverage(
        here.to_crs(CGCS2000), crew.to_crs(CGCS2000), network, standard="135_taizhou"
    )
    # Where fixes stand is told in the CRS of the villages.
    there = ["fix", "fix_x", "fix_y", "fix_places"]
    pd.testing.assert_frame_equal(
        one.drop(columns=there), other.drop(columns=there), atol=1e-4
    )


PLACE = st.floats(0, 10_000)


@settings(max_examples=20, deadline=None)
@given(
    places=st.lists(PLACE, min_size=1, max_size=5),
    where=st.lists(st.tuples(PLACE, st.integers(1, 99)), min_size=2, max_size=6),
    extra=PLACE,
)
def test_laws_of_coverage(
    network: Network, places: list[float], where: list[tuple[float, int]], extra: float
) -> None:
    here = villages([1000, 9000])
    people = points(
        [x for x, _ in where],
        [n for _, n in where],
        [row % 2 for row in range(len(where))],
    )
    standard = "five_minute"

    def audit(stops: list[float], **keys: object) -> pd.DataFrame:
        return audit_coverage(
            here, teams(stops), network, people=people, **{"standard": standard, **keys}
        )

    base = audit(places)
    county = coverage_ratios(base, here, by="county").iloc[0]
    assert county["people"] == sum(n for _, n in where)
    assert county["network_people"] == base["network_people"].sum()
    for ratio in ("circle_ratio", "network_ratio"):
        assert 0 <= county[ratio] <= 1
    more = audit([*places, extra])
    longer = audit(places, standard="fifteen_minute")
    for better in (more, longer):
        for column in ("circle_people", "network_people", "passed"):
            assert (better[column] >= base[column]).all()
    # Same speed, detour 1: a road is never shorter than the straight line; the
    # projection may stretch a metre by 0.03 %, so leave the very rim out.
    rims = [abs(abs(x - stop) - 2000) for x, _ in where for stop in places]
    if min(rims) > 2:
        assert (base["network_people"] <= base["circle_people"]).all()


def test_the_circles_drawn_are_the_circles_counted(network: Network) -> None:
    here = villages([0, 600, 1300, 2600])
    crew = teams([0, 2000], turnout_min=[None, 2])
    table = audit_coverage(here, crew, network, standard="three_minute")
    drawn = rescue_circles(crew, standard="three_minute").union_all()
    inside = here.representative_point().within(drawn)
    assert (table["circle_people"] > 0).tolist() == inside.tolist()
