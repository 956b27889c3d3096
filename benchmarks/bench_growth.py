"""How searches grow with the network, from 0.1 to 10 million nodes, beside scipy."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchmarks.harness import DATA, ROOT, Timing, compare, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Record, Scale

SIZES = (100_000, 400_000, 1_000_000, 4_000_000)
LARGE = 10_000_000
PACE = ("COL", "FLA")
# What a first call needs: a search, within and without a limit, and its lengths.
FIRST_CALL = """
import time
import numpy as np
from riskmap.routing.search import Seeds, compress, search, within
u = np.arange(9)
one = np.ones(9)
begin = time.perf_counter()
graph = compress(u, u + 1, one, one, nodes=10, keep=one > 0, reverse=False)
seeds = Seeds(u[:1], one[:1], u[:1], one[:1])
search(graph, seeds)
within(graph, seeds, sources=1, limit_min=3.0)
print(time.perf_counter() - begin)
"""


def run(*arguments: str, **settings: str) -> Any:  # noqa: ANN401
    """Return the JSON that a Python process prints last."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=os.environ | settings,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def grown(name: str, scale: Scale) -> tuple[dict[str, Any], Record]:
    """Return what was seen on one network, and the record of it."""
    repeats = 1 if scale.quick else 3 if name == str(LARGE) else scale.repeats
    seen = run("-m", "benchmarks.growing", name, str(repeats))
    what = "made up" if name.isdigit() else name
    case = f"{what}, {seen['nodes']} nodes, {seen['edges']} edges, 500 sources"
    (record,) = compare(
        "growth", case, Timing(*seen["ours"]), seen["peak_mb"],
        [("scipy", lambda: Timing(*seen["scipy"]))],
    )  # fmt: skip
    return seen, record


def growth_records(scale: Scale) -> Iterator[Record]:
    """Search networks of all sizes; the note tells the exponent of the time."""
    sizes = SIZES[:1] if scale.quick else (*SIZES, *([LARGE] if scale.large else []))
    first = None
    for size in sizes:
        seen, record = grown(str(size), scale)
        first = first or seen
        more = math.log(seen["nodes"] / first["nodes"])
        if more:
            exponent = math.log(seen["ours"][1] / first["ours"][1]) / more
            theirs = math.log(seen["scipy"][1] / first["scipy"][1]) / more
            note = f"exponent from 0.1 million: {exponent:.2f}, scipy {theirs:.2f}"
            record = replace(record, note=f"{note}; the peak is the whole process")
        yield record
    if not scale.large:
        yield skipped("growth", f"made up, {LARGE} nodes", "scipy", note="pass --large")
    for name in () if scale.quick else PACE:
        if (DATA / "dimacs-pace").exists():
            yield grown(name, scale)[1]
        else:
            yield skipped("growth", name, "scipy", note="../shared/data is absent")


def first_call_records() -> Iterator[Record]:
    """Compile the searches anew, and once more from the cache."""
    with tempfile.TemporaryDirectory() as folder:

        def first_call() -> Timing:
            begin = run("-c", FIRST_CALL, NUMBA_CACHE_DIR=folder)
            return Timing(begin, begin)

        compiling = first_call()
        cached = first_call()
    yield from compare(
        "first call", "searches, first call of a process, from the cache", cached, None,
        [("compiling", lambda: compiling)],
    )  # fmt: skip


def records(scale: Scale) -> Iterator[Record]:
    """Grow, and compile."""
    yield from growth_records(scale)
    if scale.quick:
        note = "takes longer than a quick run"
        yield skipped("first call", "searches", "compiling", note=note)
    else:
        yield from first_call_records()
