"""The frames of audit.gpkg, from the rows to answer for and what bears on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.coverage import (
    audit_capability,
    audit_coverage,
    audit_losses,
    audit_shelters,
    audit_sums,
    coverage_gaps,
    layer_circles,
    propose,
    rescue_circles,
    shelter_hazards,
    shelter_losses,
    sheltering_sums,
)
from riskmap.reasons import Reason
from riskmap.routing import close_roads
from riskmap.scenarios import hazards_of
from riskmap.standards import read_table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from riskmap.coverage import Proposals
    from riskmap.routing import Network
    from riskmap.settings import StandardSettings

__all__ = ["AuditCase", "audit_frames", "proposals"]


@dataclass(frozen=True, slots=True)
class AuditCase:
    """What is audited, and what bears on it; every frame in EPSG:4490.

    A project answers for all its rows. A part of a larger run answers for its
    own, and knows those of its neighbours that roads bring into play.

    Parameters
    ----------
    layers
        The rows to answer for, by layer; ``villages`` and ``shelters`` are there.
    people
        Where everybody lives, from `riskmap.coverage.people_points`.
    teams, shelters, groups
        Who may come, where people may go, and who may go there: the rows of
        `layers`, and perhaps neighbours'.
    walk, ride
        The networks of people and of rescue units.
    zones
        Of the scenario on the wall; None without one.
    standards
        By which rules.
    capability
        The county's own table of villages' means; None takes the shipped one.
    as_of
        The day to count to.
    """

    layers: Mapping[str, gpd.GeoDataFrame]
    people: gpd.GeoDataFrame
    teams: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame
    groups: gpd.GeoDataFrame
    walk: Network
    ride: Network
    zones: gpd.GeoDataFrame | None
    standards: StandardSettings
    capability: Path | None
    as_of: dt.date


def audit_frames(case: AuditCase) -> dict[str, pd.DataFrame]:
    """Audit the coverage of teams and shelters, and the villages' means.

    Parameters
    ----------
    case
        What is audited.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``villages, tiers, shelters, capability, gaps, circles, ratios,
        sheltering, shelter_hazards, losses, shelter_losses, services``: rows of
        `case.layers` alone.

    Raises
    ------
    RiskmapError
        If a layer lacks a column, or a standard is malformed.
    """
    villages, tiers = case.layers["villages"], _tiers(case)
    reachable = _reachable_shelters(case)
    shelters = _own_shelters(case, reachable)
    rules, people = case.standards.rescue, case.people
    frames = {
        "villages": _village_figures(villages, people, tiers),
        "tiers": tiers,
        "shelters": shelters,
        "capability": audit_capability(
            villages, case.layers, as_of=case.as_of,
            rules=case.capability or "capability",
        ),
        "gaps": coverage_gaps(
            villages, case.teams, case.ride, standard=rules[0], people=people
        ),
        "circles": _circles(case),
        "ratios": audit_sums(
            villages, case.teams, case.ride, standards=rules, people=people,
            grids=case.layers.get("grids"),
        ),
        "sheltering": sheltering_sums(villages, reachable, case.walk, people=people),
        "shelter_hazards": shelter_hazards(shelters, case.zones),
        "losses": audit_losses(
            villages, case.teams, case.ride, standards=rules, people=people
        ),
        "shelter_losses": shelter_losses(
            villages, reachable, case.walk, people=people
        ),
        "services": layer_circles(case.layers),
    }  # fmt: skip
    return {**frames, **_nobody_told(frames)} if _untold(case) else frames


def proposals(case: AuditCase) -> Proposals:
    """Find where the next shelter, beds, footbridge and team buy most people.

    Parameters
    ----------
    case
        What is audited; `layers` hold ``groups``.

    Returns
    -------
    Proposals
        For the scenario on the wall, on the roads it leaves open.

    Raises
    ------
    RiskmapError
        If a layer lacks a column, or a standard is malformed.
    """
    open_roads = case.walk if case.zones is None else close_roads(case.walk, case.zones)
    return propose(
        case.layers["villages"],
        case.layers["groups"],
        _own_shelters(case, _reachable_shelters(case)),
        teams=case.teams,
        walk=open_roads,
        ride=case.ride,
        standard=case.standards.rescue[0],
        zones=case.zones,
        people=case.people,
    )


def _reachable_shelters(case: AuditCase) -> gpd.GeoDataFrame:
    """Audit every shelter that people may go to."""
    return audit_shelters(
        case.shelters,
        case.groups,
        case.walk,
        zones=case.zones,
        hazards=None if case.zones is None else hazards_of(case.zones),
        profile=case.standards.shelters,
    )


def _own_shelters(case: AuditCase, audited: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the audited shelters to answer for."""
    own = case.layers["shelters"]
    if len(own) == len(audited):
        return audited
    mine = audited["shelter_id"].isin(own["shelter_id"])
    return audited[mine].reset_index(drop=True)


def _tiers(case: AuditCase) -> pd.DataFrame:
    """Audit every standard of rescue, each on the network of its mode."""
    return pd.concat(
        [
            audit_coverage(
                case.layers["villages"],
                case.teams,
                case.ride,
                standard=name,
                people=case.people,
            )
            for name in case.standards.rescue
        ],
        ignore_index=True,
    )


def _untold(case: AuditCase) -> bool:
    """Tell whether nobody said which teams there are: that is not to have none."""
    return "teams" not in case.layers and case.teams.empty


def _nobody_told(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return what the tables of rescue say where the teams are unknown."""
    unknown = str(Reason.INSUFFICIENT_DATA)
    tiers, gaps, sums = (frames[one].copy() for one in ("tiers", "gaps", "ratios"))
    counts = ["circle_people", "network_people"]
    tiers["passed"] = pd.array([None] * len(tiers), dtype="boolean")
    tiers[[*counts, "overlap_people"]] = pd.NA
    tiers[["first_min", "margin_min", "fix_amount", "fix_x", "fix_y"]] = np.nan
    tiers[["first_unit", "fix_places"]] = None
    tiers = tiers.assign(
        reason=unknown, fix=read_table("fixes")["data"], fix_kind="data", fix_unit=""
    )
    gaps = gaps.assign(reason=unknown, people=pd.array([None] * len(gaps), "Int64"))
    gaps["geometry"] = None
    sums[counts] = pd.NA
    sums[["circle_ratio", "network_ratio"]] = np.nan
    sums = sums.assign(passed_villages=0, unknown_villages=sums["villages"])
    kept = frames["villages"].copy()
    named = (tiers["standard"] + "_" + tiers["tier"].astype(str)).unique()
    kept[[one for one in named if one in kept]] = pd.NA
    told = {"tiers": tiers, "gaps": gaps, "ratios": sums, "villages": kept}
    return {name: one.astype(frames[name].dtypes) for name, one in told.items()}


def _circles(case: AuditCase) -> gpd.GeoDataFrame:
    """Draw the circles that officials quote, of the teams to answer for."""
    teams = case.layers.get("teams", case.teams)
    return pd.concat(
        [rescue_circles(teams, standard=name) for name in case.standards.rescue],
        ignore_index=True,
    )


def _village_figures(
    villages: gpd.GeoDataFrame, people: gpd.GeoDataFrame, tiers: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Return a row a village: its people, where they stand, and its tiers."""
    by_village = people.groupby("village_code")
    sources = by_village["people_source"].agg(lambda one: "、".join(sorted(set(one))))
    frame = villages[
        ["village_code", "name", "township_code", "population", "geometry"]
    ]
    frame = frame.rename(columns={"name": "village_name"})
    frame["people_source"] = frame["village_code"].map(sources)
    known = frame["population"].notna() & frame["people_source"].notna()
    frame["reason"] = known.map({True: "ok", False: "insufficient_data"})
    passed = tiers.pivot(  # noqa: PD010 (a table would drop what is unknown)
        index="village_code", columns=["standard", "tier"], values="passed"
    ).astype("boolean")
    passed.columns = ["_".join(map(str, one)) for one in passed.columns.to_list()]
    return frame.merge(passed, how="left", on="village_code")
