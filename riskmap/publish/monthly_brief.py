"""The county's monthly brief (月报): who is placed and who is not, what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.publish.brief import Brief, brief_words
from riskmap.publish.cells import or_dash, people_text, people_total
from riskmap.publish.lists import imprint_line
from riskmap.publish.monthly_changes import month_tables, month_texts, titled
from riskmap.publish.planframes import known_cells, plain_rows, rows_by_id
from riskmap.publish.portal_states import village_states
from riskmap.publish.portal_tables import coverage_table
from riskmap.reasons import Reason
from riskmap.standards import reason_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskmap.publish.atlas import Atlas
    from riskmap.publish.portal_states import VillageState

__all__ = ["monthly_brief"]

_RULES, _UNPLACED = 12, 40
_PUT_RIGHT = ("problems", "rectified", "late", "overdue")


def monthly_brief(atlas: Atlas) -> Brief:
    """Say in words and tables how a county stands this month.

    Parameters
    ----------
    atlas
        The publication, already redacted for its edition. Beside the frames
        that the portal shows, ``audit["rules"]`` (``title, severity, count``),
        ``audit["rectification"]`` (as `riskmap.rectification`) and the frames
        ``month_…`` (as `riskmap.lastmonth.month_frames`) are told where they are
        given; without the last, it says that nothing was compared.

    Returns
    -------
    Brief
        For `write_brief` with kind ``"monthly"``.
    """
    states, say = village_states(atlas), brief_words()["monthly"]["say"]
    unplaced = _unplaced(atlas)
    coverage = coverage_table(atlas, {one.code for one in states})
    rules, rectified = atlas.audit.get("rules"), atlas.audit.get("rectification")
    return Brief(
        texts={
            "county": atlas.county,
            "imprint": imprint_line(atlas.imprint),
            "conclusion": _conclusion(atlas, states),
            "unplaced": say["unplaced" if len(unplaced) else "all_placed"].format(
                groups=len(unplaced), shown=min(_UNPLACED, len(unplaced))
            ) if atlas.plan is not None else say["no_plan"],
            "findings": _findings(atlas.findings),
            "rectified": _rectified(rectified),
            **month_texts(atlas.audit),
            "notes": "\n".join(atlas.imprint.notes) or brief_words()["none"],
        },
        tables={
            "townships": _townships(atlas, states),
            "unplaced": unplaced.head(_UNPLACED),
            "coverage": pd.DataFrame(
                coverage["rows"] if coverage else [],
                columns=coverage["heads"] if coverage else [say["coverage"]],
            ),
            "rules": _rules(rules),
            "rectified": _by_township(rectified, states),
            **month_tables(atlas.audit),
        },
    )  # fmt: skip


def _conclusion(atlas: Atlas, states: Sequence[VillageState]) -> str:
    """Say how many people move, how many have a place, and who is not counted."""
    say = brief_words()["monthly"]["say"]
    if atlas.plan is None:
        no_plan: str = say["no_plan"]
        return no_plan
    words: str = say["conclusion"]
    return words.format(
        villages=len([one for one in states if one.code]),
        to_move=sum(one.to_move or 0 for one in states),
        placed=sum(one.placed or 0 for one in states),
        unplaced=sum(one.unplaced or 0 for one in states),
        waiting=sum(one.state == "unplaced" for one in states),
        unknown=sum(one.unknown_groups for one in states),
    )


def _townships(atlas: Atlas, states: Sequence[VillageState]) -> pd.DataFrame:
    """Return a row a township, and those whose village is not in the list."""
    rows = []
    for code in dict.fromkeys(one.township_code for one in states):
        mine = [one for one in states if one.township_code == code]
        planned = atlas.plan is not None
        counts = [
            people_text(
                sum(getattr(one, name) or 0 for one in mine) if planned else None
            )
            for name in ("to_move", "placed", "unplaced")
        ]
        name = mine[0].township or code or brief_words()["unknown"]
        people = people_total(one.population for one in mine)
        groups = str(sum(one.unknown_groups for one in mine))
        rows.append((name, str(len(mine)), people, *counts, groups))
    return titled("townships", rows)


def _unplaced(atlas: Atlas) -> pd.DataFrame:
    """List the groups that have no place, the largest first, with the reason."""
    plan = atlas.plan
    rows: list[tuple[Any, ...]] = []
    if plan is not None:
        groups = rows_by_id(plan.groups, "group_id")
        waiting = plan.assignments[plan.assignments["reason"] != Reason.OK]
        found = [
            {**groups.get(str(row["group_id"]), {}), **known_cells(row)}
            for row in plain_rows(waiting)
        ]
        found.sort(key=lambda row: -_people(row))
        names = {one.code: one.name for one in village_states(atlas)}
        rows = [
            (
                names.get(str(row.get("village_code")), or_dash(None)),
                or_dash(row.get("name")),
                people_text(row.get("people")),
                reason_label(str(row["reason"])),
                or_dash(row.get("responsible_a")),
                or_dash(row.get("phone_a")),
            )
            for row in found
        ]
    return titled("unplaced", rows if plan is not None else None)


def _people(row: Mapping[str, Any]) -> float:
    """Return the people of a group for sorting; the unknown come first."""
    people = row.get("people")
    return float("inf") if people is None or pd.isna(people) else float(people)


def _findings(findings: pd.DataFrame) -> str:
    """Say how many findings of each severity the census check has."""
    found = findings["severity"] if "severity" in findings else pd.Series(dtype=object)
    counts = found.value_counts()
    words: str = brief_words()["monthly"]["say"]["findings"]
    return words.format(
        total=len(findings),
        **{one: int(counts.get(one, 0)) for one in ("error", "warning", "info")},
    )


def _rules(rules: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rules that were broken most, worst first."""
    words = brief_words()["monthly"]["severities"]
    if rules is None:
        return titled("rules", None)
    order = rules.assign(rank=rules["severity"].map(list(words).index))
    top = order.sort_values(["rank", "count"], ascending=[True, False], kind="stable")
    rows = [
        (row["title"], words[row["severity"]], str(row["count"]))
        for row in top.head(_RULES).to_dict("records")
    ]
    return titled("rules", rows)


def _rectified(table: pd.DataFrame | None) -> str:
    """Say how much of what inspections found is put right."""
    say = brief_words()["monthly"]["say"]
    row = None if table is None else table.iloc[-1]
    if row is None or not row["problems"]:
        none: str = say["no_inspections"]
        return none
    words: str = say["rectified"]
    return words.format(
        problems=row["problems"], done=row["rectified"] + row["late"],
        rate=_percent(row["rate"]), overdue=row["overdue"],
        unknown=row["unknown"],
    )  # fmt: skip


def _percent(rate: float) -> str:
    """Return a rate in per cent to one place; 100 only where it is whole."""
    rounded = f"{rate * 100:.1f}"
    return "99.9" if rounded == "100.0" and rate < 1 else rounded


def _by_township(
    table: pd.DataFrame | None, states: Sequence[VillageState]
) -> pd.DataFrame:
    """Return the rectification of each township."""
    if table is None:
        return titled("rectified", None)
    names = {one.township_code: one.township for one in states}
    rows = [
        (
            names.get(row["township_code"]) or brief_words()["unknown"],
            *(str(row[one]) for one in _PUT_RIGHT),
            str(row["problems"] - sum(row[one] for one in _PUT_RIGHT[1:])),
            or_dash("" if pd.isna(row["rate"]) else f"{_percent(row['rate'])}%"),
        )
        for row in table.iloc[:-1].to_dict("records")
    ]
    return titled("rectified", rows)
