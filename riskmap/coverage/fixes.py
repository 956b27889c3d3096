"""The smallest fix: what would make a tier pass in a village, cheapest kind first.

Kinds in the order tried: minutes of turnout that one unit saves; members that
one unit gains; one closure that is opened; a unit that nobody depends on,
moved here; new teams among the people left out. Each fix, if made, lets
everybody of the village be covered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmap.coverage.links import openings
from riskmap.coverage.newsites import Proposal, propose
from riskmap.reasons import Reason
from riskmap.standards import read_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from riskmap.coverage.arrivals import Arrivals
    from riskmap.coverage.scene import Scene
    from riskmap.routing import Network
    from riskmap.standards import Tier

    IntArray = NDArray[np.intp]

__all__ = ["Fix", "smallest_fixes"]

_SAME_PEOPLE = 1e-6


@dataclass(frozen=True, slots=True)
class Fix:
    """A remedy: its kind, the unit it concerns, how much, and where.

    Attributes
    ----------
    kind
        ``turnout`` (minutes to save, of a measured response too), ``members``
        (people to add), ``link`` (a closure to open), ``move`` (a unit to
        station elsewhere), ``site`` (new teams), ``team`` (a team of the
        village's own), ``road`` (no road leads there) or ``data`` (something
        must first be known).
    unit
        The team_id, the zone_id of the closure, or empty.
    amount
        Minutes, people, closures, kilometres moved, or teams; NaN where there
        is nothing to count.
    places
        Where units are to stand, a place for each of them: x and y in the CRS
        of the villages.
    name
        What to call `unit` in words; empty = by its id.
    """

    kind: str
    unit: str = ""
    amount: float = math.nan
    places: tuple[tuple[float, float], ...] = ()
    name: str = ""

    @property
    def wkt(self) -> str:
        """The places as WKT, empty where there are none."""
        points = ", ".join(f"({x!r} {y!r})" for x, y in self.places)
        return f"MULTIPOINT ({points})" if points else ""

    def __str__(self) -> str:
        """Return the Chinese words for it."""
        template: str = read_table("fixes")[self.kind]
        places = "；".join(
            f"{x:.5f}, {y:.5f}" if abs(x) <= 180 else f"{x:.0f}, {y:.0f}"  # noqa: PLR2004
            for x, y in dict.fromkeys(self.places)
        )
        return template.format(
            unit=self.name or self.unit, amount=self.amount, places=places
        )


def smallest_fixes(
    scene: Scene, found: Arrivals, network: Network, *, tier: Tier, failed: IntArray
) -> dict[int, Fix]:
    """Return the smallest fix of each village that a tier fails.

    Parameters
    ----------
    scene, found
        The people and what `arrivals` found for them.
    network
        The roads that units use.
    tier
        The tier.
    failed
        Positions of the villages that fail.

    Returns
    -------
    dict
        Village position to fix.
    """
    if not len(failed):
        return {}
    left = np.flatnonzero(~found.by_road & np.isin(scene.village, failed))
    unknown = found.reason[left] == str(Reason.INSUFFICIENT_DATA)
    fixes = dict.fromkeys(scene.village[left[unknown]].tolist(), Fix("data"))
    fixes |= _unit_options(scene, found, tier=tier, left=_rest(scene, left, fixes))
    opened = openings(scene, found, network, tier=tier, left=_rest(scene, left, fixes))
    fixes |= {
        at: Fix("link", one, 1.0, name=cause) for at, (one, cause) in opened.items()
    }
    left = _rest(scene, left, fixes)
    fixes |= dict.fromkeys(scene.village[left].tolist(), Fix("road"))
    proposals = propose(scene, found, network, tier=tier, left=left)
    return fixes | {at: _site_fix(found, one) for at, one in proposals.items()}


def _rest(scene: Scene, left: IntArray, fixes: dict[int, Fix]) -> IntArray:
    """Return the points of the villages that no fix helps yet."""
    return left[~np.isin(scene.village[left], list(fixes))]


def _site_fix(found: Arrivals, one: Proposal) -> Fix:
    """Say which unit is to move, or how many are to be founded, and where."""
    if one.mover is None:
        return Fix("site", amount=float(len(one.places)), places=one.places)
    name = str(found.units["team_id"].iloc[one.mover])
    return Fix("move", name, one.moved_km, one.places)


def _unit_options(
    scene: Scene, found: Arrivals, *, tier: Tier, left: IntArray
) -> dict[int, Fix]:
    """Return for each village the least that a single existing unit must gain."""
    each = _soonest(scene, found, tier=tier, left=left)
    options: dict[int, tuple[bool, float, Fix]] = {}
    keys = each[["village", "unit"]].to_numpy(dtype=int).tolist()
    for (village, unit), last in zip(keys, each["last_min"].tolist(), strict=True):
        fix = _unit_fix(found.units.iloc[unit], last - tier.limit_min, tier)
        if fix is None:
            continue
        option = (fix.kind != "turnout", fix.amount, fix)
        if village not in options or option[:2] < options[village][:2]:
            options[village] = option
    return {village: option[2] for village, option in options.items()}


def _soonest(
    scene: Scene, found: Arrivals, *, tier: Tier, left: IntArray
) -> pd.DataFrame:
    """Return when each unit has reached as many of a village as it still lacks."""
    one_short = left[found.short[left] == 1]
    pairs = found.pairs[found.pairs["point"].isin(one_short)]
    pairs = pairs.assign(
        village=scene.village[pairs["point"]], people=scene.people[pairs["point"]]
    ).sort_values("total_min", kind="stable")
    covered = np.nan_to_num(scene.total(found.by_road))
    needed = tier.minimum_ratio * np.nan_to_num(scene.total()) - covered
    reached = pairs.groupby(["village", "unit"])["people"].cumsum()
    enough = pairs[reached >= needed[pairs["village"]] - _SAME_PEOPLE]
    return enough.groupby(["village", "unit"], as_index=False).agg(
        last_min=("total_min", "min")
    )


def _unit_fix(unit: pd.Series, late: float, tier: Tier) -> Fix | None:
    """Return what one unit must gain to be `late` minutes sooner, or to count."""
    weak = unit["reason"] == str(Reason.UNDER_STRENGTH)
    if weak and late <= 0:
        least = tier.minimum_members or 1
        return Fix("members", str(unit["team_id"]), least - float(unit["members"]))
    unsure = unit["reason"] == str(Reason.INSUFFICIENT_DATA)
    if weak or unsure or not 0 < late <= float(unit["turnout_min"]):
        return None
    return Fix("turnout", str(unit["team_id"]), math.ceil(late * 10 - 1e-9) / 10)
