"""Cards as frames: one for every household, one for every hazard (明白卡).

What is not known stays blank, to be written in by hand; nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.publish.cells import metres_text, minutes_text, people_text, time_text
from riskmap.publish.layerframes import context_frames
from riskmap.publish.lists_frames import own_rows
from riskmap.publish.places import find_place, plain_text
from riskmap.publish.planframes import rows_by_id
from riskmap.publish.style import read_words
from riskmap.publish.transfers import transfers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from riskmap.publish.places import Place
    from riskmap.publish.planframes import PlanFrames
    from riskmap.publish.transfers import Transfer

    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = ["hazard_cards", "household_cards"]

_HAZARDS = ("hazard_points", "risk_zones", "flood_zones")
_GRADES = ("size_grade", "threat_grade", "risk_level")
_THREATENED = ("people", "threatened_people", "threatened_households", "households")


def household_cards(
    plan: PlanFrames,
    villages: gpd.GeoDataFrame,
    *,
    village: str | None = None,
    township: str | None = None,
    layers: Frames | None = None,
    **more: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Lay out the card of every household to be moved (避险明白卡).

    Parameters
    ----------
    plan
        The evacuation plan.
    villages
        As for `draw_route_map`.
    village, township
        A name or a code; exactly one of the two.
    layers
        Frames by the names of canonical layers: ``households``, ``groups``,
        ``hazard_points``, ``shelters``, ``medical``. Without households there is
        one card for each group, its household left blank to fill in.
    **more
        The same as keywords.

    Returns
    -------
    pandas.DataFrame
        Text under Chinese headings, one row for each card.

    Raises
    ------
    LayerError
        If the place, a layer's name or a column of the plan is unknown.
    """
    frames = context_frames(layers, more)
    place = find_place(villages, village=village, township=township)
    found = transfers(plan, place, census_groups=frames.get("groups"))
    houses = own_rows(place, frames.get("households"))
    book = _card_book(place, frames)
    lines: list[dict[str, str]] = []
    for one in found:
        mine = [
            row for row in houses if plain_text(row.get("group_id")) == one.group_id
        ]
        lines.extend(
            _card(place, one, house=house, book=book) for house in mine or [{}]
        )
    words = read_words()["card"]
    for number, line in enumerate(lines, start=1):
        line[words["number"]] = f"{place.code}-{number:03d}"
    return pd.DataFrame(lines, columns=list(words.values()), dtype="object")


def _card_book(place: Place, frames: Frames) -> dict[str, dict[str, dict[str, Any]]]:
    """Gather by id what a card tells of dangers, shelters and medical help."""
    empty = pd.DataFrame()
    hazards: dict[str, dict[str, Any]] = {}
    for layer in ("flood_zones", "risk_zones", "hazard_points"):
        hazards |= rows_by_id(frames.get(layer, empty), f"{layer[:-1]}_id")
    medical = own_rows(place, frames.get("medical"))
    return {
        "hazards": hazards,
        "shelters": rows_by_id(frames.get("shelters", empty), "shelter_id"),
        "medical": {plain_text(row.get("name")): row for row in medical},
    }


def _card(
    place: Place,
    one: Transfer,
    *,
    house: Mapping[str, Any],
    book: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> dict[str, str]:
    """Lay out one card; what is not known stays blank to be written in."""
    words = read_words()
    row = one.row
    hazard = book["hazards"].get(plain_text(row.get("hazard_id")), {})
    shelter = book["shelters"].get(plain_text(row.get("shelter_id")), {})
    medical = next(iter(book["medical"]), "")
    people = people_text(house.get("people")) if house else ""
    cells = {
        "head": plain_text(house.get("head")),
        "phone": plain_text(house.get("phone")),
        "address": f"{place.township}{place.name}{one.name.removeprefix(place.name)}",
        "people": people,
        "members": _members(house),
        "house": plain_text(house.get("house_kind")),
        "hazard": plain_text(hazard.get("hazard")) or plain_text(row.get("category")),
        "hazard_place": plain_text(hazard.get("name")),
        "scale": _grades(hazard),
        "trigger": plain_text(hazard.get("trigger")),
        "monitor": _monitor(hazard),
        "signal": words["card_signal"]["text"],
        "issuer": _person(row, "responsible_a", "phone_a"),
        "route": _way(one),
        "assembly": one.assembly,
        "departs_by": plain_text(row.get("departs_by"))
        and time_text(row["departs_by"]),
        "shelter": one.destination,
        "shelter_owner": _person(shelter, "responsible_a", "phone_a"),
        "medical": medical,
        "instructions": words["card_signal"]["instructions"]
        if one.placed
        else words["phone"]["unplaced"],
    }
    return {words["card"][key]: cell for key, cell in cells.items()}


def _members(house: Mapping[str, Any]) -> str:
    """Say how many of a household need help."""
    words = read_words()["card_members"]
    parts = [
        f"{words[column]} {plain_text(house.get(column))}"
        for column in ("elderly_people", "disabled_people")
        if plain_text(house.get(column))
    ]
    return "，".join(parts)


def _way(one: Transfer) -> str:
    """Say how far it is to the shelter."""
    units = read_words()["units"]
    if not one.placed or not plain_text(one.row.get("time_min")):
        return ""
    metres = metres_text(one.row.get("length_m"))
    minutes = minutes_text(one.row.get("time_min"))
    number = read_words()["card_signal"]["route"].format(number=one.number)
    return f"{number} {metres} {units['metres']} {minutes} {units['minutes']}"


def _person(row: Mapping[str, Any], name: str, phone: str) -> str:
    """Return a name and a phone in one line."""
    return f"{plain_text(row.get(name))} {plain_text(row.get(phone))}".strip()


def hazard_cards(
    villages: gpd.GeoDataFrame,
    *,
    plan: PlanFrames | None = None,
    village: str | None = None,
    township: str | None = None,
    layers: Frames | None = None,
    **more: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Lay out the card of every hazard of a place (防灾工作明白卡).

    Parameters
    ----------
    villages
        As for `draw_route_map`.
    plan
        The evacuation plan, which tells where the people of each hazard go;
        None leaves routes and shelters blank.
    village, township
        A name or a code; exactly one of the two.
    layers
        Frames by the names of canonical layers: ``hazard_points``,
        ``risk_zones``, ``flood_zones``, ``groups``.
    **more
        The same as keywords.

    Returns
    -------
    pandas.DataFrame
        Text under Chinese headings, one row for each hazard of the place.

    Raises
    ------
    LayerError
        If the place, a layer's name or a column of the plan is unknown.
    """
    frames = context_frames(layers, more)
    place = find_place(villages, village=village, township=township)
    moves = (
        []
        if plan is None
        else transfers(plan, place, census_groups=frames.get("groups"))
    )
    words, lines = read_words()["hazard_card"], []
    for layer in _HAZARDS:
        for row in own_rows(place, frames.get(layer)):
            identity = plain_text(row.get(f"{layer[:-1]}_id"))
            mine = [
                one for one in moves if plain_text(one.row.get("hazard_id")) == identity
            ]
            cells = {"number": identity, **_hazard_card(place, row, mine)}
            lines.append({words[key]: cell for key, cell in cells.items()})
    return pd.DataFrame(lines, columns=list(words.values()), dtype="object")


def _hazard_card(
    place: Place, row: Mapping[str, Any], moves: Sequence[Transfer]
) -> dict[str, str]:
    """Lay out the card of one hazard, with the groups that flee from it."""
    signal = read_words()["card_signal"]
    placed = [one for one in moves if one.placed]
    return {
        "name": plain_text(row.get("name")),
        "hazard": plain_text(row.get("hazard")),
        "place": f"{place.township}{place.name}",
        "scale": _grades(row),
        "trigger": plain_text(row.get("trigger")),
        "threatened": _threatened(row),
        "groups": "、".join(one.name for one in moves),
        "signs": "",
        "monitor": _monitor(row),
        "last_checked": plain_text(row.get("last_checked"))[:10],
        "responsible": _person(row, "responsible_a", "phone_a"),
        "signal": signal["text"],
        "route": "；".join(f"{one.name} {_way(one)}" for one in placed),
        "shelter": "、".join(dict.fromkeys(one.destination for one in placed)),
        "instructions": signal["measures"],
    }


def _grades(row: Mapping[str, Any]) -> str:
    """Return the grades that are known, each under its own name."""
    words = read_words()["card_grades"]
    known = [(one, plain_text(row.get(one))) for one in _GRADES]
    return "，".join(f"{words[one]} {text}" for one, text in known if text)


def _threatened(row: Mapping[str, Any]) -> str:
    """Return how many people and households are threatened, as far as known."""
    words = read_words()["card_threatened"]
    known = [(one, plain_text(row.get(one))) for one in _THREATENED]
    return "，".join(words[one].format(number=text) for one, text in known if text)


def _monitor(row: Mapping[str, Any]) -> str:
    """Return who watches a hazard: the B role of a point, the owner of a zone."""
    role = "b" if plain_text(row.get("hazard_point_id")) else "a"
    return _person(row, f"responsible_{role}", f"phone_{role}")
