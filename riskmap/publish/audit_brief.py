"""The brief of an audit: two pages for those who decide, from the audit's frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.publish.brief import Brief, brief_words
from riskmap.standards import load_standard, reason_label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["audit_brief", "tier_name"]

_SHOWN, _LOSSES, _RULES = 8, 5, 6


def audit_brief(
    audit: Mapping[str, pd.DataFrame],
    *,
    county: str,
    imprint: str,
    picture: Path,
    townships: Mapping[str, str] | None = None,
) -> Brief:
    """Say in words and short tables what an audit found.

    Parameters
    ----------
    audit
        The frames of ``audit.gpkg``: ``villages, tiers, ratios, sheltering,
        losses, shelter_losses, capability``.
    county
        The name in the title.
    imprint
        The line under it: data date, version, producer.
    picture
        An image file, best from `riskmap.publish.audit_map.draw_coverage`.
    townships
        Names by ``township_code``; others are printed as codes.

    Returns
    -------
    Brief
        For `write_brief` with kind ``"audit"``.
    """
    villages = audit["villages"]
    names = dict(zip(villages["village_code"], villages["village_name"], strict=True))
    gaps = _gaps(audit["tiers"], names)
    return Brief(
        texts={
            "county": county,
            "imprint": imprint,
            "conclusion": _conclusion(audit["ratios"]),
            "gaps": gaps[0],
            "shelters": _sheltered(audit["sheltering"]),
            "notes": _notes(audit["tiers"]),
        },
        tables={
            "coverage": _coverage(audit["ratios"]),
            "gaps": gaps[1],
            "shelters": _townships(audit["sheltering"], townships or {}),
            "losses": _losses(audit, names),
            "capability": _capability(audit["capability"]),
        },
        pictures={"coverage": picture},
    )


def tier_name(standard: object, tier: object) -> str:
    """Return what a tier of a standard is called in print.

    Parameters
    ----------
    standard
        Its name; one that is not shipped is printed as it is.
    tier
        Its number.

    Returns
    -------
    str
        For example ``"三分钟应急救援圈 第1级"``.
    """
    words: str = brief_words()["audit"]["say"]["tier"]
    return words.format(label=_label(standard)[0], tier=tier)


def _label(standard: object) -> tuple[str, str, bool]:
    """Return label, note and whether numbers are assumed."""
    try:
        rules = load_standard(str(standard))
    except ValueError:
        return str(standard), "", True
    return rules.label, rules.note, rules.assumed


def _county(ratios: pd.DataFrame) -> pd.DataFrame:
    """Return the county's rows, as the standards say, of tiers with circles."""
    mine = ratios["scope"].eq("county") & ratios["roster"].eq("any")
    return ratios[mine]


def _conclusion(ratios: pd.DataFrame) -> str:
    """Say for each tier what the circle claims and what roads do."""
    words = brief_words()["audit"]["say"]["coverage"]
    rows = _county(ratios).dropna(subset=["circle_people"]).to_dict("records")
    lines = [
        words.format(
            label=tier_name(row["standard"], row["tier"]),
            circle=_share(row["circle_ratio"]),
            network=_share(row["network_ratio"]),
            circle_people=row["circle_people"],
            network_people=row["network_people"],
            lost=row["circle_people"] - row["network_people"],
            passed=_whole(row["passed_villages"]),
            villages=_whole(row["villages"]),
            unknown=_whole(row["unknown_villages"]),
        )
        for row in rows
    ]
    return "\n".join(lines) or brief_words()["unknown"]


def _coverage(ratios: pd.DataFrame) -> pd.DataFrame:
    """Return a row a tier."""
    rows = _county(ratios)
    return _titled(
        "coverage",
        {
            "tier": [
                tier_name(one, number)
                for one, number in zip(rows["standard"], rows["tier"], strict=True)
            ],
            "people": rows["people"].map(_whole),
            "circle_ratio": rows["circle_ratio"].map(_share),
            "network_ratio": rows["network_ratio"].map(_share),
            "passed_villages": rows["passed_villages"].map(_whole),
            "unknown_villages": rows["unknown_villages"].map(_whole),
        },
    )


def _gaps(tiers: pd.DataFrame, names: Mapping[str, str]) -> tuple[str, pd.DataFrame]:
    """Say who is left out of the first tier with a circle, most people first."""
    timed = tiers[tiers["network_people"].notna()]
    first = timed[["standard", "tier"]].drop_duplicates().head(1)
    mine = timed.merge(first, on=["standard", "tier"])
    mine = mine.assign(out=mine["people"] - mine["network_people"])
    mine = mine[mine["out"] > 0].sort_values(
        ["out", "village_code"], ascending=[False, True]
    )
    top = mine.head(_SHOWN)
    label = "" if first.empty else tier_name(*first.iloc[0])
    text = brief_words()["audit"]["say"]["gaps"].format(
        people=_whole(mine["out"].sum()), villages=len(mine), shown=len(top),
        label=label,
    )  # fmt: skip
    table = {
        "village": top["village_code"].map(lambda code: names.get(code, code)),
        "out": top["out"].map(_whole),
        "reason": top["reason"].map(reason_label),
        "fix": top["fix"],
    }
    return text, _titled("gaps", table)


def _sheltered(sheltering: pd.DataFrame) -> str:
    """Say how the county is sheltered."""
    row = sheltering[sheltering["scope"].eq("county")].iloc[0]
    words: str = brief_words()["audit"]["say"]["shelters"]
    return words.format(
        safe=_whole(row["safe_shelters"]), shelters=_whole(row["shelters"]),
        beds=_whole(row["beds"]), without=_whole(row["villages_without"]),
        reached=_whole(row["reached_people"]), ratio=_share(row["reached_ratio"]),
    )  # fmt: skip


def _townships(sheltering: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return a row a township."""
    rows = sheltering[sheltering["scope"].eq("township")]
    return _titled(
        "shelters",
        {
            "township": rows["code"].map(lambda code: names.get(code, code)),
            "safe_shelters": rows["safe_shelters"].map(_whole),
            "beds": rows["beds"].map(_whole),
            "villages_without": rows["villages_without"].map(_whole),
            "reached_ratio": rows["reached_ratio"].map(_share),
            "passed": rows["passed"].map(_verdict, na_action=None),
        },
    )


def _losses(
    audit: Mapping[str, pd.DataFrame], names: Mapping[str, str]
) -> pd.DataFrame:
    """Return the teams and shelters that most people depend on alone."""
    teams = audit["losses"]
    first = teams[["standard", "tier"]].drop_duplicates().head(1)
    mine = [teams.merge(first, on=["standard", "tier"]), audit["shelter_losses"]]
    rows = pd.concat(
        [one[["name", "people", "villages"]].head(_LOSSES) for one in mine]
    )
    places = rows["villages"].map(
        lambda codes: "、".join(names.get(one, one) for one in str(codes).split("、"))
    )
    people = rows["people"].map(_whole)
    return _titled("losses", {"name": rows["name"], "people": people, "places": places})


def _capability(capability: pd.DataFrame) -> pd.DataFrame:
    """Return the rules that most villages do not meet."""
    failed = capability["reason"].isin(["not_met", "no_unit"])
    unknown = capability["reason"].eq("insufficient_data")
    sums = capability.assign(not_met=failed, unknown=unknown).groupby(
        "label", sort=False
    )[["not_met", "unknown"]].sum()  # fmt: skip
    top = sums.sort_values("not_met", ascending=False, kind="stable").head(_RULES)
    columns = {"label": top.index, "not_met": top["not_met"], "unknown": top["unknown"]}
    return _titled("capability", columns)


def _notes(tiers: pd.DataFrame) -> str:
    """Say which numbers are assumed, and what to bear in mind."""
    say = brief_words()["audit"]["say"]
    lines = [say["notes"]]
    for one in tiers["standard"].drop_duplicates():
        label, note, assumed = _label(one)
        if assumed:
            lines.append(say["assumed"].format(label=label, note=note))
    return "\n".join(lines)


def _titled(table: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table under its Chinese headings."""
    heads = brief_words()["audit"]["columns"][table]
    data = {heads[key]: list(cells) for key, cells in columns.items()}
    return pd.DataFrame(data)


def _whole(number: Any) -> str:  # noqa: ANN401 (a cell)
    """Return a whole number, or that it is not known."""
    return brief_words()["unknown"] if pd.isna(number) else f"{int(number):,}"


def _share(ratio: Any) -> str:  # noqa: ANN401 (a cell)
    """Return a share in per cent, rounded down, or a dash where there is none."""
    return "—" if pd.isna(ratio) else f"{int(float(ratio) * 1000) / 10:.1f}%"


def _verdict(passed: Any) -> str:  # noqa: ANN401 (a cell)
    """Return yes, no, or that it is not known."""
    return brief_words()["unknown"] if pd.isna(passed) else "是" if passed else "否"
