"""Rules between layers that count: sums by township, group and village."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.census.join import name_key
from riskmap.census.ledger import rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmap.census.part import Part

__all__ = ["check_sums"]


def check_sums(parts: Mapping[str, Part]) -> None:
    """Apply the rules that compare counts and names of several layers.

    Parameters
    ----------
    parts
        The layers of one census; only their ledgers change.
    """
    if "villages" in parts:
        villages = parts["villages"]
        if "townships" in parts:
            _townships(parts["townships"], villages)
        for part in parts.values():
            _names(part, villages)
        if "duties" in parts:
            _officers(parts["duties"], villages)
    if "groups" in parts and "households" in parts:
        _groups(parts["groups"], parts["households"])
    if "duties" in parts:
        _pairs(parts["duties"])


def _townships(townships: Part, villages: Part) -> None:
    """Note townships whose people are not those of their villages.

    With a village of unknown people, only too many are a contradiction.
    """
    if not (townships.has("population") and villages.has("population")):
        return
    people = villages.frame.groupby("township_code")["population"]
    sums, unknown = people.sum(), people.apply(lambda one: one.isna().any())
    for at, (code, total) in enumerate(
        townships.frame[["township_code", "population"]].itertuples(index=False)
    ):
        if code not in sums or total is None or total != total:  # noqa: PLR0124
            continue
        villagers = int(sums[code])
        if villagers > total or (villagers < total and not unknown[code]):
            words = {"value": int(total), "total": villagers}
            townships.note("township_sum", at, "population", **words)


def _names(part: Part, villages: Part) -> None:
    """Note rows whose village has one code and the name of another."""
    if part is villages or not (part.has("village_code") and part.has("village_name")):
        return
    named = villages.frame.drop_duplicates("village_code").set_index("village_code")
    listed = part.frame["village_code"].map(named["name"])
    differ = name_key(listed) != name_key(part.frame["village_name"])
    known = listed.notna() & part.frame["village_name"].notna()
    # Where the code itself was filled in from the name, both agree.
    for at in part.frame.index[known & differ].tolist():
        words = {"value": part.frame["village_name"].iloc[at], "other": listed.iloc[at]}
        part.note("village_mismatch", at, "village_name", **words)


def _officers(duties: Part, villages: Part) -> None:
    """Note villages with too few information officers in the register."""
    known = rule("few_information_officers")
    if not (duties.has("post") and duties.has("name")):
        return
    posts = duties.frame["post"].str.contains(known["post"], regex=False)
    if not posts.any():
        return
    officers = duties.frame[posts.fillna(value=False).astype(bool)]
    counts = officers.groupby("village_code")["name"].nunique()
    for at, code in enumerate(villages.frame["village_code"]):
        count = int(counts.get(code, 0))
        if count < known["least"]:
            words = {"value": count, "least": known["least"]}
            villages.note("officers_unregistered", at, "village_code", **words)


def _groups(groups: Part, households: Part) -> None:
    """Note groups whose households count more people than the group."""
    if not (households.has("people") and groups.has("people")):
        return
    sums = households.frame.groupby("group_id")["people"].sum()
    people = groups.frame["people"]
    counted = groups.frame["group_id"].map(sums).astype("Int64")
    more = (counted > people).fillna(value=False)
    for at in groups.frame.index[more].tolist():
        words = {"value": int(people.iloc[at]), "total": int(counted.iloc[at])}
        groups.note("households_exceed_group", at, "people", **words)


def _pairs(duties: Part) -> None:
    """Note posts with an A but nobody as B."""
    if not (duties.has("role") and duties.has("post")):
        return
    keys = ["village_code", "post"]
    frame = duties.frame[duties.frame["village_code"].notna()]
    deputies = frame[frame["role"] == "B角"].drop_duplicates(keys).set_index(keys)
    first = frame[frame["role"] == "A角"].drop_duplicates(keys)
    alone = ~first.set_index(keys).index.isin(deputies.index)
    for at in first.index[alone].tolist():
        duties.note("no_deputy", at, "role", value=first.loc[at, "post"])
