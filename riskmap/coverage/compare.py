"""Who gained and who lost cover between two audits."""

from __future__ import annotations

import pandas as pd

from riskmap.errors import LayerError

__all__ = ["compare_cover"]

_KEYS = ["village_code", "standard", "tier"]
_SAID = ["network_people", "passed", "reason"]
_COLUMNS = [
    *_KEYS, "change",
    "network_people_old", "network_people_new", "passed_old", "passed_new",
    "reason_old", "reason_new",
]  # fmt: skip


def compare_cover(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Compare what roads cover in two audits, village by village.

    Parameters
    ----------
    old, new
        From `audit_coverage`: a row for each village, standard and tier.

    Returns
    -------
    pandas.DataFrame
        The rows that differ, with ``change``: ``gained`` or ``lost`` where more
        or fewer people are reached, or a tier is passed anew or no longer;
        ``unknown`` where either side does not know; ``added`` or ``removed``
        where a village (by its code) is in one audit only. People are persons;
        null is unknown.

    Raises
    ------
    LayerError
        If a frame lacks a column.
    """
    for name, frame in (("old", old), ("new", new)):
        lacking = {*_KEYS, *_SAID} - set(frame.columns)
        if lacking:
            msg = f"{name} audit lacks the columns {', '.join(sorted(lacking))}"
            raise LayerError(msg)
    sides = [_side(one) for one in (old, new)]
    both = sides[0].merge(
        sides[1], how="outer", on=_KEYS, suffixes=("_old", "_new"), indicator="_in"
    )
    both["change"] = [_change(row) for row in both.to_dict("records")]
    changed = both.dropna(subset="change").sort_values(_KEYS, kind="stable")
    return changed[_COLUMNS].reset_index(drop=True)


def _side(tiers: pd.DataFrame) -> pd.DataFrame:
    """Return what is compared of one audit, the unknown as null."""
    plain = pd.DataFrame(tiers).reindex(columns=[*_KEYS, *_SAID])
    return plain.astype({"network_people": "Float64", "passed": "boolean"})


def _change(row: dict) -> str | None:
    """Name the change of one village and tier; None where there is none."""
    if row["_in"] != "both":
        return "removed" if row["_in"] == "left_only" else "added"
    pairs = [
        (row[f"{name}_old"], row[f"{name}_new"])
        for name in ("passed", "network_people")
    ]
    for old, new in pairs:
        if pd.isna(old) != pd.isna(new):
            return "unknown"
        if not pd.isna(old) and old != new:
            return "gained" if new > old else "lost"
    return None
