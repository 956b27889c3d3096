# ruff: noqa: ANN001, ANN201
"""Isochrones against brute force: nothing missed, nothing beyond."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from riskmap.errors import NetworkError
from riskmap.routing import (
    build_network,
    close_roads,
    isochrones,
    reached_roads,
    service_areas,
)
from riskmap.routing.sides import best_of, joined
from riskmap.routing.snapping import anchor
from tests.routing.builders import anchors, boxes, network, points, roads

STREET = [[(0, 0), (1000, 0)]]


@pytest.mark.parametrize(
    ("minutes", "east", "west"), [(1, 100, 100), (3, 300, 200), (5, 500, 200)]
)
def test_the_road_ends_where_the_time_ends(minutes, east, west):
    net = network(
        [[(0, 0), (200, 0)], [(200, 0), (200, 30), (1000, 30)]], tolerance_m=0.1
    )
    start = points([(200, 0)])
    found = reached_roads(net, start, direction="from", minutes=[minutes])
    assert found.length.sum() == pytest.approx(east + west)
    area = isochrones(net, start, direction="from", minutes=[minutes]).geometry.iloc[0]
    left, _, right, _ = area.bounds
    assert right == pytest.approx(500_200 + east - 30, abs=1e-6)
    assert left >= 500_200 - west - max(minutes - 2, 0) * net.offroad_kmh / 0.06 - 1e-6


def test_sideways_walks_take_the_time_that_is_left():
    net = network(STREET)
    area = isochrones(net, points([(500, 0)]), direction="from", minutes=[3]).geometry[
        0
    ]
    metre = net.offroad_kmh / 0.06
    assert area.bounds[3] - 3_100_000 == pytest.approx(3 * metre, rel=1e-6)
    half = 200 * np.tan(np.arcsin(3 * metre / 300))  # leaving the road aslant, in time
    inside, outside = points([(600, half - 1), (600, half + 0.1)]).geometry
    assert area.contains(inside)
    assert not area.contains(outside)


def random_town(seed):
    rng = np.random.default_rng(seed)
    lines = [[(0, y), (900, y)] for y in (0, 260, 600)]
    lines += [[(x, 0), (x, 600)] for x in (0, 310, 640, 900)]
    lines += [[tuple(a), tuple(b)] for a, b in rng.uniform(0, 600, (6, 2, 2))]
    frame = roads(lines, oneway=rng.choice(["yes", "no", "-1"], len(lines)))
    return build_network(frame, mode="drive", speeds={"村道": 9.0})


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("seed", range(4))
def test_membership_equals_brute_force_on_edge_points(seed, direction):
    net = close_roads(random_town(seed), boxes([(100, 200, 250, 320)]))
    facilities = points([(430, 20), (620, 420)])
    there = anchor(net, facilities)
    spots = [(e, part, 0.0) for e in np.flatnonzero(net.is_open)
             for part in np.linspace(0.013, 0.987, 9)]  # fmt: skip
    here = anchors(net, spots)
    where = shapely.points(here.xy)
    for row in range(len(facilities)):
        one = anchor(net, facilities.iloc[[row]])
        time = best_of(
            net, joined(net, here, one, direction=direction), np.zeros(1)
        ).minutes
        for minutes in (1, 3, 5):
            found = reached_roads(
                net, facilities.iloc[[row]], direction=direction, minutes=[minutes]
            )
            near = np.zeros(len(spots), dtype=bool)
            for part in found.itertuples():
                same = here.edge == part.edge
                near[same] |= shapely.distance(where[same], part.geometry) < 1e-7
            sure = np.abs(time - minutes) > 1e-6
            np.testing.assert_array_equal(near[sure], (time <= minutes)[sure])
    assert (there.edge >= 0).all()


def test_times_along_a_piece_are_right():
    net = random_town(1)
    facility = points([(430, 20)])
    found = reached_roads(net, facility, direction="from", minutes=[4], delay_min=1.0)
    one = anchor(net, facility)
    for part in found.itertuples():
        middle = part.geometry.interpolate(0.5, normalized=True)
        line = net.edges().geometry[part.edge]
        share = line.project(middle, normalized=True)
        here = anchors(net, [(part.edge, share, 0.0)])
        time = best_of(
            net, joined(net, here, one, direction="from"), np.ones(1)
        ).minutes
        assert (part.start_min + part.end_min) / 2 == pytest.approx(time[0])


def test_areas_are_nested_and_leave_zones_out():
    net = close_roads(network(STREET), boxes([(550, 10, 600, 60)]))
    found = isochrones(net, points([(500, 0)]), direction="to", minutes=(5, 1, 3))
    assert found["minutes"].tolist() == [1, 3, 5]
    one, three, five = found.geometry
    assert three.covers(one.buffer(-1e-6))
    assert five.covers(three.buffer(-1e-6))
    assert five.intersection(net.zones.geometry[0]).area == pytest.approx(0)


@pytest.mark.parametrize(("direction", "metres"), [("from", 0.0), ("to", 100.0)])
def test_the_end_of_a_one_way_street(direction, metres):
    frame = roads(STREET, oneway=["yes"])
    net = build_network(frame, mode="drive", speeds={"村道": 6.0})
    found = reached_roads(net, points([(1000, 0)]), direction=direction, minutes=[1])
    assert found.length.sum() == pytest.approx(metres)


def test_turnout_differs_by_facility():
    teams = points([(0, 0), (0, 0)], turnout_min=[0.0, 2.0])
    found = isochrones(
        network(STREET), teams, direction="from", minutes=[3], delay_min="turnout_min"
    )
    assert found.geometry.area[0] > 5 * found.geometry.area[1]


def test_a_facility_on_no_road_has_a_reason_and_no_area():
    found = isochrones(network(STREET), points([(0, 900), None]), direction="from")
    assert found["reason"].unique().tolist() == [
        "too_far_from_road",
        "insufficient_data",
    ]
    assert found.geometry.isna().all()
    late = isochrones(network(STREET), points([(9, 0)]), direction="from", delay_min=4)
    assert late.geometry.isna().tolist() == [True, True, False]


@pytest.mark.parametrize("minutes", [[], [0], [-1], [float("nan")]])
def test_times_must_be_times(minutes):
    with pytest.raises(NetworkError, match="must be times above 0"):
        isochrones(network(STREET), points([(0, 0)]), direction="from", minutes=minutes)


def test_areas_hold_what_can_be_walked_to_and_no_more():
    rng = np.random.default_rng(8)
    east = np.arange(0, 1200, 15.0)
    bends = np.column_stack([east, 40 * np.sin(east / 90) + rng.uniform(0, 2, 80)])
    net = build_network(
        roads([[tuple(one) for one in bends], [(600, -700), (600, 700)]]),
        speeds={"村道": 12.0}, mode="drive",
    )  # fmt: skip
    start = points([(590, -150)])
    reached = reached_roads(net, start, direction="from", minutes=[4])
    share = np.linspace(0, 1, 400)
    spots, left = [], []
    for part in reached.itertuples():
        line = part.geometry
        spots.append(shapely.line_interpolate_point(line, share, normalized=True))
        left.append(4 - part.start_min + (part.start_min - part.end_min) * share)
    radius = np.concatenate(left) * net.offroad_kmh * 1000 / 60
    asked = points(rng.uniform((-200, -500), (1300, 500), (1500, 2))).geometry
    gap = shapely.distance(asked.to_numpy()[:, None], np.concatenate(spots)[None])
    spare = (radius - gap).max(axis=1)
    area = isochrones(net, start, direction="from", minutes=[4]).geometry.iloc[0]
    inside = shapely.contains(area, asked.to_numpy())
    assert inside[spare > 3.0].all()
    assert not inside[spare < -0.2].any()
    on_road = np.concatenate(spots)[radius > 0.5]
    assert shapely.covers(area.buffer(1e-6), on_road).all()


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize("limit", [None, 2.5])
@pytest.mark.parametrize("seed", range(3))
def test_service_areas_share_out_the_roads_by_time(seed, limit, direction):
    net = close_roads(random_town(seed), boxes([(100, 200, 250, 320)]))
    spots = [(430, 0), (470, 0), (620, 420), (10, 600)]
    facilities = points(spots, late=[0.0, 0.1, 1.0, 0.5])
    found = service_areas(
        net, facilities, direction=direction, limit_min=limit, delay_min="late"
    )
    spots = [(e, part, 0.0) for e in np.flatnonzero(net.is_open)
             for part in np.linspace(0.017, 0.983, 9)]  # fmt: skip
    here, there = anchors(net, spots), anchor(net, facilities)
    sides = joined(net, here, there, direction=direction)
    best = best_of(net, sides, facilities["late"].to_numpy())
    where = shapely.points(here.xy)
    owner = np.full(len(spots), -1)
    for part in found.itertuples():
        same = np.flatnonzero(here.edge == part.edge)
        held = same[shapely.distance(where[same], part.geometry) < 1e-6]
        assert (owner[held] == -1).all()
        owner[held] = part.facility
    most = np.inf if limit is None else limit
    want = np.where(best.minutes <= most, best.owner, -1)
    wrong = owner != want
    # At the border itself, where two are as near or the time ends, either is right.
    assert wrong.mean() < 0.01
    assert np.unique(want).size > 2
