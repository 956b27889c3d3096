"""Everything one plan is made of, measured once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.crs import same_crs
from riskmap.evacuation.demand import checked_groups, checked_shelters
from riskmap.evacuation.ways import Ways, closed_by, find_ways
from riskmap.routing import close_roads_by_hour
from riskmap.standards import shelter_capacity

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from riskmap.evacuation.lead_time import LeadTime
    from riskmap.routing import HourlyNetwork, Network

    FloatArray = NDArray[np.float64]

__all__ = ["Case", "measure", "suitable_shelters"]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Everything the plan is made of, on positions of groups and shelters.

    ``special`` are people with special needs of each group (unknown counts as
    none), ``suitable`` tells which shelters suit them.
    """

    groups: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame
    capacity: pd.DataFrame
    network: Network
    ways: Ways
    clock: LeadTime
    limit_min: float
    special: FloatArray
    suitable: NDArray[np.object_]
    hourly: HourlyNetwork | None = None

    @property
    def room(self) -> FloatArray:
        """Available people of each shelter; NaN = unknown."""
        room = self.capacity["available_people"]
        return room.to_numpy(float, na_value=np.nan)

    @property
    def people(self) -> FloatArray:
        """People of each group; NaN = unknown."""
        return self.groups["people"].to_numpy(float, na_value=np.nan)


def measure(
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    network: Network,
    *,
    zones: gpd.GeoDataFrame | None,
    hazards: Collection[str] | None,
    closing: gpd.GeoDataFrame | None,
    clock: LeadTime,
    max_time_min: float | None,
) -> Case:
    """Check the frames, close the roads and measure the ways.

    Parameters
    ----------
    groups, shelters, network, zones, hazards, closing, max_time_min
        As `riskmap.evacuation.plan_evacuation` takes them.
    clock
        The moments of the scenario.

    Returns
    -------
    Case
        In the order of both frames.

    Raises
    ------
    LayerError
        If a frame lacks a column, an id is missing or repeated, or people are
        negative.
    CrsError
        If the frames have no CRS, or different ones.
    """
    network = closed_by(network, zones)
    hourly = None if closing is None else close_roads_by_hour(network, closing)
    if hourly is not None:
        network = hourly.at(clock.chain_min)
    same_crs(groups, shelters)
    who = checked_groups(groups, zones=zones)
    where = checked_shelters(shelters)
    limit = clock.walk_limit_min
    rule = clock.rules["special_needs"]
    if max_time_min is not None:
        limit = min(limit, float(max_time_min))
    return Case(
        who,
        where,
        shelter_capacity(where, zones=zones, hazards=hazards),
        network,
        find_ways(network, who, where),
        clock,
        limit,
        _special(who, rule["classes"]),
        suitable_shelters(where, rule["place_kinds"]),
        hourly,
    )


def _special(groups: gpd.GeoDataFrame, classes: Sequence[str]) -> FloatArray:
    """Return the people of each group with special needs, as far as known."""
    total = groups[list(classes)].astype("Float64").fillna(0).sum(axis=1)
    most = groups["people"].astype("Float64").fillna(0)
    return np.asarray(np.minimum(total.to_numpy(float), most.to_numpy(float)))


def suitable_shelters(
    shelters: pd.DataFrame, place_kinds: Sequence[str]
) -> NDArray[np.object_]:
    """Tell which shelters suit people with special needs.

    Parameters
    ----------
    shelters
        ``place_kind`` and ``assessed`` where known.
    place_kinds
        The kinds of place that suit them.

    Returns
    -------
    numpy.ndarray
        True, False, or None where the census does not say enough. A building
        recorded as not assessed suits nobody with special needs.
    """
    out = np.full(len(shelters), None, dtype=object)
    if "place_kind" in shelters:
        known = shelters["place_kind"].notna().to_numpy(dtype=bool)
        fits = shelters["place_kind"].isin(list(place_kinds)).to_numpy(dtype=bool)
        out[known] = fits[known]
    if "assessed" in shelters:
        out[shelters["assessed"].isin([False]).to_numpy(dtype=bool)] = False
    return out
