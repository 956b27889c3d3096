"""Polylines as ragged arrays: all vertices in one array, offsets in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = [
    "Lines",
    "along",
    "lines_of",
    "ranges",
    "reversed_rows",
    "split",
    "subset",
    "to_linestrings",
]

_SAME_M = 1e-9


class Lines(NamedTuple):
    """Polylines: row i holds ``xy[start[i]:start[i + 1]]``."""

    start: IntArray
    xy: FloatArray

    def rows(self) -> IntArray:
        """Return the row of each vertex."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def steps(self) -> FloatArray:
        """Return the distance of each vertex from the one before in its row."""
        step = np.zeros(len(self.xy))
        if len(self.xy) > 1:
            x, y = self.xy.T
            step[1:] = np.hypot(x[1:] - x[:-1], y[1:] - y[:-1])
        step[self.start[:-1]] = 0.0
        return step

    def measures(self) -> FloatArray:
        """Return the distance of each vertex along its row, from its start."""
        total = np.cumsum(self.steps())
        return total - np.repeat(total[self.start[:-1]], np.diff(self.start))

    def lengths(self) -> FloatArray:
        """Return the length of each row."""
        return (
            np.add.reduceat(self.steps(), self.start[:-1])
            if len(self.xy)
            else (np.zeros(0))
        )


def ranges(first: IntArray, count: IntArray) -> IntArray:
    """Return ``first[i], first[i] + 1, ...`` for each i, joined."""
    total = int(count.sum())
    skipped = np.repeat(first - np.r_[0, np.cumsum(count)[:-1]], count)
    return np.asarray(np.arange(total) + skipped, dtype=np.int64)


def lines_of(geometry: NDArray) -> Lines:
    """Read LineStrings into ragged arrays; Z is dropped."""
    xy, row = shapely.get_coordinates(geometry, return_index=True)
    count = np.bincount(row, minlength=len(geometry))
    return Lines(np.r_[0, np.cumsum(count)].astype(np.int64), xy)


def to_linestrings(lines: Lines) -> NDArray:
    """Return shapely LineStrings, one a row."""
    if len(lines.start) == 1:
        return np.empty(0, dtype=object)
    return np.asarray(shapely.linestrings(lines.xy, indices=lines.rows()))


def subset(lines: Lines, rows: IntArray) -> Lines:
    """Return some of the rows, in the order asked for."""
    count = np.diff(lines.start)[rows]
    taken = ranges(lines.start[rows], count)
    return Lines(np.r_[0, np.cumsum(count)].astype(np.int64), lines.xy[taken])


def reversed_rows(lines: Lines, turn: NDArray[np.bool_]) -> Lines:
    """Turn some rows round."""
    count = np.diff(lines.start)
    place = ranges(np.zeros(len(count), dtype=np.int64), count)
    back = np.repeat(lines.start[1:] - 1, count) - place
    ahead = np.repeat(lines.start[:-1], count) + place
    return Lines(lines.start, lines.xy[np.where(np.repeat(turn, count), back, ahead)])


def along(lines: Lines, row: IntArray, distance: FloatArray) -> FloatArray:
    """Return the points at distances along rows; beyond an end, that end."""
    measure = lines.measures()
    longest = float(measure.max(initial=0.0)) + 1.0
    key = measure + lines.rows() * longest
    wanted = np.clip(distance, 0.0, measure[lines.start[row + 1] - 1])
    after = np.searchsorted(key, wanted + row * longest, side="left")
    after = np.clip(after, lines.start[row] + 1, lines.start[row + 1] - 1)
    step = measure[after] - measure[after - 1]
    share = np.divide(
        wanted - measure[after - 1], step, out=np.zeros(len(row)), where=step > 0
    )
    share = np.clip(share, 0.0, 1.0)[:, None]
    point: FloatArray = lines.xy[after - 1] * (1 - share) + lines.xy[after] * share
    return point


def split(
    lines: Lines, row: IntArray, distance: FloatArray, *, xy: FloatArray | None = None
) -> tuple[Lines, IntArray, FloatArray]:
    """Cut rows at distances along them.

    Returns the pieces in order along each row, the row each came from, and the
    distance along that row at which it begins. Cuts at an end, or twice at the
    same distance, cut once or not at all. `xy` gives the exact points of the
    cuts where they are known better than from the distance.
    """
    length = lines.lengths()
    order = np.lexsort((distance, row))
    row, distance = row[order], distance[order]
    inside = (distance > _SAME_M) & (distance < length[row] - _SAME_M)
    new = np.ones(len(row), dtype=bool)
    new[1:] = (row[1:] != row[:-1]) | (distance[1:] - distance[:-1] > _SAME_M)
    keep = inside & new
    points = along(lines, row, distance) if xy is None else xy[order]
    row, distance, points = row[keep], distance[keep], points[keep]
    return _cut(lines, row, distance, points=points)


def _cut(
    lines: Lines, row: IntArray, distance: FloatArray, *, points: FloatArray
) -> tuple[Lines, IntArray, FloatArray]:
    """Cut at clean, sorted places: each cut ends one piece and begins the next."""
    measure, rows = lines.measures(), lines.rows()
    every_row = np.concatenate([rows, row, row])
    every_m = np.concatenate([measure, distance, distance])
    flag = np.zeros(len(every_row), dtype=np.int8)
    flag[len(rows) : len(rows) + len(row)] = 1
    flag[len(rows) + len(row) :] = 2
    xy = np.concatenate([lines.xy, points, points])
    # A vertex just at a cut would repeat it: flag 0 sorts before, and is dropped.
    order = np.lexsort((flag, every_m, every_row))
    every_row, every_m, flag, xy = (
        every_row[order],
        every_m[order],
        flag[order],
        xy[order],
    )
    first = np.zeros(len(flag), dtype=bool)
    first[np.searchsorted(every_row, np.arange(len(lines.start) - 1))] = True
    begins = first | (flag == 2)  # noqa: PLR2004
    twin = np.zeros(len(flag), dtype=bool)
    close = np.diff(every_m) <= _SAME_M
    twin[:-1] |= close & (flag[:-1] == 0) & (flag[1:] == 1) & ~first[:-1]
    twin[1:] |= close & (flag[:-1] == 2) & (flag[1:] == 0)  # noqa: PLR2004
    keep = ~twin
    starts = np.flatnonzero(begins[keep])
    start = np.r_[starts, int(keep.sum())].astype(np.int64)
    return Lines(start, xy[keep]), every_row[keep][starts], every_m[keep][starts]
