"""Odd villages: all that is given of them is on lists, cards and the portal."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pypdf
import pytest
from shapely import Point

from riskmap.publish.cards import save_cards, save_list
from riskmap.publish.portal import portal_page
from riskmap.publish.portal_states import village_states
from riskmap.publish.products import Site, contents_of
from tests.publish_web.county import CODES, atlas

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.publish.atlas import Atlas

LONG = "新界东部联合社区居民委员会兼" * 4 + "上坑村民"
ODD = "𠮷\u200d村\u3000<甲>\t乙\n丙 \U0001f6a8é"
COUNT = 200


def village(name: str, *, hazards: int = COUNT) -> Atlas:
    """Return the county; its first village has a name, dangers, and little else."""
    points = gpd.GeoDataFrame(
        {
            "hazard_point_id": [f"H{one:03d}" for one in range(hazards)],
            "name": [f"{name}{one}" for one in range(hazards)],
            "hazard": "滑坡",
            "threatened_people": pd.array([None] * hazards, dtype="Int64"),
            "responsible_a": None,
            "village_code": CODES[0],
        },
        geometry=[Point(121.2 + one / 20_000, 28.105) for one in range(hazards)],
        crs=4490,
    )
    shown = atlas(name, planned=False)
    layers = {key: shown.layers[key] for key in ("villages", "households")}
    return replace(shown, layers={**layers, "hazard_points": points})


@pytest.mark.parametrize("name", [LONG, ODD])
def test_every_danger_has_its_card_and_its_owner_is_asked_for(
    name: str, tmp_path: Path
) -> None:
    one = contents_of(village(name), Site("village", CODES[0]))
    cards, duty = one.cards["hazard_cards"], one.lists["duty"]
    assert len(cards) == len(duty) == COUNT
    assert set(duty["姓名"]) == {"未提供"}
    cards = cards.tail(6)
    file = save_cards(
        cards, tmp_path / "卡.pdf", place=one.place, imprint=one.imprint, kind="hazard",
        code=one.maps["risk"].qr_text,
    )  # fmt: skip
    listed = save_list(duty, tmp_path / "单.pdf", title=one.place, imprint=one.imprint)
    assert len(pypdf.PdfReader(file).pages) == 2
    if shutil.which("pdftotext") is None:
        pytest.skip("no poppler here")
    for paper, cells in ((file, cards["编号"]), (listed, duty["负责对象"])):
        done = subprocess.run(
            ["pdftotext", "-raw", paper, "-"], check=True, capture_output=True
        )
        told = re.sub(r"\s", "", done.stdout.decode())
        numbers = [re.sub(r"\D", "", cell)[-3:].lstrip("0") for cell in cells]
        assert all(number in told for number in numbers)
    if name == LONG:
        assert told.count(LONG) >= COUNT  # no name is cut short


@pytest.mark.parametrize("name", [LONG, ODD])
def test_the_portal_says_what_is_not_known(name: str) -> None:
    shown = village(name, hazards=1)
    states = village_states(shown)
    text = portal_page(shown, states, title=name, links={})
    assert {one.state for one in states} == {"unknown"}
    assert text.count('<td class="number unknown"') >= 3 * len(states)
    assert "<甲>" not in text


def test_a_village_without_anything_still_has_its_papers(tmp_path: Path) -> None:
    one = contents_of(village("竹溪村", hazards=0), Site("village", CODES[0]))
    file = save_cards(
        one.cards["hazard_cards"], tmp_path / "卡.pdf", place=one.place,
        imprint=one.imprint, kind="hazard",
    )  # fmt: skip
    assert "无隐患点和防范区" in pypdf.PdfReader(file).pages[0].extract_text()
    listed = save_list(
        one.lists["duty"], tmp_path / "单.pdf", title="单", imprint=one.imprint
    )
    assert len(pypdf.PdfReader(listed).pages) == 1
