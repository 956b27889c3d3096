"""Where people stand: the finest source first, nobody twice, nobody lost."""

import geopandas as gpd
import pandas as pd
import pytest
from coverage_world import CRS, at, villages
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from riskmap.coverage import people_points
from riskmap.errors import CrsError, LayerError


def counted(
    places: list[Point | None], people: list[object], **columns: object
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"people": people, **columns}, geometry=places, crs=CRS)


def test_without_a_source_everybody_stands_at_the_village_point() -> None:
    points = people_points(villages([0, 1000], [100, None]))
    assert points["people"].tolist() == [100, pd.NA]
    assert points["people_source"].tolist() == ["village", "village"]
    assert points["rough"].all()
    assert points.within(villages([0, 1000]).geometry, align=False).all()


def test_households_come_before_cells_and_groups() -> None:
    here = villages([0, 1000, 2000, 3000])
    points = people_points(
        here,
        households=counted([at(0)], [100]),
        population=counted([at(0), at(1000)], [100, 100]),
        groups=counted([at(0), at(1000), at(2000)], [100, 100, 100]),
    ).set_index("village_code")
    assert points["people_source"].tolist() == [
        "households",
        "population",
        "groups",
        "village",
    ]
    assert points["rough"].tolist() == [False, False, False, True]
    assert points["people"].tolist() == [100] * 4


def test_the_rest_of_a_village_stands_in_the_middle_of_its_known_places() -> None:
    places = [at(-150), at(-100), at(150)]
    points = people_points(villages([0]), households=counted(places, [10, 20, 30]))
    rest = points[points["rough"]].iloc[0]
    assert rest["people"] == 40
    assert rest["people_source"] == "village"
    assert rest.geometry == at(-100)


@pytest.mark.parametrize(
    ("people", "population", "total"),
    [
        ([60, 60], 100, 120),  # more listed than counted: the list is believed
        ([60, None], 100, 100),
        ([60, -5], 100, 100),
        ([60, 0], 60, 60),
        ([60, 60], None, None),  # the lists may lack people: the rest is unknown
        ([60, None], None, None),
    ],
)
def test_totals(
    people: list[object], population: int | None, total: int | None
) -> None:
    points = people_points(
        villages([0], [population]), households=counted([at(0), at(1)], people)
    )
    summed = points["people"].sum(skipna=False)
    assert pd.isna(summed) if total is None else summed == total


def test_the_unknown_rest_of_a_village_is_a_row_of_its_own() -> None:
    source = counted([at(0), at(10)], [60, 60])
    points = people_points(villages([0], [None]), groups=source)
    assert points["people"].tolist() == [60, 60, pd.NA]
    assert points["people_source"].tolist() == ["groups", "groups", "village"]
    assert points["rough"].tolist() == [False, False, True]


def test_cells_count_everybody_and_may_name_their_source() -> None:
    cells = counted([at(0), at(10)], [60, 60], people_source="population_raster")
    points = people_points(villages([0], [None]), population=cells)
    assert points["people"].sum() == 120
    assert points["people_source"].unique().tolist() == ["population_raster"]


def test_people_without_a_place_stand_at_the_village_point() -> None:
    source = counted(
        [at(0), None, Point()], [10, 20, 30], village_code=["990100000000"] * 3
    )
    points = people_points(villages([0], [60]), households=source)
    assert points["people"].tolist() == [10, 50]
    assert points["rough"].tolist() == [False, True]


def test_a_source_is_matched_by_code_before_place() -> None:
    source = counted([at(0)], [100], village_code=["990100000001"])
    points = people_points(villages([0, 1000]), households=source)
    assert points.set_index("village_code")["people_source"].to_dict() == {
        "990100000001": "households",
        "990100000000": "village",
    }


def test_a_village_without_any_place_keeps_its_row() -> None:
    here = villages([0, 1000])
    here.loc[1, "geometry"] = None
    points = people_points(here)
    assert points["people"].tolist() == [100, 100]
    assert points.geometry.isna().tolist() == [False, True]


@pytest.mark.parametrize("empty", [None, counted([], [])])
def test_an_empty_source_is_no_source(empty: gpd.GeoDataFrame | None) -> None:
    assert people_points(villages([0]), groups=empty)["people"].tolist() == [100]


def test_fractions_of_people_keep_the_sum_of_the_village() -> None:
    cells = counted([at(x) for x in (0, 10, 20, 30)], [0.4, 0.4, 0.4, 9.8])
    points = people_points(villages([0], [None]), population=cells)
    assert points["people"].sum() == 11
    assert points["people"].max() == 10
    assert str(points["people"].dtype) == "Int64"


def test_bad_frames_are_refused() -> None:
    nameless = villages([0, 1000])
    nameless.loc[1, "village_code"] = None
    with pytest.raises(LayerError, match="1 villages have no village_code: 1"):
        people_points(nameless)
    with pytest.raises(LayerError, match="village_code"):
        people_points(villages([0]).drop(columns="village_code"))
    with pytest.raises(LayerError, match="groups have no column people"):
        people_points(villages([0]), groups=counted([at(0)], [1])[["geometry"]])
    with pytest.raises(CrsError, match="different CRS"):
        people_points(villages([0]), groups=counted([at(0)], [1]).to_crs(4490))


@settings(max_examples=30, deadline=None)
@given(
    population=st.lists(st.none() | st.integers(0, 500), min_size=2, max_size=4),
    listed=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 200)), max_size=6),
)
def test_nobody_is_lost_or_counted_twice(
    population: list[int | None], listed: list[tuple[int, int]]
) -> None:
    here = villages([1000.0 * row for row in range(len(population))], population)
    listed = [(row, people) for row, people in listed if row < len(population)]
    source = counted(
        [at(1000 * row) for row, _ in listed], [people for _, people in listed]
    )
    points = people_points(here, groups=source)
    sums = points.groupby("village_code")["people"].agg(
        lambda each: each.sum(skipna=False)
    )
    for row, (code, known) in enumerate(
        zip(here["village_code"], population, strict=True)
    ):
        own = sum(people for other, people in listed if other == row)
        if known is None:
            assert pd.isna(sums[code])
        else:
            assert sums[code] == max(known or 0, own)
