"""Pages as files: blank figures of a size, and PDF without a date."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from riskmap.errors import SourceError
from riskmap.publish.pdf_file import PdfFile
from riskmap.publish.pdf_page import draw_page
from riskmap.publish.style import page_style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from riskmap.publish.layout import Page, Rect

__all__ = ["RC", "blank_figure", "resized", "unhindered", "write_pdf"]

_MM_PER_INCH = 25.4

RC: Any = {
    "text.parse_math": False,
    "text.hinting": "none",
    "hatch.linewidth": 0.35,
    "axes.unicode_minus": False,
    "path.simplify": True,
}
"""The settings of matplotlib that every page is drawn and saved under."""


def blank_figure(page: Page) -> Figure:
    """Return an empty page.

    Parameters
    ----------
    page
        Its layout.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot: nothing has to be closed.
    """
    size = (page.width / _MM_PER_INCH, page.height / _MM_PER_INCH)
    return Figure(figsize=size, facecolor=page_style()["paper"])


def resized(figure: Figure, page: Page, frames: Mapping[Axes, Rect]) -> None:
    """Give a figure another height, its frames staying where they are.

    Parameters
    ----------
    figure
        The figure; axes that are not named in `frames` are taken away.
    page
        The page with its new height.
    frames
        Axes with their places on the page, millimetres.
    """
    for one in list(figure.axes):
        if one not in frames:
            one.remove()
    figure.set_size_inches(page.width / _MM_PER_INCH, page.height / _MM_PER_INCH)
    for axes, rect in frames.items():
        axes.set_position(
            (
                rect.x / page.width,
                1.0 - rect.bottom / page.height,
                rect.width / page.width,
                rect.height / page.height,
            )
        )


@contextmanager
def unhindered() -> Iterator[None]:
    """Draw without the collector of unused memory looking in.

    A page is many thousand small objects. While they are made, the collector
    would go through every frame of the county again and again, which takes as
    long as a third of the drawing; it is let in again after the page.

    Yields
    ------
    None
        While the collector waits.
    """
    waited = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if waited:
            gc.enable()


def write_pdf(figures: Sequence[Figure], target: Path) -> Path:
    """Write pages into one file; the same pages give the same bytes.

    Parameters
    ----------
    figures
        The pages.
    target
        The file.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    file = PdfFile()
    for figure in figures:
        draw_page(figure, file)
    try:
        target.write_bytes(file.to_bytes())
    except OSError as error:
        msg = f"{target} cannot be written: {error.strerror or error}"
        raise SourceError(msg) from error
    return target
