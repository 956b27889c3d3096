"""KML and KMZ as phones write them, with their Chinese attribute names.

GDAL turns every byte of a Chinese attribute name into ``_``, so that two names
of one length become one column. The names are replaced by short codes before
GDAL reads the file, and put back after.
"""

from __future__ import annotations

import re
import zipfile
from html import unescape
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["KML_NOISE", "plain_kml"]

KML_NOISE = frozenset(
    [
        "id",
        "timestamp",
        "begin",
        "end",
        "altitudeMode",
        "tessellate",
        "extrude",
        "visibility",
        "drawOrder",
        "icon",
        "snippet",
        "Snippet",
    ]
)
_NAMES = re.compile(
    r"(<(?:\w+:)?(?:Data|SimpleData|SimpleField)\b[^>]*?\bname=)(\"[^\"]*\"|'[^']*')"
)


def plain_kml(path: Path, folder: Path) -> tuple[Path, Mapping[str, str]]:
    """Write a copy of a KML or KMZ file whose attribute names GDAL keeps.

    Parameters
    ----------
    path
        The source.
    folder
        Where the copy may stand.

    Returns
    -------
    Path
        The copy, always KML.
    mapping
        Code in the copy to attribute name.

    Raises
    ------
    SourceError
        If it is no KML, or defines entities.
    """
    data = _document(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
        text = re.sub(r"encoding=([\"']).*?\1", 'encoding="UTF-8"', text, count=1)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        msg = f"{path.name} defines XML entities; it is not read"
        raise SourceError(msg)
    codes: dict[str, str] = {}

    def code(found: re.Match[str]) -> str:
        name = unescape(found[2][1:-1])
        return found[1] + quoteattr(codes.setdefault(name, f"field{len(codes)}"))

    copy = folder / "copy.kml"
    copy.write_text(_NAMES.sub(code, text), encoding="utf-8")
    return copy, {short: name for name, short in codes.items()}


def _document(path: Path) -> bytes:
    """Return the KML document of a KML or KMZ file."""
    if path.suffix.lower() == ".kml":
        return path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        names = [one for one in packed.namelist() if one.lower().endswith(".kml")]
        if not names:
            msg = f"{path.name} holds no KML document"
            raise SourceError(msg)
        return packed.read(names[0])
