"""What is short: beds and where, and supplies in each shelter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmap.evacuation.case import Case

__all__ = ["bed_shortages", "stock_of", "supply_shortages"]

_NUMBER = r"(\d+(?:\.\d+)?)\s*"
_BEDS = (
    *("village_code", "village_name", "shelter_id", "shelter_name", "groups"),
    "short_people",
)
_SUPPLIES = (
    *("shelter_id", "shelter_name", "item", "label", "people", "needed", "stock"),
    *("short", "reason"),
)


def bed_shortages(case: Case, assignments: pd.DataFrame) -> pd.DataFrame:
    """Count the beds that are short, by village and nearest shelter.

    Parameters
    ----------
    case
        What the plan is made of.
    assignments
        The plan's.

    Returns
    -------
    pandas.DataFrame
        ``village_code, village_name, shelter_id, shelter_name`` (the nearest
        that is safe, in reach and of known room: where beds would help most;
        null where there is none), ``groups``, ``short_people``: people of groups
        that are ``full``.
    """
    full = np.flatnonzero(assignments["reason"].eq(Reason.FULL).to_numpy(dtype=bool))
    open_to_all = case.capacity["reason"].isin(
        [Reason.OK, Reason.FULL, Reason.NO_ASSESSMENT]
    )
    minutes = np.where(open_to_all.to_numpy(dtype=bool), case.ways.minutes, np.nan)
    rows = []
    for group in full.tolist():
        near = minutes[group]
        some = bool(np.isfinite(near).any())
        shelter = int(np.nanargmin(near)) if some else -1
        row = case.groups.iloc[group]
        rows.append(
            {
                "village_code": row["village_code"],
                "village_name": row["village_name"],
                "shelter_id": case.shelters["shelter_id"].iloc[shelter]
                if some
                else None,
                "shelter_name": case.shelters["name"].iloc[shelter] if some else None,
                "groups": 1,
                "short_people": int(case.people[group]),
            }
        )
    table = pd.DataFrame(rows, columns=list(_BEDS))
    keys = list(_BEDS[:4])
    sums = table.groupby(keys, dropna=False, sort=True, as_index=False).sum()
    return sums.astype({"groups": "Int64", "short_people": "Int64"})


def stock_of(text: object, item: Mapping[str, Any]) -> float:
    """Read from the words of a census how much of an item is in stock.

    Parameters
    ----------
    text
        For example ``"棉被120床、饮用水50箱"``; null = unknown.
    item
        A table of ``supplies`` in ``rules.toml``: ``words`` and ``units``.

    Returns
    -------
    float
        NaN where the words name the item without a number, or nothing at all;
        0 where they list other things with their numbers, and not this one.
    """
    if not isinstance(text, str) or not text.strip():
        return float("nan")
    total, found, counted = 0.0, False, False
    for part in re.split(r"[、，,；;。\s]+", text):
        amount = re.search(_NUMBER, part)
        counted = counted or amount is not None
        if not any(word in part for word in item["words"]):
            continue
        units = item["units"]
        measured = next(
            (
                float(hit.group(1)) * float(units[unit])
                for unit in units
                if (hit := re.search(_NUMBER + re.escape(unit), part))
            ),
            None,
        )
        if measured is None:
            return float("nan")
        total, found = total + measured, True
    return total if found or counted else float("nan")


def supply_shortages(
    shelters: pd.DataFrame, rules: Mapping[str, Any], *, days: float | None = None
) -> pd.DataFrame:
    """Compare what the people of each shelter need with what it has in stock.

    Parameters
    ----------
    shelters
        The plan's: ``shelter_id``, ``name``, ``assigned_people`` and ``stock``.
    rules
        The table ``supplies`` of ``rules.toml``.
    days
        How long people stay; None takes that of the table.

    Returns
    -------
    pandas.DataFrame
        For each shelter with people and each item: ``needed`` (people × days,
        or people), ``stock``, ``short`` (null where the stock is unknown),
        ``reason`` ``ok``, ``not_met`` or ``insufficient_data``.
    """
    stay = float(rules["days"]) if days is None else float(days)
    items = {key: one for key, one in rules.items() if isinstance(one, dict)}
    rows = []
    for shelter in shelters[shelters["assigned_people"].fillna(0) > 0].to_dict(
        "records"
    ):
        people = int(shelter["assigned_people"])
        for key, item in items.items():
            each = float(item.get("per_person_day", 0)) * stay + float(
                item.get("per_person", 0)
            )
            stock = stock_of(shelter.get("stock"), item)
            short = max(people * each - stock, 0.0) if not np.isnan(stock) else np.nan
            reason = Reason.OK if short == 0 else Reason.NOT_MET
            rows.append(
                {
                    "shelter_id": shelter["shelter_id"],
                    "shelter_name": shelter["name"],
                    "item": key,
                    "label": item["label"],
                    "people": people,
                    "needed": people * each,
                    "stock": stock,
                    "short": short,
                    "reason": str(
                        Reason.INSUFFICIENT_DATA if np.isnan(short) else reason
                    ),
                }
            )
    return pd.DataFrame(rows, columns=list(_SUPPLIES)).astype({"people": "Int64"})
