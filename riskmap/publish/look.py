"""A county's own signs and colours in the place of those of riskmap.

The county's file has the layout of ``styles/map.toml``, with a table ``symbols``
as in ``styles/symbols.toml``; it holds only what differs.
"""

from __future__ import annotations

import re
import tomllib
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap.errors import StandardError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Look", "current_look", "look_table", "read_table", "styled"]

Look = tuple[str, int]
"""A county's file and the time of its last change, nanoseconds."""

_CURRENT: ContextVar[Look | None] = ContextVar("look", default=None)
_TABLES = ("page", "grades", "graded", "entries", "symbols")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_COLOURED = frozenset({"fill", "edge", "casing", "mark_fill", "text", "colour", "mark"})
_NEW_NAMES = frozenset({"symbols"})


@contextmanager
def styled(look: str | Path | None) -> Iterator[None]:
    """Draw with a county's own signs and colours.

    Maps that are described within carry them along to paper and page.

    Parameters
    ----------
    look
        A TOML file in UTF-8; None for the signs and colours of riskmap.

    Yields
    ------
    None
        While the signs and colours hold.

    Raises
    ------
    StandardError
        If the file cannot be read, names what riskmap does not draw, or has a
        colour that is not ``#RRGGBB``.
    """
    token = _CURRENT.set(None if look is None else _stamped(Path(look)))
    try:
        look_table(_CURRENT.get(), "map")
        yield
    finally:
        _CURRENT.reset(token)


def current_look() -> Look | None:
    """Return the county's file that holds here, or None.

    Returns
    -------
    Look or None
        As `styled` was given it.
    """
    return _CURRENT.get()


def _stamped(path: Path) -> Look:
    """Tell one state of a file from another."""
    try:
        return str(path), path.stat().st_mtime_ns
    except OSError as error:
        msg = f"{path} cannot be read as a style: {error.strerror or error}"
        raise StandardError(msg) from error


@cache
def read_table(name: str) -> Mapping[str, Any]:
    """Read one of riskmap's own files of styles, once.

    Parameters
    ----------
    name
        The stem of a TOML file in ``riskmap/publish/styles``.

    Returns
    -------
    mapping
        Shared between callers, do not change it.
    """
    file = resources.files("riskmap.publish") / "styles" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def look_table(look: Look | None, name: str) -> Mapping[str, Any]:
    """Return a table of styles with the county's own entries in it.

    Parameters
    ----------
    look
        The county's file; None for riskmap's table as it is.
    name
        ``"map"`` or ``"symbols"``.

    Returns
    -------
    mapping
        Shared between callers, do not change it.

    Raises
    ------
    StandardError
        As `styled`.
    """
    table = read_table(name)
    if look is None:
        return table
    own = _read_own(look)
    mine = {key: own[key] for key in _TABLES if key in own and key in table}
    return _merged(table, mine, file=look[0])


@cache
def _read_own(look: Look) -> Mapping[str, Any]:
    """Read and check the county's file."""
    try:
        own = tomllib.loads(Path(look[0]).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{look[0]} cannot be read as a style: {error}"
        raise StandardError(msg) from error
    for key in own:
        if key not in _TABLES:
            raise StandardError(_strange(look[0], key, _TABLES))
    return own


def _merged(
    table: Mapping[str, Any], own: Mapping[str, Any], *, file: str, inside: str = ""
) -> dict[str, Any]:
    """Put entries over others, table by table; a strange name is an error."""
    made = dict(table)
    for key, value in own.items():
        at = f"{inside}.{key}" if inside else key
        known = made.get(key)
        free = inside in _NEW_NAMES or inside.startswith("entries.")
        if known is None and not free:
            raise StandardError(_strange(file, at, [f"{inside}.{one}" for one in made]))
        if isinstance(known, dict):
            if not isinstance(value, dict):
                msg = f"{file}: {at} must be a table"
                raise StandardError(msg)
            made[key] = _merged(known, value, file=file, inside=at)
        else:
            made[key] = _checked(value, at, file=file)
    return made


def _checked(value: object, at: str, *, file: str) -> object:
    """Refuse a colour that is none."""
    key = at.rpartition(".")[2]
    coloured = key in _COLOURED or str(value).startswith("#")
    symbolic = key == "mark" and not at.startswith("grades.")
    if coloured and not symbolic and not _COLOUR.fullmatch(str(value)):
        msg = f'{file}: {at} = "{value}" is not a colour; write it as "#RRGGBB"'
        raise StandardError(msg)
    return value


def _strange(file: str, key: str, known: list[str] | tuple[str, ...]) -> str:
    """Say that riskmap draws no such thing, and which is nearest."""
    near = get_close_matches(key, list(known), n=1)
    hint = f'; the nearest is "{near[0]}"' if near else ""
    return f'{file}: nothing on a map is named "{key}"{hint}'
