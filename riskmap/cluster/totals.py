"""What each step took together, and what that makes for the whole of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.cluster.task import STEPS
from riskmap.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["step_totals", "totals_sentences"]

_HOUR_S = 3600.0


def step_totals(table: pd.DataFrame, *, villages: int, workers: int) -> pd.DataFrame:
    """Sum the run report by step, and scale what was measured to the whole run.

    Only work that was done from nothing is a measure: a unit that found some of
    its products kept from before says nothing of what a village costs.

    Parameters
    ----------
    table
        From `riskmap.cluster.report.report_frame`.
    villages
        How many the whole run has.
    workers
        How many processes share the work.

    Returns
    -------
    pandas.DataFrame
        A row a step that was tried: ``step, units`` (finished), ``failed,
        cpu_s`` (of all finished), ``clock_s`` (while at least one unit was at
        work on it; null = not measured), ``peak_mb`` (at most), ``measured``
        (villages that were a measure), ``village_s`` (processor seconds of one
        of them; NaN for none), ``whole_h`` (processor hours of all villages at
        that rate), ``workers`` and ``shared_h`` (hours on the clock if these
        share it evenly). Where ``measured`` is less than `villages`, ``whole_h``
        and ``shared_h`` are an extrapolation.
    """
    rows = []
    for step in STEPS:
        part = table[table["step"].eq(step)]
        if part.empty:
            continue
        done = part[part["state"].ne("failed")]
        fresh = done[done["villages"].notna() & done["cpu_s"].notna()]
        measured = int(fresh["villages"].sum())
        each = fresh["cpu_s"].sum() / measured if measured else np.nan
        whole = each * villages / _HOUR_S
        rows.append(
            {
                "step": step, "units": len(done), "failed": len(part) - len(done),
                "cpu_s": round(float(done["cpu_s"].sum()), 1),
                "clock_s": _clock_s(done), "peak_mb": part["peak_mb"].max(),
                "measured": measured, "village_s": round(each, 3),
                "whole_h": _told(whole), "workers": workers,
                "shared_h": _told(whole / workers),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _told(hours: float) -> float:
    """Return hours in three figures, as far as a guess can be told."""
    return float(f"{hours:.3g}")


def _clock_s(done: pd.DataFrame) -> float | None:
    """Return for how many seconds at least one of some units was at work."""
    known = done.dropna(subset=["began", "seconds"])
    if known.empty:
        return None
    zero = pd.Timestamp(0, tz="UTC")
    began = pd.to_datetime(known["began"], utc=True)
    start = ((began - zero) / pd.Timedelta(seconds=1)).to_numpy(dtype=float)
    order = np.argsort(start, kind="stable")
    start = start[order]
    end = start + known["seconds"].to_numpy(dtype=float)[order]
    before = np.r_[-np.inf, np.maximum.accumulate(end)[:-1]]
    return round(float(np.clip(end - np.maximum(start, before), 0, None).sum()), 1)


def totals_sentences(totals: pd.DataFrame, villages: int) -> Iterator[str]:
    """Say what the whole run would take, step by step, and that it is a guess.

    Parameters
    ----------
    totals
        From `step_totals`.
    villages
        How many the whole run has.

    Yields
    ------
    str
        In Chinese; a step that measured every village needs none.
    """
    for row in totals.to_dict("records"):
        if 0 < row["measured"] < villages:
            words = {str(name): value for name, value in row.items()}
            words["step"] = message(f"cluster.step_{row['step']}")
            yield message("cluster.extrapolated", villages=villages, **words)
