"""Rules that the tables of a plan keep among themselves."""

from __future__ import annotations

import tomllib
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.evacuation.frames import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskmap.evacuation.facts import Broken, Facts

__all__ = ["check_tables"]

_PERSON_REASONS = {
    "ok", "full", "cut_off", "over_time", "too_far_from_road", "shelter_at_risk",
    "crosses_hazard", "insufficient_data", "wrong_hazard_type",
}  # fmt: skip
_MINUTES = 0.05


def check_tables(facts: Facts) -> Iterator[Broken]:
    """Check rows, sums, room, reasons and moments.

    Parameters
    ----------
    facts
        One scenario.

    Yields
    ------
    tuple
        Rule, object, value, message of each rule that is broken.
    """
    for rule in (_rows, _sums, _rooms, _reasons, _moments):
        yield from rule(facts)


def _rows(facts: Facts) -> Iterator[Broken]:
    """Each group has exactly one assignment, with the people it has."""
    rows = facts.assignments["group_id"].value_counts()
    for group in facts.groups["group_id"]:
        count = int(rows.get(group, 0))
        if count != 1:
            yield "one_row", str(group), count, f"{count} assignments, not one"
    strange = set(facts.assignments["group_id"]) - set(facts.groups["group_id"])
    for group in sorted(map(str, strange)):
        yield "one_row", group, 0, "assigned, but not a group of the plan"
    both = facts.groups.merge(facts.assignments, on="group_id", suffixes=("", "_a"))
    differ = both["people"].fillna(-1) != both["people_a"].fillna(-1)
    for row in records(both[differ]):
        yield "people", str(row.group_id), np.nan, "the assignment has other people"


def _sums(facts: Facts) -> Iterator[Broken]:
    """People in are people placed and people unplaced, in every table."""
    people = facts.assignments["people"].fillna(0)
    ok = facts.assignments["reason"].eq("ok")
    for name, total in (
        ("people", int(facts.groups["people"].fillna(0).sum())),
        ("placed_people", int(people[ok].sum())),
        ("unplaced_people", int(people[~ok].sum())),
    ):
        stated = int(facts.ledger[name].sum())
        if stated != total:
            message = f"the ledger has {stated} {name}, the plan {total}"
            yield "sums", "ledger", stated - total, message
    off = facts.ledger["people"] - facts.ledger[
        ["placed_people", "unplaced_people"]
    ].sum(axis=1)
    for row, difference in off[off.ne(0)].items():
        yield "sums", f"ledger row {row}", int(difference), "the row does not close"


def _rooms(facts: Facts) -> Iterator[Broken]:
    """No shelter takes more than its room, unknown room takes nobody."""
    given = facts.assignments.groupby("shelter_id")["people"].sum()
    known = set(facts.shelters["shelter_id"])
    for shelter in sorted(set(map(str, given.index)) - set(map(str, known))):
        yield "shelter", shelter, np.nan, "people are sent to no shelter of the plan"
    for row in records(facts.shelters):
        people = int(given.get(row.shelter_id, 0))
        stated = int(row.assigned_people)
        room = 0 if pd.isna(row.available_people) else int(row.available_people)
        code = str(row.shelter_id)
        if people != stated:
            yield "sums", code, stated - people, "assigned_people is not who is sent"
        if people > room:
            yield "capacity", code, people - room, f"{people} people, room for {room}"
        place = row.geometry
        at_risk = place is not None and any(
            zone.intersects(place) for zone in facts.zones
        )
        if people and at_risk:
            yield "shelter_at_risk", code, people, "it stands in a hazard zone"


def _reasons(facts: Facts) -> Iterator[Broken]:
    """Having a place and the reason ``ok`` go together."""
    own = facts.assignments["placement"].isin(_own_words())
    for row, elsewhere in zip(records(facts.assignments), own, strict=True):
        code = str(row.group_id)
        if row.reason not in _PERSON_REASONS:
            yield "reason", code, np.nan, f'"{row.reason}" is no reason for a group'
        placed = isinstance(row.shelter_id, str)
        if placed and row.reason != "ok":
            yield "reason", code, np.nan, f"has a shelter and the reason {row.reason}"
        if row.reason == "ok" and not placed and not elsewhere:
            yield "reason", code, np.nan, "ok, but sent nowhere"
        if pd.isna(row.people) and (placed or row.reason == "ok"):
            yield "reason", code, np.nan, "placed, though its people are not known"


def _moments(facts: Facts) -> Iterator[Broken]:
    """Who leaves at the last minute arrives by the deadline."""
    deadline = facts.summary["deadline"].iloc[0]
    if not isinstance(deadline, str):
        return
    latest = datetime.fromisoformat(deadline)
    for row in records(facts.assignments):
        if not isinstance(row.departs_by, str) or pd.isna(row.time_min):
            continue
        left = latest - datetime.fromisoformat(row.departs_by)
        queue = getattr(row, "queue_min", 0.0)
        needed = float(row.time_min) + (0.0 if pd.isna(queue) else float(queue))
        late = needed - left.total_seconds() / 60.0
        if late > _MINUTES:
            yield "departs_by", str(row.group_id), late, "arrives after the deadline"


def _own_words() -> list[str]:
    """Return the words for people who need no shelter."""
    path = resources.files("riskmap.evacuation") / "words.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))["placement"]
    return [*table["relatives"], *table["harbour"]]
