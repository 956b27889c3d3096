"""Sources: a file of any kind, or a frame, to raw tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyproj
import pyproj.exceptions

from riskmap.census.database import Address, is_address, read_table
from riskmap.census.rasters import RASTER_SUFFIXES
from riskmap.census.rastersource import read_raster
from riskmap.census.tables import read_text_table, read_workbook
from riskmap.census.vectors import VECTOR_SUFFIXES, raw_of_frame, read_vector
from riskmap.errors import CrsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from riskmap.census.ledger import Ledger
    from riskmap.census.raw import RawTable
    from riskmap.census.schema import Layer

__all__ = ["Source", "crs_from", "read_raw", "source_name"]

_WORKBOOKS = frozenset([".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et"])
_TEXTS = frozenset([".csv", ".tsv", ".txt"])
_SHIFTS = (None, "gcj02", "bd09")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a layer comes from, and what is known about the file.

    Attributes
    ----------
    path
        A file, a FileGDB folder, the address of a PostGIS database
        (``postgresql://user@host/database?table=name``), or a frame.
    sheet
        The one sheet, layer or table to read; None for those whose headings
        fit, and in a database for the table named as the layer.
    crs
        The CRS of its coordinates, where the file does not say or is wrong.
    columns
        Source heading to canonical field, where matching needs help.
    encoding
        Of its text; None decides by rule.
    places
        A spatial layer that gives the position of rows without one, joined
        by id, then by name within the village.
    shift
        ``"gcj02"`` or ``"bd09"`` to undo that shift; None leaves positions.
    where
        Which rows of a vector source or table to read, as an SQL condition,
        for example ``"place = 'village'"``; None reads all.
    assumed
        Canonical field to the value that stands in for what no row says; a
        finding counts the cells, and products print 假定值.
    breaks, levels
        Of a raster that becomes zones: the lower bounds of its classes,
        ascending, and the risk level of each.
    empty_people
        Of a population raster: how many people a cell without data holds;
        None for unknown.
    """

    path: str | Path | pd.DataFrame
    sheet: str | None = None
    crs: str | int | pyproj.CRS | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    places: str | Path | pd.DataFrame | None = None
    shift: str | None = None
    where: str | None = None
    assumed: Mapping[str, str | float | bool] = field(default_factory=dict)
    breaks: Sequence[float] = ()
    levels: Sequence[str] = ()
    empty_people: float | None = None

    def __post_init__(self) -> None:
        """Refuse a shift that does not exist."""
        if self.shift not in _SHIFTS:
            msg = f'shift is "{self.shift}"; it can be "gcj02" or "bd09"'
            raise SourceError(msg)


def source_name(source: str | Path | pd.DataFrame) -> str:
    """Return the file name that findings cite; ``frame`` for a frame.

    A database is cited by its address without password.
    """
    if isinstance(source, pd.DataFrame):
        return "frame"
    if is_address(source):
        return Address.parse(str(source)).shown
    return Path(source).name


def crs_from(text: str | int | pyproj.CRS | None) -> pyproj.CRS | None:
    """Return the CRS that a project file names.

    Parameters
    ----------
    text
        For example ``"EPSG:4549"``; None for none.

    Returns
    -------
    pyproj.CRS or None
        None for None.

    Raises
    ------
    CrsError
        If it names no CRS.
    """
    if text is None:
        return None
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        msg = f'crs "{text}" is not known; write it like "EPSG:4549"'
        raise CrsError(msg) from error


def read_raw(
    source: Source,
    layer: Layer,
    ledger: Ledger,
    *,
    villages: gpd.GeoDataFrame | None = None,
) -> list[RawTable]:
    """Read a source of any kind as raw tables.

    Parameters
    ----------
    source
        The file and what is known about it.
    layer
        Whose headings to look for.
    ledger
        Where encoding and skipped sheets are noted.
    villages
        Whose people a population raster counts; None if they are not read.

    Returns
    -------
    list of RawTable
        One a sheet or layer; not empty.

    Raises
    ------
    SourceError
        If the file is missing, of an unknown kind, or unreadable.
    """
    if isinstance(source.path, pd.DataFrame):
        return [raw_of_frame(source.path, source="frame")]
    if is_address(source.path):
        return [_read_database(source, layer)]
    path = _existing(source)
    if path.suffix.lower() in RASTER_SUFFIXES:
        return [
            read_raster(path, layer, source=source, villages=villages, ledger=ledger)
        ]
    tables = _read_file(source, path, layer, ledger=ledger)
    if not tables:
        msg = f'"{path.name}" holds no table at all'
        raise SourceError(msg)
    return tables


def _read_database(source: Source, layer: Layer) -> RawTable:
    """Read a table of a PostGIS database."""
    address = str(source.path)
    name, frame = read_table(
        address, table=source.sheet, layer=layer.name, where=source.where
    )
    return raw_of_frame(frame, source=source_name(address), sheet=name)


def _existing(source: Source) -> Path:
    """Return the path of a source, or say that it is not there."""
    path = Path(source.path)  # type: ignore[arg-type]
    try:
        is_there = path.exists()
    except (OSError, ValueError):
        is_there = False
    if not is_there:
        msg = f'"{source.path}" is not there'
        raise SourceError(msg)
    return path


def _read_file(
    source: Source, path: Path, layer: Layer, *, ledger: Ledger
) -> list[RawTable]:
    """Read a file by the way of its kind."""
    suffix = path.suffix.lower()
    if path.is_dir() and suffix != ".gdb":
        msg = f'"{path.name}" is a folder; name the file in it'
        raise SourceError(msg)
    if suffix in _WORKBOOKS:
        return read_workbook(path, layer, sheet=source.sheet, ledger=ledger)
    if suffix in _TEXTS:
        return read_text_table(path, layer, encoding=source.encoding, ledger=ledger)
    if suffix in VECTOR_SUFFIXES:
        return read_vector(
            *(path, layer),
            sheet=source.sheet,
            encoding=source.encoding,
            where=source.where,
            ledger=ledger,
        )
    known = ", ".join(sorted(_WORKBOOKS | _TEXTS | VECTOR_SUFFIXES | RASTER_SUFFIXES))
    msg = f'"{path.name}" is of an unknown kind; known are {known}'
    raise SourceError(msg)
