"""Water on roads: how deep it may be for each mode, and how it slows.

The numbers stand in ``water.toml``; where nothing else is said they count, and what
they close says that they are assumed.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.errors import LayerError, NetworkError
from riskmap.standards import is_assumed, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]

__all__ = ["DEPTH", "bands", "deeper_than", "depth_limit", "driving_kmh"]

DEPTH = "depth_m"
_MM = 1000.0


def depth_limit(network: Network, *, group: str | None = None) -> tuple[float, str]:
    """Return how deep water the mode of a network goes through, and a mark.

    Parameters
    ----------
    network
        Its mode decides, and on foot the group it was built for.
    group
        Who else walks; None takes the network's own. Vehicles have none.

    Returns
    -------
    tuple
        Metres; and the words that say they are assumed, empty where they are not.

    Raises
    ------
    NetworkError
        If there is no such group, or a group drives.
    """
    table = _table()
    walking = network.mode == "walk"
    limits = table["limit_m" if walking else "vehicle_limit_m"]
    who = network.mode
    if walking:
        who = group or network.settings.get("group", "adult")
    if who not in _names(limits) or (group is not None and not walking):
        msg = (
            f'"{group}" on a network of mode "{network.mode}": people wade as '
            f"{', '.join(_names(table['limit_m']))}; vehicles have no group"
        )
        raise NetworkError(msg)
    mark = str(read_table("rescue")["assumed_mark"]) if is_assumed(limits) else ""
    return float(limits[who]), mark


def bands(network: Network, *, limit_m: float) -> tuple[FloatArray, FloatArray]:
    """Return the depths at which a mode slows down, and what each does to it.

    On foot a factor on the speed; on wheels the highest speed, km/h.
    """
    if network.mode == "walk":
        wading = _table()["wading"]
        depth, value = np.array(wading["deeper_than_m"]), np.array(wading["factor"])
    else:
        depth = np.array(_table()["driving"]["deeper_than_m"])
        value = driving_kmh(np.minimum([*depth[1:], np.inf], limit_m))
    return depth[depth < limit_m], value[depth < limit_m]


def driving_kmh(depth_m: FloatArray | float) -> FloatArray:
    """Return how fast a vehicle goes at most through water so deep, km/h."""
    driving = _table()["driving"]
    mm = np.minimum(depth_m, driving["fitted_to_m"]) * _MM
    return np.asarray(np.polynomial.Polynomial(driving["coefficients"])(mm))


def deeper_than(
    network: Network, water: gpd.GeoDataFrame | str | Path, limit_m: float
) -> gpd.GeoDataFrame:
    """Return where water is deeper than a limit, as zones.

    Of a frame, the rows whose ``depth_m`` is greater, or unknown.
    """
    if not limit_m >= 0:
        msg = f"depth_limit_m {limit_m} must be 0 or more, metres"
        raise NetworkError(msg)
    if isinstance(water, str | Path):
        from riskmap.routing.depths import flooded  # noqa: PLC0415 - rasterio is slow

        return flooded(network, water, depth_limit_m=limit_m)
    depth = pd.to_numeric(water[DEPTH], errors="coerce").to_numpy(
        float, na_value=np.nan
    )
    wrong = (np.isnan(depth) & water[DEPTH].notna().to_numpy()) | (depth < 0)
    if wrong.any():
        first = water[DEPTH][wrong].iloc[0]
        msg = f"{int(wrong.sum())} depths are no metres, first {first!r}"
        raise LayerError(msg)
    return water[~(depth <= limit_m)]


def _names(limits: Mapping[str, Any]) -> list[str]:
    """Return whom a table of limits knows."""
    return [name for name, one in limits.items() if isinstance(one, float)]


def _table() -> Mapping[str, Any]:
    """Return the table of water."""
    return read_table(Path(str(resources.files("riskmap.routing") / "water.toml")))
