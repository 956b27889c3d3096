"""Timing side by side: ours and a peer's, medians of repeats, in one process."""

from __future__ import annotations

import gc
import json
import os
import statistics
import time
import tracemalloc
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "COUNTY", "DATA", "DIFFER", "ROOT", "Record", "Scale", "Timing", "compare",
    "insist", "measure", "skipped", "write",
]  # fmt: skip

ROOT = Path(__file__).parents[1]
# The real sets; benchmarks that need them are skipped where they are absent.
DATA = ROOT / ".." / "shared" / "data"
DIFFER = "answers differ"
COUNTY = ROOT / "sample_data" / "county"


@dataclass(frozen=True, slots=True)
class Scale:
    """How much to run: small cases once, or the full ones, with repeats."""

    quick: bool
    repeats: int
    large: bool = False

    def peak_mb(self, call: Callable[[], Any]) -> float | None:
        """Return the most memory that Python and NumPy hold during a call."""
        if self.quick:
            return None
        tracemalloc.start()
        try:
            call()
            return round(tracemalloc.get_traced_memory()[1] / 2**20, 1)
        finally:
            tracemalloc.stop()


class Timing(NamedTuple):
    """Median seconds of a call: on the clock, and of all processors."""

    clock: float
    cpu: float

    def times(self, factor: float) -> Timing:
        """Return the time of so many of these calls."""
        return Timing(self.clock * factor, self.cpu * factor)


@dataclass(frozen=True, slots=True)
class Record:
    """One comparison; a peer that could not run has a reason instead of a time."""

    benchmark: str
    case: str
    peer: str
    ours_s: float | None = None
    peer_s: float | None = None
    ratio: float | None = None
    ours_peak_mb: float | None = None
    ours_cpu_s: float | None = None
    peer_cpu_s: float | None = None
    load: float | None = None
    note: str = ""

    def __str__(self) -> str:
        """Return the comparison as a line."""
        head = f"{self.benchmark:<11}{self.case:<60}{self.peer:<11}"
        if self.ratio is None:
            return f"{head}-  {self.note}"
        return (
            f"{head}{self.ours_s:9.4f} s {self.peer_s:10.4f} s {self.ratio:9.2f} x"
            f"  (processor {self.peer_cpu_s / self.ours_cpu_s:.2f} x,"
            f" load {self.load:.1f})"
        )


def measure(
    call: Callable[[], Any], *, repeats: int, warm: bool = True
) -> tuple[Timing, Any]:
    """Return the median times of a call, after one to warm up, and its result."""
    if warm and repeats > 1:
        call()
    clock, cpu, result = [], [], None
    for _ in range(repeats):
        result = None
        gc.collect()
        begin, busy = time.perf_counter(), time.process_time()
        result = call()
        cpu.append(time.process_time() - busy)
        clock.append(time.perf_counter() - begin)
    return Timing(statistics.median(clock), statistics.median(cpu)), result


def insist(same: object, what: str) -> None:
    """Stop where a peer answers otherwise: its time would say nothing."""
    if not same:
        msg = f"{DIFFER}: {what}"
        raise ArithmeticError(msg)


def compare(  # noqa: PLR0917
    benchmark: str, case: str, ours: Timing, peak: float | None,
    peers: Iterable[tuple[str, Callable[[], Timing]]],
) -> list[Record]:  # fmt: skip
    """Run each peer, which checks the answers; without a time, say why."""
    records = []
    for peer, call in peers:
        try:
            theirs = call()
        except (ImportError, NotImplementedError, ArithmeticError) as error:
            records.append(skipped(benchmark, case, peer, note=str(error)))
            continue
        times = [*ours, *theirs, theirs.clock / ours.clock]
        ours_s, ours_cpu, peer_s, peer_cpu, ratio = (float(f"{t:.4g}") for t in times)
        records.append(
            Record(
                benchmark, case, peer, ours_s, peer_s, ratio, peak,
                ours_cpu, peer_cpu, round(_load(), 2),
            )
        )  # fmt: skip
        print(records[-1], flush=True)
    return records


def _load() -> float:
    """Return how many processes want a processor; NaN where nobody counts."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def skipped(benchmark: str, case: str, peer: str, *, note: str) -> Record:
    """Return the record of a comparison that could not be made."""
    record = Record(benchmark, case, peer, note=note)
    print(record, flush=True)
    return record


def write(records: Iterable[Record], path: Path) -> None:
    """Write the records as JSON, a record a line."""
    lines = [json.dumps(asdict(one), ensure_ascii=False) for one in records]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
