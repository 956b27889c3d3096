"""The tables beside a map and the figures above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.publish.cells import contact_text, or_dash, people_text
from riskmap.publish.compose_shelters import (
    shelter_load,
    shelter_state,
    shelter_states,
)
from riskmap.publish.lists_frames import duty_rows, own_rows, transfer_rows
from riskmap.publish.places import plain_text
from riskmap.publish.planframes import rows_by_id
from riskmap.publish.scene import placed_shelters
from riskmap.publish.spec import Table
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from riskmap.publish.places import Place
    from riskmap.publish.scene import Scene
    from riskmap.publish.transfers import Transfer

    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = [
    "duty_table",
    "emergency_table",
    "shelter_table",
    "signal_table",
    "team_table",
    "township_phone",
    "transfer_table",
]


def transfer_table(found: Sequence[Transfer], *, villages: bool) -> Table:
    """Make the transfer table, groups without a shelter first.

    Parameters
    ----------
    found
        The groups of the map.
    villages
        Whether to name the village of each group.

    Returns
    -------
    Table
        One row for each group.
    """
    words = read_words()
    frame = transfer_rows(found, villages=villages)
    timed = words["transfer"]["departs_by"] in frame.columns
    walking = any(plain_text(one.row.get("shelter_id")) for one in found)
    extra = words["transfer"]["note_no_departure"] if walking and not timed else ""
    return Table(
        key="transfer",
        title=words["tables"]["transfer"],
        frame=frame,
        note=words["transfer"]["note"] + extra,
    )


def duty_table(place: Place, frames: Frames) -> Table:
    """Make the table of the people on duty.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers.

    Returns
    -------
    Table
        Posts; where none are given, the owners of objects; where neither is,
        a note says so.
    """
    words = read_words()
    frame = duty_rows(place, frames, objects=False)
    note = None if len(frame) else words["duty"]["none"]
    if place.level == "township" and len(frame):
        frame = frame.drop_duplicates(words["duty"]["scope"], ignore_index=True)
        note = words["duty"]["first"]
    title = words["tables"]["duty"]
    return Table(key="duty", title=title, frame=frame, note=note)


def shelter_table(scene: Scene) -> Table:
    """Make the table of the shelters of a place and of those its groups go to.

    Parameters
    ----------
    scene
        The place, its frames and its plan.

    Returns
    -------
    Table
        Name, level, load of capacity, state, owner and phone; a shelter whose
        place is unknown says so, since nobody can be led there.
    """
    words = read_words()["shelters"]
    own = own_rows(scene.place, scene.frames.get("shelters"))
    wanted = scene.used_shelters | {plain_text(one.get("shelter_id")) for one in own}
    near = placed_shelters(scene)
    near = near.loc[near["shelter_id"].map(plain_text).isin(wanted)]
    placed = rows_by_id(near, "shelter_id")
    census = {plain_text(one.get("shelter_id")): one for one in own}
    states = shelter_states(near, scene.frames, scene.plan)
    lines = [
        _shelter_line(
            {**placed.get(key, census.get(key, {})), **states.get(key, {})},
            key,
            placed=key in placed,
        )
        for key in sorted(wanted)
    ]
    return Table(
        key="shelters",
        title=read_words()["tables"]["shelters"],
        frame=pd.DataFrame(lines, columns=list(words.values()), dtype="object"),
        note=None if lines else read_words()["notes"]["no_shelters"],
    )


def _shelter_line(row: Mapping[str, Any], key: str, *, placed: bool) -> dict[str, str]:
    """Lay one shelter out; one without a place is nowhere to be led to."""
    words, lost = read_words()["shelters"], read_words()["marks"]["place_unknown"]
    cells = {
        "name": plain_text(row.get("name")) or key,
        "level": or_dash(row.get("level")),
        "load": shelter_load(row) if placed and "reason" in row else _declared(row),
        "state": shelter_state(row) if placed else lost,
        "responsible": contact_text(row, "responsible_a"),
        "phone": contact_text(row, "phone_a"),
    }
    return {words[one]: cell for one, cell in cells.items()}


def _declared(row: Mapping[str, Any]) -> str:
    """Return the load where no plan says it."""
    return f"{or_dash('')}/{people_text(row.get('declared_people'))}"


def team_table(place: Place, frames: Frames) -> Table | None:
    """Make the table of teams and stores, or none where none is known.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers.

    Returns
    -------
    Table or None
        Name, kind, strength, owner and phone.
    """
    words = read_words()["teams"]
    labels = read_words("layers")["layers"]
    lines = []
    for layer in ("teams", "supplies"):
        for row in own_rows(place, frames.get(layer)):
            strength = plain_text(row.get("stock"))
            if layer == "teams":
                strength = people_text(row.get("members_people"))
            cells = {
                "name": or_dash(row.get("name")),
                "kind": plain_text(row.get("kind")) or labels[layer]["label"],
                "strength": or_dash(strength),
                "responsible": contact_text(row, "responsible_a"),
                "phone": contact_text(row, "phone_a"),
            }
            lines.append({words[one]: cell for one, cell in cells.items()})
    if not lines:
        return None
    frame = pd.DataFrame(lines, columns=list(words.values()), dtype="object")
    return Table(key="teams", title=read_words()["tables"]["teams"], frame=frame)


def signal_table() -> Table:
    """Make the table of warning signals and what they mean.

    Returns
    -------
    Table
        With the note that the village's own plan decides.
    """
    words = read_words()["signals"]
    frame = pd.DataFrame(words["rows"], columns=words["headings"], dtype="object")
    title = read_words()["tables"]["signals"]
    return Table(key="signals", title=title, frame=frame, note=words["note"])


def emergency_table(place: Place, frames: Frames) -> Table:
    """Make the table of emergency numbers.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers; ``duties`` may hold the
        township's post on duty.

    Returns
    -------
    Table
        The national numbers, and the township's.
    """
    words = read_words()["emergency"]
    phone = township_phone(place, frames) or read_words()["marks"]["not_given"]
    rows = [*words["rows"], [words["township"].format(township=place.township), phone]]
    frame = pd.DataFrame(rows, columns=words["headings"], dtype="object")
    title = read_words()["tables"]["emergency"]
    return Table(key="emergency", title=title, frame=frame)


def township_phone(place: Place, frames: Frames) -> str:
    """Return the phone of the township's post on duty, empty where unknown.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers.

    Returns
    -------
    str
        The phone of the first post of the township named 值班.
    """
    duties = rows_by_id(
        frames.get("duties", pd.DataFrame()).reset_index(names="_row"), "_row"
    )
    for row in reversed(list(duties.values())):
        own = plain_text(row.get("township_code")) == place.township_code
        above = not plain_text(row.get("village_code"))
        if own and above and "值班" in plain_text(row.get("post")):
            return plain_text(row.get("phone"))
    return ""
