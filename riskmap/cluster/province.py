"""A run over many units: the steps of a project, unit by unit, never twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.census import write_findings
from riskmap.cluster import records
from riskmap.cluster.halo import network_modes
from riskmap.cluster.islands import join_islands
from riskmap.cluster.products import write_portal, write_results
from riskmap.cluster.reading import read_all, source_digests, split
from riskmap.cluster.steps import Steps
from riskmap.cluster.task import UNITS
from riskmap.errors import ProjectError
from riskmap.messages import message
from riskmap.publication import edition_named
from riskmap.settings import read_settings
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Province"]

_SPLIT = "split.json"
_RULES = ("project", "sources", "network", "standards", "scenario", "run")


class Province(Steps):
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
    def error_findings(self) -> int:
        """How many findings of severity ``error`` the census has."""
        path = self.out / "findings.csv"
        found = pd.read_csv(path, encoding="utf-8-sig", usecols=["severity"])
        return int(found["severity"].eq("error").sum())

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
            Codes or names of those to draw, in the sites of their units, for
            example as a sample whose cost the run report scales up; None for all.

        Returns
        -------
        list of str
            How many units are drawn, and which page to open.

        Raises
        ------
        RiskmapError
            If the edition or a village is unknown, or no unit is planned yet.
        """
        chosen = edition_named(edition or self.settings.project.edition)
        units, some = self._with("audit", "plan"), None
        if villages:
            some = self.store.villages_named(villages)
            units = [one for one in units if one.code in some]
        if not units:
            msg = f"{self.out / UNITS} holds no plan yet; run `riskmap plan` first"
            raise ProjectError(msg)
        lines = self._do("publish", units, edition=chosen, villages=some)
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
        held = any("://" in one.path for one in self.settings.sources.values())
        if not held and path.is_file() and _split_key(path) == key:
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
            for mode in network_modes(self.settings)
            if mode in table
        ]

    def _gather(self) -> list[str]:
        """Put the results of all units together."""
        store, scenario = self.store, self.settings.wall_scenario
        run = records.hashed(
            [
                records.code_version(),
                self._settings(*_RULES),
                store.digests(store.hulls),
            ]
        )
        return write_results(self.out, store, scenario=scenario, run=run)


def _split_key(path: Path) -> str:
    """Return what the partitions were made from."""
    return str(json.loads(path.read_text("utf-8"))["key"])
