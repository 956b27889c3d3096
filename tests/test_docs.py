"""The documents say what the code does."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_the_layers_are_described_as_they_are_defined() -> None:
    spec = spec_from_file_location("make_layers", ROOT / "docs" / "make_layers.py")
    assert spec is not None
    assert spec.loader is not None
    maker = module_from_spec(spec)
    spec.loader.exec_module(maker)
    written = (ROOT / "docs" / "layers.md").read_text("utf-8")
    assert written == maker.page(), "run python docs/make_layers.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
