# ruff: noqa: ANN001, ANN201
"""Where places join: by brute force, on the mainland where that is in reach."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmap.routing import close_roads, near, snap
from tests.routing.builders import boxes, network, points

QUIET = settings(
    deadline=None, max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
SPOTS = st.lists(
    st.tuples(st.integers(-900, 2900), st.integers(-900, 2900)), min_size=1, max_size=12
)
BREAKS = st.sets(st.integers(0, 17), max_size=10)


def broken_grid(gone):
    """A grid of bent streets 400 m apart, some missing, and two lone lanes."""
    lines = [[(0, y), (700, y + 60), (2000, y)] for y in range(0, 2001, 400)]
    lines += [[(x, 0), (x + 40, 900), (x, 2000)] for x in range(0, 2001, 400)]
    lines += [[(x, -500), (x + 150, -480)] for x in range(0, 1800, 300)]
    return network([one for row, one in enumerate(lines) if row not in gone])


def by_hand(net, spot, most):
    """Distance of the nearest open edge of the mainland, else of an island."""
    edges = net.edges()
    label = net.component[net.edge_u]
    metres = np.bincount(label, weights=net.edge_length_m)
    main = (metres >= metres.max() / 2)[label]
    for some in (main & net.is_open, ~main & net.is_open):
        away = edges.distance(spot).to_numpy()[some].min(initial=np.inf)
        if away <= most:
            return away
    return np.inf


@pytest.mark.parametrize("lines", [1, 9, 2_000_000])
@QUIET
@given(spots=SPOTS, gone=BREAKS, most=st.sampled_from([30.0, 150.0, 600.0]))
def test_never_an_island_when_the_mainland_is_in_reach(
    monkeypatch, lines, spots, gone, most
):
    monkeypatch.setattr(near, "MOST_LINES", lines)
    net, places = broken_grid(gone), points(spots)
    found = snap(net, places, max_distance_m=most)
    want = [by_hand(net, spot, most) for spot in places.geometry]
    reached = np.isfinite(want)
    assert (found["reason"] == "ok").tolist() == reached.tolist()
    np.testing.assert_allclose(found["distance_m"][reached], np.array(want)[reached])
    edges = net.edges()
    for row in np.flatnonzero(reached):
        line = edges.geometry.loc[found["edge"].iloc[row]]
        foot = shapely.Point(found["x"].iloc[row], found["y"].iloc[row])
        assert line.distance(foot) < 1e-6
        assert foot.distance(places.geometry.iloc[row]) == pytest.approx(want[row])


@pytest.mark.parametrize("lines", [1, 2_000_000])
def test_legs_keep_clear_of_zones_however_large_the_network(monkeypatch, lines):
    monkeypatch.setattr(near, "MOST_LINES", lines)
    net = network([[(0, 0), (1000, 0)], [(0, 300), (1000, 300)], [(0, 0), (0, 300)]])
    wet = close_roads(net, boxes([(-100, 20, 2000, 60)]))
    found = snap(wet, points([(500, 100), (500, 10), (500, 40)]))
    assert found["distance_m"].iloc[:2].tolist() == pytest.approx([200, 10])
    assert found["reason"].iloc[2] == "crosses_hazard"


def test_edges_far_away_are_never_made_into_lines(monkeypatch):
    monkeypatch.setattr(near, "MOST_LINES", 4)
    made = []
    whole = near.to_linestrings
    monkeypatch.setattr(
        near,
        "to_linestrings",
        lambda lines: made.append(len(lines.start)) or whole(lines),
    )
    net = network([[(x, 0), (x + 90, 0)] for x in range(0, 20_000, 100)])
    places = points([(x + 0.5, 5) for x in range(0, 20_000, 997)])
    found = snap(net, places, max_distance_m=50)
    along = (np.arange(0, 20_000, 997) + 0.5) % 100
    gap = np.clip(np.minimum(along - 90, 100 - along), 0, None)
    np.testing.assert_allclose(found["distance_m"], np.hypot(gap, 5))
    assert max(made) <= 5
