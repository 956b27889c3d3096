# ruff: noqa: ANN001, ANN201
"""A limit ends searches and changes no answer within it; reasons stay the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap.routing import build_network, legs, shortest_paths, travel_times
from riskmap.routing import sides as both_sides
from riskmap.routing.router import Router
from tests.routing.builders import network, points, roads
from tests.routing.test_oracle import QUIET, expected, questions
from tests.routing.test_queries import scattered, town

LIMITS = st.sampled_from([0.0, 1.0, 2.5, 6.0, 40.0])


@QUIET
@given(questions(), LIMITS)
def test_routes_within_a_limit_and_who_is_late(question, limit):
    net, here, there = question
    sides = both_sides.joined(net, here, there, direction="to")
    table = expected(net, here, there).ravel()
    first, second = np.divmod(np.arange(table.size), len(there))
    found = Router(net, sides).routes(first, second, limit_min=limit)
    near = table <= limit - 1e-9
    np.testing.assert_allclose(found.minutes[near], table[near], rtol=1e-9, atol=1e-12)
    none = np.isinf(table)
    assert np.isinf(found.minutes[none]).all()
    assert not found.late[none].any()
    beyond = (table > limit + 1e-9) & ~none
    assert (found.late | (found.minutes > limit))[beyond].all()


@pytest.mark.parametrize("limit", [1.0, 4.0, 9.0])
def test_a_limited_table_is_the_table_within_the_limit(limit):
    net, here, there = town(), scattered(20, 3), scattered(6, 4)
    whole = travel_times(net, here, there)
    some = travel_times(net, here, there, limit_min=limit)
    np.testing.assert_array_equal(some.to_numpy(), whole.where(whole <= limit))


def test_reasons_with_a_limit():
    net = network([[(0, 0), (900, 0)], [(0, 5000), (900, 5000)]])
    here = points([(0, 0), (0, 0), (800, 0), (0, 9000)])
    there = points([(850, 0), (10, 5000), (850, 0), (850, 0)])
    routes = shortest_paths(net, here, there, limit_min=2.0)
    assert routes["reason"].tolist() == [
        "over_time", "cut_off", "ok", "too_far_from_road",
    ]  # fmt: skip
    assert routes["time_min"].notna().tolist() == [False, False, True, False]
    assert legs(net, routes)["route"].tolist() == [2]


def test_one_way_roads_that_lead_out_alone():
    lines = [[(0, 0), (500, 0)], [(500, 0), (900, 0)]]
    net = build_network(
        roads(lines, oneway=["yes", "no"]), mode="drive", speeds={"村道": 6.0}
    )
    out, back = points([(10, 0), (700, 0)]), points([(700, 0), (10, 0)])
    routes = shortest_paths(net, out, back, limit_min=1.0)
    assert routes["reason"].tolist() == ["over_time", "cut_off"]


def test_destinations_at_one_spot_are_one_goal_and_give_the_same_routes():
    net, here = town(), scattered(30, 8)
    there = scattered(3, 9)
    row = np.arange(30) % 3
    again = there.iloc[row].reset_index(drop=True)
    one = shortest_paths(net, here, again)
    other = shortest_paths(net, here, there, pairs=list(enumerate(row)))
    assert one["edges"].tolist() == other["edges"].tolist()
    np.testing.assert_array_equal(one["time_min"], other["time_min"])
    assert one.geometry.geom_equals(other.geometry).all()
