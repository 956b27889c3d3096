"""When a route passes what: minutes after departure, and the spells of closure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.errors import LayerError
from riskmap.routing.snapping import zone_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskmap.routing.hours import HourlyNetwork

__all__ = ["passings"]

Step = tuple[int, float, float]
_COLUMNS = ("enter", "leave", "spells", "road_id", "road_name", "zone_id")


def passings(
    hourly: HourlyNetwork, line: shapely.Geometry, steps: Sequence[Step]
) -> pd.DataFrame:
    """Return what a route passes: the legs at its ends, and pieces of road.

    Columns: enter and leave (minutes after departure), spells (closing and opening
    minutes), road_id and road_name (null on the legs), zone_id (all that ever close
    the piece, joined by "、").
    """
    network = hourly.network
    edge = np.array([one for one, _, _ in steps], dtype=np.int64)
    if len(edge) and edge.max() >= len(network):
        msg = "the routes hold edges of another network; route on hourly.at(...)"
        raise LayerError(msg)
    begin, end = (np.array(ends) for ends in zip(*[s[1:] for s in steps], strict=True))
    pace = np.where(end >= begin, network.forward_min[edge], network.backward_min[edge])
    first, last = network.points(edge[[0, -1]], np.array([begin[0], end[-1]]))
    legs = shapely.linestrings([
        [shapely.get_coordinates(line)[0], first],
        [last, shapely.get_coordinates(line)[-1]],
    ])  # fmt: skip
    walk = shapely.length(legs) / (network.offroad_kmh * 1000 / 60)
    gap = np.abs(end - begin)
    minutes = np.where(gap > 0, gap * np.where(gap > 0, pace, 0.0), 0.0)
    clock = np.cumsum(np.r_[0.0, walk[0], minutes, walk[1]])
    roads = network.roads.iloc[network.edge_road[edge]]
    cause = network.edge_cause[edge]
    spells = [hourly.windows[one] if one >= 0 else [] for one in cause]
    words = [_ids(hourly, network.causes[one]) if one >= 0 else None for one in cause]
    before, after = (_leg(hourly, leg) for leg in legs)
    middle = zip(spells, roads["road_id"], roads["road_name"], words, strict=True)
    rows = [before, *middle, after]
    timed = [(*times, *row) for times, row in zip(pairwise(clock), rows, strict=True)]
    return pd.DataFrame(timed, columns=list(_COLUMNS))


def _leg(
    hourly: HourlyNetwork, leg: shapely.LineString
) -> tuple[list[tuple[float, float]], None, None, str | None]:
    """Return the spells and zones of a leg off the road."""
    zones = np.sort(zone_tree(hourly.network).query(leg, predicate="intersects"))
    spells = sorted(
        (float(hourly.closes_min[one]), float(hourly.opens_min[one])) for one in zones
    )
    return spells, None, None, _ids(hourly, zones.tolist()) or None


def _ids(hourly: HourlyNetwork, zones: Sequence[int]) -> str:
    """Join the ids of some zones, each once."""
    ids = hourly.network.zones["zone_id"].iloc[list(zones)].astype(str)
    return "、".join(dict.fromkeys(ids))
