"""The audit of rescue circles: per village and tier, the circle beside the roads."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from riskmap.coverage.arrivals import arrivals
from riskmap.coverage.fixes import Fix, smallest_fixes
from riskmap.coverage.people import village_codes
from riskmap.coverage.scene import scene_of
from riskmap.coverage.units import units_of
from riskmap.crs import same_crs
from riskmap.reasons import Reason
from riskmap.standards import describe_tier, load_standard

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.coverage.arrivals import Arrivals
    from riskmap.coverage.scene import Scene
    from riskmap.routing import Network
    from riskmap.standards import Standard, Tier

__all__ = ["audit_coverage"]

_LOG = logging.getLogger(__name__)
_COLUMNS = [
    *("village_code", "standard", "tier", "label", "people", "circle_people"),
    *("network_people", "passed", "reason", "first_unit", "first_min", "margin_min"),
    *("fix", "fix_kind", "fix_unit", "fix_amount", "fix_x", "fix_y", "fix_places"),
    *("listed_people", "overlap_people", "people_source", "rough", "roster", "mode"),
    *("assumed", "basis"),
]


def audit_coverage(
    villages: gpd.GeoDataFrame,
    teams: gpd.GeoDataFrame,
    network: Network,
    *,
    standard: str | Path | Standard,
    people: gpd.GeoDataFrame | None = None,
    roster: Literal["any", "day", "night"] | None = None,
    fixes: bool = True,
) -> pd.DataFrame:
    """Audit a rescue circle: who is covered by the circle, and who by the roads.

    A village passes a tier when everybody in it (or the share that the tier
    sets) is reached along roads within the limit, turnout included, by as many
    units as the tier wants. The circle does not count for passing. A tier that
    means ``start`` asks the roster alone: a team of the village's own, strong
    enough, that turns out in time. Measured response times of the census
    replace turnout and travel inside a team's own village; a team's own
    turnout replaces the assumed one.

    Parameters
    ----------
    villages
        The layer ``villages``, any CRS.
    teams
        The layer ``teams``, same CRS.
    network
        From `build_network` or `close_roads`; its speeds time the travel, and
        its mode is named in the result.
    standard
        A shipped name, a TOML file, or a loaded standard.
    people
        Points with ``people``, best from `people_points`; None puts everybody
        at the village points, which is rough.
    roster
        Counts the members on duty by ``day`` or at ``night`` in every tier;
        None leaves it to the standard.
    fixes
        False does not look for the smallest fixes, which is most of the work
        where much fails.

    Returns
    -------
    pandas.DataFrame
        A row for each village and tier, villages in their order:
        ``village_code, standard, tier, label``; ``people, circle_people,
        network_people`` (Int64; null = unknown, the last two also for
        ``start``); ``passed`` (boolean; null where data are insufficient);
        ``reason`` (of most of the people left out); ``first_unit``,
        ``first_min`` and ``margin_min`` (the first unit at the point reached
        last, when it arrives, and how much of the limit is left then, negative
        when late; for ``start`` of the turnout); ``fix`` (Chinese), ``fix_kind,
        fix_unit, fix_amount``, ``fix_x, fix_y`` (the first place, in the CRS of
        `villages`) and ``fix_places`` (all of them, WKT);  ``listed_people``
        (known by name or cell, a lower bound where ``people`` is null),
        ``overlap_people`` (reached by more units than the tier wants);
        ``people_source, rough, roster, mode, assumed, basis``.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key or `people` their number.
    StandardError
        If the standard is unknown or malformed.
    """
    same_crs(teams, villages)
    rules = load_standard(standard)
    scene = scene_of(villages, people)
    if network.mode == "walk" and any(tier.mode != "walk" for tier in rules.tiers):
        _LOG.warning("%s: units ride, but the network times walkers", rules.name)
    tables = []
    for one in rules.tiers:
        tier = one if roster is None else replace(one, roster=roster)
        if tier.meaning == "start":
            table = _start_rows(scene, villages, teams, tier=tier)
        else:
            table = _arrival_rows(scene, teams, network, tier=tier, fixes=fixes)
        tables.append(_described(table, scene, tier=tier, mode=network.mode))
    table = pd.concat(tables, keys=range(len(tables)), names=["tier_row", "village"])
    table = table.sort_values(["village", "tier_row"], kind="stable")
    return table.assign(standard=rules.name)[_COLUMNS].reset_index(drop=True)


def _arrival_rows(
    scene: Scene,
    teams: gpd.GeoDataFrame,
    network: Network,
    *,
    tier: Tier,
    fixes: bool,
) -> pd.DataFrame:
    """Audit a tier by which units must have arrived."""
    found = arrivals(scene, teams, network, tier=tier)
    total = scene.total()
    by_road = scene.total(found.by_road)
    enough = by_road >= tier.minimum_ratio * total
    passed = (total > 0) & enough
    known = (total > 0) & np.isfinite(by_road)
    failed = np.flatnonzero(known & ~passed) if fixes else np.empty(0, dtype=np.intp)
    cures = smallest_fixes(scene, found, network, tier=tier, failed=failed)
    cures |= dict.fromkeys(np.flatnonzero(~known).tolist(), Fix("data"))
    first_unit, first_min = _last_reached(scene, found)
    reason = np.where(passed, str(Reason.OK), _village_reasons(scene, found))
    return pd.DataFrame(
        {
            "people": _people(total),
            "circle_people": _people(scene.total(found.by_circle)),
            "network_people": _people(by_road),
            "overlap_people": _people(scene.total(found.spare > 0)),
            "passed": _verdicts(reason),
            "reason": reason,
            "first_unit": first_unit,
            "first_min": first_min,
        }
    ).join(_fix_columns(cures, len(scene.codes)))


def _start_rows(
    scene: Scene, villages: gpd.GeoDataFrame, teams: gpd.GeoDataFrame, *, tier: Tier
) -> pd.DataFrame:
    """Audit a tier by which a team of the village's own must be on its way."""
    units = units_of(teams, tier)
    own = pd.Series(village_codes(units, villages), index=units.index)
    order = [str(Reason.OK), str(Reason.TURNOUT_TOO_LONG), str(Reason.UNDER_STRENGTH)]
    rank = units["reason"].map({code: at for at, code in enumerate(order)}).fillna(9)
    best = units.assign(code=own, rank=rank).sort_values(
        ["rank", "turnout_min", "team_id"], kind="stable"
    )
    best = best.drop_duplicates("code").set_index("code").reindex(scene.codes)
    absent = best["reason"].isna().to_numpy()
    reason = np.where(absent, str(Reason.NO_UNIT), best["reason"].to_numpy(object))
    people = scene.total()
    reason[~(people > 0)] = str(Reason.INSUFFICIENT_DATA)
    fixes = {
        at: _start_fix(best.iloc[at], code, tier) for at, code in enumerate(reason)
    }
    nobody = pd.array([pd.NA] * len(scene.codes), dtype="Int64")
    return pd.DataFrame(
        {
            "people": _people(people),
            "circle_people": nobody,
            "network_people": nobody,
            "overlap_people": nobody,
            "passed": _verdicts(reason),
            "reason": reason,
            "first_unit": best["team_id"].astype(object).mask(absent, None).to_numpy(),
            "first_min": best["turnout_min"].to_numpy(dtype=float),
        }
    ).join(_fix_columns(fixes, len(scene.codes)))


def _start_fix(unit: pd.Series, reason: str, tier: Tier) -> Fix | None:
    """Return what a village's own team lacks to start in time."""
    if reason == str(Reason.OK):
        return None
    if reason == str(Reason.NO_UNIT):
        return Fix("team")
    if reason == str(Reason.UNDER_STRENGTH):
        least = tier.minimum_members or 1
        return Fix("members", str(unit["team_id"]), least - float(unit["members"]))
    if reason == str(Reason.TURNOUT_TOO_LONG):
        late = float(unit["turnout_min"]) - tier.limit_min
        return Fix("turnout", str(unit["team_id"]), math.ceil(late * 10 - 1e-9) / 10)
    return Fix("data")


def _fix_columns(fixes: Mapping[int, Fix | None], size: int) -> pd.DataFrame:
    """Spread fixes over columns, empty where nothing needs fixing."""
    each = [fixes.get(village) for village in range(size)]
    return pd.DataFrame(
        {
            "fix": [str(fix) if fix else "" for fix in each],
            "fix_kind": [fix.kind if fix else "" for fix in each],
            "fix_unit": [fix.unit if fix else "" for fix in each],
            "fix_amount": [fix.amount if fix else math.nan for fix in each],
            "fix_x": [fix.places[0][0] if fix and fix.places else None for fix in each],
            "fix_y": [fix.places[0][1] if fix and fix.places else None for fix in each],
            "fix_places": [fix.wkt if fix else "" for fix in each],
        }
    )


def _described(
    table: pd.DataFrame, scene: Scene, *, tier: Tier, mode: str
) -> pd.DataFrame:
    """Add what says which village, tier, people and assumptions a row is about."""
    return table.assign(
        village_code=scene.codes,
        tier=tier.number,
        label=tier.label,
        margin_min=tier.limit_min - table["first_min"],
        listed_people=_people(scene.listed()),
        people_source=scene.source,
        rough=scene.rough,
        roster=tier.roster,
        mode="" if tier.meaning == "start" else mode,
        assumed=bool(tier.assumed),
        basis=describe_tier(tier),
    )


def _verdicts(reason: NDArray[np.object_]) -> pd.arrays.BooleanArray:
    """Tell who passes: null, neither yes nor no, where data are insufficient."""
    unknown = reason == str(Reason.INSUFFICIENT_DATA)
    return pd.arrays.BooleanArray(reason == str(Reason.OK), unknown.astype(bool))


def _people(totals: NDArray[np.float64]) -> pd.arrays.IntegerArray:
    """Return people as whole numbers, null where they are not known."""
    return pd.array(np.round(totals), dtype="Int64")


def _village_reasons(scene: Scene, found: Arrivals) -> NDArray[np.object_]:
    """Return for each village the reason of most of the people left out."""
    total = scene.total()
    codes = [str(code) for code in Reason]
    rank = pd.Index(codes).get_indexer(pd.Index(found.reason))
    weight = np.where(found.by_road, 0.0, np.nan_to_num(scene.people))
    votes = np.zeros((len(scene.codes), len(codes)))
    np.add.at(votes, (scene.village, rank), weight)
    reasons = np.array(codes, dtype=object)[votes.argmax(axis=1)]
    return np.where(total > 0, reasons, str(Reason.INSUFFICIENT_DATA))


def _last_reached(
    scene: Scene, found: Arrivals
) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return the first unit, and its minutes, at the point reached last."""
    table = pd.DataFrame(
        {"village": scene.village, "unit": found.first_unit, "min": found.first_min}
    )
    table = table.dropna().sort_values("min", ascending=False, kind="stable")
    last = table.drop_duplicates("village").set_index("village")
    last = last.reindex(range(len(scene.codes)))
    names = found.units["team_id"].astype(object).reindex(last["unit"])
    names = names.where(names.notna(), None)
    return names.to_numpy(dtype=object), last["min"].to_numpy(dtype=float)
