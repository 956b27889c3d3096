"""Whether a whole layer lies off by one short step, as an old datum makes it.

Steps of many lengths and directions are tried. Each fifth of the points is
judged by the step that suits the other four best, so that what chance finds
for some points does not help the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.census.ledger import rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.census.surroundings import Surroundings

    FloatArray = NDArray[np.float64]

__all__ = ["Drift", "find_drift"]

_DIRECTIONS = 16
_STEP_M = 40.0
_FINE_M = 10.0
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Drift:
    """How far all points of a layer lie off together.

    Attributes
    ----------
    east_m, north_m
        Where to they lie off; undoing it is the contrary step.
    before_m, after_m
        Mean misfit as they stand and after the step is undone.
    score
        How many standard errors the improvement is away from none.
    known
        Whether the points agree beyond doubt on one step, and it is as long
        as those between the datums of China; else nothing can be determined.
    """

    east_m: float
    north_m: float
    before_m: float
    after_m: float
    score: float
    known: bool


def find_drift(around: Surroundings, here: FloatArray) -> Drift | None:
    """Find one step that brings points to where they should be.

    Parameters
    ----------
    around
        What the points are measured against.
    here
        Metres, one row a point, in the order of `around`.

    Returns
    -------
    Drift or None
        None where standing still is as good.
    """
    limits = rule("datum_suspect")
    steps = _steps(limits["most_m"] + _STEP_M)
    costs = _costs(around, here, steps)
    use = np.isfinite(costs[0])
    costs = costs[:, use]
    best = int(np.argmin(costs.mean(axis=1)))
    if best == 0:
        return None
    chosen, gain = _held_out(costs)
    agree = np.hypot(*(steps[chosen] - steps[best]).T).max() <= 2 * _STEP_M
    error = float(np.std(gain, ddof=1)) / np.sqrt(len(gain))
    score = float(np.mean(gain)) / error if error > 0 else 0.0
    before, after = float(costs[0].mean()), float(costs[best].mean())
    left = after / before
    if score < limits["doubtful_score"] or left > limits["doubtful_left"]:
        return None
    better = score >= limits["least_score"] and left <= limits["most_left"]
    step = _refined(around, here, steps[best])
    length = float(np.hypot(*step))
    known = better and agree and limits["least_m"] <= length <= limits["most_m"]
    return Drift(-step[0], -step[1], before, after, score, bool(known))


def _steps(most_m: float) -> FloatArray:
    """Return the steps to try, metres east and north; standing still first."""
    turns = 2 * np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS
    ring = np.column_stack([np.cos(turns), np.sin(turns)])
    lengths = np.arange(_STEP_M, most_m + 1, _STEP_M)
    return np.vstack([np.zeros((1, 2)), *(ring * one for one in lengths)])


def _costs(around: Surroundings, here: FloatArray, steps: FloatArray) -> FloatArray:
    """Return the misfit of every point after every step."""
    cap = rule("datum_suspect")["cap_m"]
    return np.array([around.misfit(here + one, cap_m=cap) for one in steps])


def _held_out(costs: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Return the step that each fold is judged by and what points gain by it."""
    fold = np.arange(costs.shape[1]) % _FOLDS
    gain = np.empty(costs.shape[1])
    chosen = np.empty(_FOLDS, dtype=np.intp)
    for one in range(_FOLDS):
        out = fold == one
        chosen[one] = np.argmin(costs[:, ~out].mean(axis=1))
        gain[out] = costs[0, out] - costs[chosen[one], out]
    return chosen, gain


def _refined(around: Surroundings, here: FloatArray, step: FloatArray) -> FloatArray:
    """Return the best step near one, to ten metres."""
    span = np.arange(-_STEP_M / 2, _STEP_M / 2 + 1, _FINE_M)
    near = np.stack(np.meshgrid(span, span), axis=-1).reshape(-1, 2) + step
    found: FloatArray = near[np.argmin(np.nanmean(_costs(around, here, near), axis=1))]
    return found
