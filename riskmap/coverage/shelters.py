"""The batch audit of shelters: room, danger, equipment, and who gets there first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.coverage.units import known_numbers, texts
from riskmap.crs import same_crs
from riskmap.errors import LayerError
from riskmap.reasons import Reason
from riskmap.routing import nearest, reach
from riskmap.standards import hazards_at, read_table, shelter_capacity

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from riskmap.routing import Network

__all__ = ["audit_shelters"]

_KEPT = [
    *("shelter_id", "name", "village_code", "township_code", "level", "hazards"),
    *("place_kind", "structure", "standardised", "video", "assessed", "stock"),
]


def audit_shelters(
    shelters: gpd.GeoDataFrame,
    groups: gpd.GeoDataFrame,
    network: Network,
    *,
    zones: gpd.GeoDataFrame | None = None,
    hazards: Collection[str] | None = None,
    profile: str | None = None,
) -> gpd.GeoDataFrame:
    """Audit every shelter: its room, its dangers, and who reaches it in time.

    Room is `riskmap.standards.shelter_capacity`: declared, computed and
    available are kept apart. Demand is who reaches a shelter before any other,
    whether or not there is room; people travel to the shelter on the network
    given.

    Parameters
    ----------
    shelters
        The layer ``shelters``, any CRS.
    groups
        Points with ``people``, same CRS: groups, households, or the people
        points of `people_points`.
    network
        From `build_network`, or `close_roads` for the roads that are left.
    zones
        Polygons of danger; None judges no place.
    hazards
        The hazards of a scenario; None counts every zone and takes every
        shelter as meant for it.
    profile
        Which area per person computes the room; None takes the default.

    Returns
    -------
    geopandas.GeoDataFrame
        The rows, index, order and CRS of `shelters`: ``shelter_id, name`` and
        what the census records of its state; ``big_kit, small_kit`` (how many of
        三大件 and 四小件 its stock names, null = no stock recorded);
        ``declared_people,
        computed_people, available_people`` (Int64, null = unknown);
        ``zone_hazards`` (inside whose zones it stands, empty = none);
        ``demand_people`` and ``demand_groups`` (who reaches it first);
        ``people_10_min, people_15_min, people_30_min`` (who can reach it at
        all by then); ``people_per_bed`` (the last over available; NaN where
        there is none); ``reason``.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If `groups` have no ``people``, or `shelters` no ``shelter_id``.
    StandardError
        If no profile has this name.

    Notes
    -----
    ``reason`` is that of the room. A shelter that no road leads to says
    ``too_far_from_road``, or ``cut_off`` where nobody at all can reach it.
    Groups whose number is unknown count for ``demand_groups`` alone.
    """
    same_crs(shelters, groups)
    for frame, column, name in (
        (shelters, "shelter_id", "shelters"),
        (groups, "people", "groups"),
    ):
        if column not in frame:
            msg = f"{name} have no column {column}; name the column that holds it so"
            raise LayerError(msg)
    table = shelters[[name for name in _KEPT if name in shelters]].copy()
    room = shelter_capacity(shelters, zones=zones, hazards=hazards, profile=profile)
    table = table.join(room.drop(columns="reason"))
    table["zone_hazards"] = hazards_at(shelters, zones, hazards=hazards)
    reached = _demand(shelters, groups, network)
    table = table.join(reached.drop(columns="lost"))
    beds = table["available_people"].to_numpy(dtype=float, na_value=np.nan)
    near = table[f"people_{_minutes()[-1]}_min"].to_numpy(dtype=float)
    beds[beds == 0] = np.nan
    table["people_per_bed"] = near / beds
    table = table.join(_kit(shelters))
    table["reason"] = np.where(
        room["reason"].isin([str(Reason.OK), str(Reason.NO_ASSESSMENT)])
        & (reached["lost"] != ""),
        reached["lost"],
        room["reason"],
    )
    return gpd.GeoDataFrame(table, geometry=shelters.geometry, crs=shelters.crs)


def _kit(shelters: pd.DataFrame) -> pd.DataFrame:
    """Count the things of each checklist that the stock text names."""
    lists: dict[str, dict[str, list[str]]] = read_table("shelters")["kit"]
    stock = texts(shelters, "stock")
    counts = {
        name: [
            sum(any(word in text for word in words) for words in things.values())
            if text
            else None
            for text in stock
        ]
        for name, things in lists.items()
    }
    return pd.DataFrame(counts, index=shelters.index, dtype="Int64")


def _minutes() -> Sequence[int]:
    """Return the bands of walking minutes."""
    minutes: list[int] = read_table("shelters")["walk"]["minutes"]
    return minutes


def _demand(
    shelters: gpd.GeoDataFrame, groups: gpd.GeoDataFrame, network: Network
) -> pd.DataFrame:
    """Return who reaches each shelter, first and within the bands."""
    sites = gpd.GeoDataFrame(geometry=shelters.geometry.to_numpy(), crs=shelters.crs)
    places = gpd.GeoDataFrame(geometry=groups.geometry.to_numpy(), crs=groups.crs)
    people = np.nan_to_num(known_numbers(groups, "people"))
    bands = _minutes()
    if len(sites) and len(places):
        first = nearest(network, places, sites, direction="to")["facility"]
        near = reach(network, sites, places, direction="to", limit_min=bands[-1])
        lost = _lost(sites, places, network)
    else:
        first = pd.Series(dtype=object)
        near = pd.DataFrame({"facility": [], "place": [], "time_min": []})
        lost = np.full(len(sites), "", dtype=object)
    at = first.dropna().astype(int)
    columns: dict[str, NDArray] = {
        "demand_people": _sums(at, people[at.index], len(sites)),
        "demand_groups": _sums(at, np.ones(len(at)), len(sites)),
    }
    for band in bands:
        rows = near[near["time_min"] <= band]
        weight = people[rows["place"].to_numpy(dtype=int)]
        columns[f"people_{band}_min"] = _sums(rows["facility"], weight, len(sites))
    return pd.DataFrame({**columns, "lost": lost}, index=shelters.index)


def _sums(at: pd.Series, weight: NDArray, size: int) -> NDArray[np.int64]:
    """Return whole sums by position."""
    sums = np.bincount(at.to_numpy(dtype=int), weights=weight, minlength=size)
    return np.round(sums).astype(np.int64)


def _lost(
    sites: gpd.GeoDataFrame, places: gpd.GeoDataFrame, network: Network
) -> NDArray[np.object_]:
    """Say of each shelter why nobody can reach it, empty where somebody can."""
    back = nearest(network, sites, places, direction="from")
    lost = back["reason"].to_numpy(dtype=object)
    return np.where(lost == str(Reason.OK), "", lost)
