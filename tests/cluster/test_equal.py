"""A run by units answers as an undivided run does, borders included."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from riskmap.cluster import Province
from riskmap.project import Project
from tests.cluster.conftest import by_township, tables

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {
    "tiers": ["village_code", "standard", "tier"],
    "villages": ["village_code"],
    "shelters": ["shelter_id"],
    "capability": ["village_code", "rule"],
    "gaps": ["village_code", "standard", "tier"],
    "circles": ["standard", "tier", "team_id"],
    "ratios": ["scope", "code", "roster", "standard", "tier"],
    "sheltering": ["scope", "code"],
}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return by_township(tmp_path_factory.mktemp("county") / "p")


@pytest.fixture(scope="module")
def split(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Province:
    province = Province.open(county, out=tmp_path_factory.mktemp("out"))
    province.audit()
    return province


@pytest.fixture(scope="module")
def whole(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.open(county, out=tmp_path_factory.mktemp("whole"))


def stored(frame: pd.DataFrame, name: str, path: Path) -> pd.DataFrame:
    """Sort a table and bring it through a file; places to a tenth of a millimetre."""
    if "scope" in frame:
        frame = frame[frame["scope"].ne("county")]
    rows = frame.drop(columns="unit", errors="ignore").sort_values(KEYS[name])
    rows = rows.reset_index(drop=True)
    if "fix_places" in rows:
        text = rows["fix_places"].astype(object)
        text = text.where(text.notna() & text.ne(""), None)
        points = shapely.from_wkt(text.to_numpy(dtype=object))
        rows["fix_places"] = shapely.to_wkt(points, rounding_precision=9)
    if isinstance(rows, gpd.GeoDataFrame):
        rows.geometry = rows.geometry.normalize().set_precision(1e-9)
    rows.to_parquet(path, index=False)
    return pd.read_parquet(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(KEYS))
def test_tables_of_units_are_those_of_an_undivided_run(
    split: Province, whole: Project, name: str, tmp_path: Path
) -> None:
    """Cell by cell, once sorted: who reaches whom across a border included."""
    path = split.out / "results" / f"audit_{name}.parquet"
    expected = whole.chain.audits[name]
    spatial = isinstance(expected, gpd.GeoDataFrame)
    found = gpd.read_parquet(path) if spatial else pd.read_parquet(path)
    assert len(split.store.units) == 3
    pd.testing.assert_frame_equal(
        stored(found, name, tmp_path / "found.parquet"),
        stored(expected, name, tmp_path / "expected.parquet"),
        check_dtype=False, check_exact=True,
    )  # fmt: skip


@pytest.mark.slow
def test_units_reach_across_their_borders(split: Province) -> None:
    """Somebody's first team, and first shelter, is another unit's."""
    found = pd.read_parquet(split.out / "results" / "first_shelters.parquet")
    shelters = gpd.read_parquet(split.out / "results" / "audit_shelters.parquet")
    home = shelters.set_index("shelter_id")["unit"]
    known = found.dropna(subset="shelter_id")
    assert (known["unit"].to_numpy() != known["shelter_id"].map(home).to_numpy()).any()
    assert len(found) == len(Project.open(split.file).chain.layers["groups"])
    assert shelters["demand_groups"].sum() == len(known)


@pytest.mark.slow
def test_two_workers_write_the_same_bytes(split: Province, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    again = Province.open(split.file, out=tmp_path, workers=2)
    lines = again.audit()
    assert any("个工作进程，每个内存上限" in one for one in lines)
    assert again.failed == 0
    assert tables(tmp_path) == tables(split.out)
    workers = set(again.report["worker"].str.rpartition(":")[2])
    assert workers.isdisjoint({str(os.getpid())})
