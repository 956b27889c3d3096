"""Outputs appear whole or not at all: written aside, then moved into place."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["staged", "sweep"]

_PREFIX = ".riskmap-part-"


@contextmanager
def staged(out: str | Path) -> Iterator[Path]:
    """Give a folder to write into, and move what is in it to `out` at the end.

    Parameters
    ----------
    out
        The folder the outputs belong in; made where it is missing. A file or
        folder of the same name there is replaced; others stay.

    Yields
    ------
    pathlib.Path
        An empty folder on the same disk. If the block raises, the folder and
        all that was written goes, and `out` is as it was.

    Raises
    ------
    SourceError
        If `out` cannot be written to, or a file in it is open elsewhere.
    """
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    except OSError as error:
        msg = f"{folder} cannot be written to: {error.strerror or error}"
        raise SourceError(msg) from error
    try:
        yield aside
        for item in sorted(aside.iterdir()):
            _move(item, folder / item.name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def sweep(out: Path) -> None:
    """Remove what a killed run left aside in a folder; nobody may be writing there.

    Parameters
    ----------
    out
        A folder that outputs belong in; it may be missing.
    """
    for part in out.glob(f"{_PREFIX}*"):
        shutil.rmtree(part, ignore_errors=True)


def _move(item: Path, target: Path) -> None:
    """Put a file or folder in the place of the old one."""
    retired = item.parent / f"{item.name}.old"
    try:
        if target.is_dir():
            os.replace(target, retired)  # noqa: PTH105 (replaces on Windows too)
        item.replace(target)
    except OSError as error:
        if retired.exists() and not target.exists():
            retired.replace(target)
        msg = f"{target} cannot be replaced; close the program that has it open"
        raise SourceError(msg) from error
