"""A whole site: complete, whole or not at all, sums that agree, no secret."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

import openpyxl
import pypdf
import pytest

from riskmap.errors import LayerError, RiskmapError
from riskmap.publish.compose_legs import legs_table
from riskmap.publish.portal_states import village_states
from riskmap.publish.products import Site, draw_maps
from riskmap.publish.site import publish_site
from tests.publish_web.county import CODES, OFFICIAL, PRIVATE, TOWNSHIP, atlas, plan

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from tests.browser import Browser

MAPS = ("风险隐患分布图", "避险转移路线图", "防汛防台形势图")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """Publish the small county once."""
    out = tmp_path_factory.mktemp("县 域")
    return out, publish_site(atlas(), out, officials="masked", page="A4")


def test_every_product_is_there(built: tuple[Path, pd.DataFrame]) -> None:
    out, files = built
    assert set(files.columns) == {"path", "product", "village_code", "bytes"}
    for path, size in zip(files["path"], files["bytes"], strict=True):
        assert (out / path).stat().st_size == size
    for code in CODES:
        folder = out / "site" / "villages" / code
        for name in MAPS:
            assert all(
                (folder / f"{name}.{form}").is_file() for form in ("html", "pdf", "png")
            )
        assert (folder / "责任清单.xlsx").is_file()
        assert (folder / "责任清单.pdf").is_file()
        assert (folder / "避险转移清单.xlsx").is_file()
        assert (folder / "避险明白卡.pdf").is_file()
        assert (folder / "防灾明白卡.pdf").is_file()
    assert (out / "site" / "townships" / TOWNSHIP / "index.html").is_file()
    assert sorted(one.name for one in out.iterdir()) == [".drawn", "site"]


def test_links_lead_to_files(built: tuple[Path, pd.DataFrame]) -> None:
    out, files = built
    import re  # noqa: PLC0415

    pages = [one for one in files["path"] if one.endswith("index.html")]
    assert len(pages) == 2
    for page in pages:
        file = out / page
        for href in re.findall(r'href="([^"#]+)"', file.read_text("utf-8")):
            if not href.startswith("data:"):
                assert (file.parent / unquote(href)).is_file(), href


def test_no_secret_in_any_byte(built: tuple[Path, pd.DataFrame]) -> None:
    out, files = built
    secrets = [*PRIVATE.values(), *OFFICIAL.values()]
    for path in files["path"]:
        data = (out / path).read_bytes()
        if path.endswith(".xlsx"):
            with zipfile.ZipFile(out / path) as parts:
                data = b"".join(parts.read(one) for one in parts.namelist())
        if path.endswith(".pdf"):
            pages = pypdf.PdfReader(out / path).pages
            data = "".join(one.extract_text() for one in pages).encode()
            assert "版本".encode() in data  # the text can be found at all
        for secret in secrets:
            assert secret.encode() not in data, (path, secret)
            assert secret not in path


def test_sums_agree_on_map_list_and_plan(built: tuple[Path, pd.DataFrame]) -> None:
    out, _ = built
    shown = atlas()
    given = plan().assignments.merge(plan().groups[["group_id", "village_code"]])
    for state in village_states(shown):
        mine = given[given["village_code"] == state.code]
        people = int(mine["people"].fillna(0).sum())
        spec = draw_maps(shown, Site("village", state.code))["route"]
        transfer = spec.table("transfer")
        assert transfer is not None
        on_map = [int(one) for one in transfer.frame["人数"] if one.isdigit()]
        book = openpyxl.load_workbook(
            out / "site" / "villages" / state.code / "避险转移清单.xlsx"
        ).worksheets[0]
        heads = [one.value for one in book[3]]
        column = heads.index("人数")
        cells = [row[column].value for row in book.iter_rows(min_row=4)]
        listed = [int(one) for one in cells if str(one).isdigit()]
        assert sum(on_map) == sum(listed) == people == state.to_move
        assert len(on_map) == len(mine["people"].dropna())


def test_one_village_drawn_anew_leaves_the_rest(
    built: tuple[Path, pd.DataFrame],
) -> None:
    out, files = built
    before = {path: (out / path).read_bytes() for path in files["path"]}
    again = publish_site(
        atlas(), out, officials="masked", villages=["下宅村"], page="A4"
    )
    assert set(again["village_code"].dropna()) == {CODES[1]}
    after = {path: (out / path).read_bytes() for path in files["path"]}
    assert after == before  # the same input gives the same bytes


@pytest.mark.slow
def test_two_workers_draw_the_same_bytes(
    built: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    out, files = built
    again = publish_site(atlas(), tmp_path, officials="masked", page="A4", workers=2)
    assert again["path"].tolist() == files["path"].tolist()
    for path in files["path"]:
        assert (tmp_path / path).read_bytes() == (out / path).read_bytes(), path


def test_a_failure_leaves_the_old_site(built: tuple[Path, pd.DataFrame]) -> None:
    out, files = built
    broken = replace(plan(), routes=plan().routes.drop(columns="rank"))
    with pytest.raises((RiskmapError, KeyError)):
        publish_site(replace(atlas(), plans={"台风": broken}), out)
    assert all((out / path).is_file() for path in files["path"])
    assert sorted(one.name for one in out.iterdir()) == [".drawn", "site"]


def test_legs_are_those_of_the_groups_asked_for() -> None:
    legs = legs_table(plan().routes, plan().route_legs, {"G1"}).frame
    assert list(legs.index) == ["G1", "G1"]
    assert legs.iloc[1].tolist() == ["左转", "", "160 米"]
    assert legs_table(plan().routes, plan().route_legs, {"G2"}).frame.empty


def test_another_scenario_gets_its_own_folder() -> None:
    assert Site("village", "1", "暴雨/一").folder == "scenarios/暴雨_一/villages/1"
    assert Site("village", "1", "暴雨").home == "../../../../index.html"
    assert Site("township", "2").folder == "townships/2"


@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        ({"layers": {}}, {}, "needs the layer villages"),
        ({}, {"villages": ["无此村"]}, "1 villages are unknown: 无此村"),
        ({}, {"edition": "all"}, 'no edition is named "all"'),
    ],
)
def test_what_cannot_be_drawn_says_so(
    tmp_path: Path, change: dict[str, object], options: dict[str, object], match: str
) -> None:
    with pytest.raises(LayerError, match=match):
        publish_site(replace(atlas(), **change), tmp_path / "out", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


@pytest.mark.browser
def test_every_page_of_the_site_is_silent(
    built: tuple[Path, pd.DataFrame], browser: Browser
) -> None:
    out, files = built
    pages = [one for one in files["path"] if one.endswith(".html")]
    for path in pages:
        seen = browser.open(
            out / path, ready="document.documentElement.dataset.ready === 'true'"
        )
        assert seen.outside == [], path
        assert seen.errors == [], path
