"""Which single closure, if opened, lets a tier pass in a village."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.coverage.arrivals import covered
from riskmap.routing import open_roads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.coverage.arrivals import Arrivals
    from riskmap.coverage.scene import Scene
    from riskmap.routing import Network
    from riskmap.standards import Tier

    BoolArray = NDArray[np.bool_]
    IntArray = NDArray[np.intp]

__all__ = ["openings"]


def openings(
    scene: Scene, found: Arrivals, network: Network, *, tier: Tier, left: IntArray
) -> dict[int, tuple[str, str]]:
    """Find the closure of each village that is enough to open.

    Parameters
    ----------
    scene, found
        The people and what `arrivals` found for them.
    network
        With closures, from `close_roads`.
    tier
        The tier.
    left
        The points to cover, all those left out of their villages.

    Returns
    -------
    dict
        Village position to the id of the zone and its name, the first that
        does it in the order of `network.zones`. Villages that no single
        opening helps are missing.
    """
    left = left[scene.placed[left]]
    if not len(left) or network.is_open.all():
        return {}
    part = scene.part(left)
    helped = _whole(part, covered(part, found.units, open_roads(network), tier=tier))
    part = part.part(np.flatnonzero(helped[part.village]))
    opened: dict[int, tuple[str, str]] = {}
    for zone, points in _near(part, network, limit_min=tier.limit_min):
        near = part.part(points)
        free = open_roads(network, zone_ids=[zone])
        passing = _whole(part, _spread(covered(near, found.units, free, tier=tier),
                                       points, len(part.points)))  # fmt: skip
        name = str(network.zones.set_index("zone_id")["cause"].loc[[zone]].iloc[0])
        for village in np.flatnonzero(passing).tolist():
            opened.setdefault(village, (zone, name))
    return opened


def _whole(scene: Scene, by_road: BoolArray) -> BoolArray:
    """Tell the villages all of whose points are covered, if they have any."""
    lacking = np.bincount(scene.village, weights=~by_road, minlength=len(scene.codes))
    points = np.bincount(scene.village, minlength=len(scene.codes))
    return np.asarray((points > 0) & (lacking == 0), dtype=bool)


def _spread(values: BoolArray, rows: IntArray, size: int) -> BoolArray:
    """Return values of some rows among all, the others False."""
    every = np.zeros(size, dtype=bool)
    every[rows] = values
    return every


def _near(
    scene: Scene, network: Network, *, limit_min: float
) -> list[tuple[str, IntArray]]:
    """Return the zones that close a road, with the points they may keep away."""
    if not len(scene.points):
        return []
    minutes = np.fmin(network.forward_min, network.backward_min)
    fastest = float((network.edge_length_m / minutes).max(initial=1.0))
    at = scene.points.geometry.to_crs(network.crs).to_numpy()
    closing = sorted({zone for cause in network.causes for zone in cause})
    zones = network.zones.iloc[closing]
    tree = shapely.STRtree(at)
    row, point = tree.query(
        zones.geometry.to_numpy(), predicate="dwithin", distance=fastest * limit_min
    )
    ids = zones["zone_id"].astype(str).to_numpy()
    return [
        (str(one), np.unique(point[ids[row] == one]))
        for one in dict.fromkeys(ids)
        if (ids[row] == one).any()
    ]
