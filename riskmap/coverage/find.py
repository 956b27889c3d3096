"""One-key search: what is nearest to an incident by road."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from riskmap.crs import CGCS2000, crs_of
from riskmap.errors import LayerError
from riskmap.routing import shortest_paths, travel_times

if TYPE_CHECKING:
    from riskmap.routing import Network

__all__ = ["find_nearest"]

_GEOD = pyproj.Geod(ellps="GRS80")


def find_nearest(
    facilities: gpd.GeoDataFrame,
    *,
    at: tuple[float, float],
    network: Network,
    k: int = 5,
) -> gpd.GeoDataFrame:
    """Find the facilities that reach an incident first by road.

    Parameters
    ----------
    facilities
        Teams, supplies, landing zones, shelters: any geometry, any CRS.
    at
        Longitude and latitude of the incident, degrees (CGCS2000 or WGS 84).
    network
        From `build_network` or `close_roads`.
    k
        How many rows at most.

    Returns
    -------
    geopandas.GeoDataFrame
        At most `k` rows of `facilities`, soonest first, with all their columns
        and ``time_min, length_m, access_m, straight_m, reason``. Facilities
        without a way come last, nearest in a straight line first, with null
        times and the reason.

    Raises
    ------
    CrsError
        If `facilities` have no CRS.
    LayerError
        If `k` is below 1, or `at` is no longitude and latitude.
    NetworkError
        If the network cannot be searched.

    Notes
    -----
    Minutes are of travel alone; add the turnout that the census gives.
    """
    crs = crs_of(facilities)
    lon, lat = at
    if k < 1:
        msg = f"k is {k}; ask for 1 facility or more"
        raise LayerError(msg)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004
        msg = f"at = ({lon}, {lat}) is no longitude and latitude; longitude comes first"
        raise LayerError(msg)
    incident = gpd.GeoDataFrame(geometry=[shapely.Point(lon, lat)], crs=CGCS2000)
    incident = incident.to_crs(crs)
    sites = gpd.GeoDataFrame(geometry=facilities.geometry.to_numpy(), crs=crs)
    minutes = travel_times(network, sites, incident, leave=False)[0]
    straight = _straight_m(sites, lon, lat)
    chosen = np.lexsort((straight, minutes.to_numpy(dtype=float)))[:k]
    ways = shortest_paths(
        network, sites, incident, pairs=[(site, 0) for site in chosen], leave=False
    )
    found = facilities.iloc[chosen].copy()
    for name in ("time_min", "length_m", "access_m", "reason"):
        found[name] = ways[name].to_numpy()
    found["straight_m"] = straight[chosen]
    return found


def _straight_m(
    sites: gpd.GeoDataFrame, lon: float, lat: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return geodesic metres from each site; NaN where its place is unknown."""
    points = sites.to_crs(CGCS2000).representative_point()
    x, y = points.x.to_numpy(dtype=float), points.y.to_numpy(dtype=float)
    metres = np.full(len(sites), np.nan)
    known = np.isfinite(x) & np.isfinite(y)
    here = np.full(known.sum(), lon), np.full(known.sum(), lat)
    _, _, metres[known] = _GEOD.inv(x[known], y[known], *here)
    return metres
