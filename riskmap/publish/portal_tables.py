"""The short tables of the portal: coverage, beds, freshness, findings, ledger.

What is not known is a cell of its own, never zero and never left blank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.publish.portal_states import cell_text
from riskmap.publish.web import web_words
from riskmap.standards import load_standard

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from riskmap.publish.atlas import Atlas

__all__ = ["PortalTable", "coverage_table", "portal_tables"]

PortalTable = dict[str, Any]
"""``title``, ``note``, ``none`` (said where there are no rows), ``heads``, ``rows``
of texts; the last row is a sum where ``total`` is true; ``above`` tells whether it
stands above the villages."""

_SEVERITIES = ("error", "warning", "info")
_LEDGER_KEYS = ("category", "placement")
_LEDGER_SUMS = (
    "groups", "people", "placed_people", "unplaced_people", "unknown_groups",
)  # fmt: skip
_BEDS = (
    "shelters", "safe_shelters", "unknown_shelters", "beds", "villages_without",
    "reached_ratio",
)  # fmt: skip
_ABOVE = frozenset({"coverage", "beds"})
_DATES = ("data_date", "last_checked", "checked_on")


def portal_tables(atlas: Atlas, codes: Collection[str]) -> list[PortalTable]:
    """Sum what a county's or township's page says below its villages.

    Parameters
    ----------
    atlas
        The publication, redacted for its edition.
    codes
        The codes of the page's villages.

    Returns
    -------
    list of dict
        Coverage by standard and beds by township, where they were audited, and
        how fresh each layer is; for the whole county also findings and ledger.
    """
    every = set(atlas.layers["villages"]["village_code"].astype(str))
    tables = [coverage_table(atlas, codes), _beds(atlas, codes)]
    if every <= set(codes):
        tables += [_freshness(atlas), _findings(atlas.findings), _ledger(atlas)]
    return [one for one in tables if one is not None]


def coverage_table(atlas: Atlas, codes: Collection[str]) -> PortalTable | None:
    """Count for each tier the villages that pass, that do not, and the unknown.

    Parameters
    ----------
    atlas
        The publication.
    codes
        The villages that count.

    Returns
    -------
    dict or None
        None where coverage was not audited.
    """
    tiers = atlas.audit.get("tiers")
    needed = {"village_code", "standard", "tier", "passed", "people", "network_people"}
    if tiers is None or not needed <= set(tiers.columns):
        return None
    words = web_words()["portal"]
    mine = tiers[tiers["village_code"].astype(str).isin(set(codes))]
    rows = []
    for key, part in mine.groupby(["standard", "tier"], sort=False):
        passed = part["passed"].astype("boolean")
        known = part.dropna(subset=["people", "network_people"])
        timed = part["network_people"].notna().any() or not passed.notna().any()
        share = _share(known["network_people"].sum(), known["people"].sum())
        share = share if timed else words["none"]
        counts = (passed.sum(), (~passed).sum(), passed.isna().sum())
        rows.append([_tier(part, key), *(f"{int(one):,}" for one in counts), share])
    heads = ("tier", "passed_villages", "failed_villages", "unknown_villages", "ratio")
    note = words["coverage_note"] if rows else ""
    return _table("coverage", [words[f"head_{one}"] for one in heads], rows, note=note)


def _tier(part: pd.DataFrame, key: Sequence[Any]) -> str:
    """Name a tier of a standard, and say where its numbers are assumed."""
    words = web_words()["portal"]
    standard, tier = str(key[0]), cell_text(key[1])
    try:
        rules = load_standard(standard)
    except ValueError:
        return words["tier"].format(standard=standard, tier=tier)
    told: str = words["tier"].format(standard=rules.label, tier=tier)
    mine = part["assumed"] if "assumed" in part.columns else pd.Series(dtype=bool)
    return told + (words["assumed"] if mine.fillna(value=True).any() else "")


def _beds(atlas: Atlas, codes: Collection[str]) -> PortalTable | None:
    """Say for each township how many beds it has and who is out of reach."""
    frame = atlas.audit.get("sheltering")
    if frame is None or not {"scope", "code", *_BEDS} <= set(frame.columns):
        return None
    words, labels = web_words()["portal"], web_words()["columns"]
    villages = atlas.layers["villages"]
    mine = villages[villages["village_code"].astype(str).isin(set(codes))]
    names = _names(mine)
    rows = frame[frame["scope"].eq("township") & frame["code"].isin(set(names))]
    whole = frame[frame["scope"].eq("county")] if len(mine) == len(villages) else rows
    shown = [
        [
            names.get(str(row["code"]), words["whole"]),
            *(_bed(row, one) for one in _BEDS),
        ]
        for row in pd.concat([rows, whole]).drop_duplicates().to_dict("records")
    ]
    heads = [words["township"], *(labels[one] for one in _BEDS)]
    table = _table("beds", heads, shown, note=words["beds_note"])
    table["total"] = len(mine) == len(villages)
    return table


def _names(villages: pd.DataFrame) -> dict[str, str]:
    """Return the names of townships by code, the code where there is none."""
    if not {"township_code", "township_name"} <= set(villages.columns):
        return {}
    rows = villages[["township_code", "township_name"]].drop_duplicates("township_code")
    pairs = rows.dropna(subset="township_code").itertuples(index=False, name=None)
    return {str(code): cell_text(name) or str(code) for code, name in pairs}


def _bed(row: dict[Any, Any], column: str) -> str:
    """Return one figure of a township's shelters; null is unknown."""
    if column == "reached_ratio":
        return _share(row[column], 1.0)
    return _known(row[column])


def _freshness(atlas: Atlas) -> PortalTable:
    """Say of each layer how many rows it has and from when they are."""
    words, names = web_words()["portal"], web_words()["layers"]
    rows = []
    for name, frame in sorted(atlas.layers.items()):
        if name not in names or not len(frame):
            continue
        days = _days(frame)
        ends = (min(days, default=""), max(days, default=""))
        rows.append(
            [
                names[name], f"{len(frame):,}",
                *(one or words["unknown"] for one in ends),
                f"{len(frame) - len(days):,}",
            ]
        )  # fmt: skip
    heads = [words[f"head_{one}"] for one in ("layer", "rows", "oldest", "newest")]
    heads.append(words["head_undated"])
    return _table("fresh", heads, rows, note=words["fresh_note"])


def _days(frame: pd.DataFrame) -> list[str]:
    """Return the dates of a layer's rows, ISO, as far as they have one."""
    column = next((one for one in _DATES if one in frame.columns), None)
    if column is None:
        return []
    return [cell_text(one)[:10] for one in frame[column] if cell_text(one)]


def _findings(findings: pd.DataFrame) -> PortalTable:
    """Count the findings of the census check by layer and severity."""
    words, names = web_words()["portal"], web_words()["layers"]
    rows: list[list[str]] = []
    if {"layer", "severity"} <= set(findings.columns) and len(findings):
        counts = findings.groupby(["layer", "severity"]).size()
        rows = [
            [
                names.get(layer, layer),
                *(f"{int(counts.get((layer, one), 0)):,}" for one in _SEVERITIES),
            ]
            for layer in sorted(findings["layer"].dropna().astype(str).unique())
        ]
    heads = [words["layer"], *(words[f"severity_{one}"] for one in _SEVERITIES)]
    return _table("findings", heads, rows, none=words["findings_none"])


def _ledger(atlas: Atlas) -> PortalTable:
    """Sum the plan's ledger by category and placement; the workbook has it all."""
    words, labels = web_words()["portal"], web_words()["columns"]
    if atlas.plan is None:
        return _table("ledger", [], [], none=words["no_plan"])
    frame = pd.DataFrame(atlas.plan.ledger)
    keys = [one for one in _LEDGER_KEYS if one in frame.columns]
    sums = [one for one in _LEDGER_SUMS if one in frame.columns]
    short = (
        frame.groupby(keys, sort=False, dropna=False)[sums]
        .sum(min_count=1)
        .reset_index()
    )
    rows = [
        [
            *(cell_text(one) or words["none"] for one in row[: len(keys)]),
            *map(_known, row[len(keys) :]),
        ]
        for row in short.itertuples(index=False, name=None)
    ]
    heads = [labels.get(str(one), str(one)) for one in short.columns]
    return _table("ledger", heads, rows, none=words["no_plan"])


def _table(
    key: str,
    heads: Iterable[str],
    rows: Sequence[Sequence[str]],
    *,
    note: str = "",
    none: str = "",
) -> PortalTable:
    """Put a table together under the title of its key."""
    words = web_words()["portal"]
    return {
        "title": words[key], "heads": list(heads), "rows": list(rows), "note": note,
        "none": none or words["none"], "total": False, "above": key in _ABOVE,
    }  # fmt: skip


def _known(cell: object) -> str:
    """Return a whole number, or that it is not known."""
    text = cell_text(cell)
    unknown: str = web_words()["portal"]["unknown"]
    return f"{round(float(text)):,}" if text else unknown


def _share(part: Any, whole: Any) -> str:  # noqa: ANN401 (cells)
    """Return a share in per cent, rounded down; unknown without a whole."""
    text = cell_text(part)
    if not text or pd.isna(whole) or not whole:
        unknown: str = web_words()["portal"]["unknown"]
        return unknown
    return f"{int(float(part) / float(whole) * 1000) / 10:.1f}%"
