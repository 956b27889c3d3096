"""The committed county, its faults, and a fresh run of the generator."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNTY = ROOT / "sample_data" / "county"
GENERATOR = ROOT / "sample_data" / "generate.py"


def generate(out: Path, *options: object) -> Path:
    """Run the generator into a folder."""
    subprocess.run(
        [sys.executable, str(GENERATOR), str(out), *map(str, options)],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return out


@pytest.fixture(scope="session")
def county() -> Path:
    return COUNTY


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run of the generator: folder of the county, and the truth beside it."""
    out = tmp_path_factory.mktemp("fresh") / "云屏 县"
    return generate(out, "--truth", out.parent / "truth.gpkg")


@pytest.fixture(scope="session")
def run_generator() -> Callable[..., Path]:
    return generate
