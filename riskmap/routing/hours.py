"""Roads that close hour by hour: one cut network, a closure set for any minute.

What it gives::

    hourly = close_roads_by_hour(walk, zones)
    hourly.steps               # minutes at which roads change
    hourly.at(90)              # the Network of minute 90
    hourly.closes_at_min       # by edge: the first minute closed
    hourly.closures()          # pieces with closes_min, opens_min

`riskmap.routing.deadlines` says when to leave: `latest_departures` and
`check_departures`.

Every minute counts from the start of the scenario. All networks of an
`HourlyNetwork` share nodes, edges, minutes and geometry, and edge numbers mean
the same piece at every hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.errors import LayerError, NetworkError, first_few
from riskmap.routing.closing import close_table, zone_table, zones_of
from riskmap.routing.opening import with_zones

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from riskmap.routing.network import Network

    FloatArray = NDArray[np.float64]

__all__ = ["HourlyNetwork", "close_roads_by_hour"]


@dataclass(frozen=True, slots=True, eq=False)
class HourlyNetwork:
    """A network whose closures come and go; make one with `close_roads_by_hour`.

    Attributes
    ----------
    network
        With everything closed that is closed at any time.
    closes_min, opens_min
        For each row of ``network.zones``: the minute from which it closes its
        roads, 0 at the least, and that from which they are open again (inf: never).
    """

    network: Network
    closes_min: FloatArray
    opens_min: FloatArray
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        """Say in one line what the network is, and when it changes."""
        minutes = ", ".join(f"{one:g}" for one in self.steps)
        return f"<HourlyNetwork: {self.network!r}, changes at {minutes} min>"

    @property
    def steps(self) -> FloatArray:
        """Return the minutes at which roads close or open, 0 first, ascending."""
        every = np.concatenate([[0.0], self.closes_min, self.opens_min])
        return np.unique(every[np.isfinite(every)])

    @property
    def closes_at_min(self) -> FloatArray:
        """Return for each edge the first minute at which it is closed; inf: never."""
        first = [windows[0][0] for windows in self.windows]
        return np.array([*first, np.inf])[self.network.edge_cause]

    @property
    def windows(self) -> list[list[tuple[float, float]]]:
        """Return when each of ``network.causes`` closes and opens, overlaps joined."""
        if "windows" not in self.memo:
            self.memo["windows"] = [
                _joined([(self.closes_min[one], self.opens_min[one]) for one in cause])
                for cause in self.network.causes
            ]
        made: list[list[tuple[float, float]]] = self.memo["windows"]
        return made

    def at(self, minute: float) -> Network:
        """Return the network of one minute.

        Parameters
        ----------
        minute
            From the start of the scenario, 0 or more. A road is closed from its
            closing minute on, that minute included.

        Returns
        -------
        Network
            It shares its arrays with every other hour; made once for each step.

        Raises
        ------
        NetworkError
            If the minute is negative or NaN.
        """
        if not minute >= 0:
            msg = f"minute {minute} must be 0 or more, from the start of the scenario"
            raise NetworkError(msg)
        step = int(np.searchsorted(self.steps, minute, side="right")) - 1
        if step not in self.memo:
            shut = (self.closes_min <= minute) & (minute < self.opens_min)
            self.memo[step] = with_zones(self.network, shut)
        network: Network = self.memo[step]
        return network

    def closures(self, *, crs: Any = None) -> gpd.GeoDataFrame:  # noqa: ANN401
        """Return the pieces of road that close, and when.

        Parameters
        ----------
        crs
            Where the geometry is wanted; None keeps the network's.

        Returns
        -------
        geopandas.GeoDataFrame
            The columns of `Network.closures`, and closes_min and opens_min (NaN:
            stays closed); a row for each piece and spell, by closes_min.
        """
        frame = self.network.closures(crs=crs)
        cause = self.network.edge_cause[~self.network.is_open]
        spells = pd.Series([self.windows[one] for one in cause], dtype=object)
        rows = frame.assign(spell=spells).explode("spell", ignore_index=True)
        pairs = np.array(rows.pop("spell").to_list(), dtype=float).reshape(-1, 2)
        rows["closes_min"] = pairs[:, 0]
        rows["opens_min"] = np.where(np.isfinite(pairs[:, 1]), pairs[:, 1], np.nan)
        return rows.sort_values("closes_min", kind="stable", ignore_index=True)


def close_roads_by_hour(
    network: Network,
    zones: gpd.GeoDataFrame | Mapping[float, gpd.GeoDataFrame | str | Path],
    *,
    depth_limit_m: float | None = None,
) -> HourlyNetwork:
    """Close roads hour by hour, on one network cut once.

    Parameters
    ----------
    network
        From `build_network` or `close_roads`; what it closes stays closed.
    zones
        Zones as `close_roads` takes them, with the columns ``closes_min`` and,
        where roads open again, ``opens_min``: minutes from the start of the
        scenario. A null closing minute closes from the start, a null opening
        minute leaves closed. Or a mapping from minutes to zones, or to rasters of
        depth: each set holds until the next one begins, the last to the end.
    depth_limit_m
        With rasters: deeper water closes a road; None as in `close_roads`.

    Returns
    -------
    HourlyNetwork
        Which gives the network of any minute, and when each edge closes.

    Raises
    ------
    CrsError
        If zones have no CRS.
    LayerError
        If ``closes_min`` is missing, a time is no number, or a zone opens before it
        closes.
    NetworkError
        If a minute is negative or NaN, a limit makes no sense, or a raster
        does not overlap.
    """
    if isinstance(zones, Mapping):
        table = _of_hours(network, zones, depth_limit_m)
    else:
        table = _of_frame(network, zones)
    made = close_table(network, table) if len(table) else network.changed()
    before = len(network.zones)
    # The times are arrays of their own: the zones of a network stay what they are.
    made = made.changed(zones=made.zones[list(network.zones.columns)])
    return HourlyNetwork(
        made,
        np.r_[np.zeros(before), table["closes_min"].to_numpy(dtype=float)],
        np.r_[np.full(before, np.inf), table["opens_min"].to_numpy(dtype=float)],
    )


def _of_frame(network: Network, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table of zones with times of their own."""
    if "closes_min" not in zones.columns:
        msg = 'zones have no column "closes_min": minutes from the start, null: 0'
        raise LayerError(msg)
    closes = np.maximum(_minutes(zones, "closes_min", 0.0), 0.0)
    opens = _minutes(zones, "opens_min", np.inf)
    early = opens <= closes
    if early.any():
        msg = (
            f"{int(early.sum())} zones open before they close, first "
            f"{zones.index[early][0]}: {closes[early][0]:g} to {opens[early][0]:g} min"
        )
        raise LayerError(msg)
    placed = (zones.geometry.notna() & ~zones.geometry.is_empty).to_numpy()
    table = zone_table(zones[placed], network.crs)
    return table.assign(closes_min=closes[placed], opens_min=opens[placed])


def _minutes(zones: gpd.GeoDataFrame, column: str, missing: float) -> FloatArray:
    """Return a column of minutes, nulls replaced."""
    if column not in zones.columns:
        return np.full(len(zones), missing)
    known = zones[column].notna()
    values = pd.to_numeric(zones[column], errors="coerce")
    if (wrong := known & values.isna()).any():
        msg = f"{column} is no number of minutes: {first_few(zones[column][wrong])}"
        raise LayerError(msg)
    return values.fillna(missing).to_numpy(dtype=float)


def _of_hours(
    network: Network,
    hours: Mapping[float, gpd.GeoDataFrame | str | Path],
    depth_limit_m: float | None,
) -> gpd.GeoDataFrame:
    """Return the table of zones that hold from one minute to the next."""
    begin = np.array(sorted(hours), dtype=float)
    if not (len(begin) and np.isfinite(begin).all() and begin[0] >= 0):
        msg = f"hours {first_few(hours)} must be minutes, 0 or more, one at least"
        raise NetworkError(msg)
    parts = [
        zones_of(
            network, hours[start],
            depth_limit_m=None if isinstance(hours[start], gpd.GeoDataFrame)
            else depth_limit_m,
        ).assign(closes_min=start, opens_min=end)
        for start, end in zip(begin.tolist(), [*begin[1:].tolist(), np.inf],
                              strict=True)
    ]  # fmt: skip
    some = [one for one in parts if len(one)] or parts[:1]
    return gpd.GeoDataFrame(pd.concat(some, ignore_index=True), crs=network.crs)


def _joined(spells: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join spells that touch or overlap."""
    joined: list[tuple[float, float]] = []
    for closes, opens in sorted(spells):
        if joined and closes <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(opens, joined[-1][1])
        else:
            joined.append((float(closes), float(opens)))
    return joined
