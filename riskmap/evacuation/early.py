"""Who goes first: groups whose only way out hangs on one piece of road."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of
from riskmap.evacuation.demand import has_place, zone_ids
from riskmap.routing import critical_links

if TYPE_CHECKING:
    from riskmap.evacuation.case import Case

__all__ = ["EARLY_COLUMNS", "early_groups"]

EARLY_COLUMNS = (
    *("rank", "group_id", "name", "village_name", "people", "why", "road_id"),
    *("road_name", "zone_id", "links", "length_m", "geometry"),
)
_WHY = ("bridge", "near_hazard", "only_road")


def early_groups(
    case: Case, zones: gpd.GeoDataFrame | None, *, near_m: float
) -> gpd.GeoDataFrame:
    """List the groups that lose every shelter when one piece of road fails.

    Parameters
    ----------
    case
        What the plan is made of.
    zones
        Polygons of danger; None = none.
    near_m
        A piece this near to a zone is threatened by it, metres.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a group, in the order to move: ``rank``, ``why`` (its worst
        critical piece is a ``bridge`` or tunnel, ``near_hazard``, or merely its
        ``only_road``), that piece's road, ``zone_id`` (the zone that threatens
        it), ``length_m`` and geometry, and ``links``, how many pieces are
        critical. In the CRS of the groups.
    """
    here = has_place(case.groups) & np.isfinite(case.ways.minutes).any(axis=1)
    takes = has_place(case.shelters) & (np.nan_to_num(case.room) > 0)
    empty = gpd.GeoDataFrame(
        columns=list(EARLY_COLUMNS), geometry="geometry", crs=case.groups.crs
    )
    if not (here.any() and takes.any()):
        return empty
    groups = case.groups[here]
    links = critical_links(
        case.network, groups[["geometry"]], case.shelters[takes], direction="to"
    )
    if not len(links):
        return empty
    links["zone_id"] = _threats(links.to_crs(case.network.crs), zones, near_m=near_m)
    links["why"] = np.select(
        [links["bridge"].astype(bool), links["zone_id"].notna()], _WHY[:2], _WHY[2]
    )
    links["worst"] = links["why"].map({name: rank for rank, name in enumerate(_WHY)})
    worst = links.sort_values(["place", "worst", "edge"], kind="stable")
    count = worst.groupby("place")["edge"].size()
    worst = worst.drop_duplicates("place").set_index("place", drop=False)
    who = groups.loc[worst["place"], ["group_id", "name", "village_name", "people"]]
    whole = worst.assign(**who, links=count)
    whole = whole.sort_values(
        ["worst", "people"], ascending=[True, False], kind="stable", ignore_index=True
    )
    whole["rank"] = pd.array(range(1, len(whole) + 1), dtype="Int64")
    return gpd.GeoDataFrame(whole[list(EARLY_COLUMNS)], crs=case.groups.crs)


def _threats(
    links: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None, *, near_m: float
) -> pd.Series:
    """Return the first zone that is near to each piece, None where none is."""
    found = pd.Series(None, index=links.index, dtype=object)
    if zones is None or not len(zones):
        return found
    shapes = zones.geometry.to_crs(crs_of(links)).to_numpy()
    ids = zone_ids(zones)
    row, zone = shapely.STRtree(shapes).query(
        links.geometry.to_numpy(), predicate="dwithin", distance=near_m
    )
    for one in np.unique(row):
        found.iloc[int(one)] = ids[int(zone[row == one].min())]
    return found
