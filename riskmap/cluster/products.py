"""The results of the whole run as files: tables, ranking, comparison, portal."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from riskmap.cluster.gather import (
    compare_results,
    gather,
    ranking,
    village_results,
)
from riskmap.cluster.task import UNITS
from riskmap.messages import message
from riskmap.publication import project_imprint
from riskmap.publish import Overview, publish_province, write_workbook
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskmap.cluster.store import Store
    from riskmap.publish.redaction import Edition
    from riskmap.settings import ProjectSettings

__all__ = ["RESULTS", "write_portal", "write_results"]

RESULTS = "全域结果.parquet"
_LAST, _RUN, _TABLES = "上次结果.parquet", "run.json", "results"
_RANKING, _COMPARISON = "单元排名.xlsx", "与上次比较.xlsx"
_CHANGES = ("better", "worse", "mixed", "added", "removed")


def write_results(
    out: Path, store: Store, *, scenario: str | None, run: str
) -> list[str]:
    """Put the results of all units together, and compare them with the last run's.

    Parameters
    ----------
    out
        The output folder of the run.
    store
        The partitions.
    scenario
        The one on the wall; None without plans.
    run
        Tells runs apart: a hash of data, rules and code. The results of a run
        with another one are set aside to compare with.

    Returns
    -------
    list of str
        Where they are and what changed, in Chinese; empty without results.

    Raises
    ------
    SourceError
        If they cannot be written.
    """
    tables = gather(out / UNITS, store.units)
    if "audit_villages" not in tables:
        _write(out, tables)
        return []
    villages = village_results(tables, store, scenario=scenario)
    ranks = ranking(villages, tables["audit_tiers"], store.units)
    _keep_last(out, run)
    last = gpd.read_parquet(out / _LAST) if (out / _LAST).is_file() else villages
    changed = compare_results(last, villages)
    _write(out, {**tables, "ranking": ranks, "compared": changed})
    with staged(out) as aside:
        villages.to_parquet(aside / RESULTS, index=False)
        write_workbook(aside / _RANKING, {"ranking": ranks})
        write_workbook(aside / _COMPARISON, {"compared": changed})
    lines = [message("cluster.results", path=out / RESULTS)]
    if len(changed):
        counts = changed["change"].value_counts()
        words = {one: int(counts.get(one, 0)) for one in _CHANGES}
        lines.append(message("cluster.compared", **words))
    return lines


def _write(out: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables of the whole run."""
    with staged(out) as aside:
        (aside / _TABLES).mkdir()
        for name, frame in tables.items():
            frame.to_parquet(aside / _TABLES / f"{name}.parquet", index=False)


def _keep_last(out: Path, run: str) -> None:
    """Set the results of another run aside before this run's take their place."""
    marker, results = out / _RUN, out / RESULTS
    if marker.is_file() and json.loads(marker.read_text("utf-8"))["run"] == run:
        return
    with staged(out) as aside:
        if results.is_file():
            shutil.copyfile(results, aside / _LAST)
        (aside / _RUN).write_text(json.dumps({"run": run}), "utf-8")


def write_portal(
    out: Path,
    project: ProjectSettings,
    *,
    edition: Edition,
    failures: pd.DataFrame,
) -> Path:
    """Write the portal over all units, from the results on disk.

    Parameters
    ----------
    out
        The output folder of the run.
    project
        Whose data this is.
    edition
        ``"public"`` or ``"internal"``.
    failures
        The rows of the run report that failed.

    Returns
    -------
    pathlib.Path
        The page to open.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    steps = [message(f"cluster.step_{one}") for one in failures["step"]]
    shown = Overview(
        name=project.name,
        imprint=project_imprint(project, edition),
        villages=gpd.read_parquet(out / RESULTS),
        ranking=pd.read_parquet(out / _TABLES / "ranking.parquet"),
        compared=pd.read_parquet(out / _TABLES / "compared.parquet"),
        failures=failures.assign(step=steps),
    )
    return publish_province(shown, out, units=UNITS)
