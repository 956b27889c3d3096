"""One step of one unit: a pure function from partitions to files and a short row.

The same function runs in this process, in a worker of this machine and on a
cluster. It reads and writes on a disk that all workers share; only the task and
its row travel.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from riskmap.cluster import records
from riskmap.cluster.chain import UnitChain
from riskmap.cluster.halo import network_modes
from riskmap.cluster.islands import roads_of
from riskmap.cluster.proof import proven_chain
from riskmap.cluster.store import Store
from riskmap.errors import RiskmapError
from riskmap.evacuation import load_plans
from riskmap.outputs import AUDIT_FILES, PLAN_FILES, broken_rules
from riskmap.project import Project
from riskmap.publication import edition_named
from riskmap.publish.drawn import STORE
from riskmap.publish.page_words import web_words
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskmap.settings import Settings

__all__ = ["STEPS", "UNITS", "Task", "run_task"]

UNITS = "units"
STEPS = ("network", "audit", "plan", "verify", "publish")
_STATUS = Path("/proc/self/status")
_TABLES = "tables"
_PLAN_TABLES = ("assignments", "shelters", "routes", "ledger", "summary")


@dataclass(frozen=True, slots=True)
class Task:
    """What to do for which unit.

    Attributes
    ----------
    step
        One of `STEPS`.
    unit
        The unit's code.
    file
        The project file of the run.
    settings
        What it says.
    out
        The output folder of the run; its store is in it.
    key
        What else the step depends on, hashed by the driver.
    edition
        Of ``publish``.
    villages
        The codes of those that ``publish`` draws; none for all of the unit.
    """

    step: str
    unit: str
    file: str
    settings: Settings
    out: str
    key: str
    edition: str = "public"
    villages: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where the unit's outputs go."""
        return Path(self.out) / UNITS / self.unit


def run_task(task: Task) -> dict[str, Any]:
    """Do one step of one unit, and record it when all of it is on disk.

    Parameters
    ----------
    task
        The step.

    Returns
    -------
    dict
        ``unit, name, step, state`` (``done`` or ``failed``), ``message``,
        ``seconds, cpu_s, peak_mb, wider`` (how often the window was widened),
        ``worker, villages`` (that this was the work of; None where it failed or
        some of it was kept from before) and ``began`` (UTC). A failure is a row,
        not an exception.
    """
    begin, busy = time.perf_counter(), time.process_time()
    row: dict[str, Any] = {"unit": task.unit, "name": task.unit, "step": task.step}
    row["began"] = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    done: dict[str, Any] = {}
    store = Store(Path(task.out) / "store")
    try:
        unit = store.unit(task.unit)
        row["name"] = unit.name
        (task.folder / f"{task.step}.json").unlink(missing_ok=True)
        done = _DO[task.step](task, store)
        row |= {"state": "done", "message": done["message"], "wider": done["wider"]}
        if done["fresh"]:
            row["villages"] = len(task.villages) or unit.villages
    except (RiskmapError, OSError, MemoryError) as error:
        row |= {"state": "failed", "message": str(error) or type(error).__name__}
    except Exception as error:  # noqa: BLE001 (a broken unit must not stop the rest)
        row |= {"state": "failed", "message": f"{type(error).__name__}: {error}"}
    row["seconds"] = round(time.perf_counter() - begin, 3)
    row["cpu_s"] = round(time.process_time() - busy, 3)
    row["peak_mb"] = _peak_mb()
    row["worker"] = (
        f"{os.uname().nodename if hasattr(os, 'uname') else ''}:{os.getpid()}"
    )
    if row["state"] == "done":
        _record(task, store, row=row, done=done)
    return row


def _record(
    task: Task, store: Store, *, row: dict[str, Any], done: dict[str, Any]
) -> None:
    """Record a finished step; a full disk makes it a failed one."""
    try:
        records.write(
            task.folder,
            task.step,
            key=task.key,
            row=row,
            inputs=records.inputs(task.folder, task.step, store, seen=done["seen"]),
            outputs=done["outputs"],
        )
    except (RiskmapError, OSError) as error:
        row |= {"state": "failed", "message": str(error)}


def _network(task: Task, store: Store) -> dict[str, Any]:
    """Build the networks of the first window, and say which roads hang together."""
    chain = _chain(task, store, built=False)
    if "network_roads" not in store.facts["tables"]:
        return _done((), chain.seen)
    with staged(task.folder) as aside:
        (aside / "network").mkdir()
        parts = []
        modes = network_modes(task.settings)
        for mode in modes:
            network = chain.keyed_network(mode)
            network.save(aside / "network" / f"{mode}.npz")
            parts.append(roads_of(network).assign(mode=mode))
        pd.concat(parts).to_parquet(aside / "network" / "islands.parquet", index=False)
    names = [f"network/{mode}.npz" for mode in modes]
    return _done((*names, "network/islands.parquet"), chain.seen)


def _audit(task: Task, store: Store) -> dict[str, Any]:
    """Audit the unit on a window that is proved wide enough."""
    chain, wider = proven_chain(
        Path(task.file), _named(task, store), store=store, unit=task.unit,
        built=task.folder / "network",
    )  # fmt: skip
    project = _project(task, chain)
    project.audit()
    tables = {f"audit_{name}": one for name, one in chain.audits.items()}
    tables["first_shelters"] = chain.first_shelters()
    names = _write_tables(task, "audit", tables)
    return _done((*AUDIT_FILES, *names), chain.seen, wider=wider)


def _plan(task: Task, store: Store) -> dict[str, Any]:
    """Plan every scenario within the unit."""
    chain = _chain(task, store)
    project = _project(task, chain)
    lines = project.plan()
    tables = {
        f"plan_{name}": pd.concat(
            [getattr(plan, name) for plan in chain.plans.values()], ignore_index=True
        )
        for name in _PLAN_TABLES
    }
    names = _write_tables(task, "plan", tables)
    return _done((*PLAN_FILES, *names), chain.seen, message=lines[0])


def _verify(task: Task, store: Store) -> dict[str, Any]:
    """Walk the unit's plans again with independent code."""
    chain = _chain(task, store)
    plans = load_plans(task.folder / "plan.gpkg")
    broken = broken_rules(chain, plans)
    names = _write_tables(task, "verify", {"broken": broken})
    return _done(names, chain.seen, message=str(len(broken)))


def _publish(task: Task, store: Store) -> dict[str, Any]:
    """Draw the unit's maps, lists, cards and portal."""
    chain = _chain(task, store)
    chain.plans = load_plans(task.folder / "plan.gpkg")
    chain.audits = _read_audits(task)
    edition = edition_named(task.edition)
    fresh = not (task.folder / STORE / edition).is_dir()
    lines = _project(task, chain).publish(
        edition=edition, villages=task.villages or None
    )
    index = f"{web_words()['site'][edition]}/index.html"
    return _done((index,), chain.seen, message=lines[0], fresh=fresh)


_DO: dict[str, Callable[[Task, Store], dict[str, Any]]] = {
    "network": _network,
    "audit": _audit,
    "plan": _plan,
    "verify": _verify,
    "publish": _publish,
}


def _chain(task: Task, store: Store, *, built: bool = True) -> UnitChain:
    """Return the chain of the unit in its first window."""
    return UnitChain(
        Path(task.file),
        _named(task, store),
        store=store,
        unit=task.unit,
        halo_m=float(store.facts["halo_m"][task.unit]),
        built=task.folder / "network" if built else None,
    )


def _named(task: Task, store: Store) -> Settings:
    """Return the settings of the run under the unit's name.

    An earlier run of the whole is no earlier run of the unit, so that its brief
    compares with nothing; the portal of the run compares.
    """
    project = task.settings.project
    name = f"{project.name} {store.unit(task.unit).name}"
    return task.settings.model_copy(
        update={
            "project": project.model_copy(update={"name": name}),
            "publish": task.settings.publish.model_copy(update={"previous": None}),
            "run": task.settings.run.model_copy(update={"scheduler": None}),
        }
    )


def _project(task: Task, chain: UnitChain) -> Project:
    """Return a project that writes what a chain makes into the unit's folder."""
    project = Project(chain.file, chain.settings, out=task.folder, workers=1)
    project.chain = chain
    return project


def _done(
    outputs: tuple[str, ...],
    seen: tuple[str, ...],
    *,
    wider: int = 0,
    message: str = "",
    fresh: bool = True,
) -> dict[str, Any]:
    """Return what a step reports."""
    return {"outputs": outputs, "seen": seen, "wider": wider, "message": message,
            "fresh": fresh}  # fmt: skip


def _write_tables(
    task: Task, step: str, tables: dict[str, pd.DataFrame]
) -> tuple[str, ...]:
    """Write the tables that the run's results are put together from."""
    folder = f"{_TABLES}_{step}"
    with staged(task.folder) as aside:
        (aside / folder).mkdir()
        for name, frame in tables.items():
            path = aside / folder / f"{name}.parquet"
            frame.reset_index(drop=True).to_parquet(path, index=False)
    return tuple(f"{folder}/{name}.parquet" for name in tables)


def _read_audits(task: Task) -> dict[str, pd.DataFrame]:
    """Read the frames of the unit's audit."""
    found = {}
    for path in sorted((task.folder / f"{_TABLES}_audit").glob("audit_*.parquet")):
        name = path.stem.removeprefix("audit_")
        spatial = name in {"villages", "shelters", "gaps", "circles"}
        found[name] = gpd.read_parquet(path) if spatial else pd.read_parquet(path)
    return found


def _peak_mb() -> float | None:
    """Return the most memory this process ever held, or None where nobody counts.

    Linux hands the ``ru_maxrss`` of a parent on to its children, ``VmHWM`` it does
    not: a small worker of a large driver would report the driver's memory.
    """
    if _STATUS.is_file():
        told = re.search(
            r"^VmHWM:\s+(\d+) kB", _STATUS.read_text("ascii", "replace"), re.MULTILINE
        )
        return None if told is None else round(int(told[1]) / 2**10, 1)
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 (not on Windows)

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (2**20 if sys.platform == "darwin" else 2**10), 1)
