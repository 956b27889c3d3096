"""The run report: what each step of each unit took, and what went wrong."""

from __future__ import annotations

from html import escape
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.cluster import records
from riskmap.cluster.task import STEPS
from riskmap.cluster.totals import totals_sentences
from riskmap.messages import message
from riskmap.publish.page import html_page
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from riskmap.cluster.store import Unit

__all__ = ["REPORT", "report_frame", "said", "write_report"]

REPORT = "运行报告"
_COLUMNS = ("unit", "name", "step", "state", "seconds", "cpu_s", "peak_mb", "wider",
            "message", "worker", "villages", "began")  # fmt: skip
_WHOLE = ("wider", "villages")
_FEW = 10
_CSS = (
    "body{font:16px/1.6 sans-serif;margin:24px;background:#FCFBF7;color:#2B2B2B}"
    "table{border-collapse:collapse;background:#fff;font-size:15px}"
    "th,td{padding:6px 12px;border:1px solid #E4DDD0;text-align:left}"
    "th{background:#F5F1E8}tr.failed td{background:#F9E1E0}table{margin:0 0 24px}"
    "td,th{white-space:nowrap}td:nth-child(9){white-space:normal;min-width:16em}"
)


def report_frame(
    units: Iterable[Unit], rows: Iterable[Mapping[str, Any]], folder: Path
) -> pd.DataFrame:
    """Return the run report as a table.

    Parameters
    ----------
    units
        The units of the run.
    rows
        The rows of this run, from `run_task` or of steps that were kept.
    folder
        The outputs of all units; their records tell of earlier runs.

    Returns
    -------
    pandas.DataFrame
        A row for each unit and step that was ever tried, failures first, then
        the slowest: ``unit, name, step, state`` (``done, kept, failed``),
        ``seconds, cpu_s, peak_mb`` (null = not measured), ``wider, message,
        worker, villages`` (whose work this was; null where some of it was kept
        from before) and ``began`` (UTC).
    """
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in units:
        for step in STEPS:
            record = records.read(folder / one.code, step)
            if record is not None:
                found[one.code, step] = {**record["row"], "state": "kept"}
    for row in rows:
        found[row["unit"], row["step"]] = row
    table = pd.DataFrame(list(found.values()), columns=list(_COLUMNS))
    table = table.astype(dict.fromkeys(_WHOLE, "Int64"))
    failed = table["state"].ne("failed")
    order = table.assign(failed=failed).sort_values(
        ["failed", "seconds", "unit", "step"], ascending=[True, False, True, True]
    )
    return order.drop(columns="failed").reset_index(drop=True)


def write_report(
    table: pd.DataFrame, totals: pd.DataFrame, out: Path, *, villages: int
) -> Path:
    """Write the run report as CSV and as a page.

    Parameters
    ----------
    table
        From `report_frame`.
    totals
        From `riskmap.cluster.totals.step_totals`.
    out
        The output folder of the run.
    villages
        How many the whole run has.

    Returns
    -------
    pathlib.Path
        The page: the totals, what is extrapolated from them, and the table.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    shown, title = _in_words(table), message("cluster.report_title")
    body = [
        f"<h1>{escape(title)}</h1>",
        _table(_in_words(totals)),
        *(f"<p>{escape(one)}</p>" for one in totals_sentences(totals, villages)),
        _table(shown, states=table["state"]),
    ]
    with staged(out) as aside:
        shown.to_csv(aside / f"{REPORT}.csv", index=False, encoding="utf-8-sig")
        text = html_page(
            title=title,
            head='<meta name="viewport" content="width=device-width">',
            body="".join(body),
            styles=[_CSS],
            last_script="",
        )
        (aside / f"{REPORT}.html").write_text(text, "utf-8", newline="\n")
    return out / f"{REPORT}.html"


def _in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table under Chinese headings, steps and states in Chinese."""
    words = {
        kind: [message(f"cluster.{kind}_{one}") for one in table[kind]]
        for kind in ("step", "state")
        if kind in table
    }
    heads = {one: message(f"cluster.col_{one}") for one in table.columns}
    return table.assign(**words).rename(columns=heads)


def _table(shown: pd.DataFrame, *, states: Iterable[str] = ()) -> str:
    """Return a table as markup; every text is escaped."""
    head = "".join(f"<th>{escape(str(one))}</th>" for one in shown.columns)
    lines = []
    for state, row in zip_longest(states, shown.itertuples(index=False)):
        cells = "".join(
            f"<td>{'' if pd.isna(cell) else escape(str(cell))}</td>" for cell in row
        )
        lines.append(f'<tr class="{state or ""}">{cells}</tr>')
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def said(step: str, rows: list[dict[str, Any]], *, seconds: float) -> list[str]:
    """Say how a step went over all units, and the first few failures.

    Parameters
    ----------
    step
        One of the steps.
    rows
        A row a unit.
    seconds
        On the clock.

    Returns
    -------
    list of str
        In Chinese.
    """
    words = message(f"cluster.step_{step}")
    states = [row["state"] for row in rows]
    lines = [
        message(
            "cluster.step", step=words, units=len(rows), seconds=round(seconds),
            **{one: states.count(one) for one in ("done", "kept", "failed")},
        )
    ]  # fmt: skip
    failed = sorted(
        (r for r in rows if r["state"] == "failed"), key=lambda r: r["unit"]
    )
    lines += [
        message(
            "cluster.failed", name=row["name"], unit=row["unit"], step=words,
            message=row["message"],
        )
        for row in failed[:_FEW]
    ]  # fmt: skip
    if len(failed) > _FEW:
        more = len(failed) - _FEW
        lines.append(
            message("cluster.more_failed", count=more, report=f"{REPORT}.html")
        )
    return lines
