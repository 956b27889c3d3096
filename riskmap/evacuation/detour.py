"""Backup routes: another way that shares as little as it can with the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.evacuation.demand import words
from riskmap.routing import backup_paths, shortest_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from riskmap.routing import Network

    IntArray = NDArray[np.int64]

__all__ = ["computed_routes", "detours", "edges_under", "steps_of"]

Step = tuple[int, float, float]
_SAME_LINE_M = 1.0


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
        shared_roads=None,
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
    limit_min: float,
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
    limit_min
        A way that shares least but takes longer than this gives way to the
        quickest; inf = no limit.

    Returns
    -------
    pandas.DataFrame
        As `computed_routes`, rank 2: the way with the fewest metres of road in
        common with the primary route. ``shared_m`` counts those and what the
        access legs share, and ``shared_roads`` names them. A way that is the
        primary itself is none.
    """
    rows = primary["group"].to_numpy(np.int64)
    table = computed_routes(
        network, groups, shelters, rows=rows, shelter=shelter, rank=2
    )
    if not len(table):
        return table
    main = primary.set_index("group").loc[table["group"]]
    steps = [
        steps_of(network, edges, line)
        for edges, line in zip(main["edges"], main["geometry"], strict=True)
    ]
    here = groups.iloc[table["group"]][["geometry"]].to_crs(network.crs)
    there = shelters.iloc[table["shelter"]][["geometry"]].to_crs(network.crs)
    row = np.arange(len(table))
    routes = gpd.GeoDataFrame(
        {"origin": row, "destination": row, "edges": steps},
        geometry=main["geometry"].to_numpy(), crs=network.crs,
    )  # fmt: skip
    found = backup_paths(
        network, here.reset_index(drop=True), there.reset_index(drop=True),
        routes=routes,
    )  # fmt: skip
    taken = found["reason"].eq("ok") & found["time_min"].le(limit_min)
    for name in ("time_min", "length_m", "access_m", "edges", "geometry"):
        other = found[name].to_numpy()
        table[name] = [
            new if use else old
            for new, old, use in zip(other, table[name], taken, strict=True)
        ]
    return _told_apart(network, table, main=main, steps=steps)


def _told_apart(
    network: Network,
    table: pd.DataFrame,
    *,
    main: pd.DataFrame,
    steps: list[tuple[Step, ...]],
) -> pd.DataFrame:
    """Say what backups share with their primary; drop those that are the same."""
    lines = np.asarray(table["geometry"], dtype=object)
    first = np.asarray(main["geometry"], dtype=object)
    shared = shapely.length(
        shapely.intersection(lines, shapely.buffer(first, _SAME_LINE_M))
    )
    other = shared < shapely.length(lines) - _SAME_LINE_M
    named = network.roads["road_name"].fillna(network.roads["road_id"]).astype(str)
    names = named.to_numpy(object)[network.edge_road]
    told = [
        _common_names(names, used, edges) if metres > _SAME_LINE_M else None
        for used, edges, metres in zip(steps, table["edges"], shared, strict=True)
    ]
    table = table.assign(shared_m=shared)
    table["shared_roads"] = pd.Series(told, index=table.index, dtype=object)
    return table[other].reset_index(drop=True)


def _common_names(
    names: NDArray[np.object_], used: Iterable[Step], edges: Iterable[Step]
) -> str:
    """Name the roads that two routes have in common."""
    both = {one for one, _, _ in used} & {one for one, _, _ in edges}
    spelled = "、".join(dict.fromkeys(names[sorted(both)]))
    return spelled or str(words()["turns"]["offroad"])


def steps_of(
    network: Network, edges: object, line: shapely.LineString
) -> tuple[Step, ...]:
    """Return the pieces of road of a route; of an official one, those under it.

    Parameters
    ----------
    network
        Any.
    edges
        What `riskmap.routing.shortest_paths` says of the route; None of an
        official one.
    line
        Its line in the CRS of the network.

    Returns
    -------
    tuple
        Edge, and the fractions where it begins and ends.
    """
    if edges is not None and not isinstance(edges, float):
        return tuple(edges)  # type: ignore[arg-type]
    return tuple((int(one), 0.0, 1.0) for one in edges_under(network, line))


def edges_under(network: Network, line: shapely.LineString) -> IntArray:
    """Return the edges that a route runs along.

    Parameters
    ----------
    network
        Any.
    line
        A route in its CRS.

    Returns
    -------
    numpy.ndarray
        Edges that lie on the line, ascending.
    """
    key = ("evacuation", "edges")
    if key not in network.memo:
        lines = network.edges().geometry.to_numpy()
        network.memo[key] = shapely.STRtree(lines), lines
    tree, _ = network.memo[key]
    found: IntArray = tree.query(line.buffer(_SAME_LINE_M), predicate="covers")
    return found
