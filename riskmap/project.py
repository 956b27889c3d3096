"""A project: riskmap.toml, and the steps from its sources to its products.

Each step writes its outputs whole or not at all, and returns lines to print.
The frames between are those of `riskmap.chain`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap import __version__, outputs, reports
from riskmap.chain import Chain
from riskmap.coverage import find_nearest
from riskmap.errors import ProjectError
from riskmap.evacuation import load_plans
from riskmap.messages import message
from riskmap.publication import atlas_of, edition_named
from riskmap.publish import publish_site
from riskmap.publish.page_words import web_words
from riskmap.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskmap.evacuation import Plan
    from riskmap.routing import Network
    from riskmap.settings import Settings

__all__ = ["Project"]

_MOST_WORKERS = 4
_FOUND = ("teams", "supplies", "landing_zones")


class Project:
    """A county's data, rules and products.

    Parameters
    ----------
    file
        The project file; paths in it are relative to its folder.
    settings
        What it says.
    out
        Where outputs go; None for ``out`` beside the project file.
    workers
        Worker processes for publishing; None as riskmap.toml says, else one
        a core, at most four.
    scheduler
        Address of a Dask scheduler; for runs by units alone, see
        `riskmap.cluster`.
    progress
        Whether long work shows its progress.

    Raises
    ------
    ProjectError
        If a scheduler is asked for.
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
        if scheduler or settings.run.scheduler:
            msg = "a project is not shared out; [run] unit tells how to split it"
            raise ProjectError(msg)
        self.file = file
        self.settings = settings
        self.chain = Chain(file, settings)
        self.out = file.parent / "out" if out is None else Path(out)
        self.workers = workers or settings.run.workers or _usual_workers()
        self.progress = progress

    failed = 0
    """How many units failed; a project is one, and raises instead."""

    @classmethod
    def open(cls, path: str | Path, **options: Any) -> Project:  # noqa: ANN401
        """Read a project file.

        Parameters
        ----------
        path
            A folder with ``riskmap.toml``, or that file.
        **options
            ``out``, ``workers``, ``scheduler`` and ``progress``, as of the class.

        Returns
        -------
        Project
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
        """How many findings of severity ``error`` tables and networks have."""
        return int(self.chain.ledger.findings["severity"].eq("error").sum())

    @property
    def can_audit(self) -> bool:
        """Whether the sources that an audit of coverage needs are named."""
        return {"roads", "villages", "teams"} <= set(self.settings.sources)

    def check(self) -> list[str]:
        """Read every source, run quality checks, build the networks.

        Returns
        -------
        list of str
            What was read, found and built, in Chinese.

        Raises
        ------
        RiskmapError
            If a source cannot be read at all; nothing is written then.
        """
        census = self.chain.ledger
        has_roads = "roads" in self.settings.sources
        networks: Mapping[str, Network] = self.chain.networks if has_roads else {}
        outputs.write_check(self.chain, self.out, census=census, networks=networks)
        return reports.checked(census, networks, as_of=self.settings.project.as_of)

    def audit(self) -> list[str]:
        """Audit the coverage of teams and shelters, and the villages' means.

        Returns
        -------
        list of str
            How many people each standard and tier covers, in Chinese.

        Raises
        ------
        RiskmapError
            If a layer that the audit needs is missing.
        """
        outputs.write_audit(self.chain, self.out)
        return reports.audited(self.chain.audits["tiers"])

    def plan(self) -> list[str]:
        """Make the evacuation plan of every scenario.

        Returns
        -------
        list of str
            Who is placed and who is not, and why, in Chinese.

        Raises
        ------
        RiskmapError
            If there is no scenario, or a layer that a plan needs is missing.
        """
        plans = self._plans()
        outputs.write_plans(plans.values(), self.out)
        return reports.planned(plans)

    def verify(self) -> tuple[list[str], bool]:
        """Walk the plans written to disk again, with independent code.

        Returns
        -------
        tuple of list of str and bool
            Lines to print, and whether a rule is broken.

        Raises
        ------
        RiskmapError
            If there is no plan.gpkg, or it cannot be read.
        """
        made = self.out / "plan.gpkg"
        if not made.is_file():
            msg = f"{made} is not there yet; run `riskmap plan` first"
            raise ProjectError(msg)
        plans = load_plans(made)
        broken = outputs.broken_rules(self.chain, plans)
        routes = sum(len(one.routes) for one in plans.values())
        return reports.verified(broken, routes), not broken.empty

    def publish(
        self, *, edition: str | None = None, villages: Sequence[str] | None = None
    ) -> list[str]:
        """Draw maps, lists, cards and the portal.

        Parameters
        ----------
        edition
            ``"public"`` or ``"internal"``; None as riskmap.toml says.
        villages
            Codes or names to draw; None for all.

        Returns
        -------
        list of str
            How much was published, and which page to open.

        Raises
        ------
        RiskmapError
            If the edition or a village is unknown, or a layer is missing.
        """
        chosen = edition_named(edition or self.settings.project.edition)
        files = publish_site(
            atlas_of(self.chain, chosen),
            self.out,
            edition=chosen,
            officials=self.settings.publish.officials,
            villages=villages,
            page=self.settings.publish.page,
            workers=self.workers,
            progress=self.progress,
        )
        site = web_words()["site"][chosen]
        return reports.published(files, self.out / site / "index.html")

    def run(self) -> Iterator[tuple[list[str], bool]]:
        """Run check, audit, plan, verify and publish, and write the manifest.

        Yields
        ------
        tuple of list of str and bool
            Each step's lines, and whether it found a broken rule.

        Raises
        ------
        RiskmapError
            As the steps do; what earlier steps wrote stays.
        """
        for step in (self.check, self.audit, self.plan):
            yield step(), False
        yield self.verify()
        yield self.publish(), False
        yield [message("say.manifest", path=self.manifest())], False

    def find(self, at: str, *, k: int = 5) -> list[str]:
        """Find the nearest teams, supplies and landing zones by road.

        Parameters
        ----------
        at
            ``"lon,lat"`` in degrees.
        k
            How many of each kind.

        Returns
        -------
        list of str
            A table in Chinese.

        Raises
        ------
        ProjectError
            If `at` is not two numbers.
        """
        try:
            lon, lat = (float(part) for part in at.replace("，", ",").split(","))
        except ValueError as error:
            msg = f'--at "{at}" is not "longitude,latitude", for example 121.2,28.1'
            raise ProjectError(msg) from error
        network = self.chain.rescue
        found = {
            name: find_nearest(
                self.chain.layers[name], at=(lon, lat), network=network, k=k
            )
            for name in _FOUND
            if name in self.chain.layers and not self.chain.layers[name].empty
        }
        return reports.found(found)

    def site(self) -> list[str]:
        """Propose where a shelter, beds, a footbridge or a team helps most people.

        The people are the groups of the scenario on the wall, the roads those
        it leaves open; shelters and teams that exist are kept. What a footbridge
        would stand on is unknown: it must be surveyed.

        Returns
        -------
        list of str
            How many people the proposals reach, in Chinese.

        Raises
        ------
        RiskmapError
            If a layer that siting needs is missing.
        """
        found = self.chain.siting
        outputs.write_siting(found.frames(), self.out)
        return reports.sited(found)

    def drill(self) -> list[str]:
        """Run the plans step by step in time.

        Returns
        -------
        list of str
            Who is safe by when, in Chinese.

        Raises
        ------
        RiskmapError
            If there is no scenario.
        """
        drills = {name: self.chain.drill(name) for name in self._plans()}
        outputs.write_drills(drills, self.out)
        return reports.drilled(drills)

    def _plans(self) -> Mapping[str, Plan]:
        """Return the plans; a project without a scenario has none to make."""
        if not self.chain.plans:
            msg = f"{self.file}: no [scenario.NAME] is given; a plan needs one"
            raise ProjectError(msg)
        return self.chain.plans

    def manifest(self) -> Path:
        """Write manifest.json over all that went in and came out.

        Returns
        -------
        pathlib.Path
            The file written, in the output folder.
        """
        return outputs.write_record(self.chain, self.out, version=__version__)


def _usual_workers() -> int:
    """Return one worker a core; four keep an office computer usable."""
    return min(os.cpu_count() or 1, _MOST_WORKERS)
