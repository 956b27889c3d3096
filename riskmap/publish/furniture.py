"""The band at the head of a sheet: title, where, figures, marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.publish.layout import Rect
from riskmap.publish.style import page_style, read_words

if TYPE_CHECKING:
    from riskmap.publish.pen import Pen
    from riskmap.publish.spec import MapSpec

__all__ = ["print_title"]


def print_title(pen: Pen, spec: MapSpec, *, page: str = "") -> None:
    """Print the band at the top: title, where, figures, marks.

    Parameters
    ----------
    pen
        What prints.
    spec
        The map.
    page
        For example 第 2 页 共 2 页; empty for none.
    """
    band, words, colours = pen.page.title, read_words(), page_style()
    mm = pen.page.title_mm
    room = band.width * 0.52
    wide = pen.width(spec.title, mm, bold=True)
    mm = max(mm * min(1.0, room / wide), pen.page.text_mm * 1.6)
    title = pen.wrapped(spec.title, room, mm=mm, bold=True)
    small = pen.page.text_mm * 1.35
    middle = band.y + band.height / 2
    step = mm * 1.2
    for rank, line in enumerate(title):
        high = middle - step * (len(title) - 1) / 2 + rank * step
        pen.text((band.x, high), line, mm=mm, bold=True)
    after = band.x + max(pen.width(line, mm, bold=True) for line in title) + mm * 0.6
    version = spec.imprint.version or words["marks"]["not_stated"]
    pen.text((after, middle - small * 0.9), spec.parent, mm=small)
    told = f"{words['foot']['version']} {version}  {page}".strip()
    pen.text((after, middle + small * 0.9), told, mm=small, colour=colours["quiet"])
    right = _print_marks(pen, spec)
    _print_facts(pen, spec, right=right, left=after + band.width * 0.16)
    y = band.bottom + 0.4
    pen.lines([[(band.x, y), (band.right, y)]], mm=0.6, colour=colours["safe"])


def _print_marks(pen: Pen, spec: MapSpec) -> float:
    """Stamp 虚构示例 and 内部使用 at the right; return where they begin."""
    band, words = pen.page.title, read_words()["marks"]
    mm = pen.page.text_mm * 1.7
    right = band.right
    stamps = []
    if spec.imprint.fictional:
        stamps.append(words["fictional"])
    if spec.imprint.edition == "internal":
        stamps.append(words["internal"])
    for one in stamps:
        wide = pen.width(one, mm, bold=True) + mm
        box = Rect(right - wide, band.y + band.height / 2 - mm, wide, mm * 2)
        pen.box(box, edge=page_style()["danger"], mm=0.5)
        pen.text(
            (box.x + wide / 2, box.y + mm),
            one,
            mm=mm,
            bold=True,
            colour=page_style()["danger"],
            align="center",
        )
        right -= wide + mm * 0.6
    return right


def _print_facts(pen: Pen, spec: MapSpec, *, right: float, left: float) -> None:
    """Print the figures of the map, heading above, as many as have room."""
    band = pen.page.title
    small, big = pen.page.text_mm, pen.page.text_mm * 1.55
    for heading, words in reversed(list(spec.facts.items())):
        wide = max(pen.width(heading, small), pen.width(words, big, bold=True)) + big
        right -= wide
        if right < left:
            return
        at = right + wide / 2
        middle = band.y + band.height / 2
        pen.text(
            (at, middle - big * 0.85),
            heading,
            mm=small,
            align="center",
            colour=page_style()["quiet"],
        )
        alarm = heading == read_words()["facts"]["unplaced"] and words[0] != "0"
        pen.text(
            (at, middle + big * 0.6),
            words,
            mm=big,
            bold=True,
            align="center",
            colour=page_style()["danger"] if alarm else None,
        )
