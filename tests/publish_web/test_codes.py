"""The code on sheets and cards says what it should, and a reader can see it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import segno
from PIL import Image

from riskmap.publish.cards import save_cards
from riskmap.publish.products import Site, contents_of
from riskmap.publish.redaction import redact
from riskmap.publish.sheet import save_sheet
from riskmap.publish.style import read_words
from tests.publish_web.county import CODES, OFFICIAL, atlas

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from riskmap.publish.products import Contents

DPI = 300
needs_poppler = pytest.mark.skipif(
    shutil.which("pdftoppm") is None, reason="no poppler here"
)


def contents(base_url: str | None = None) -> Contents:
    """Return what is published of the first village."""
    shown, _ = redact(replace(atlas(), base_url=base_url), edition="public")
    return contents_of(shown, Site("village", CODES[0]))


def pixels(file: Path) -> NDArray[np.uint8]:
    """Return the first page of a PDF in greys."""
    command = ["pdftoppm", "-r", str(DPI), "-png", "-singlefile", "-gray"]
    subprocess.run([*command, file, file.with_suffix("")], check=True)
    return np.asarray(Image.open(file.with_suffix(".png")).convert("L"))


def found(page: NDArray[np.uint8], text: str) -> bool:
    """Tell whether the code of a text is on a page, module by module."""
    wanted = np.array([list(row) for row in segno.make(text).matrix], dtype=bool)
    dark, count = page < 128, len(wanted)
    for side in np.arange(15.0, 24.0, 0.25):
        step = side / 25.4 * DPI / count
        centres = ((np.arange(count) + 0.5) * step).astype(int)
        reach = int(side / 25.4 * DPI)
        corners = np.argwhere(
            dark[:-reach, :-reach]
            & ~np.roll(dark, 1, 0)[:-reach, :-reach]
            & ~np.roll(dark, 1, 1)[:-reach, :-reach]
        )
        for y, x in corners:
            if not dark[y + 2, x : x + int(step * 6)].all():
                continue
            seen = dark[np.ix_(y + centres, x + centres)]
            if (seen != wanted).mean() < 0.02:
                return True
    return False


def test_the_code_is_the_page_where_there_is_one_else_what_to_know() -> None:
    served = contents("https://example.org/x/").maps["route"].qr_text
    assert served.startswith("https://example.org/x/villages/990101001001/%E9%81%BF")
    assert served.endswith(".html")
    told = contents().maps["route"].qr_text
    for word in ("竹溪村", "版本v1", "安置场所：", "值班电话："):
        assert word in told
    assert OFFICIAL["name"] not in told


@needs_poppler
@pytest.mark.parametrize("kind", ["household", "hazard"])
def test_cards_carry_the_code_and_the_version_beside_it(
    kind: str, tmp_path: Path
) -> None:
    one = contents()
    cards = one.cards["cards"].head(1)
    if kind == "hazard":
        heads = list(read_words()["hazard_card"].values())
        cards = cards.iloc[:, : len(heads)].set_axis(heads[: cards.shape[1]], axis=1)
    text = one.maps["route"].qr_text
    file = save_cards(
        cards, tmp_path / "卡.pdf", place=one.place, imprint=one.imprint,
        kind=kind, code=text,
    )  # type: ignore[arg-type]  # fmt: skip
    page = pixels(file)
    assert found(page, text)
    assert not found(page, text + "。")
    printed = subprocess.run(["pdftotext", file, "-"], capture_output=True, check=True)
    assert "一码一图 版本 v1" in printed.stdout.decode().replace("\u3000", " ")


@needs_poppler
def test_sheets_carry_the_code(tmp_path: Path) -> None:
    spec = contents().maps["route"]
    page = pixels(save_sheet(spec, tmp_path / "图.pdf", page="A3")[0])
    height, width = page.shape
    corner = page[int(height * 0.85) :, int(width * 0.85) :]
    assert found(np.ascontiguousarray(corner), spec.qr_text)
