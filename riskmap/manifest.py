"""manifest.json: what went in, what came out, by which rules."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["digest", "digests", "write_manifest"]


def digest(path: Path) -> str:
    """Return the sha256 of a file, as hexadecimal digits.

    Parameters
    ----------
    path
        A file of any size.

    Returns
    -------
    str
        64 digits.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digests(inputs: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """Return the sha256 of files, side files and folders included.

    Parameters
    ----------
    inputs
        Files or folders by the name they go by.

    Returns
    -------
    dict
        Name, then file name, to 64 hexadecimal digits.
    """
    return {
        name: {part.name: digest(part) for part in _parts(one)}
        for name, one in sorted(inputs.items())
    }


def write_manifest(
    path: Path,
    *,
    inputs: Mapping[str, Path],
    outputs: Iterable[Path],
    facts: Mapping[str, Any],
    root: Path,
) -> None:
    """Write the manifest of a run.

    Parameters
    ----------
    path
        Where to write.
    inputs
        The files read, by the name they go by in riskmap.toml. A shapefile
        counts with all its side files.
    outputs
        The files written.
    facts
        Version, parameters, standards with sources, CRS and offset findings.
    root
        The folder that outputs are named relative to.
    """
    record = {
        **facts,
        "inputs": digests(inputs),
        "outputs": {
            one.relative_to(root).as_posix(): digest(one) for one in sorted(outputs)
        },
    }
    text = json.dumps(record, ensure_ascii=False, indent=1, default=str)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _parts(path: Path) -> list[Path]:
    """Return a file with its side files, or the files of a folder."""
    if path.is_dir():
        return sorted(one for one in path.rglob("*") if one.is_file())
    if path.suffix.lower() == ".shp":
        return sorted(path.parent.glob(f"{path.stem}.*"))
    return [path]
