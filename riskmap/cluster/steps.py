"""What any run by units has: workers, records of what is done, a report."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm.auto import tqdm

from riskmap.cluster import records
from riskmap.cluster.reading import source_digests
from riskmap.cluster.report import report_frame, said, write_report
from riskmap.cluster.store import FOLDER, Store
from riskmap.cluster.task import UNITS, Task
from riskmap.cluster.totals import step_totals, totals_sentences
from riskmap.cluster.workers import crew_of
from riskmap.messages import message
from riskmap.staging import sweep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from riskmap.cluster.store import Unit
    from riskmap.cluster.workers import Crew
    from riskmap.settings import Settings

__all__ = ["Steps"]


class Steps:
    """Does steps of units that are not done yet; see `Province` for its options."""

    def __init__(
        self,
        file: Path,
        settings: Settings,
        *,
        out: str | Path | None = None,
        workers: int | None = None,
        scheduler: str | None = None,
        progress: bool = False,
    ) -> None:
        self.file = file.resolve()
        self.settings = settings
        self.out = (file.parent / "out" if out is None else Path(out)).resolve()
        self.workers = workers or settings.run.workers or 1
        self.scheduler = scheduler or settings.run.scheduler
        self.progress = progress
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}
        self._crew: Crew | None = None

    @property
    def store(self) -> Store:
        """The partitions of the run; `check` makes them."""
        return Store(self.out / FOLDER)

    @property
    def failed(self) -> int:
        """How many steps of units failed in this run."""
        return sum(row["state"] == "failed" for row in self._rows.values())

    @property
    def report(self) -> pd.DataFrame:
        """What each step of each unit took, and what went wrong; slowest first."""
        return report_frame(self.store.units, self._rows.values(), self.out / UNITS)

    @property
    def totals(self) -> pd.DataFrame:
        """What each step took together, and makes for all villages of the run."""
        report, workers = self.report, self.workers
        if self.scheduler is not None:
            workers = max(report["worker"].nunique(), 1)
        return step_totals(report, villages=self._villages, workers=workers)

    @property
    def _villages(self) -> int:
        """How many villages the run has."""
        return sum(one.villages for one in self.store.units)

    def _settings(self, *tables: str) -> dict[str, Any]:
        """Return some tables of riskmap.toml, less what changes no result."""
        dump = self.settings.model_dump(mode="json", include=set(tables))
        for one in ("workers", "scheduler", "memory"):
            dump.get("run", {}).pop(one, None)
        return dump

    def _rules(self, step: str, edition: str) -> str:
        """Return a hash of all that a step depends on beside files of the run."""
        store = self.store
        facts = {k: v for k, v in store.facts.items() if k != "halo_m"}
        tables = {
            "network": ("network",),
            "publish": ("project", "publish", "scenario"),
        }.get(step, ("project", "network", "standards", "scenario", "run"))
        extra = {
            name: one
            for name, one in source_digests(self.file, self.settings).items()
            if "/sources." not in name
        }
        return records.hashed(
            [records.code_version(), step, edition, self._settings(*tables), facts,
             self.settings.wall_scenario, extra, store.index["hulls"],
             store.index["crs"]]
        )  # fmt: skip

    def _do(
        self,
        step: str,
        units: Sequence[Unit] | None = None,
        *,
        edition: str = "public",
        villages: Mapping[str, tuple[str, ...]] | None = None,
    ) -> list[str]:
        """Do a step for every unit that is not done yet; the largest units first."""
        begin, store = time.perf_counter(), self.store
        rules = self._rules(step, edition)
        sweep(self.out)
        todo: list[Task] = []
        rows: list[dict[str, Any]] = []
        every = store.units if units is None else units
        for one in sorted(every, key=lambda u: (-u.villages, u.code)):
            named = (villages or {}).get(one.code, ())
            key = records.hashed([rules, store.facts["halo_m"][one.code], *named])
            folder = self.out / UNITS / one.code
            if records.unchanged(folder, step, store, key=key):
                kept = records.read(folder, step) or {}
                rows.append({**kept["row"], "state": "kept"})
            else:
                sweep(folder)
                todo.append(
                    Task(step, one.code, str(self.file), self.settings,
                         str(self.out), key, edition, named)
                )  # fmt: skip
        lines = []
        if todo:
            note, done = self._send(step, todo)
            lines, rows = [note], rows + done
        self._rows |= {(row["unit"], step): row for row in rows}
        lines += said(step, rows, seconds=time.perf_counter() - begin)
        return lines + self._report(step)

    def _report(self, step: str) -> list[str]:
        """Write the run report; say what publishing would take where it is a guess."""
        totals, count = self.totals, self._villages
        write_report(self.report, totals, self.out, villages=count)
        return list(totals_sentences(totals, count)) if step == "publish" else []

    def _send(self, step: str, todo: list[Task]) -> tuple[str, list[dict[str, Any]]]:
        """Have tasks done, showing how far it is."""
        with ExitStack() as own:
            crew = self._crew or own.enter_context(self._hired())
            bar = tqdm(
                crew.do(todo), total=len(todo), disable=not self.progress,
                desc=message(f"cluster.step_{step}"),
            )  # fmt: skip
            return crew.note, list(bar)

    @contextmanager
    def _hired(self) -> Iterator[Crew]:
        """Hire workers for as long as they are needed."""
        with crew_of(
            workers=self.workers, scheduler=self.scheduler,
            memory=self.settings.run.memory, folder=str(self.out),
        ) as crew:  # fmt: skip
            self._crew = crew
            try:
                yield crew
            finally:
                self._crew = None

    def _with(self, *steps: str) -> list[Unit]:
        """Return the units that have finished some steps."""
        folder = self.out / UNITS
        return [
            one
            for one in self.store.units
            if all((folder / one.code / f"{step}.json").is_file() for step in steps)
        ]

    def _message(self, unit: str, step: str) -> str:
        """Return what the record of a step says."""
        record = records.read(self.out / UNITS / unit, step)
        return "" if record is None else str(record["row"]["message"])
