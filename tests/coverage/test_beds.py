"""Proposals for more beds, against every way of adding them."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from coverage_world import CRS, at

from riskmap.coverage import site_beds
from riskmap.errors import CrsError, LayerError
from riskmap.routing import Network


def people(places: list[float], counts: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"people": counts}, geometry=[at(x) for x in places], crs=CRS
    )


def shelters(places: list[float], room: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "shelter_id": [f"S{row}" for row in range(len(places))],
            "available_people": pd.array(room, dtype="Int64"),
        },
        geometry=[at(x) for x in places],
        crs=CRS,
    )


def test_beds_go_where_people_find_none(footpath: Network) -> None:
    found = site_beds(
        people([0, 100, 5000], [80, 60, 30]),
        shelters([0, 5000], [50, 100]),
        footpath,
        limit_min=10,
        count=3,
    )
    assert (found.people, found.placed_before, found.placed_after) == (170, 80, 170)
    assert found.beds["shelter_id"].tolist() == ["S0", "S0"]
    assert found.beds["gained_people"].tolist() == [50, 40]
    assert found.beds["placed_people"].tolist() == [130, 170]
    assert found.beds["added_beds"].tolist() == [50, 50]
    assert found.gap == pytest.approx(0)
    assert found.unserved.empty
    assert "gained_people" in found._repr_html_()


def test_room_that_is_left_elsewhere_in_reach_counts_first(footpath: Network) -> None:
    """The middle may go left or right: no beds are needed."""
    found = site_beds(
        people([0, 300, 600], [50, 50, 50]),
        shelters([0, 600], [50, 100]),
        footpath,
        limit_min=10,
        count=2,
    )
    assert found.placed_before == 150
    assert found.beds.empty


def test_a_shelter_in_danger_or_of_unknown_room_gets_no_beds(footpath: Network) -> None:
    found = site_beds(
        people([0, 5000, 9000], [60, 70, 80]),
        shelters([0, 5000], [0, None]),
        footpath,
        limit_min=10,
        count=2,
    )
    assert found.beds.empty
    assert (found.placed_after, found.unknown_shelters) == (0, 1)
    assert found.unserved["people"].tolist() == [60, 70, 80]
    assert found.unserved["needed_min"].isna().all()


def test_those_whom_no_beds_help_are_named(footpath: Network) -> None:
    found = site_beds(
        people([0, 9000], [60, 80]),
        shelters([0], [10]),
        footpath,
        limit_min=10,
        count=9,
    )
    assert found.placed_after == 60
    assert found.unserved["people"].tolist() == [80]
    assert found.unserved["needed_min"].iloc[0] > 10


def _placed(reached: np.ndarray, number: list[int], beds: list[int]) -> int:
    """Place people one by one along augmenting ways: Kuhn's matching, by hand."""
    holder: list[list[int]] = [[] for _ in beds]

    def _seat(group: int, seen: set[int]) -> bool:
        for site in np.flatnonzero(reached[group]):
            if site in seen:
                continue
            seen.add(site)
            if len(holder[site]) < beds[site]:
                holder[site].append(group)
                return True
            for place, other in enumerate(holder[site]):
                if _seat(other, seen):
                    holder[site][place] = group
                    return True
        return False

    return sum(_seat(group, set()) for group, many in enumerate(number)
               for _ in range(many))  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_no_other_way_of_adding_beds_places_more(footpath: Network, seed: int) -> None:
    rng = np.random.default_rng(seed)
    stand = rng.uniform(0, 3000, 6)
    sites = rng.uniform(0, 3000, 3)
    number = rng.integers(1, 9, 6).tolist()
    room = rng.integers(1, 6, 3).tolist()
    found = site_beds(
        people(stand.tolist(), number), shelters(sites.tolist(), room), footpath,
        limit_min=8, count=3, lot=4,
    )  # fmt: skip
    metres = 8 * _metres_a_minute(footpath)
    reached = np.abs(stand[:, None] - sites[None, :]) <= metres
    ways = [
        [room[at] + 4 * lots.count(at) for at in range(3)]
        for lots in itertools.combinations_with_replacement(range(3), 3)
    ]
    assert found.placed_before == _placed(reached, number, room)
    assert found.placed_after == max(_placed(reached, number, one) for one in ways)
    assert found.beds["gained_people"].sum() == found.placed_after - found.placed_before


def _metres_a_minute(network: Network) -> float:
    return float((network.edge_length_m / network.forward_min).max())


@pytest.mark.parametrize(
    ("keys", "message"), [({"lot": 0}, "lot is 0"), ({"count": -1}, "count is -1")]
)
def test_questions_without_sense(
    footpath: Network, keys: dict[str, int], message: str
) -> None:
    asked = {"limit_min": 10, "count": 1, **keys}
    with pytest.raises(LayerError, match=message):
        site_beds(people([0], [1]), shelters([0], [1]), footpath, **asked)


def test_missing_columns_and_mixed_crs(footpath: Network) -> None:
    here, there = people([0], [1]), shelters([0], [1])
    for one, other, missing in (
        (here.drop(columns="people"), there, "no column people"),
        (here, there.drop(columns="available_people"), "take them from audit_shelters"),
    ):
        with pytest.raises(LayerError, match=missing):
            site_beds(one, other, footpath, limit_min=10, count=1)
    with pytest.raises(CrsError, match="different CRS"):
        site_beds(here, there.to_crs(4490), footpath, limit_min=10, count=1)
