"""The figures above a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.publish.cells import number_or_none, people_total
from riskmap.publish.compose_layers import HAZARD_LAYERS
from riskmap.publish.lists_frames import own_rows
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
    """Count the dangers of a place and the people under them.

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
    count = sum(
        len(own_rows(place, frames.get(layer)))
        for layer in HAZARD_LAYERS
        if layer != "unsafe_houses"
    )
    facts[words["hazard_places"]] = f"{count} {units['places']}"
    points = own_rows(place, frames.get("hazard_points"))
    if points:
        people = [number_or_none(one.get("threatened_people")) for one in points]
        facts[words["threatened"]] = people_total(people)
    return facts
