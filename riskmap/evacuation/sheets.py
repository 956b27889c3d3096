"""The sheets of a plan's workbook: names beside ids, figures as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection

    from riskmap.evacuation.plan import Plan

__all__ = ["plan_sheets"]

_SHEETS = (
    *("assignments", "calls", "early", "trips", "rescues", "shelters"),
    *("bed_shortages", "supply_shortages", "route_legs", "ledger", "staying"),
)
# Sheets whose tables name a group by its id alone.
_BARE = ("assignments", "trips")
# In the list of who goes first these mean something of their own.
_EARLY = {"rank": "seq", "length_m": "link_m"}
_MOMENTS = ("departs_by", "order_by", "call_by")


def plan_sheets(plans: Collection[Plan]) -> dict[str, pd.DataFrame]:
    """Gather the tables of all scenarios for a workbook.

    Parameters
    ----------
    plans
        One of each scenario.

    Returns
    -------
    dict
        Frames by the name of the sheet: names of groups, villages and shelters
        stand beside their ids, minutes have one decimal, metres none, and
        moments are written ``2026-08-20 16:49``. Tables without columns are
        left out.
    """
    sheets = {
        name: pd.concat([_sheet(plan, name) for plan in plans], ignore_index=True)
        for name in _SHEETS
    }
    return {name: one for name, one in sheets.items() if len(one.columns)}


def _sheet(plan: Plan, name: str) -> pd.DataFrame:
    """Return one table of one plan."""
    table = pd.DataFrame(getattr(plan, name)).drop(columns="geometry", errors="ignore")
    if name in _BARE and len(table):
        table = _named(table, plan)
    if name == "early":
        table = table.rename(columns=_EARLY)
    for column in table.columns:
        if str(column).endswith("_min"):
            table[column] = table[column].astype(float).round(1)
        elif str(column).endswith("_m"):
            table[column] = table[column].astype(float).round(0)
        elif column in _MOMENTS:
            table[column] = table[column].astype(object).map(_moment)
    return table


def _named(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Put names of groups and villages, and of shelters, beside their ids."""
    groups = plan.groups.set_index("group_id")
    after = list(table.columns).index("group_id") + 1
    for column in ("village_name", "name"):
        table.insert(after, column, table["group_id"].map(groups[column]))
    if "shelter_name" not in table:
        names = plan.shelters.set_index("shelter_id")["name"]
        after = list(table.columns).index("shelter_id") + 1
        table.insert(after, "shelter_name", table["shelter_id"].map(names))
    return table


def _moment(text: object) -> object:
    """Write a local ISO moment with a blank."""
    return text.replace("T", " ") if isinstance(text, str) else None
