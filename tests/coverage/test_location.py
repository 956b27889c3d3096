"""Siting proven: brute force on small cases, published optima on large ones."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from riskmap.coverage.location import maximal_cover, set_cover
from riskmap.coverage.median import p_median
from riskmap.errors import LayerError

ORLIB = Path(__file__).parents[3] / "shared/data/orlib/pmed"
QUICK = (1, 2, 5, 11)
LONG = tuple(number for number in range(1, 21) if number not in QUICK)

SEEDS = st.integers(0, 10_000)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    demand, sites = rng.integers(1, 8), rng.integers(1, 7)
    cost = rng.integers(1, 30, (demand, sites)).astype(float)
    cost[rng.random(cost.shape) < 0.25] = np.inf
    weight = rng.integers(0, 9, demand).astype(float)
    locked = np.flatnonzero(rng.random(sites) < 0.2)
    return cost, weight, locked


def subsets(sites: int, locked: np.ndarray, count: int) -> list[list[int]]:
    free = [site for site in range(sites) if site not in set(locked.tolist())]
    return [
        sorted([*locked.tolist(), *some])
        for size in range(min(count, len(free)) + 1)
        for some in itertools.combinations(free, size)
    ]


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_set_cover_is_smallest(seed: int) -> None:
    cost, _, locked = drawn(seed)
    reached = cost <= 15
    found = set_cover(reached, locked=locked)
    able = reached.any(axis=1)
    best = min(
        len(some)
        for some in subsets(cost.shape[1], locked, cost.shape[1])
        if reached[:, some].any(axis=1)[able].all()
    )
    assert found.value == found.bound == len(found.sites) == best
    assert set(locked) <= set(found.sites)
    assert found.unserved.tolist() == np.flatnonzero(~able).tolist()


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, count=st.integers(0, 4))
def test_maximal_cover_is_largest(seed: int, count: int) -> None:
    cost, weight, locked = drawn(seed)
    reached = cost <= 15
    found = maximal_cover(reached, weight, count=count, locked=locked)
    best = max(
        weight[reached[:, some].any(axis=1)].sum() if some else 0.0
        for some in subsets(cost.shape[1], locked, count)
    )
    assert found.value == pytest.approx(best)
    assert found.gap == pytest.approx(0, abs=1e-6)
    assert len(found.sites) <= len(locked) + count


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, count=st.integers(1, 4))
def test_p_median_is_cheapest_and_serves_most(seed: int, count: int) -> None:
    cost, weight, locked = drawn(seed)
    found = p_median(cost, weight, count=count, locked=locked)
    asked = (weight > 0) & np.isfinite(cost).any(axis=1)
    dear = cost[asked][np.isfinite(cost[asked])].max(initial=0) * 10 + 1

    def price(some: list[int]) -> float:
        best = cost[asked][:, some].min(axis=1, initial=np.inf)
        return float((weight[asked] * np.where(np.isfinite(best), best, dear)).sum())

    best = min(price(some) for some in subsets(cost.shape[1], locked, count))
    assert price(found.sites.tolist()) == pytest.approx(best)
    if not len(found.unserved):
        assert found.value == pytest.approx(best)
        assert found.gap == pytest.approx(0, abs=1e-6)


def test_demand_nobody_reaches_is_named_not_infeasible() -> None:
    cost = np.array([[1.0, 5.0], [np.inf, np.inf], [4.0, 2.0]])
    assert set_cover(cost <= 3).unserved.tolist() == [1]
    assert p_median(cost, np.ones(3), count=2).unserved.tolist() == [1]
    assert maximal_cover(cost <= 3, np.ones(3), count=2).unserved.tolist() == [1]
    nothing = set_cover(np.zeros((2, 3), dtype=bool))
    assert (nothing.value, nothing.unserved.tolist()) == (0, [0, 1])


@pytest.mark.parametrize("count", [-1, -5])
def test_a_negative_count_is_refused(count: int) -> None:
    with pytest.raises(LayerError, match="open 0 sites or more"):
        p_median(np.ones((2, 2)), np.ones(2), count=count)


def pmed(number: int) -> tuple[np.ndarray, int, float]:
    """Read a p-median problem; of repeated edges the last one counts."""
    path = ORLIB / f"pmed{number}.txt"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    numbers = np.array(path.read_text(encoding="ascii").split(), dtype=int)
    nodes, edges, count = numbers[:3]
    lengths = {}
    for one, other, length in numbers[3 : 3 + 3 * edges].reshape(-1, 3).tolist():
        lengths[min(one, other) - 1, max(one, other) - 1] = length
    ends = np.array(list(lengths))
    graph = csr_array(
        (list(lengths.values()), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes)
    )
    known = (ORLIB / "pmedopt.txt").read_text(encoding="ascii").split()
    best = float(known[known.index(f"pmed{number}") + 1])
    return dijkstra(graph, directed=False), int(count), best


@pytest.mark.real
@pytest.mark.parametrize(
    "number",
    [
        *QUICK,
        *(pytest.param(one, marks=pytest.mark.large) for one in LONG),
    ],
)
def test_published_optima_are_proven(number: int) -> None:
    cost, count, best = pmed(number)
    found = p_median(cost, np.ones(len(cost)), count=count)
    assert found.value == best
    assert found.bound == pytest.approx(best, abs=1e-3)


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (0, 3), (2, 2)])
def test_maximal_cover_of_nobody_opens_what_is_locked(shape: tuple[int, int]) -> None:
    locked = np.arange(min(1, shape[1]))
    found = maximal_cover(
        np.zeros(shape, dtype=bool), np.ones(shape[0]), count=1, locked=locked
    )
    assert found.sites.tolist() == locked.tolist()
    assert found.unserved.tolist() == list(range(shape[0]))
    assert (found.value, found.gap) == (0, 0)
