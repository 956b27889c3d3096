"""Nothing that a census holds is ever executed; all of it is shown as typed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap.publish.escape import escape_text, file_name, plain_text, script_json
from riskmap.publish.portal import Link, portal_page
from riskmap.publish.portal_states import village_states
from riskmap.publish.web import save_web
from tests.publish_web.county import atlas
from tests.publish_web.payloads import PAYLOADS
from tests.publish_web.village import village_spec

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.publish.escape import Json
    from tests.browser import Browser

READY = "document.documentElement && document.documentElement.dataset.ready === 'true'"
KINDS = list(PAYLOADS)
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
)


def portal(text: str) -> str:
    """Return a portal with `text` wherever a census could put text."""
    shown = atlas(text)
    links = {
        one.code: [Link("图", (("html", "a.html"),))] for one in village_states(shown)
    }
    return portal_page(
        shown, village_states(shown), title=text, place=text, links=links
    )


def page(kind: str, folder: Path, text: str) -> Path:
    """Save a map or a portal that is full of `text`."""
    if kind == "map":
        return save_web(village_spec(text=text), folder / "map.html")
    file = folder / "portal.html"
    file.write_text(portal(text), "utf-8", newline="\n")
    return file


@pytest.mark.parametrize("what", ["map", "portal"])
@pytest.mark.parametrize("name", KINDS)
def test_payloads_stand_nowhere_as_markup(what: str, name: str, tmp_path: Path) -> None:
    text = page(what, tmp_path, PAYLOADS[name]).read_text("utf-8")
    means = r"[<>`]|\$\{|\{\{" if what == "map" else r"[<>]"
    if re.search(means, PAYLOADS[name]):
        assert PAYLOADS[name] not in text
    assert "<img src=x" not in text
    assert f"<script>{PAYLOADS['script'][8:20]}" not in text


def test_branca_reads_no_template_in_census_text(tmp_path: Path) -> None:
    text = page("map", tmp_path, "{{ 7*7 }}").read_text("utf-8")
    assert ">49<" not in text
    assert '"49"' not in text
    assert "\\u007b{ 7*7 }}" in text


@pytest.mark.browser
@pytest.mark.parametrize("what", ["map", "portal"])
@pytest.mark.parametrize("name", KINDS)
def test_nothing_runs_in_a_browser(
    what: str, name: str, tmp_path: Path, browser: Browser
) -> None:
    text = PAYLOADS[name]
    opened = browser.open(page(what, tmp_path, text), ready=READY)
    if what == "map":
        use(browser)
        cell = "document.querySelector('.rm-cards td.rm-title').textContent"
        assert browser.run(cell) == text
    else:
        cell = "document.querySelector('.villages td b').textContent"
        assert browser.run(cell) == plain_text(text).replace("\r\n", "\n")
    browser.settle()
    assert browser.run("typeof window.RAN") == "undefined"
    assert opened.outside == []
    assert opened.errors == []


def use(browser: Browser) -> None:
    """Open everything of a map that shows text from outside."""
    rows = browser.run("document.querySelectorAll('[data-route]').length")
    for row in range(rows):
        browser.run(f"document.querySelectorAll('[data-route]')[{row}].click()")
    browser.run(
        "const i = document.querySelector('.rm-find input'); i.value = '下宅';"
        "i.dispatchEvent(new Event('input'));"
    )
    browser.run("document.querySelector('.rm-find li button').click()")
    browser.wait("document.querySelector('.rm-pop')")


@given(text=st.text())
def test_escaped_text_has_nothing_that_means_anything(text: str) -> None:
    assert not re.search(r"[<>\"'`${}\\\n\r]", escape_text(text))


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT,
        lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
        max_leaves=8,
    )
)
def test_script_json_is_harmless_and_lossless(value: Json) -> None:
    text = script_json(value)
    assert not re.search(r"[<>&'`$\u2028\u2029]", text)
    assert json.loads(text) == value


@given(text=st.text(max_size=120))
def test_file_names_are_legal_on_windows(text: str) -> None:
    name = file_name(text)
    assert 0 < len(name) <= 81
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert not name.endswith((".", " "))
    assert name.upper().split(".")[0] not in {"CON", "NUL", "AUX", "PRN", "COM1"}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        script_json(value)
