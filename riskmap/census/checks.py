"""Row rules: what one row alone can contradict. Thresholds are in rules.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmap.census.consistency import check_sense
from riskmap.census.ledger import rule
from riskmap.standards import shelter_profile

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from riskmap.census.part import Part

__all__ = ["check_rows"]

_PARTS = (
    *("elderly_people", "children_people", "disabled_people"),
    *("information_officers_people", "night_members_people"),
)
_TOTALS = ("people", "population", "members_people")


def check_rows(part: Part, *, as_of: pd.Timestamp | None) -> None:
    """Apply every row rule that the layer has the columns for.

    Parameters
    ----------
    part
        Only its ledger changes.
    as_of
        The day that ages are counted to; None leaves them out.
    """
    rules: tuple[Callable[[Part], None], ...] = (
        *(_same_person, _grade, _capacity, _parts, _officers),
    )
    for one in rules:
        one(part)
    check_sense(part, as_of=as_of)
    if as_of is not None:
        _inspections(part, as_of)
        _overdue(part, as_of)


def _has(part: Part, *names: str) -> bool:
    """Tell whether the source has all of these columns."""
    return all(part.has(one) for one in names)


def _same_person(part: Part) -> None:
    """Note rows whose A and B are one person."""
    if not _has(part, "responsible_a", "responsible_b"):
        return
    a, b = part.frame["responsible_a"], part.frame["responsible_b"]
    for at in np.flatnonzero((a.notna() & (a == b)).to_numpy()):
        part.note("same_person_ab", int(at), "responsible_b", value=b.iloc[at])


def _grade(part: Part) -> None:
    """Note grades of threat that are not the higher of people and property."""
    if not _has(part, "threat_grade", "threatened_people"):
        return
    known, frame = rule("grade_mismatch"), part.frame
    people = frame["threatened_people"].to_numpy(float, na_value=np.nan)
    value = frame["threatened_value_cny"].to_numpy(float)
    by_people = np.searchsorted(known["people"], people, side="right")
    by_value = np.searchsorted(known["value_cny"], value, side="right")
    by_value[np.isnan(value)] = 0
    expected = np.array(known["grades"])[
        np.maximum(np.where(np.isnan(people), 0, by_people), by_value)
    ]
    stated = frame["threat_grade"]
    wrong = (
        stated.notna().to_numpy() & ~np.isnan(people) & (stated.to_numpy() != expected)
    )
    for at in np.flatnonzero(wrong):
        words = {"value": stated.iloc[at], "expected": expected[at]}
        part.note("grade_mismatch", int(at), "threat_grade", **words)


def _capacity(part: Part) -> None:
    """Note declared people who have too little or too much area."""
    areas = {
        "effective_area_m2": "有效面积",
        "indoor_area_m2": "室内面积",
        "site_area_m2": "占地面积",
    }
    if not _has(part, "declared_people"):
        return
    known, frame = rule("capacity_mismatch"), part.frame
    design = float(shelter_profile()["m2_per_person"])
    people = frame["declared_people"].to_numpy(float, na_value=np.nan)
    left = np.ones(len(frame), dtype=bool)
    for name, basis in areas.items():
        area = frame[name].to_numpy(float)
        given = left & (area > 0) & (people > 0)
        left &= ~(area > 0)
        each = np.divide(area, people, out=np.full(len(frame), np.nan), where=given)
        low = each < known["least_m2"]
        high = (each > known["most_m2"]) & (name == "effective_area_m2")
        for at in np.flatnonzero(given & (low | high)):
            part.note(
                *("capacity_mismatch", int(at), "declared_people"),
                value=int(people[at]),
                basis=basis,
                area=f"{area[at]:g}",
                computed=int(area[at] // design),
                ratio=f"{each[at]:.2f}",
            )


def _parts(part: Part) -> None:
    """Note classes of people that outnumber all."""
    total = next((one for one in _TOTALS if part.has(one)), None)
    if total is None:
        return
    everyone = part.frame[total]
    for name in _PARTS:
        if not part.has(name):
            continue
        some = part.frame[name]
        more = (some > everyone).fillna(value=False).to_numpy(dtype=bool)
        for at in np.flatnonzero(more):
            words = {"value": int(some.iloc[at]), "total": int(everyone.iloc[at])}
            part.note("parts_exceed_total", int(at), name, **words)


def _officers(part: Part) -> None:
    """Note villages with fewer than two information officers."""
    name = "information_officers_people"
    if not _has(part, name):
        return
    least = rule("few_information_officers")["least"]
    few = (part.frame[name] < least).fillna(value=False).to_numpy(dtype=bool)
    for at in np.flatnonzero(few):
        words = {"value": int(part.frame[name].iloc[at]), "least": least}
        part.note("few_information_officers", int(at), name, **words)


def _inspections(part: Part, as_of: pd.Timestamp) -> None:
    """Note hazard points not looked at for half a month."""
    if not _has(part, "last_checked"):
        return
    limit = rule("stale_inspection")["days"]
    days = (as_of - part.frame["last_checked"]).dt.days
    for at in np.flatnonzero((days > limit).to_numpy()):
        value = part.frame["last_checked"].iloc[at].date().isoformat()
        words = {"value": value, "days": int(days.iloc[at]), "limit": limit}
        part.note("stale_inspection", int(at), "last_checked", **words)


def _overdue(part: Part, as_of: pd.Timestamp) -> None:
    """Note problems not rectified by the day set for it."""
    if not _has(part, "due_on"):
        return
    frame = part.frame
    late = frame["due_on"].notna() & (frame["due_on"] < as_of)
    for at in np.flatnonzero((late & frame["rectified_on"].isna()).to_numpy()):
        value = frame["due_on"].iloc[at].date().isoformat()
        part.note("overdue_rectification", int(at), "due_on", value=value)
