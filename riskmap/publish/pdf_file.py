"""A PDF put together: pages, pictures, patterns, and the characters of its fonts.

matplotlib can write one too, but lays every text out anew and reads the font
again for each file; a county has thousands. Here a character is written once for
all files, as the glyph of a Type 3 font, and stands where its width puts it.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.font_manager import get_font

from riskmap.publish.fonts import advance
from riskmap.publish.glyphs import char_outline
from riskmap.publish.pdf_paths import path_words

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["PdfFile"]

_HEAD = b"%PDF-1.4\n%\xb5\xed\xae\xfb\n"
_END = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
_MADE_BY = "riskmap"
_EM = 1000
_FONT_SIZE = 256
_INDEXED = 256
_PICTURE = "/Type /XObject /Subtype /Image /Width {} /Height {} /BitsPerComponent 8"
_PATTERN = (
    "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /Resources << >> "
    "/BBox [0 0 {0} {0}] /XStep {0} /YStep {0}"
)
_TO_UNICODE = (
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    "/CMapName /riskmap def /CMapType 2 def\n"
    "1 begincodespacerange <00> <ff> endcodespacerange\n"
    "{}endcmap CMapName currentdict /CMap defineresource pop end end"
)
_MOST_IN_A_BLOCK = 100


class PdfFile:
    """A PDF that grows page by page; the same pages give the same bytes."""

    def __init__(self) -> None:
        self._objects: list[bytes] = [b"", b"", b""]  # catalogue, pages, resources
        self._pages: list[int] = []
        self._codes: dict[Path, dict[str, int]] = {}
        self._named: dict[str, dict[Hashable, int]] = {
            "ExtGState": {},
            "Pattern": {},
            "XObject": {},
        }

    def page(self, words: str, width: float, height: float) -> None:
        """Add a page.

        Parameters
        ----------
        words
            The operators that draw it.
        width, height
            Its size, points.
        """
        content = self._stream(words.encode("ascii"))
        self._pages.append(
            self._add(
                f"<< /Type /Page /Parent 2 0 R /Resources 3 0 R "
                f"/MediaBox [0 0 {width:.3f} {height:.3f}] /Contents {content} 0 R >>"
            )
        )

    def opacity(self, stroke: float, fill: float) -> str:
        """Return the name of a state in which lines and areas let light through.

        Parameters
        ----------
        stroke, fill
            Opacity, 0 to 1.

        Returns
        -------
        str
            For the operator ``gs``.
        """
        known = self._named["ExtGState"]
        if (stroke, fill) not in known:
            words = f"<< /Type /ExtGState /CA {stroke:.3f} /ca {fill:.3f} >>"
            known[stroke, fill] = self._add(words)
        return f"/N{known[stroke, fill]}"

    def pattern(self, words: str, side: float) -> str:
        """Return the name of a pattern of square tiles.

        Parameters
        ----------
        words
            The operators that draw one tile.
        side
            Its side, points.

        Returns
        -------
        str
            For the operator ``scn``.
        """
        known = self._named["Pattern"]
        if words not in known:
            entries = _PATTERN.format(f"{side:.2f}")
            known[words] = self._stream(words.encode("ascii"), entries)
        return f"/N{known[words]}"

    def picture(self, pixels: NDArray[np.uint8]) -> str:
        """Return the name of a picture; the same one is stored once.

        Parameters
        ----------
        pixels
            Red, green, blue and opacity, rows from the top to the bottom.

        Returns
        -------
        str
            For the operator ``Do``.
        """
        known = self._named["XObject"]
        key = (pixels.shape, pixels.tobytes())
        if key not in known:
            clear = pixels[..., 3]
            mask = ""
            if (clear < 255).any():  # noqa: PLR2004 (of a byte)
                entries = f"{_picture(clear)} /ColorSpace /DeviceGray"
                mask = f" /SMask {self._stream(clear.tobytes(), entries)} 0 R"
            space, data = _colours(pixels[..., :3])
            entries = f"{_picture(clear)} /ColorSpace {space}{mask}"
            known[key] = self._stream(data, entries)
        return f"/N{known[key]}"

    def text(self, line: str, face: Path) -> list[tuple[str, str]]:
        """Return a line of text as parts of one font each.

        Parameters
        ----------
        line
            Characters without a line break.
        face
            The file of the font.

        Returns
        -------
        list of tuple
            The name of the font for the operator ``Tf``, and what it shows for
            ``Tj``.
        """
        codes = self._codes.setdefault(face, {})
        rank = list(self._codes).index(face)
        numbers = [codes.setdefault(one, len(codes)) for one in line]
        return [
            (f"/F{rank}.{part}", f"<{bytes(n % _FONT_SIZE for n in run).hex()}>")
            for part, run in groupby(numbers, lambda one: one // _FONT_SIZE)
        ]

    def to_bytes(self) -> bytes:
        """Return the whole file."""
        fonts = {
            f"F{rank}.{first // _FONT_SIZE}": self._font(
                face, list(codes)[first : first + _FONT_SIZE]
            )
            for rank, (face, codes) in enumerate(self._codes.items())
            for first in range(0, len(codes), _FONT_SIZE)
        }
        named = {
            kind: {f"N{number}": number for number in known.values()}
            for kind, known in self._named.items()
        }
        kids = " ".join(f"{one} 0 R" for one in self._pages)
        self._objects[:3] = (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(self._pages)} >>".encode(),
            _resources({"Font": fonts, **named}).encode(),
        )
        self._add(f"<< /Creator ({_MADE_BY}) /Producer ({_MADE_BY}) >>")
        return self._joined()

    def _joined(self) -> bytes:
        """Join the objects, and say where each of them begins."""
        parts, places, at = [_HEAD], [], len(_HEAD)
        for number, body in enumerate(self._objects, start=1):
            places.append(b"%010d 00000 n \n" % at)
            parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
            at += len(parts[-1])
        count = len(self._objects)
        parts.append(b"xref\n0 %d\n0000000000 65535 f \n" % (count + 1))
        return b"".join([*parts, *places, _END % (count + 1, count, at)])

    def _add(self, body: str | bytes) -> int:
        """Add an object and return its number."""
        self._objects.append(body if isinstance(body, bytes) else body.encode("ascii"))
        return len(self._objects)

    def _stream(self, data: bytes, entries: str = "", *, packed: bool = False) -> int:
        """Add a stream, which may come compressed."""
        short = data if packed else zlib.compress(data)
        head = f"<< {entries} /Filter /FlateDecode /Length {len(short)} >>\nstream\n"
        return self._add(head.encode("ascii") + short + b"\nendstream")

    def _font(self, face: Path, chars: Sequence[str]) -> int:
        """Add a font of up to 256 characters."""
        font = get_font(str(face))
        glyphs = {
            f"c{code}": self._stream(_glyph(one, face), packed=True)
            for code, one in enumerate(chars)
        }
        widths = " ".join(f"{_EM * advance(face, one):.6g}" for one in chars)
        box = " ".join(f"{one * _EM / font.units_per_EM:.0f}" for one in font.bbox)
        told = self._stream(_TO_UNICODE.format(_unicode(chars)).encode("ascii"))
        names = " ".join(f"/{one}" for one in glyphs)
        return self._add(
            "<< /Type /Font /Subtype /Type3 /Resources << >> "
            f"/FontBBox [{box}] /FontMatrix [{1 / _EM} 0 0 {1 / _EM} 0 0] "
            f"/FirstChar 0 /LastChar {len(chars) - 1} /Widths [{widths}] "
            f"/Encoding << /Type /Encoding /Differences [0 {names}] >> "
            f"/CharProcs {_references(glyphs)} /ToUnicode {told} 0 R >>"
        )


def _references(numbers: Mapping[str, int]) -> str:
    """Write a dictionary of objects."""
    named = " ".join(f"/{name} {number} 0 R" for name, number in numbers.items())
    return f"<< {named} >>"


def _resources(kinds: Mapping[str, Mapping[str, int]]) -> str:
    """Write what the pages of a file share."""
    named = " ".join(f"/{kind} {_references(one)}" for kind, one in kinds.items())
    return f"<< {named} >>"


def _picture(pixels: NDArray[np.uint8]) -> str:
    """Write the entries of a picture, without its colours."""
    high, wide = pixels.shape
    return _PICTURE.format(wide, high)


def _colours(rgb: NDArray[np.uint8]) -> tuple[str, bytes]:
    """Return the space of the colours of a picture, and its data; few are listed."""
    red, green, blue = np.moveaxis(rgb.astype(np.uint32), -1, 0)
    found, index = np.unique(red << 16 | green << 8 | blue, return_inverse=True)
    if len(found) > _INDEXED:
        return "/DeviceRGB", rgb.tobytes()
    listed = "".join(f"{one:06x}" for one in found.tolist())
    space = f"[/Indexed /DeviceRGB {len(found) - 1} <{listed}>]"
    return space, index.astype(np.uint8).tobytes()


@lru_cache(maxsize=20_000)
def _glyph(one: str, face: Path) -> bytes:
    """Return the program that draws a character, compressed."""
    outline = char_outline(one, face)
    vertices = np.round(np.asarray(outline.vertices) * _EM)
    box = np.zeros((2, 2))
    if len(vertices):
        box = np.vstack([vertices.min(axis=0), vertices.max(axis=0)])
    head = "{:.6g} 0 {:.0f} {:.0f} {:.0f} {:.0f} d1\n".format(
        _EM * advance(face, one), *box.ravel()
    )
    drawn = path_words(type(outline)(vertices, outline.codes), places=0)
    return zlib.compress(f"{head}{drawn}f".encode("ascii"))


def _unicode(chars: Sequence[str]) -> str:
    """Say which characters the codes of a font stand for, so that text is found."""
    lines = [
        f"<{code:02x}> <{one.encode('utf-16-be').hex()}>\n"
        for code, one in enumerate(chars)
    ]
    blocks = [
        lines[first : first + _MOST_IN_A_BLOCK]
        for first in range(0, len(lines), _MOST_IN_A_BLOCK)
    ]
    return "".join(
        f"{len(one)} beginbfchar\n{''.join(one)}endbfchar\n" for one in blocks
    )
