"""Word documents from a template: words and tables put where its marks stand.

A template is any ``.docx`` with marks in its text: ``{{name}}`` takes words,
a paragraph that is only ``{{table:name}}`` becomes a table, one that is only
``{{picture:name}}`` a picture. Where a county has none of its own, a plain one
is made from ``brief.toml``.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import tomllib
import zipfile
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import docx.opc.exceptions
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

__all__ = ["Brief", "brief_words", "plain_template", "write_brief"]

_MARK = re.compile(r"\{\{([^{}]+)\}\}")
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 (documents know no zones)
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDTH_MM = 174.0


@dataclass(frozen=True, slots=True)
class Brief:
    """What goes into a document.

    Attributes
    ----------
    texts
        Words by the name of their mark; a line break starts a new line.
    tables
        Tables by the name of their mark, under the headings to be printed.
    pictures
        Image files by the name of their mark.
    """

    texts: Mapping[str, str]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    pictures: Mapping[str, Path] = field(default_factory=dict)


@cache
def brief_words() -> Mapping[str, Any]:
    """Return the fixed Chinese words of Word documents.

    Returns
    -------
    mapping
        ``brief.toml``; it is shared between callers: do not change it.
    """
    file = resources.files("riskmap.publish").joinpath("templates/brief.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def write_brief(
    path: str | Path, brief: Brief, *, kind: str, template: str | Path | None = None
) -> Path:
    """Fill a template and write the document.

    Parameters
    ----------
    path
        The file to write, ``.docx``; its folder must exist.
    brief
        What goes where.
    kind
        The table of ``brief.toml`` that the plain template is made from, for
        example ``"audit"``.
    template
        A county's own ``.docx``; None takes the plain one.

    Returns
    -------
    pathlib.Path
        The file written. The same input gives the same bytes.

    Raises
    ------
    SourceError
        If the template is no Word document or has a mark that `brief` does not
        fill, or the file cannot be written.
    """
    document = plain_template(kind) if template is None else _opened(Path(template))
    _fill(document, brief, where=str(template or kind))
    properties = document.core_properties
    properties.created = properties.modified = _CREATED
    properties.author = properties.last_modified_by = ""
    content = io.BytesIO()
    document.save(content)
    file = Path(path)
    part = file.with_name(f".{file.name}.part")
    try:
        _repack(content, part)
        os.replace(part, file)  # noqa: PTH105 (also over a file, on Windows)
    except OSError as error:
        part.unlink(missing_ok=True)
        msg = f"{file} cannot be written; is it open in another program? ({error})"
        raise SourceError(msg) from error
    return file


def plain_template(kind: str) -> Document:
    """Make the template that is used where a county has none of its own.

    Parameters
    ----------
    kind
        A table of ``brief.toml``: ``title``, ``under`` and ``lines``.

    Returns
    -------
    docx.document.Document
        A4 with marks; save it to have a template to start from.
    """
    words = brief_words()
    document = docx.Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin = page.bottom_margin = Mm(14)
    plain = document.styles["Normal"]
    plain.font.name, plain.font.size = words["font"], Pt(9.5)
    plain.element.rPr.rFonts.set(qn("w:eastAsia"), words["font"])
    plain.paragraph_format.space_after = Pt(2)
    plain.paragraph_format.space_before = Pt(0)
    _line(
        document, words[kind]["title"], size=16, head=True
    ).alignment = WD_ALIGN_PARAGRAPH.CENTER
    _line(
        document, words[kind]["under"], size=8.5
    ).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for style, text in words[kind]["lines"]:
        line = _line(document, text, size=11 if style == "head" else 9.5,
                     head=style == "head")  # fmt: skip
        if style == "head":
            line.paragraph_format.space_before = Pt(5)
            line.paragraph_format.keep_with_next = True
    return document


def _line(
    document: Document, text: str, *, size: float, head: bool = False
) -> Paragraph:
    """Add a paragraph in one size."""
    line = document.add_paragraph()
    run = line.add_run(text)
    run.font.size = Pt(size)
    if head:
        name = brief_words()["head_font"]
        run.font.name = name
        run._element.get_or_add_rPr().get_or_add_rFonts().set(  # noqa: SLF001
            qn("w:eastAsia"), name
        )
    return line


def _opened(template: Path) -> Document:
    """Open a template of a county."""
    try:
        return docx.Document(str(template))
    except (OSError, KeyError, ValueError, docx.opc.exceptions.OpcError) as error:
        msg = f"{template} is no Word document (.docx) that can be read: {error}"
        raise SourceError(msg) from error


def _fill(document: Document, brief: Brief, *, where: str) -> None:
    """Put words, tables and pictures where their marks stand."""
    for line in _paragraphs(document):
        marks = _MARK.findall(line.text)
        for mark in marks:
            kind, _, name = mark.rpartition(":")
            held: Mapping[str, Any] = {
                "table": brief.tables, "picture": brief.pictures, "": brief.texts,
            }.get(kind, {})  # fmt: skip
            if name not in held:
                known = [*brief.texts, *(f"table:{one}" for one in brief.tables)]
                known += [f"picture:{one}" for one in brief.pictures]
                msg = f"{where}: nobody fills {{{{{mark}}}}}; there are "
                raise SourceError(msg + ", ".join(known))
            if kind == "table":
                _set_table(document, line, held[name])
            elif kind == "picture":
                _set_words(line, {mark: ""})
                line.add_run().add_picture(str(held[name]), width=Mm(_WIDTH_MM))
        texts = {mark: brief.texts[mark] for mark in marks if mark in brief.texts}
        if texts:
            _set_words(line, texts)


def _paragraphs(document: Document) -> list[Paragraph]:
    """Return every paragraph: of the body, its tables, headers and footers."""
    tables = [document.tables]
    lines = list(document.paragraphs)
    for section in document.sections:
        for part in (section.header, section.footer):
            lines += part.paragraphs
            tables.append(part.tables)
    for table in (one for each in tables for one in each):
        lines += [line for cell in table._cells for line in cell.paragraphs]  # noqa: SLF001
    return lines


def _set_words(line: Paragraph, texts: Mapping[str, str]) -> None:
    """Replace marks in the first run of a paragraph, whose look is kept."""
    text = line.text
    for mark, words in texts.items():
        text = text.replace(f"{{{{{mark}}}}}", _CONTROL.sub("", words))
    for run in line.runs[1:]:
        run.text = ""
    if line.runs:
        line.runs[0].text = text


def _set_table(document: Document, line: Paragraph, frame: pd.DataFrame) -> None:
    """Put a table in the place of a paragraph; nothing for one without headings."""
    if not len(frame.columns):
        line._element.getparent().remove(line._element)  # noqa: SLF001 (see below)
        return
    none = brief_words()["none"]
    table = document.add_table(rows=1, cols=max(1, len(frame.columns)))
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    _row(table, 0, [str(one) for one in frame.columns], bold=True)
    rows = [[str(cell) for cell in row] for row in frame.itertuples(index=False)]
    for at, cells in enumerate(rows or [[none]], start=1):
        table.add_row()
        _row(table, at, cells)
    _widths(table, [[str(one) for one in frame.columns], *rows])
    line._element.addnext(table._element)  # noqa: SLF001 (there is no other door)
    line._element.getparent().remove(line._element)  # noqa: SLF001


def _row(table: Table, at: int, cells: list[str], *, bold: bool = False) -> None:
    """Write one row of a table."""
    for cell, text in zip(table.rows[at].cells, cells, strict=False):
        line = cell.paragraphs[0]
        run = line.add_run(_CONTROL.sub("", text))
        run.bold, run.font.size = bold, Pt(8.5)
        line.paragraph_format.space_before = Pt(1.5)
        line.paragraph_format.space_after = Pt(1.5)


def _widths(table: Table, rows: list[list[str]]) -> None:
    """Share the width of the page by the longest text of each column."""
    table.autofit = False
    longest = [
        min(60, max(sum(2 if ord(one) > 255 else 1 for one in row[at]) + 2  # noqa: PLR2004
                    for row in rows))
        for at in range(len(rows[0]))
    ]  # fmt: skip
    for at, wide in enumerate(longest):
        table.columns[at].width = Mm(_WIDTH_MM * wide / sum(longest))
        for cell in table.columns[at].cells:
            cell.width = Mm(_WIDTH_MM * wide / sum(longest))


def _repack(content: io.BytesIO, path: Path) -> None:
    """Write the parts of a document again, all under one date."""
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(path, "w") as new:
        for item in sorted(old.infolist(), key=lambda one: one.filename):
            entry = zipfile.ZipInfo(item.filename, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(item))
