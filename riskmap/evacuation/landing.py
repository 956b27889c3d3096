"""Where the cut off are fetched from: the nearest landing zone or pier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of
from riskmap.evacuation.demand import has_place, inside_of
from riskmap.reasons import Reason
from riskmap.routing import shortest_paths, travel_times

if TYPE_CHECKING:
    from riskmap.evacuation.case import Case

__all__ = ["LANDING_COLUMNS", "landing_places"]

LANDING_COLUMNS = (
    *("group_id", "name", "people", "landing_zone_id", "landing_name", "kind"),
    *("distance_m", "time_min", "straight_line", "at_risk", "reason", "geometry"),
)
_FIGURES = ["distance_m", "time_min"]
_LAST = 1e9
"""Added to minutes and metres of a spot in danger, to put it behind all others."""


def landing_places(
    case: Case,
    cut_off: np.ndarray,
    landing_zones: gpd.GeoDataFrame | None,
    *,
    zones: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Find for each group that is cut off where it can be fetched from.

    Parameters
    ----------
    case
        What the plan is made of.
    cut_off
        Positions of the groups.
    landing_zones
        ``landing_zone_id``, ``name``, ``kind``; any CRS. None or none with a
        place leaves ``insufficient_data``.
    zones
        Polygons of danger in the CRS of the groups; None = none.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a group: the nearest outside the zones on foot (one inside only
        where no path leads to another), ``distance_m`` and ``time_min``
        along open roads; where no path leads to any, the nearest as the crow
        flies (``straight_line`` true, ``time_min`` null). ``at_risk``: it
        stands in a zone itself; ``reason`` is ``shelter_at_risk`` then.
        Geometry: the landing place, in the CRS of the groups.
    """
    rows = case.groups.iloc[cut_off]
    table = gpd.GeoDataFrame(
        {
            "group_id": rows["group_id"].to_numpy(object),
            "name": rows["name"].to_numpy(object),
            "people": rows["people"].array,
            **dict.fromkeys(("landing_zone_id", "landing_name", "kind"), None),
            "distance_m": np.nan,
            "time_min": np.nan,
            "straight_line": None,
            "at_risk": None,
            "reason": str(Reason.INSUFFICIENT_DATA),
        },
        geometry=np.full(len(rows), None, dtype=object), crs=case.groups.crs,
    )  # fmt: skip
    if landing_zones is None or landing_zones.empty or not len(rows):
        return table[list(LANDING_COLUMNS)]
    spots = landing_zones[has_place(landing_zones)].reset_index(drop=True)
    spots = spots.to_crs(crs_of(case.groups))
    risky = [bool(one) for one in inside_of(spots, zones)]
    placed = np.flatnonzero(has_place(rows))
    if len(spots) and len(placed):
        _fill(table, case, rows, spots=spots, placed=placed, risky=risky)
    return table[list(LANDING_COLUMNS)]


def _fill(
    table: gpd.GeoDataFrame,
    case: Case,
    rows: gpd.GeoDataFrame,
    *,
    spots: gpd.GeoDataFrame,
    placed: np.ndarray,
    risky: list[bool],
) -> None:
    """Write the nearest spot of each group that has a place."""
    here = rows.iloc[placed][["geometry"]].reset_index(drop=True)
    nearest = _nearest(case, here, spots, risky=np.array(risky, dtype=bool))
    found = spots.iloc[nearest["spot"]]
    danger = np.array(risky, dtype=bool)[nearest["spot"]]
    told = {
        "landing_zone_id": found.get("landing_zone_id"),
        "landing_name": found.get("name"),
        "kind": found.get("kind"),
        "distance_m": nearest["distance_m"],
        "time_min": nearest["time_min"],
        "straight_line": nearest["straight_line"],
        "at_risk": danger,
        "reason": np.where(danger, str(Reason.SHELTER_AT_RISK), str(Reason.OK)),
    }
    for column, values in told.items():
        if values is not None:
            whole = table[column].to_numpy(object).copy()
            whole[placed] = np.asarray(values, dtype=object)
            table[column] = whole
    table[_FIGURES] = table[_FIGURES].astype(float)
    shapes = np.full(len(table), None, dtype=object)
    shapes[placed] = found.geometry.to_numpy()
    table.geometry = shapes


def _nearest(
    case: Case, here: gpd.GeoDataFrame, spots: gpd.GeoDataFrame, *, risky: np.ndarray
) -> pd.DataFrame:
    """Return the nearest spot on foot, or as the crow flies where no path leads.

    One that stands in danger is taken only where there is no other.
    """
    minutes = travel_times(case.network, here, spots[["geometry"]]).to_numpy(float)
    metric = here.to_crs(case.network.crs).geometry.to_numpy()
    there = spots.to_crs(case.network.crs).geometry.to_numpy()
    straight = shapely.distance(metric[:, None], there[None, :])
    walks = np.isfinite(minutes).any(axis=1)
    last = np.where(risky, _LAST, 0.0)
    best = np.where(
        walks,
        np.where(np.isfinite(minutes), minutes + last, np.inf).argmin(axis=1),
        (straight + last).argmin(axis=1),
    )
    each = np.arange(len(best))
    length = straight[each, best]
    if walks.any():
        ways = shortest_paths(
            case.network,
            here[walks].reset_index(drop=True),
            spots.iloc[best[walks]][["geometry"]].reset_index(drop=True),
        )
        length[walks] = ways["length_m"]
    return pd.DataFrame(
        {
            "spot": best,
            "distance_m": length,
            "time_min": minutes[each, best],
            "straight_line": ~walks,
        }
    )
