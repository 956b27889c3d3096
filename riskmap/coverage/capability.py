"""The audit of what villages can do: rules as data over the census layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.coverage.units import known_numbers, texts
from riskmap.errors import LayerError, StandardError
from riskmap.reasons import Reason
from riskmap.standards import is_assumed, read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    Entry = Mapping[str, Any]

__all__ = ["NOT_MET", "audit_capability"]

NOT_MET = str(Reason.NOT_MET)


def audit_capability(
    villages: pd.DataFrame,
    layers: Mapping[str, pd.DataFrame],
    *,
    as_of: date | str,
    rules: str | Path = "capability",
) -> pd.DataFrame:
    """Audit every village by every rule.

    Parameters
    ----------
    villages
        The layer ``villages``.
    layers
        The canonical layers by name, for example ``census.layers``; rows of
        other layers are found by their ``village_code``.
    as_of
        The day that counts as today.
    rules
        A shipped table of rules, or a TOML file of one's own.

    Returns
    -------
    pandas.DataFrame
        ``village_code, rule, label, value`` (float; people, days, a share, 1
        and 0 for yes and no; NaN = unknown), ``passed`` (boolean; null where data are
        insufficient), ``reason`` (``ok``, ``not_met``, ``no_unit`` where there
        is no such team, ``insufficient_data``), ``source, assumed``. A rule
        about hazards or due problems has no row for a village without any.

    Raises
    ------
    LayerError
        If `villages` have no ``village_code``.
    StandardError
        If the rules are malformed or a rule's measure is unknown.
    """
    if "village_code" not in villages:
        msg = "villages have no column village_code; give every village its code"
        raise LayerError(msg)
    codes = pd.Index(texts(villages, "village_code"))
    known = {**layers, "villages": villages}
    entries = _rules(rules)
    tables = {
        entry["id"]: _asked(entry, known, codes, as_of=pd.Timestamp(as_of))
        for entry in entries
        if entry["measure"] != _CHECKLIST
    }
    for entry in entries:
        if entry["measure"] == _CHECKLIST:
            parts = [tables[one] for one in entry["rules"]]
            tables[entry["id"]] = _checklist(entry, parts, codes)
    table = pd.concat([tables[one["id"]] for one in entries], ignore_index=True)
    rank = pd.Series(np.arange(len(codes)), index=codes)
    rank = rank[~rank.index.duplicated()]
    order = table["village_code"].map(rank).to_numpy()
    return table.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def _rules(rules: str | Path) -> list[Entry]:
    """Read the rules and insist that they can be asked."""
    entries: list[Entry] = read_table(rules).get("rules", [])
    if not entries:
        msg = f"{rules}: rules is missing; write at least one [[rules]] table"
        raise StandardError(msg)
    if len({one.get("id") for one in entries}) < len(entries):
        msg = f"{rules}: an id is missing or stands twice; give every rule its own"
        raise StandardError(msg)
    for entry in entries:
        listed = entry.get("measure") == _CHECKLIST
        for key in ("id", "label", "measure", *(_OF_LIST if listed else _OF_RULE)):
            if key not in entry:
                name = entry.get("id", "a rule")
                msg = f"{rules}: {name} has no key {key}; add it"
                raise StandardError(msg)
        if not listed and entry["measure"] not in _MEASURES:
            names = ", ".join([*_MEASURES, _CHECKLIST])
            msg = f"{rules}: {entry['id']}.measure is none of {names}"
            raise StandardError(msg)
        others = {one.get("id") for one in entries if "rules" not in one}
        if listed and not set(entry["rules"]) <= others:
            msg = f"{rules}: {entry['id']}.rules names a rule that is not there"
            raise StandardError(msg)
    return entries


def _checklist(
    entry: Entry, parts: list[pd.DataFrame], codes: pd.Index
) -> pd.DataFrame:
    """Count the rules of a list that each village meets; one that fails, fails it."""
    unknown, ok = str(Reason.INSUFFICIENT_DATA), str(Reason.OK)
    answers = [
        part.drop_duplicates("village_code").set_index("village_code")["reason"]
        .reindex(codes).to_numpy(dtype=object)
        for part in parts
    ]  # fmt: skip
    told = np.array(answers, dtype=object)
    met = (told == ok).sum(axis=0).astype(float)
    lacking = (told == unknown).any(axis=0)
    failing = ((told != ok) & (told != unknown) & pd.notna(told)).any(axis=0)
    reason = np.where(failing, NOT_MET, np.where(lacking, unknown, ok)).astype(object)
    number = np.where(reason == unknown, np.nan, met)
    return _rows_of(entry, codes, number=number, reason=reason)


def _asked(
    entry: Entry,
    layers: Mapping[str, pd.DataFrame],
    codes: pd.Index,
    *,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Ask one rule of all villages."""
    frame = layers.get(entry["layer"])
    number = np.full(len(codes), np.nan)
    about = np.ones(len(codes), dtype=bool)
    lacking = np.zeros(len(codes), dtype=bool)
    if frame is not None and entry["column"] in frame:
        rows = pd.DataFrame(frame).assign(_code=texts(frame, "village_code"))
        rows = rows[_named(rows, entry)]
        measure, absent = _MEASURES[entry["measure"]]
        value = measure(rows, entry, as_of)
        lacking = ~codes.isin(rows["_code"])
        number = value.reindex(codes).to_numpy(dtype=float, na_value=np.nan)
        number = np.where(lacking, absent, number)
        about = _concerned(entry, value.index, layers, codes=codes)
    reason = _verdicts(number, entry)
    if entry["layer"] == "teams":
        reason[lacking] = str(Reason.NO_UNIT)
    return _rows_of(entry, codes, number=number, reason=reason)[about]


def _rows_of(
    entry: Entry,
    codes: pd.Index,
    *,
    number: FloatArray,
    reason: NDArray[np.object_],
) -> pd.DataFrame:
    """Write down the answers to one rule, a row a village."""
    return pd.DataFrame(
        {
            "village_code": codes.to_numpy(),
            "rule": entry["id"],
            "label": entry["label"],
            "value": number,
            "passed": pd.arrays.BooleanArray(
                (reason == str(Reason.OK)).astype(bool),
                (reason == str(Reason.INSUFFICIENT_DATA)).astype(bool),
            ),
            "reason": reason,
            "source": entry.get("source", ""),
            "assumed": is_assumed(entry),
        }
    )


def _named(rows: pd.DataFrame, entry: Entry) -> BoolArray:
    """Tell the rows that hold one of the words of a rule."""
    if "words" not in entry:
        return np.ones(len(rows), dtype=bool)
    held = [
        any(word in text for word in entry["words"])
        for text in texts(rows, entry["word_column"])
    ]
    return np.array(held, dtype=bool)


def _concerned(
    entry: Entry,
    asked: pd.Index,
    layers: Mapping[str, pd.DataFrame],
    *,
    codes: pd.Index,
) -> BoolArray:
    """Tell the villages that a rule is about."""
    if entry["measure"] in _WHERE_ASKED and entry["layer"] != "villages":
        return np.asarray(codes.isin(asked))
    if "applies" not in entry:
        return np.ones(len(codes), dtype=bool)
    held: list[str] = []
    for name in entry["applies"]:
        held.extend(texts(layers[name], "village_code") if name in layers else [])
    return np.asarray(codes.isin(held))


def _verdicts(number: FloatArray, entry: Entry) -> NDArray[np.object_]:
    """Compare values with the limits of a rule."""
    low = entry.get("minimum", 1.0 if entry["measure"] == "flag" else -np.inf)
    good = (number >= low) & (number <= entry.get("maximum", np.inf))
    reason = np.where(good, str(Reason.OK), NOT_MET).astype(object)
    reason[np.isnan(number)] = str(Reason.INSUFFICIENT_DATA)
    return reason


def _flag(rows: pd.DataFrame, entry: Entry, as_of: pd.Timestamp) -> pd.Series:
    """Return 1 for yes, 0 for no."""
    del as_of
    values = rows[entry["column"]]
    known = np.where(values.isin([True]), 1.0, np.nan)
    return pd.Series(np.where(values.isin([False]), 0.0, known), rows["_code"])


def _number(rows: pd.DataFrame, entry: Entry, as_of: pd.Timestamp) -> pd.Series:
    """Return the largest number of each village."""
    del as_of
    values = pd.Series(known_numbers(rows, entry["column"]), rows.index)
    return values.groupby(rows["_code"]).max()


def _rows(rows: pd.DataFrame, entry: Entry, as_of: pd.Timestamp) -> pd.Series:
    """Return how many rows each village has."""
    del entry, as_of
    counts: pd.Series = rows["_code"].value_counts().astype(float)
    return counts


def _recent(rows: pd.DataFrame, entry: Entry, as_of: pd.Timestamp) -> pd.Series:
    """Return how many rows of each village are dated within the last days."""
    age = _age_days(rows, entry["column"], as_of)
    recent: pd.Series = (age >= 0) & (age < entry["days"])
    return recent.groupby(rows["_code"]).sum()


def _oldest(rows: pd.DataFrame, entry: Entry, as_of: pd.Timestamp) -> pd.Series:
    """Return the age in days of the oldest date; NaN where one is unknown."""
    age = _age_days(rows, entry["column"], as_of)
    age = age.where(age >= 0)
    oldest = age.groupby(rows["_code"]).max()
    return oldest.mask(age.isna().groupby(rows["_code"]).any())


def _rectified(rows: pd.DataFrame, entry: Entry, as_of: pd.Timestamp) -> pd.Series:
    """Return the share of the problems now due that are rectified."""
    due = rows[_age_days(rows, entry["due_column"], as_of) >= 0]
    done = _age_days(due, entry["column"], as_of) >= 0
    return done.groupby(due["_code"]).mean()


def _roles(rows: pd.DataFrame, entry: Entry, as_of: pd.Timestamp) -> pd.Series:
    """Return how many of the roles A and B different people with phones fill."""
    del as_of
    role, name = texts(rows, entry["column"]), texts(rows, "name")
    reachable = (texts(rows, "phone") != "") & (name != "")
    table = pd.DataFrame({"code": rows["_code"], "role": role, "name": name})[reachable]
    filled = {}
    for code, people in table.groupby("code"):
        first = set(people["name"][people["role"].str.startswith("A")])
        second = set(people["name"][people["role"].str.startswith("B")])
        both = len(first | second) > 1 and first and second
        filled[code] = 2.0 if both else float(bool(first | second))
    filled_or_none = pd.Series(filled, dtype=float)
    return filled_or_none.reindex(rows["_code"].unique(), fill_value=0.0)


def _kit(rows: pd.DataFrame, entry: Entry, as_of: pd.Timestamp) -> pd.Series:
    """Return how many things of a kit the stocks of each village name together.

    A stock that is not recorded may hold what the others lack.
    """
    del as_of
    things: Mapping[str, list[str]] = read_table("shelters")["kit"][entry["kit"]]
    stock = texts(rows, entry["column"])
    held = pd.DataFrame(
        {
            thing: [any(word in text for word in words) for text in stock]
            for thing, words in things.items()
        }
    )
    codes = rows["_code"].to_numpy()
    count: pd.Series = held.groupby(codes).any().sum(axis=1).astype(float)
    silent = pd.Series(stock == "").groupby(codes).any()
    return count.mask(silent & (count < len(things)))


def _age_days(rows: pd.DataFrame, column: str, as_of: pd.Timestamp) -> pd.Series:
    """Return how many days ago each date was; NaN where it is unknown."""
    dates = pd.to_datetime(rows[column], errors="coerce")
    return (as_of - dates).dt.days


# What a rule measures, and the value of a village without any row to measure.
_MEASURES: dict[str, tuple[Callable[..., pd.Series], float]] = {
    "flag": (_flag, np.nan),
    "number": (_number, np.nan),
    "largest": (_number, 0.0),
    "rows": (_rows, 0.0),
    "recent": (_recent, 0.0),
    "oldest_days": (_oldest, np.nan),
    "rectified": (_rectified, np.nan),
    "roles": (_roles, 0.0),
    "kit": (_kit, 0.0),
}
_CHECKLIST = "checklist"
_OF_RULE, _OF_LIST = ("layer", "column"), ("rules",)
_WHERE_ASKED = ("oldest_days", "rectified")
