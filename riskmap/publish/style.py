"""Colours, signs and lines: one description for paper and for the screen.

The figures stand in ``styles/map.toml`` and the signs, as SVG paths in a box
of 24 by 24, in ``styles/symbols.toml``. A style is asked for by its name;
``landslide_high`` is put together from a family and a grade.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from riskmap.errors import StandardError
from riskmap.publish.look import Look, current_look, look_table, read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "DEPTH_CLASSES_M",
    "GRADES",
    "Style",
    "colours",
    "page_style",
    "read_words",
    "style",
    "style_names",
    "symbol",
    "symbol_names",
]

GRADES = ("very_high", "high", "medium", "low", "unknown")
"""Grades of danger from the worst to the unknown."""

DEPTH_CLASSES_M = (0.5, 3.0, 5.0, 10.0, 20.0)
"""The upper limits of the first five of six depth classes, metres.

The styles are ``depth_1`` to ``depth_6``; the classes are a project choice.
"""

Kind = Literal["area", "line", "point", "route"]

_LOOKS = frozenset({"map", "symbols"})


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of thing is drawn.

    Parameters
    ----------
    name
        The name it is asked for by.
    label
        The Chinese words of its legend entry.
    kind
        ``"area"``, ``"line"``, ``"point"`` or ``"route"``.
    fill
        The colour of an area, of the body of a symbol, or of a line; ``#RRGGBB``.
    fill_opacity
        Opacity of the fill, 0 to 1.
    edge
        The colour of the outline of an area or symbol.
    width_mm
        The width of a line, or of the outline, on an A3 sheet.
    casing
        The colour on both sides of a line, or None for none.
    casing_mm
        How far the casing shows on either side.
    dash_mm
        Lengths of strokes and gaps in turn; empty for a solid line.
    hatch
        A hatch in the notation of matplotlib; empty for none.
    symbol
        The name of the symbol's body; for points.
    mark
        The name of the sign within the body, or on a line; or None.
    mark_fill
        The colour of the sign within.
    size_mm
        The side of the symbol's box on an A3 sheet.
    text
        The colour of a label.
    text_mm
        The height of the label's characters.
    bold
        Whether the label is bold.
    family
        Of a graded style, the Chinese words of its kind; else empty.
    grade
        Of a graded style, the Chinese words of its grade; else empty.
    stem
        Of a graded style, its name without the grade; else empty.
    """

    name: str
    label: str
    kind: Kind
    fill: str = "#5F5F5F"
    fill_opacity: float = 1.0
    edge: str = "#FFFFFF"
    width_mm: float = 0.25
    casing: str | None = None
    casing_mm: float = 0.0
    dash_mm: tuple[float, ...] = ()
    hatch: str = ""
    symbol: str | None = None
    mark: str | None = None
    mark_fill: str = "#FFFFFF"
    size_mm: float = 4.0
    text: str = "#2B2B2B"
    text_mm: float = 2.5
    bold: bool = False
    family: str = ""
    grade: str = ""
    stem: str = ""


def style(name: str) -> Style:
    """Return the style of that name.

    Parameters
    ----------
    name
        An entry of ``map.toml``, or a family and a grade of `GRADES` joined by
        an underscore.

    Returns
    -------
    Style
        How to draw it.

    Raises
    ------
    StandardError
        If there is no such style; the message names the nearest.

    Examples
    --------
    >>> style("landslide_high").label
    '滑坡（大型）'
    """
    book = _styles(current_look())
    if name not in book:
        raise StandardError(_unknown("style", name, book))
    return book[name]


def colours() -> tuple[str, ...]:
    """Return every colour that a style or the page has.

    Returns
    -------
    tuple of str
        ``#RRGGBB``, sorted, each once.
    """
    page = [one for one in page_style().values() if str(one).startswith("#")]
    parts = ("fill", "edge", "casing", "mark_fill", "text")
    every = [
        getattr(one, part) for one in _styles(current_look()).values() for part in parts
    ]
    return tuple(sorted({*page, *(one for one in every if one is not None)}))


def style_names() -> tuple[str, ...]:
    """Return the names of all styles, in the order of the legend.

    Returns
    -------
    tuple of str
        Families with every grade, then the others.
    """
    return tuple(_styles(current_look()))


def symbol(name: str) -> str:
    """Return a symbol as the text of an SVG path.

    Parameters
    ----------
    name
        An entry of ``symbols.toml``; `Style.symbol` and `Style.mark` give it.

    Returns
    -------
    str
        The ``d`` of a path in a box of 24 by 24 units, y downwards.

    Raises
    ------
    StandardError
        If there is no such symbol; the message names the nearest.
    """
    book = look_table(current_look(), "symbols")["symbols"]
    if name not in book:
        raise StandardError(_unknown("symbol", name, book))
    path: str = book[name]
    return path


def symbol_names() -> tuple[str, ...]:
    """Return the names of all symbols.

    Returns
    -------
    tuple of str
        As in ``symbols.toml``.
    """
    return tuple(look_table(current_look(), "symbols")["symbols"])


def page_style() -> Mapping[str, Any]:
    """Return the colours and widths of the page itself.

    Returns
    -------
    mapping
        ``paper``, ``ink``, ``quiet``, ``rule``, ``contour`` and the other
        entries under ``[page]``; shared between callers, do not change it.
    """
    page: Mapping[str, Any] = look_table(current_look(), "map")["page"]
    return page


def read_words(name: str = "words") -> Mapping[str, Any]:
    """Return the Chinese words of the maps and lists.

    Parameters
    ----------
    name
        The stem of a TOML file in ``riskmap/publish/styles``.

    Returns
    -------
    mapping
        The parsed file; shared between callers, do not change it.
    """
    return look_table(current_look(), name) if name in _LOOKS else read_table(name)


@cache
def _styles(look: Look | None) -> Mapping[str, Style]:
    """Put all styles together, graded ones for every grade."""
    table = look_table(look, "map")
    graded = {
        f"{family}_{grade}": _graded(family, grade, table)
        for family in table["graded"]
        for grade in GRADES
    }
    plain = {name: _plain(name, entry) for name, entry in table["entries"].items()}
    return {**graded, **plain}


def _plain(name: str, entry: Mapping[str, Any]) -> Style:
    """Read one entry as it stands."""
    fields = {**entry, "dash_mm": tuple(entry.get("dash_mm", ()))}
    try:
        return Style(name=name, **fields)
    except TypeError as error:
        msg = f"the style {name} has a key that no style has: {error}"
        raise StandardError(msg) from error


def _graded(stem: str, level: str, table: Mapping[str, Any]) -> Style:
    """Put a family and a grade together: shape from one, colour from the other."""
    family, grade = table["graded"][stem], table["grades"][level]
    words = grade[family["words"]]
    unknown = level == "unknown"
    area = family["kind"] == "area"
    edge = "#7A7A7A" if unknown else (grade["colour"] if area else "#FFFFFF")
    return Style(
        name=f"{stem}_{level}",
        label=f"{family['label']}（{words}）",
        kind=family["kind"],
        fill=grade["colour"],
        fill_opacity=0.25 if area else 1.0,
        edge=edge,
        width_mm=0.4 if area else 0.25,
        hatch=("xx" if unknown else family.get("hatch", "")),
        symbol=family.get("symbol"),
        mark="question" if unknown and not area else family.get("mark"),
        mark_fill=grade["mark"],
        size_mm=5.2,
        text="#6B0A10" if not unknown else "#4A4A4A",
        family=family["label"],
        grade=words,
        stem=stem,
    )


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Say that there is no such thing, and which is nearest."""
    near = get_close_matches(name, list(known), n=1)
    hint = f'; the nearest is "{near[0]}"' if near else ""
    return f'no {what} is named "{name}"{hint}'
