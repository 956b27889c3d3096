"""A project file opens as a county's project, or as a run by units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmap.cluster.province import Province
from riskmap.errors import ProjectError
from riskmap.project import Project
from riskmap.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_project"]


def open_project(path: str | Path, **options: Any) -> Project | Province:  # noqa: ANN401
    """Read a project file.

    Parameters
    ----------
    path
        A folder with ``riskmap.toml``, or that file.
    **options
        ``out``, ``workers``, ``scheduler`` and ``progress``.

    Returns
    -------
    Project or Province
        A `Province` where ``[run]`` names a ``unit`` or ``projects``.

    Raises
    ------
    ProjectError
        If the project file is missing or wrong, or a scheduler is asked for
        where nothing says how to split the run.
    """
    file, settings = read_settings(path)
    if settings.run.unit or settings.run.projects:
        return Province(file, settings, **options)
    if options.get("scheduler") or settings.run.scheduler:
        msg = (
            f"{file}: a scheduler needs units to share out; write "
            '[run] unit = "township", or use --workers'
        )
        raise ProjectError(msg)
    return Project(file, settings, **options)
