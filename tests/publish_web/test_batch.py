"""A batch goes on where it was cut off, and draws only what has changed."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from riskmap.publish import batch as batch_module
from riskmap.publish.drawn import content_digest, keep, prune, take
from riskmap.publish.handouts import save_township_zip
from riskmap.publish.products import write_contents
from riskmap.publish.site import publish_site
from tests.publish_web.county import CODES, TOWNSHIP, atlas

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.publish.products import Contents


class Killed(Exception):  # noqa: N818 (it stands for a signal)
    """The run was cut off."""


@dataclass
class Counted:
    """Draws as ever, counting; is killed after so many."""

    most: int = 1000
    places: tuple[str, ...] = ()

    def __call__(self, contents: Contents, folder: Path, *, page: str) -> None:
        if len(self.places) == self.most:
            raise Killed
        self.places += (contents.place,)
        write_contents(contents, folder, page=page)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    drawing = Counted()
    monkeypatch.setattr(batch_module, "write_contents", drawing)
    return drawing


def test_a_killed_run_goes_on_and_a_change_redraws_only_what_shows_it(
    tmp_path: Path, counted: Counted
) -> None:
    counted.most = 2
    with pytest.raises(Killed):
        publish_site(atlas(), tmp_path, page="A4")
    assert not (tmp_path / "site").exists()
    counted.most = 1000
    files = publish_site(atlas(), tmp_path, page="A4")
    assert len(counted.places) == len(set(counted.places)) == len(CODES) + 1
    before = {path: (tmp_path / path).read_bytes() for path in files["path"]}

    publish_site(atlas(), tmp_path, page="A4")
    assert len(counted.places) == len(CODES) + 1
    assert {p: (tmp_path / p).read_bytes() for p in files["path"]} == before

    counted.places = ()
    changed = atlas()
    duties = changed.layers["duties"].assign(phone="13899990000")
    layers = {**changed.layers, "duties": duties}
    publish_site(replace(changed, layers=layers), tmp_path, page="A4")
    assert set(counted.places) == {"石浦镇", "竹溪村"}
    kept = [one.name for one in (tmp_path / ".drawn" / "public").iterdir()]
    assert len(kept) == len(CODES) + 1
    assert not any(one.startswith(".part-") for one in kept)


def test_a_township_has_a_book_and_files_that_say_what_they_are(tmp_path: Path) -> None:
    publish_site(atlas(), tmp_path, page="A4")
    folder = tmp_path / "site" / "townships" / TOWNSHIP
    book = pypdf.PdfReader(folder / "图集.pdf")
    sheets = [
        len(pypdf.PdfReader(one).pages)
        for code in CODES
        for one in (tmp_path / "site" / "villages" / code).glob("*图.pdf")
    ]
    own = [len(pypdf.PdfReader(one).pages) for one in folder.glob("*图.pdf")]
    assert len(book.pages) == sum(sheets) + sum(own)
    chapters = [one for one in book.outline if not isinstance(one, list)]
    names = set(atlas().layers["villages"]["name"])
    assert names <= {str(one.title) for one in chapters}
    with zipfile.ZipFile(folder / "分村文件.zip") as pack:
        inside = pack.namelist()
        assert pack.testzip() is None
    version = atlas().imprint.version
    for name in names:
        assert f"{name}_避险转移路线图_{version}.pdf" in inside
        assert f"{name}_责任清单_{version}.xlsx" in inside


def test_a_village_drawn_anew_is_new_in_the_book_too(tmp_path: Path) -> None:
    publish_site(atlas(), tmp_path, page="A4")
    book = tmp_path / "site" / "townships" / TOWNSHIP / "图集.pdf"
    before = book.read_bytes()
    fresh = replace(atlas(), imprint=replace(atlas().imprint, version="乙版"))
    files = publish_site(fresh, tmp_path, page="A4", villages=[CODES[0]])
    assert any(one.endswith("图集.pdf") for one in files["path"])
    assert book.read_bytes() != before
    pages = [one.extract_text() for one in pypdf.PdfReader(book).pages]
    assert any("乙版" in one for one in pages)
    assert any("乙版" not in one for one in pages)


def test_two_villages_of_one_name_stay_two(tmp_path: Path) -> None:
    for code in ("1", "2"):
        (tmp_path / code).mkdir()
        (tmp_path / code / "图.pdf").write_bytes(code.encode())
    villages = [("上/村", tmp_path / "1"), ("上/村", tmp_path / "2")]
    pack = save_township_zip(tmp_path / "一.zip", villages, version="v1")
    with zipfile.ZipFile(pack) as opened:
        inside = opened.namelist()
        assert {opened.read(one) for one in inside} == {b"1", b"2"}
    assert all("/" not in one for one in inside)


def test_what_is_kept_is_whole(tmp_path: Path) -> None:
    def half(folder: Path) -> None:
        (folder / "a").write_text("a")
        raise Killed

    with pytest.raises(Killed):
        keep(tmp_path, "key", half)
    assert not take(tmp_path, "key", tmp_path / "out")
    keep(tmp_path, "key", lambda folder: (folder / "a").write_text("a") and None)
    assert take(tmp_path, "key", tmp_path / "out")
    assert (tmp_path / "out" / "a").read_text() == "a"
    prune(tmp_path, {"out"})
    assert not (tmp_path / "key").exists()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
        max_leaves=6,
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner),
        max_leaves=6,
    ),
)
def test_different_contents_have_different_digests(one: object, two: object) -> None:
    same = repr(one) == repr(two)
    assert (content_digest(one) == content_digest(two)) == same


def test_a_moved_point_changes_the_digest_and_the_unknown_is_refused() -> None:
    frame = gpd.GeoDataFrame(
        {"name": ["甲", None], "n": pd.array([1, pd.NA], dtype="Int64")},
        geometry=[Point(0, 0), None],
        crs=4490,
    )
    moved = frame.set_geometry([Point(0, 1e-9), None], crs=4490)
    assert content_digest(frame) == content_digest(frame.copy())
    assert content_digest(frame) != content_digest(moved)
    assert content_digest(frame) != content_digest(frame.to_crs(4326))
    assert content_digest(np.zeros(2)) != content_digest(np.zeros(3))
    with pytest.raises(TypeError, match="has no digest"):
        content_digest(object())
