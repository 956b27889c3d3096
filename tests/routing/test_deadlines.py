# ruff: noqa: ANN001, ANN201
"""Leaving in time: known by construction, and against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskmap.errors import LayerError, NetworkError
from riskmap.routing import (
    build_network,
    check_departures,
    close_roads_by_hour,
    latest_departures,
    nearest,
    shortest_paths,
)
from tests.routing.builders import boxes, network, points, roads

# 100 m a minute. A street with a ford at 400..500; a detour of 600 m more.
STREET = [[(0, 0), (1000, 0)]]
DETOUR = [*STREET, [(300, 0), (300, 300), (600, 300), (600, 0)]]
FORD = boxes([(400, -5, 500, 5)], closes_min=[30])
START, GOAL = points([(0, 0)]), points([(1000, 0)])
INF = np.inf


def by_hour(lines, zones=FORD):
    return close_roads_by_hour(network(lines), zones)


def latest(hourly, place=START, goal=GOAL):
    found = latest_departures(hourly, place, goal)
    return found["latest_min"].iloc[0], found["reason"].iloc[0]


def test_the_ford_must_be_left_behind_before_it_closes():
    assert latest(by_hour(STREET)) == (pytest.approx(25.0), "ok")
    assert latest(by_hour(STREET), points([(450, 0)])) == (pytest.approx(29.5), "ok")
    assert latest(by_hour(STREET), points([(600, 0)])) == (INF, "ok")
    assert latest(by_hour(DETOUR)) == (INF, "ok")


def test_the_way_that_stays_open_longest_counts_not_the_shortest():
    two = boxes([(400, -5, 500, 5), (400, 290, 500, 310)], closes_min=[30, 60])
    assert latest(by_hour(DETOUR, two))[0] == pytest.approx(60 - 3 - 3 - 2)


def test_too_late_at_once_is_not_cut_off():
    soon = FORD.assign(closes_min=4.9)
    assert latest(by_hour(STREET, soon)) == (pytest.approx(np.nan, nan_ok=True),
                                             "crosses_hazard")  # fmt: skip
    lone = latest(by_hour([*STREET, [(0, 900), (90, 900)]]), points([(50, 900)]))
    assert lone[1] == "cut_off"
    assert latest(by_hour(STREET), points([(0, 9000)]))[1] == "too_far_from_road"


def test_the_access_leg_counts_and_so_does_a_zone_upon_it():
    hourly = by_hour(STREET)
    walk = 60 / (hourly.network.offroad_kmh * 1000 / 60)
    assert latest(hourly, points([(0, 60)]))[0] == pytest.approx(25 - walk)
    yard = boxes([(-10, 40, 10, 70)], closes_min=[20])
    assert latest(by_hour(STREET, yard), points([(0, 60)]))[0] == (
        pytest.approx(20 - walk)
    )


def test_a_goal_in_a_zone_must_be_reached_before_it_closes():
    hall = boxes([(990, -5, 1010, 5)], closes_min=[50])
    assert latest(by_hour(STREET, hall))[0] == pytest.approx(40)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_latest_departures_equal_brute_force(data):
    number = st.integers(0, 4)
    grid = [[(0, 100 * y), (400, 100 * y)] for y in range(5)]
    grid += [[(100 * x, 0), (100 * x, 400)] for x in range(5)]
    spots = data.draw(st.lists(st.tuples(number, number, st.integers(0, 12)),
                               min_size=1, max_size=12))  # fmt: skip
    around = [(100 * x - 30, 100 * y - 30, 100 * x + 30, 100 * y + 30)
              for x, y, _ in spots]  # fmt: skip
    zones = boxes(around, closes_min=[one for *_, one in spots])
    hourly = close_roads_by_hour(network(grid), zones)
    want = brute_force(hourly, goal=(400, 400))
    place = points([(x * 100, y * 100) for x in range(5) for y in range(5)])
    found = latest_departures(hourly, place, points([(400, 400)]))["latest_min"]
    np.testing.assert_allclose(found, want, atol=1e-9)


def brute_force(hourly, goal):
    """Raise every node's latest minute along every arc until nothing changes."""
    net = hourly.network
    xy = net.node_xy - (500_000.0, 3_100_000.0)
    label = dict.fromkeys(range(len(xy)), -INF)
    home = int(np.hypot(*(xy - goal).T).argmin())
    at_goal = hourly.closes_min[
        net.zones.intersects(points([goal]).geometry[0]).to_numpy()
    ]
    label[home] = at_goal.min(initial=INF)
    for _ in range(len(xy)):
        for e in range(len(net)):
            for a, b in ((net.edge_u[e], net.edge_v[e]),
                         (net.edge_v[e], net.edge_u[e])):  # fmt: skip
                got = min(label[b], hourly.closes_at_min[e]) - net.forward_min[e]
                label[a] = max(label[a], got)
    places = [(x * 100, y * 100) for x in range(5) for y in range(5)]
    out = []
    for place in places:
        node = int(np.hypot(*(xy - place).T).argmin())
        own = net.zones.intersects(points([place]).geometry[0]).to_numpy()
        value = min(label[node], hourly.closes_min[own].min(initial=INF))
        shut = hourly.closes_min[own].min(initial=INF) <= 0
        out.append(np.nan if value < 0 or shut else value)
    return out


def test_one_way_roads_are_driven_one_way():
    frame = roads([[(0, 0), (500, 0)], [(500, 0), (500, 300), (0, 300), (0, 0)]],
                  oneway=["yes", "yes"])  # fmt: skip
    net = build_network(frame, mode="drive", speeds={"村道": 6.0})
    hourly = close_roads_by_hour(net, boxes([(200, 290, 300, 310)], closes_min=[30]))
    back = latest_departures(hourly, points([(400, 0)]), points([(100, 0)]))
    assert back["latest_min"].iloc[0] == pytest.approx(30 - 1 - 3 - 3)


def test_a_route_is_judged_at_the_piece_it_clears_by_least():
    hourly = by_hour(STREET)
    places, goals = points([(0, 0), (600, 0)]), points([(1000, 0)] * 2)
    routes = shortest_paths(hourly.at(0), places, goals).assign(out=[20.0, 50.0])
    found = check_departures(hourly, routes, depart_min="out")
    assert found["in_time"].tolist() == [True, True]
    assert found["slack_min"].tolist() == pytest.approx([5, INF])
    assert found["latest_min"].tolist() == pytest.approx([25, INF])
    assert found["arrives_min"].tolist() == pytest.approx([30, 54])
    assert found.loc[0, ["road_id", "zone_id", "closes_min"]].tolist() == [
        "R0", "Z0", 30,
    ]  # fmt: skip
    assert found.loc[1, ["road_id", "zone_id", "closes_min"]].isna().all()
    late = check_departures(hourly, routes, depart_min=25.5)
    assert late["in_time"].tolist() == [False, True]
    assert late["slack_min"].iloc[0] == pytest.approx(-0.5)


def test_a_road_that_has_opened_again_is_no_hindrance():
    hourly = by_hour(STREET, FORD.assign(opens_min=90))
    routes = shortest_paths(hourly.at(0), START, GOAL)
    ok = [
        bool(check_departures(hourly, routes, depart_min=one)["in_time"].iloc[0])
        for one in (25, 26, 60, 85.9, 86, 200)
    ]
    assert ok == [True, False, False, False, True, True]


def test_the_latest_departure_of_the_only_route_is_that_of_the_place():
    hourly = by_hour(STREET)
    place, goal = points([(20, 40)]), points([(980, 70)])
    routes = shortest_paths(hourly.at(0), place, goal).to_crs(4490)
    found = check_departures(hourly, routes)
    assert found["latest_min"].iloc[0] == pytest.approx(latest(hourly, place, goal)[0])
    assert found["arrives_min"].iloc[0] == pytest.approx(routes["time_min"].iloc[0])


def test_no_route_is_neither_in_time_nor_late():
    hourly = by_hour([*STREET, [(0, 900), (90, 900)]])
    routes = shortest_paths(hourly.at(0), points([(0, 900)]), GOAL)
    found = check_departures(hourly, routes, depart_min=5)
    assert found.drop(columns="departs_min").isna().to_numpy().all()
    assert found["departs_min"].tolist() == [5]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"depart_min": -1}, NetworkError, "1 departures are unknown"),
        ({"depart_min": float("nan")}, NetworkError, "1 departures are unknown"),
        ({"depart_min": "when"}, LayerError, 'no column "when"'),
    ],
)
def test_departures_that_make_no_sense(change, error, words):
    hourly = by_hour(STREET)
    routes = shortest_paths(hourly.at(0), START, GOAL)
    with pytest.raises(error, match=words):
        check_departures(hourly, routes, **change)


def test_routes_of_something_else_are_refused():
    hourly = by_hour(STREET)
    with pytest.raises(LayerError, match='no column "edges"'):
        check_departures(hourly, START)
    far = shortest_paths(network(DETOUR), START, GOAL)
    far["edges"] = [((99, 0.0, 1.0),)]
    with pytest.raises(LayerError, match="edges of another network"):
        check_departures(hourly, far)


def test_departures_on_time_agree_with_the_network_of_that_minute():
    hourly = by_hour(DETOUR)
    assert nearest(hourly.at(29), START, GOAL, direction="to")["time_min"].iloc[
        0
    ] == pytest.approx(10)
    assert nearest(hourly.at(31), START, GOAL, direction="to")["time_min"].iloc[
        0
    ] == pytest.approx(16)
