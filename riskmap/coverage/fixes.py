"""The smallest fix: what would make a tier pass in a village, cheapest kind first.

Kinds in the order tried: minutes of turnout that one unit saves; members that
one unit gains; new teams among the people left out. Each fix, if made, lets
everybody of the village be covered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from riskmap.coverage.location import set_cover
from riskmap.reasons import Reason
from riskmap.routing import reach, snap
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


@dataclass(frozen=True, slots=True)
class Fix:
    """A remedy: its kind, the unit it concerns, how much, and where.

    Attributes
    ----------
    kind
        ``turnout`` (minutes to save), ``members`` (people to add), ``site``
        (new teams), ``team`` (a team of the village's own), ``road`` (no road
        leads there) or ``data`` (something must first be known).
    unit
        The team_id, or empty.
    amount
        Minutes, people or teams; NaN where there is nothing to count.
    """

    kind: str
    unit: str = ""
    amount: float = math.nan

    def __str__(self) -> str:
        """Return the Chinese words for it."""
        template: str = read_table("fixes")[self.kind]
        return template.format(unit=self.unit, amount=self.amount)


def smallest_fixes(
    scene: Scene, found: Arrivals, network: Network, *, tier: Tier, failed: IntArray
) -> dict[int, Fix]:
    """Return the smallest fix of each village that a tier fails.

    Parameters
    ----------
    scene, found
        The people and what `arrivals` found for them.
    network
        The roads that new teams would use.
    tier
        The tier.
    failed
        Positions of the villages that fail.

    Returns
    -------
    dict
        Village position to fix.
    """
    left = np.flatnonzero(~found.by_road & np.isin(scene.village, failed))
    unknown = found.reason[left] == str(Reason.INSUFFICIENT_DATA)
    fixes = dict.fromkeys(scene.village[left[unknown]].tolist(), Fix("data"))
    left = left[~np.isin(scene.village[left], list(fixes))]
    fixes |= _unit_options(scene, found, tier=tier, left=left)
    left = left[~np.isin(scene.village[left], list(fixes))]
    fixes |= dict.fromkeys(scene.village[left].tolist(), Fix("road"))
    return fixes | _new_sites(scene, found, network, tier=tier, left=left)


def _unit_options(
    scene: Scene, found: Arrivals, *, tier: Tier, left: IntArray
) -> dict[int, Fix]:
    """Return for each village the least that a single existing unit must gain."""
    one_short = left[found.short[left] == 1]
    pairs = found.pairs[found.pairs["point"].isin(one_short)]
    pairs = pairs.assign(village=scene.village[pairs["point"]])
    each = pairs.groupby(["village", "unit"], as_index=False).agg(
        points=("point", "size"), last_min=("total_min", "max")
    )
    needed = np.bincount(scene.village[left], minlength=len(scene.codes))
    each = each[each["points"].to_numpy() == needed[each["village"]]]
    options: dict[int, tuple[bool, float, Fix]] = {}
    for row in each.itertuples():
        late = row.last_min - tier.limit_min
        fix = _unit_fix(found.units.iloc[row.unit], late, tier)
        if fix is None:
            continue
        option = (fix.kind != "turnout", fix.amount, fix)
        if row.village not in options or option[:2] < options[row.village][:2]:
            options[row.village] = option
    return {village: option[2] for village, option in options.items()}


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


def _new_sites(
    scene: Scene, found: Arrivals, network: Network, *, tier: Tier, left: IntArray
) -> dict[int, Fix]:
    """Return how many new teams, placed among those left out, cover them all."""
    travel = tier.limit_min - (tier.turnout_min or 0.0)
    left = left[scene.placed[left]]
    if not len(left) or travel <= 0:
        return {}
    points = scene.points.loc[left]
    feet = snap(network, points)
    sites = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(feet["x"], feet["y"]), index=left, crs=points.crs
    )[feet["edge"].notna().to_numpy()]
    pairs = reach(network, sites, points, direction="from", limit_min=travel)
    site = pairs["facility"].to_numpy(dtype=np.int64)
    point = pairs["place"].to_numpy(dtype=np.int64)
    same = scene.village[site] == scene.village[point]
    site, point = site[same], point[same]
    fixes = {}
    for village in np.unique(scene.village[left]).tolist():
        inside = left[scene.village[left] == village]
        here = scene.village[point] == village
        teams = _fewest(site[here], point[here], inside)
        if teams is not None:
            most = int(found.short[inside].max())
            fixes[village] = Fix("site", amount=float(teams * most))
    return fixes


def _fewest(sites: IntArray, points: IntArray, left: IntArray) -> int | None:
    """Count the fewest sites that reach all that are left; None = some cannot."""
    names, column = np.unique(sites, return_inverse=True)
    reached = np.zeros((len(left), len(names)), dtype=bool)
    reached[np.searchsorted(left, points), column] = True
    found = set_cover(reached)
    return None if len(found.unserved) else int(found.value)
