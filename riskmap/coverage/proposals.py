"""What a county might build next: shelters, beds, footbridges, teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.coverage.beds import site_beds
from riskmap.coverage.bridges import site_bridges
from riskmap.coverage.ratios import coverage_points
from riskmap.coverage.siting import site_facilities
from riskmap.coverage.units import known_numbers, texts
from riskmap.routing import snap
from riskmap.standards import load_standard

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.coverage.beds import Beds
    from riskmap.coverage.bridges import Bridges
    from riskmap.coverage.siting import Siting
    from riskmap.routing import Network
    from riskmap.standards import Standard, Tier

__all__ = ["GAP_M", "LOT", "Proposals", "propose"]

COUNT, LIMIT_MIN, LOT, GAP_M = 5, 30.0, 50, 100.0
"""How many of each, how far people walk, beds in a lot, the longest footbridge:
project choices."""
_CANDIDATES = 500
"""Places beside which a new team may stand, those with most people."""
_PLACE = ["village_code", "name", "township_code", "geometry"]
_GROUP = ["group_id", "name", "village_code", "people", "geometry"]
_SHELTER = ["shelter_id", "name", "declared_people", "computed_people",
            "available_people", "geometry"]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Proposals:
    """The best next shelters, beds, footbridges and teams, each on its own.

    Attributes
    ----------
    shelters, beds, bridges
        For those who must leave: from `site_facilities`, `site_beds` and
        `site_bridges`. The three are not added together: each starts from what
        stands today.
    teams
        From `site_facilities`, for those whom no team reaches in time by
        `tier`; None where the standard has no tier that a single team meets.
    tier
        The last such tier.
    standard
        The standard of `tier`.
    """

    shelters: Siting
    beds: Beds
    bridges: Bridges
    teams: Siting | None
    tier: Tier | None
    standard: Standard

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the marginal lists and who is left, by layer.

        Returns
        -------
        dict
            ``sites, beds, bridges, teams, unserved`` (of the shelters) and
            ``unserved_teams``; those of teams only where there is a tier.
        """
        frames: dict[str, pd.DataFrame] = {
            "sites": self.shelters.sites,
            "beds": self.beds.beds,
            "bridges": self.bridges.links,
            "unserved": self.shelters.unserved,
        }
        if self.teams is not None:
            frames |= {
                "teams": self.teams.sites,
                "unserved_teams": self.teams.unserved,
            }
        return frames


def propose(
    villages: gpd.GeoDataFrame,
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    *,
    teams: gpd.GeoDataFrame,
    walk: Network,
    ride: Network,
    standard: str | Path | Standard,
    zones: gpd.GeoDataFrame | None = None,
    people: gpd.GeoDataFrame | None = None,
) -> Proposals:
    """Find where the next shelter, beds, footbridge and team buy most people.

    New shelters may stand at village points outside the zones, new teams on the
    road beside the places where most people are out of reach. What exists is
    kept.

    Parameters
    ----------
    villages, teams
        The layers of those names, one CRS.
    groups
        Points with ``people`` who must leave; same CRS.
    shelters
        From `audit_shelters`, same CRS.
    walk
        The roads people walk on, closed where the scenario closes them.
    ride
        The roads that teams ride on.
    standard
        The rescue standard of the teams.
    zones
        Polygons where no new shelter may stand, same CRS; None: none.
    people
        Where everybody lives, from `people_points`; None: at the village points.

    Returns
    -------
    Proposals
        Each list on its own.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key or its numbers.
    StandardError
        If the standard is unknown or malformed.
    """
    leaving, own = _trimmed(groups, _GROUP), _trimmed(shelters, _SHELTER)
    land = _trimmed(villages, _PLACE)
    places = land.set_geometry(land.geometry.representative_point())
    if zones is not None and len(zones):
        places = places[~places.intersects(zones.union_all())]
    usable = own[known_numbers(own, "available_people") > 0]
    rules = load_standard(standard)
    tier = _single(rules)
    late = (
        None
        if tier is None
        else _late(villages, teams, ride, rules=rules, tier=tier, people=people)
    )
    return Proposals(
        shelters=site_facilities(
            leaving, places, walk, goal="cover_most", direction="to",
            limit_min=LIMIT_MIN, count=COUNT, existing=usable,
        ),
        beds=site_beds(leaving, own, walk, limit_min=LIMIT_MIN, count=COUNT, lot=LOT),
        bridges=site_bridges(
            leaving, usable, walk, limit_min=LIMIT_MIN, count=COUNT, gap_m=GAP_M
        ),
        teams=None if late is None or tier is None else site_facilities(
            late, _roadside(late, villages, ride), ride, goal="cover_most",
            direction="from", limit_min=tier.limit_min - (tier.turnout_min or 0.0),
            count=COUNT,
        ),
        tier=tier,
        standard=rules,
    )  # fmt: skip


def _trimmed(frame: gpd.GeoDataFrame, columns: list[str]) -> gpd.GeoDataFrame:
    """Return the rows that have a place, with the columns that a list needs."""
    kept: gpd.GeoDataFrame = frame[[one for one in columns if one in frame]]
    return kept[~(kept.geometry.isna() | kept.geometry.is_empty)]


def _single(rules: Standard) -> Tier | None:
    """Return the last tier that a single team can meet, and has time to."""
    able = [
        one
        for one in rules.tiers
        if one.meaning != "start"
        and one.minimum_units <= 1
        and one.limit_min > (one.turnout_min or 0.0)
    ]
    return able[-1] if able else None


def _late(
    villages: gpd.GeoDataFrame,
    teams: gpd.GeoDataFrame,
    ride: Network,
    *,
    rules: Standard,
    tier: Tier,
    people: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Return where people stand whom no team reaches by a tier."""
    points = coverage_points(villages, teams, ride, standard=rules, people=people)
    mine = points["tier"].eq(tier.number) & ~points["by_road"].astype(bool)
    late: gpd.GeoDataFrame = points[np.asarray(mine) & points.geometry.notna()]
    return late[["village_code", "people", "geometry"]].reset_index(drop=True)


def _roadside(
    late: gpd.GeoDataFrame, villages: gpd.GeoDataFrame, ride: Network
) -> gpd.GeoDataFrame:
    """Return the road beside the places where most people are out of reach."""
    rank = np.argsort(-known_numbers(late, "people"), kind="stable")
    places = late.iloc[rank[:_CANDIDATES]]
    feet = snap(ride, places)
    points = gpd.points_from_xy(feet["x"], feet["y"])
    names = pd.Series(texts(villages, "name"), texts(villages, "village_code"))
    columns = {
        "village_code": places["village_code"].to_numpy(),
        "name": places["village_code"].map(names).to_numpy(),
    }
    road = gpd.GeoDataFrame(columns, geometry=points, crs=late.crs)
    near: gpd.GeoDataFrame = road[feet["edge"].notna().to_numpy()]
    return near.drop_duplicates("geometry", ignore_index=True)
