"""The table of the dangers of a place, and the numbers that join it to the map."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from riskmap.publish.cells import contact_text, number_or_none, or_dash, people_text
from riskmap.publish.compose_layers import HAZARD_LAYERS
from riskmap.publish.layerframes import placed_rows
from riskmap.publish.lists_frames import own_rows
from riskmap.publish.places import plain_text
from riskmap.publish.planframes import plain_rows
from riskmap.publish.spec import Table
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from riskmap.publish.places import Place

    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = ["HazardRow", "hazard_numbers", "hazard_rows", "hazard_table"]

_GRADE_COLUMN = {
    "hazard_points": "threat_grade",
    "risk_zones": "risk_level",
    "flood_zones": "risk_level",
    "unsafe_houses": "grade",
}
_PEOPLE_COLUMN = {
    "hazard_points": "threatened_people",
    "reservoirs": "downstream_people",
}
_ZONES = frozenset({"risk_zones", "flood_zones"})
_APART = "unsafe_houses"
"""What a township's map leaves to those of its villages."""


class HazardRow(NamedTuple):
    """One danger of a place as the census has it.

    Parameters
    ----------
    layer
        The name of its layer.
    number
        Its number on the map and in the table, as text.
    key
        Its id; empty where it has none.
    row
        Its cells by the names of their columns.
    """

    layer: str
    number: str
    key: str
    row: Mapping[str, Any]

    @property
    def people(self) -> float | None:
        """The people under it; None for unknown."""
        return number_or_none(self.row.get(_PEOPLE_COLUMN.get(self.layer, "people")))


def hazard_rows(place: Place, frames: Frames) -> list[HazardRow]:
    """List the dangers of a place, numbered in the order of the table.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers.

    Returns
    -------
    list of HazardRow
        Each row of the census once, also zones of a neighbour that reach over a
        group of the place; houses are left out of a township's, which sends its
        readers to the villages' maps.
    """
    every = [
        (layer, plain_text(row.get(f"{layer[:-1]}_id")), row)
        for layer in HAZARD_LAYERS
        if layer != _APART or not _left_out(place)
        for row in [*own_rows(place, frames.get(layer)), *_over(place, frames, layer)]
    ]
    return [HazardRow(one[0], str(at), *one[1:]) for at, one in enumerate(every, 1)]


def _over(place: Place, frames: Frames, layer: str) -> list[dict[str, Any]]:
    """Return the zones of other places that hold or threaten a group of this one."""
    zones, groups = frames.get(layer), frames.get("groups")
    if layer not in _ZONES or zones is None or groups is None:
        return []
    if not {"village_code"} <= set(zones.columns) & set(groups.columns):
        return []
    own = groups["village_code"].map(plain_text).isin(place.village_codes)
    mine = groups.loc[own.to_numpy()]
    foreign = ~zones["village_code"].map(plain_text).isin(["", *place.village_codes])
    others = placed_rows(zones.loc[foreign.to_numpy()], place.crs)
    here = placed_rows(mine, place.crs).geometry
    held = np.zeros(len(others), dtype=bool)
    held[others.sindex.query(here, predicate="intersects")[1]] = True
    key = f"{layer[:-1]}_id"
    if key in others.columns and "hazard_id" in mine.columns:
        held |= others[key].isin(mine["hazard_id"].dropna()).to_numpy()
    return plain_rows(others.loc[held])


def hazard_table(place: Place, frames: Frames) -> Table:
    """Make the table of the dangers of a place.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers.

    Returns
    -------
    Table
        Points and zones with number, id, kind, grade, people and owner; the
        note says how many of each kind there are.
    """
    words = read_words()["hazards"]
    rows = hazard_rows(place, frames)
    lines = [{words[key]: cell for key, cell in _cells(one).items()} for one in rows]
    return Table(
        key="hazards",
        title=read_words()["tables"]["hazards"],
        frame=pd.DataFrame(
            lines, columns=[words[one] for one in _HAZARD_COLUMNS], dtype="object"
        ),
        note=_hazard_note(place, frames, rows),
    )


def _cells(one: HazardRow) -> dict[str, str]:
    """Put one danger into words; a kind that is not given says so."""
    row, label = one.row, read_words("layers")["layers"][one.layer]["label"]
    kind = plain_text(row.get("hazard")) or plain_text(row.get("kind"))
    if one.layer in _NEEDS_KIND and not kind:
        label = read_words()["marks"]["kind_missing"]
    return {
        "number": one.number,
        "id": or_dash(one.key),
        "name": or_dash(row.get("name")),
        "kind": kind or label,
        "grade": _grade(one),
        "people": people_text(one.people),
        "responsible": _owner(one, "responsible_a"),
        "phone": _owner(one, "phone_a"),
    }


def _grade(one: HazardRow) -> str:
    """Return the grade of a danger; of water on a road, how deep it stands."""
    depth = number_or_none(one.row.get("depth_m"))
    if one.layer == "waterlog_points" and depth is not None:
        return str(read_words()["hazards"]["depth"].format(metres=f"{depth:g}"))
    return or_dash(one.row.get(_GRADE_COLUMN.get(one.layer, "")))


def _owner(one: HazardRow, column: str) -> str:
    """Return who answers for a danger; a house is its residents' own matter."""
    marks = read_words()["marks"]
    if one.layer == _APART:
        return str(marks["withheld"])
    owned = column in read_words("layers")["layers"][one.layer]["popup"]
    return contact_text(one.row, column) if owned else str(marks["none"])


_NEEDS_KIND = frozenset({"hazard_points", "risk_zones", "flood_zones"})


def _hazard_note(place: Place, frames: Frames, rows: Sequence[HazardRow]) -> str:
    """Say how many there are of each kind, and where houses are listed."""
    words, labels = read_words()["hazards"], read_words("layers")["layers"]
    counts = Counter(one.layer for one in rows)
    told = words["join"].join(
        f"{labels[layer]['label']} {count}" for layer, count in counts.items()
    )
    note = words["note"].format(number=len(rows), kinds=told) if rows else ""
    unknown = sum(one.people is None for one in rows)
    note += words["unknown"].format(number=unknown) if unknown else ""
    houses = len(own_rows(place, frames.get(_APART))) if _left_out(place) else 0
    note += words["houses"].format(number=houses) if houses else ""
    return note or str(words["none"])


def _left_out(place: Place) -> bool:
    """Tell whether houses are left to other maps."""
    return place.level == "township"


_HAZARD_COLUMNS = (
    "number",
    "id",
    "name",
    "kind",
    "grade",
    "people",
    "responsible",
    "phone",
)


def hazard_numbers(place: Place, frames: Frames) -> dict[tuple[str, str], str]:
    """Give the dangers of a place the numbers that join map and table.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers.

    Returns
    -------
    dict
        Numbers as text by layer and id; what has no id has none.
    """
    rows = reversed(hazard_rows(place, frames))
    return {(one.layer, one.key): one.number for one in rows if one.key}
