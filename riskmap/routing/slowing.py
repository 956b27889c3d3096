"""Hazards that slow: shallow water, debris, crowds on parts of roads."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.errors import LayerError, NetworkError
from riskmap.routing.closing import close_roads, cut_at_zones, zone_table
from riskmap.standards import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from riskmap.routing.network import Network

__all__ = ["slow_roads"]


def slow_roads(
    network: Network,
    zones: gpd.GeoDataFrame | str | Path,
    *,
    factor: str = "factor",
    group: str = "adult",
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
        around them. Or the path of a raster of water depths, metres: then people
        of `group` wade, as ``wading.toml`` says, and deeper water closes the
        road.
    factor
        The column of speed factors, above 0 and at most 1.
    group
        With a raster, who wades: ``adult``, ``with_elderly``, ``elderly`` or
        ``assisted``.

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
        If a raster is given and nobody walks on the network, the group is
        unknown, or the raster does not overlap.
    """
    if isinstance(zones, str | Path):
        return _waded(network, zones, group)
    factors = _factors(zones, factor)
    placed = (zones.geometry.notna() & ~zones.geometry.is_empty).to_numpy()
    table = zone_table(zones[placed], network.crs)
    if not len(table):
        return network.changed()
    cut, piece, zone = cut_at_zones(network, table)
    slowest = np.ones(len(cut))
    np.minimum.at(slowest, piece, factors[placed][zone])
    note = f"{len(table)} zones, factors {factors.min():g} to {factors.max():g}"
    return cut.changed(
        forward_min=cut.forward_min / slowest,
        backward_min=cut.backward_min / slowest,
        settings={**network.settings, "slowed": note},
    )


def _factors(zones: gpd.GeoDataFrame, column: str) -> NDArray[np.float64]:
    """Return the factor of each zone, or refuse them."""
    if column not in zones.columns:
        msg = f'zones have no column "{column}" of speed factors'
        raise LayerError(msg)
    values: NDArray[np.float64] = pd.to_numeric(zones[column]).to_numpy(
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


def _waded(network: Network, path: str | Path, group: str) -> Network:
    """Slow the shallow parts of a raster of depths, and close the deep ones."""
    from riskmap.routing.depths import flooded  # noqa: PLC0415 - rasterio is slow

    rules = _wading()
    limits = {name: one for name, one in rules["limit_m"].items()
              if isinstance(one, float)}  # fmt: skip
    if network.mode != "walk" or group not in limits:
        msg = (
            f'"{group}" on a network of mode "{network.mode}": a raster of depths '
            f"slows people on foot, {', '.join(limits)}"
        )
        raise NetworkError(msg)
    wading = rules["wading"]
    bands = [
        flooded(network, path, depth_limit_m=depth).assign(factor=factor)
        for depth, factor in zip(wading["deeper_than_m"], wading["factor"], strict=True)
        if depth < limits[group]
    ]
    zones = gpd.GeoDataFrame(pd.concat(bands, ignore_index=True), crs=bands[0].crs)
    slowed = slow_roads(network, zones) if len(zones) else network
    return close_roads(slowed, path, depth_limit_m=limits[group])


def _wading() -> Mapping[str, Any]:
    """Return the table of wading."""
    return read_table(Path(str(resources.files("riskmap.routing") / "wading.toml")))
