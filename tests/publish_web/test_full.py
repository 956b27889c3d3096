"""Every field of every layer is published: nothing runs, nothing private is out."""

from __future__ import annotations

import html
import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pypdf
import pytest

from riskmap.census import layer_names, load_layer
from riskmap.publish.escape import file_name
from riskmap.publish.places import plain_text
from riskmap.publish.portal import portal_page
from riskmap.publish.portal_states import village_states
from riskmap.publish.products import Site, contents_of, draw_maps
from riskmap.publish.redaction import redact
from riskmap.publish.site import publish_site
from riskmap.publish.web import save_web
from tests.publish_web.full import VILLAGES, full_atlas
from tests.publish_web.payloads import PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from riskmap.publish.redaction import Officials
    from tests.browser import Browser

READY = "document.documentElement && document.documentElement.dataset.ready === 'true'"
FORMULAS = ("=1+1", "@SUM(1)", "+1", "-1", "=cmd|' /C calc'!A0", "007", "1e5")
MARKUP = re.compile(r"<(?:img|svg)[^>]*RAN|<script>window\.RAN|<[^>]*javascript:")
SCRIPT = re.compile(r"\$\{window|`\+\(window|\{\{ 7")
ACTIONS = re.compile(rb"/(?:JavaScript|JS|OpenAction|AA|Launch|URI|SubmitForm)\b")
STREAMS = re.compile(rb"stream\r?\n.*?endstream", re.DOTALL)
PRIVATE_COUNT = 90_717


class Payloads:
    """Gives each field another payload, and remembers which."""

    def __init__(self) -> None:
        self.kinds = [*PAYLOADS.values(), *FORMULAS]
        self.given: dict[tuple[str, str], str] = {}

    def __call__(self, layer: str, field: str) -> str:
        rank = len(self.given) % len(self.kinds)
        return self.given.setdefault((layer, field), self.kinds[rank])


class Secrets:
    """Gives each field a text of its own, so that it is known where it shows."""

    def __init__(self) -> None:
        self.given: dict[tuple[str, str], str] = {}

    def __call__(self, layer: str, field: str) -> str:
        return self.given.setdefault((layer, field), f"密{len(self.given):04d}号")

    def of(self, visibility: str) -> list[str]:
        """Return the texts of all fields of one visibility."""
        return [
            text
            for (layer, field), text in self.given.items()
            if layer in layer_names()
            and field in load_layer(layer).fields
            and load_layer(layer).fields[field].visibility == visibility
        ]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Payloads]:
    """Publish a county whose every text is a payload or a formula."""
    words, out = Payloads(), tmp_path_factory.mktemp("hostile")
    publish_site(full_atlas(words), out, edition="internal", page="A4")
    return out / "内部", words


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Secrets]:
    """Publish a county whose every text can be told, for the public."""
    words, out = Secrets(), tmp_path_factory.mktemp("public")
    shown = full_atlas(words, private_people=PRIVATE_COUNT)
    publish_site(shown, out, officials="none", page="A4")
    return out / "site", words


def files(folder: Path, *suffixes: str) -> list[Path]:
    """Return the files below a folder."""
    found = sorted(one for one in folder.rglob("*") if one.is_file())
    return [one for one in found if not suffixes or one.suffix in suffixes]


def pdf_text(path: Path) -> str:
    """Return the text of a PDF."""
    if shutil.which("pdftotext"):
        done = subprocess.run(
            ["pdftotext", "-raw", path, "-"], capture_output=True, check=True
        )
        return done.stdout.decode()
    return "".join(one.extract_text() for one in pypdf.PdfReader(path).pages)


def texts(name: str, data: bytes, folder: Path) -> Iterator[str]:
    """Give all that can be read in a file, whatever it is packed in."""
    yield name
    yield data.decode("utf-8", "ignore")
    if name.endswith(".pdf"):
        copy = folder / "one.pdf"
        copy.write_bytes(data)
        yield pdf_text(copy)
        yield str(pypdf.PdfReader(copy).metadata)
    if name.endswith((".zip", ".xlsx", ".docx")):
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            for inner in pack.namelist():
                for text in texts(inner, pack.read(inner), folder):
                    yield html.unescape(text)


def words_of(value: object) -> Iterator[str]:
    """Give every word of a value, its frames and its dataclasses."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, pd.DataFrame):
        yield value.drop(columns="geometry", errors="ignore").to_csv()
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from words_of([key, one])
    elif isinstance(value, list | tuple):
        for one in value:
            yield from words_of(one)
    elif is_dataclass(value):
        for one in fields(value):
            yield from words_of(getattr(value, one.name))


@pytest.mark.slow
def test_no_payload_stands_as_markup_or_script(hostile: tuple[Path, Payloads]) -> None:
    pages = files(hostile[0], ".html")
    assert len(pages) == 3 * 3 + 2
    for page in pages:
        text = page.read_text("utf-8")
        assert not MARKUP.search(text), page
        assert page.name == "index.html" or not SCRIPT.search(text), page
        assert ">49<" not in text
        assert "Content-Security-Policy" in text


@pytest.mark.slow
def test_workbooks_hold_texts_as_typed_and_no_formula(
    hostile: tuple[Path, Payloads],
) -> None:
    out, words = hostile
    books = files(out, ".xlsx")
    assert len(books) == 3 + 1 + 2 * 2
    cells: set[object] = set()
    for file in books:
        for page in openpyxl.load_workbook(file):
            for cell in (one for row in page.iter_rows() for one in row):
                assert cell.data_type != "f", (file, cell.coordinate)
                assert cell.hyperlink is None
                cells.add(cell.value)
        with zipfile.ZipFile(file) as parts:
            assert not any("externalLink" in one for one in parts.namelist())
    shown = [
        *(("duties", one) for one in ("post", "name", "phone")),
        *(("shelters", one) for one in ("name", "responsible_a", "phone_b", "address")),
        *(("groups", one) for one in ("name", "assembly_point", "phone_a", "remark")),
        *(("hazard_points", one) for one in ("responsible_a", "post_b")),
        *(("ledger", "category"), ("closures", "cause"), ("findings", "message")),
    ]
    texts = {plain_text(one) for one in cells}
    for key in shown:
        if key in words.given:
            assert plain_text(_stripped(words.given[key])) in texts, key


def _stripped(text: str) -> str:
    """Leave out what no workbook can hold."""
    return re.sub("[\x00-\x08\x0b\x0c]", "", text)


@pytest.mark.slow
def test_papers_say_texts_as_typed_and_do_nothing(
    hostile: tuple[Path, Payloads],
) -> None:
    out, words = hostile
    papers = files(out, ".pdf")
    for file in papers:
        assert not ACTIONS.search(STREAMS.sub(b"", file.read_bytes())), file
    told = re.sub(r"\s", "", "".join(pdf_text(one) for one in papers))
    for key in (
        ("households", "head"), ("households", "phone"), ("duties", "post"),
        ("duties", "name"), ("hazard_points", "trigger"), ("groups", "name"),
        ("shelters", "name"), ("supplies", "responsible_a"),
    ):  # fmt: skip
        assert re.sub(r"\s", "", _stripped(words.given[key])) in told, key


@pytest.mark.slow
def test_names_of_files_are_legal_everywhere(hostile: tuple[Path, Payloads]) -> None:
    names = [part for file in files(hostile[0]) for part in file.parts[-3:]]
    for pack in files(hostile[0], ".zip"):
        with zipfile.ZipFile(pack) as opened:
            inside = opened.namelist()
            assert len(inside) == len(set(inside)) > len(VILLAGES)
            names += inside
    assert all(one == file_name(one) for one in names)


@pytest.mark.slow
@pytest.mark.browser
def test_every_page_stays_silent_with_every_field_full(
    hostile: tuple[Path, Payloads], browser: Browser
) -> None:
    for page in files(hostile[0], ".html"):
        opened = browser.open(page, ready=READY)
        use(browser)
        assert browser.run("typeof window.RAN") == "undefined", page
        assert (opened.outside, opened.errors) == ([], []), page


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("kind", list(PAYLOADS))
def test_one_payload_in_every_field_runs_nowhere(
    kind: str, tmp_path: Path, browser: Browser
) -> None:
    shown = full_atlas(lambda _layer, _field: PAYLOADS[kind])
    maps = draw_maps(shown, Site("village", VILLAGES[0]))
    pages = [
        save_web(maps[one], tmp_path / f"{one}.html") for one in ("route", "situation")
    ]
    pages.append(tmp_path / "index.html")
    states = village_states(shown)
    text = portal_page(shown, states, title=PAYLOADS[kind], links={})
    pages[-1].write_text(text, "utf-8")
    for page in pages:
        opened = browser.open(page, ready=READY)
        use(browser)
        assert browser.run("typeof window.RAN") == "undefined", page
        assert (opened.outside, opened.errors) == ([], []), page


def use(browser: Browser) -> None:
    """Click everything of a page that shows text from outside, and search."""
    browser.run(
        "document.querySelectorAll('[data-route], .leaflet-interactive, th button')"
        ".forEach(one => one.dispatchEvent(new MouseEvent('click', {bubbles: true})))"
    )
    browser.run(
        "document.querySelectorAll('.rm-find input, #search').forEach(one => {"
        "one.value = 'a'; one.dispatchEvent(new Event('input'))})"
    )
    browser.run(
        "document.querySelectorAll('.rm-find li button').forEach(one => one.click())"
    )
    browser.settle()


@pytest.mark.slow
def test_no_private_text_and_no_count_of_a_household_is_in_any_public_byte(
    public: tuple[Path, Secrets], tmp_path: Path
) -> None:
    out, words = public
    hidden = [*words.of("private"), *words.of("official")]
    assert len(hidden) > 30
    seen = set()
    for file in files(out):
        for text in texts(file.name, file.read_bytes(), tmp_path):
            leaked = [one for one in hidden if one in text]
            assert not leaked, (
                file,
                [k for k, v in words.given.items() if v in leaked],
            )
            assert not re.search(rf"(?<![\d.]){PRIVATE_COUNT}(?!\d)", text), file
            seen |= {one for one in words.of("public") if one in text}
    assert words.given["shelters", "name"] in seen  # the scan finds what is there
    assert words.given["groups", "assembly_point"] in seen


@pytest.mark.parametrize("officials", ["none", "masked", "full"])
def test_what_the_public_sees_of_people_on_duty(officials: Officials) -> None:
    words = Secrets()
    given = full_atlas(words, private_people=PRIVATE_COUNT)
    shown, log = redact(given, edition="public", officials=officials)
    for site in (Site("village", VILLAGES[0]), Site("township", "990101001000")):
        told = "\n".join(words_of(contents_of(shown, site)))
        assert not [one for one in words.of("private") if one in told]
        assert str(PRIVATE_COUNT) not in told
        named = [one for one in words.of("official") if one in told]
        assert bool(named) == (officials == "full")
    assert {"households", "findings"} <= set(log["layer"])
    assert not log.astype(str).apply(lambda one: one.str.contains("密")).any().any()


def test_the_internal_edition_keeps_what_the_public_does_not() -> None:
    words = Secrets()
    given = full_atlas(words, private_people=PRIVATE_COUNT)
    shown, _ = redact(given, edition="internal")
    told = "\n".join(words_of(contents_of(shown, Site("village", VILLAGES[0]))))
    for key in (("households", "head"), ("households", "phone"), ("duties", "name")):
        assert words.given[key] in told
    assert str(PRIVATE_COUNT) in told
