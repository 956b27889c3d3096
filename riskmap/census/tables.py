"""Workbooks and text tables: XLSX, XLS, ODS, CSV, TSV."""

from __future__ import annotations

import csv
import io
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from riskmap.census.grid import table_of_grid
from riskmap.errors import SourceError, first_few

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from riskmap.census.ledger import Ledger
    from riskmap.census.raw import RawTable
    from riskmap.census.schema import Layer

__all__ = [
    "decode",
    "read_text_table",
    "read_workbook",
    "refuse_bomb",
    "refuse_huge",
]

_LARGEST_UNPACKED = 2_000_000_000
_LARGEST_RATIO = 250
_SMALL = 50_000_000
_LEAST_HITS = 2
_LARGEST_TEXT = 1_000_000_000


def read_workbook(
    path: Path, layer: Layer, *, sheet: str | None, ledger: Ledger
) -> list[RawTable]:
    """Read the sheets of a workbook that hold a layer.

    Parameters
    ----------
    path
        An XLSX, XLS, XLSB or ODS file.
    layer
        Whose headings to look for.
    sheet
        The one sheet to read; None for every sheet whose headings fit.
    ledger
        Where sheets that were passed over are noted.

    Returns
    -------
    list of RawTable
        One a sheet.

    Raises
    ------
    SourceError
        If the file is no readable workbook, is protected by a password, would
        unpack to an unreasonable size, or has no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415

    refuse_bomb(path)
    try:
        with _panics(path):
            book = CalamineWorkbook.from_path(str(path))
            names = _sheets(book, sheet, path)
            read = [
                (name, *_read_sheet(book, name, layer, path=path)) for name in names
            ]
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, SourceError):
            raise
        reason = "it is protected by a password" if "assword" in str(error) else error
        msg = f"{path.name} cannot be read as a workbook: {reason}"
        raise SourceError(msg) from error
    if sheet is not None:
        return [table for _, table, _ in read]
    fitting = [name for name, _, hits in read if hits >= _LEAST_HITS]
    if not fitting:
        best = max(read, key=lambda one: (one[2], len(one[1])), default=None)
        fitting = [] if best is None else [best[0]]
    for name, table, _ in read:
        if name not in fitting and len(table) and "说明" not in name:
            ledger.add("sheet_skipped", sheet=name, count=len(table), title=layer.label)
    return [table for name, table, _ in read if name in fitting]


@contextmanager
def _panics(path: Path) -> Iterator[None]:
    """Turn a panic of the reader's Rust code into an error of the source."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        msg = f"{path.name} cannot be read as a workbook: it is damaged"
        raise SourceError(msg) from None


def _sheets(book: Any, sheet: str | None, path: Path) -> list[str]:  # noqa: ANN401
    """Return the names of the sheets to look at."""
    names = [str(one) for one in book.sheet_names]
    if sheet is None:
        return names
    if sheet not in names:
        msg = f'{path.name} has no sheet "{sheet}"; it has {first_few(names, most=9)}'
        raise SourceError(msg)
    return [sheet]


def _read_sheet(
    book: Any,  # noqa: ANN401
    name: str,
    layer: Layer,
    *,
    path: Path,
) -> tuple[RawTable, int]:
    """Read one sheet as a table of the layer."""
    sheet = book.get_sheet_by_name(name)
    grid = sheet.to_python(skip_empty_area=True)
    return table_of_grid(
        grid,
        layer,
        source=path.name,
        sheet=name,
        merged=sheet.merged_cell_ranges or (),
        origin=sheet.start or (0, 0),
    )


def refuse_bomb(path: Path) -> None:
    """Raise where a packed file would unpack to an unreasonable size.

    Parameters
    ----------
    path
        Any file; what is no ZIP passes.

    Raises
    ------
    SourceError
        If it would unpack to over 2 GB, or 250 times its size and over 50 MB.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(one.file_size for one in packed.infolist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        msg = f"{path.name} cannot be unpacked: {error}"
        raise SourceError(msg) from error
    ratio = size / max(path.stat().st_size, 1)
    if size > _LARGEST_UNPACKED or (size > _SMALL and ratio > _LARGEST_RATIO):
        msg = (
            f"{path.name} would unpack to {size / 1e6:.0f} MB, {ratio:.0f} times its "
            "size; it is not read"
        )
        raise SourceError(msg)


def refuse_huge(path: Path) -> None:
    """Raise where a file that is read as one text is too long for that.

    Parameters
    ----------
    path
        A text of any kind.

    Raises
    ------
    SourceError
        If it is over 1 GB.
    """
    size = path.stat().st_size
    if size > _LARGEST_TEXT:
        msg = f"{path.name} is a text of {size / 1e6:.0f} MB; it is not read, split it"
        raise SourceError(msg)


def read_text_table(
    path: Path, layer: Layer, *, encoding: str | None, ledger: Ledger
) -> list[RawTable]:
    """Read a CSV or TSV file.

    Parameters
    ----------
    path
        The file; comma, tab or semicolon between cells.
    layer
        Whose headings to look for.
    encoding
        None for: byte order mark, else UTF-8, else GB 18030.
    ledger
        Where encoding and rows with too many or too few cells are noted.

    Returns
    -------
    list of RawTable
        One table.

    Raises
    ------
    SourceError
        If the file cannot be read.
    """
    try:
        refuse_huge(path)
        data = path.read_bytes()
    except OSError as error:
        msg = f"{path.name} cannot be read: {error.strerror or error}"
        raise SourceError(msg) from error
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        msg = f"{path.name} is a workbook under the name of a text table; rename it"
        raise SourceError(msg)
    text = decode(data, encoding=encoding, name=path.name, ledger=ledger)
    start = text[:20_000]
    marks = {one: start.count(one) for one in ",\t;"}
    mark = max(marks, key=lambda one: marks[one])
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        msg = f"{path.name} cannot be read as a text table: {error}"
        raise SourceError(msg) from error
    table, _ = table_of_grid(_even(rows, ledger), layer, source=path.name)
    return [table]


def _even(rows: list[list[str]], ledger: Ledger) -> list[list[str]]:
    """Bring rows to one length; say where cells were too many or too few."""
    wide = max((len(row) for row in rows), default=0)
    lengths = [len(row) for row in rows if len(row) > 1]
    usual = max(set(lengths), key=lengths.count, default=wide)
    for at, row in enumerate(rows):
        if len(row) > usual and any(row[usual:]):
            ledger.add("ragged_row", row=at + 1, count=len(row), expected=usual)
        row.extend([""] * (wide - len(row)))
    return rows


def decode(data: bytes, *, encoding: str | None, name: str, ledger: Ledger) -> str:
    """Turn bytes into text by rule, not by statistics.

    Parameters
    ----------
    data
        The content of a file.
    encoding
        None for: byte order mark, else UTF-8, else GB 18030; a line that is
        neither is read as Windows-1252 and noted.
    name
        The file, for messages.
    ledger
        Where a choice other than UTF-8 is noted.

    Returns
    -------
    str
        The text, byte order mark removed.

    Raises
    ------
    SourceError
        If `encoding` is unknown or does not fit.
    """
    if encoding is not None:
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except (LookupError, UnicodeError) as error:
            msg = f"{name} is not in the encoding {encoding}: {error}"
            raise SourceError(msg) from error
    for mark, codec in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(codec, errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decode_chinese(data, ledger)


def _decode_chinese(data: bytes, ledger: Ledger) -> str:
    """Decode what is not UTF-8: GB 18030, unless the lines disagree."""
    lines = data.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    plain = [one.isascii() for one in lines]
    utf8 = [
        known or _decodes(one, "utf-8") for one, known in zip(lines, plain, strict=True)
    ]
    many = sum(utf8) - sum(plain)
    others = [at for at, good in enumerate(utf8) if not good]
    if many == 0 and all(_is_chinese(lines[at]) for at in others):
        ledger.add("encoding_gbk")
        return data.decode("gb18030")
    chinese = sum(_is_chinese(lines[at]) for at in others) > len(others) / 2
    text = []
    for at, line in enumerate(lines):
        if utf8[at]:
            text.append(line.decode("utf-8"))
            continue
        codec = "gb18030" if chinese and _is_chinese(line) else "cp1252"
        text.append(line.decode(codec, errors="replace"))
        ledger.add("bad_encoding", row=at + 1, encoding=codec)
    return "".join(text)


def _decodes(line: bytes, codec: str) -> bool:
    """Tell whether a line is valid in a codec."""
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(line: bytes) -> bool:
    """Tell whether bytes are GB 18030 that spares commas, quotes and letters.

    A Western letter followed by ASCII can pass as a rare Chinese character
    whose second byte swallows the ASCII; real GBK text is mostly GB 2312, both
    of whose bytes are above ASCII.
    """
    try:
        text = line.decode("gb18030")
    except UnicodeDecodeError:
        return False
    high = sum(byte >= 0x80 for byte in line)  # noqa: PLR2004
    wide = [one for one in text if not one.isascii()]
    return high >= 1.6 * len(wide)
