"""Units on two workers, and on one of Dask's, beside this process alone.

Each run is a process of its own with kernels at one thread. What is timed is the
audit of all units, by workers that have started, as those of a cluster have; the
partitions and networks are made once beforehand.
"""

from __future__ import annotations

import json
import os
import shutil
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
from contextlib import ExitStack
from pathlib import Path
from distributed import LocalCluster
from riskmap.cluster import Province

def main(folder, out, crew):
    with ExitStack() as stack:
        options = {}
        if crew != "0":
            cluster = LocalCluster(n_workers=int(crew), threads_per_worker=1,
                                   dashboard_address=None)
            options = {"scheduler": stack.enter_context(cluster).scheduler_address}
        one = Province.open(folder, out=out, **options)
        stack.enter_context(one._hired())
        begin = time.perf_counter()
        one.audit()
        seconds = time.perf_counter() - begin
    tables = sorted((Path(out) / "results").glob("*.parquet"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in tables)).hexdigest()
    done = one.report[one.report["step"] == "audit"]
    print(json.dumps([seconds, float(done["cpu_s"].sum()), digest, one.failed]))

if __name__ == "__main__":
    main(*sys.argv[1:])
"""
"""A crew of 0 is this process, of 1 or 2 so many workers of Dask."""


def generate(folder: Path, villages: int, unit: str) -> None:
    """Write a synthetic province."""
    subprocess.run(
        [sys.executable, str(ROOT / "sample_data" / "generate_province.py"),
         str(folder), "--villages", str(villages), "--unit", unit],
        check=True,
    )  # fmt: skip


def check(folder: Path, out: Path) -> None:
    """Make the partitions and networks that all runs begin with."""
    subprocess.run(
        [sys.executable, "-m", "riskmap", "check", str(folder), "--out", str(out),
         "--workers", "2", "--quiet"],
        check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def timed(folder: Path, checked: Path, crew: int) -> tuple[Timing, str]:
    """Run the audit; return the times, and a hash of all tables."""
    with tempfile.TemporaryDirectory() as scratch:
        script, out = Path(scratch) / "run.py", Path(scratch) / "out"
        script.write_text(CODE, encoding="utf-8")
        shutil.copytree(checked, out)
        ran = subprocess.run(
            [sys.executable, str(script), str(folder), str(out), str(crew)],
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    seconds, cpu, digest, failed = json.loads(ran.stdout.splitlines()[-1])
    insist(not failed, f"{failed} units failed")
    return Timing(seconds, cpu), digest


def records(scale: Scale) -> Iterator[Record]:
    """Two workers beside none, and one of Dask's beside none."""
    villages, unit, name = (
        (48, "township", "2 townships")
        if scale.quick
        else (1440, "county", "4 counties")
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder, checked = Path(scratch) / "province", Path(scratch) / "checked"
        generate(folder, villages, unit)
        check(folder, checked)
        alone, tables = timed(folder, checked, 0)

        def with_crew(crew: int) -> Timing:
            theirs, same = timed(folder, checked, crew)
            insist(tables == same, "tables of one process and of workers")
            return theirs

        case = f"{villages} villages, {name}, audit"
        for label, crew in (("2 workers", 2), ("1 worker", 1)):
            ours = with_crew(crew)
            yield from compare(
                "workers", f"{case}, {label}", ours, None, [("alone", lambda: alone)]
            )
