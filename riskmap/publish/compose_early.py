"""Routes that run where a road will be closed: to be walked before it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.publish.lanes import number_ranges
from riskmap.publish.layerframes import placed_rows
from riskmap.publish.places import plain_text
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from riskmap.publish.scene import Scene
    from riskmap.publish.spec import Table

__all__ = ["early_groups", "warned"]

_NEAR_M, _LEAST_M = 1.0, 8.0
"""How near a route must lie to a closed road, and for how long, to be on it."""


def early_groups(scene: Scene) -> frozenset[str]:
    """Find the groups whose way leads along a road that will be closed.

    A plan lets those who stand in danger walk out of it along roads that the
    danger closes; nobody else is led there.

    Parameters
    ----------
    scene
        The place, its frames and its plan.

    Returns
    -------
    frozenset of str
        Their ids.
    """
    closures = getattr(scene.plan, "closures", None)
    if scene.plan is None or closures is None or not len(closures):
        return frozenset()
    routes = placed_rows(scene.plan.routes, scene.place.crs)
    ids = routes["group_id"].map(plain_text)
    mine = ids.isin({one.group_id for one in scene.found}) & (routes["rank"] == 1)
    lines = routes.geometry.to_numpy()[mine.to_numpy()]
    roads = placed_rows(closures, scene.place.crs).geometry.to_numpy()
    near, of = shapely.STRtree(roads).query(
        lines, predicate="dwithin", distance=_NEAR_M
    )
    found = set()
    for at in np.unique(near):
        closed = shapely.union_all(roads[of[near == at]]).buffer(_NEAR_M)
        if shapely.intersection(lines[at], closed).length >= _LEAST_M:
            found.add(ids[mine].iloc[int(at)])
    return frozenset(found)


def warned(tables: list[Table], scene: Scene) -> list[Table]:
    """Say in the transfer table and in the ways which of them must be walked early.

    Parameters
    ----------
    tables
        The tables of a route map.
    scene
        The place, its frames and its plan.

    Returns
    -------
    list of Table
        The same, with a note, and a word after each such way.
    """
    early, words = early_groups(scene), read_words()["early"]
    if not early:
        return tables
    numbers = sorted(one.number for one in scene.found if one.group_id in early)
    note = words["note"].format(numbers=number_ranges(numbers))
    made = []
    for one in tables:
        new = one
        if one.key == "transfer":
            new = replace(one, note=f"{note}{one.note or ''}")
        elif one.key == "steps" and len(one.frame):
            way, frame = one.frame.columns[-1], one.frame.copy()
            hit = frame.index.isin(early)
            frame.loc[hit, way] = frame.loc[hit, way] + words["way"]
            new = replace(one, frame=frame)
        made.append(new)
    return made
