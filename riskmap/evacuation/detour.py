"""Backup routes: another way that shares as little as it can with the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from riskmap.routing import shortest_paths

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing import Network

    IntArray = NDArray[np.int64]

__all__ = ["computed_routes", "detours", "shared_length"]

# Minutes on the primary route count so many times, so that another way is taken
# unless it is that much longer.
_RELUCTANCE = 8.0
_SAME_LINE_M = 1.0
# A backup that shares less than this of the primary is left as it is.
_LITTLE_SHARED = 0.1


def computed_routes(
    network: Network,
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    *,
    rows: IntArray,
    shelter: IntArray,
    rank: int,
) -> pd.DataFrame:
    """Return the quickest route for pairs of group and shelter.

    Parameters
    ----------
    network
        Hazards closed.
    groups, shelters
        Points.
    rows, shelter
        Positions of the groups, and of the shelter each goes to.
    rank
        1 primary, 2 backup.

    Returns
    -------
    pandas.DataFrame
        A row for each pair that has a route: the columns of
        `riskmap.routing.shortest_paths` (geometry in the CRS of the network),
        ``group``, ``shelter``, ``rank``, ``shared_m`` 0, ``source``,
        ``planned_route_id``, ``replaced``.
    """
    here = groups.iloc[rows].to_crs(network.crs).reset_index(drop=True)
    there = shelters.iloc[shelter].to_crs(network.crs).reset_index(drop=True)
    found = shortest_paths(network, here[["geometry"]], there[["geometry"]])
    table = pd.DataFrame(found.drop(columns="geometry"))
    table["geometry"] = found.geometry.to_numpy()
    table = table.assign(
        group=rows,
        shelter=shelter,
        rank=rank,
        shared_m=0.0,
        source="computed",
        planned_route_id=None,
        replaced=None,
    )
    return table[table["reason"].eq("ok")].reset_index(drop=True)


def detours(
    network: Network,
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    *,
    primary: pd.DataFrame,
    shelter: IntArray,
) -> pd.DataFrame:
    """Return a backup route for each primary one, where there is another way.

    Parameters
    ----------
    network
        Hazards closed.
    groups, shelters
        Points.
    primary
        As `computed_routes` returns them, some perhaps official.
    shelter
        The position of the shelter each backup leads to.

    Returns
    -------
    pandas.DataFrame
        As `computed_routes`, rank 2, with ``shared_m``, the metres that run on
        the primary route. A way that is the primary itself is none.
    """
    table = computed_routes(
        network,
        groups,
        shelters,
        rows=primary["group"].to_numpy(np.int64),
        shelter=shelter,
        rank=2,
    )
    if not len(table):
        return table
    first = primary.set_index("group")
    rows = []
    for plain in table.to_dict("records"):
        main = first.loc[plain["group"], "geometry"]
        record: dict[Any, Any] = plain
        shared = shared_length(record["geometry"], main)
        if shared > _LITTLE_SHARED * record["geometry"].length:
            other = _elsewhere(network, groups, shelters, record=record, main=main)
            less = shared if other is None else shared_length(other["geometry"], main)
            if other is not None and less < shared:
                record, shared = other, less
        if shared < record["geometry"].length - _SAME_LINE_M:
            rows.append({**record, "shared_m": shared})
    return pd.DataFrame(rows, columns=table.columns)


def shared_length(one: shapely.LineString, other: shapely.LineString) -> float:
    """Return the metres of one line that run on another.

    Parameters
    ----------
    one, other
        In one metric CRS.

    Returns
    -------
    float
        Metres of `one` within 1 m of `other`.
    """
    return float(one.intersection(other.buffer(_SAME_LINE_M)).length)


def _elsewhere(
    network: Network,
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    *,
    record: dict[Any, Any],
    main: shapely.LineString,
) -> dict[Any, Any] | None:
    """Return a way that would rather not take the primary route's roads."""
    slow = _reluctant(network, _edges_under(network, main))
    found = computed_routes(
        slow,
        groups,
        shelters,
        rows=np.array([record["group"]]),
        shelter=np.array([record["shelter"]]),
        rank=2,
    )
    if not len(found):
        return None
    other: dict[Any, Any] = found.iloc[0].to_dict()
    other["time_min"] -= _added(network, slow, other["edges"])
    return other


def _edges_under(network: Network, line: shapely.LineString) -> IntArray:
    """Return the edges that a route runs along."""
    key = ("evacuation", "edges")
    if key not in network.memo:
        lines = network.edges().geometry.to_numpy()
        network.memo[key] = shapely.STRtree(lines), lines
    tree, _ = network.memo[key]
    found: IntArray = tree.query(line.buffer(_SAME_LINE_M), predicate="covers")
    return found


def _reluctant(network: Network, under: IntArray) -> Network:
    """Return a network on which some edges count as longer than they are.

    Which edges there are, and which are open, stays: so the trees that find
    the nearest edge are handed on.
    """
    forward, backward = network.forward_min.copy(), network.backward_min.copy()
    forward[under] *= _RELUCTANCE
    backward[under] *= _RELUCTANCE
    slow = network.changed(forward_min=forward, backward_min=backward)
    trees = {
        key: value
        for key, value in network.memo.items()
        if key == "zones" or (isinstance(key, tuple) and key[0] == "tree")
    }
    slow.memo.update(trees)
    return slow


def _added(
    network: Network, slow: Network, edges: tuple[tuple[int, float, float], ...]
) -> float:
    """Return the minutes that reluctance alone added to a route."""
    total = 0.0
    for edge, begin, end in edges:
        ahead = end > begin
        longer = slow.forward_min[edge] if ahead else slow.backward_min[edge]
        true = network.forward_min[edge] if ahead else network.backward_min[edge]
        total += abs(end - begin) * float(longer - true)
    return total
