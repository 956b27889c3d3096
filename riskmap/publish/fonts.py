"""The font of sheets and cards: where it is, how wide its characters are.

Without a font that has Chinese characters nothing is drawn: a clear error is
better than a sheet of empty boxes.
"""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Faces",
    "advance",
    "ems",
    "face_file",
    "find_fonts",
    "points_of",
    "printable",
    "text_width",
    "wrap",
]

FONT_VARIABLE = "RISKMAP_FONT"
BOLD_VARIABLE = "RISKMAP_FONT_BOLD"
SYSTEM_FAMILIES = (
    "Microsoft YaHei",
    "SimHei",
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
REPLACEMENT = "〓"

_FACE = 0.92  # of the em that a Chinese character fills
_PROBE = "村"
_EM = 100.0
_NEVER_FIRST = "，。；：、）！？”"


@dataclass(frozen=True, slots=True)
class Faces:
    """The two faces that everything is printed in.

    Parameters
    ----------
    regular
        The file of the regular face.
    bold
        The file of the bold face; the regular one where there is none.
    """

    regular: Path
    bold: Path

    def properties(self, mm: float, *, bold: bool = False) -> FontProperties:
        """Return the face at a height of characters.

        Parameters
        ----------
        mm
            The height of a Chinese character on paper.
        bold
            Which face.

        Returns
        -------
        matplotlib.font_manager.FontProperties
            For a text artist.
        """
        return _properties(self.bold if bold else self.regular, points_of(mm))


def find_fonts(path: str | Path | None = None) -> Faces:
    """Find a font with Chinese characters.

    Parameters
    ----------
    path
        A font file to use for everything; None looks at the environment
        (``RISKMAP_FONT``, ``RISKMAP_FONT_BOLD``), then into the package, then
        at the system's fonts.

    Returns
    -------
    Faces
        Files that hold Chinese characters.

    Raises
    ------
    SourceError
        If a file that is named is not such a font, or none is found.
    """
    if path is not None:
        return Faces(_insist(Path(path)), _insist(Path(path)))
    return _found(os.environ.get(FONT_VARIABLE), os.environ.get(BOLD_VARIABLE))


def face_file(face: FontProperties) -> Path:
    """Return the file of a face.

    Parameters
    ----------
    face
        Its properties.

    Returns
    -------
    pathlib.Path
        The same object each time: it is looked up for every text.
    """
    return _path(str(face.get_file() or findfont(face)))


def points_of(mm: float) -> float:
    """Return the size in points of characters of that height.

    Parameters
    ----------
    mm
        The height of a Chinese character on paper.

    Returns
    -------
    float
        The size of the font, points.
    """
    return mm / _FACE * 72.0 / 25.4


def text_width(text: str, mm: float, font: Path) -> float:
    """Return how wide a text prints.

    Parameters
    ----------
    text
        One line, or several: the widest counts.
    mm
        The height of a Chinese character on paper.
    font
        The file of the face.

    Returns
    -------
    float
        Millimetres.
    """
    return max(ems(line, font) for line in text.split("\n")) * mm / _FACE


def wrap(text: str, width: float, mm: float, font: Path) -> list[str]:  # noqa: PLR0917
    """Break a text into lines that fit.

    Parameters
    ----------
    text
        The text; its own line breaks are kept.
    width
        The width to fit, millimetres.
    mm
        The height of a Chinese character on paper.
    font
        The file of the face.

    Returns
    -------
    list of str
        At least one line. Digits and Latin letters stay together where they
        fit a line.
    """
    return list(_wrapped(text, width * _FACE / mm, font))


@lru_cache(maxsize=50_000)
def _wrapped(text: str, most: float, font: Path) -> tuple[str, ...]:
    """Break a text into lines that fit a width in sizes of the font."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, filled = "", 0.0
        for token in _pieces(paragraph, most, font):
            wide = ems(token, font)
            if line and filled + wide > most:
                lines.append(line.rstrip())
                line, filled = "", 0.0
            line, filled = line + token, filled + wide
        lines.append(line.rstrip())
    return tuple(lines)


@lru_cache(maxsize=50_000)
def printable(text: str, faces: Faces) -> tuple[str, frozenset[str]]:
    """Replace what the font cannot print by a sign that is seen.

    Parameters
    ----------
    text
        Any text.
    faces
        The faces it is printed in.

    Returns
    -------
    str
        The text, without control characters.
    frozenset of str
        The characters that were replaced by 〓.
    """
    missing = set()
    shown = []
    for one in text:
        if one == "\n":
            shown.append(one)
        elif unicodedata.category(one) in {"Zs", "Zl", "Zp"}:
            shown.append(one if _has(faces.regular, one) else " ")
        elif unicodedata.category(one).startswith("C"):
            continue
        elif _has(faces.regular, one) and _has(faces.bold, one):
            shown.append(one)
        else:
            missing.add(one)
            shown.append(REPLACEMENT)
    return "".join(shown), frozenset(missing)


@cache
def _path(name: str) -> Path:
    """Return the path of a font file."""
    return Path(name)


@cache
def _properties(file: Path, size: float) -> FontProperties:
    """Return a face at a size, one object for all texts of that size."""
    return FontProperties(fname=file, size=size)


def _pieces(text: str, most: float, font: Path) -> Iterator[str]:
    """Give what stands on one line: words, and the characters of too long ones."""
    for token in _tokens(text):
        yield from [token] if ems(token, font) <= most else token


@lru_cache(maxsize=100_000)
def ems(line: str, font: Path) -> float:
    """Return the width of a line.

    Parameters
    ----------
    line
        Characters without a line break.
    font
        The file of the face.

    Returns
    -------
    float
        In units of the font's size.
    """
    return sum(advance(font, one) for one in line)


def _tokens(text: str) -> list[str]:
    """Split a text between Chinese characters, not within numbers and words."""
    tokens: list[str] = []
    for one in text:
        joins = one.isascii() and not one.isspace()
        last = tokens[-1][-1] if tokens else ""
        within = joins and last and last.isascii() and not last.isspace()
        if within or (tokens and one in _NEVER_FIRST):
            tokens[-1] += one
        else:
            tokens.append(one)
    return tokens


@cache
def _found(regular: str | None, bold: str | None) -> Faces:
    """Look at the environment, then into the package, then at the system."""
    if regular:
        return Faces(_insist(Path(regular)), _insist(Path(bold or regular)))
    folder = Path(str(resources.files("riskmap.publish") / "assets" / "fonts"))
    shipped = [sorted(folder.glob(f"*{one}*.[to]tf")) for one in ("Regular", "Bold")]
    if shipped[0]:
        return Faces(shipped[0][0], (shipped[1] or shipped[0])[0])
    for family in SYSTEM_FAMILIES:
        faces = [_system(family, weight) for weight in ("regular", "bold")]
        if faces[0] is not None and _has(faces[0], _PROBE):
            return Faces(faces[0], faces[1] or faces[0])
    msg = (
        "no font with Chinese characters is found; install Noto Sans SC "
        f"(Debian: fonts-noto-cjk) or name a font file in {FONT_VARIABLE}"
    )
    raise SourceError(msg)


def _system(family: str, weight: str) -> Path | None:
    """Return a font of the system, or None."""
    try:
        found = findfont(
            FontProperties(family=family, weight=weight), fallback_to_default=False
        )
    except ValueError:
        return None
    return Path(str(found))


def _insist(path: Path) -> Path:
    """Return the path of a font with Chinese characters, or refuse it."""
    try:
        good = _has(path, _PROBE)
    except (OSError, RuntimeError) as error:
        msg = f"{path} cannot be read as a font: {error}"
        raise SourceError(msg) from error
    if not good:
        msg = f"{path} has no Chinese characters; name another font file"
        raise SourceError(msg)
    return path


@cache
def _has(font: Path, one: str) -> bool:
    """Tell whether the font has a glyph for a character."""
    return bool(get_font(str(font)).get_char_index(ord(one)))


@cache
def advance(font: Path, one: str) -> float:
    """Return the width of a character.

    Parameters
    ----------
    font
        The file of the face.
    one
        The character.

    Returns
    -------
    float
        In units of the font's size.
    """
    face = get_font(str(font))
    face.set_size(_EM, 72)
    glyph = face.load_char(ord(one), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536.0 / _EM
