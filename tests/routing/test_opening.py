# ruff: noqa: ANN001, ANN201
"""Closures lifted, and scenarios that share one network."""

from __future__ import annotations

import numpy as np
import pytest

from riskmap.errors import LayerError
from riskmap.routing import close_roads, close_scenarios, open_roads, travel_times
from tests.routing.builders import boxes, network, points

STREET = [[(0, 0), (500, 0)], [(500, 0), (1000, 0)]]
ENDS = points([(0, 0), (1000, 0)])
TWO = boxes([(200, -5, 300, 5), (250, -5, 600, 5)])


def closed_m(net):
    return net.edge_length_m[~net.is_open].sum()


@pytest.mark.parametrize(
    ("wanted", "metres"),
    [({"zone_ids": ["Z0"]}, 350), ({"zone_ids": ["Z1"]}, 100), ({}, 0),
     ({"zone_ids": []}, 400), ({"road_ids": ["R1"]}, 300),
     ({"zone_ids": ["Z0"], "road_ids": ["R0"]}, 100)],
)  # fmt: skip
def test_a_closure_is_lifted_and_the_others_stay(wanted, metres):
    shut = close_roads(network(STREET), TWO)
    opened = open_roads(shut, **wanted)
    assert closed_m(opened) == pytest.approx(metres)
    assert closed_m(shut) == pytest.approx(400)
    assert opened.forward_min is shut.forward_min
    assert opened.vertex_xy is shut.vertex_xy
    assert len(opened.closures()) == (~opened.is_open).sum()


def test_lifting_the_right_closure_joins_the_ends_again():
    shut = close_roads(network(STREET), boxes([(200, -5, 300, 5), (700, 20, 800, 30)]))
    fixes = {
        one: travel_times(open_roads(shut, zone_ids=[one]), ENDS, ENDS).loc[0, 1]
        for one in ("Z0", "Z1")
    }
    assert fixes["Z0"] == pytest.approx(10.0)
    assert np.isnan(fixes["Z1"])


def test_lifted_zones_stand_in_no_access_leg_either():
    net = network([[(0, 0), (1000, 0)]])
    shut = close_roads(net, boxes([(-100, 20, 2000, 60)]))
    place = points([(500, 100)])
    assert np.isnan(travel_times(shut, place, ENDS)).to_numpy().all()
    opened = open_roads(shut, zone_ids=["Z0"])
    assert np.isfinite(travel_times(opened, place, ENDS)).to_numpy().all()


def test_ids_that_nobody_has_are_named():
    shut = close_roads(network(STREET), TWO)
    with pytest.raises(LayerError, match="no zone 天坑"):
        open_roads(shut, zone_ids=["天坑"])
    with pytest.raises(LayerError, match="no closed road R9"):
        open_roads(shut, road_ids=["R9"])


def test_scenarios_share_one_network_and_answer_as_if_closed_alone():
    base = close_roads(network(STREET), boxes([(900, -5, 910, 5)]))
    cases = {"台风": TWO, "山洪": boxes([(50, -5, 150, 5)]), "无": TWO.iloc[:0]}
    made = close_scenarios(base, cases)
    assert list(made) == list(cases)
    first = made["台风"]
    for name, zones in cases.items():
        alone = close_roads(base, zones)
        assert closed_m(made[name]) == pytest.approx(closed_m(alone))
        assert made[name].zones["zone_id"].tolist() == alone.zones["zone_id"].tolist()
        for shared in ("node_xy", "edge_u", "forward_min", "vertex_xy"):
            assert getattr(made[name], shared) is getattr(first, shared)
        assert set(made[name].closures()["cause"]) == set(alone.closures()["cause"])


def test_scenarios_without_any_zone_are_the_network_itself():
    net = network(STREET)
    made = close_scenarios(net, {"平日": TWO.iloc[:0]})
    assert made["平日"].is_open.all()
    assert made["平日"].edge_u is net.edge_u
