"""Everything one plan is made of, measured once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.crs import same_crs
from riskmap.evacuation.demand import checked_groups, checked_shelters
from riskmap.evacuation.ways import Ways, closed_by, find_ways
from riskmap.standards import shelter_capacity

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from riskmap.evacuation.lead_time import LeadTime
    from riskmap.routing import Network

    FloatArray = NDArray[np.float64]

__all__ = ["Case", "measure"]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Everything the plan is made of, on positions of groups and shelters."""

    groups: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame
    capacity: pd.DataFrame
    network: Network
    ways: Ways
    clock: LeadTime
    limit_min: float

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
    clock: LeadTime,
    max_time_min: float | None,
) -> Case:
    """Check the frames, close the roads and measure the ways.

    Parameters
    ----------
    groups, shelters, network, zones, hazards, max_time_min
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
    same_crs(groups, shelters)
    who = checked_groups(groups, zones=zones)
    where = checked_shelters(shelters)
    limit = clock.walk_limit_min
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
    )
