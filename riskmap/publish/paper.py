"""Pages as files: blank figures of a size, and PDF without a date."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from riskmap.errors import SourceError
from riskmap.publish.style import page_style

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from riskmap.publish.layout import Page

__all__ = ["RC", "blank_figure", "write_pdf"]

_MM_PER_INCH = 25.4

RC: Any = {
    "pdf.fonttype": 3,
    "pdf.compression": 6,
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
    buffer = io.BytesIO()
    metadata = {"CreationDate": None, "Creator": "riskmap", "Producer": "riskmap"}
    with PdfPages(buffer, metadata=metadata) as pages:
        for figure in figures:
            pages.savefig(figure, facecolor=figure.get_facecolor())
    try:
        target.write_bytes(buffer.getvalue())
    except OSError as error:
        msg = f"{target} cannot be written: {error.strerror or error}"
        raise SourceError(msg) from error
    return target
