"""The ledger as files: findings.csv for programs, 质检台账.xlsx for villages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap.census.books import Book, usual_width, words, write_cell
from riskmap.census.build import Census
from riskmap.census.ledger import FINDING_COLUMNS, rule
from riskmap.census.quality_sheets import add_quality
from riskmap.census.schema import load_layer
from riskmap.errors import LayerError, SourceError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pandas as pd

    from riskmap.census.raw import RawTable

__all__ = ["write_findings"]

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_LOOKED_AT = 200
_RANK = {"info": 0, "warning": 1, "error": 2}


def write_findings(
    census: Census | pd.DataFrame,
    csv: str | Path | None = None,
    xlsx: str | Path | None = None,
    *,
    as_of: str | dt.date | None = None,
) -> None:
    """Write the findings ledger as CSV and as a workbook.

    Parameters
    ----------
    census
        A census just built, or its findings alone (then without copies of the
        original tables).
    csv
        ``findings.csv``: UTF-8 with BOM, the contract's columns; cells that a
        spreadsheet would take for a formula are prefixed with ``'``.
    xlsx
        ``质检台账.xlsx``: a summary, one row a finding, the rows set aside, and
        a copy of each original table with the offending cells coloured; of a
        census also the error rate and, given `as_of`, rectification and the
        four lists.
    as_of
        The day that rectification is counted to; None leaves it out.

    Raises
    ------
    LayerError
        If the frame lacks columns of a ledger.
    SourceError
        If a file cannot be written.
    """
    findings = census.findings if isinstance(census, Census) else census
    missing = [one for one in FINDING_COLUMNS if one not in findings]
    if missing:
        msg = f"findings lack the columns {', '.join(missing)}"
        raise LayerError(msg)
    findings = findings[list(FINDING_COLUMNS)]
    if csv is not None:
        _write_csv(findings, Path(csv))
    if xlsx is not None:
        _write_book(census, findings, Path(xlsx), as_of=as_of)


def _write_csv(findings: pd.DataFrame, path: Path) -> None:
    """Write the findings so that no spreadsheet runs them."""
    safe = findings.copy()
    for name in safe.columns.drop("row"):
        text = safe[name]
        risky = text.str.startswith(_DANGEROUS).fillna(value=False).astype(bool)
        safe[name] = text.mask(risky, "'" + text.fillna(""))
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        safe.to_csv(part, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        part.replace(path)
    except OSError as error:
        msg = f"{path.name} cannot be written: {error}"
        raise SourceError(msg) from error
    finally:
        part.unlink(missing_ok=True)


def _write_book(
    census: Census | pd.DataFrame,
    findings: pd.DataFrame,
    path: Path,
    *,
    as_of: str | dt.date | None,
) -> None:
    """Write the workbook sheet by sheet."""
    said = words()
    names, title = said["columns"], said["ledger"]
    with Book(path) as book:
        _summary(book, findings)
        rows = [_shown(row) for row in findings.itertuples(index=False)]
        headings = [names[one] for one in FINDING_COLUMNS]
        sheet = book.table(title["findings"], headings, rows, wrap=True)
        level = FINDING_COLUMNS.index("severity")
        for at, name in enumerate(findings["severity"], start=1):
            sheet.write_string(at, level, said["severity"][name], book.format(name))
        if not isinstance(census, Census):
            return
        add_quality(book, census, as_of=as_of)
        _sources(book, census.sources)
        if len(census.quarantine):
            aside = census.quarantine
            rows = [
                (load_layer(one[0]).label, *one[1:5], rule(one[5])["title"])
                for one in aside.to_numpy(dtype=object).tolist()
            ]
            headings = [names[one] for one in aside]
            book.table(title["quarantine"], headings, rows, wrap=True)
        for layer, tables in census.raw.items():
            mine = findings[(findings["layer"] == layer) & findings["row"].notna()]
            for table in tables:
                _copy(book, table, mine[mine["source"] == table.source])


def _shown(row: Any) -> tuple[object, ...]:  # noqa: ANN401
    """Return a finding with Chinese words for layer, rule and severity."""
    return (
        *(load_layer(row.layer).label, row.source, row.sheet, row.row, row.column),
        *(rule(row.rule)["title"], words()["severity"][row.severity]),
        *(row.value, row.message, row.suggestion),
    )


def _summary(book: Book, findings: pd.DataFrame) -> None:
    """Count findings by layer, rule and severity."""
    said = words()
    keys = ["layer", "severity", "rule"]
    counts = findings.groupby(keys, sort=False).size().reset_index(name="count")
    rows = [
        (
            *(load_layer(layer).label, said["severity"][severity]),
            *(rule(name)["title"], int(count)),
        )
        for layer, severity, name, count in counts.to_numpy().tolist()
    ]
    headings = [said["columns"][one] for one in ("layer", "severity", "rule", "count")]
    sheet = book.table(said["ledger"]["summary"], headings, rows)
    last = len(headings) + 1
    sheet.set_header(f"&C&B&14{said['ledger']['title']}")
    sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.5)
    sheet.set_column(last, last + 1, 12)
    sheet.write_string(1, last, said["ledger"]["note"], book.format("plain"))
    totals = findings["severity"].value_counts()
    for at, name in enumerate(("error", "warning", "info"), start=2):
        sheet.write_string(at, last, said["severity"][name], book.format(name))
        sheet.write_number(at, last + 1, int(totals.get(name, 0)), book.format(name))


def _sources(book: Book, sources: pd.DataFrame) -> None:
    """Write what became of the rows of every source."""
    said = words()
    shown = sources.assign(
        layer=[load_layer(one).label for one in sources["layer"]],
        offset=sources["offset"].map(said["offset"]).fillna(said["ledger"]["none"]),
    )
    rows = list(shown.itertuples(index=False, name=None))
    headings = [said["columns"][one] for one in shown]
    book.table(said["ledger"]["sources"], headings, rows)


def _copy(book: Book, table: RawTable, findings: pd.DataFrame) -> None:
    """Copy an original table and colour the cells that findings are about."""
    said = words()
    if table.sheet is not None:
        findings = findings[findings["sheet"] == table.sheet]
    if findings.empty:
        return
    stem = Path(table.source).stem
    name = f"{said['ledger']['copy']} {stem} {table.sheet or ''}".strip()
    sheet = book.sheet(name, head_rows=1)
    number, plain = said["columns"]["row"], book.format("text")
    for at, one in enumerate((number, *table.headings)):
        sheet.write_string(0, at, one, book.format("head"))
    for at, column in enumerate(table.columns, start=1):
        sheet.set_column(at, at, usual_width(column[:_LOOKED_AT]))
    for at, row in enumerate(table.rows, start=1):
        sheet.write_number(at, 0, int(row), plain)
    coloured = _coloured(table, findings)
    for place, column in enumerate(table.columns, start=1):
        for at, cell in enumerate(column, start=1):
            if cell is not None and (at, place) not in coloured:
                write_cell(sheet, (at, place), cell, look=plain)
    for (at, place), (severity, messages) in coloured.items():
        cell = None if place == 0 else table.columns[place - 1][at - 1]
        shown = int(table.rows[at - 1]) if place == 0 else cell
        write_cell(sheet, (at, place), shown, look=book.format(severity))
        sheet.write_comment(at, place, "\n".join(messages)[:2000])


def _coloured(
    table: RawTable, findings: pd.DataFrame
) -> Mapping[tuple[int, int], tuple[str, list[str]]]:
    """Return the worst severity and the messages of every cell to colour.

    A finding about a whole row colours the row's number.
    """
    line = {int(row): at for at, row in enumerate(table.rows, start=1)}
    place = {name: at for at, name in enumerate(table.headings, start=1)}
    found: dict[tuple[int, int], tuple[str, list[str]]] = {}
    telling = findings[["row", "column", "severity", "message"]]
    for row, column, severity, message in telling.to_numpy(dtype=object).tolist():
        if row not in line:
            continue
        cell = (line[row], place.get(column, 0))
        before, messages = found.get(cell, ("info", []))
        worst = max(before, severity, key=_RANK.__getitem__)
        found[cell] = (worst, [*messages, message])
    return found
