"""A map as a sheet of paper: PDF for the printer, PNG for a look."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from riskmap.errors import SourceError
from riskmap.publish.fonts import find_fonts, printable
from riskmap.publish.foot import print_foot, split_notes
from riskmap.publish.furniture import print_title
from riskmap.publish.layout import Page, page_named
from riskmap.publish.look import styled
from riskmap.publish.mapframe import Drawn, draw_map
from riskmap.publish.marks import print_watermark
from riskmap.publish.paper import RC, blank_figure, unhindered, write_pdf
from riskmap.publish.pen import Pen, new_pen
from riskmap.publish.phone import PHONE_DPI, make_phone
from riskmap.publish.side import print_more, print_side
from riskmap.publish.spec import Table
from riskmap.publish.style import colours, read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from riskmap.publish.fonts import Faces
    from riskmap.publish.spec import MapSpec

__all__ = ["PaperSheet", "lay_out_map", "make_sheet", "save_sheet", "save_sheets"]

_COLOURS, _TABLE_COLOURS = 160, 16
_THIN = 4
_PACKED = 6
"""How hard a PNG is packed: 6 takes twice as long, for a twelfth fewer bytes."""
_SPARE = ("steps", "steps_backup")
"""Tables that only a further page prints, where one is needed and has room."""
_MOST_WAYS = 16
_NEVER_FIRST = ("legs", *_SPARE)


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """A map laid out on paper, not yet saved.

    Parameters
    ----------
    figures
        One for each page.
    drawn
        The map on the first page, with its labels.
    """

    figures: tuple[Figure, ...]
    drawn: Drawn


def save_sheet(
    spec: MapSpec,
    path: str | Path,
    *,
    page: str = "A3",
    dpi: int = 150,
    font: str | Path | None = None,
) -> list[Path]:
    """Save a map as a sheet.

    Parameters
    ----------
    spec
        The map.
    path
        A ``.pdf`` or a ``.png`` file. Further pages of tables follow in the PDF,
        and stand beside the PNG as ``NAME-2.png``.
    page
        ``"A3"`` (landscape), ``"A4"``, ``"A1"``, ``"A0"``, or ``"phone"``, a
        portrait picture 1080 pixels wide.
    dpi
        Dots per inch of a PNG; of no effect on a phone picture.
    font
        A font file to use; None looks for one.

    Returns
    -------
    list of pathlib.Path
        The files written; the same map gives the same bytes.

    Raises
    ------
    SourceError
        If the file's ending is another one, no font has Chinese characters, or
        the file cannot be written.
    LayerError
        If there is no such page.
    """
    return save_sheets(spec, [path], page=page, dpi=dpi, font=font)


def save_sheets(
    spec: MapSpec,
    paths: Sequence[str | Path],
    *,
    page: str = "A3",
    dpi: int = 150,
    font: str | Path | None = None,
) -> list[Path]:
    """Lay a map out once and save it as several files, say a PDF and a PNG.

    Parameters
    ----------
    spec
        The map.
    paths
        ``.pdf`` and ``.png`` files.
    page, dpi, font
        As for `save_sheet`.

    Returns
    -------
    list of pathlib.Path
        The files written, further pages of a PNG included.

    Raises
    ------
    SourceError
        As for `save_sheet`.
    LayerError
        If there is no such page.
    """
    targets = [_target(path) for path in paths]
    written: list[Path] = []
    dots = PHONE_DPI if page == "phone" else dpi
    with mpl.rc_context(RC), styled(spec.look), unhindered():
        sheet = lay_out_map(spec, page, faces=find_fonts(font))
        for target in targets:
            if target.suffix.lower() == ".pdf":
                written.append(write_pdf(sheet.figures, target))
            else:
                written += _save_png(sheet, target, dots)
    return written


def _target(path: str | Path) -> Path:
    """Refuse what is neither a PDF nor a PNG."""
    target = Path(path)
    if target.suffix.lower() not in {".pdf", ".png"}:
        msg = f'a sheet is saved as .pdf or .png, not "{target.name}"'
        raise SourceError(msg)
    return target


def lay_out_map(spec: MapSpec, page: str, *, faces: Faces) -> PaperSheet:
    """Lay a map out on a page of that name.

    Parameters
    ----------
    spec
        The map.
    page
        As for `save_sheet`.
    faces
        The font.

    Returns
    -------
    PaperSheet
        The figures, the first with the map.

    Raises
    ------
    LayerError
        If there is no such page.
    """
    if page == "phone":
        return PaperSheet(*make_phone(spec, faces=faces))
    return make_sheet(spec, page=page_named(page), faces=faces)


def make_sheet(spec: MapSpec, *, page: Page, faces: Faces) -> PaperSheet:
    """Lay a map out on paper.

    Parameters
    ----------
    spec
        The map.
    page
        The page.
    faces
        The font.

    Returns
    -------
    PaperSheet
        The figures, the first with the map.
    """
    first = blank_figure(page)
    drawn = draw_map(first, spec, page, faces=faces)
    pen = new_pen(first, page, faces)
    notes, late = split_notes(pen, _notes(spec, faces))
    tables = [one for one in spec.tables if one.key not in _NEVER_FIRST]
    tables += [_late_notes(late)] if late else []
    spare = [one for one in spec.tables if one.key in _SPARE]
    ways = [one for one in spare if _wanted(spec, one)]
    spare = [one for one in spare if not _wanted(spec, one)]
    rest, signs = print_side(pen, tables, drawn.legend, late=ways)
    figures = [first]
    while rest or signs:
        figures.append(blank_figure(page))
        rest = print_more(new_pen(figures[-1], page, faces), rest, signs, spare=spare)
        signs, spare = (), []
    _print_titles([Pen(one.axes[-1], page, faces) for one in figures], spec)
    print_foot(pen, spec, drawn, notes=notes)
    return PaperSheet(tuple(figures), drawn)


def _wanted(spec: MapSpec, table: Table) -> bool:
    """Tell whether the ways are worth a further page: of the routes of a village."""
    worth = spec.product == "route" and table.key == _SPARE[0]
    return worth and 0 < len(table.frame) <= _MOST_WAYS


def _print_titles(pens: Sequence[Pen], spec: MapSpec) -> None:
    """Print the title on every page, and 内部使用 across those not for the public."""
    words = read_words()["marks"]["page_of"]
    for number, pen in enumerate(pens, start=1):
        told = words.format(page=number, pages=len(pens)) if len(pens) > 1 else ""
        print_title(pen, spec, page=told)
        if spec.imprint.edition == "internal":
            first = number == 1
            print_watermark(pen, pen.page.map, over=first)
            print_watermark(pen, pen.page.side)


def _late_notes(notes: Sequence[str]) -> Table:
    """Make a table of the notes that the foot has no room for."""
    words = read_words()["foot"]
    frame = pd.DataFrame({words["note"]: list(notes)}, dtype="object")
    return Table("notes", words["notes_more"], frame)


def _notes(spec: MapSpec, faces: Faces) -> list[str]:
    """Gather the notes, and say which characters the font lacks."""
    words = read_words()["notes"]
    notes = list(spec.imprint.notes)
    texts = [spec.title, spec.parent, *map(str, spec.facts.values())]
    for layer in spec.layers:
        texts += [one for one in layer.frame["label"] if isinstance(one, str)]
    for table in spec.tables:
        texts += [str(one) for one in table.frame.to_numpy().ravel()]
    missing = sorted(printable("".join(texts), faces)[1])
    if missing:
        codes = " ".join(f"U+{ord(one):04X}" for one in missing[:6])
        notes.append(words["glyphs"].format(number=len(missing), codes=codes))
    if spec.product == "route":
        notes.append(words["schematic"])
    if not spec.imprint.review_number:
        notes.append(words["review"])
    return notes


def _save_png(sheet: PaperSheet, target: Path, dpi: int) -> list[Path]:
    """Write each page as a picture of few colours."""
    written = []
    for number, figure in enumerate(sheet.figures, start=1):
        name = target if number == 1 else target.with_stem(f"{target.stem}-{number}")
        figure.set_dpi(dpi)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()  # type: ignore[no-untyped-call]
        picture = Image.frombuffer(
            "RGBA",
            canvas.get_width_height(),
            canvas.buffer_rgba(),  # type: ignore[no-untyped-call]
        )
        plain = picture.convert("RGB")
        few = _of_few_colours(plain, table=number > 1)
        try:
            few.save(name, dpi=(dpi, dpi), compress_level=_PACKED)
        except OSError as error:
            msg = f"{name} cannot be written: {error.strerror or error}"
            raise SourceError(msg) from error
        written.append(name)
    return written


def _of_few_colours(picture: Image.Image, *, table: bool) -> Image.Image:
    """Return a picture of as many colours as a map, or a page of tables, needs."""
    if table:
        return picture.quantize(_TABLE_COLOURS, dither=Image.Dither.NONE)
    return picture.quantize(palette=_palette(picture), dither=Image.Dither.NONE)


def _palette(picture: Image.Image) -> Image.Image:
    """Return the colours that carry meaning, and the commonest of the others."""
    fixed = [channel for colour in colours() for channel in _channels(colour)]
    small = picture.resize(
        (picture.width // _THIN, picture.height // _THIN), Image.Resampling.NEAREST
    )
    others = small.quantize(
        _COLOURS - len(fixed) // 3,
        method=Image.Quantize.MEDIANCUT,
        dither=Image.Dither.NONE,
    )
    palette = Image.new("P", (1, 1))
    palette.putpalette([*fixed, *(others.getpalette() or [])][: 3 * _COLOURS])
    return palette


def _channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``#RRGGBB``."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue
