"""Labels that do not overlap: candidates, greedy choice, then improvement.

All lengths are millimetres on paper, y upwards from the map's lower left
corner; a label's box comes from the widths of the font's characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from riskmap.publish.labelplaces import Candidate

    FloatArray = NDArray[np.float64]

__all__ = ["Label", "Placed", "overlaps", "place_labels", "spread"]

_SWEEPS = 3
_PUSHES = 40
_HARD = 1e6
_HIDES, _HIDES_WAY = 1000.0, 300.0
_EDGE_MM = 0.5


@dataclass(frozen=True, slots=True)
class Label:
    """A text that wants a place.

    Parameters
    ----------
    key
        Whatever the caller recognises it by.
    priority
        The higher one chooses first.
    candidates
        Its possible places.
    must
        Whether it has to be printed even where there is no free place.
    """

    key: int
    priority: int
    candidates: tuple[Candidate, ...]
    must: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A label with its place.

    Parameters
    ----------
    key
        The key of the label.
    candidate
        The place.
    """

    key: int
    candidate: Candidate


def place_labels(
    labels: Sequence[Label],
    *,
    frame: tuple[float, float],
    solid: FloatArray,
    soft: FloatArray,
    barred: FloatArray | None = None,
) -> list[Placed]:
    """Choose a place for every label so that none overlaps another.

    Parameters
    ----------
    labels
        What wants a place.
    frame
        Width and height of the map.
    solid
        Boxes that no label may cover: symbols, numbers.
    soft
        Rows of a box and a cost: what a label had better not cover.
    barred
        Boxes along the routes, which no label may cover either; where one that
        must be there has no free place, it covers these before symbols.

    Returns
    -------
    list of Placed
        Without the labels that found no free place, unless they must be there;
        those take the place with the least overlap.
    """
    order = sorted(range(len(labels)), key=lambda one: (-labels[one].priority, one))
    weighed = _weighed(solid, barred)
    own = {
        one: _own_places(labels[one], frame=frame, solid=weighed, soft=soft)
        for one in order
    }
    chosen: dict[int, int] = {}
    for _ in range(_SWEEPS):
        changed = False
        for one in order:
            best = _choose(one, labels, own=own, chosen=chosen)
            if best != chosen.get(one):
                changed = True
                if best is None:
                    chosen.pop(one, None)
                else:
                    chosen[one] = best
        if not changed:
            break
    return [
        Placed(labels[one].key, labels[one].candidates[chosen[one]])
        for one in order
        if one in chosen
    ]


def spread(xy: FloatArray, half: FloatArray, *, most: float) -> FloatArray:
    """Push symbols apart that would cover one another.

    Parameters
    ----------
    xy
        The middles, millimetres.
    half
        Half the size of each, millimetres; those that may not move come with a
        negative sign.
    most
        How far a symbol may be moved, millimetres.

    Returns
    -------
    numpy.ndarray
        The new middles; the same as before where nothing overlaps.
    """
    moved = xy.astype(float).copy()
    free = half > 0
    reach = np.abs(half)[:, None] + np.abs(half)[None, :]
    for _ in range(_PUSHES):
        away = moved[:, None, :] - moved[None, :, :]
        gap = np.hypot(away[..., 0], away[..., 1])
        np.fill_diagonal(gap, np.inf)
        push = np.clip(reach - gap, 0.0, None)
        if not push.any():
            break
        same = gap < 1e-6  # noqa: PLR2004
        turn = np.arange(len(xy)) * 2.399963
        fallback = np.column_stack([np.cos(turn), np.sin(turn)])
        way = np.where(
            same[..., None],
            fallback[:, None, :],
            away / np.maximum(gap, 1e-6)[..., None],
        )
        weight = np.where(free[None, :], 0.5, 1.0)
        step = (way * (push * weight)[..., None]).sum(axis=1)
        moved[free] += 0.6 * step[free]
        shift = moved - xy
        far = np.hypot(shift[:, 0], shift[:, 1])
        scale = np.minimum(1.0, most / np.maximum(far, 1e-9))
        moved = xy + shift * scale[:, None]
    return moved


def overlaps(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the areas that two sets of boxes share.

    Parameters
    ----------
    first, second
        Rows of ``(minx, miny, maxx, maxy)``.

    Returns
    -------
    numpy.ndarray
        Areas, one row for each of `first`, one column for each of `second`.
    """
    wide = np.minimum(first[:, None, 2], second[None, :, 2]) - np.maximum(
        first[:, None, 0], second[None, :, 0]
    )
    high = np.minimum(first[:, None, 3], second[None, :, 3]) - np.maximum(
        first[:, None, 1], second[None, :, 1]
    )
    shared: FloatArray = np.clip(wide, 0, None) * np.clip(high, 0, None)
    return shared


def _weighed(solid: FloatArray, barred: FloatArray | None) -> FloatArray:
    """Put the boxes that may not be covered together, with the cost of an area."""
    parts = [np.column_stack([solid, np.full(len(solid), _HIDES)])]
    if barred is not None and len(barred):
        parts.append(np.column_stack([barred, np.full(len(barred), _HIDES_WAY)]))
    return np.vstack(parts)


class _Places(NamedTuple):
    """The possible places of a label: all their boxes, and what each place costs."""

    boxes: FloatArray
    starts: NDArray[np.intp]
    costs: FloatArray

    def weighed(self, others: FloatArray) -> FloatArray:
        """Return for each place what it covers of boxes with a cost of their area."""
        shared = overlaps(self.boxes, others[:, :4]) * others[None, :, 4]
        each: FloatArray = np.add.reduceat(shared.sum(axis=1), self.starts)
        return each


def _own_places(
    label: Label, *, frame: tuple[float, float], solid: FloatArray, soft: FloatArray
) -> _Places | None:
    """Return the places of a label, with their costs before others are counted."""
    if not label.candidates:
        return None
    boxes = np.vstack([one.boxes for one in label.candidates])
    counts = [len(one.boxes) for one in label.candidates]
    starts = np.cumsum([0, *counts[:-1]])
    costs = np.array([one.cost for one in label.candidates], dtype=float)
    places = _Places(boxes, starts, costs)
    out = (boxes[:, :2] < _EDGE_MM) | (boxes[:, 2:] > np.asarray(frame) - _EDGE_MM)
    costs += 10 * _HARD * np.logical_or.reduceat(out.any(axis=1), starts)
    hidden = places.weighed(solid)
    costs += _HARD * (hidden > 0) + hidden + places.weighed(soft)
    return places


def _choose(
    one: int,
    labels: Sequence[Label],
    *,
    own: Mapping[int, _Places | None],
    chosen: Mapping[int, int],
) -> int | None:
    """Choose the cheapest place of a label, given where the others are."""
    places = own[one]
    if places is None:
        return None
    costs = places.costs
    taken = [
        labels[other].candidates[index].boxes
        for other, index in chosen.items()
        if other != one
    ]
    if taken:
        boxes = np.vstack(taken)
        weights = np.full(len(boxes), _HIDES)
        hidden = places.weighed(np.column_stack([boxes, weights]))
        costs = costs + _HARD * (hidden > 0) + hidden
    best = int(np.argmin(costs))
    if costs[best] >= _HARD and not labels[one].must:
        return None
    return None if costs[best] >= 10 * _HARD else best
