# ruff: noqa: ANN201
"""Land that belongs to facilities: no overlap, nothing in zones."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from riskmap.errors import NetworkError
from riskmap.routing import close_roads, service_areas, service_polygons
from tests.routing.builders import EAST, NORTH, boxes, network, points

CROSS = [[(0, 0), (1000, 0)], [(500, -400), (500, 400)], [(0, 0), (0, 300)]]
HALLS = points([(0, 0), (1000, 0), (500, 400)])


def test_polygons_do_not_overlap_and_hold_the_roads_of_their_owner():
    net = network(CROSS)
    land = service_polygons(net, HALLS, direction="to", width_m=100)
    pieces = service_areas(net, HALLS, direction="to")
    assert land["facility"].tolist() == [0, 1, 2]
    assert land["road_m"].sum() == pytest.approx(net.edge_length_m.sum())
    areas = land.geometry.to_numpy()
    assert shapely.is_valid(areas).all()
    for one in range(3):
        for other in range(one):
            assert areas[one].intersection(areas[other]).area == pytest.approx(
                0, abs=1e-6
            )
        mine = pieces[pieces["facility"] == one]
        inside = mine.intersection(areas[one]).length.sum()
        assert inside >= mine.length.sum() - 40  # a step at each border
    everywhere = shapely.union_all(shapely.buffer(pieces.geometry, 100))
    assert land.area.sum() == pytest.approx(everywhere.area, rel=1e-5)


def test_the_border_lies_where_times_are_equal():
    land = service_polygons(
        network([[(0, 0), (1000, 0)]]), points([(0, 0), (800, 0)]), direction="to"
    )
    right = land.geometry.iloc[0].bounds[2] - EAST
    assert right == pytest.approx(400, abs=10)


def test_land_in_zones_belongs_to_nobody():
    zone = boxes([(200, -50, 300, 50)])
    shut = close_roads(network([[(0, 0), (1000, 0)]]), zone)
    land = service_polygons(shut, points([(0, 0), (1000, 0)]), direction="to")
    assert land.intersection(zone.geometry.iloc[0]).area.max() < 1e-6
    assert land.geometry.iloc[0].contains(shapely.Point(EAST + 100, NORTH))
    assert len(land) == 2


def test_a_limit_and_another_crs():
    halls = points([(500, 0)]).to_crs(4490)
    land = service_polygons(
        network([[(0, 0), (1000, 0)]]), halls, direction="from", limit_min=2
    )
    assert land.crs == halls.crs
    assert land["road_m"].iloc[0] == pytest.approx(400)


@pytest.mark.parametrize("bad", [{"width_m": 0}, {"step_m": -1}, {"width_m": np.nan}])
def test_widths_that_make_no_sense(bad: dict[str, float]):
    with pytest.raises(NetworkError, match="must be above 0 and finite"):
        service_polygons(network(CROSS), HALLS, direction="to", **bad)
