"""From the tables ``[sources.LAYER]`` of riskmap.toml to a census."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.census import Source, build_census, is_address
from riskmap.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.census import Census
    from riskmap.settings import Settings, SourceSettings

__all__ = ["is_osm", "read_sources"]

_OSM_SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2")


def read_sources(file: Path, settings: Settings) -> Census:
    """Read all layers of a project but OSM roads.

    Parameters
    ----------
    file
        The project file; paths in it are relative to its folder.
    settings
        What it says.

    Returns
    -------
    Census
        Layers, findings, quarantine and accounts.

    Raises
    ------
    ProjectError
        If a file that riskmap.toml names is missing.
    RiskmapError
        If a source cannot be read at all.
    """
    sources = {
        layer: _source(file, layer, source)
        for layer, source in settings.sources.items()
        if not (layer == "roads" and is_osm(source.path))
    }
    project = settings.project
    return build_census(sources, as_of=project.as_of, crs=project.crs)


def is_osm(path: str) -> bool:
    """Tell an OSM extract by its name.

    Parameters
    ----------
    path
        A path of riskmap.toml.

    Returns
    -------
    bool
        Whether `riskmap.routing.read_roads` is to read it.
    """
    return path.lower().endswith(_OSM_SUFFIXES)


def _source(file: Path, layer: str, source: SourceSettings) -> Source:
    """Turn a table of riskmap.toml into a source of the census."""
    for name in (source.path, source.places):
        if name is None or is_address(name):
            continue
        if not (file.parent / name).exists():
            msg = f'{file}: [sources.{layer}] names "{name}", which is missing'
            raise ProjectError(msg)
    return Source(
        path=_place(file, source.path),
        sheet=source.sheet,
        crs=source.crs,
        columns=source.columns,
        encoding=source.encoding,
        places=None if source.places is None else _place(file, source.places),
        shift=source.shift,
        where=source.where,
        assumed=source.assumed,
        breaks=source.breaks,
        levels=source.levels,
        empty_people=source.empty_people,
    )


def _place(file: Path, name: str) -> str | Path:
    """Return a path of riskmap.toml, or the address of a database as it is."""
    return name if is_address(name) else file.parent / name
