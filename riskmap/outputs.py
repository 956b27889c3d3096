"""The files that steps write, whole or not at all, from the links of a chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.census import is_address, save_census, write_findings
from riskmap.chain import township_names
from riskmap.coverage.proposals import GAP_M
from riskmap.evacuation import plan_sheets, save_plan, verify_plan
from riskmap.geopackage import write_geopackage
from riskmap.manifest import write_manifest
from riskmap.messages import message
from riskmap.publication import imprint_of
from riskmap.publish import imprint_line, write_workbook
from riskmap.publish.audit_brief import audit_brief
from riskmap.publish.audit_charts import AUDIT_CHARTS, audit_overview
from riskmap.publish.audit_map import draw_coverage
from riskmap.publish.brief import write_brief
from riskmap.publish.drillchart import draw_drill
from riskmap.publish.escape import file_name
from riskmap.settings import PROJECT_FILE
from riskmap.staging import staged
from riskmap.standards import load_standard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from riskmap.census import Census
    from riskmap.chain import Chain
    from riskmap.evacuation import Drill, Plan
    from riskmap.routing import Network

__all__ = [
    "AUDIT_FILES",
    "PLAN_FILES",
    "broken_rules",
    "siting_sheets",
    "write_audit",
    "write_check",
    "write_drills",
    "write_plans",
    "write_record",
    "write_siting",
]

AUDIT_FILES = ("audit.gpkg", "覆盖审计.xlsx", "覆盖总览.png", "覆盖审计简报.docx")
"""Tables, workbook, picture and brief of an audit."""
PLAN_FILES = ("plan.gpkg", "转移方案.xlsx")
"""Tables and workbook of the plans."""
_MANIFEST = "manifest.json"
_CRS_RULES = (
    *("offset_gcj02", "zone_unstated", "crs_from_prefix"),
    *("datum_untold", "datum_ballpark", "datum_changed", "datum_suspect"),
)
_DRILLED = {
    "drill": "people",
    "arrivals": "arrivals",
    "drill_groups": "groups",
    "links": "links",
}


def write_check(
    chain: Chain, out: Path, *, census: Census, networks: Mapping[str, Network]
) -> None:
    """Write the census, its findings and the networks.

    Parameters
    ----------
    chain
        The links of the project.
    out
        The output folder.
    census
        With the findings of the networks.
    networks
        By mode.

    Raises
    ------
    SourceError
        If a file cannot be written.
    """
    with staged(out) as aside:
        write_findings(
            census,
            csv=aside / "findings.csv",
            xlsx=aside / "质检台账.xlsx",
            as_of=chain.settings.project.as_of,
        )
        (aside / "network").mkdir()
        for mode, network in networks.items():
            network.save(aside / "network" / f"{mode}.npz")
        save_census(census, _store(chain.settings.project.store, out, aside))


def _store(store: str, out: Path, aside: Path) -> str | Path:
    """Return where the census is kept; a folder swaps itself in whole."""
    if is_address(store):
        return store
    known = {"geopackage": aside / "census.gpkg", "geoparquet": out / "census"}
    return known[store]


def write_audit(chain: Chain, out: Path) -> None:
    """Write an audit as tables, workbook, picture and brief: `AUDIT_FILES`.

    Parameters
    ----------
    chain
        The links of the project.
    out
        The output folder.

    Raises
    ------
    RiskmapError
        If a link of the chain cannot be made, or a file cannot be written.
    """
    frames, townships = chain.audits, township_names(chain.layer("villages"))
    with staged(out) as aside:
        tables, book, picture, brief = (aside / name for name in AUDIT_FILES)
        write_geopackage(tables, frames)
        shown = {**audit_overview(frames, townships), **frames}
        shown["gaps"] = shown["gaps"][shown["gaps"]["people"].ne(0).fillna(value=True)]
        write_workbook(book, shown, draw=AUDIT_CHARTS)
        own, project = chain.settings.publish.brief, chain.settings.project
        imprint = imprint_line(imprint_of(chain, project.edition))
        words = audit_brief(
            frames,
            county=project.name,
            imprint=imprint,
            picture=draw_coverage(picture, frames, title=project.name, note=imprint),
            townships=townships,
        )
        template = None if own is None else chain.path(own)
        write_brief(brief, words, kind="audit", template=template)


def write_plans(plans: Iterable[Plan], out: Path) -> None:
    """Write the plans of all scenarios as tables and workbook: `PLAN_FILES`.

    Parameters
    ----------
    plans
        One a scenario.
    out
        The output folder.

    Raises
    ------
    SourceError
        If a file cannot be written.
    """
    every = list(plans)
    with staged(out) as aside:
        tables, book = (aside / name for name in PLAN_FILES)
        save_plan(every, tables)
        write_workbook(book, plan_sheets(every))


def broken_rules(chain: Chain, plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Walk plans again with independent code.

    Parameters
    ----------
    chain
        The links of the project.
    plans
        By scenario, as read from disk.

    Returns
    -------
    pandas.DataFrame
        As `riskmap.evacuation.verify_plan`; empty when all rules hold.

    Raises
    ------
    RiskmapError
        If roads or zones cannot be read.
    """
    return pd.concat(
        [
            verify_plan(
                plan,
                chain.roads,
                zones=chain.zones.get(name),
                landing_zones=chain.layers.get("landing_zones"),
            )
            for name, plan in plans.items()
        ],
        ignore_index=True,
    )


def write_siting(frames: Mapping[str, pd.DataFrame], out: Path) -> None:
    """Write the proposals of siting as tables and workbook.

    Parameters
    ----------
    frames
        From `riskmap.coverage.Proposals.frames`.
    out
        The output folder.

    Raises
    ------
    SourceError
        If a file cannot be written.
    """
    with staged(out) as aside:
        write_geopackage(aside / "siting.gpkg", frames)
        note = message("site.note", gap=GAP_M)
        write_workbook(aside / "选址建议.xlsx", siting_sheets(frames), note=note)


def siting_sheets(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the marginal lists for the workbook, a footbridge with its warning.

    Parameters
    ----------
    frames
        From `riskmap.coverage.Proposals.frames`.

    Returns
    -------
    dict of str to pandas.DataFrame
        The same under headings in words.
    """
    heads = {"rank": message("site.rank"), "length_m": message("site.length")}
    sheets = {name: frame.rename(columns=heads) for name, frame in frames.items()}
    advice = message("site.survey")
    return {**sheets, "bridges": sheets["bridges"].assign(advice=advice)}


def write_drills(drills: Mapping[str, Drill], out: Path) -> None:
    """Write runs of plans in time as tables and pictures.

    Parameters
    ----------
    drills
        By scenario.
    out
        The output folder.

    Raises
    ------
    SourceError
        If a file cannot be written.
    """
    tables = {
        name: pd.concat([getattr(one, key) for one in drills.values()])
        for name, key in _DRILLED.items()
    }
    with staged(out) as aside:
        write_geopackage(aside / "drill.gpkg", tables)
        for name, one in drills.items():
            draw_drill(one.people, aside / f"推演_{file_name(name)}.png")


def write_record(chain: Chain, out: Path, *, version: str) -> Path:
    """Write manifest.json over all that went in and came out.

    Parameters
    ----------
    chain
        The links of the project.
    out
        The output folder.
    version
        Of riskmap.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    named = {PROJECT_FILE: chain.file}
    for layer, source in chain.settings.sources.items():
        for key, name in (("path", source.path), ("places", source.places)):
            if name is not None and not is_address(name):
                named[f"sources.{layer}.{key}"] = chain.path(name)
    path = out / _MANIFEST
    outputs = [
        one
        for one in out.rglob("*")
        if one.is_file() and one != path and not _hidden(one, out)
    ]
    with staged(out) as aside:
        write_manifest(
            aside / path.name, inputs=named, outputs=outputs, root=out,
            facts={"riskmap": version, **_facts(chain)},
        )  # fmt: skip
    return path


def _facts(chain: Chain) -> dict[str, Any]:
    """Return what the manifest says beside the files."""
    offsets = chain.census.findings
    offsets = offsets[offsets["rule"].isin(_CRS_RULES)]
    return {
        "parameters": chain.settings.model_dump(mode="json"),
        "standards": {
            name: {tier.label: tier.source for tier in load_standard(name).tiers}
            for name in chain.settings.standards.rescue
        },
        "crs_findings": offsets[["layer", "source", "rule", "message"]].to_dict(
            "records"
        ),
    }


def _hidden(file: Path, root: Path) -> bool:
    """Tell what riskmap keeps for itself from what it gives out."""
    return any(part.startswith(".") for part in file.relative_to(root).parts)
