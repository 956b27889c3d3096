"""Labels put in their places and printed, each on a halo below the signs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from riskmap.publish.fonts import text_width
from riskmap.publish.labelplaces import (
    line_candidates,
    point_candidates,
    told_apart,
)
from riskmap.publish.labels import Label, place_labels
from riskmap.publish.plot import points_wide
from riskmap.publish.routedraw import ROUTE_Z
from riskmap.publish.style import page_style

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.publish.labelplaces import Candidate
    from riskmap.publish.labels import Placed
    from riskmap.publish.maplabels import Wanted
    from riskmap.publish.plot import Plot
    from riskmap.publish.routedraw import Ways

    FloatArray = NDArray[np.float64]

__all__ = ["write_labels"]

LABEL_Z = 110.0
HALO_Z = ROUTE_Z - 2.0
"""The halos of labels lie below routes, numbers and symbols."""

LINE_HEIGHT = 1.22
_OFF_ROUTE_COST = 3.0
_ON_ROUTE_MM = 1.1


def write_labels(
    plot: Plot,
    wanted: list[Wanted],
    *,
    signs: FloatArray,
    ways: Ways,
) -> list[Placed]:
    """Place labels and print them.

    Parameters
    ----------
    plot
        Where to print.
    wanted
        The labels.
    signs
        The boxes of the symbols, millimetres on the map.
    ways
        The routes that are drawn.

    Returns
    -------
    list of Placed
        The labels that were printed; keys are positions in `wanted`.
    """
    labels = [_label(key, one, plot, signs=signs) for key, one in enumerate(wanted)]
    placed = place_labels(
        labels,
        frame=(plot.rect.width, plot.rect.height),
        solid=ways.solid,
        soft=ways.soft,
        barred=ways.barred,
    )
    for one in placed:
        _write(plot, wanted[one.key], one.candidate)
    return placed


def _label(key: int, one: Wanted, plot: Plot, *, signs: FloatArray) -> Label:
    """Give a text its possible places."""
    face = plot.faces.bold if one.look.bold else plot.faces.regular
    lines = one.words.split("\n")
    wide = max(text_width(line, one.mm, face) for line in lines) + 0.6
    high = len(lines) * one.mm * LINE_HEIGHT + 0.5
    candidates: tuple[Candidate, ...] = ()
    if one.along:
        candidates = _places_along(one, (wide, high))
    else:
        at = (float(one.anchor[0][0]), float(one.anchor[0][1]))
        candidates = point_candidates(at, (wide, high), clear=one.clear, more=one.must)
        if plot.page.portrait and not one.must:
            candidates = tuple(place for place in candidates if not place.leader)
        if one.clear:
            candidates = told_apart(
                candidates, at, signs, clear=one.clear, must=one.must
            )
    return Label(key, one.priority, candidates, must=one.must)


def _places_along(one: Wanted, size: tuple[float, float]) -> tuple[Candidate, ...]:
    """Return the places along the lines of a name, those with a route first."""
    found: tuple[Candidate, ...] = ()
    for rank, part in enumerate(one.anchor):
        used = rank < one.on_route
        places = line_candidates(part, size, clear=_ON_ROUTE_MM if used else 0.0)
        if one.on_route and not used:
            places = tuple(
                replace(place, cost=place.cost + _OFF_ROUTE_COST) for place in places
            )
        found += places
    return found


def _write(plot: Plot, one: Wanted, place: Candidate) -> None:
    """Print one label where it was placed."""
    at = plot.ground(np.array([place.x, place.y]))
    if place.leader:
        _draw_leader(plot, one, place)
    plot.text(
        at,
        one.words,
        mm=one.mm,
        colour=one.look.text,
        z=LABEL_Z + one.priority / 1000.0,
        bold=one.look.bold,
        angle=place.angle,
        halo_mm=plot.size(page_style()["halo_mm"]) / (2.0 if one.along else 1.0),
        halo_z=HALO_Z,
    )


def _draw_leader(plot: Plot, one: Wanted, place: Candidate) -> None:
    """Tie a label to its symbol by a thin line."""
    west, south, east, north = place.boxes[0]
    anchor = one.anchor[0]
    near = np.array([np.clip(anchor[0], west, east), np.clip(anchor[1], south, north)])
    way = near - anchor
    start = anchor + way * min(1.0, one.clear / max(float(np.hypot(*way)), 1e-9))
    ends = plot.ground(np.vstack([start, near]))
    plot.axes.plot(
        ends[:, 0],
        ends[:, 1],
        color=one.look.text,
        linewidth=points_wide(0.2),
        zorder=HALO_Z + 0.5,
        solid_capstyle="butt",
    )
