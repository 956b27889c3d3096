"""Make a synthetic province (nothing in it exists) of any number of villages.

Usage: python sample_data/generate_province.py OUT [--villages N] [--unit UNIT]

The same seed gives the same bytes. The roads of 5,000 villages have 2 million
vertices; they are for tests and benchmarks, and are not kept in the repository.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator.province import write_province  # noqa: E402


def main() -> None:
    """Write the province."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--villages", type=int, default=5000)
    parser.add_argument("--unit", choices=("county", "township"), default="county")
    parser.add_argument("--seed", type=int, default=20260415)
    given = parser.parse_args()
    if given.villages < 1:
        parser.error(f"--villages {given.villages}: give 1 or more")
    write_province(given.out, villages=given.villages, seed=given.seed, unit=given.unit)


if __name__ == "__main__":
    main()
