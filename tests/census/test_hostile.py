"""Broken and hostile files: one clear error, or every row accounted for."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskmap.census import Source, build_census, read_census
from riskmap.errors import RiskmapError, SourceError
from tests.census.messy import HEADINGS, ROWS, frame, write_book

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.census import Census


LOOSE = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CELLS = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(-(10**13), 10**13),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(
        ["合计", "约30", "45人", "121°12′", "0", "S1", "=1+1", "示例", "无"]  # noqa: RUF001
    ),
)


def account(path: Path | pd.DataFrame, layer: str = "shelters") -> Census | None:
    """Read a source; either it is refused or every row is accounted for."""
    try:
        census = build_census({layer: Source(path)}, as_of="2024-06-01")
    except RiskmapError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either way is fine
        return None
    row = census.sources.iloc[0]
    assert row["read"] == row["accepted"] + row["quarantined"]
    assert len(census.quarantine) == row["quarantined"]
    return census


@LOOSE
@given(st.lists(st.tuples(*[CELLS] * len(HEADINGS)), max_size=6))
def test_any_cells(rows: list[tuple[object, ...]]) -> None:
    table = dict(zip(HEADINGS, zip(*rows, strict=True), strict=True)) if rows else {}
    made = pd.DataFrame(table or {one: [] for one in HEADINGS}, dtype=object)
    census = account(made)
    assert census is not None
    assert census.sources["read"].iloc[0] == len(rows)
    ids = census["shelters"]["shelter_id"]
    assert ids.notna().all()
    assert ids.is_unique


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One small file of every format, as bytes."""
    folder = tmp_path_factory.mktemp("files")
    write_book(folder / "a.xlsx", ROWS)
    table = frame().rename(columns={"场所名称": "csmc"})[["csmc", "geometry"]]
    table.to_file(folder / "a.geojson")
    table.to_file(folder / "a.gpkg")
    table.to_file(folder / "a.shp")
    table.to_parquet(folder / "a.parquet")
    table.rename(columns={"csmc": "Name"}).to_file(folder / "a.kml", driver="KML")
    text = "\n".join(",".join(map(str, row)) for row in [HEADINGS, *ROWS])
    (folder / "a.csv").write_text(text, "gb18030")
    return {one.suffix: one.read_bytes() for one in folder.iterdir()}


@pytest.mark.parametrize(
    "suffix", [".csv", ".geojson", ".gpkg", ".kml", ".parquet", ".shp", ".xlsx"]
)
@LOOSE
@given(
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    kept=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_any_bytes(
    originals: dict[str, bytes],
    tmp_path: Path,
    suffix: str,
    changes: list[tuple[float, int]],
    kept: float,
) -> None:
    content = bytearray(originals[suffix])
    for share, byte in changes:
        content[int(share * (len(content) - 1))] = byte
    cut = int(kept * len(content))
    path = tmp_path / f"m{suffix}"
    path.write_bytes(bytes(content[:cut]))
    if suffix == ".shp":
        path.with_suffix(".dbf").write_bytes(originals[".dbf"])
    account(path)


def test_a_protected_workbook(tmp_path: Path) -> None:
    # The start of an encrypted workbook: an OLE file, not a ZIP.
    path = tmp_path / "密.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))
    with pytest.raises(SourceError, match=r"密\.xlsx cannot be read as a workbook"):
        read_census(path, "shelters")


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(80_000_000))
    with pytest.raises(SourceError, match="would unpack to 80 MB"):
        read_census(path, "shelters")


@pytest.mark.parametrize("suffix", [".kml", ".gpx"])
def test_entities_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_text('<!DOCTYPE k [<!ENTITY a "aaaa">]><kml>&a;</kml>', "utf-8")
    with pytest.raises(SourceError, match="defines XML entities"):
        read_census(path, "shelters")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.pdf", "of an unknown kind"),
        ("空", "is a folder"),
        ("没有.csv", "is not there"),
    ],
)
def test_what_is_no_table(tmp_path: Path, name: str, message: str) -> None:
    if name == "空":
        (tmp_path / name).mkdir()
    elif name == "a.pdf":
        (tmp_path / name).write_bytes(b"%PDF")
    with pytest.raises(SourceError, match=message):
        read_census(tmp_path / name, "shelters")


def test_a_workbook_under_the_name_of_text(tmp_path: Path) -> None:
    write_book(tmp_path / "a.xlsx", ROWS)
    (tmp_path / "a.xlsx").rename(tmp_path / "a.csv")
    with pytest.raises(SourceError, match="a workbook under the name of a text table"):
        read_census(tmp_path / "a.csv", "shelters")


def test_unknown_sheets_and_layers_are_named(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", ROWS)
    with pytest.raises(SourceError, match='no sheet "二"; it has Sheet1'):
        read_census(path, "shelters", sheet="二")
    frame().to_file(tmp_path / "a.gpkg")
    with pytest.raises(SourceError, match='no layer "二"; it has a'):
        read_census(tmp_path / "a.gpkg", "shelters", sheet="二")


def test_a_huge_cell_is_refused_or_read(tmp_path: Path) -> None:
    text = io.StringIO()
    text.write(",".join(HEADINGS) + "\n" + "S1," + "x" * 300_000 + ",东山村\n")
    path = tmp_path / "a.csv"
    path.write_text(text.getvalue(), "utf-8")
    with pytest.raises(SourceError, match=r"a\.csv cannot be read as a text table"):
        read_census(path, "shelters")
