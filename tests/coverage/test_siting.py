"""Proposals for new sites on the valley road, answers by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from coverage_world import CRS, at, teams

from riskmap.coverage import site_facilities
from riskmap.errors import CrsError, LayerError
from riskmap.routing import Network


def people(places: list[float], counts: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"people": counts}, geometry=[at(x) for x in places], crs=CRS
    )


STOPS = [0, 2000, 4000, 6000, 8000]


def test_the_site_that_buys_most_comes_first(network: Network) -> None:
    found = site_facilities(
        people([100, 2100, 2200, 8000], [10, 20, 30, 40]),
        teams(STOPS),
        network,
        goal="cover_most",
        direction="from",
        limit_min=1,
        count=2,
    )
    assert found.sites["team_id"].tolist() == ["T1", "T4"]
    assert found.sites["gained_people"].tolist() == [50, 40]
    assert found.sites["covered_people"].tolist() == [50, 90]
    assert (found.people, found.covered_before, found.covered_after) == (100, 0, 90)
    assert found.unserved["people"].tolist() == [10]
    assert found.gap == pytest.approx(0)
    assert "gained_people" in found._repr_html_()


def test_existing_sites_are_kept(network: Network) -> None:
    found = site_facilities(
        people([100, 2100, 2200, 8000], [10, 20, 30, 40]),
        teams(STOPS),
        network,
        goal="cover_all",
        direction="to",
        limit_min=1,
        existing=teams([2150]),
    )
    assert found.covered_before == 50
    assert sorted(found.sites["team_id"]) == ["T0", "T4"]
    assert found.value == 3
    assert found.unserved.empty


def test_people_out_of_reach_are_named_with_the_limit_that_would_do(
    network: Network,
) -> None:
    found = site_facilities(
        people([100, 5000], [10, 20]),
        teams([0, 8000]),
        network,
        goal="cover_all",
        direction="from",
        limit_min=2,
    )
    assert found.sites["team_id"].tolist() == ["T0"]
    assert found.unserved["people"].tolist() == [20]
    assert found.unserved["needed_min"].tolist() == pytest.approx([6])
    assert found.smallest_limit_min == pytest.approx(6)


def test_people_cut_off_have_no_limit(network: Network) -> None:
    here = people([100, 0], [10, 20])
    here.loc[1, "geometry"] = at(500, 5000)
    found = site_facilities(
        here, teams([0]), network, goal="shortest", direction="to", count=1
    )
    assert found.unserved["people"].tolist() == [20]
    assert found.unserved["needed_min"].isna().all()
    assert found.smallest_limit_min == pytest.approx(0.2)
    assert found.value == pytest.approx(10 * 0.2)


@pytest.mark.parametrize("direction", ["to", "from"])
def test_the_median_is_where_most_people_are_near(
    network: Network, direction: str
) -> None:
    found = site_facilities(
        people([0, 4000, 4100, 8000], [1, 50, 50, 1]),
        teams(STOPS),
        network,
        goal="shortest",
        direction=direction,
        count=1,
    )
    assert found.sites["team_id"].tolist() == ["T2"]
    assert found.value == pytest.approx(8 + 50 * 0.2 + 8, abs=1e-6)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"goal": "best", "limit_min": 1}, "choose one of cover_all"),
        ({"goal": "cover_all"}, "needs limit_min"),
        ({"goal": "cover_all", "limit_min": 0}, "needs limit_min"),
        ({"goal": "cover_most", "limit_min": 1}, "needs count"),
        ({"goal": "shortest"}, "needs count"),
        ({"goal": "shortest", "count": -1}, "needs count"),
    ],
)
def test_questions_that_lack_a_part(
    network: Network, keys: dict[str, object], message: str
) -> None:
    with pytest.raises(LayerError, match=message):
        site_facilities(people([0], [1]), teams([0]), network, direction="to", **keys)


def test_mixed_crs_is_refused(network: Network) -> None:
    with pytest.raises(CrsError, match="different CRS"):
        site_facilities(
            people([0], [1]),
            teams([0]).to_crs(4490),
            network,
            goal="shortest",
            direction="to",
            count=1,
        )


def test_one_more_site_never_covers_fewer(network: Network) -> None:
    rng = np.random.default_rng(4)
    here = people(rng.uniform(0, 1e4, 30).tolist(), rng.integers(1, 50, 30).tolist())
    covered = [
        site_facilities(
            here,
            teams(STOPS),
            network,
            goal="cover_most",
            direction="from",
            limit_min=1.5,
            count=count,
        ).covered_after
        for count in range(6)
    ]
    assert covered == sorted(covered)
    assert covered[0] == 0
    assert pd.Series(covered).diff().dropna().is_monotonic_decreasing
