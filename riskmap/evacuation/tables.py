"""The tables of a plan, from who goes where and by which route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.evacuation.demand import has_place, needs_bed
from riskmap.evacuation.why import reasons_for
from riskmap.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.evacuation.assign import Assignment
    from riskmap.evacuation.case import Case
    from riskmap.evacuation.crowd import Queues
    from riskmap.evacuation.routes import Journeys

    IntArray = NDArray[np.int64]

__all__ = ["assignment_table", "shelter_table", "summary_table"]


def assignment_table(
    case: Case,
    shelter: IntArray,
    journeys: Journeys,
    *,
    waits: Queues,
    late: NDArray[np.bool_],
) -> pd.DataFrame:
    """Return one row for each group: where, how long, by when, or why not.

    Parameters
    ----------
    case
        What the plan is made of.
    shelter
        The position of each group's shelter, -1 for none.
    journeys
        The routes.
    waits
        Minutes of queue, and where.
    late
        Groups that have a way, but not in time.

    Returns
    -------
    pandas.DataFrame
        In the order of the groups.
    """
    placed = shelter >= 0
    way = _primary(case, journeys)
    minutes = way["time_min"].to_numpy(float)
    ids, names = (case.shelters[one].to_numpy(object) for one in ("shelter_id", "name"))
    queue = np.where(placed, waits.minutes, np.nan)
    moved = list(np.where(placed, minutes + queue, np.nan))
    return pd.DataFrame(
        {
            "group_id": case.groups["group_id"],
            "people": case.groups["people"],
            "shelter_id": _pick(ids, shelter),
            "shelter_name": _pick(names, shelter),
            "time_min": minutes,
            "length_m": way["length_m"].to_numpy(float),
            "access_m": way["access_m"].to_numpy(float),
            "departs_by": _moments(case.clock.departs_by, moved),
            "reason": _reasons(case, placed, late),
            "backup_shelter_id": _pick(ids, journeys.backup),
            "backup_time_min": journeys.backup_min,
            "placement": case.groups["placement"],
            "order_by": _moments(case.clock.order_by, moved),
            "lead_time_min": minutes + queue + case.clock.chain_min,
            "queue_min": queue,
            "queue_road_id": _road(case, waits, placed, column="road_id"),
            "queue_road_name": _road(case, waits, placed, column="road_name"),
            "leave_within_min": _leave_within(journeys, len(placed)),
            "suitable": _suitable(case, shelter),
        }
    )


def _primary(case: Case, journeys: Journeys) -> pd.DataFrame:
    """Return the primary route of each group, a null row where it has none."""
    primary = journeys.routes.loc[journeys.routes["rank"].eq(1)].set_index("group_id")
    return primary.reindex(case.groups["group_id"])


def _leave_within(journeys: Journeys, count: int) -> NDArray[np.float64]:
    """Return the minute by which each group must be gone, NaN where no road closes."""
    until = journeys.checked.set_index("group")["latest_min"]
    last = until.reindex(range(count)).to_numpy(float)
    return np.where(np.isfinite(last), last, np.nan)


def _road(
    case: Case, waits: Queues, placed: NDArray[np.bool_], *, column: str
) -> list[Any]:
    """Return the id or name of the road where each group waits."""
    named = case.network.roads[column].astype(object)
    values = named.where(named.notna(), None).to_numpy()
    return _pick(values, np.where(placed, waits.road, -1))


def _suitable(case: Case, shelter: IntArray) -> list[Any]:
    """Tell whether shelters suit the people with special needs they are given."""
    told = _pick(case.suitable, shelter)
    return [
        one if some else None for one, some in zip(told, case.special > 0, strict=True)
    ]


def _reasons(
    case: Case, placed: NDArray[np.bool_], late: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Return why each group has no shelter, or ``ok``."""
    access = np.where(
        np.isfinite(case.people) & has_place(case.groups),
        case.ways.access,
        str(Reason.INSUFFICIENT_DATA),
    )
    why = case.capacity["reason"]
    at_risk = why.eq(Reason.SHELTER_AT_RISK).to_numpy(dtype=bool)
    wrong = why.eq(Reason.WRONG_HAZARD_TYPE).to_numpy(dtype=bool)
    reasons = reasons_for(
        np.where(np.isnan(case.ways.minutes), case.ways.risky, case.ways.minutes),
        np.nan_to_num(case.people),
        limit_min=case.limit_min,
        capacity=case.room,
        at_risk=at_risk,
        wrong_type=wrong,
        access=access,
    )
    reasons[late] = str(Reason.OVER_TIME)
    if not case.ways.joined.any():
        reasons[access == Reason.OK] = str(Reason.INSUFFICIENT_DATA)
    reasons[placed] = str(Reason.OK)
    own = ~needs_bed(case.groups) & np.isfinite(case.people)
    reasons[own] = str(Reason.OK)
    return reasons


def _pick(values: NDArray[np.object_], rows: IntArray) -> list[Any]:
    """Return the values at some rows, None at -1."""
    return [values[row] if row >= 0 else None for row in rows]


def _moments(rule: Callable[[float], str | None], minutes: list[float]) -> pd.Series:
    """Return the moment for each way, None where there is no way."""
    return pd.Series(
        [rule(one) if np.isfinite(one) else None for one in minutes], dtype=object
    )


def shelter_table(case: Case, shelter: IntArray) -> gpd.GeoDataFrame:
    """Return the shelters with their room and the people sent there.

    Parameters
    ----------
    case
        What the plan is made of.
    shelter
        The position of each group's shelter, -1 for none.

    Returns
    -------
    geopandas.GeoDataFrame
        In the order given, with the other columns of the layer.
    """
    placed = shelter >= 0
    load = np.bincount(
        shelter[placed], case.people[placed], minlength=len(case.shelters)
    )
    first = ["shelter_id", "name"]
    table = case.shelters.drop(
        columns=[c for c in case.capacity.columns if c in case.shelters]
    )
    table = table.assign(
        declared_people=case.capacity["declared_people"],
        computed_people=case.capacity["computed_people"],
        available_people=case.capacity["available_people"],
        assigned_people=pd.array(load.astype(np.int64), dtype="Int64"),
        reason=case.capacity["reason"],
    )
    figures = [*case.capacity.columns[:3], "assigned_people", "reason"]
    rest = [c for c in table.columns if c not in {*first, *figures, "geometry"}]
    return table[[*first, *figures, *rest, "geometry"]]


def summary_table(
    case: Case,
    chosen: Assignment,
    assignments: pd.DataFrame,
    *,
    assumed: tuple[str, ...],
    level: str | None,
    staying: pd.DataFrame,
) -> pd.DataFrame:
    """Return the plan in one row.

    Parameters
    ----------
    case
        What the plan is made of.
    chosen
        Who goes where, and how good that is.
    assignments
        As `assignment_table` returns them.
    assumed
        Codes of what was assumed.
    level
        The level of response; None = none is given.
    staying
        The groups that do not move at this level.

    Returns
    -------
    pandas.DataFrame
        People, beds, cost, bound, moments.
    """
    clock = case.clock
    people = assignments["people"]
    ok = assignments["reason"].eq(Reason.OK)
    return pd.DataFrame(
        {
            "people": [int(people.sum())],
            "placed_people": [int(people[ok].sum())],
            "unplaced_people": [int(people[~ok].sum())],
            "beds": [int(np.nansum(case.room))],
            "most_people": [chosen.most_people],
            "cost": [chosen.cost],
            "bound": [chosen.bound],
            "gap": [chosen.gap],
            "arrives_at": [_iso(clock.arrives_at)],
            "deadline": [_iso(clock.deadline)],
            "as_of": [_iso(clock.as_of)],
            "limit_min": [case.limit_min if np.isfinite(case.limit_min) else np.nan],
            "mode": [case.network.mode],
            "chain_min": [clock.chain_min],
            "level": [level],
            "staying_groups": pd.array([len(staying)], dtype="Int64"),
            "staying_people": pd.array([int(staying["people"].sum())], dtype="Int64"),
            "assumptions": [";".join(assumed)],
        }
    )


def _iso(moment: datetime | None) -> str | None:
    """Write a moment as local ISO."""
    return None if moment is None else moment.isoformat(timespec="minutes")
