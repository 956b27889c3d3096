"""A run by units: the sample county by township, and a small province."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import geopandas as gpd
import pytest

from riskmap.cluster import Province

ROOT = Path(__file__).parents[2]
COUNTY = ROOT / "sample_data" / "county"


def by_township(folder: Path, more: str = "") -> Path:
    """Copy the sample county as a run split by township."""
    shutil.copytree(COUNTY, folder)
    path = folder / "riskmap.toml"
    text = path.read_text("utf-8") + f'\n[run]\nunit = "township"\n{more}'
    path.write_text(text, "utf-8")
    return folder


def tables(out: Path) -> dict[str, bytes]:
    """Return the bytes of every table of a run's results."""
    return {one.name: one.read_bytes() for one in (out / "results").glob("*.parquet")}


def write_small(folder: Path, villages: int, unit: str) -> Path:
    """Write a synthetic province."""
    sys.path.insert(0, str(ROOT / "sample_data"))
    try:
        from generator.province import write_province  # noqa: PLC0415
    finally:
        sys.path.pop(0)
    write_province(folder, villages=villages, seed=7, unit=unit)
    return folder


def write_tiny(folder: Path) -> Path:
    """Write a synthetic province of two townships of one village each."""
    write_small(folder, 25, "township")
    villages = gpd.read_parquet(folder / "villages.parquet")
    kept = villages.groupby("township_code")["village_code"].first()
    for path in folder.glob("*.parquet"):
        rows = gpd.read_parquet(path)
        rows[rows["village_code"].isin(kept)].to_parquet(path, index=False)
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a province of three townships of 24 villages and one of eight."""
    return write_small(tmp_path_factory.mktemp("province") / "虚构 省", 80, "township")


@pytest.fixture(scope="session")
def done(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Province:
    """Return the small province checked, audited and planned by one process."""
    province = Province.open(small, out=tmp_path_factory.mktemp("one"))
    province.check()
    province.audit()
    province.plan()
    return province
