"""The tables of norms: TOML in which every number names its source.

A number stands in a TOML table that has, itself or in a table above it, a
``source`` (standard and clause, DOI, or "project choice") and an ``evidence``
tag: ``V`` read in a public source, ``C`` computed, ``S`` stated by a county,
``M-high`` and ``M-low`` from memory, ``I`` a choice of this project.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap.errors import StandardError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ASSUMED_EVIDENCE", "EVIDENCE", "is_assumed", "read_table"]

EVIDENCE = ("V", "C", "S", "M-high", "M-low", "I")
ASSUMED_EVIDENCE = ("M-high", "M-low", "I")


def read_table(name: str | Path) -> Mapping[str, Any]:
    """Read a table of norms, and insist that its numbers name their source.

    Parameters
    ----------
    name
        The name of a table shipped in ``riskmap/standards``, without
        ``.toml``, or the path of a TOML file.

    Returns
    -------
    mapping
        The parsed TOML. It is shared between callers: do not change it.

    Raises
    ------
    StandardError
        If there is no such table, it is not TOML, or a number has no source.
    """
    if isinstance(name, Path) or str(name).endswith(".toml"):
        return _parse(Path(name), str(name))
    return _shipped(name)


def is_assumed(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry's numbers print as 假定值 (no norm gives them).

    Parameters
    ----------
    entry
        A TOML table with an ``evidence`` tag.

    Returns
    -------
    bool
        True for ``I``, ``M-high``, ``M-low`` and where the tag is missing.
    """
    return entry.get("evidence", "I") in ASSUMED_EVIDENCE


@cache
def _shipped(name: str) -> Mapping[str, Any]:
    """Read one of the tables in the package, once."""
    folder = resources.files("riskmap.standards")
    path = Path(str(folder / f"{name}.toml"))
    if not path.is_file():
        known = sorted(Path(str(folder)).glob("*.toml"))
        names = ", ".join(one.stem for one in known)
        msg = f'no standard is named "{name}"; there are {names}, or give a path'
        raise StandardError(msg)
    return _parse(path, name)


def _parse(path: Path, name: str) -> Mapping[str, Any]:
    """Parse one TOML file and check its sources."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{name} cannot be read: {error.strerror or error}"
        raise StandardError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{name} is not TOML in UTF-8: {error}"
        raise StandardError(msg) from error
    _insist_on_sources(table, name, source="", evidence="")
    return table


def _insist_on_sources(
    table: Mapping[str, Any], where: str, *, source: str, evidence: str
) -> None:
    """Raise where a number has neither source nor evidence above it."""
    source = table.get("source", source)
    evidence = table.get("evidence", evidence)
    if evidence and evidence not in EVIDENCE:
        msg = f'{where}: evidence "{evidence}" is none of {", ".join(EVIDENCE)}'
        raise StandardError(msg)
    for key, entry in table.items():
        place = f"{where}.{key}"
        for part in entry if isinstance(entry, list) else [entry]:
            if isinstance(part, dict):
                _insist_on_sources(part, place, source=source, evidence=evidence)
            elif _is_number(part) and not (source and evidence):
                msg = f"{place} = {part} names no source and evidence; add them"
                raise StandardError(msg)


def _is_number(part: object) -> bool:
    """Tell a number from text and from true and false."""
    return isinstance(part, int | float) and not isinstance(part, bool)
