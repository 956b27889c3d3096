"""What others claim, on a map: rings of rescue units, and official routes.

Rings are named by their standard's own words; an official route that the plan
does not use is drawn as out of use, with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from riskmap.publish.cells import minutes_text
from riskmap.publish.places import Place, plain_text
from riskmap.publish.planframes import PlanFrames, plain_rows, rows_by_id
from riskmap.publish.style import read_words
from riskmap.reasons import Reason
from riskmap.standards import load_standard, reason_label, standard_names

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["official_routes", "rings_of"]

_MOST_RINGS = {"village": 2, "township": 1}


def rings_of(
    circles: gpd.GeoDataFrame, place: Place, teams: pd.DataFrame | None
) -> gpd.GeoDataFrame:
    """Choose the rings that a map has room for, named by their standards.

    Parameters
    ----------
    circles
        Rings with ``standard`` and ``tier``, ``team_id`` and ``radius_m`` where
        known.
    place
        The village or township.
    teams
        The teams, which say whose village a ring is of; None where unknown.

    Returns
    -------
    geopandas.GeoDataFrame
        For each team of the place its widest rings, each radius once: two in a
        village, one in a township. ``standard`` and ``tier`` are in words; in a
        village ``whose`` names the team, since each has a radius of its own.
    """
    words = {one: _standard_words(one) for one in circles["standard"].unique()}
    named = circles.assign(
        standard=circles["standard"].map(words),
        tier=circles["label"] if "label" in circles.columns else circles["tier"],
    )
    if not {"team_id", "radius_m"} <= set(named.columns):
        return named
    own = named.loc[_own_teams(named, place, teams).to_numpy()]
    once = own.drop_duplicates(["team_id", "radius_m"])
    widest = once.sort_values("radius_m", ascending=False, kind="stable")
    kept = widest.groupby("team_id", sort=False).head(_MOST_RINGS[place.level])
    if place.level == "village" and "name" in kept.columns:
        kept = kept.assign(whose=[_whose(row, place) for row in plain_rows(kept)])
    return gpd.GeoDataFrame(kept.sort_index(), crs=circles.crs)


def _whose(row: Mapping[str, Any], place: Place) -> str:
    """Name the team of a ring, and how long it takes to turn out."""
    words = read_words("layers")["tiers"]
    name = plain_text(row.get("name")).removeprefix(place.name)
    minutes = plain_text(row.get("turnout_min"))
    told = words["turnout"].format(minutes=minutes_text(minutes)) if minutes else ""
    return f"{name}{told}"


def _own_teams(
    circles: gpd.GeoDataFrame, place: Place, teams: pd.DataFrame | None
) -> pd.Series:
    """Tell which rings are of a team of the place."""
    ids = circles["team_id"].map(plain_text)
    if teams is None or not {"team_id", "village_code"} <= set(teams.columns):
        return pd.Series(data=True, index=ids.index)
    mine = teams["village_code"].map(plain_text).isin(place.village_codes)
    return ids.isin(set(teams.loc[mine, "team_id"].map(plain_text)))


def _standard_words(name: object) -> str:
    """Return the Chinese name of a standard, or its own where it is not ours."""
    text = plain_text(name)
    return load_standard(text).label if text in standard_names() else text


def official_routes(
    routes: gpd.GeoDataFrame, plan: PlanFrames | None
) -> gpd.GeoDataFrame:
    """Say of each official route whether the plan uses it, or why not.

    Parameters
    ----------
    routes
        The official routes; ``planned_route_id`` and ``group_id`` where known.
    plan
        The evacuation plan; None for a map without.

    Returns
    -------
    geopandas.GeoDataFrame
        With ``out_of_use``: empty for a route in use, else why it is not.
    """
    if plan is None or not {"planned_route_id", "group_id"} <= set(routes.columns):
        return routes.assign(out_of_use="")
    groups = {plain_text(one) for one in routes["group_id"]}
    first = plan.routes[plan.routes["rank"] == 1]
    made = rows_by_id(first, "group_id", ids=groups)
    assigned = rows_by_id(plan.assignments, "group_id", ids=groups)
    why = [
        _why_not(
            plain_text(route),
            made.get(plain_text(group), {}),
            assigned.get(plain_text(group), {}),
        )
        for route, group in zip(
            routes["planned_route_id"], routes["group_id"], strict=True
        )
    ]
    return routes.assign(out_of_use=why)


def _why_not(
    route: str, made: Mapping[str, object], assigned: Mapping[str, object]
) -> str:
    """Return why a group does not go by its official route; empty if it does."""
    if plain_text(made.get("planned_route_id")) == route:
        shut = plain_text(made.get("replaced"))
        return reason_label(shut) if shut else ""
    reason = plain_text(assigned.get("reason"))
    if reason and reason != Reason.OK:
        return reason_label(reason)
    words: str = read_words()["marks"]["other_route"]
    return words
