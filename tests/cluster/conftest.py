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


def write_strip(folder: Path, *, towns: int, villages: int, more: str = "") -> Path:
    """Write some villages of townships that lie side by side, 10 km each.

    Each strip begins with the village where the township's brigade is; one
    standard is audited.
    """
    sys.path.insert(0, str(ROOT / "sample_data"))
    try:
        from generator.province import PER_TOWN, write_province  # noqa: PLC0415
    finally:
        sys.path.pop(0)
    write_province(folder, villages=PER_TOWN * towns, seed=7, unit="township")
    frame = gpd.read_parquet(folder / "villages.parquet")
    place = frame.groupby("township_code").cumcount() - PER_TOWN // 2
    kept = frame["village_code"][place.between(0, villages - 1)]
    for path in folder.glob("*.parquet"):
        rows = gpd.read_parquet(path)
        rows[rows["village_code"].isin(kept)].to_parquet(path, index=False)
    path = folder / "riskmap.toml"
    text = path.read_text("utf-8").replace(', "135_taizhou"', "")
    path.write_text(text + more, "utf-8")
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a province of three townships of four villages each."""
    folder = tmp_path_factory.mktemp("province") / "虚构 省"
    return write_strip(folder, towns=3, villages=4)


@pytest.fixture(scope="session")
def done(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Province:
    """Return the small province checked, audited and planned by one process."""
    province = Province.open(small, out=tmp_path_factory.mktemp("one"))
    province.check()
    province.audit()
    province.plan()
    return province
