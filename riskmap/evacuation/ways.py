"""Minutes from every group to every shelter, and who cannot even set out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.evacuation.demand import has_place, zone_ids
from riskmap.reasons import Reason
from riskmap.routing import close_roads, snap, travel_times

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing import Network

    FloatArray = NDArray[np.float64]

__all__ = ["Ways", "closed_by", "find_ways"]


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """What the network says of every pair of group and shelter.

    Parameters
    ----------
    minutes
        Groups by shelters; NaN where there is no open way.
    risky
        The same for shelters that stand in a hazard, walking into it: shows
        that a group is not cut off, and is never a way to take.
    access
        For each group ``ok``, or why it is not joined to a road.
    joined
        Shelters that are joined to a road or stand in a closed zone.
    """

    minutes: FloatArray
    risky: FloatArray
    access: NDArray[np.object_]
    joined: NDArray[np.bool_]


def closed_by(network: Network, zones: gpd.GeoDataFrame | None) -> Network:
    """Close the roads inside zones, unless the network has them closed already.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    zones
        Polygons, any CRS; None closes nothing.

    Returns
    -------
    Network
        The same network, or a new one.
    """
    if zones is None or not len(zones):
        return network
    known = set(network.zones["zone_id"].astype(str)) if len(network.zones) else set()
    missing = ~np.isin(zone_ids(zones), list(known))
    return close_roads(network, zones[missing]) if missing.any() else network


def find_ways(
    network: Network, groups: gpd.GeoDataFrame, shelters: gpd.GeoDataFrame
) -> Ways:
    """Measure the ways from groups to shelters, walking out of zones.

    Parameters
    ----------
    network
        Hazards closed.
    groups, shelters
        Points, any CRS; those without a place have no way.

    Returns
    -------
    Ways
        In the order of both frames.
    """
    access = np.full(len(groups), str(Reason.INSUFFICIENT_DATA), dtype=object)
    here, there = has_place(groups), has_place(shelters)
    minutes = np.full((len(groups), len(shelters)), np.nan)
    joined = np.zeros(len(shelters), dtype=bool)
    if here.any():
        access[here] = _access(network, groups[here])
    if there.any():
        reason = snap(network, shelters[there], leave=True)["reason"]
        joined[there] = reason.eq(Reason.OK)
    if here.any() and there.any():
        table = travel_times(network, groups[here], shelters[there])
        minutes[np.ix_(here, there)] = table.to_numpy(float)
    return Ways(
        minutes, _risky(network, groups, shelters, minutes=minutes), access, joined
    )


def _access(network: Network, groups: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Tell who is joined to a road; whose only roads at hand are closed is cut off."""
    reasons = snap(network, groups, leave=True)["reason"].to_numpy(object).copy()
    far = reasons == Reason.TOO_FAR_FROM_ROAD
    if far.any() and not network.is_open.all():
        near = snap(_opened(network), groups[far])["reason"].eq(Reason.OK)
        reasons[np.flatnonzero(far)[near.to_numpy(dtype=bool)]] = str(Reason.CUT_OFF)
    return np.asarray(reasons, dtype=object)


def _opened(network: Network) -> Network:
    """Return the network as if nothing were closed."""
    return network.changed(
        edge_cause=np.full(len(network), -1, dtype=np.int64),
        causes=(),
        zones=network.zones.iloc[:0],
    )


def _risky(
    network: Network,
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    *,
    minutes: FloatArray,
) -> FloatArray:
    """Measure the ways of stranded groups into zones, to the shelters there.

    A shelter's way out, travelled backwards, is the way in. A group that
    stands in a zone itself is measured as if nothing were closed.
    """
    risky = np.full(minutes.shape, np.nan)
    stranded = np.isnan(minutes).all(axis=1) & has_place(groups)
    if not (stranded.any() and len(shelters) and len(network.zones)):
        return risky
    area = network.zones.geometry.union_all()
    inside = shelters.geometry.to_crs(network.crs).intersects(area).to_numpy(dtype=bool)
    held = groups.geometry.to_crs(network.crs).intersects(area).to_numpy(dtype=bool)
    backwards = network.changed(
        forward_min=network.backward_min, backward_min=network.forward_min
    )
    free = _opened(network)
    for some, way in ((stranded & ~held, backwards), (stranded & held, free)):
        if not (some.any() and inside.any()):
            continue
        if way is backwards:
            table = travel_times(way, shelters[inside], groups[some]).to_numpy().T
        else:
            table = travel_times(way, groups[some], shelters[inside]).to_numpy()
        risky[np.ix_(some, inside)] = table
    return risky
