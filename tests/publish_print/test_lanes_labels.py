from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from riskmap.publish.labelplaces import line_candidates, point_candidates
from riskmap.publish.labels import Label, overlaps, place_labels, spread
from riskmap.publish.lanes import (
    arrows_along,
    at_right,
    beside,
    merged_lanes,
    number_ranges,
)

TRUNK = [(100.0, 0.0), (200.0, 0.0), (300.0, 50.0)]


def test_routes_that_share_a_road_are_drawn_once() -> None:
    lanes = merged_lanes(
        [LineString([(0, 0), *TRUNK]), LineString([(100, 80), *TRUNK])], [1, 2]
    )
    shared = [lane for lane in lanes if lane.numbers == (1, 2)]
    assert len(lanes) == 3
    assert len(shared) == 1
    assert list(shared[0].line.coords) == TRUNK
    assert sum(lane.line.length for lane in lanes) == pytest.approx(
        shapely.union_all([lane.line for lane in lanes]).length
    )


def test_a_lane_runs_in_the_direction_of_travel() -> None:
    (lane,) = merged_lanes([LineString(TRUNK[::-1])], [4])
    assert list(lane.line.coords) == TRUNK[::-1]
    assert not lane.opposed


def test_routes_that_meet_head_on_have_a_lane_each_in_their_own_direction() -> None:
    lines = [LineString(TRUNK), LineString(TRUNK[::-1])]
    lanes = {lane.numbers: lane for lane in merged_lanes(lines, [1, 2])}
    assert sorted(lanes) == [(1,), (2,)]
    for line, lane in zip(lines, (lanes[1,], lanes[2,]), strict=True):
        assert lane.opposed
        assert list(lane.line.coords) == list(line.coords)
        moved = at_right(lane.line, 4.0)
        assert moved.coords[0] == line.coords[0]
        assert moved.coords[-1] == line.coords[-1]
        middle = moved.interpolate(0.25, normalized=True)
        assert middle.distance(line) == pytest.approx(4.0, abs=0.2)
        ahead = np.subtract(line.coords[1], line.coords[0])
        aside = np.subtract(middle.coords[0], line.coords[0])
        assert ahead[0] * aside[1] - ahead[1] * aside[0] < 0, "right of the way"


def test_a_way_out_and_back_again_is_travelled_both_ways() -> None:
    there = LineString([(0, 0), (50, 0), (100, 0), (50, 0), (50, 80)])
    lanes = merged_lanes([there], [7])
    spur = [lane for lane in lanes if lane.line.bounds[0] == 50.0 and lane.opposed]
    assert sorted(lane.line.coords[0] for lane in spur) == [(50, 0), (100, 0)]


def test_a_pair_of_lanes_does_not_hide_a_third_route() -> None:
    lines = [LineString(TRUNK), LineString(TRUNK), LineString(TRUNK[::-1])]
    lanes = merged_lanes(lines, [1, 2, 3])
    assert sorted(lane.numbers for lane in lanes) == [(1, 2), (3,)]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5, unique=True))
@settings(max_examples=25, deadline=None)
def test_every_route_is_covered_by_its_lanes(starts: list[int]) -> None:
    lines = [LineString([(start * 7.0, 90.0 + start), *TRUNK]) for start in starts]
    lanes = merged_lanes(lines, starts)
    for line, number in zip(lines, starts, strict=True):
        mine = shapely.union_all(
            [lane.line for lane in lanes if number in lane.numbers]
        )
        assert line.hausdorff_distance(mine) < 0.5


def test_a_backup_on_a_taken_road_moves_aside() -> None:
    lanes = merged_lanes([LineString(TRUNK)], [1])
    moved = beside([LineString(TRUNK)], lanes, offset=5.0)
    assert all(line.distance(LineString(TRUNK)) > 3 for line in moved)
    left = beside([LineString(TRUNK)], lanes, offset=-5.0)
    assert all(line.distance(one) > 8 for line, one in zip(moved, left, strict=True))
    free = beside([LineString(TRUNK)], [], offset=5.0)
    assert free[0].equals(LineString(TRUNK))


def test_a_backup_that_joins_a_road_and_leaves_it_stays_one_line() -> None:
    way = LineString([(100, 90), (100, 0), (200, 0), (200, -90)])
    lanes = merged_lanes([LineString([(0, 0), (300, 0)])], [1])
    (moved,) = beside([way], lanes, offset=6.0)
    assert moved.geom_type == "LineString"
    assert moved.length < way.length + 30.0
    along = moved.interpolate(0.5, normalized=True)
    assert along.y == pytest.approx(-6.0, abs=0.01)
    crossing = LineString([(150, 90), (150, -90)])
    (same,) = beside([crossing], lanes, offset=6.0)
    assert same.hausdorff_distance(crossing) < 1e-6


def test_a_backup_keeps_off_both_lanes_of_a_road() -> None:
    lines = [LineString(TRUNK), LineString(TRUNK[::-1])]
    lanes = merged_lanes(lines, [1, 2])
    (moved,) = beside([LineString(TRUNK)], lanes, offset=5.0, apart=3.0)
    assert moved.distance(LineString(TRUNK)) == pytest.approx(8.0, abs=0.5)


def test_arrows_point_along_the_way_and_follow_turns() -> None:
    line = LineString([(0, 0), (100, 0), (100, 100)])
    arrows = arrows_along(line, every=80.0, first=10.0)
    for x, y, angle in arrows:
        assert line.distance(shapely.Point(x, y)) < 1e-6
        assert angle == pytest.approx(0 if y < 1 else 90, abs=46)
    assert any(y > 0 and y < 20 for _, y, _ in arrows)
    number = shapely.Point(50, 0).buffer(8)
    (hidden,) = arrows_along(LineString([(0, 0), (100, 0)]), every=80.0, first=10.0)
    (beyond,) = arrows_along(
        LineString([(0, 0), (100, 0)]), every=80.0, first=10.0, taken=number
    )
    assert number.covers(shapely.Point(hidden[:2]))
    assert not number.covers(shapely.Point(beyond[:2]))
    assert arrows_along(LineString([(0, 0), (5, 0)]), every=80, first=10) == []


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([1], "1"), ([1, 2], "1、2"), ([1, 2, 3, 5], "1-3、5"), ([2, 4, 6], "2、4、6")],
)
def test_numbers_are_written_shortly(numbers: list[int], text: str) -> None:
    assert number_ranges(numbers) == text


@given(
    st.lists(st.tuples(st.floats(20, 180), st.floats(20, 130)), min_size=1, max_size=40)
)
@settings(max_examples=25, deadline=None)
def test_labels_that_need_not_be_there_never_overlap(
    anchors: list[tuple[float, float]],
) -> None:
    labels = [
        Label(key, key % 7, point_candidates(at, (22.0, 3.2), clear=2.0), must=False)
        for key, at in enumerate(anchors)
    ]
    placed = place_labels(
        labels, frame=(200.0, 150.0), solid=np.zeros((0, 4)), soft=np.zeros((0, 5))
    )
    boxes = np.vstack([one.candidate.boxes for one in placed])
    shared = overlaps(boxes, boxes)
    np.fill_diagonal(shared, 0)
    assert shared.sum() == 0
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= (200, 150)).all()


def test_the_higher_priority_wins_the_better_place() -> None:
    at = (50.0, 50.0)
    labels = [
        Label(0, 1, point_candidates(at, (20.0, 3.0), clear=2.0), must=False),
        Label(1, 9, point_candidates(at, (20.0, 3.0), clear=2.0), must=False),
    ]
    placed = {
        one.key: one.candidate
        for one in place_labels(
            labels, frame=(100, 100), solid=np.zeros((0, 4)), soft=np.zeros((0, 5))
        )
    }
    assert placed[1].cost < placed[0].cost


def test_a_text_along_a_line_never_stands_on_its_head() -> None:
    for turn in np.linspace(0, 2 * np.pi, 17):
        ends = 60.0 * np.array([[0, 0], [np.cos(turn), np.sin(turn)]])
        for one in line_candidates(ends, (20.0, 3.0)):
            assert -90 < one.angle <= 90
    assert line_candidates(np.array([[0.0, 0.0], [5.0, 0.0]]), (20.0, 3.0)) == ()


def test_numbers_spread_apart_and_those_alone_stay() -> None:
    xy = np.array([[10.0, 10.0], [10.0, 10.0], [11.0, 10.0], [50.0, 50.0]])
    moved = spread(xy, np.array([2.5, 2.5, -2.5, 2.5]), most=9.0)
    gaps = np.hypot(*(moved[:, None] - moved[None, :]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, 99)
    assert gaps.min() > 4.0
    assert (moved[2:] == xy[2:]).all()
