"""The table of the dangers of a place, and their numbers on small maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from riskmap.publish.cells import or_dash, people_text
from riskmap.publish.compose_layers import HAZARD_LAYERS
from riskmap.publish.lists_frames import own_rows
from riskmap.publish.places import plain_text
from riskmap.publish.spec import Table
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from riskmap.publish.places import Place

    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = ["hazard_numbers", "hazard_table"]

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
        Points and zones with id, kind, grade, people and owner.
    """
    words = read_words()["hazards"]
    labels = read_words("layers")["layers"]
    lines, numbers = [], hazard_numbers(place, frames)
    houses = own_rows(place, frames.get("unsafe_houses"))
    apart = place.level == "township" and bool(houses)
    for layer in HAZARD_LAYERS:
        if apart and layer == "unsafe_houses":
            continue
        for row in own_rows(place, frames.get(layer)):
            key = plain_text(row.get(f"{layer[:-1]}_id"))
            kind = plain_text(row.get("hazard")) or plain_text(row.get("kind"))
            cells = {
                "number": or_dash(numbers.get((layer, key))),
                "id": or_dash(key),
                "name": or_dash(row.get("name")),
                "kind": kind or labels[layer]["label"],
                "grade": or_dash(row.get(_GRADE_COLUMN.get(layer, ""))),
                "people": people_text(row.get(_PEOPLE_COLUMN.get(layer, "people"))),
                "responsible": or_dash(row.get("responsible_a")),
                "phone": or_dash(row.get("phone_a")),
            }
            lines.append({words[key]: cell for key, cell in cells.items()})
    frame = pd.DataFrame(
        lines, columns=[words[one] for one in _HAZARD_COLUMNS], dtype="object"
    )
    if place.level == "village":
        frame = frame.drop(columns=words["number"])
    return Table(
        key="hazards",
        title=read_words()["tables"]["hazards"],
        frame=frame,
        note=_hazard_note(lines, houses=len(houses) if apart else 0),
    )


def _hazard_note(lines: Sequence[object], *, houses: int) -> str | None:
    """Say where houses are listed, or that there is no danger on record."""
    words = read_words()["hazards"]
    if houses:
        told: str = words["houses"].format(number=houses)
        return told
    return None if lines else str(words["none"])


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
    """Give the dangers of a place numbers, for a map too small for their names.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers.

    Returns
    -------
    dict
        Numbers as text by layer and id; houses have none.
    """
    keys = [
        (layer, plain_text(row.get(f"{layer[:-1]}_id")))
        for layer in HAZARD_LAYERS
        if layer != "unsafe_houses"
        for row in own_rows(place, frames.get(layer))
    ]
    known = dict.fromkeys(key for key in keys if key[1])
    return {key: str(number) for number, key in enumerate(known, start=1)}
