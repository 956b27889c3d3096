"""How good the plans are: published optima, and a seeded county of hard cases."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap.evacuation import Limits, assign
from riskmap.evacuation.bound import priced_bound
from riskmap.evacuation.greedy import place_by_regret
from riskmap.evacuation.whole import whole_groups_bound

HOLMBERG = Path(__file__).parents[3] / "shared/data/orlib/sscflp/Lib_2"


def holmberg(name: str) -> dict[str, np.ndarray]:
    """Read one set: room and opening of shelters, people, costs by customer."""
    numbers = [float(one) for one in (HOLMBERG / name).read_text().split()]
    shelters, groups = int(numbers[0]), int(numbers[1])
    parts = np.split(np.array(numbers[2:]), np.cumsum([shelters, shelters, groups]))
    costs = parts[3].reshape(groups, shelters)
    return {
        "capacity": parts[0], "opening": parts[1], "people": parts[2], "costs": costs
    }  # fmt: skip


def county(
    groups: int, shelters: int, *, follows: bool, spare: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Groups and shelters on a square; beds follow the demand, or do not."""
    rng = np.random.default_rng(0)
    here, there = rng.random((groups, 2)), rng.random((shelters, 2))
    minutes = np.hypot(*(here[:, None] - there).transpose(2, 0, 1)) * 120 + 2
    if follows:
        people = rng.integers(5, 81, groups)
        demand = np.bincount(minutes.argmin(axis=1), people, minlength=shelters)
        room = (demand + 20) * rng.uniform(0.6, 1.4, shelters)
    else:
        people = np.minimum(200, rng.lognormal(3.5, 0.7, groups)).astype(int) + 5
        room = rng.lognormal(0, 0.6, shelters)
    room = np.floor(room / room.sum() * people.sum() * (1 + spare))
    return minutes * people[:, None], people, room


@pytest.mark.slow
@pytest.mark.parametrize(
    ("follows", "spare", "gap"),
    [(True, 0.10, 0.01), (True, 0.02, 0.06), (False, 0.10, 0.06), (False, 0.02, 0.06)],
)
def test_two_thousand_groups_within_the_gap(
    *, follows: bool, spare: float, gap: float
) -> None:
    costs, people, room = county(2_000, 200, follows=follows, spare=spare)
    found = assign(costs, people, room, limits=Limits(moves=10_000))
    assert found.placed_people == found.most_people
    assert found.gap <= gap


@pytest.mark.large
def test_twenty_thousand_groups_within_the_gap() -> None:
    costs, people, room = county(20_000, 2_000, follows=True, spare=0.10)
    found = assign(costs, people, room)
    assert found.placed_people == found.most_people == people.sum()
    assert 0 <= found.gap <= 0.01


@given(
    seed=st.integers(0, 10_000), groups=st.integers(1, 5), shelters=st.integers(1, 3)
)
def test_the_bound_of_whole_groups_is_a_bound_and_no_worse_than_the_relaxed(
    seed: int, groups: int, shelters: int
) -> None:
    rng = np.random.default_rng(seed)
    people = rng.integers(1, 9, groups)
    room = rng.integers(0, 15, shelters).astype(float)
    costs = rng.uniform(1, 50, (groups, shelters)) * people[:, None]
    costs[rng.random(costs.shape) < 0.2] = np.inf
    price = 100.0
    best = np.inf
    for plan in product(range(-1, shelters), repeat=groups):
        at = np.array(plan)
        placed = at >= 0
        load = np.bincount(at[placed], people[placed], minlength=shelters)
        if (load <= room).all():
            paid = costs[np.flatnonzero(placed), at[placed]].sum()
            best = min(best, paid + price * people[~placed].sum())
    relaxed = priced_bound(costs, people, room, price=price)
    whole = whole_groups_bound(
        costs, people, room, price=price, room_price=relaxed.room_price, reached=best
    )
    assert relaxed.bound <= best * (1 + 1e-9)
    assert relaxed.bound * (1 - 1e-9) <= whole <= best * (1 + 1e-9)


def test_never_worse_than_greedy_and_the_same_twice() -> None:
    costs, people, room = county(150, 20, follows=False, spare=-0.05)
    found = assign(costs, people, room, limits=Limits(exact_pairs=0, moves=500))
    again = assign(costs, people, room, limits=Limits(exact_pairs=0, moves=500))
    greedy = place_by_regret(
        np.where(people[:, None] > room, np.inf, costs), people, room
    )
    assert (found.shelter == again.shelter).all()
    assert found.placed_people >= people[greedy >= 0].sum()
    assert found.placed_people <= found.most_people <= room.sum()
    assert 0 <= found.bound <= found.cost


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.skipif(not HOLMBERG.exists(), reason="../shared/data is not there")
@pytest.mark.parametrize("number", range(1, 25))
def test_holmbergs_optima(number: int) -> None:
    optimum = float((HOLMBERG / "os").read_text().split()[number - 1])
    problem = holmberg(f"p{number}")
    found = assign(**problem)
    assert found.cost == pytest.approx(optimum)
    assert found.proven
