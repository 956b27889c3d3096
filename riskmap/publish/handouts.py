"""A township's sheets bound into one book, and its files in one archive."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pypdf

from riskmap.errors import SourceError
from riskmap.publish.escape import file_name
from riskmap.publish.page_words import web_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    Villages = Sequence[tuple[str, Path]]

__all__ = ["save_township_book", "save_township_zip"]

_MAPS = ("risk", "route", "situation")
_HANDED_OUT = (".pdf", ".png", ".xlsx")
_LONG_AGO = (2000, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_LONGEST_PLACE, _LONGEST_VERSION = 24, 20


def save_township_book(path: Path, own: Path, villages: Villages) -> Path:
    """Bind the map sheets of a township and its villages for the printer (图集).

    Parameters
    ----------
    path
        The ``.pdf`` file to write.
    own
        The folder of the township's own products.
    villages
        Name and folder of each village, in the order of binding.

    Returns
    -------
    pathlib.Path
        The file written, with a bookmark for each village and each map.

    Raises
    ------
    SourceError
        If a sheet cannot be read, or the file cannot be written.
    """
    names = web_words()["products"]
    try:
        with pypdf.PdfWriter() as book:
            for place, folder in [(None, own), *villages]:
                chapter = None
                for stem in (names[product] for product in _MAPS):
                    sheet = folder / f"{stem}.pdf"
                    if not sheet.is_file():
                        continue
                    first = len(book.pages)
                    book.append(sheet, import_outline=False)
                    if place and chapter is None:
                        chapter = book.add_outline_item(title=place, page_number=first)
                    book.add_outline_item(title=stem, page_number=first, parent=chapter)
            book.write(path)
    except (OSError, pypdf.errors.PyPdfError) as error:
        msg = f"{path} cannot be bound: {error}"
        raise SourceError(msg) from error
    return path


def save_township_zip(path: Path, villages: Villages, *, version: str) -> Path:
    """Pack the files of a township's villages under names that say what they are.

    Parameters
    ----------
    path
        The ``.zip`` file to write.
    villages
        Name and folder of each village.
    version
        The version of the publication.

    Returns
    -------
    pathlib.Path
        The file written: each sheet, picture and list as 村名_图名_版本, and
        the same bytes for the same files. Two villages of one name are told
        apart by the names of their folders.

    Raises
    ------
    SourceError
        If the file cannot be written.
    """
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as pack:
            for name, file in _named(villages, version):
                entry = zipfile.ZipInfo(name, _LONG_AGO)
                entry.external_attr = _READABLE
                pack.writestr(entry, file.read_bytes())
    except OSError as error:
        msg = f"{path} cannot be packed: {error.strerror or error}"
        raise SourceError(msg) from error
    return path


def _named(villages: Villages, version: str) -> Iterator[tuple[str, Path]]:
    """Give each file to pack under its name."""
    short = [file_name(name)[:_LONGEST_PLACE] for name, _ in villages]
    dated = file_name(version)[:_LONGEST_VERSION]
    for place, (_, folder) in zip(short, villages, strict=True):
        told = place if short.count(place) == 1 else f"{place}{folder.name}"
        for file in sorted(folder.glob("*")):
            if file.suffix in _HANDED_OUT:
                yield file_name(f"{told}_{file.stem}_{dated}{file.suffix}"), file
