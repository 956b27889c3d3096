# ruff: noqa: ANN001, ANN201
from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from riskmap.routing.ragged import along, lines_of, reversed_rows, split, to_linestrings

LINES = np.array(
    [
        shapely.LineString([(0, 0), (10, 0), (10, 10)]),
        shapely.LineString([(5, 5), (5, 6)]),
        shapely.LineString([(0, 0), (3, 4), (6, 0), (0, 0)]),
    ]
)


def test_lengths_and_round_trip():
    lines = lines_of(LINES)
    np.testing.assert_allclose(lines.lengths(), shapely.length(LINES))
    assert shapely.equals_exact(to_linestrings(lines), LINES).all()


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-1, 21)), max_size=12))
def test_pieces_of_a_split_add_up(cuts):
    lines = lines_of(LINES)
    row = np.array([one for one, _ in cuts], dtype=np.int64)
    where = np.array([one for _, one in cuts], dtype=float)
    pieces, source, begin = split(lines, row, where)
    total = np.bincount(source, weights=pieces.lengths(), minlength=3)
    np.testing.assert_allclose(total, lines.lengths())
    assert (pieces.lengths() > 0).all()
    np.testing.assert_allclose(
        along(lines, source, begin), pieces.xy[pieces.start[:-1]], atol=1e-9
    )


def test_a_split_at_a_vertex_keeps_one_vertex_on_each_side():
    pieces, source, begin = split(lines_of(LINES), np.array([0, 0]), np.array([10, 10]))
    assert source.tolist() == [0, 0, 1, 2]
    assert begin.tolist() == [0, 10, 0, 0]
    assert np.diff(pieces.start).tolist() == [2, 2, 2, 4]


@pytest.mark.parametrize(
    ("row", "distance", "point"),
    [
        (0, 5, (5, 0)),
        (0, 12, (10, 2)),
        (0, 99, (10, 10)),
        (2, 5, (3, 4)),
        (1, 0, (5, 5)),
    ],
)
def test_points_along(row, distance, point):
    found = along(lines_of(LINES), np.array([row]), np.array([float(distance)]))
    np.testing.assert_allclose(found[0], point)


def test_rows_turn_round():
    turned = to_linestrings(
        reversed_rows(lines_of(LINES), np.array([True, False, True]))
    )
    assert turned[0].coords[0] == (10, 10)
    assert turned[1].coords[0] == (5, 5)
