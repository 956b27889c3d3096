"""The smallest fix: making it flips the tier, and nothing on the list is smaller."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from coverage_world import CRS, METRES_A_MINUTE, at, teams, villages
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, Point, box, from_wkt

from riskmap.coverage import audit_coverage
from riskmap.crs import CGCS2000
from riskmap.routing import Network, close_roads, open_roads
from riskmap.standards import Standard, load_standard

PLACE = st.floats(0, 10_000)
ORDER = ["turnout", "members", "link", "move", "site"]


@pytest.fixture(scope="module")
def rule() -> Standard:
    """Five minutes, one of turnout: 2000 m along the road."""
    return load_standard("five_minute")


def several(standard: Standard, units: int, members: int | None = None) -> Standard:
    """Return the standard with so many units wanted, each so strong."""
    tier = replace(standard.tiers[0], minimum_units=units, minimum_members=members)
    return replace(standard, tiers=(tier,))


def points(places: list[float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"people": 10, "village_code": ["990100000000"] * len(places)},
        geometry=[at(place) for place in places],
        crs=CRS,
    )


def made(
    row: pd.Series, crew: gpd.GeoDataFrame, network: Network
) -> tuple[gpd.GeoDataFrame, Network]:
    """Make the fix that a row proposes."""
    crew, mine = crew.copy(), crew["team_id"].eq(row["fix_unit"])
    spots = [] if not row["fix_places"] else list(from_wkt(row["fix_places"]).geoms)
    if row["fix_kind"] == "turnout":
        saved = (crew.loc[mine, "turnout_min"] - row["fix_amount"]).clip(lower=0.0)
        crew.loc[mine, "turnout_min"] = saved
    elif row["fix_kind"] == "members":
        crew.loc[mine, "members_people"] += row["fix_amount"]
    elif row["fix_kind"] == "link":
        network = open_roads(network, zone_ids=[row["fix_unit"]])
    elif row["fix_kind"] == "move":
        crew.loc[mine, "geometry"] = gpd.GeoSeries(spots * mine.sum(), crew.index[mine])
    else:
        new = teams(spots, turnout_min=1.0)
        new["team_id"] = [f"N{number}" for number in range(len(new))]
        crew = gpd.GeoDataFrame(pd.concat([crew, new], ignore_index=True), crs=CRS)
    return crew, network


def audited(
    crew: gpd.GeoDataFrame, network: Network, rule: Standard, places: list[float]
) -> pd.Series:
    return audit_coverage(
        villages([5000]), crew, network, standard=rule, people=points(places)
    ).iloc[0]


def smaller(
    crew: gpd.GeoDataFrame, network: Network, rule: Standard, places: list[float],
    row: pd.Series,
) -> list[tuple[str, str]]:  # fmt: skip
    """Try everything on the list that is smaller than the fix proposed."""
    rank = ORDER.index(row["fix_kind"])
    tried = [
        ("turnout", unit, least, "")
        for unit, wait in zip(crew["team_id"], crew["turnout_min"], strict=True)
        for least in [min(wait, row["fix_amount"] - 0.2 if rank == 0 else wait)]
        if least > 0
    ]
    if rank > 1:
        lacking = 5 - crew["members_people"]
        tried += [
            ("members", unit, lack, "")
            for unit, lack in zip(crew["team_id"], lacking, strict=True)
            if lack > 0
        ]
    if rank > 2:
        zones = sorted(set(network.closures()["zone_id"].str.split("、").explode()))
        tried += [("link", zone, 1.0, "") for zone in zones]
    if rank == 4 and row["fix_amount"] > 1:
        many = int(row["fix_amount"]) - 1
        stay = [at(place) for place in sorted(set(places))]
        options = [[one] * many for one in stay] if many == 1 else []
        tried += [("site", "", many, MultiPoint(one).wkt) for one in options]
    names = ["fix_kind", "fix_unit", "fix_amount", "fix_places"]
    works = []
    for option in tried:
        fixed = made(pd.Series(option, names), crew, network)
        if audited(*fixed, rule, places)["passed"]:
            works.append(option[:2])
    return works


@settings(max_examples=25, deadline=None)
@given(
    turnouts=st.lists(st.integers(0, 6), min_size=1, max_size=3),
    members=st.lists(st.sampled_from([3, 30]), min_size=3, max_size=3),
    stations=st.lists(PLACE, min_size=3, max_size=3),
    places=st.lists(st.floats(3000, 9000), min_size=1, max_size=3),
    slide=st.none() | st.floats(1000, 9000),
    units=st.integers(1, 2),
)
def test_the_fix_flips_the_tier_and_nothing_on_the_list_is_smaller(
    network: Network,
    rule: Standard,
    turnouts: list[int],
    members: list[int],
    stations: list[float],
    places: list[float],
    slide: float | None,
    units: int,
) -> None:
    size = len(turnouts)
    crew = teams(
        stations[:size],
        turnout_min=[float(one) for one in turnouts],
        members_people=members[:size],
    )
    asked = several(rule, units, members=5)
    if slide is not None:
        area = box(*at(slide, -30).coords[0], *at(slide + 40, 30).coords[0])
        zone = gpd.GeoDataFrame({"zone_id": ["Z"]}, geometry=[area], crs=CRS)
        network = close_roads(network, zone)
    row = audited(crew, network, asked, places)
    if row["passed"]:
        assert row["fix_kind"] == ""
        return
    assert row["fix_kind"] in {*ORDER, "road"}
    if row["fix_kind"] == "road":
        return
    fixed = audited(*made(row, crew, network), asked, places)
    assert fixed["passed"], row["fix"]
    assert smaller(crew, network, asked, places, row) == []


def test_new_sites_have_places_in_the_callers_crs(
    network: Network, rule: Standard
) -> None:
    here = villages([5000])
    people = points([0, 6000])
    row = audit_coverage(
        here, teams([]), network, standard=rule, people=people
    ).iloc[0]  # fmt: skip
    assert (row["fix_kind"], row["fix_amount"]) == ("site", 2)
    spots = list(from_wkt(row["fix_places"]).geoms)
    assert [one.x for one in spots] == pytest.approx([at(0).x, at(6000).x])
    assert (row["fix_x"], row["fix_y"]) == pytest.approx((at(0).x, at(0).y))
    lonlat = audit_coverage(
        here.to_crs(CGCS2000), teams([]).to_crs(CGCS2000), network, standard=rule,
        people=people.to_crs(CGCS2000),
    ).iloc[0]  # fmt: skip
    back = gpd.GeoSeries([Point(lonlat["fix_x"], lonlat["fix_y"])], crs=CGCS2000)
    assert back.to_crs(CRS)[0].distance(at(0)) < 0.01
    assert "新设2支队伍" in lonlat["fix"]


def test_an_idle_team_moves_before_a_new_one_is_founded(
    network: Network, rule: Standard
) -> None:
    crew = teams([0, 100, 9900], turnout_min=1.0)
    row = audit_coverage(
        villages([0, 5000]), crew, network, standard=rule
    ).iloc[1]  # fmt: skip
    # T2 stands 4900 m away, T0 and T1 5000 m; nobody depends on any of them.
    assert (row["fix_kind"], row["fix_unit"]) == ("move", "T2")
    assert row["fix_amount"] == pytest.approx(4.9, abs=0.01)
    last = audit_coverage(
        villages([0, 5000]), crew.iloc[:1], network, standard=rule
    ).iloc[1]
    assert last["fix_kind"] == "site"  # the only one is needed where it stands


def test_the_closure_to_open_is_named(network: Network, rule: Standard) -> None:
    areas = [box(*at(x, -30).coords[0], *at(x + 40, 30).coords[0]) for x in (800, 3000)]
    zones = gpd.GeoDataFrame(
        {"zone_id": ["near", "far"], "name": ["近处塌方", "远处塌方"]},
        geometry=areas, crs=CRS,
    )  # fmt: skip
    wet = close_roads(network, zones)
    table = audit_coverage(
        villages([1500, 3500]), teams([0], turnout_min=1.0), wet, standard=rule
    )
    assert table["fix_kind"].tolist() == ["link", "move"]
    assert table["fix_unit"].iloc[0] == "near"
    assert table["fix"].iloc[0] == "打通近处塌方"


def test_a_measured_response_is_shortened_with_the_turnout(
    network: Network, rule: Standard
) -> None:
    crew = teams([5000], turnout_min=2.0, response_min=6.0, village_code="990100000000")
    row = audit_coverage(villages([5000]), crew, network, standard=rule).iloc[0]
    assert (row["fix_kind"], row["fix_amount"]) == ("turnout", 1.0)
    quick = crew.assign(turnout_min=1.0, response_min=5.0)
    assert audit_coverage(villages([5000]), quick, network, standard=rule)[
        "passed"
    ].all()


def test_the_minutes_of_a_known_case(network: Network, rule: Standard) -> None:
    crew = teams([0], turnout_min=2.0)
    row = audit_coverage(villages([1750]), crew, network, standard=rule).iloc[0]
    late = 2 + 1750 / METRES_A_MINUTE - 5
    assert row["fix_amount"] == pytest.approx(np.ceil(late * 10) / 10)


def test_where_a_share_is_enough_less_turnout_is_saved(
    network: Network, rule: Standard
) -> None:
    """Four places of ten people; the farthest need not be reached for 75 %."""
    places = [1600.0, 1700.0, 1800.0, 4000.0]
    share = replace(rule.tiers[0], minimum_ratio=0.75)
    part = replace(rule, tiers=(share,))
    crew = teams([0], turnout_min=4.0)
    row = audited(crew, network, part, places)
    late = 4 + 1800 / METRES_A_MINUTE - 5
    assert (row["fix_kind"], row["fix_unit"]) == ("turnout", "T0")
    assert row["fix_amount"] == pytest.approx(np.ceil(late * 10) / 10)
    assert audited(*made(row, crew, network), part, places)["passed"]
    whole = audited(crew, network, rule, places)
    assert whole["fix_kind"] == "site"
    less = crew.assign(turnout_min=crew["turnout_min"] - row["fix_amount"] + 0.2)
    assert not audited(less, network, part, places)["passed"]
