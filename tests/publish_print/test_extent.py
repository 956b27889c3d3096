"""What a map of a whole place must hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from riskmap.publish.extent import bounds_of, home_of
from riskmap.publish.places import find_place

if TYPE_CHECKING:
    from riskmap.publish.places import Place

EAST, NORTH = 500_000.0, 3_100_000.0


def area(*corners: float) -> shapely.Polygon:
    west, south, east, north = corners
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


@pytest.fixture
def place(villages: gpd.GeoDataFrame) -> Place:
    found = find_place(villages, village="竹溪村")
    assert found.boundary is not None
    vast = found.boundary.iloc[:1].set_geometry([area(0, 0, 8000, 6000)])
    return replace(found, boundary=vast.set_crs(found.crs, allow_override=True))


def series(place: Place, *shapes: shapely.Geometry) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes), crs=place.crs)


def test_the_sea_within_the_border_sets_no_scale(place: Place) -> None:
    land, islet = area(0, 0, 1500, 6000), area(7000, 100, 7050, 150)
    sea = area(0, 0, 8000, 6000) - land - islet
    water = gpd.GeoDataFrame(geometry=[sea], crs=place.crs)
    matters = series(place, *[shapely.Point(EAST + 700, NORTH + y) for y in (90, 5900)])
    west, _, east, north = bounds_of(place, home_of(place, matters, water))
    assert east < EAST + 1800
    assert north > NORTH + 6000
    assert west < EAST


def test_an_islet_that_somebody_stands_on_is_shown(place: Place) -> None:
    land, islet = area(0, 0, 7000, 6000), area(7600, 100, 7650, 150)
    sea = area(0, 0, 8000, 6000) - land - islet
    water = gpd.GeoDataFrame(geometry=[sea], crs=place.crs)
    matters = series(
        place, shapely.Point(EAST + 100, NORTH + 90), islet.representative_point()
    )
    assert bounds_of(place, home_of(place, matters, water))[2] > EAST + 7650


def test_empty_hillside_of_a_village_sets_no_scale(place: Place) -> None:
    matters = series(
        place,
        shapely.Point(EAST + 3000, NORTH + 3000),
        shapely.Point(EAST + 3600, NORTH + 3200),
    )
    bounds = bounds_of(place, home_of(place, matters, None))
    assert bounds[2] - bounds[0] < 1400
    assert shapely.box(*bounds).covers(matters.union_all())
    township = replace(place, level="township")
    whole = bounds_of(township, home_of(township, matters, None))
    assert whole[2] - whole[0] >= 8000


def test_a_village_that_is_full_is_shown_whole(place: Place) -> None:
    matters = series(
        place,
        shapely.Point(EAST + 500, NORTH + 500),
        shapely.Point(EAST + 7000, NORTH + 5500),
    )
    bounds = bounds_of(place, home_of(place, matters, None))
    assert shapely.box(*bounds).covers(area(0, 0, 8000, 6000))
