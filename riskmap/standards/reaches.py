"""Radii of service circles as data: broadcasts, supplies, water, shelters, aircraft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskmap.errors import StandardError
from riskmap.standards.tables import is_assumed, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Reach", "service_reach"]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a kind of facility serves, and who says so.

    Attributes
    ----------
    label
        The Chinese words printed for it.
    radius_m
        Metres of the straight-line circle.
    assumed
        Whether no norm gives the number, so that products print 假定值.
    basis
        The Chinese words that stand beside the circle.
    source, evidence
        Where the numbers come from, and how sure that is.
    """

    label: str
    radius_m: float
    assumed: bool
    basis: str
    source: str
    evidence: str


def service_reach(name: str, *, table: str | Path = "reaches") -> Reach:
    """Load how far a kind of facility serves.

    Parameters
    ----------
    name
        An entry of ``reaches.toml``: ``air, broadcast, siren, supply,
        fire_water, enterprise``; or of ``[radii]`` in ``shelters.toml``.
    table
        A TOML file of one's own instead of ``reaches.toml``.

    Returns
    -------
    Reach
        Its radius is given, or for aircraft cruise speed times the minutes of
        the limit that turnout leaves.

    Raises
    ------
    StandardError
        If there is no such entry, or it gives no radius above 0.

    Examples
    --------
    >>> service_reach("air").radius_m
    50000.0
    """
    own = read_table(table)
    radii = read_table("shelters")["radii"] if table == "reaches" else {}
    entries = {
        key: entry for key, entry in {**own, **radii}.items() if isinstance(entry, dict)
    }
    if name not in entries:
        msg = f'no service circle is named "{name}"; there are {", ".join(entries)}'
        raise StandardError(msg)
    return _reach(entries[name], f"{table}: {name}")


def _reach(entry: Mapping[str, Any], where: str) -> Reach:
    """Make a reach of one entry."""
    words, assumed = read_table("reaches"), is_assumed(entry)
    if "radius_m" in entry:
        radius = float(entry["radius_m"])
        basis = words["words_radius"].format(radius=radius)
    else:
        for key in ("limit_min", "turnout_min", "cruise_kmh"):
            if key not in entry:
                msg = f"{where} has no {key}; give radius_m, or all of limit and speed"
                raise StandardError(msg)
        limit, turnout, speed = (
            float(entry[key]) for key in ("limit_min", "turnout_min", "cruise_kmh")
        )
        radius = (limit - turnout) * speed * 1000 / 60
        basis = words["words_air"].format(
            limit=limit, turnout=turnout, speed=speed, radius=radius / 1000
        )
    if not radius > 0:
        msg = f"{where} gives a radius of {radius:g} m; give metres above 0"
        raise StandardError(msg)
    mark = read_table("rescue")["assumed_mark"] if assumed else ""
    return Reach(
        label=str(entry.get("label", where)),
        radius_m=radius,
        assumed=assumed,
        basis=basis + mark,
        source=str(entry.get("source", "")),
        evidence=str(entry.get("evidence", "I")),
    )
