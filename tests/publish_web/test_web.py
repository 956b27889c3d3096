"""Pages: one file, deterministic, nothing from a network, text as data."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, box

from riskmap.errors import SourceError
from riskmap.publish.assets import template
from riskmap.publish.page import page_of_figure
from riskmap.publish.spec import MapLayer, Table
from riskmap.publish.style import style
from riskmap.publish.web import notebook_html, save_web, web_map
from riskmap.publish.web_data import layer_data, view_bounds
from riskmap.publish.web_tables import table_data
from tests.publish_web.village import CRS, X, Y, frame, ring, village_spec

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser import Browser


def unpacked(steps: list[int]) -> np.ndarray:
    """Return latitudes and longitudes as the page's script reads them."""
    return np.cumsum(np.asarray(steps).reshape(-1, 2), axis=0) / 1e6


def test_saved_page_is_whole_and_small(tmp_path: Path) -> None:
    file = save_web(village_spec(), tmp_path / "竹溪村 路线图.html")
    text = file.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert file.stat().st_size < 400_000
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def test_no_address_of_a_network_is_loaded(tmp_path: Path) -> None:
    text = save_web(village_spec(), tmp_path / "a.html").read_text("utf-8")
    assert not re.search(r"<script[^>]+src=", text)
    assert not re.search(r"<link[^>]+href=\"(?!data:)", text)
    assert not re.search(r"url\(\s*['\"]?(?!data:|#)", text.split("</style>")[0])


def test_same_map_same_bytes(tmp_path: Path) -> None:
    one = save_web(village_spec(), tmp_path / "one.html").read_bytes()
    assert save_web(village_spec(), tmp_path / "two.html").read_bytes() == one


def test_policy_names_the_hash_of_every_script(tmp_path: Path) -> None:
    text = save_web(village_spec(), tmp_path / "a.html").read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "unsafe-inline" not in policy[1].split("style-src")[0]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    named = set(re.findall(r"sha256-([^']+)'", policy[1]))
    digests = {
        base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()
        for one in scripts
    }
    assert digests == named
    assert len(scripts) == 4


def test_notebook_markup_holds_the_page(tmp_path: Path) -> None:
    spec = village_spec()
    markup = notebook_html(spec)
    inside = re.search(r'srcdoc="([^"]*)"', markup)
    assert inside is not None
    page = save_web(spec, tmp_path / "a.html").read_text("utf-8")
    assert html.unescape(inside[1]) == page
    assert spec._repr_html_() == markup


def test_tianditu_lies_under_a_notebook_cell_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIANDITU_KEY", "0123456789abcdef")
    page = html.unescape(notebook_html(village_spec(), tianditu="image"))
    for layer in ("img", "cia"):
        assert f"tianditu.gov.cn/{layer}_w/wmts?" in page
    assert "tk=0123456789abcdef" in page
    assert "img-src data: blob: https://*.tianditu.gov.cn;" in page
    saved = save_web(village_spec(), tmp_path / "a.html").read_text("utf-8")
    for text in (saved, html.unescape(notebook_html(village_spec()))):
        assert "tianditu" not in text
        assert "0123456789abcdef" not in text


@pytest.mark.parametrize("key", [None, " ", "a/../b?c", "短"])
def test_tianditu_without_a_key_is_one_clear_error(
    key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIANDITU_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("TIANDITU_KEY", key)
    with pytest.raises(SourceError, match=r"^TIANDITU_KEY is not [^\n]+$"):
        notebook_html(village_spec(), tianditu="map")
    with pytest.raises(SourceError, match=r'no "satellite"; choose one of map, image'):
        notebook_html(village_spec(), tianditu="satellite")


def test_a_folium_map_with_unknown_libraries_is_refused() -> None:
    drawn = folium.Map(location=[28.1, 121.2], tiles=None)
    with pytest.raises(SourceError, match=r"no asset stands for https://\S+jquery"):
        page_of_figure(drawn.get_root(), title="图")


def test_layers_become_folium_layers() -> None:
    spec = village_spec()
    layers = [
        one.layer_name
        for one in web_map(spec)._children.values()
        if isinstance(one, folium.map.Layer)
    ]
    assert layers == [one.key for one in spec.layers]


def test_an_absent_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.html cannot be written"):
        save_web(village_spec(), tmp_path / "absent" / "a.html")


@pytest.mark.parametrize("kind", ["line", "route"])
def test_coordinates_survive_to_a_decimetre(kind: str) -> None:
    rng = np.random.default_rng(3)
    xy = np.column_stack([X + rng.uniform(0, 900, 40), Y + rng.uniform(0, 900, 40)])
    layer = MapLayer(
        "routes",
        "路线",
        kind,
        frame([LineString(xy)], style=["route"]),
        emphasis="hero",
    )
    (feature,) = layer_data(layer)["features"]
    assert feature["d"] == kind
    back = unpacked(feature["g"][0])
    there = gpd.GeoSeries([Point(*one) for one in back[:, ::-1]], crs=4326).to_crs(CRS)
    moved = np.hypot(there.x - xy[:, 0], there.y - xy[:, 1])
    assert moved.max() < 0.1


def test_a_route_keeps_its_direction() -> None:
    line = LineString([(X, Y), (X + 100, Y)])
    for geometry in (line, line.reverse()):
        layer = MapLayer("r", "线", "route", frame([geometry], style=["route"]))
        back = unpacked(layer_data(layer)["features"][0]["g"][0])
        assert (back[1, 1] > back[0, 1]) == (geometry is line)


def test_unlike_geometries_of_one_layer_are_told_apart() -> None:
    mixed = GeometryCollection(
        [box(X, Y, X + 9, Y + 9), LineString([(X, Y), (X + 9, Y)])]
    )
    shapes = [MultiPolygon([box(X, Y, X + 5, Y + 5)]), Point(X, Y), mixed, None]
    layer = MapLayer(
        "water",
        "水",
        "area",
        frame(shapes, style=["water", "place", "stream", "water"]),
    )
    kinds = [one["d"] for one in layer_data(layer)["features"]]
    assert kinds == ["area", "point", "area", "line"]


def test_base_lines_of_one_look_and_name_are_joined() -> None:
    lines = [LineString([(X + i, Y), (X + i + 1, Y)]) for i in range(50)]
    names = ["甲路"] * 25 + ["乙路"] * 25
    layer = MapLayer(
        "roads", "道路", "line", frame(lines, style=["road_3"] * 50, label=names),
        emphasis="base",
    )  # fmt: skip
    features = layer_data(layer)["features"]
    assert [one["l"] for one in features] == ["甲路", "乙路"]
    assert [len(one["g"]) for one in features] == [25, 25]


def test_an_empty_layer_is_no_trouble(tmp_path: Path) -> None:
    empty = MapLayer("teams", "队伍", "point", frame([], style=[]))
    spec = replace(village_spec(), layers=(empty,), tables=(), boundary=None)
    assert save_web(spec, tmp_path / "a.html").is_file()


def test_a_layer_needs_only_geometry_and_style() -> None:
    bare = gpd.GeoDataFrame({"style": ["shelter"]}, geometry=[Point(X, Y)], crs=CRS)
    (feature,) = layer_data(MapLayer("shelters", "场所", "point", bare))["features"]
    assert set(feature) == {"d", "g", "s"}


def test_view_bounds_hold_the_map() -> None:
    south, west, north, east = view_bounds(village_spec())
    assert south < 28.11 < north or south < north
    assert 0 < east - west < 0.1


def test_two_hundred_points_stay_small(tmp_path: Path) -> None:
    places = ring(200)
    points = frame(
        places, style=["landslide_high"] * 200, label=["某某滑坡隐患点"] * 200
    )
    layer = MapLayer("hazard_points", "隐患点", "point", points, emphasis="hero")
    spec = village_spec()
    file = save_web(replace(spec, layers=(*spec.layers, layer)), tmp_path / "a.html")
    assert file.stat().st_size < 500_000


def test_a_group_that_goes_nowhere_is_red_even_without_a_place() -> None:
    cells = {"编号": ["1", "2"], "安置去向": ["未落实：道路不通", "文化礼堂"]}
    table = Table("transfer", "安排", pd.DataFrame(cells, index=["G1", "G2"]))
    signs = table_data(table)["signs"]
    assert [one["alarm"] for one in signs] == [True, False]
    assert signs[0]["colour"] == style("group_unplaced").fill
    assert signs[1]["colour"] == style("group").fill
    assert table_data(replace(table, key="duty"))["signs"] == []


NEWER_SCRIPT = {
    "??=": 85,
    "||=": 85,
    "&&=": 85,
    ".replaceAll(": 85,
    ".at(": 92,
    "Object.hasOwn(": 93,
    "structuredClone(": 98,
    ".findLast(": 97,
    ".toSorted(": 110,
    "Promise.any(": 85,
    "static {": 94,
    "import(": 0,
    "eval(": 0,
    "new Function": 0,
    "fetch(": 0,
    "XMLHttpRequest": 0,
    ".innerHTML": 0,
}
"""What Chrome 80 lacks, with the version that brought it; 0 for what is not done."""
NEWER_STYLE = (
    ":has(", ":is(", ":where(", "inset:", "aspect-ratio", "@container", "@layer",
    "color-mix(", "dvh", "svh", "overflow:clip", "text-wrap",
)  # fmt: skip


@pytest.mark.parametrize("name", ["map.js", "portal.js"])
def test_own_scripts_run_in_chrome_80(name: str) -> None:
    text = re.sub(r"/\*.*?\*/", "", template(name), flags=re.DOTALL)
    assert [one for one in NEWER_SCRIPT if one in text] == []
    assert not re.search(r"(?<![\w$])#[a-z]\w*\s*[=(;]", text)
    assert not re.search(r"\b\d+_\d+\b|\b\d+n\b", text)


@pytest.mark.parametrize("name", ["map.css", "portal.css"])
def test_own_styles_hold_in_chrome_80(name: str) -> None:
    text = re.sub(r"/\*.*?\*/", "", template(name), flags=re.DOTALL)
    assert [one for one in NEWER_STYLE if one in text] == []
    for rule in re.findall(r"\{([^{}]*)\}", text):
        flexible = re.search(r"display:\s*(inline-)?flex", rule)
        assert not (flexible and re.search(r"(^|;)\s*gap:", rule))
    for selectors in re.findall(r"([^{}]*:focus-visible[^{}]*)\{", text):
        assert ":not(:focus-visible)" in selectors


READY = "document.documentElement && document.documentElement.dataset.ready === 'true'"


@pytest.mark.browser
class TestInChromium:
    """What a page does when it is opened and used."""

    @pytest.mark.parametrize("size", [(1400, 900), (390, 844)])
    def test_no_requests_and_no_errors(
        self, browser: Browser, tmp_path: Path, size: tuple[int, int]
    ) -> None:
        file = save_web(village_spec(), tmp_path / "图 一.html")
        page = browser.open(file, size=size, ready=READY)
        browser.run("document.querySelector('[data-route]').click()")
        browser.settle()
        assert browser.run("document.querySelectorAll('.rm-legs li').length") == 2
        browser.run("document.querySelector('.rm-legs button').click()")
        browser.run("document.querySelector('.rm-legend input').click()")
        browser.run("document.querySelectorAll('.rm-tools button')[3].click()")
        if size[0] > 1000:
            browser.click(500, 400)
            browser.click(560, 430)
            hint = browser.run("document.querySelector('.rm-hint').textContent")
            assert re.fullmatch(r"\d+ 米|[\d.]+ 公里", hint)
        browser.run("window.print = function () {}")
        browser.run("document.querySelector('.rm-tools button:last-child').click()")
        browser.settle()
        browser.run("window.dispatchEvent(new Event('afterprint'))")
        browser.settle()
        assert page.outside == []
        assert page.errors == []

    def test_search_opens_a_popup(self, browser: Browser, tmp_path: Path) -> None:
        page = browser.open(save_web(village_spec(), tmp_path / "a.html"), ready=READY)
        browser.run("document.querySelector('.rm-find input').focus()")
        browser.type_text("晒谷")
        assert (
            browser.run("document.querySelectorAll('.rm-find li button').length") == 1
        )
        browser.run("document.querySelector('.rm-find li button').click()")
        browser.wait("document.querySelector('.rm-pop h2')")
        assert (
            browser.run("document.querySelector('.rm-pop h2').textContent") == "晒谷场"
        )
        assert page.errors == []

    def test_the_legend_switches_layers(self, browser: Browser, tmp_path: Path) -> None:
        browser.open(save_web(village_spec(), tmp_path / "a.html"), ready=READY)
        count = "document.querySelectorAll('.rm-symbol').length"
        assert browser.run(count) == 6
        browser.run("document.querySelector('.rm-legend input').click()")
        assert browser.run(count) == 0

    def test_labels_do_not_overlap(self, browser: Browser, tmp_path: Path) -> None:
        browser.open(save_web(village_spec(), tmp_path / "a.html"), ready=READY)
        boxes = browser.run(
            "[...document.querySelectorAll('.rm-label')].map(n => {"
            "const b = n.getBoundingClientRect();"
            "return [b.left, b.top, b.right, b.bottom]})"
        )
        assert len(boxes) >= 4
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
                assert apart

    def test_text_is_large_and_targets_are_wide(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        file = save_web(village_spec(), tmp_path / "a.html")
        browser.open(file, size=(390, 844), ready=READY)
        sizes = browser.run(
            "[...document.querySelectorAll('.rm-body *, .rm-label')].filter("
            "n => n.childNodes.length && n.textContent.trim())"
            ".map(n => parseFloat(getComputedStyle(n).fontSize))"
        )
        assert min(sizes) >= 14
        tools = browser.run(
            "[...document.querySelectorAll('.rm-tools button')]"
            ".map(n => n.offsetWidth).filter(w => w)"
        )
        assert min(tools) >= 40

    def test_an_unplaced_group_without_a_sign_has_a_red_number(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        cells = {
            "编号": ["1", "2"], "转移单元": ["甲", "乙"], "人数": ["3", "4"],
            "安置去向": ["未落实：位置不明", "文化礼堂"],
        }  # fmt: skip
        table = Table("transfer", "安排", pd.DataFrame(cells, index=["N1", "N2"]))
        spec = replace(village_spec(), tables=(table,))
        browser.open(save_web(spec, tmp_path / "a.html"), ready=READY)
        fills = browser.run(
            "[...document.querySelectorAll('.rm-cards td[data-n]')].map("
            "n => getComputedStyle(n, '::before').backgroundColor)"
        )
        assert fills == ["rgb(165, 15, 21)", "rgba(0, 0, 0, 0)"]

    def test_fullscreen_is_asked_for_and_left(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        page = browser.open(save_web(village_spec(), tmp_path / "a.html"), ready=READY)
        browser.run(
            "document.documentElement.requestFullscreen = function () "
            "{ window.rmAsked = (window.rmAsked || 0) + 1; }"
        )
        assert browser.run("document.fullscreenEnabled") is True
        button = "document.querySelector('.rm-tools .rm-wide-only')"
        browser.run(f"{button}.click()")
        assert browser.run("window.rmAsked") == 1
        assert page.errors == []

    def test_the_picture_of_the_ground_is_switched(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        spec = village_spec()
        file = tmp_path / "地.tif"
        west, south, east, north = spec.bounds
        with rasterio.open(
            file, "w", driver="GTiff", width=64, height=64, count=3, dtype="uint8",
            crs=spec.crs.to_wkt(),
            transform=rasterio.Affine(
                (east - west) / 64, 0, west, 0, -(north - south) / 64, north
            ),
        ) as target:  # fmt: skip
            target.write(np.full((3, 64, 64), 90, dtype=np.uint8))
        page = browser.open(
            save_web(replace(spec, base=file), tmp_path / "a.html"), ready=READY
        )
        count = "document.querySelectorAll('.leaflet-rm-base-pane img').length"
        assert browser.run(count) == 1
        browser.run("document.querySelector('.rm-picture').click()")
        assert browser.run(count) == 0
        browser.run("document.querySelector('.rm-picture').click()")
        assert browser.run(count) == 1
        assert page.outside == []
        assert page.errors == []

    def test_in_a_notebook_cell(self, browser: Browser, tmp_path: Path) -> None:
        page_text = notebook_html(village_spec())
        cell = tmp_path / "cell.html"
        cell.write_text(f'<!DOCTYPE html><meta charset="utf-8">{page_text}', "utf-8")
        inner = "document.querySelector('iframe').contentDocument"
        page = browser.open(
            cell, ready=f"{inner} && {inner}.documentElement.dataset.ready === 'true'"
        )
        assert browser.run(f"{inner}.querySelectorAll('.rm-symbol').length") == 6
        assert page.outside == []
        assert page.errors == []

    def test_data_is_as_python_wrote_it(self, browser: Browser, tmp_path: Path) -> None:
        browser.open(save_web(village_spec(), tmp_path / "a.html"), ready=READY)
        cells = browser.run(
            "[...document.querySelectorAll('.rm-cards tbody tr')].map("
            "r => [...r.cells].map(c => c.textContent))"
        )
        table = village_spec().table("transfer")
        assert table is not None
        assert cells == json.loads(json.dumps(table.frame.to_numpy().tolist()))
