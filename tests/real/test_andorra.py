"""The whole chain on real roads, terrain, settlements and shelters: Andorra."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from riskmap.project import Project
from riskmap.routing import build_network
from tests.browser import Browser, chromium_path

HERE = Path(__file__).parent / "andorra"
DATA = Path(__file__).parents[3] / "shared" / "data" / "andorra"
VILLAGES = ("Canillo", "Llorts", "Arinsal")

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data folder is absent"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the project after all steps, three villages published."""
    opened = Project.open(HERE, out=tmp_path_factory.mktemp("andorra"))
    opened.check()
    opened.audit()
    opened.plan()
    opened.publish(villages=VILLAGES)
    return opened


def test_every_row_is_accounted_for(project: Project) -> None:
    accounts = project.chain.census.sources
    assert (accounts["read"] == accounts["accepted"] + accounts["quarantined"]).all()
    read = accounts.set_index("layer")["read"]
    assert (read["villages"], read["shelters"]) == (59, 35)


def test_slopes_are_counted_and_voids_are_reported(project: Project) -> None:
    flat = build_network(project.chain.roads, mode="walk")
    steep = project.chain.walk
    assert steep.forward_min.sum() > 1.05 * flat.forward_min.sum()
    assert "dem_voids" in set(steep.findings["rule"])


def test_everybody_is_placed_or_named(project: Project) -> None:
    rows = project.chain.plans["landslide"].assignments
    assert list(rows["group_id"]) == list(project.chain.layers["groups"]["group_id"])
    assert rows["people"].sum() == 40 * 59
    assert rows["reason"].notna().all()
    assert rows.loc[rows["reason"] != "ok", "shelter_id"].isna().all()
    assert rows.loc[rows["reason"] == "ok", "time_min"].max() <= 240


def test_the_independent_verifier_agrees(project: Project) -> None:
    lines, broken = project.verify()
    assert not broken, lines


def test_assumed_people_and_beds_are_marked_on_the_products(project: Project) -> None:
    pages = sorted((project.out / "site").rglob("*.html"))
    assert len(pages) >= 3 * len(VILLAGES)
    for page in pages:
        if page.name != "index.html":
            assert "假定值" in page.read_text("utf-8"), page
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here to read the sheets")
    for sheet in (project.out / "site").rglob("避险转移路线图.pdf"):
        text = subprocess.run(
            ["pdftotext", sheet, "-"], capture_output=True, text=True, check=True
        ).stdout
        assert "假定值" in text, sheet


@pytest.mark.browser
@pytest.mark.skipif(chromium_path() is None, reason="no Chromium here")
def test_pages_ask_nothing_of_a_network(project: Project) -> None:
    with Browser() as browser:
        for page in sorted((project.out / "site").rglob("*.html")):
            visit = browser.open(page)
            assert (visit.outside, visit.errors) == ([], []), page
