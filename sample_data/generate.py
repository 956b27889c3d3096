"""Make the fictional sample county 云屏县 (nothing in it exists).

Usage: python sample_data/generate.py [OUT] [--truth PATH]

The same seed gives the same bytes. OUT is sample_data/county by default;
PATH gets the canonical layers as they are before faults are planted.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator import faults, project, rasters, scene, tables, truth  # noqa: E402


def main() -> None:
    """Write the county, and the truth where asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", type=Path, default=HERE / "county")
    parser.add_argument("--truth", type=Path, help="GeoPackage of the clean layers")
    given = parser.parse_args()
    ground = scene.build_scene()
    layers = truth.build_truth(ground)
    clear(given.out)
    rasters.write_rasters(
        ground,
        given.out / tables.BASE / "数字高程模型30米.tif",
        given.out / tables.HAZARDS / "风暴潮淹没水深.tif",
    )
    planted = tables.write_tables(layers, given.out)
    faults.write_faults(planted, given.out / "faults.toml")
    project.write_project(given.out)
    if given.truth:
        given.truth.unlink(missing_ok=True)
        truth.write_truth(layers, str(given.truth))


def clear(out: Path) -> None:
    """Remove an earlier county, so that no file of it stays behind."""
    for part in (tables.BASE, tables.SURVEY, tables.HAZARDS, tables.TRANSFER):
        for file in sorted((out / part).glob("*")):
            file.unlink()


if __name__ == "__main__":
    main()
