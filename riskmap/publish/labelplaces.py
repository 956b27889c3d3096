"""The places that a label may take: around a point, or along a line.

All lengths are millimetres on paper, y upwards from the map's lower left
corner; a label's box comes from the widths of the font's characters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = [
    "LEADER_MM",
    "Candidate",
    "line_candidates",
    "point_candidates",
    "told_apart",
]

LEADER_MM = 4.0
"""A label farther than this from its symbol gets a leader line."""
_AIR_MM = 0.3
_DOUBTFUL, _DOUBTFUL_LED = 25.0, 5.0
_RINGS = (0.7, 3.0, 6.0, 10.0, 15.0, 21.0)
_DIRECTIONS = (
    (1, 0.0),
    (1, 0.7),
    (1, -0.7),
    (-1, 0.0),
    (-1, 0.7),
    (-1, -0.7),
    (0, 1.0),
    (0, -1.0),
)
_BETWEEN = ((0.5, 1.0), (-0.5, 1.0), (0.5, -1.0), (-0.5, -1.0))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place that a label may take.

    Parameters
    ----------
    x, y
        The middle of the text.
    angle
        Degrees counter-clockwise.
    boxes
        What it covers: rows of ``(minx, miny, maxx, maxy)``.
    cost
        How far from ideal the place is in itself.
    leader
        Whether a leader line to the anchor is needed.
    """

    x: float
    y: float
    angle: float
    boxes: FloatArray
    cost: float
    leader: bool


def point_candidates(
    anchor: tuple[float, float],
    size: tuple[float, float],
    *,
    clear: float,
    more: bool = False,
) -> tuple[Candidate, ...]:
    """Return places around a symbol, the nearest to its right first.

    Parameters
    ----------
    anchor
        The middle of the symbol.
    size
        Width and height of the label.
    clear
        Half the size of the symbol; 0 for none, and then the label may stand on
        the anchor itself.
    more
        Whether to try places between the eight directions too.

    Returns
    -------
    tuple of Candidate
        Eight directions, or twelve, at six distances.
    """
    found = []
    width, height = size
    if clear <= 0:
        found.append(_upright(anchor, size, cost=0.0, leader=False))
    directions = (*_DIRECTIONS, *_BETWEEN) if more else _DIRECTIONS
    for ring in _RINGS:
        for rank, (side, lift) in enumerate(directions):
            reach = clear + ring
            x = anchor[0] + side * (reach + width / 2)
            y = anchor[1] + lift * (reach + height / 2)
            cost = 0.15 * rank + 0.6 * ring
            found.append(_upright((x, y), size, cost=cost, leader=ring > LEADER_MM))
    return tuple(found)


def _upright(
    middle: tuple[float, float],
    size: tuple[float, float],
    *,
    cost: float,
    leader: bool,
) -> Candidate:
    """Return a place for a text that is not turned."""
    (x, y), (wide, high) = middle, (size[0] / 2, size[1] / 2)
    box = np.array([[x - wide, y - high, x + wide, y + high]])
    return Candidate(x, y, 0.0, box, cost, leader)


def line_candidates(
    xy: FloatArray, size: tuple[float, float], *, clear: float = 0.0, most: int = 24
) -> tuple[Candidate, ...]:
    """Return places along a line where it is straight enough for a text.

    Parameters
    ----------
    xy
        The vertices of the line.
    size
        Width and height of the label.
    clear
        Half the width of what is drawn on the line, where the text stands at
        its side; 0 where it stands on the line.
    most
        How many places to try.

    Returns
    -------
    tuple of Candidate
        The text never stands on its head; none where the line is too short.
    """
    steps = np.hypot(*np.diff(xy, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    width, height = size
    if along[-1] < width * 1.05:
        return ()
    found = []
    for middle in np.linspace(width / 2, along[-1] - width / 2, most):
        places = middle + np.linspace(-0.5, 0.5, 7) * width
        x = np.interp(places, along, xy[:, 0])
        y = np.interp(places, along, xy[:, 1])
        chord = np.hypot(x[-1] - x[0], y[-1] - y[0])
        if chord < 0.9 * width:
            continue
        angle = float(np.degrees(np.arctan2(y[-1] - y[0], x[-1] - x[0])))
        angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle  # noqa: PLR2004
        centre = (float(x.mean()), float(y.mean()))
        off_line = float(np.hypot(x - x.mean(), y - y.mean()).std())
        bend = 10.0 * (1.0 - chord / width)
        centred = abs(middle / along[-1] - 0.5)
        cost = bend + centred + 0.05 * off_line
        for at in _sides(centre, angle, clear=clear, height=height):
            boxes = _along_boxes(at, angle, width=width, height=height)
            found.append(Candidate(*at, angle, boxes, cost, leader=False))
    return tuple(found)


def _sides(
    centre: tuple[float, float], angle: float, *, clear: float, height: float
) -> list[tuple[float, float]]:
    """Return where a text stands above and below what is drawn on its line."""
    if clear <= 0:
        return [centre]
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    reach = (clear + height / 2 + _AIR_MM) * (abs(cos) + abs(sin))
    (x, y), way = centre, np.array([-sin, cos]) * reach
    return [(x + way[0], y + way[1]), (x - way[0], y - way[1])]


def told_apart(
    candidates: tuple[Candidate, ...],
    anchor: tuple[float, float],
    signs: FloatArray,
    *,
    clear: float,
    must: bool,
) -> tuple[Candidate, ...]:
    """Drop the places of a label that are nearer to a foreign sign than to its own.

    Parameters
    ----------
    candidates
        The places.
    anchor
        The middle of its own sign.
    signs
        The boxes of all signs, the own one included.
    clear
        Half the size of its own sign.
    must
        Whether such places stay, at a high cost; those with a leader always do.

    Returns
    -------
    tuple of Candidate
        A part of the places.
    """
    at = np.array(anchor)
    own = (signs[:, :2] <= at).all(axis=1) & (signs[:, 2:] >= at).all(axis=1)
    others = signs[~own]
    if not len(others) or not candidates:
        return candidates
    boxes = np.vstack([one.boxes[:1] for one in candidates])
    foreign = _gaps(boxes, others).min(axis=1)
    mine = _gaps(boxes, np.concatenate([at, at])[None, :])[:, 0] - clear
    kept = []
    for one, near in zip(candidates, foreign < mine, strict=True):
        if not near:
            kept.append(one)
        elif one.leader or must:
            cost = _DOUBTFUL_LED if one.leader else _DOUBTFUL
            kept.append(replace(one, cost=one.cost + cost))
    return tuple(kept)


def _gaps(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return how far boxes are apart."""
    apart = np.maximum(
        second[None, :, :2] - first[:, None, 2:],
        first[:, None, :2] - second[None, :, 2:],
    )
    gaps: FloatArray = np.hypot(*np.moveaxis(np.maximum(apart, 0.0), -1, 0))
    return gaps


def _along_boxes(
    centre: tuple[float, float], angle: float, *, width: float, height: float
) -> FloatArray:
    """Cover a turned text by small upright boxes."""
    count = max(1, int(np.ceil(width / height)))
    step = (np.arange(count) + 0.5) / count - 0.5
    turn = np.radians(angle)
    x = centre[0] + step * width * np.cos(turn)
    y = centre[1] + step * width * np.sin(turn)
    half = height / 2
    return np.column_stack([x - half, y - half, x + half, y + half])
