"""Run the benchmarks beside their peers: ``python -m benchmarks [NAME ...]``.

Every module ``benchmarks/bench_*.py`` has a function `records` that takes a
`harness.Scale` and yields `harness.Record`.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from benchmarks.harness import DIFFER, Scale, write

FOLDER = Path(__file__).parent
MODULES = {
    path.stem.removeprefix("bench_"): f"benchmarks.{path.stem}"
    for path in sorted(FOLDER.glob("bench_*.py"))
}


def main(arguments: list[str] | None = None) -> None:
    """Run all benchmarks, or those that are named, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MODULES))
    parser.add_argument("--quick", action="store_true", help="small cases, no repeats")
    parser.add_argument("--large", action="store_true", help="10 million nodes too")
    parser.add_argument("--out", type=Path, default=FOLDER / "results.json")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - MODULES.keys():
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; {', '.join(MODULES)}")
    scale = Scale(quick=asked.quick, repeats=1 if asked.quick else 5, large=asked.large)
    records = [
        record
        for name in asked.names or MODULES
        for record in importlib.import_module(MODULES[name]).records(scale)
    ]
    write(records, asked.out)
    if any(record.note.startswith(DIFFER) for record in records):
        sys.exit("some answers differ from a peer's; see the results")


if __name__ == "__main__":
    main()
