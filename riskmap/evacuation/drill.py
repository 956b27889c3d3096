"""A plan run in time: who has left, who is on the way, who is safe, by minute.

Every group leaves when its warning, notification and gathering are over and
walks at its planned time; nobody queues and no road closes on the way, so that
the curve is the best that the plan can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.errors import PlanError
from riskmap.reasons import Reason

if TYPE_CHECKING:
    from riskmap.evacuation.plan import Plan

__all__ = ["drill_plan"]


def drill_plan(plan: Plan, *, step_min: int = 5) -> pd.DataFrame:
    """Count people in time, from the order to the last arrival.

    Parameters
    ----------
    plan
        From `plan_evacuation`.
    step_min
        Minutes between two rows.

    Returns
    -------
    pandas.DataFrame
        ``scenario, minute`` (since the order), ``waiting_people,
        on_the_way_people, safe_people``; the three add up to ``people``, who
        are those that the plan sends to a shelter. Those it does not place,
        and those who need no shelter, are not in it.

    Raises
    ------
    PlanError
        If `step_min` is below 1.
    """
    if step_min < 1:
        msg = f"step_min is {step_min}; a drill steps by a minute or more"
        raise PlanError(msg)
    rows = plan.assignments
    sent = rows["reason"].eq(str(Reason.OK)) & rows["shelter_id"].notna()
    people = rows.loc[sent, "people"].to_numpy(dtype=int)
    arrives = rows.loc[sent, "lead_time_min"].to_numpy(dtype=float)
    leaves = arrives - rows.loc[sent, "time_min"].to_numpy(dtype=float)
    last = int(np.ceil(arrives.max(initial=0.0)))
    minutes = np.arange(0, last + step_min, step_min)
    left = ((leaves[:, None] <= minutes) * people[:, None]).sum(axis=0)
    safe = ((arrives[:, None] <= minutes) * people[:, None]).sum(axis=0)
    return pd.DataFrame(
        {
            "scenario": plan.scenario,
            "minute": minutes,
            "people": people.sum(),
            "waiting_people": people.sum() - left,
            "on_the_way_people": left - safe,
            "safe_people": safe,
        }
    )
