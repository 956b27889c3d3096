# ruff: noqa: ANN001, ANN201
"""Nearest, reach, time tables, routes and legs on towns known by construction."""

from __future__ import annotations

import numpy as np
import pytest

from riskmap.errors import CrsError, LayerError, NetworkError
from riskmap.routing import (
    build_network,
    close_roads,
    k_nearest,
    legs,
    nearest,
    reach,
    shortest_paths,
    travel_times,
)
from tests.routing.builders import boxes, network, points, roads

STREET = [[(0, 0), (1000, 0)]]
ONE_WAY = [[(0, 0), (600, 0)], [(600, 0), (600, 400), (0, 400), (0, 0)]]


def one_way():
    frame = roads(ONE_WAY, oneway=["yes", "no"])
    return build_network(frame, mode="drive", speeds={"村道": 6.0})


@pytest.mark.parametrize(
    ("direction", "minutes"), [("to", 3.0), ("from", 3.0 + 4.0 + 6.0 + 4.0)]
)
def test_direction_counts_on_one_way_streets(direction, minutes):
    place, facility = points([(100, 0)]), points([(400, 0)])
    found = nearest(one_way(), place, facility, direction=direction)
    assert found["time_min"].iloc[0] == pytest.approx(minutes)
    assert found["length_m"].iloc[0] == pytest.approx(minutes * 100)


def test_access_legs_count_in_time_and_length():
    net = network(STREET)
    found = nearest(net, points([(100, 20)]), points([(400, 30)]), direction="to")
    assert found["access_m"].iloc[0] == pytest.approx(50)
    assert found["length_m"].iloc[0] == pytest.approx(350)
    assert found["time_min"].iloc[0] == pytest.approx(3 + 50 / net.offroad_kmh * 0.06)


def test_ties_go_to_the_facility_that_comes_first():
    facilities = points([(750, 0), (250, 0)], name=["乙", "甲"]).set_index("name")
    found = nearest(network(STREET), points([(500, 0)]), facilities, direction="to")
    assert found["facility"].tolist() == ["乙"]


def test_delays_decide_and_count():
    facilities = points([(400, 0), (900, 0)], turnout_min=[9.0, 1.0])
    found = nearest(
        network(STREET), points([(500, 0)]), facilities, direction="from",
        delay_min="turnout_min",
    )  # fmt: skip
    assert found[["facility", "time_min"]].to_numpy().tolist() == [
        [1, pytest.approx(5)]
    ]


def test_beyond_the_limit_is_over_time_not_a_number():
    found = nearest(
        network(STREET), points([(500, 0), (120, 0)]), points([(100, 0)]),
        direction="to", limit_min=1.0,
    )  # fmt: skip
    assert found["reason"].tolist() == ["over_time", "ok"]
    assert found["time_min"].isna().tolist() == [True, False]
    assert found["facility"].tolist() == [None, 0]


def test_no_facility_at_all_is_cut_off():
    found = nearest(network(STREET), points([(5, 0)]), points([]), direction="to")
    assert found["reason"].tolist() == ["cut_off"]


def town():
    lines = [[(0, y), (900, y)] for y in (0, 300, 600)]
    lines += [[(x, 0), (x, 600)] for x in (0, 300, 600, 900)]
    return network(lines)


def scattered(count, seed):
    rng = np.random.default_rng(seed)
    return points([tuple(one) for one in rng.uniform(-30, 930, (count, 2)) * (1, 0.65)])


@pytest.mark.parametrize("direction", ["to", "from"])
def test_reach_nearest_and_time_tables_agree(direction):
    net = close_roads(town(), boxes([(250, 250, 350, 350)]))
    places, facilities = scattered(40, 1), scattered(7, 2)
    if direction == "to":
        table = travel_times(net, places, facilities).to_numpy()
    else:
        table = travel_times(net, facilities, places, leave=False).to_numpy().T
    best = nearest(net, places, facilities, direction=direction)
    some = best["reason"] == "ok"
    np.testing.assert_allclose(best["time_min"][some], np.nanmin(table[some], axis=1))
    assert np.isnan(table[~some]).all()
    pairs = reach(net, facilities, places, direction=direction, limit_min=5.0)
    want = {(f, p): table[p, f] for p, f in zip(*np.nonzero(table <= 5.0), strict=True)}
    assert set(zip(pairs["facility"], pairs["place"], strict=True)) == set(want)
    for row in pairs.itertuples():
        assert row.time_min == pytest.approx(want[row.facility, row.place])


def test_more_destinations_than_origins_give_the_same_table():
    places, facilities = scattered(9, 3), scattered(4, 4)
    net = town()
    whole = travel_times(net, places, facilities)
    part = travel_times(net, places.iloc[:2], facilities)
    np.testing.assert_allclose(whole.iloc[:2], part)


def test_routes_add_up_and_end_where_they_should():
    net, places, facilities = town(), scattered(12, 5), scattered(12, 6)
    routes = shortest_paths(net, places, facilities)
    table = travel_times(net, places, facilities).to_numpy()
    np.testing.assert_allclose(routes["time_min"], np.diag(table))
    np.testing.assert_allclose(routes.length, routes["length_m"])
    for row, line in enumerate(routes.geometry):
        assert line.coords[0] == places.geometry[row].coords[0]
        assert line.coords[-1] == facilities.geometry[row].coords[0]
    sums = legs(net, routes).groupby("route")[["length_m", "time_min"]].sum()
    np.testing.assert_allclose(sums["length_m"], routes["length_m"])
    np.testing.assert_allclose(sums["time_min"], routes["time_min"])


def test_legs_name_roads_and_turns():
    net = network(
        [[(0, 0), (300, 0)], [(300, 0), (300, 200)], [(300, 200), (100, 200)]],
        columns={"name": ["东街", "北路", "西巷"]},
    )
    route = shortest_paths(net, points([(50, 10)]), points([(100, 200)]))
    found = legs(net, route)
    assert found["road_name"].fillna("").tolist() == ["", "东街", "北路", "西巷"]
    assert found["turn"].tolist() == ["offroad", "depart", "left", "left"]
    assert found["length_m"].tolist() == pytest.approx([10, 250, 200, 200])
    assert found["seq"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("branch", "told"),
    [
        ([(300, 0), (300, -200)], ["offroad", "depart", "left", "offroad"]),
        (None, ["offroad", "depart", "offroad"]),
        ([(300, 0), (600, 0)], ["offroad", "depart", "left", "offroad"]),
    ],
)
def test_a_turn_at_a_fork_is_told_though_the_road_keeps_its_name(branch, told):
    lines = [[(0, 0), (300, 0)], [(300, 0), (300, 400)]]
    lines += [] if branch is None else [branch]
    net = network(lines, columns={"road_name": ["村内路"] * len(lines)})
    way = shortest_paths(net, points([(0, 5)]), points([(305, 400)]))
    found = legs(net, way)
    assert found["turn"].tolist() == told
    assert found["length_m"].sum() == pytest.approx(way["length_m"].iloc[0])


def test_routes_come_in_the_crs_of_the_origins():
    net = network(STREET)
    route = shortest_paths(net, points([(0, 0)]).to_crs(4490), points([(500, 0)]))
    assert route.crs.to_epsg() == 4490
    assert route.to_crs(net.crs).length.iloc[0] == pytest.approx(500, abs=1e-3)


def test_place_and_facility_at_one_spot():
    net = network(STREET)
    spot = points([(500, 0)])
    route = shortest_paths(net, spot, spot)
    assert route[["time_min", "length_m"]].to_numpy().tolist() == [[0, 0]]
    assert route["reason"].tolist() == ["ok"]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda n, p: nearest(n, p, p, direction="up"), NetworkError, 'direction "up"'),
        (lambda n, p: nearest(n, p, p, direction="to", limit_min=-1), NetworkError,
         "limit_min -1"),
        (lambda n, p: nearest(n, p, p, direction="to", delay_min="x"), LayerError,
         'no column "x"'),
        (lambda n, p: nearest(n, p, p, direction="to", delay_min=float("nan")),
         NetworkError, "delays are negative or unknown"),
        (lambda n, p: nearest(n, p, p.set_crs(None, allow_override=True),
                              direction="to"), CrsError, "no CRS"),
        (lambda n, p: shortest_paths(n, p, p, pairs=[(0, 77)]), LayerError,
         r"unknown label, first \(0, 77\)"),
        (lambda n, p: shortest_paths(n, p, p.iloc[:1]), LayerError, "do not pair"),
        (legs, LayerError, "routes have no access_m"),
        (lambda n, p: nearest(n, p, p, direction="to", max_distance_m=0), NetworkError,
         "must be > 0"),
    ],
)  # fmt: skip
def test_bad_questions(call, error, words):
    with pytest.raises(error, match=words):
        call(network(STREET), points([(0, 0), (9, 0)]))


@pytest.mark.parametrize("direction", ["to", "from"])
@pytest.mark.parametrize(("places", "facilities"), [(30, 6), (4, 9)])
def test_the_nearest_few_agree_with_the_table(direction, places, facilities):
    net = close_roads(town(), boxes([(250, 250, 350, 350)]))
    here, there = scattered(places, 1), scattered(facilities, 2)
    few = k_nearest(net, here, there, k=3, direction=direction, delay_min=0.5)
    best = nearest(net, here, there, direction=direction, delay_min=0.5)
    first = few[few["rank"] == 1].set_index("place")
    assert first.index.tolist() == best.index.tolist()
    assert first["facility"].tolist() == best["facility"].tolist()
    assert first["reason"].tolist() == best["reason"].tolist()
    np.testing.assert_allclose(first["time_min"], best["time_min"])
    if direction == "to":
        table = travel_times(net, here, there).to_numpy() + 0.5
    else:
        table = travel_times(net, there, here, leave=False).to_numpy().T + 0.5
    want = np.sort(table[best["reason"] == "ok"], axis=1)[:, :3]
    found = few[few["reason"] == "ok"]["time_min"]
    np.testing.assert_allclose(found, want[np.isfinite(want)])


def test_the_nearest_few_within_a_limit():
    facilities = points([(100, 0), (300, 0), (900, 0)])
    few = k_nearest(
        network(STREET), points([(190, 0), (600, 0)]), facilities, k=2,
        direction="to", limit_min=2.0,
    )  # fmt: skip
    assert few[["place", "rank", "facility"]].to_numpy().tolist() == [
        [0, 1, 0], [0, 2, 1], [1, 1, None],
    ]  # fmt: skip
    assert few["reason"].tolist() == ["ok", "ok", "over_time"]
    with pytest.raises(NetworkError, match="ask for 1 facility or more"):
        k_nearest(network(STREET), facilities, facilities, k=0, direction="to")
