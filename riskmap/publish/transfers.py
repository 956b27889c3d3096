"""The groups of one place with all that a plan says of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.publish.cells import (
    metres_text,
    minutes_text,
    number_or_none,
)
from riskmap.publish.compose_assembly import assembly_words
from riskmap.publish.places import plain_text
from riskmap.publish.planframes import (
    PlanFrames,
    insist_columns,
    known_cells,
    plain_rows,
    rows_by_id,
)
from riskmap.publish.style import read_words
from riskmap.reasons import Reason
from riskmap.standards import reason_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmap.publish.places import Place

__all__ = ["Transfer", "orders", "transfers"]

_OWNERS = ("responsible_a", "phone_a")
"""What is said to lack where it is blank, and not where it is not shown at all."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One group of a map's place, with all that the plan says of it.

    Parameters
    ----------
    number
        Its number on the map and in the table, from 1.
    group_id
        Its id.
    name
        Its name, or its id where it has none.
    placed
        Whether it has a place to go to (a shelter, or friends, or a port).
    destination
        The shelter's name, the kind of placement, or why there is none.
    backup
        The name of the backup shelter; empty for none.
    reason
        The reason code.
    assembly
        Where it gathers first, with a warning where it must not; empty for
        nowhere.
    row
        Columns of the group and of its assignment.
    """

    number: int
    group_id: str
    name: str
    placed: bool
    destination: str
    backup: str
    reason: str
    assembly: str
    row: Mapping[str, Any]

    @property
    def backup_place(self) -> str:
        """Where the backup route leads, which may be the same place another way."""
        again = self.backup == read_words()["marks"]["same_shelter"]
        return self.destination if again else self.backup


def transfers(
    plan: PlanFrames, place: Place, *, census_groups: pd.DataFrame | None = None
) -> list[Transfer]:
    """List the groups of a place, those without a shelter first.

    Parameters
    ----------
    plan
        The evacuation plan.
    place
        The village or township.
    census_groups
        The groups of the census, for names and phones that the plan's frame
        lacks; by ``group_id``.

    Returns
    -------
    list of Transfer
        One for each group of the place, numbered; none is left out.

    Raises
    ------
    LayerError
        If a frame of the plan lacks a column.
    """
    insist_columns(plan.groups, "plan.groups", ["group_id", "village_code"])
    insist_columns(
        plan.assignments, "plan.assignments", ["group_id", "shelter_id", "reason"]
    )
    mine = plan.groups["village_code"].astype("string").isin(place.village_codes)
    groups = {plain_text(row["group_id"]): row for row in plain_rows(plan.groups[mine])}
    census = pd.DataFrame() if census_groups is None else census_groups
    extra = rows_by_id(census, "group_id", ids=groups)
    assigned = rows_by_id(plan.assignments, "group_id", ids=groups)
    names = _names(plan.shelters)
    assembly = getattr(plan, "assembly", pd.DataFrame())
    gathers = rows_by_id(assembly, "group_id", ids=groups)
    told = {*plan.groups.columns, *census.columns} & set(_OWNERS)
    found = []
    for group_id, row in groups.items():
        one = dict.fromkeys(sorted(told)) | known_cells(extra.get(group_id, {}))
        one |= known_cells(row)
        one["village"] = _home(one, place)
        one |= known_cells(assigned.get(group_id, {"reason": Reason.INSUFFICIENT_DATA}))
        why = gathers.get(group_id, {}).get("reason")
        found.append(_transfer(group_id, one, names, gathers=why))
    found.sort(key=lambda one: (one.placed, one.group_id))
    return [replace(one, number=number) for number, one in enumerate(found, start=1)]


def _transfer(
    group_id: str, row: Mapping[str, Any], names: Mapping[str, str], *, gathers: object
) -> Transfer:
    """Say where one group goes, or why it goes nowhere; its number comes later."""
    words = read_words()["marks"]
    shelter = plain_text(row.get("shelter_id"))
    reason = plain_text(row.get("reason")) or Reason.INSUFFICIENT_DATA.value
    placement = plain_text(row.get("placement"))
    elsewhere = not shelter and reason == Reason.OK and placement not in {"", "集中"}
    if shelter:
        where = plain_text(row.get("shelter_name")) or names.get(shelter, shelter)
    elif elsewhere:
        quay = plain_text(row.get("assembly_point"))
        to_port = placement == words["to_port"] and quay
        where = f"{placement}（{quay}）" if to_port else placement
    else:
        why = "" if reason == Reason.OK else f"：{reason_label(reason)}"
        where = f"{words['unplaced']}{why}"
    backup = plain_text(row.get("backup_shelter_id"))
    again = bool(shelter) and backup == shelter
    return Transfer(
        number=0,
        group_id=group_id,
        name=_short_name(row, group_id),
        placed=bool(shelter) or elsewhere,
        destination=where,
        backup=words["same_shelter"] if again else names.get(backup, backup),
        reason=reason,
        assembly=assembly_words(row.get("assembly_point"), gathers),
        row=row,
    )


def _home(row: Mapping[str, Any], place: Place) -> str:
    """Name a group's village by its code; another name on record is told too."""
    code, said = (
        plain_text(row.get("village_code")),
        plain_text(row.get("village_name")),
    )
    if not {"village_code", "name"} <= set(place.rows.columns):
        return said
    mine = place.rows["village_code"].map(plain_text) == code
    home = next(iter(place.rows.loc[mine, "name"].map(plain_text)), "")
    if not home or not said or said == home:
        return home or said
    return str(read_words()["marks"]["named_other"].format(name=home, other=said))


def _short_name(row: Mapping[str, Any], group_id: str) -> str:
    """Return a group's name without that of its village before it."""
    name = plain_text(row.get("name")) or group_id
    village = plain_text(row.get("village_name"))
    short = name.removeprefix(village)
    return short if village and len(short) > 1 else name


def orders(one: Transfer) -> list[tuple[str, str]]:
    """Return what to do: where to go, how far, by when."""
    words = read_words()["transfer"]
    lines = [(words["assembly"], one.assembly)] if one.assembly else []
    lines.append((words["shelter"], one.destination))
    if one.placed and number_or_none(one.row.get("time_min")) is not None:
        lines.append((words["minutes"], minutes_text(one.row.get("time_min"))))
        lines.append((words["metres"], metres_text(one.row.get("length_m"))))
    if one.backup:
        lines.append((words["backup"], one.backup))
    return lines


def _names(shelters: pd.DataFrame) -> dict[str, str]:
    """Return the names of shelters by id."""
    return {
        key: plain_text(row.get("name")) or key
        for key, row in rows_by_id(shelters, "shelter_id").items()
    }
