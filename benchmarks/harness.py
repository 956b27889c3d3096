"""Timing side by side: ours and a peer's, medians of repeats, in one process."""

from __future__ import annotations

import gc
import json
import statistics
import time
import tracemalloc
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["DATA", "Record", "compare", "measure", "skipped", "write"]

# The real sets; benchmarks that need them are skipped where they are absent.
DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
REPEATS = 5


@dataclass(frozen=True, slots=True)
class Record:
    """One comparison; a peer that could not run has a reason instead of a time."""

    benchmark: str
    case: str
    peer: str
    ours_s: float | None
    peer_s: float | None
    ratio: float | None
    ours_peak_mb: float | None
    note: str = ""

    def __str__(self) -> str:
        """Return the comparison as a line."""
        if self.ratio is None:
            return f"{self.benchmark:<11}{self.case:<44}{self.peer:<11}-  {self.note}"
        return (
            f"{self.benchmark:<11}{self.case:<44}{self.peer:<11}"
            f"{self.ours_s:9.4f} s {self.peer_s:10.4f} s {self.ratio:9.2f} x"
        )


def measure(call: Callable[[], Any], *, repeats: int = REPEATS) -> tuple[float, Any]:
    """Return the median seconds of a call after one to warm up, and its result."""
    result = call()
    times = []
    for _ in range(repeats):
        gc.collect()
        begin = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times), result


def peak_mb(call: Callable[[], Any]) -> float:
    """Return the most memory that Python and NumPy hold during a call."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def compare(  # noqa: PLR0917
    benchmark: str, case: str, ours: tuple[float, float],
    peers: Iterable[tuple[str, Callable[[], float]]],
) -> list[Record]:  # fmt: skip
    """Run each peer, which returns its seconds, or skip it with the reason."""
    records = []
    for peer, call in peers:
        try:
            seconds = call()
        except (ImportError, NotImplementedError) as error:
            records.append(skipped(benchmark, case, peer, note=str(error)))
            continue
        records.append(
            Record(
                benchmark, case, peer, *_rounded(ours[0], seconds), round(ours[1], 1)
            )
        )
        print(records[-1], flush=True)
    return records


def _rounded(ours: float, peer: float) -> tuple[float, float, float]:
    """Return both times and the ratio, to four digits."""
    return float(f"{ours:.4g}"), float(f"{peer:.4g}"), float(f"{peer / ours:.4g}")


def skipped(benchmark: str, case: str, peer: str, *, note: str) -> Record:
    """Return the record of a comparison that could not be made."""
    record = Record(benchmark, case, peer, None, None, None, None, note)
    print(record, flush=True)
    return record


def write(records: Iterable[Record], path: Path) -> None:
    """Write the records as JSON, a record a line."""
    lines = [json.dumps(asdict(one), ensure_ascii=False) for one in records]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
