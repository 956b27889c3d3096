"""What the monthly brief tells beside the plan: rules broken, problems put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.census import rectification
from riskmap.census.ledger import rule

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from riskmap.census import Census

__all__ = ["monthly_frames"]


def monthly_frames(census: Census, *, as_of: dt.date) -> dict[str, pd.DataFrame]:
    """Count the findings of each rule, and what inspections found and put right.

    Parameters
    ----------
    census
        The census, with its findings.
    as_of
        The day to count to.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``rules``: ``rule, title, severity, count``; and ``rectification``, where
        there are inspections.
    """
    keys = ["rule", "severity"]
    rules = census.findings.groupby(keys, sort=False).size().reset_index(name="count")
    titles = [str(rule(one)["title"]) for one in rules["rule"]]
    frames = {"rules": rules.assign(title=titles)}
    inspections = census.layers.get("inspections")
    if inspections is not None and len(inspections):
        frames["rectification"] = rectification(inspections, as_of=as_of)
    return frames
