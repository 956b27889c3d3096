"""Where routes leave what a map shows, and the words that say where they lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.publish.lanes import number_ranges
from riskmap.publish.layerframes import records
from riskmap.publish.routenumbers import cut_route
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.plot import Plot
    from riskmap.publish.spec import MapSpec

    FloatArray = NDArray[np.float64]

__all__ = ["Exit", "exits_of"]

_SAME_GOAL_MM = 60.0
_SAME_SPOT_MM = 14.0
_AWAY_MM = 8.0
"""How far a route must run unseen to be told of where it comes back."""
_MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class Exit:
    """A spot where routes leave what is seen.

    Parameters
    ----------
    words
        Which routes lead where, a line for each goal.
    spot
        Millimetres on the map.
    primary
        Whether one of them is a primary route.
    """

    words: str
    spot: FloatArray
    primary: bool


def exits_of(plot: Plot, spec: MapSpec, shown: BaseGeometry) -> list[Exit]:
    """Say at the edge of the frame where the routes that leave it lead.

    Parameters
    ----------
    plot
        Where the map is drawn.
    spec
        The map.
    shown
        What of the ground is seen, metres.

    Returns
    -------
    list of Exit
        Routes to one goal that leave side by side are told once, by their
        numbers; goals at one spot are lines of one text, primary ones first.
    """
    told = list[Exit]()
    for key in ("routes", "routes_backup"):
        told += _by_goal(list(_leaving(plot, spec, key, shown=shown)), plot, key)
    found = list[Exit]()
    near = plot.page.type_scale * _SAME_SPOT_MM
    while told:
        spot = told[0].spot
        here = [one for one in told if _gap(one.spot, spot) < near][:_MOST_LINES]
        words = "\n".join(one.words for one in here)
        found.append(Exit(words, spot, told[0].primary))
        told = [one for one in told if not any(one is other for other in here)]
    return found


def _by_goal(
    leaving: list[tuple[FloatArray, str, int]], plot: Plot, key: str
) -> Iterator[Exit]:
    """Join the routes to one goal that leave side by side."""
    near = plot.page.type_scale * _SAME_GOAL_MM
    marks, primary = read_words()["marks"], key == "routes"
    words: str = marks["toward" if primary else "toward_backup"]
    while leaving:
        spot, goal, _ = leaving[0]
        same = [one for one in leaving if one[1] == goal and _gap(one[0], spot) < near]
        leaving = [one for one in leaving if not any(one is other for other in same)]
        numbers = number_ranges(sorted({number for _, _, number in same}))
        yield Exit(words.format(numbers=numbers, goal=goal), spot, primary)


def _gap(one: FloatArray, other: FloatArray) -> float:
    """Return the distance of two spots, millimetres."""
    return float(np.hypot(*(one - other)))


def _leaving(
    plot: Plot, spec: MapSpec, key: str, *, shown: BaseGeometry
) -> Iterator[tuple[FloatArray, str, int]]:
    """Give each spot where a route leaves, its goal and its number."""
    layer = spec.layer(key)
    for row in records(layer.frame) if layer is not None else ():
        line = row["geometry"]
        if not row["goal"] or line.is_empty or line.geom_type != "LineString":
            continue
        spots = _ends_seen(line, shown, away=plot.metres(_AWAY_MM))
        for place in spots if key == "routes" else spots[-1:]:
            yield plot.paper(place), str(row["goal"]), int(row["number"] or 0)


def _ends_seen(
    line: shapely.LineString, shown: BaseGeometry, *, away: float
) -> list[FloatArray]:
    """Return where a line leaves what is seen, for good or for a while."""
    runs = cut_route(line, shown)
    found = []
    for rank, run in enumerate(runs):
        if run.ends:
            continue
        last = shapely.get_point(run.line, -1)
        back = runs[rank + 1].line if rank + 1 < len(runs) else None
        gap = np.inf
        if back is not None:
            gap = line.project(shapely.get_point(back, 0)) - line.project(last)
        if gap > min(away, line.length / 4):
            found.append(shapely.get_coordinates(last)[0])
    return found
