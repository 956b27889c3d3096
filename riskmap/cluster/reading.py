"""The undivided census of a run: one project's sources, or several projects'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from riskmap.census import Census
from riskmap.chain import Chain
from riskmap.cluster.halo import (
    fastest_kmh,
    first_halo_m,
    limit_minutes,
    xy_of,
)
from riskmap.cluster.split import split_census
from riskmap.cluster.store import ROADS, write_store
from riskmap.crs import metric_crs
from riskmap.errors import ProjectError
from riskmap.manifest import digests
from riskmap.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from riskmap.cluster.store import Store
    from riskmap.settings import Settings

__all__ = ["read_all", "source_digests", "split"]

_TABLES = ("findings", "quarantine", "sources", "columns")
_CODE_DIGITS = 6


def _chains(file: Path, settings: Settings) -> list[Chain]:
    """Return the chains whose censuses make up the run."""
    if not settings.run.projects:
        return [Chain(file, settings)]
    return [Chain(*read_settings(file.parent / one)) for one in settings.run.projects]


def source_digests(file: Path, settings: Settings) -> dict[str, dict[str, str]]:
    """Return the sha256 of every file that the run is read from.

    Parameters
    ----------
    file, settings
        The project of the run.

    Returns
    -------
    dict
        By project and name in riskmap.toml, then file name.

    Raises
    ------
    ProjectError
        If a project of the run cannot be read, or a source is missing.
    """
    named: dict[str, Path] = {}
    texts: dict[str, dict[str, str]] = {}
    for mark, chain in enumerate(_chains(file, settings)):
        for layer, source in chain.settings.sources.items():
            if "://" in source.path:
                texts[f"{mark}/sources.{layer}"] = {"address": source.path}
                continue
            named[f"{mark}/sources.{layer}"] = chain.path(source.path)
            if source.places is not None:
                named[f"{mark}/sources.{layer}.places"] = chain.path(source.places)
        for name, path in _extra(chain):
            named[f"{mark}/{name}"] = path
    missing = [name for name, path in named.items() if not path.exists()]
    if missing:
        msg = f"{file}: {missing[0]} names {named[missing[0]]}, which is missing"
        raise ProjectError(msg)
    return {**digests(named), **texts}


def _extra(chain: Chain) -> Iterable[tuple[str, Path]]:
    """Give the rasters and rules that the networks, audits and plans read."""
    settings = chain.settings
    for at, one in enumerate(settings.network.dem_paths):
        yield f"network.dem.{at}", chain.path(one)
    for name, scenario in settings.scenario.items():
        for one in ("depth", "closing", "previous"):
            yield from _given(chain, f"scenario.{name}.{one}", getattr(scenario, one))
    for one in ("capability", "response"):
        yield from _given(chain, f"standards.{one}", getattr(settings.standards, one))
    for one in ("base", "style"):
        yield from _given(chain, f"publish.{one}", getattr(settings.publish, one))


def _given(chain: Chain, name: str, value: str | None) -> Iterable[tuple[str, Path]]:
    """Give a file that riskmap.toml names; other values count as settings do."""
    if value is not None and chain.path(value).exists():
        yield name, chain.path(value)


def read_all(file: Path, settings: Settings) -> tuple[Census, gpd.GeoDataFrame | None]:
    """Read every source of a run.

    Parameters
    ----------
    file, settings
        The project of the run.

    Returns
    -------
    tuple
        The undivided census, and the roads of the networks (None without). Rows
        of several projects carry a column ``unit``.

    Raises
    ------
    RiskmapError
        If a source cannot be read.
    """
    chains = _chains(file, settings)
    roads = [one.roads if "roads" in one.settings.sources else None for one in chains]
    if not settings.run.projects:
        return chains[0].census, roads[0]
    codes = [_code(one) for one in chains]
    if len(set(codes)) < len(codes):
        msg = f"{file}: [run] projects share the county code {codes[0]}; one each"
        raise ProjectError(msg)
    marked = [
        None if one is None else one.to_crs(4490).assign(unit=code)
        for one, code in zip(roads, codes, strict=True)
    ]
    return _merged([one.census for one in chains], codes), _stacked(marked)


def _code(chain: Chain) -> str:
    """Return the county code of a project: the first digits of its villages."""
    return str(chain.layer("villages")["village_code"].iloc[0])[:_CODE_DIGITS]


def _merged(censuses: list[Census], codes: list[str]) -> Census:
    """Put censuses together, each row marked with its unit."""
    names = list(dict.fromkeys(name for one in censuses for name in one.layers))
    layers: dict[str, gpd.GeoDataFrame] = {}
    origins: dict[str, pd.DataFrame] = {}
    for name in names:
        there = [
            (c, k) for c, k in zip(censuses, codes, strict=True) if name in c.layers
        ]
        frames = [one.layers[name].assign(unit=code) for one, code in there]
        layers[name] = _stacked(frames)
        origins[name] = pd.concat(
            [one.origins[name] for one, _ in there], ignore_index=True
        )
    tables: dict[str, Any] = {
        name: pd.concat([getattr(one, name) for one in censuses], ignore_index=True)
        for name in _TABLES
    }
    return Census(layers=layers, origins=origins, raw={}, **tables)


def _stacked(frames: Iterable[gpd.GeoDataFrame | None]) -> Any:  # noqa: ANN401
    """Put frames under each other; None where there is none."""
    there = [one for one in frames if one is not None]
    if not there:
        return None
    filled = [one for one in there if len(one)] or there[:1]
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True))


def split(
    census: Census,
    roads: gpd.GeoDataFrame | None,
    *,
    settings: Settings,
    out: Path,
    names: Mapping[str, str],
) -> Store:
    """Write the partitions of a run, with all that units need to know of it.

    Parameters
    ----------
    census, roads
        From `read_all`.
    settings
        Of the run.
    out
        The output folder.
    names
        Unit to printed name.

    Returns
    -------
    Store
        Ready for the first step.

    Raises
    ------
    RiskmapError
        If there is no village, a quota names an unknown unit or shelter, or
        the disk is full.
    """
    by = settings.run.unit or "county"
    placed = census.layers.get("villages")
    crs = metric_crs(placed if roads is None and placed is not None else roads)  # type: ignore[arg-type]
    units, parts = split_census(census, roads, by=by, crs=crs, names=names)
    _insist_on_quotas(settings, {one.code for one in units}, census)
    turnout = _least_turnout(census)
    minutes = limit_minutes(settings, turnout)
    kmh = dict.fromkeys(minutes, 1.0) if roads is None else fastest_kmh(settings, roads)
    facts = {
        "layers": sorted(census.layers),
        "tables": [ROADS] if roads is not None else [],
        "teams": len(census.layers.get("teams", ())),
        "minutes": minutes,
        "turnout_min": turnout,
        "kmh": kmh,
    }
    store = write_store(out, parts, units=units, crs=crs, facts=facts)
    halo = _halos(store, parts, census)
    return write_store(
        out, parts, units=units, crs=crs, facts={**facts, "halo_m": halo}
    )


def _halos(
    store: Store, parts: Mapping[str, Mapping[str, pd.DataFrame]], census: Census
) -> dict[str, float]:
    """Return how wide each unit's first window is."""
    layers, crs = census.layers, store.crs
    teams, shelters = (xy_of([layers.get(one)], crs) for one in ("teams", "shelters"))
    return {
        code: first_halo_m(
            store.hulls[code],
            minutes=store.facts["minutes"],
            kmh=store.facts["kmh"],
            pairs={
                "emergency": (
                    xy_of([own.get("villages"), own.get("groups")], crs),  # type: ignore[list-item]
                    teams,
                ),
                "walk": (xy_of([own.get("groups")], crs), shelters),  # type: ignore[list-item]
            },
        )
        for code, own in parts.items()
    }


def _least_turnout(census: Census) -> float | None:
    """Return the least turnout that a team gives, None where none does."""
    teams = census.layers.get("teams")
    if teams is None or "turnout_min" not in teams:
        return None
    known = pd.to_numeric(teams["turnout_min"]).dropna()
    return float(known.min()) if len(known) else None


def _insist_on_quotas(settings: Settings, units: set[str], census: Census) -> None:
    """Raise where a quota names a unit or shelter that is not there."""
    shelters = census.layers.get("shelters")
    known = set() if shelters is None else set(shelters["shelter_id"].dropna())
    for one in settings.run.quota:
        if one.unit not in units:
            msg = f"[[run.quota]] names unit {one.unit}, which is not there"
            raise ProjectError(msg)
        if one.shelter_id not in known:
            msg = f"[[run.quota]] names shelter {one.shelter_id}, which is not there"
            raise ProjectError(msg)
