"""Sums by village, grid, township and for the county, day and night."""

import geopandas as gpd
import pandas as pd
import pytest
from coverage_world import CRS, at, roads, teams, villages
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from riskmap.coverage import (
    audit_coverage,
    audit_losses,
    audit_sums,
    coverage_points,
    coverage_ratios,
    grid_ratios,
    layer_circles,
)
from riskmap.errors import LayerError
from riskmap.routing import Network, build_network

PLACE = st.floats(0, 10_000)


@pytest.fixture(scope="module")
def faster() -> Network:
    return build_network(roads(), mode="emergency", speeds={"村道": 45})


def cells(*stops: float) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"grid_id": [f"G{row}" for row in range(len(stops))]},
        geometry=[
            box(*at(stop - 300, -300).coords[0], *at(stop + 300, 300).coords[0])
            for stop in stops
        ],
        crs=CRS,
    )


def test_grids_count_the_places_inside(network: Network) -> None:
    here = villages([0, 5000], [100, None])
    points = coverage_points(here, teams([0]), network, standard="five_minute")
    table = grid_ratios(points, cells(0, 5000, 9000).to_crs(4490))
    table = table.set_index("grid_id")
    assert table["people"].tolist() == [100, pd.NA, pd.NA]
    assert table["network_people"].tolist() == [100, pd.NA, pd.NA]
    assert table["unknown_places"].tolist() == [0, 1, 0]
    assert table["network_ratio"].isna().tolist() == [False, True, True]
    with pytest.raises(LayerError, match="no column grid_id"):
        grid_ratios(points, cells(0).drop(columns="grid_id"))


def test_sums_by_day_and_by_night(network: Network) -> None:
    crew = teams([0], members_people=30, night_members_people=0)
    here = villages([0, 5000], [100, 50])
    table = audit_sums(here, crew, network, standards=["five_minute"], grids=cells(0))
    table = table.set_index(["scope", "roster", "code"])["network_people"].sort_index()
    assert table["county", "any", ""] == table["county", "day", ""] == 100
    assert table["county", "night", ""] == 0
    for roster in ("any", "day", "night"):
        county = table["county", roster, ""]
        assert table["village", roster].sum() == county
        assert table["township", roster].sum() == county
    assert table["grid", "any", "G0"] == 100
    silent = audit_sums(here, teams([0]), network, standards=["five_minute"])
    assert set(silent["roster"]) == {"any"}


def test_losses_of_all_standards_stand_together(network: Network) -> None:
    table = audit_losses(
        villages([0]), teams([0]), network, standards=["three_minute", "five_minute"]
    )
    assert table["standard"].tolist() == ["three_minute", "five_minute"]
    assert table["people"].tolist() == [100, 100]


def test_circles_of_layers_name_what_they_are() -> None:
    layers = {
        "broadcasts": teams([0, 1000], radius_m=[90, None]).rename(
            columns={"team_id": "broadcast_id"}
        ),
        "landing_zones": teams([0]).rename(columns={"team_id": "landing_zone_id"}),
        "roads": roads(),
    }
    table = layer_circles(layers)
    assert table["layer"].tolist() == ["landing_zones", "broadcasts", "broadcasts"]
    assert table["radius_m"].tolist() == [50_000, 90, 300]
    assert table["assumed"].tolist() == [True, False, True]
    assert layer_circles({}).empty


def test_a_column_that_is_not_there_is_named(network: Network) -> None:
    here = villages([0])
    tiers = audit_coverage(here, teams([0]), network, standard="five_minute")
    with pytest.raises(LayerError, match="no column grid"):
        coverage_ratios(tiers, here, by="grid")


@settings(max_examples=15, deadline=None)
@given(
    stops=st.lists(PLACE, min_size=1, max_size=4),
    turnouts=st.lists(st.integers(0, 5), min_size=4, max_size=4),
    seats=st.lists(PLACE, min_size=1, max_size=5),
)
def test_ratios_never_fall_when_a_minute_or_speed_is_added(
    network: Network,
    faster: Network,
    stops: list[float],
    turnouts: list[int],
    seats: list[float],
) -> None:
    here = villages(seats)
    crew = teams(stops, turnout_min=[float(one) for one in turnouts[: len(stops)]])
    ready = crew.assign(turnout_min=(crew["turnout_min"] - 1).clip(lower=0))

    def ratio(units: gpd.GeoDataFrame, ways: Network) -> float:
        tiers = audit_coverage(here, units, ways, standard="five_minute", fixes=False)
        row = coverage_ratios(tiers, here, by="county").iloc[0]
        assert row["people"] == 100 * len(seats)
        return float(row["network_ratio"])

    base = ratio(crew, network)
    assert 0 <= base <= 1
    assert ratio(ready, network) >= base
    assert ratio(crew, faster) >= base
