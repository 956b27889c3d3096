"""The notebooks run from top to bottom, and what they show needs no network."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.browser import Browser, chromium_path

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
NAMES = sorted(one.name for one in NOTEBOOKS.glob("*.ipynb"))
MOST_CODE_CELLS = 15


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOKS / name, as_version=4)


def executed(name: str, folder: Path) -> nbformat.NotebookNode:
    """Execute a notebook as a planner would, writing into a folder of its own."""
    book = read(name)
    for cell in book.cells:
        cell.source = cell.source.replace('Path("out")', f"Path({str(folder)!r})")
    here = {"metadata": {"path": str(NOTEBOOKS)}}
    return NotebookClient(book, timeout=600, resources=here).execute()


def shown(book: nbformat.NotebookNode) -> list[str]:
    """Return the HTML that the cells show."""
    return [
        output["data"]["text/html"]
        for cell in book.cells
        for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_short_and_committed_without_outputs(name: str) -> None:
    code = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert 0 < len(code) < MOST_CODE_CELLS
    assert not any(cell.outputs for cell in code)


@pytest.mark.notebook
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_asks_nothing_of_a_network(
    name: str, tmp_path: Path
) -> None:
    html = shown(executed(name, tmp_path))
    assert any("srcdoc" in one for one in html), "no map was shown"
    if chromium_path() is None:
        pytest.skip("the notebook ran; no Chromium here to look at its page")
    page = tmp_path / "executed.html"
    body = "<hr>".join(html)
    page.write_text(
        f"<!DOCTYPE html><meta charset='utf-8'><body>{body}", encoding="utf-8"
    )
    with Browser() as browser:
        visit = browser.open(page)
    assert visit.outside == []
    assert visit.errors == []
