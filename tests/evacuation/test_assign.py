from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from riskmap.errors import PlanError
from riskmap.evacuation import Limits, assign
from riskmap.evacuation.greedy import place_by_regret

GROUPS, SHELTERS = 5, 3


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    costs = draw(
        hnp.arrays(float, (GROUPS, SHELTERS), elements=st.integers(1, 60).map(float))
    )
    shut = draw(hnp.arrays(bool, (GROUPS, SHELTERS)))
    people = draw(hnp.arrays(np.int64, GROUPS, elements=st.integers(0, 40)))
    room = draw(hnp.arrays(float, SHELTERS, elements=st.integers(0, 90).map(float)))
    return np.where(shut, np.inf, costs), people, room


def best_by_trying(
    costs: np.ndarray, people: np.ndarray, room: np.ndarray
) -> tuple[int, float]:
    best = (-1, np.inf)
    for choice in product(range(-1, SHELTERS), repeat=GROUPS):
        shelter = np.array(choice)
        placed = shelter >= 0
        load = np.bincount(shelter[placed], people[placed], minlength=SHELTERS)
        cost = float(costs[np.flatnonzero(placed), shelter[placed]].sum())
        if (load <= room).all() and np.isfinite(cost):
            # Groups of nobody are not compared: placing them is free of gain.
            best = max(best, (int(people[placed].sum()), -cost))
    return best[0], -best[1]


@given(problems())
@settings(max_examples=25, deadline=None)
def test_places_most_people_as_trying_everything_does(
    problem: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    costs, people, room = problem
    people = np.maximum(people, 1)
    found = assign(costs, people, room)
    most, cost = best_by_trying(costs, people, room)
    assert found.placed_people == most
    assert found.cost == pytest.approx(cost)
    assert found.proven


@given(problems(), st.integers(0, SHELTERS - 1), st.integers(1, 50))
@settings(max_examples=40, deadline=None)
def test_more_beds_never_lower_the_number_placed(
    problem: tuple[np.ndarray, np.ndarray, np.ndarray], shelter: int, more: int
) -> None:
    costs, people, room = problem
    before = assign(costs, people, room).placed_people
    room = room.copy()
    room[shelter] += more
    assert assign(costs, people, room).placed_people >= before


@given(problems())
@settings(max_examples=60, deadline=None)
def test_no_shelter_takes_more_than_it_has_room_for(
    problem: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    costs, people, room = problem
    for shelter in (
        assign(costs, people, room).shelter,
        place_by_regret(costs, people, room),
    ):
        placed = shelter >= 0
        load = np.bincount(shelter[placed], people[placed], minlength=SHELTERS)
        assert (load <= room).all()
        assert np.isfinite(costs[np.flatnonzero(placed), shelter[placed]]).all()


def test_everyone_takes_the_nearest_when_it_has_room() -> None:
    found = assign([[1, 2], [3, 1]], [5, 5], [9, 9])
    assert found.shelter.tolist() == [0, 1]
    assert found.gap == 0


def test_unknown_room_takes_nobody() -> None:
    assert assign([[1.0]], [5], [np.nan]).shelter.tolist() == [-1]


def test_a_group_is_never_split() -> None:
    found = assign([[1, 1]], [10], [6, 6])
    assert found.placed_people == 0
    assert found.proven


def test_pinned_groups_come_first() -> None:
    found = assign([[1, 9], [1, 9]], [10, 10], [10, 10], pinned=[-1, 0])
    assert found.shelter.tolist() == [1, 0]


def test_a_pinned_group_that_finds_no_room_stays_unplaced() -> None:
    found = assign([[1, 9], [1, 9]], [10, 10], [10, 10], pinned=[0, 0])
    assert found.shelter.tolist() == [0, -1]


def test_opening_a_shelter_may_not_be_worth_it() -> None:
    found = assign([[5, 1], [5, 1]], [1, 1], [9, 9], opening=[0, 100])
    assert found.shelter.tolist() == [0, 0]
    assert found.cost == 10


@pytest.mark.parametrize(
    ("people", "match"),
    [([5, -1], "1 of 2 groups have negative"), ([5], "costs have shape")],
)
def test_arrays_that_make_no_sense_are_refused(people: list[int], match: str) -> None:
    with pytest.raises(PlanError, match=match):
        assign([[1.0], [2.0]], people, [9])


@pytest.mark.parametrize(("groups", "shelters"), [(0, 2), (2, 0), (0, 0)])
def test_nobody_or_nowhere(groups: int, shelters: int) -> None:
    found = assign(np.ones((groups, shelters)), np.ones(groups), np.ones(shelters))
    assert found.shelter.tolist() == [-1] * groups
    assert found.placed_people == 0


def test_a_county_that_is_short_of_beds_states_its_gap() -> None:
    rng = np.random.default_rng(7)
    people = rng.integers(5, 60, 80)
    costs = rng.uniform(1, 60, (80, 10)) * people[:, None]
    room = np.full(10, people.sum() * 0.9 // 10)
    found = assign(costs, people, room, limits=Limits(gap=0.01, nodes=20))
    assert found.placed_people <= found.most_people <= room.sum()
    assert found.bound <= found.cost
    assert found.placed_people >= 0.97 * room.sum()
