"""Frames show routes and land, and the overview covers no sign."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskmap.publish import draw_risk_map, draw_route_map
from riskmap.publish.frame import frame_of
from riskmap.publish.layout import page_named, phone_page

if TYPE_CHECKING:
    from types import SimpleNamespace

    from riskmap.publish.spec import MapSpec

    Layers = dict[str, gpd.GeoDataFrame]

EAST, NORTH = 500_000.0, 3_100_000.0
PAGE = page_named("A3")


def sea(west: float, east: float, crs: object) -> gpd.GeoDataFrame:
    shape = shapely.box(EAST + west, NORTH - 9000, EAST + east, NORTH + 9000)
    return gpd.GeoDataFrame({"name": ["外海"]}, geometry=[shape], crs=crs)


@pytest.mark.parametrize(("west", "east"), [(700, 9000), (-9000, 250)])
def test_a_frame_with_room_to_spare_turns_from_the_sea(
    villages: gpd.GeoDataFrame, layers: Layers, *, west: float, east: float
) -> None:
    spec = draw_risk_map(villages, village="竹溪村", layers=layers)
    low = (EAST + 300.0, NORTH + 100.0)
    spec = replace(spec, bounds=(*low, low[0] + 300.0, low[1] + 700.0))
    wet = draw_risk_map(
        villages, village="竹溪村", layers=layers, water=sea(west, east, spec.crs)
    )
    wet = replace(wet, bounds=spec.bounds)
    dry, moved = (frame_of(one, PAGE, None) for one in (spec, wet))
    assert moved.scale == dry.scale
    shape = sea(west, east, spec.crs).geometry.iloc[0]
    before, after = (
        shapely.box(*one.window).intersection(shape).area for one in (dry, moved)
    )
    assert after < 0.8 * before
    assert shapely.box(*moved.window).buffer(1e-6).covers(shapely.box(*spec.bounds))
    sides = np.subtract(moved.window, spec.bounds) * (-1, -1, 1, 1)
    wide, high = np.subtract(moved.window[2:], moved.window[:2])
    spare = (np.array([wide, high]) - (300.0, 700.0)) / 4
    least = np.minimum((0.1 * wide, 0.1 * high), spare)
    assert (sides >= np.tile(least, 2) - 1e-6).all()


@pytest.fixture
def far_map(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> MapSpec:
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    west, south, east, north = spec.bounds
    return replace(spec, overview=(west - 6000, south, east, north + 500))


def with_route(spec: MapSpec, *xy: tuple[float, float]) -> MapSpec:
    routes = spec.layer("routes")
    line = shapely.LineString(np.add(xy, (EAST, NORTH)))
    frame = routes.frame.iloc[:1].set_geometry([line], crs=spec.crs)
    layers = (
        replace(one, frame=frame) if one is routes else one for one in spec.layers
    )
    return replace(spec, layers=tuple(layers))


@pytest.mark.parametrize("way", [-1, 1])
def test_a_frame_with_an_overview_follows_the_route(far_map: MapSpec, way: int) -> None:
    spec = with_route(far_map, (600, 300), (600 + way * 6000, 300))
    frame = frame_of(spec, PAGE, None)
    west, _, east, _ = frame.window
    west_room, east_room = spec.bounds[0] - west, east - spec.bounds[2]
    assert (east_room - west_room) * way > 0


def test_the_overview_covers_no_sign_that_matters(far_map: MapSpec) -> None:
    for way in ((-6000, 300), (7000, 300), (600, 7000), (600, -7000)):
        spec = with_route(far_map, (600, 300), way)
        frame = frame_of(spec, PAGE, None)
        assert frame.corner is not None
        whole, corner = PAGE.map, frame.corner
        west, south, _, _ = frame.window
        for key in ("groups", "shelters"):
            xy = shapely.get_coordinates(spec.layer(key).frame.geometry.to_numpy())
            inside = shapely.contains_xy(shapely.box(*spec.bounds), xy)
            x = whole.x + (xy[inside, 0] - west) / frame.scale * 1000
            y = whole.bottom - (xy[inside, 1] - south) / frame.scale * 1000
            hidden = (
                (x > corner.x - 4)
                & (x < corner.right + 4)
                & (y > corner.y - 4)
                & (y < corner.bottom + 4)
            )
            assert not hidden.any()
            assert ((x > whole.x) & (x < whole.right)).all()
            assert ((y > whole.y) & (y < whole.bottom)).all()


def test_a_phone_shows_the_whole_way_and_no_overview(far_map: MapSpec) -> None:
    frame = frame_of(far_map, phone_page(), None)
    assert frame.corner is None
    assert shapely.box(*frame.window).covers(shapely.box(*far_map.overview))
