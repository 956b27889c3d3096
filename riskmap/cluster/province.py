"""A run over many units: the steps of a project, unit by unit, never twice."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from tqdm.auto import tqdm

from riskmap.census import write_findings
from riskmap.cluster import records
from riskmap.cluster.halo import MODES
from riskmap.cluster.islands import join_islands
from riskmap.cluster.products import write_portal, write_results
from riskmap.cluster.reading import read_all, source_digests, split
from riskmap.cluster.report import report_frame, said, write_report
from riskmap.cluster.store import FOLDER, Store
from riskmap.cluster.task import UNITS, Task
from riskmap.cluster.workers import crew_of
from riskmap.errors import ProjectError
from riskmap.messages import message
from riskmap.settings import read_settings
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskmap.cluster.store import Unit
    from riskmap.cluster.workers import Crew
    from riskmap.settings import Settings

__all__ = ["Province"]

_SPLIT = "split.json"
_RULES = ("project", "sources", "network", "standards", "scenario", "run")


class Province:
    """Many units' data, rules and products; the steps are those of `Project`.

    Parameters
    ----------
    file
        The project file; paths in it are relative to its folder.
    settings
        What it says; ``[run]`` tells how the run is split.
    out
        Where outputs go; None for ``out`` beside the project file. Every
        worker must see it.
    workers
        Worker processes; None as riskmap.toml says, else 1.
    scheduler
        Address of a Dask scheduler; None as riskmap.toml says.
    progress
        Whether to show how many units are done, and the time left.
    """

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

    @classmethod
    def open(cls, path: str | Path, **options: Any) -> Province:  # noqa: ANN401
        """Read a project file.

        Parameters
        ----------
        path
            A folder with ``riskmap.toml``, or that file.
        **options
            ``out``, ``workers``, ``scheduler`` and ``progress``, as of the class.

        Returns
        -------
        Province
            Nothing but the project file is read yet.

        Raises
        ------
        ProjectError
            If the project file is missing or wrong.
        """
        file, settings = read_settings(path)
        return cls(file, settings, **options)

    @property
    def store(self) -> Store:
        """The partitions of the run; `check` makes them."""
        return Store(self.out / FOLDER)

    @property
    def error_findings(self) -> int:
        """How many findings of severity ``error`` the census has."""
        path = self.out / "findings.csv"
        found = pd.read_csv(path, encoding="utf-8-sig", usecols=["severity"])
        return int(found["severity"].eq("error").sum())

    @property
    def failed(self) -> int:
        """How many steps of units failed in this run."""
        return sum(row["state"] == "failed" for row in self._rows.values())

    @property
    def report(self) -> pd.DataFrame:
        """What each step of each unit took, and what went wrong; slowest first."""
        return report_frame(self.store.units, self._rows.values(), self.out / UNITS)

    def check(self) -> list[str]:
        """Read every source, share its rows out among units, build the networks.

        Returns
        -------
        list of str
            What was read and built, in Chinese.

        Raises
        ------
        RiskmapError
            If a source cannot be read at all, or no worker can be had.
        """
        lines = self._split()
        lines += self._do("network")
        return lines + self._join_islands()

    def audit(self) -> list[str]:
        """Audit every unit as if the run were not split.

        Returns
        -------
        list of str
            How many units are done, kept and failed, in Chinese.

        Raises
        ------
        RiskmapError
            As `check`.
        """
        return [*self.check(), *self._finish("audit")]

    def plan(self) -> list[str]:
        """Plan every unit, within its shelters and the places neighbours keep for it.

        Returns
        -------
        list of str
            How many units are done, kept and failed, in Chinese.

        Raises
        ------
        RiskmapError
            As `check`, or if there is no scenario.
        """
        if not self.settings.scenario:
            msg = f"{self.file}: no [scenario.NAME] is given; a plan needs one"
            raise ProjectError(msg)
        return [*self.check(), *self._finish("plan")]

    def verify(self) -> tuple[list[str], bool]:
        """Walk the plans of all units again, with independent code.

        Returns
        -------
        tuple of list of str and bool
            Lines to print, and whether a rule is broken or a unit failed.

        Raises
        ------
        RiskmapError
            If no unit has a plan yet.
        """
        units = self._with("plan")
        if not units:
            msg = f"{self.out / UNITS} holds no plan yet; run `riskmap plan` first"
            raise ProjectError(msg)
        lines = self._do("verify", units)
        counts = [
            (one.code, int(self._message(one.code, "verify") or 0)) for one in units
        ]
        broken = [count for _, count in counts if count]
        routes = sum(
            len(pd.read_parquet(path, columns=["route_id"]))
            for path in (self.out / UNITS).glob("*/tables_plan/plan_routes.parquet")
        )
        lines.append(
            message("cluster.broken", units=len(broken), count=sum(broken))
            if broken
            else message("cluster.verified", units=len(units), routes=routes)
        )
        return lines, bool(broken) or self.failed > 0

    def publish(
        self, *, edition: str | None = None, villages: Sequence[str] | None = None
    ) -> list[str]:
        """Draw the sites of all units, and the portal over them.

        Parameters
        ----------
        edition
            ``"public"`` or ``"internal"``; None as riskmap.toml says.
        villages
            Not for a run by units; draw those in their unit's own project.

        Returns
        -------
        list of str
            How many units are drawn, and which page to open.

        Raises
        ------
        RiskmapError
            If the edition is unknown, or villages are named.
        """
        chosen = _edition(edition or self.settings.project.edition)
        if villages:
            msg = "a run by units draws all villages; leave --village out"
            raise ProjectError(msg)
        lines = self._do("publish", self._with("audit", "plan"), edition=chosen)
        lines += self._gather()
        report = self.report
        index = write_portal(
            self.out, self.settings.project, edition=chosen,
            failures=report[report["state"].eq("failed")],
        )  # fmt: skip
        return [*lines, message("cluster.portal", index=index)]

    def run(self) -> Iterator[tuple[list[str], bool]]:
        """Run check, audit, plan, verify and publish.

        Yields
        ------
        tuple of list of str and bool
            Each step's lines, and whether a rule is broken or a unit failed.

        Raises
        ------
        RiskmapError
            As the steps do; what earlier steps wrote stays.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        with self._hired():
            yield self.check(), self.failed > 0
            yield self._finish("audit"), self.failed > 0
            yield self._finish("plan"), self.failed > 0
            yield self.verify()
            yield self.publish(), self.failed > 0

    def _split(self) -> list[str]:
        """Write the partitions, unless the sources are as they were."""
        key = records.hashed(
            [records.code_version(), source_digests(self.file, self.settings),
             self._settings(*_RULES)]
        )  # fmt: skip
        path = self.out / _SPLIT
        if path.is_file() and json.loads(path.read_text("utf-8"))["key"] == key:
            return [message("cluster.kept"), self._split_line()]
        census, roads = read_all(self.file, self.settings)
        path.unlink(missing_ok=True)
        names = self._names()
        split(census, roads, settings=self.settings, out=self.out, names=names)
        with staged(self.out) as aside:
            write_findings(
                census, csv=aside / "findings.csv", xlsx=aside / "质检台账.xlsx"
            )
            (aside / _SPLIT).write_text(json.dumps({"key": key}), "utf-8")
        return [self._split_line()]

    def _names(self) -> dict[str, str]:
        """Return the printed names that riskmap.toml, or its projects, give units."""
        return dict(self.settings.run.names)

    def _split_line(self) -> str:
        """Say how the run is split."""
        store = self.store
        return message(
            "cluster.split",
            units=len(store.units),
            villages=sum(one.villages for one in store.units),
            store=store.folder,
        )

    def _finish(self, step: str) -> list[str]:
        """Do a step for every unit, and put the results together."""
        return [*self._do(step), *self._gather()]

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
    ) -> list[str]:
        """Do a step for every unit that is not done yet; the largest units first."""
        begin, store = time.perf_counter(), self.store
        rules = self._rules(step, edition)
        todo: list[Task] = []
        rows: list[dict[str, Any]] = []
        for one in sorted(units or store.units, key=lambda u: (-u.villages, u.code)):
            key = records.hashed([rules, store.facts["halo_m"][one.code]])
            folder = self.out / UNITS / one.code
            if records.unchanged(folder, step, store, key=key):
                kept = records.read(folder, step) or {}
                rows.append({**kept["row"], "state": "kept"})
            else:
                todo.append(
                    Task(step, one.code, str(self.file), self.settings,
                         str(self.out), key, edition)
                )  # fmt: skip
        lines = []
        if todo:
            note, done = self._send(step, todo)
            lines, rows = [note], rows + done
        self._rows |= {(row["unit"], step): row for row in rows}
        lines += said(step, rows, seconds=time.perf_counter() - begin)
        write_report(self.report, self.out)
        return lines

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

    def _join_islands(self) -> list[str]:
        """Tell every unit its islands, and say how many there are."""
        store, units = self.store, self.out / UNITS
        paths = [
            units / one.code / "network" / "islands.parquet" for one in store.units
        ]
        table = join_islands(self.out, store, paths)
        return [
            message(
                "cluster.islands",
                mode=message(f"mode.{mode}"),
                roads=int(table[mode].notna().sum()),
                islands=table.loc[table[mode] > 0, mode].nunique(),
            )
            for mode in MODES
            if mode in table
        ]

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

    def _gather(self) -> list[str]:
        """Put the results of all units together."""
        run = json.loads((self.out / _SPLIT).read_text("utf-8"))["key"]
        scenario = self.settings.wall_scenario
        return write_results(self.out, self.store, scenario=scenario, run=run)


def _edition(name: str) -> Literal["public", "internal"]:
    """Return one of the two editions, or refuse another name."""
    if name == "public":
        return "public"
    if name == "internal":
        return "internal"
    msg = f'edition is "{name}"; it can be public or internal'
    raise ProjectError(msg)
