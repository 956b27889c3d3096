"""Courses: the steps of many routes in flat arrays, and the lines they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from riskmap.routing.pieces import cut_lines
from riskmap.routing.ragged import (
    Lines,
    ranges,
    reversed_rows,
    subset,
    to_linestrings,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing.network import Network
    from riskmap.routing.sides import Sides

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Courses", "Steps", "drawn", "joined_steps", "step_lines", "steps_of"]

_SAME_M = 1e-6


class Steps(NamedTuple):
    """Parts of edges in the order of travel, of many routes: `row` says whose.

    `begin` and `end` are fractions; a step runs against its edge where `end` is
    the smaller. Sorted by row.
    """

    row: IntArray
    edge: IntArray
    begin: FloatArray
    end: FloatArray

    def taken(self, wanted: NDArray[np.bool_] | IntArray) -> Steps:
        """Return some of the steps."""
        return Steps(
            self.row[wanted], self.edge[wanted], self.begin[wanted], self.end[wanted]
        )

    def bounds(self, rows: int) -> IntArray:
        """Return where the steps of each row begin, and where the last end."""
        return np.searchsorted(self.row, np.arange(rows + 1))

    def tuples(self, rows: int) -> list[tuple[tuple[int, float, float], ...]]:
        """Return (edge, from fraction, to fraction) of every step, by row."""
        flat = list(
            zip(self.edge.tolist(), self.begin.tolist(), self.end.tolist(), strict=True)
        )
        bound = self.bounds(rows).tolist()
        return [tuple(flat[bound[row] : bound[row + 1]]) for row in range(rows)]


class Courses(NamedTuple):
    """Routes of pairs: minutes (inf: none), metres (NaN: none), and steps.

    `late` marks pairs that have a route, but none within the limit.
    """

    minutes: FloatArray
    metres: FloatArray
    steps: Steps
    late: NDArray[np.bool_]


def steps_of(routes: list[tuple[tuple[int, float, float], ...]]) -> Steps:
    """Return the steps of routes given as tuples."""
    row = np.repeat(np.arange(len(routes)), [len(one) for one in routes])
    flat = np.array([step for one in routes for step in one], dtype=float)
    flat = flat.reshape(-1, 3)
    return Steps(row, flat[:, 0].astype(np.int64), flat[:, 1], flat[:, 2])


def joined_steps(*parts: Steps) -> Steps:
    """Put parts of routes one after the other; steps that lead nowhere go."""
    whole = Steps(*(np.concatenate(one) for one in zip(*parts, strict=True)))
    whole = whole.taken(whole.begin != whole.end)
    order = np.argsort(whole.row, kind="stable")
    return whole.taken(order)


def step_lines(network: Network, steps: Steps) -> Lines:
    """Return the vertices of each step in the direction of travel."""
    whole = np.abs(steps.end - steps.begin) == 1.0
    rest = steps.taken(~whole)
    part = pd.DataFrame({
        "edge": rest.edge, "begin": np.minimum(rest.begin, rest.end),
        "end": np.maximum(rest.begin, rest.end),
    })  # fmt: skip
    uncut, cut = subset(network.lines, steps.edge[whole]), cut_lines(network, part)
    start = np.r_[uncut.start, cut.start[1:] + len(uncut.xy)]
    place = np.where(whole, np.cumsum(whole), whole.sum() + np.cumsum(~whole)) - 1
    lines = subset(Lines(start, np.concatenate([uncut.xy, cut.xy])), place)
    return reversed_rows(lines, steps.begin > steps.end)


def drawn(
    network: Network, sides: Sides, steps: Steps,
    *, first: IntArray, second: IntArray, wanted: NDArray[np.bool_],
) -> NDArray:  # fmt: skip
    """Draw the routes that are wanted, access legs included; None for the others."""
    here, there = sides.places, sides.facilities
    some = np.flatnonzero(wanted)
    lines = step_lines(network, steps.taken(wanted[steps.row]))
    inner = np.repeat(steps.row[wanted[steps.row]], np.diff(lines.start))
    row = np.concatenate([some, some, inner, some, some])
    xy = np.concatenate([
        here.xy[first[some]], here.foot[first[some]], lines.xy,
        there.foot[second[some]], there.xy[second[some]],
    ])  # fmt: skip
    order = np.argsort(row, kind="stable")
    row, xy = row[order], xy[order]
    keep = np.ones(len(row), dtype=bool)
    keep[1:] = (np.hypot(*np.diff(xy, axis=0).T) > _SAME_M) | (row[1:] != row[:-1])
    row, xy = row[keep], xy[keep]
    count = np.bincount(row, minlength=len(wanted))
    start = np.r_[0, np.cumsum(count)].astype(np.int64)
    # Who is there already gets a line of two equal points.
    size = np.maximum(count, 2)[some]
    at = ranges(start[some], size)
    at = np.minimum(at, np.repeat(start[some + 1] - 1, size))
    made = np.full(len(wanted), None, dtype=object)
    made[some] = to_linestrings(Lines(np.r_[0, np.cumsum(size)], xy[at]))
    return made
