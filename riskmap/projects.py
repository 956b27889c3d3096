"""Projects as a whole: the sample, a new one, and how two of them differ."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from riskmap import reports
from riskmap.census import diff_census, is_address, load_census, write_templates
from riskmap.coverage import compare_cover
from riskmap.errors import ProjectError
from riskmap.geopackage import write_geopackage
from riskmap.messages import message
from riskmap.project import Project
from riskmap.publish import write_workbook
from riskmap.settings import PROJECT_FILE
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmap.census import Census

__all__ = ["create_project", "diff_projects", "sample_county"]


def sample_county() -> Path:
    """Return the folder of the fictional sample county.

    Returns
    -------
    pathlib.Path
        A project, as installed with the package or as in a checkout.

    Raises
    ------
    ProjectError
        If this installation came without it.
    """
    package = Path(str(resources.files("riskmap")))
    for folder in (package / "sample_data", package.parent / "sample_data" / "county"):
        if (folder / PROJECT_FILE).is_file():
            return folder
    msg = "this installation has no sample county; install riskmap again"
    raise ProjectError(msg)


def create_project(folder: str | Path) -> list[str]:
    """Make a new project: a commented riskmap.toml, and workbooks to fill in.

    Parameters
    ----------
    folder
        A folder that does not exist yet, or is empty.

    Returns
    -------
    list of str
        What to do next, in Chinese.

    Raises
    ------
    ProjectError
        If there is something in the folder.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        msg = f"{target} is not empty; name a new folder"
        raise ProjectError(msg)
    template = resources.files("riskmap").joinpath("template.toml")
    with staged(target) as aside:
        shutil.copyfile(str(template), aside / PROJECT_FILE)
        (aside / "填报表").mkdir()
        write_templates(aside / "填报表")
    return [message("say.created", folder=target)]


def diff_projects(
    old: str | Path, new: str | Path, *, out: str | Path | None = None
) -> list[str]:
    """Write what changed between two censuses.

    Parameters
    ----------
    old, new
        Project folders or files, or censuses: a ``census.gpkg``, a folder of
        GeoParquet files, the address of a PostGIS schema.
    out
        Where to write; None for ``out`` in the working folder.

    Returns
    -------
    list of str
        How much changed, and who gained or lost cover; that is told where both
        are projects, since a census alone has no roads to ride on. In Chinese.

    Raises
    ------
    RiskmapError
        If one of the two cannot be read.
    """
    before, after = _opened(old), _opened(new)
    changes = diff_census(_census_of(before), _census_of(after))
    frames = {
        "changes": changes.changes,
        "freshness": changes.freshness,
        "layers": changes.layers,
    }
    audited = [
        one.chain.audits
        for one in (before, after)
        if isinstance(one, Project) and one.can_audit
    ]
    if len(audited) == len((before, after)):
        frames["cover"] = _named_cover(*audited)
    with staged(Path("out") if out is None else out) as aside:
        write_geopackage(aside / "diff.gpkg", frames)
        write_workbook(aside / "变更清单.xlsx", frames)
    return reports.differing(changes.changes, frames.get("cover"))


def _named_cover(
    before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Compare the cover of two audits, each village under its latest name."""
    cover = compare_cover(before["tiers"], after["tiers"])
    villages = pd.concat([before["villages"], after["villages"]], ignore_index=True)
    names = villages.drop_duplicates("village_code", keep="last")
    return cover.merge(
        names[["village_code", "village_name"]], how="left", on="village_code"
    )


def _opened(path: str | Path) -> Project | Census:
    """Open a project, or load the census of a store."""
    folder = Path(path)
    kept = (folder / "sources.parquet").is_file() or folder.suffix.lower() == ".gpkg"
    return load_census(path) if is_address(path) or kept else Project.open(path)


def _census_of(opened: Project | Census) -> Census:
    """Return the census of a project, or the one that was stored."""
    return opened.chain.census if isinstance(opened, Project) else opened
