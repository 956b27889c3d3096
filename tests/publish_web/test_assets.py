"""What pages are made of: complete, licensed, and fit for browsers of 2020."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import pytest

from riskmap.errors import SourceError
from riskmap.publish.assets import (
    asset_bytes,
    data_uri,
    library_script,
    library_style,
    template,
)

ROOT = Path(__file__).parents[2]
LEAFLET = "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet"
# Came after Chrome 80: 85, 92, 85, 93 and so on.
NEW_SCRIPT = r"\?\?=|\|\|=|&&=|\.replaceAll\(|\.at\(|Object\.hasOwn|structuredClone"
NEW_STYLE = (
    r"[;{]inset:|aspect-ratio|:is\(|:where\(|:has\(|[;{]gap:|@layer|\ddvh|@container"
)


@pytest.mark.parametrize("name", ["map.js", "portal.js"])
def test_own_scripts_are_of_2020(name: str) -> None:
    assert not re.search(NEW_SCRIPT, template(name))


@pytest.mark.parametrize("name", ["map.css", "portal.css"])
def test_own_styles_are_of_2020(name: str) -> None:
    assert not re.search(NEW_STYLE, template(name))


@pytest.mark.parametrize("name", ["map.js", "portal.js"])
def test_own_scripts_make_no_markup_and_ask_for_nothing(name: str) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\("
    assert not re.search(
        forbidden + r"|XMLHttpRequest|import\(|https?://(?!www\.w3)", template(name)
    )


def test_every_asset_is_there_with_its_licence() -> None:
    wanted = json.loads((ROOT / "web" / "package.json").read_text("utf-8"))
    for name in wanted["assets"]:
        assert asset_bytes(name)
    licences = asset_bytes("LICENCES.txt").decode()
    for title in wanted["licences"]:
        assert title in licences
    assert "SIL OPEN FONT LICENSE" in licences.upper()


def test_the_lock_names_no_host() -> None:
    lock = (ROOT / "web" / "package-lock.json").read_text("utf-8")
    assert "://" not in lock
    assert '"resolved"' not in lock


@pytest.mark.parametrize("name", ["Regular", "Bold"])
def test_fonts_are_truetype(name: str) -> None:
    font = asset_bytes(f"fonts/NotoSansSC-{name}.ttf")
    assert struct.unpack(">I", font[:4])[0] == 0x00010000


def test_leaflet_stands_in_the_page_by_value() -> None:
    script, style = library_script(f"{LEAFLET}.js"), library_style(f"{LEAFLET}.css")
    assert "</script" not in script
    assert "sourceMappingURL" not in script[-200:]
    urls = re.findall(r"url\(([^)]+)\)", style)
    assert urls
    assert all(one.startswith(("data:", "#")) for one in urls)


@pytest.mark.parametrize("read", [library_script, library_style])
def test_an_unknown_address_is_an_error(read: object) -> None:
    with pytest.raises(SourceError, match="no asset stands for https://example"):
        read("https://example.org/a.js")  # type: ignore[operator]


def test_a_missing_asset_says_what_to_do() -> None:
    with pytest.raises(SourceError, match=r'"web/none\.js" is missing; build riskmap'):
        asset_bytes("web/none.js")


def test_data_addresses() -> None:
    assert data_uri(b"abc", suffix="png") == "data:image/png;base64,YWJj"
