"""Hazards that slow: shallow water, debris, crowds on parts of roads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.errors import LayerError
from riskmap.routing.closing import close_table, cut_at_zones, zone_table
from riskmap.routing.water import DEPTH, bands, deeper_than, depth_limit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]

__all__ = ["slow_roads"]


def slow_roads(
    network: Network,
    zones: gpd.GeoDataFrame | str | Path,
    *,
    factor: str = "factor",
    group: str | None = None,
) -> Network:
    """Slow the parts of roads that lie in zones.

    Edges are cut exactly at the borders of the zones. Where zones lie over one
    another the smallest factor counts. Bridges inside a zone are slowed too.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`.
    zones
        Polygons in any CRS, with a factor each; points and lines slow 10 m
        around them. Or zones with a column depth_m and no factors, or the path of a
        raster of water depths, metres: then people wade and vehicles drive as fast
        as ``water.toml`` says, and water too deep for the mode closes the road.
    factor
        The column of speed factors, above 0 and at most 1.
    group
        With depths, who wades: ``adult``, ``with_elderly``, ``elderly`` or
        ``assisted``; None takes the group the network was built for.

    Returns
    -------
    Network
        A new network; its settings say what slowed it.

    Raises
    ------
    CrsError
        If `zones` has no CRS.
    LayerError
        If a factor is missing or makes no sense, or a geometry has no area.
    NetworkError
        If the group is unknown, or drives, or a raster does not overlap.
    """
    if isinstance(zones, str | Path) or _only_depths(zones, factor):
        return _through_water(network, zones, group)
    factors = _factors(zones, factor)
    placed = (zones.geometry.notna() & ~zones.geometry.is_empty).to_numpy()
    table = zone_table(zones[placed], network.crs)
    if not len(table):
        return network.changed()
    note = f"{len(table)} zones, factors {factors.min():g} to {factors.max():g}"
    return _slowed(network, table, factors[placed], note=note)


def _only_depths(zones: gpd.GeoDataFrame, factor: str) -> bool:
    """Tell whether zones say how deep they are, and nothing of factors."""
    return DEPTH in zones.columns and factor not in zones.columns


def _slowed(
    network: Network, table: gpd.GeoDataFrame, values: FloatArray, *, note: str,
    highest: bool = False,
) -> Network:  # fmt: skip
    """Slow pieces in zones by the least factor, or to the `highest` speed, km/h."""
    cut, piece, zone = cut_at_zones(network, table)
    least = np.full(len(cut), np.inf if highest else 1.0)
    np.minimum.at(least, piece, values[zone])
    there, back = cut.forward_min, cut.backward_min
    if highest:
        shortest = cut.edge_length_m / (least * 1000 / 60)
        there, back = np.maximum(there, shortest), np.maximum(back, shortest)
    else:
        there, back = there / least, back / least
    settings = {**network.settings, "slowed": note}
    return cut.changed(forward_min=there, backward_min=back, settings=settings)


def _factors(zones: gpd.GeoDataFrame, column: str) -> FloatArray:
    """Return the factor of each zone, or refuse them."""
    if column not in zones.columns:
        msg = f'zones have no column "{column}" of speed factors'
        raise LayerError(msg)
    values: FloatArray = pd.to_numeric(zones[column]).to_numpy(
        dtype=float, na_value=np.nan
    )
    bad = ~((values > 0) & (values <= 1))
    if bad.any():
        msg = (
            f"{int(bad.sum())} speed factors are not above 0 and at most 1, first "
            f"{values[bad][0]}; close_roads closes"
        )
        raise LayerError(msg)
    return values


def _through_water(
    network: Network, water: gpd.GeoDataFrame | str | Path, group: str | None
) -> Network:
    """Slow the shallow parts of water, and close the deep ones."""
    limit, mark = depth_limit(network, group=group)
    parts = [
        zone_table(deeper_than(network, water, depth), network.crs).assign(value=value)
        for depth, value in zip(*bands(network, limit_m=limit), strict=True)
    ]
    some = [one for one in parts if len(one)]
    if some:
        table = gpd.GeoDataFrame(pd.concat(some, ignore_index=True), crs=network.crs)
        network = _slowed(
            network, table, table["value"].to_numpy(dtype=float),
            note=f"water up to {limit:g} m{mark}", highest=network.mode != "walk",
        )  # fmt: skip
    deep = zone_table(deeper_than(network, water, limit), network.crs)
    deep["cause"] += mark
    return close_table(network, deep) if len(deep) else network.changed()
