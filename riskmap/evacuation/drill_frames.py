"""What a drill shows, as frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.evacuation.march import March

__all__ = ["Run", "arrivals_by_minute", "by_group", "by_road", "people_by_minute"]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Who walked, and what became of them.

    Parameters
    ----------
    scenario
        Its name.
    assignments
        The plan's.
    parties
        ``group`` (a row of the assignments), ``people``, ``leaves``.
    march
        In the order of the parties.
    """

    scenario: str
    assignments: pd.DataFrame
    parties: pd.DataFrame
    march: March

    @property
    def heads(self) -> NDArray[np.int64]:
        """People of each party."""
        return self.parties["people"].to_numpy(dtype=np.int64)


def people_by_minute(drilled: Run, minutes: NDArray[np.int64]) -> pd.DataFrame:
    """Count people by what they do at each minute.

    Parameters
    ----------
    drilled
        Who walked.
    minutes
        When to count.

    Returns
    -------
    pandas.DataFrame
        As `riskmap.evacuation.drill.Drill` has it in ``people``.
    """
    run, heads = drilled.march, drilled.heads
    left = _count(drilled.parties["leaves"].to_numpy(float), heads, minutes)
    safe = _count(run.arrives, heads, minutes)
    stopped = _count(run.blocked, heads, minutes)
    begins, ends, of = run.waits
    queueing = _count(begins, heads[of], minutes) - _count(ends, heads[of], minutes)
    return pd.DataFrame(
        {
            "scenario": drilled.scenario,
            "minute": minutes,
            "people": int(heads.sum()),
            "waiting_people": heads.sum() - left,
            "on_the_way_people": left - safe - stopped - queueing,
            "queueing_people": queueing,
            "stopped_people": stopped,
            "safe_people": safe,
        }
    )


def _count(moments: np.ndarray, heads: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """Count the people whose moment has come by each minute; NaN never comes."""
    known = ~np.isnan(moments)
    order = np.argsort(moments[known], kind="stable")
    total = np.r_[0, np.cumsum(heads[known][order])]
    at = np.searchsorted(moments[known][order], minutes + 1e-9, side="right")
    return np.asarray(total[at], dtype=np.int64)


def arrivals_by_minute(drilled: Run, minutes: NDArray[np.int64]) -> pd.DataFrame:
    """Count who has arrived in each shelter by each minute.

    Parameters
    ----------
    drilled
        Who walked.
    minutes
        When to count.

    Returns
    -------
    pandas.DataFrame
        As `riskmap.evacuation.drill.Drill` has it in ``arrivals``.
    """
    run, heads = drilled.march, drilled.heads
    rows = drilled.assignments.reset_index(drop=True).iloc[drilled.parties["group"]]
    shelter = rows["shelter_id"].to_numpy(object)
    names = dict(zip(rows["shelter_id"], rows["shelter_name"], strict=True))
    parts = [
        pd.DataFrame(
            {
                "scenario": drilled.scenario,
                "shelter_id": one,
                "shelter_name": names[one],
                "minute": minutes,
                "arrived_people": _count(
                    run.arrives[shelter == one], heads[shelter == one], minutes
                ),
            }
        )
        for one in sorted(set(shelter))
    ]
    columns = ["scenario", "shelter_id", "shelter_name", "minute", "arrived_people"]
    return (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    )


def by_group(drilled: Run) -> pd.DataFrame:
    """Say when each group leaves and arrives, and who of it is stopped.

    Parameters
    ----------
    drilled
        Who walked.

    Returns
    -------
    pandas.DataFrame
        As `riskmap.evacuation.drill.Drill` has it in ``groups``.
    """
    run, parties = drilled.march, drilled.parties
    rows = drilled.assignments.reset_index(drop=True)
    table = parties.assign(
        arrives=run.arrives,
        stopped=np.where(np.isnan(run.blocked), 0, parties["people"]),
        queue=run.queued,
    )
    sums = table.groupby("group").agg(
        people=("people", "sum"), first=("leaves", "min"), last=("arrives", "max"),
        stopped=("stopped", "sum"), queue=("queue", "max"),
    )  # fmt: skip
    who = rows.iloc[sums.index.to_numpy()]
    return pd.DataFrame(
        {
            "scenario": drilled.scenario,
            "group_id": who["group_id"].to_numpy(object),
            "shelter_id": who["shelter_id"].to_numpy(object),
            "people": sums["people"].to_numpy(),
            "first_leaves_min": sums["first"].to_numpy(float),
            "last_arrives_min": np.where(sums["stopped"] > 0, np.nan, sums["last"]),
            "stopped_people": sums["stopped"].to_numpy(dtype=np.int64),
            "queue_min": sums["queue"].to_numpy(float),
        }
    )


def by_road(drilled: Run, legs: pd.DataFrame) -> pd.DataFrame:
    """Say where people queue and are stopped, the worst road first.

    Parameters
    ----------
    drilled
        Who walked.
    legs
        The legs walked: ``road_id``, ``road_name``.

    Returns
    -------
    pandas.DataFrame
        As `riskmap.evacuation.drill.Drill` has it in ``links``; legs off the
        road are not in it, but ``stopped_people`` before one is under null.
    """
    run, heads = drilled.march, drilled.heads
    road = legs["road_id"].astype(object).to_numpy()
    leg, party = run.passed
    passed = pd.DataFrame(
        {"road_id": road[leg], "party": party, "people": heads[party]}
    )
    once = passed.drop_duplicates(["road_id", "party"]).dropna(subset="road_id")
    table = once.groupby("road_id")[["people"]].sum()
    begins, ends, whose = run.waits
    waits = pd.DataFrame({"begins": begins, "ends": ends, "people": heads[whose]})
    queues = waits.groupby(road[run.wait_leg])
    table = table.join(pd.DataFrame({
        "most_queueing_people": {key: _most(part) for key, part in queues},
        "longest_queue_min": {
            key: float((part["ends"] - part["begins"]).max()) for key, part in queues
        },
    }), how="outer")  # fmt: skip
    held = ~np.isnan(run.blocked)
    before = pd.Series(road[run.at_leg[held]], dtype=object).fillna("")
    stopped = pd.Series(heads[held]).groupby(before).sum().rename("stopped_people")
    table = table.join(stopped, how="outer").fillna(0.0)
    counts = ["people", "most_queueing_people", "stopped_people"]
    table = table.astype(dict.fromkeys(counts, "int64"))
    table = table.rename_axis("road_id").reset_index()
    named = legs.dropna(subset="road_id").drop_duplicates("road_id")
    names = named.set_index("road_id")["road_name"]
    table.insert(0, "scenario", drilled.scenario)
    table.insert(2, "road_name", table["road_id"].map(names))
    table["road_id"] = table["road_id"].replace({"": None})
    worst = ["stopped_people", "longest_queue_min", "people"]
    return table.sort_values(worst, ascending=False, kind="stable", ignore_index=True)


def _most(waits: pd.DataFrame) -> int:
    """Return the most people who wait at once."""
    begins, ends = waits["begins"].to_numpy(), waits["ends"].to_numpy()
    heads = waits["people"].to_numpy()
    moments = np.r_[begins, ends]
    change = np.r_[heads, -heads]
    order = np.lexsort((change, moments))
    return int(np.cumsum(change[order]).max(initial=0))
