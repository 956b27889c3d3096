"""What changed since an earlier run of the same county: better, worse, mended.

An earlier run is its output folder. What that folder lacks is not compared, and
never counts as unchanged.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyogrio
import pyogrio.errors

from riskmap.census import diff_census, load_census
from riskmap.census.ledger import rule
from riskmap.coverage import compare_cover
from riskmap.errors import ProjectError, RiskmapError
from riskmap.standards import load_standard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskmap.census import Census
    from riskmap.evacuation import Plan

__all__ = ["earlier_folder", "month_frames"]

_SUMS = ("people", "placed_people", "unplaced_people", "unknown_groups")
_SEVERITIES = ("error", "warning", "info")
_SAME = ("layer", "rule", "column", "value")
"""Two findings are the same where these are; rows move from month to month."""


def earlier_folder(path: str | Path) -> Path:
    """Find the output folder of an earlier run.

    Parameters
    ----------
    path
        That folder, or a file in it: ``manifest.json``, ``audit.gpkg``,
        ``plan.gpkg``, ``census.gpkg``.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ProjectError
        If nothing of an earlier run is there.
    """
    folder = Path(path)
    folder = folder.parent if folder.is_file() else folder
    known = ("manifest.json", "audit.gpkg", "plan.gpkg", "census.gpkg", "findings.csv")
    if not any((folder / name).is_file() for name in known):
        msg = f"[publish] previous: {folder} holds no earlier run ({', '.join(known)})"
        raise ProjectError(msg)
    return folder


def month_frames(
    folder: Path,
    *,
    census: Census,
    audits: Mapping[str, pd.DataFrame],
    plan: Plan | None,
) -> dict[str, pd.DataFrame]:
    """Compare a county with an earlier run.

    Parameters
    ----------
    folder
        From `earlier_folder`.
    census
        The census of today, with its findings.
    audits
        The frames of today's audit.
    plan
        Today's plan of the wall scenario, or None.

    Returns
    -------
    dict of str to pandas.DataFrame
        ``month_since``: ``as_of`` of the earlier run, null where it does not
        say. ``month_layers``: as `riskmap.CensusDiff.layers`. ``month_sums``:
        ``what, label, before, after``. ``month_villages``: ``village_code,
        village_name, what, before, after, change`` (``better``, ``worse``,
        ``unknown``, ``added``, ``removed``). ``month_rules``: ``rule, title,
        before, after, mended, new``. A frame is left out where the earlier run
        lacks what it is made of.

    Raises
    ------
    ProjectError
        If a file of the earlier run cannot be read.
    """
    frames = {"month_since": pd.DataFrame({"as_of": [_as_of(folder)]}, dtype="object")}
    sums, villages = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    if (folder / "census.gpkg").is_file():
        before = load_census(folder / "census.gpkg")
        frames["month_layers"] = diff_census(before, census).layers
    old = {name: _table(folder, "audit", name) for name in ("tiers", "ratios")}
    if old["ratios"] is not None and "ratios" in audits:
        sums += _cover_sums(old["ratios"], audits["ratios"], audits["tiers"])
    if old["tiers"] is not None and "tiers" in audits:
        villages += _cover_villages(old["tiers"], audits)
    if plan is not None:
        ledger = _of(_table(folder, "plan", "ledger"), plan)
        if ledger is not None and len(ledger):
            sums += _plan_sums(ledger, plan)
            sums += _short_sums(
                _of(_table(folder, "plan", "bed_shortages"), plan), plan
            )
            villages += _plan_villages(ledger, plan)
    if (folder / "findings.csv").is_file():
        findings = _findings(folder / "findings.csv")
        sums += _finding_sums(findings, census.findings)
        frames["month_rules"] = _rules(findings, census.findings)
    columns = ["what", "label", "before", "after"]
    frames["month_sums"] = pd.DataFrame(sums, columns=columns, dtype="object")
    columns = ["village_code", "village_name", "what", "before", "after", "change"]
    frames["month_villages"] = pd.DataFrame(villages, columns=columns, dtype="object")
    return frames


def _as_of(folder: Path) -> str | None:
    """Return the day of the earlier run, None where its manifest does not say."""
    file = folder / "manifest.json"
    if not file.is_file():
        return None
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return str(said["parameters"]["project"]["as_of"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _table(folder: Path, file: str, layer: str) -> pd.DataFrame | None:
    """Read a table of the earlier run without geometry, None where it has none."""
    path = folder / f"{file}.gpkg"
    if not path.is_file():
        return None
    try:
        if layer not in {str(name) for name, _ in pyogrio.list_layers(path)}:
            return None
        table = pyogrio.read_dataframe(path, layer=layer, read_geometry=False)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        msg = f"[publish] previous: {path} cannot be read: {error}"
        raise ProjectError(msg) from error
    return pd.DataFrame(table)


def _findings(path: Path) -> pd.DataFrame:
    """Read the findings of the earlier run."""
    try:
        return pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        msg = f"[publish] previous: {path} cannot be read: {error}"
        raise ProjectError(msg) from error


def _of(table: pd.DataFrame | None, plan: Plan) -> pd.DataFrame | None:
    """Keep the rows of a plan's scenario; None where there is no such table."""
    if table is None or "scenario" not in table:
        return None
    return table[table["scenario"].astype(str) == plan.scenario]


def _plan_sums(old: pd.DataFrame, plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Add up who moves and who has a place, then and now."""
    for what in _SUMS:
        yield what, None, int(old[what].sum()), int(plan.ledger[what].sum())


def _short_sums(old: pd.DataFrame | None, plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Add up the beds that are short, then and now."""
    now = plan.bed_shortages
    if old is not None and "short_people" in now:
        counts = [int(one["short_people"].sum()) for one in (old, now)]
        yield "short_people", None, *counts


def _plan_villages(old: pd.DataFrame, plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Tell where more or fewer people have no place."""
    both = [
        one.astype({"village_code": str})
        .groupby("village_code")["unplaced_people"]
        .sum()
        for one in (old, plan.ledger)
    ]
    names = pd.concat([old, plan.ledger]).drop_duplicates("village_code", keep="last")
    named = dict(
        zip(names["village_code"].astype(str), names["village_name"], strict=True)
    )
    for code in sorted(set(both[0].index) & set(both[1].index)):
        then, now = int(both[0][code]), int(both[1][code])
        if then != now:
            change = "better" if now < then else "worse"
            yield code, named[code], "unplaced_people", then, now, change


def _cover_sums(
    old: pd.DataFrame, new: pd.DataFrame, tiers: pd.DataFrame
) -> Iterator[tuple[Any, ...]]:
    """Tell how many people each standard's tiers reach by road, then and now."""
    keys, labels = ["standard", "tier"], _labels(tiers)
    sides = []
    for frame in (old, new):
        county = frame[(frame["scope"] == "county") & (frame["roster"] == "any")]
        sides.append(county.set_index(keys)["network_people"])
    for key in sides[1].index:
        if key in sides[0].index:
            cells = [None if pd.isna(one[key]) else float(one[key]) for one in sides]
            if cells != [None, None]:
                yield "network_people", labels.get(key), *cells


def _labels(tiers: pd.DataFrame) -> dict[Any, str]:
    """Return the printed name of each tier, after that of its standard."""
    first = tiers.drop_duplicates(["standard", "tier"])
    named = zip(first["standard"], first["tier"], first["label"], strict=True)
    return {
        (standard, tier): f"{_standard(str(standard))} {label}"
        for standard, tier, label in named
    }


def _standard(name: str) -> str:
    """Return the Chinese name of a standard, its own where it is a county's file."""
    try:
        return load_standard(name).label
    except RiskmapError:
        return name


_CHANGES = {"gained": "better", "lost": "worse"}


def _cover_villages(
    old: pd.DataFrame, audits: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[Any, ...]]:
    """Tell where roads bring help to more or fewer people than before."""
    labels, villages = _labels(audits["tiers"]), audits["villages"]
    codes = villages["village_code"].astype(str)
    names = dict(zip(codes, villages["village_name"], strict=True))
    for row in compare_cover(old, audits["tiers"]).to_dict("records"):
        code, change = str(row["village_code"]), str(row["change"])
        cells = [
            None if pd.isna(row[one]) else float(row[one])
            for one in ("network_people_old", "network_people_new")
        ]
        label = labels.get((row["standard"], row["tier"]))
        yield code, names.get(code), label, *cells, _CHANGES.get(change, change)


def _finding_sums(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Count findings of each severity, then and now."""
    for one in _SEVERITIES:
        counts = [int((frame["severity"] == one).sum()) for frame in (old, new)]
        yield one, None, *counts


def _rules(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Count what is mended and what is new of each rule."""
    sides = [_counted(one) for one in (old, new)]
    rows = []
    for name in sorted({key[1] for side in sides for key in side}):
        then, now = (
            Counter({key: n for key, n in side.items() if key[1] == name})
            for side in sides
        )
        mended, fresh = (then - now).total(), (now - then).total()
        if mended or fresh:
            rows.append((name, _title(name), then.total(), now.total(), mended, fresh))
    columns = ["rule", "title", "before", "after", "mended", "new"]
    return pd.DataFrame(rows, columns=columns).astype({"rule": object, "title": object})


def _title(name: str) -> str:
    """Return the Chinese title of a rule, its name where today has no such rule."""
    try:
        return str(rule(name)["title"])
    except KeyError:
        return name


def _counted(findings: pd.DataFrame) -> Counter[tuple[str, ...]]:
    """Count equal findings."""
    plain = findings.reindex(columns=list(_SAME)).astype(object)
    plain = plain.where(plain.notna(), "").map(str)
    return Counter(plain.itertuples(index=False, name=None))
