"""What the monthly brief tells beside the plan: rules broken, problems put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.census import rectification
from riskmap.census.ledger import rule
from riskmap.lastmonth import earlier_folder, month_frames

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from riskmap.census import Census
    from riskmap.evacuation import Plan

__all__ = ["monthly_frames"]


def monthly_frames(
    census: Census,
    *,
    as_of: dt.date,
    previous: Path | None = None,
    audits: Mapping[str, pd.DataFrame] | None = None,
    plan: Plan | None = None,
) -> dict[str, pd.DataFrame]:
    """Count the findings of each rule, and what inspections found and put right.

    Parameters
    ----------
    census
        The census, with its findings.
    as_of
        The day to count to.
    previous
        The output folder of an earlier run, or a file in it; None compares with
        nothing.
    audits
        The frames of today's audit.
    plan
        Today's plan of the wall scenario; None for none.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``rules``: ``rule, title, severity, count``; and ``rectification``, where
        there are inspections. With `previous`, also the frames of
        `riskmap.lastmonth.month_frames`.

    Raises
    ------
    ProjectError
        If `previous` is no earlier run, or cannot be read.
    """
    keys = ["rule", "severity"]
    rules = census.findings.groupby(keys, sort=False).size().reset_index(name="count")
    titles = [str(rule(one)["title"]) for one in rules["rule"]]
    frames = {"rules": rules.assign(title=titles)}
    inspections = census.layers.get("inspections")
    if inspections is not None and len(inspections):
        frames["rectification"] = rectification(inspections, as_of=as_of)
    if previous is not None:
        earlier = earlier_folder(previous)
        frames |= month_frames(earlier, census=census, audits=audits or {}, plan=plan)
    return frames
