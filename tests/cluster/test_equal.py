"""A run by units answers as an undivided run does, borders included."""

from __future__ import annotations

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


def stored(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Bring a table to one order; points written as text are read as points."""
    rows = frame.drop(columns="unit", errors="ignore").sort_values(KEYS[name])
    rows = rows.reset_index(drop=True)
    if "fix_places" in rows:
        text = rows["fix_places"].astype(object)
        points = text.where(text.notna() & text.ne(""), None).map(
            lambda one: shapely.from_wkt(one), na_action="ignore"
        )
        rows["fix_places"] = [
            None if one is None else shapely.to_wkt(one, rounding_precision=9)
            for one in points
        ]
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(KEYS))
def test_tables_of_units_are_those_of_an_undivided_run(
    split: Province, whole: Project, name: str, tmp_path: Path
) -> None:
    """Byte by byte, once sorted: who reaches whom across a border included."""
    path = split.out / "results" / f"audit_{name}.parquet"
    expected = whole.chain.audits[name]
    spatial = isinstance(expected, gpd.GeoDataFrame)
    found = gpd.read_parquet(path) if spatial else pd.read_parquet(path)
    assert len(split.store.units) == 3
    for label, frame in (("found", found), ("expected", expected)):
        frame = stored(frame, name)
        if spatial:
            frame.geometry = frame.geometry.normalize().set_precision(1e-9)
        frame.astype(
            dict.fromkeys(frame.columns.drop("geometry", errors="ignore"), "object")
        )
        frame.to_parquet(tmp_path / f"{label}.parquet", index=False)
    again, truth = (
        (gpd if spatial else pd).read_parquet(tmp_path / f"{label}.parquet")
        for label in ("found", "expected")
    )
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.drop(columns="geometry", errors="ignore")),
        pd.DataFrame(truth.drop(columns="geometry", errors="ignore")),
        check_dtype=False, check_exact=True,
    )  # fmt: skip
    if spatial:
        assert (again.geometry.to_wkb() == truth.geometry.to_wkb()).all()


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
    assert set(again.report["worker"].str.rsplit(":").str[-1]) - {
        str(__import__("os").getpid())
    }
