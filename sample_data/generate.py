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

from generator import rasters, scene, truth  # noqa: E402


def main() -> None:
    """Write the county, and the truth where asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", type=Path, default=HERE / "county")
    parser.add_argument("--truth", type=Path, help="GeoPackage of the clean layers")
    given = parser.parse_args()
    ground = scene.build_scene()
    layers = truth.build_truth(ground)
    rasters.write_rasters(
        ground,
        given.out / "01 基础地理" / "数字高程模型30米.tif",
        given.out / "03 灾害隐患" / "风暴潮淹没水深.tif",
    )
    if given.truth:
        given.truth.unlink(missing_ok=True)
        truth.write_truth(layers, str(given.truth))


if __name__ == "__main__":
    main()
