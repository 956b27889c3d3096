"""What a monthly brief tells of the time since the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.publish.brief import brief_words
from riskmap.publish.cells import number_or_none, or_dash
from riskmap.publish.page_words import web_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["month_tables", "month_texts", "titled"]

_SHOWN = 60
_ORDER = ("worse", "better", "unknown", "added", "removed")


def month_texts(audit: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Say in words what changed since the last month.

    Parameters
    ----------
    audit
        With the frames of `riskmap.lastmonth.month_frames` where a project
        names an earlier run.

    Returns
    -------
    dict of str to str
        ``changes``, ``moved``, ``mended`` and ``layers``; nothing compared is
        told from nothing changed.
    """
    say = brief_words()["monthly"]["say"]
    if "month_since" not in audit:
        return {"changes": say["not_compared"], "moved": "", "mended": "", "layers": ""}
    since = audit["month_since"]["as_of"].iloc[0]
    known = say["since_unknown"] if pd.isna(since) else str(since)
    rules, compared = audit.get("month_rules"), len(audit["month_sums"]) > 0
    return {
        "changes": say["compared"].format(since=known) if compared else say["no_sums"],
        "moved": _moved(audit["month_villages"]) if compared else "",
        "mended": say["no_findings"] if rules is None else say["mended"].format(
            mended=int(rules["mended"].sum()), new=int(rules["new"].sum())
        ),
        "layers": say["layers" if "month_layers" in audit else "no_layers"],
    }  # fmt: skip


def _moved(villages: pd.DataFrame) -> str:
    """Say how many villages are better or worse off; one may be both."""
    say = brief_words()["monthly"]["say"]
    if villages.empty:
        none: str = say["not_moved"]
        return none
    codes = {
        name: villages.loc[villages["change"] == name, "village_code"].nunique()
        for name in _ORDER
    }
    words: str = say["moved"]
    return words.format(
        better=codes["better"], worse=codes["worse"],
        other=villages.loc[
            ~villages["change"].isin(["better", "worse"]), "village_code"
        ].nunique(),
        shown=min(_SHOWN, len(villages)),
    )  # fmt: skip


def month_tables(audit: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables of what changed since the last month.

    Parameters
    ----------
    audit
        As for `month_texts`.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``sums``, ``villages``, ``mended`` and ``changes`` under Chinese
        headings; a single row 数据不足 where the earlier run lacks what is
        compared, and tables without headings where no earlier run is named.
    """
    if "month_since" not in audit:
        return dict.fromkeys(("sums", "villages", "mended", "changes"), pd.DataFrame())
    return {
        "sums": titled("sums", _sum_rows(audit.get("month_sums"))),
        "villages": titled("villages", _village_rows(audit.get("month_villages"))),
        "mended": titled("mended", _rule_rows(audit.get("month_rules"))),
        "changes": titled("changes", _layer_rows(audit.get("month_layers"))),
    }


def _sum_rows(sums: pd.DataFrame | None) -> list[tuple[str, ...]] | None:
    """Lay the sums out: then, now, and the difference where both are known."""
    if sums is None:
        return None
    rows = list[tuple[str, ...]]()
    for row in sums.to_dict("records"):
        then, now = (number_or_none(row[one]) for one in ("before", "after"))
        gap = or_dash("") if then is None or now is None else _gap(now - then)
        rows.append((_named(row["what"], row["label"]), _whole(then), _whole(now), gap))
    return rows


def _village_rows(villages: pd.DataFrame | None) -> list[tuple[str, ...]] | None:
    """List the villages that are better or worse off, the worse first."""
    if villages is None:
        return None
    trends = brief_words()["monthly"]["trends"]
    order = villages.assign(rank=villages["change"].map(list(_ORDER).index))
    first = order.sort_values(["rank", "village_code"], kind="stable").head(_SHOWN)
    return [
        (
            or_dash(row["village_name"]),
            _what(str(row["what"])),
            _whole(number_or_none(row["before"])),
            _whole(number_or_none(row["after"])),
            trends[row["change"]],
        )
        for row in first.to_dict("records")
    ]


def _rule_rows(rules: pd.DataFrame | None) -> list[tuple[str, ...]] | None:
    """List the rules of which findings are mended or new."""
    if rules is None:
        return None
    columns = ["title", "before", "after", "mended", "new"]
    return [tuple(map(str, row)) for row in rules[columns].itertuples(index=False)]


def _layer_rows(layers: pd.DataFrame | None) -> list[tuple[str, ...]] | None:
    """List the layers of the census in which something changed."""
    if layers is None:
        return None
    names, moved = web_words()["layers"], ["added", "removed", "changed"]
    return [
        (
            names.get(row["layer"], row["layer"]),
            *(str(row[one]) for one in ("rows", *moved)),
        )
        for row in layers[layers[moved].any(axis=1)].to_dict("records")
    ]


def _named(what: str, label: object) -> str:
    """Name a sum."""
    words: str = brief_words()["monthly"]["sums"][what]
    return words.format(label=or_dash(label))


def _what(what: str) -> str:
    """Name what changed in a village: a sum, or the people that a tier reaches."""
    own = brief_words()["monthly"]["sums"]
    return str(own[what]) if what in own else _named("network_people", what)


def _gap(number: float) -> str:
    """Return a difference with its sign."""
    return f"{number:+.0f}" if round(number) else "0"


def _whole(number: float | None) -> str:
    """Return a figure in whole numbers, 未知 where it is not known."""
    unknown: str = brief_words()["unknown"]
    return unknown if number is None else f"{number:.0f}"


def titled(table: str, rows: Sequence[tuple[Any, ...]] | None) -> pd.DataFrame:
    """Return a table under its Chinese headings; None is told from no rows.

    Parameters
    ----------
    table
        A key of ``[monthly.columns]`` in the words.
    rows
        Its rows; None where the data is not there.

    Returns
    -------
    pandas.DataFrame
        Text; one row that says so where the data is not there.
    """
    heads = brief_words()["monthly"]["columns"][table]
    if rows is None:
        rows = [(brief_words()["unknown"], *[or_dash(None)] * (len(heads) - 1))]
    return pd.DataFrame(list(rows), columns=list(heads), dtype="object")
