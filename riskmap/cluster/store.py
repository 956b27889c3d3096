"""The census of a province as GeoParquet partitions, one folder a unit.

Every row is in exactly one partition and keeps its place in the undivided
layer (`ROW`), so that rows of several partitions come together in one order,
whoever reads them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from riskmap.errors import LayerError, SourceError, first_few
from riskmap.manifest import digest
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shapely.geometry.base import BaseGeometry

__all__ = ["FOLDER", "MAINLAND", "ROADS", "ROW", "Store", "Unit", "write_store"]

FOLDER = "store"
ROADS = "network_roads"
MAINLAND = "mainland"
ROW = "undivided_row"
_INDEX = "index.json"


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a run.

    Attributes
    ----------
    code
        The first digits of its villages' codes, or the name of its project.
    name
        As printed.
    villages
        How many it has.
    """

    code: str
    name: str
    villages: int


class Store:
    """The partitions of a run, read where they lie.

    Parameters
    ----------
    folder
        What `write_store` wrote.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._digests: dict[str, dict[str, str]] = {}

    @cached_property
    def index(self) -> dict[str, Any]:
        """What the store says of itself.

        Raises
        ------
        SourceError
            If it is missing or unreadable.
        """
        path = self.folder / _INDEX
        try:
            found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            msg = f"{path} cannot be read; run `riskmap check` first"
            raise SourceError(msg) from error
        return found

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The units, in their order."""
        return tuple(Unit(**one) for one in self.index["units"])

    @cached_property
    def crs(self) -> pyproj.CRS:
        """The projected CRS, metres, of every network of the run."""
        return pyproj.CRS.from_wkt(self.index["crs"])

    @cached_property
    def hulls(self) -> dict[str, BaseGeometry]:
        """What encloses all rows of each unit, in `crs`."""
        return {
            code: shapely.from_wkt(wkt) for code, wkt in self.index["hulls"].items()
        }

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Numbers of the whole run: fastest speeds, least turnout, layers."""
        facts: dict[str, Any] = self.index["facts"]
        return facts

    def unit(self, code: str) -> Unit:
        """Return the unit of a code."""
        return next(one for one in self.units if one.code == code)

    def villages_named(self, asked: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return which units have villages of some codes or names.

        Parameters
        ----------
        asked
            Codes or names; a name means every village that bears it.

        Returns
        -------
        dict of str to tuple of str
            Unit to the codes of its villages among them; units without are left
            out.

        Raises
        ------
        LayerError
            If one of them is nobody's.
        """
        wanted, found = set(map(str, asked)), dict[str, tuple[str, ...]]()
        unknown = set(wanted)
        for one in self.units:
            rows = self.read(one.code, "villages")
            if rows is None:
                continue
            codes, names = (rows[n].astype(str) for n in ("village_code", "name"))
            mine = codes.isin(wanted) | names.isin(wanted)
            unknown -= {*codes[mine], *names[mine]}
            if mine.any():
                found[one.code] = tuple(sorted(codes[mine]))
        if unknown:
            msg = f"{len(unknown)} villages are unknown: {first_few(sorted(unknown))}"
            raise LayerError(msg)
        return found

    def read(self, code: str, layer: str) -> pd.DataFrame | None:
        """Return the rows of one unit, or None where the store has no such layer.

        Parameters
        ----------
        code
            A unit.
        layer
            A canonical layer, or one of the store's own tables.

        Returns
        -------
        pandas.DataFrame or None
            With the column `ROW`, in its order; EPSG:4490 where it has places.

        Raises
        ------
        SourceError
            If the partition is damaged.
        """
        path = self.path(code, layer)
        if not path.is_file():
            return None
        try:
            if layer in {*self.index["tables"], MAINLAND}:
                return pd.read_parquet(path)
            return gpd.read_parquet(path)
        except Exception as error:
            msg = f"{path} cannot be read: {' '.join(str(error).split())[:200]}"
            raise SourceError(msg) from error

    def path(self, code: str, layer: str) -> Path:
        """Return where a partition is."""
        if layer == MAINLAND:
            return self.folder.parent / MAINLAND / f"{code}.parquet"
        return self.folder / code / f"{layer}.parquet"

    def together(self, codes: Iterable[str], layer: str) -> pd.DataFrame | None:
        """Return the rows of several units in the order of the undivided layer.

        Parameters
        ----------
        codes
            Units.
        layer
            As for `read`.

        Returns
        -------
        pandas.DataFrame or None
            None where none of them has the layer.

        Raises
        ------
        SourceError
            If a partition is damaged.
        """
        parts = [self.read(code, layer) for code in codes]
        there = [one for one in parts if one is not None]
        if not there:
            return None
        filled = [one for one in there if len(one)] or there[:1]
        rows = pd.concat(filled, ignore_index=True) if len(filled) > 1 else filled[0]
        return rows.sort_values(ROW, ignore_index=True) if ROW in rows else rows

    def digests(self, codes: Iterable[str]) -> dict[str, str]:
        """Return the sha256 of every partition of some units.

        Parameters
        ----------
        codes
            Units.

        Returns
        -------
        dict of str to str
            By path below the store.
        """
        found: dict[str, str] = {}
        for code in sorted(codes):
            if code not in self._digests:
                paths = sorted((self.folder / code).glob("*.parquet"))
                self._digests[code] = {
                    f"{code}/{one.name}": digest(one) for one in paths
                }
            found |= self._digests[code]
        return found


def write_store(
    out: Path,
    parts: Mapping[str, Mapping[str, pd.DataFrame]],
    *,
    units: Iterable[Unit],
    crs: pyproj.CRS,
    facts: Mapping[str, Any],
) -> Store:
    """Write the partitions of a run, whole or not at all.

    Parameters
    ----------
    out
        The folder that the store goes into.
    parts
        Unit, then layer, to rows.
    units
        The units in order.
    crs
        The projected CRS of the run.
    facts
        Numbers of the whole run, as JSON takes them.

    Returns
    -------
    Store
        What was written.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    tables = {
        layer
        for frames in parts.values()
        for layer, frame in frames.items()
        if not isinstance(frame, gpd.GeoDataFrame)
    }
    index = {
        "units": [
            {"code": one.code, "name": one.name, "villages": one.villages}
            for one in units
        ],
        "crs": crs.to_wkt(),
        "hulls": {code: _hull(frames, crs).wkt for code, frames in parts.items()},
        "tables": sorted(tables),
        "facts": dict(facts),
    }
    try:
        with staged(out) as aside:
            for code, frames in parts.items():
                folder = aside / FOLDER / code
                folder.mkdir(parents=True)
                for layer, frame in frames.items():
                    frame.to_parquet(folder / f"{layer}.parquet", index=False)
            text = json.dumps(index, ensure_ascii=False, indent=1, sort_keys=True)
            (aside / FOLDER / _INDEX).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        msg = f"{out / FOLDER} cannot be written: {error.strerror or error}"
        raise SourceError(msg) from error
    return Store(out / FOLDER)


def _hull(frames: Mapping[str, pd.DataFrame], crs: pyproj.CRS) -> BaseGeometry:
    """Return what encloses all rows of a unit, villages and roads included."""
    found = [
        shapely.get_coordinates(
            frame[frame.geometry.notna()].geometry.to_crs(crs).to_numpy()
        )
        for frame in frames.values()
        if isinstance(frame, gpd.GeoDataFrame)
    ]
    return shapely.MultiPoint(np.vstack([np.empty((0, 2)), *found])).convex_hull
