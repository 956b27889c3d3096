"""Run the benchmarks beside their peers: ``python -m benchmarks.run [NAME ...]``.

Every module ``benchmarks/bench_*.py`` has a function `records` that yields
`harness.Record`; the results go to benchmarks/results.json.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from benchmarks.harness import write

FOLDER = Path(__file__).parent


def main(names: list[str]) -> None:
    """Run all benchmarks, or those whose module is named."""
    records = []
    for path in sorted(FOLDER.glob("bench_*.py")):
        if not names or path.stem.removeprefix("bench_") in names:
            records += importlib.import_module(f"benchmarks.{path.stem}").records()
    write(records, FOLDER / "results.json")


if __name__ == "__main__":
    main(sys.argv[1:])
