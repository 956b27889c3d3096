"""A run by units on two workers, and on one of Dask's, beside this process alone.

Each run is a process of its own with kernels at one thread. What is timed is
the audit and the plan of all units, workers' start and imports included for
`two`, and apart for the overhead of Dask.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import ROOT, Timing, compare, insist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Record, Scale

ONE_THREAD = {
    "RISKMAP_THREADS": "1", "NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}  # fmt: skip
CODE = """
import hashlib, json, sys, time
from pathlib import Path
from riskmap.cluster import Province
from riskmap.cluster.workers import crew_of

def main(folder, out, crew):
    one = Province.open(folder, out=out, workers=int(crew))
    one.check()
    begin = time.perf_counter()
    with one._hired() as hired:
        list(hired.do([]))
        ready = time.perf_counter()
        one._finish("audit")
        one._finish("plan")
        end = time.perf_counter()
    tables = sorted((Path(out) / "results").glob("*.parquet"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in tables)).hexdigest()
    cpu = one.report["cpu_s"].sum()
    print(json.dumps([end - begin, end - ready, float(cpu), digest, one.failed]))

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


def timed(folder: Path, workers: int) -> tuple[Timing, str]:
    """Run audit and plan; return the times, and a hash of all tables."""
    with tempfile.TemporaryDirectory() as scratch:
        script = Path(scratch) / "run.py"
        script.write_text(CODE, encoding="utf-8")
        ran = subprocess.run(
            [sys.executable, str(script), str(folder), scratch + "/out", str(workers)],
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    _, seconds, cpu, digest, failed = json.loads(ran.stdout.splitlines()[-1])
    insist(not failed, f"{failed} units failed")
    return Timing(seconds, cpu), digest


def records(scale: Scale) -> Iterator[Record]:
    """Two workers beside one."""
    townships = 2 if scale.quick else 6
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "province"
        subprocess.run(
            [sys.executable, str(ROOT / "sample_data" / "generate_province.py"),
             str(folder), "--villages", str(24 * townships), "--unit", "township"],
            check=True,
        )  # fmt: skip
        ours, tables = timed(folder, 2)

        def alone() -> Timing:
            theirs, same = timed(folder, 1)
            insist(tables == same, "tables of one worker and of two")
            return theirs

        case = f"synthetic province, {24 * townships} villages, {townships} units"
        yield from compare("workers", case, ours, None, [("one", alone)])
