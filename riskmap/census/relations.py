"""Rules between layers: shelters in zones, dangling ids, stale inspections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from riskmap.census.books import words
from riskmap.census.ledger import rule
from riskmap.census.offset import Offset, find_offset
from riskmap.census.outlines import check_outlines
from riskmap.census.sums import check_sums

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from riskmap.census.drift import Drift
    from riskmap.census.part import Part

__all__ = ["check_offsets", "check_relations"]

_REFERENCES = (
    ("households", "group_id", ("groups",)),
    ("planned_routes", "group_id", ("groups",)),
    ("planned_routes", "shelter_id", ("shelters",)),
    (
        *("groups", "hazard_id"),
        ("hazard_points", "risk_zones", "flood_zones", "reservoirs", "unsafe_houses"),
    ),
    (
        *("inspections", "object_id"),
        ("hazard_points", "risk_zones", "flood_zones", "reservoirs", "shelters"),
    ),
)
_ZONES = ("risk_zones", "flood_zones")
_BESIDE = {
    "hazard_points": ("roads", "buildings", "risk_zones"),
    "unsafe_houses": ("roads", "buildings"),
    "shelters": ("roads", "buildings"),
    "teams": ("roads", "buildings"),
    "supplies": ("roads", "buildings"),
    "groups": ("roads", "buildings"),
    "households": ("roads", "buildings"),
}
_SYSTEMS = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def check_relations(parts: Mapping[str, Part], *, as_of: pd.Timestamp) -> None:
    """Apply the rules between layers.

    Parameters
    ----------
    parts
        The layers of one census; only their ledgers change.
    as_of
        The day that ages are counted to.
    """
    for layer, column, others in _REFERENCES:
        if layer in parts and parts[layer].has(column):
            _dangling(
                parts[layer], column, [parts[one] for one in others if one in parts]
            )
    check_sums(parts)
    check_outlines(parts)
    for zones in _ZONES:
        if "shelters" in parts and zones in parts:
            _shelters_in(parts["shelters"], parts[zones])
    if "duties" in parts:
        _same_duty(parts["duties"])
    if "inspections" in parts and "hazard_points" in parts:
        _stale(parts["inspections"], parts["hazard_points"], as_of)


def _dangling(part: Part, column: str, others: list[Part]) -> None:
    """Note references to ids that no layer has; without the layers, none."""
    if not others:
        return
    known: set[str] = set()
    for other in others:
        known |= set(other.frame[other.layer.key].dropna())
    ids = part.frame[column]
    names = "、".join(other.layer.label for other in others)
    for at in np.flatnonzero((ids.notna() & ~ids.isin(known)).to_numpy()):
        part.note("dangling_id", int(at), column, value=ids.iloc[at], other=names)


def _shelters_in(shelters: Part, zones: Part) -> None:
    """Note shelters that stand inside a zone."""
    places, areas = shelters.frame.geometry, zones.frame.geometry
    known = np.flatnonzero(~places.isna().to_numpy())
    if not len(known) or areas.isna().all():
        return
    rows, at = areas.sindex.query(places.to_numpy()[known], predicate="intersects")
    inside: dict[int, list[str]] = {}
    for row, zone in zip(known[rows], at, strict=True):
        inside.setdefault(int(row), []).append(str(zones.frame["name"].iloc[zone]))
    for row, names in inside.items():
        where = f"{zones.layer.label}“{'、'.join(names[:3])}”"
        name = shelters.frame["name"].iloc[row]
        shelters.note("shelter_in_zone", row, "name", value=name, zone=where)


def _same_duty(duties: Part) -> None:
    """Note B duties of the person who has the same duty as A."""
    if not (duties.has("role") and duties.has("name") and duties.has("post")):
        return
    keys = ["village_code", "township_code", "post", "name"]
    frame = duties.frame[duties.frame["name"].notna()]
    first = frame[frame["role"] == "A角"].drop_duplicates(keys)[keys]
    both = frame[frame["role"] == "B角"].reset_index().merge(first, on=keys)
    for at, name in zip(both["index"], both["name"], strict=True):
        duties.note("same_person_ab", int(at), "name", value=name)


def _stale(inspections: Part, points: Part, as_of: pd.Timestamp) -> None:
    """Note hazard points whose latest inspection is too old."""
    frame = inspections.frame
    known = frame[frame["checked_on"].notna()]
    known = known[known["object_id"].isin(points.frame["hazard_point_id"])]
    if known.empty:
        return
    limit = rule("stale_inspection")["days"]
    latest = known.loc[known.groupby("object_id", sort=False)["checked_on"].idxmax()]
    for at, day in zip(latest.index.tolist(), latest["checked_on"], strict=True):
        days = (as_of - day).days
        if days > limit:
            said = {"value": day.date().isoformat(), "days": days, "limit": limit}
            inspections.note("stale_inspection", at, "checked_on", **said)


def check_offsets(parts: Mapping[str, Part]) -> dict[str, Offset]:
    """Find layers in GCJ-02 or BD-09 by villages and roads.

    Parameters
    ----------
    parts
        The layers of one census; only their ledgers change.

    Returns
    -------
    dict of str to Offset
        What the evidence says of each layer of points that was looked at.
    """
    villages = parts["villages"].frame if "villages" in parts else None
    found = {}
    for name, others in _BESIDE.items():
        if name not in parts:
            continue
        part = parts[name]
        # A village filled in from the position itself is no evidence.
        told = part.has("village_code") or part.has("village_name")
        frame = part.frame if told else part.frame.drop(columns="village_code")
        near = [parts[one].frame for one in others if one in parts]
        found[name] = offset = find_offset(frame, villages=villages, near=near)
        if offset.verdict in _SYSTEMS:
            _note_offset(part, offset)
        elif offset.verdict == "datum_suspect" and offset.drift is not None:
            _note_drift(part, offset, offset.drift)
    return found


def _note_offset(part: Part, offset: Offset) -> None:
    """Note that a layer is shifted, with the numbers behind it."""
    part.ledger.add(
        "offset_gcj02",
        count=_points(part),
        system=_SYSTEMS[offset.verdict],
        evidence=_evidence(offset),
    )


def _note_drift(part: Part, offset: Offset, drift: Drift) -> None:
    """Note that a layer lies off as an old datum would make it."""
    toward = words()["toward"]
    turn = np.arctan2(drift.north_m, drift.east_m) / (2 * np.pi)
    part.ledger.add(
        "datum_suspect",
        count=_points(part),
        toward=toward[round(turn * len(toward)) % len(toward)],
        metres=round(float(np.hypot(drift.east_m, drift.north_m)), -1),
        evidence=_evidence(offset),
    )


def _points(part: Part) -> int:
    """Count the rows that have a position."""
    return int(shapely.is_geometry(part.frame.geometry.to_numpy()).sum())


def _evidence(offset: Offset) -> str:
    """Return the numbers behind a verdict as a sentence."""
    return (
        f"与所属村、道路、房屋等的平均偏离由 {offset.before_m:.0f} 米降为 "
        f"{offset.after_m:.0f} 米，显著性 {offset.score:.1f}"
    )
