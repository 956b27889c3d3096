"""The PDF of a page: sound, found by its words, and the same as the picture."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.transforms import IdentityTransform
from PIL import Image

from riskmap.publish.artists import Picture, Words
from riskmap.publish.fonts import find_fonts
from riskmap.publish.paper import RC, write_pdf

if TYPE_CHECKING:
    from pathlib import Path

DOTS = 100
LETTERS = "".join(map(chr, range(0x4E00, 0x4E00 + 300)))


@pytest.fixture
def figure() -> Figure:
    """Draw one of everything that sheets are made of."""
    faces = find_fonts()
    page = Figure(figsize=(4, 3), dpi=DOTS, facecolor="#FDFCF9")
    axes = page.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.set(xlim=(0, 8), ylim=(0, 6), xticks=[], yticks=[])
    cells = np.zeros((2, 3, 3), dtype=np.uint8)
    cells[..., 0], cells[0, :, 2] = 120, (0, 120, 240)
    Picture(page.add_axes((0.15, 0.6, 0.2, 0.2)), cells, zorder=1)
    axes.add_patch(Rectangle((5, 1), 4, 2, facecolor="#204080", alpha=0.4))
    axes.add_patch(Circle((5, 4), 1, facecolor="#30A030", edgecolor="#800000"))
    bent = Outline([(1, 1), (2, 3), (3, 1), (1, 1)], [1, 3, 3, 79])
    axes.add_collection(PathCollection([bent], facecolors=["#C00000"]))
    hatched = PathCollection(
        [Outline([(4, 3), (6, 3), (6, 5), (4, 3)])],
        facecolors="none", edgecolors=["#C05000"], hatch="////", zorder=4,
    )  # fmt: skip
    axes.add_collection(hatched)
    line = LineCollection([[(0.5, 0.5), (9, 5.5)]], linewidths=3, linestyles="--")
    axes.add_collection(line)
    for y, words in ((2.2, "避险转移路线图 (A3)\\"), (0.4, "1:5 000")):
        axes.add_artist(
            Words(3, y, words, fontproperties=faces.properties(4.0), rotation=8,
                  color="#202020", transform=axes.transData, zorder=5)
        )  # fmt: skip
    return page


def _saved(figure: Figure, file: Path) -> bytes:
    with mpl.rc_context(RC):
        return write_pdf([figure], file).read_bytes()


def test_every_object_is_where_the_file_says(figure: Figure, tmp_path: Path) -> None:
    data = _saved(figure, tmp_path / "a.pdf")
    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", data)[0])
    places = re.findall(rb"(\d{10}) 00000 n ", data[start:])
    assert len(places) > 8
    for number, place in enumerate(places, start=1):
        assert data[int(place) :].startswith(b"%d 0 obj\n" % number)
    for length, body in re.findall(
        rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", data, re.DOTALL
    ):
        assert len(body) == int(length)


def test_the_same_page_gives_the_same_bytes(figure: Figure, tmp_path: Path) -> None:
    assert _saved(figure, tmp_path / "a.pdf") == _saved(figure, tmp_path / "b.pdf")
    assert figure.get_dpi() == DOTS


@pytest.mark.skipif(not shutil.which("pdftoppm"), reason="poppler-utils is missing")
def test_the_page_looks_like_the_picture(figure: Figure, tmp_path: Path) -> None:
    _saved(figure, tmp_path / "a.pdf")
    subprocess.run(
        ["pdftoppm", "-r", str(DOTS), "-png", "-singlefile", "a.pdf", "a"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    printed = _coarse(Image.open(tmp_path / "a.png"))
    canvas = FigureCanvasAgg(figure)
    with mpl.rc_context(RC):
        canvas.draw()
    size = canvas.get_width_height()
    pictured = _coarse(Image.frombuffer("RGBA", size, canvas.buffer_rgba()))
    apart = np.abs(printed - pictured).max(axis=2)
    assert apart.mean() < 4.5
    assert apart.max() < 100.0
    assert (printed != printed[0, 0]).any(axis=2).mean() > 0.3


def _coarse(picture: Image.Image) -> np.ndarray:
    """Return the mean colours of small squares: where a hair falls does not count."""
    return np.asarray(picture.convert("RGB").reduce(5)).astype(float)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is missing")
def test_words_are_found_whatever_their_characters(tmp_path: Path) -> None:
    page, face = Figure(figsize=(20, 20)), find_fonts().properties(4.0)
    lines = [LETTERS[at : at + 30] for at in range(0, 300, 30)]
    lines.append("(a\\b) <c> %d /e 村A")
    for rank, line in enumerate(lines):
        at = (20, 100 + 40 * rank)
        page.add_artist(
            Words(*at, line, fontproperties=face, transform=IdentityTransform())
        )
    _saved(page, tmp_path / "a.pdf")
    run = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "a.pdf", "-"],
        capture_output=True, check=True,
    )  # fmt: skip
    found = run.stdout.decode("utf-8")
    assert [line for line in lines if line not in found] == []


def test_a_picture_is_stored_once(tmp_path: Path) -> None:
    page = Figure(figsize=(4, 4))
    cells = np.random.default_rng(1).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    for at in range(4):
        Picture(page.add_axes((0.2 * at, 0.1, 0.1, 0.1)), cells.copy(), zorder=1)
    assert _saved(page, tmp_path / "a.pdf").count(b"/Subtype /Image") == 1
