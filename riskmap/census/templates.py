"""Empty workbooks to fill in: headings, drop-downs, notes, an example row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap.census.books import Book, safe_text, words
from riskmap.census.schema import layer_names, load_layer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskmap.census.schema import Field, Layer

__all__ = ["write_templates"]

_DRAWN = frozenset(
    [
        "water",
        "buildings",
        "contours",
        "roads",
        "road_additions",
        "road_closures",
        "planned_routes",
        "risk_zones",
        "flood_zones",
        "townships",
        "grids",
        "population",
    ]
)
_ROWS = 2000
_ON_A_PAGE = 9
_LONGEST_LIST = 255


def write_templates(
    folder: str | Path, *, layers: Iterable[str] | None = None
) -> tuple[Path, ...]:
    """Write one workbook a layer, ready to be filled in.

    Parameters
    ----------
    folder
        Made if it is not there.
    layers
        Canonical layers; None for all that are kept as tables rather than
        drawn on maps.

    Returns
    -------
    tuple of Path
        The workbooks, named by the layers' Chinese labels.

    Raises
    ------
    LayerError
        If a layer is unknown.
    SourceError
        If a workbook cannot be written.
    """
    names = [one for one in layer_names() if one not in _DRAWN]
    chosen = [load_layer(one) for one in (names if layers is None else layers)]
    return tuple(_write(Path(folder), layer) for layer in chosen)


def _write(folder: Path, layer: Layer) -> Path:
    """Write the workbook of one layer."""
    path = folder / f"{layer.label}.xlsx"
    fields = _fields(layer)
    with Book(path) as book:
        sheet = book.sheet(layer.label, head_rows=1)
        said = words()["template"]
        sheet.write_string(0, 0, said["serial"], book.format("head"))
        sheet.write_string(1, 0, said["example"], book.format("example"))
        for at, one in enumerate(fields, start=1):
            _column(book, sheet, at, field=one)
        sheet.fit_to_pages(-(-len(fields) // _ON_A_PAGE), 0)
        sheet.repeat_columns(0)
        notes = [_note(one) for one in fields]
        about = book.table(said["note_sheet"], said["note_column"], notes, wrap=True)
        about.write_string(len(notes) + 2, 0, said["intro"], book.format("text"))
    return path


def _fields(layer: Layer) -> list[Field]:
    """Return the fields that a form asks for."""
    wanted = list(layer.columns)
    if "village_name" not in wanted and layer.name not in {"villages", "townships"}:
        wanted.insert(wanted.index("village_code"), "village_name")
    if "Point" in layer.geometry:
        wanted += ["lon", "lat"]
    return [layer[one] for one in wanted if one in layer.fields]


def _heading(field: Field) -> str:
    """Return the heading with its unit."""
    return f"{field.label}（{field.unit}）" if field.unit else field.label


def _column(book: Book, sheet: Any, at: int, *, field: Field) -> None:  # noqa: ANN401
    """Write heading, example, note and drop-down of one column."""
    heading = _heading(field)
    look = "required" if field.required else "head"
    sheet.write_string(0, at, heading, book.format(look))
    sheet.write_comment(0, at, "\n".join(one for one in _note(field)[1:] if one))
    sheet.write_string(1, at, safe_text(_example(field)), book.format("example"))
    sheet.set_column(at, at, max(10, 2 * len(heading) + 2), book.format("text"))
    choices = _choices(field)
    if choices and len(",".join(choices)) <= _LONGEST_LIST:
        options = {"validate": "list", "source": choices, "error_type": "warning"}
        sheet.data_validation(1, at, _ROWS, at, options)


def _choices(field: Field) -> list[str]:
    """Return what a drop-down offers."""
    said = words()["template"]
    if field.type == "bool":
        return [said["yes"], said["no"]]
    return list(field.domain)


def _example(field: Field) -> str:
    """Return an example value."""
    examples: dict[str, str] = words()["examples"]
    if field.domain:
        return field.domain[0]
    return examples["lat"] if field.name == "lat" else examples[field.type]


def _note(field: Field) -> tuple[str, ...]:
    """Return what the form says of one column."""
    said = words()
    kind = said["types"][field.type].format(digits=field.digits)
    need = said["template"]["required" if field.required else "optional"]
    return (_heading(field), need, kind, field.unit or "", "、".join(_choices(field)))
