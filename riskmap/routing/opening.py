"""Closures lifted, and several scenarios on one network.

A network is a value: what `open_roads` and `close_scenarios` return shares every
array with its base but the causes, so that a question such as "which closure, if
lifted, would help?" costs no new network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.errors import LayerError, first_few
from riskmap.routing.closing import close_table, zones_of
from riskmap.routing.network import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    BoolArray = NDArray[np.bool_]

__all__ = ["close_scenarios", "open_roads", "with_zones"]


def open_roads(
    network: Network,
    *,
    zone_ids: Iterable[str] | None = None,
    road_ids: Iterable[str] | None = None,
) -> Network:
    """Lift closures: of some zones, of some roads, or all of them.

    Nothing is copied but the causes: the pieces, their numbers and their minutes
    stay, so that edges of both networks can be compared one by one.

    Parameters
    ----------
    network
        With closures, from `close_roads`.
    zone_ids
        Zones that close nothing any more, as in ``zone_id`` of
        `Network.closures`. A piece that other zones close too stays closed.
    road_ids
        Roads whose closed pieces open, whatever closes them; the zones stay, and
        no access leg crosses them. With neither, every closure is lifted.

    Returns
    -------
    Network
        A new network.

    Raises
    ------
    LayerError
        If no zone or no closed road has one of the ids.
    """
    if zone_ids is None and road_ids is None:
        return with_zones(network, np.zeros(len(network.zones), dtype=bool))
    if zone_ids is not None:
        held = network.zones["zone_id"].astype(str)
        lifted = _known("zone", zone_ids, held)
        network = with_zones(network, ~held.isin(lifted).to_numpy(dtype=bool))
    if road_ids is None:
        return network
    closed = ~network.is_open
    road = network.roads["road_id"].astype(str).to_numpy()[network.edge_road]
    wanted = _known("closed road", road_ids, pd.Series(road[closed]))
    cause = np.where(closed & np.isin(road, wanted), OPEN, network.edge_cause)
    return network.changed(edge_cause=cause)


def close_scenarios(
    network: Network,
    scenarios: Mapping[str, gpd.GeoDataFrame | str | Path],
    *,
    depth_limit_m: float | None = None,
) -> dict[str, Network]:
    """Close roads for several scenarios that share one cut network.

    Edges are cut once, at the borders of all zones of all scenarios. The networks
    share nodes, edges, minutes and geometry; each has its own causes and zones.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`; what it closes stays closed.
    scenarios
        Name to what `close_roads` takes: zones, or the path of a raster of depths.
    depth_limit_m
        With rasters: deeper water closes a road; None as in `close_roads`.

    Returns
    -------
    dict
        A network for each name; edge numbers mean the same piece in all.

    Raises
    ------
    CrsError
        If zones have no CRS.
    LayerError
        If a zone has an invalid geometry that cannot be made valid.
    NetworkError
        If a limit makes no sense, or a raster does not overlap.
    """
    tables = [
        zones_of(network, zones, depth_limit_m=depth_limit_m)
        for zones in scenarios.values()
    ]
    number = np.repeat(np.arange(len(tables)), [len(one) for one in tables])
    cut = network
    if len(number):
        every = pd.concat([one for one in tables if len(one)], ignore_index=True)
        cut = close_table(network, gpd.GeoDataFrame(every, crs=network.crs))
    before = np.ones(len(network.zones), dtype=bool)
    return {
        name: with_zones(cut, np.r_[before, number == row])
        for row, name in enumerate(scenarios)
    }


def with_zones(network: Network, keep: BoolArray) -> Network:
    """Return the network with some of its zones only, all else shared."""
    number = np.cumsum(keep) - 1
    left: dict[tuple[int, ...], int] = {}
    cause = np.full(len(network.causes) + 1, OPEN, dtype=np.int64)
    for row, zones in enumerate(network.causes):
        key = tuple(int(number[one]) for one in zones if keep[one])
        if key:
            cause[row] = left.setdefault(key, len(left))
    return network.changed(
        edge_cause=cause[network.edge_cause], causes=tuple(left),
        zones=network.zones[keep].reset_index(drop=True),
    )  # fmt: skip


def _known(kind: str, wanted: Iterable[Any], held: pd.Series) -> list[str]:
    """Return ids as text, or name those that nobody has."""
    ids = [str(one) for one in wanted]
    strange = sorted(set(ids) - set(held))
    if strange:
        msg = f"no {kind} {first_few(strange)} on this network; look at closures()"
        raise LayerError(msg)
    return ids
