"""Routes: lines in the direction of travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.crs import crs_of
from riskmap.errors import LayerError
from riskmap.reasons import Reason
from riskmap.routing.courses import drawn
from riskmap.routing.router import Router
from riskmap.routing.sides import (
    Sides,
    check_limit,
    reached_without_zones,
    sides_of,
    take_anchors,
)
from riskmap.routing.snapping import MAX_DISTANCE_M

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from riskmap.routing.courses import Courses
    from riskmap.routing.network import Network

    IntArray = NDArray[np.int64]

__all__ = ["finished_routes", "shortest_paths"]


def shortest_paths(
    network: Network,
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    *,
    pairs: Iterable[tuple[Any, Any]] | None = None,
    limit_min: float | None = None,
    max_distance_m: float = MAX_DISTANCE_M,
    leave: bool = True,
) -> gpd.GeoDataFrame:
    """Return the quickest route for each pair of origin and destination.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    origins, destinations
        Any geometry, any CRS.
    pairs
        Labels of an origin and a destination; None pairs the rows in order.
    limit_min
        Longest time; None sets none.
    max_distance_m
        Longest access leg off the road.
    leave
        Whether an origin inside a closing zone may walk out of it.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a pair, in the CRS of `origins`: origin, destination (labels),
        time_min, length_m (access legs counted), access_m (both legs), edges
        (tuple of edge, from fraction, to fraction), reason, geometry from origin
        to destination, access legs included; NaN, an empty tuple and no geometry
        where there is no route.

    Raises
    ------
    CrsError
        If a frame has no CRS.
    LayerError
        If rows do not pair, or a label is unknown or repeated.
    NetworkError
        If the limit is negative or NaN.
    """
    check_limit(limit_min)
    first, second = _paired(origins, destinations, pairs)
    sides = sides_of(
        network, origins, destinations, direction="to",
        max_distance_m=max_distance_m, leave=leave,
    )  # fmt: skip
    found = Router(network, sides).routes(
        first, second, limit_min=np.inf if limit_min is None else limit_min
    )
    frame = finished_routes(
        network, sides, found, first=first, second=second, limit_min=limit_min
    )
    return frame.to_crs(crs_of(origins))


def finished_routes(
    network: Network, sides: Sides, found: Courses,
    *, first: IntArray, second: IntArray, limit_min: float | None,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Make a frame of routes, in the CRS of the network, each with its reason."""
    reason = _reasons(
        network, sides, found, first=first, second=second, limit_min=limit_min
    )
    ok = reason == str(Reason.OK)
    access = sides.places.distance_m[first] + sides.facilities.distance_m[second]
    steps = np.empty(len(first), dtype=object)
    steps[:] = found.steps.taken(ok[found.steps.row]).tuples(len(first))
    lines = drawn(network, sides, found.steps, first=first, second=second, wanted=ok)
    return gpd.GeoDataFrame(
        {
            "origin": sides.places.index.take(first),
            "destination": sides.facilities.index.take(second),
            "time_min": np.where(ok, found.minutes, np.nan),
            "length_m": np.where(ok, found.metres, np.nan),
            "access_m": np.where(ok, access, np.nan),
            "edges": pd.Series(steps, dtype=object),
            "reason": reason,
        },
        geometry=gpd.GeoSeries(lines, crs=network.crs),
    )


def _paired(
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    pairs: Iterable[tuple[Any, Any]] | None,
) -> tuple[IntArray, IntArray]:
    """Return the rows of each pair."""
    if pairs is None:
        if len(origins) != len(destinations):
            msg = (
                f"{len(origins)} origins and {len(destinations)} destinations do not "
                "pair row by row; pass pairs="
            )
            raise LayerError(msg)
        row = np.arange(len(origins))
        return row, row.copy()
    for index in (origins.index, destinations.index):
        if not index.is_unique:
            msg = "labels repeat, so pairs are ambiguous; reset_index() first"
            raise LayerError(msg)
    listed = list(pairs)
    first = origins.index.get_indexer(pd.Index([one for one, _ in listed]))
    second = destinations.index.get_indexer(pd.Index([other for _, other in listed]))
    unknown = [
        p for p, i, j in zip(listed, first, second, strict=True) if min(i, j) < 0
    ]
    if unknown:
        msg = f"{len(unknown)} pairs name an unknown label, first {unknown[0]}"
        raise LayerError(msg)
    return first.astype(np.int64), second.astype(np.int64)


def _reasons(
    network: Network, sides: Sides, found: Courses,
    *, first: IntArray, second: IntArray, limit_min: float | None,
) -> NDArray:  # fmt: skip
    """Say for each pair why it has a route or none."""
    reason = sides.places.reason[first].copy()
    fine = reason == str(Reason.OK)
    reason[fine] = sides.facilities.reason[second][fine]
    none = (reason == str(Reason.OK)) & np.isinf(found.minutes) & ~found.late
    reason[none] = str(Reason.CUT_OFF)
    if len(network.zones):
        for destination in np.unique(second[none]):
            rows = np.flatnonzero(none & (second == destination))
            only = take_anchors(sides.facilities, np.array([destination]))
            free = reached_without_zones(network, sides, only)
            reason[rows[free[first[rows]]]] = str(Reason.CROSSES_HAZARD)
    if limit_min is not None:
        late = (reason == str(Reason.OK)) & (found.minutes > limit_min)
        reason[late] = str(Reason.OVER_TIME)
    return reason
