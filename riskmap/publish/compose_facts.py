"""The figures above a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.publish.cells import people_total
from riskmap.publish.compose_hazards import hazard_rows
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from riskmap.publish.places import Place
    from riskmap.publish.transfers import Transfer

    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = ["hazard_facts", "plan_facts"]


def plan_facts(found: Sequence[Transfer]) -> dict[str, str]:
    """Add up who moves, who has a place and who has none.

    Parameters
    ----------
    found
        The groups of the map.

    Returns
    -------
    dict
        Texts under Chinese headings; unknown people are counted as such.
    """
    words = read_words()["facts"]
    units = read_words()["units"]

    def total(chosen: Sequence[Transfer]) -> str:
        return people_total([one.row.get("people") for one in chosen])

    return {
        words["groups"]: f"{len(found)} {units['places']}",
        words["to_move"]: total(found),
        words["placed"]: total([one for one in found if one.placed]),
        words["unplaced"]: total([one for one in found if not one.placed]),
    }


def hazard_facts(place: Place, frames: Frames) -> dict[str, str]:
    """Count the rows of the table of dangers, and the people under its points.

    The people of other rows are not added: a zone and the point within it are
    two rows of the same people.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers.

    Returns
    -------
    dict
        Texts under Chinese headings.
    """
    words = read_words()["facts"]
    units = read_words()["units"]
    facts = {}
    if "population" in place.rows.columns:
        facts[words["population"]] = people_total(place.rows["population"])
    rows = hazard_rows(place, frames)
    facts[words["hazard_places"]] = f"{len(rows)} {units['places']}"
    points = [one.people for one in rows if one.layer == "hazard_points"]
    if points:
        facts[words["threatened"]] = people_total(points)
    return facts
