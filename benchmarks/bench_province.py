"""Processor seconds and memory a village, from one county to a province.

There is no peer: the record of the larger province is set beside the smaller
one, scaled to its villages, so that a ratio of 1 is a cost that stays flat.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.bench_workers import generate
from benchmarks.harness import Timing, compare, insist, skipped
from riskmap.cluster import Province

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Record, Scale

SMALL, LARGE = 360, 5_040
STEPS = ("network", "audit", "plan")


class Cost(NamedTuple):
    """What a run took: processor seconds of its units, and memory at most."""

    timing: Timing
    peak_mb: float


def cost(villages: int, *, workers: int) -> Cost:
    """Check, audit and plan a synthetic province."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "province"
        generate(folder, villages, "county")
        one = Province.open(folder, out=Path(scratch) / "out", workers=workers)
        one.plan()
        one.audit()
        insist(not one.failed, f"{one.failed} steps of units failed")
        table = one.report
    table = table[table["step"].isin(STEPS)]
    seconds = float(table["seconds"].sum())
    return Cost(
        Timing(seconds / workers, float(table["cpu_s"].sum())),
        float(table["peak_mb"].max()),
    )


def records(scale: Scale) -> Iterator[Record]:
    """Compare a province with as many counties alone."""
    case = f"{LARGE} villages beside {SMALL}, scaled"
    if scale.quick:
        note = "takes many minutes: python -m benchmarks province"
        yield skipped("province", case, "small", note=note)
        return
    ours = cost(LARGE, workers=2)

    def alone() -> Timing:
        return cost(SMALL, workers=1).timing.times(LARGE / SMALL)

    yield from compare("province", case, ours.timing, ours.peak_mb, [("small", alone)])
