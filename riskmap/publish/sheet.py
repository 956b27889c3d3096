"""A map as a sheet of paper: PDF for the printer, PNG for a look."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from riskmap.publish.layout import Page, Rect, page_named
from riskmap.publish.legend import legend_height, print_legend, signs_in
from riskmap.publish.mapframe import Drawn, Sample, draw_map
from riskmap.publish.paper import RC, blank_figure, write_pdf
from riskmap.publish.pen import Pen, new_pen
from riskmap.publish.spec import Table
from riskmap.publish.style import colours, read_words
from riskmap.publish.tableprint import TableBlock, lay_out, lay_out_rest, print_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from riskmap.publish.fonts import Faces
    from riskmap.publish.spec import MapSpec

__all__ = ["PaperSheet", "make_sheet", "save_sheet", "save_sheets"]

_COLOURS = 256
_THIN = 4
_FIRST = ("transfer", "hazards")
_FIRST_SHARE, _PHONE_SHARE = 0.5, 0.75
_GAP_MM = 2.5
_PHONE_DPI = 254


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
    layout = page_named(page)
    dots = _PHONE_DPI if layout.name == "phone" else dpi
    written: list[Path] = []
    with mpl.rc_context(RC):
        sheet = make_sheet(spec, page=layout, faces=find_fonts(font))
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
    if late:
        spec = replace(spec, tables=(*spec.tables, _late_notes(late)))
    rest, signs = _print_side(pen, spec, drawn)
    figures = [first]
    while (rest or signs) and not page.portrait:
        figures.append(blank_figure(page))
        rest = _print_more(new_pen(figures[-1], page, faces), rest, signs)
        signs = ()
    count = len(figures)
    for number, figure in enumerate(figures, start=1):
        words = read_words()["marks"]["page_of"]
        told = words.format(page=number, pages=count) if count > 1 else ""
        print_title(Pen(figure.axes[-1], page, faces), spec, page=told)
    print_foot(pen, spec, drawn, notes=notes)
    return PaperSheet(tuple(figures), drawn)


def _print_side(
    pen: Pen, spec: MapSpec, drawn: Drawn
) -> tuple[list[TableBlock], tuple[Sample, ...]]:
    """Print legend and tables beside the map; return what found no room.

    The first table has the first claim, then the legend, then the others.
    """
    side = pen.page.side
    tables = tuple(one for one in spec.tables if one.key != "legs")
    if pen.page.portrait:
        tables = tuple(replace(one, note=None) for one in tables)
    blocks = {one.key: lay_out(pen, one, side.width) for one in tables}
    last = blocks.pop("emergency", None)
    bottom = side.bottom - (last.height if last is not None else 0.0)
    waiting = list(blocks.values())
    y, rest = side.y, list[TableBlock]()
    if waiting and waiting[0].source.key in _FIRST:
        room = bottom - y - legend_height(pen, drawn.legend)
        share = _PHONE_SHARE if pen.page.portrait else _FIRST_SHARE
        room = max(room, (bottom - y) * share)
        y = _print_part(pen, waiting.pop(0), y=y, room=room, rest=rest)
    most = signs_in(pen, drawn.legend, bottom - y)
    y = print_legend(pen, drawn.legend[:most], (side.x, y))
    for block in waiting:
        y = _print_part(pen, block, y=y, room=bottom - y, rest=rest)
    if last is not None:
        print_block(pen, last, (side.x, bottom if rest else min(y, bottom)))
    return rest, drawn.legend[most:]


def _late_notes(notes: Sequence[str]) -> Table:
    """Make a table of the notes that the foot has no room for."""
    words = read_words()["foot"]
    frame = pd.DataFrame({words["note"]: list(notes)}, dtype="object")
    return Table("notes", words["notes_more"], frame)


def _print_part(
    pen: Pen, block: TableBlock, *, y: float, room: float, rest: list[TableBlock]
) -> float:
    """Print what fits of a table, keep the rest; return where to go on."""
    fits, more = block.split(room)
    if more is not None:
        rest.append(more)
    return y if fits is None else print_block(pen, fits, (pen.page.side.x, y))


def _print_more(
    pen: Pen, blocks: Sequence[TableBlock], signs: Sequence[Sample]
) -> list[TableBlock]:
    """Print tables on a further page, in columns; return what found no room."""
    page = pen.page
    left, top, gap = page.margin, page.map.y, 2.0 * _GAP_MM * page.type_scale
    columns = max(1, int((page.width - 2 * left + gap) // (page.side.width + gap)))
    width = (page.width - 2 * left - (columns - 1) * gap) / columns
    area = Rect(left, top, width, page.foot.bottom - top)
    waiting = [lay_out_rest(pen, one, width) for one in blocks]
    for column in range(columns):
        x, y = area.x + column * (width + gap), area.y
        if signs and column == 0:
            y = print_legend(pen, signs, (x, y))
        while waiting:
            fits, more = waiting[0].split(area.bottom - y)
            if fits is None and y > area.y:
                break
            y = print_block(pen, fits or waiting[0], (x, y))
            waiting[:1] = [more] if more is not None and fits is not None else []
            if more is not None and fits is not None:
                break
    return waiting


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
        few = plain.quantize(palette=_palette(plain), dither=Image.Dither.NONE)
        try:
            few.save(name, dpi=(dpi, dpi), compress_level=6)
        except OSError as error:
            msg = f"{name} cannot be written: {error.strerror or error}"
            raise SourceError(msg) from error
        written.append(name)
    return written


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
