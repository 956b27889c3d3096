"""One-key search: soonest first, no row lost."""

import geopandas as gpd
import numpy as np
import pytest
from coverage_world import CRS, at, teams
from shapely import Point

from riskmap.coverage import find_nearest
from riskmap.errors import CrsError, LayerError
from riskmap.routing import Network


def lonlat(point: Point) -> tuple[float, float]:
    place = gpd.GeoSeries([point], crs=CRS).to_crs(4490).iloc[0]
    return place.x, place.y


def test_soonest_first_with_all_columns(network: Network) -> None:
    crew = teams([4000, 0, 1000, None, at(1000, 5000)], stock="水泵")
    found = find_nearest(crew, at=lonlat(at(900)), network=network, k=3)
    assert found["team_id"].tolist() == ["T2", "T1", "T0"]
    assert found["time_min"].tolist() == pytest.approx([0.2, 1.8, 6.2], abs=1e-3)
    assert found["length_m"].tolist() == pytest.approx([100, 900, 3100], abs=0.1)
    assert found["straight_m"].tolist() == pytest.approx([100, 900, 3100], rel=1e-3)
    assert found["reason"].tolist() == ["ok"] * 3
    assert found["stock"].tolist() == ["水泵"] * 3
    assert found.index.tolist() == [2, 1, 0]
    assert found.crs == crew.crs


def test_those_without_a_way_come_last_with_a_reason(network: Network) -> None:
    crew = teams([None, at(1000, 5000), 4000])
    found = find_nearest(crew, at=lonlat(at(0)), network=network)
    assert found["team_id"].tolist() == ["T2", "T1", "T0"]
    assert found["reason"].tolist() == ["ok", "cut_off", "insufficient_data"]
    assert found["time_min"].isna().tolist() == [False, True, True]


def test_no_facilities_is_an_empty_frame(network: Network) -> None:
    found = find_nearest(teams([]), at=lonlat(at(0)), network=network)
    assert found.empty
    assert {"time_min", "length_m", "reason"} <= set(found)


def test_repeated_labels_are_no_trouble(network: Network) -> None:
    crew = teams([0, 1000]).set_index(np.array([7, 7]))
    found = find_nearest(crew, at=lonlat(at(0)), network=network)
    assert found.index.tolist() == [7, 7]


@pytest.mark.parametrize(
    ("at_", "k", "message"),
    [
        ((28.1, 121.2), 5, "longitude comes first"),
        ((500_000, 3_110_000), 5, "no longitude and latitude"),
        ((float("nan"), 28), 5, "no longitude and latitude"),
        ((121.2, 28.1), 0, "ask for 1 facility or more"),
    ],
)
def test_bad_questions(
    network: Network, at_: tuple[float, float], k: int, message: str
) -> None:
    with pytest.raises(LayerError, match=message):
        find_nearest(teams([0]), at=at_, network=network, k=k)


def test_a_frame_without_crs(network: Network) -> None:
    bare = teams([0]).set_crs(None, allow_override=True)
    with pytest.raises(CrsError, match="no CRS"):
        find_nearest(bare, at=(121, 28), network=network)
