"""Vector sources: shapefile, GeoPackage, FileGDB, GeoJSON, KML, GPX, GeoParquet."""

from __future__ import annotations

import tempfile
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyogrio
import pyogrio.errors
import shapely.errors

from riskmap.census.described import described
from riskmap.census.headings import known_headings
from riskmap.census.kml import KML_NOISE, plain_kml
from riskmap.census.parquet import read_parquet
from riskmap.census.raw import RawTable
from riskmap.census.shapefile import copy_shapefiles, read_shapefile
from riskmap.census.tables import refuse_bomb, refuse_huge
from riskmap.errors import SourceError, first_few

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riskmap.census.ledger import Ledger
    from riskmap.census.schema import Layer

__all__ = ["VECTOR_SUFFIXES", "raw_of_frame", "read_vector"]

VECTOR_SUFFIXES = frozenset(
    [
        ".shp",
        ".gpkg",
        ".gdb",
        ".geojson",
        ".json",
        ".kml",
        ".kmz",
        ".gpx",
        ".parquet",
        ".fgb",
        ".zip",
        ".tab",
        ".dbf",
        ".pbf",
        ".osm",
    ]
)
_ONE_TEXT = frozenset([".kml", ".gpx", ".geojson", ".json"])
_LARGEST = 2_000_000_000
_GPX_WORDS = ("desc", "cmt")
_NOT_DATA = frozenset(["track_points", "route_points", "layer_styles"])


def read_vector(
    path: Path,
    layer: Layer,
    *,
    sheet: str | None,
    encoding: str | None,
    ledger: Ledger,
    where: str | None = None,
) -> list[RawTable]:
    """Read the layers of a vector file that hold a canonical layer.

    Parameters
    ----------
    path
        The file, or the folder of a FileGDB; a ZIP may hold a shapefile.
    layer
        Whose headings to look for.
    sheet
        The one layer to read; None for those whose columns fit, or all.
    encoding
        Of a shapefile's text; None for its .cpg, else UTF-8, else GB 18030.
    ledger
        Where the choice of encoding is noted.
    where
        An OGR SQL condition on the rows; None reads all.

    Returns
    -------
    list of RawTable
        With geometry, and the CRS that the file states.

    Raises
    ------
    SourceError
        If the file cannot be read or has no such layer.
    """
    refuse_bomb(path) if path.is_file() else None
    if where is None and path.suffix.lower() not in _ONE_TEXT:
        _refuse_large(path)
    errors = (
        MemoryError,
        *(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError),
        *(OSError, ValueError, RuntimeError, EOFError, zlib.error, zipfile.BadZipFile),
        # What the Parquet readers raise on metadata that make no sense.
        *(pa.ArrowException, shapely.errors.ShapelyError),
        *(KeyError, TypeError, AttributeError, IndexError),
    )
    try:
        with _noted_warnings(ledger):
            if where is not None:
                frames = _chosen_rows(path, sheet, where)
            else:
                frames = _frames(
                    path, layer, sheet=sheet, encoding=encoding, ledger=ledger
                )
            return [
                raw_of_frame(one, source=path.name, sheet=name) for name, one in frames
            ]
    except SourceError:
        raise
    except errors as error:
        text = " ".join(str(error).split())
        msg = f"{path.name} cannot be read: {text[:300]}"
        raise SourceError(msg) from error


def _refuse_large(path: Path) -> None:
    """Raise where a file, or one giant attribute in it, would fill the memory."""
    files = path.rglob("*") if path.is_dir() else [path]
    size = sum(one.stat().st_size for one in files if one.is_file())
    if size > _LARGEST:
        msg = (
            f"{path.name} has {size / 1e6:.0f} MB, more than {_LARGEST / 1e6:.0f}; it "
            "is not read; choose rows by where, or keep it in PostGIS"
        )
        raise SourceError(msg)


def _frames(
    path: Path,
    layer: Layer,
    *,
    sheet: str | None,
    encoding: str | None,
    ledger: Ledger,
) -> Sequence[tuple[str | None, pd.DataFrame]]:
    """Read a vector file as frames, by the way of its format."""
    suffix = path.suffix.lower()
    if suffix in _ONE_TEXT:
        refuse_huge(path)
    if suffix == ".parquet":
        return [(None, read_parquet(path))]
    if suffix in {".shp", ".dbf", ".zip"}:
        with tempfile.TemporaryDirectory(prefix="riskmap-") as folder:
            copies = copy_shapefiles(path, Path(folder))
            if copies[0].suffix == ".gdb":
                return _layers(copies[0], layer, sheet=sheet, shown=path.name)
            return [(None, read_shapefile(one, encoding, ledger)) for one in copies]
    if suffix in {".kml", ".kmz"}:
        with tempfile.TemporaryDirectory(prefix="riskmap-") as folder:
            copy, names = plain_kml(path, Path(folder))
            frames = _layers(copy, layer, sheet=sheet, shown=path.name)
        return [
            (name, described(_named(frame, names), layer, ledger=ledger))
            for name, frame in frames
        ]
    if suffix == ".gpx" and b"<!ENTITY" in path.read_bytes():
        msg = f"{path.name} defines XML entities; it is not read"
        raise SourceError(msg)
    frames = _layers(path, layer, sheet=sheet, shown=path.name)
    if suffix == ".gpx":
        return [(name, _waypoints(frame)) for name, frame in frames]
    return frames


def _waypoints(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep name and words of what was drawn on a phone, not the receiver's figures."""
    words = [frame[one] for one in _GPX_WORDS if one in frame]
    kept = frame[[one for one in frame if one in {"name", "geometry"}]]
    if not words:
        return kept
    table = pd.concat(words, axis=1)
    said = [
        "\n".join(dict.fromkeys(one for one in row if isinstance(one, str))) or None
        for row in table.itertuples(index=False)
    ]
    return kept.assign(description=pd.Series(said, kept.index))


def _chosen_rows(
    path: Path, sheet: str | None, where: str
) -> Sequence[tuple[str | None, pd.DataFrame]]:
    """Read the rows of one layer for which a condition holds."""
    name = sheet or str(pyogrio.list_layers(path)[0][0])
    return [(name, _read(path, layer=name, where=where))]


def _named(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Put attribute names back and leave out what only KML viewers need."""
    frame = frame.drop(columns=[one for one in frame if one in KML_NOISE])
    return frame.rename(columns=dict(names))


def _layers(
    path: Path, layer: Layer, *, sheet: str | None, shown: str
) -> Sequence[tuple[str | None, pd.DataFrame]]:
    """Read those layers of a file that hold the canonical layer."""
    suffix = path.suffix.lower()
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if sheet is not None:
        if sheet not in names:
            known = first_few(names, most=9)
            msg = f'{shown} has no layer "{sheet}"; it has {known}'
            raise SourceError(msg)
        return [(sheet, _read(path, layer=sheet))]
    frames = [(one, _read(path, layer=one)) for one in names if one not in _NOT_DATA]
    filled = [(name, frame) for name, frame in frames if len(frame)]
    if suffix in {".kml", ".gpx"} or len(filled) < 2:  # noqa: PLR2004
        return filled or frames[:1]
    hits = [known_headings(map(str, frame.columns), layer) for _, frame in filled]
    named = [at for at, (name, _) in enumerate(filled) if name == layer.name]
    keep = named or [at for at, count in enumerate(hits) if count == max(hits)]
    return [filled[at] for at in keep]


@contextmanager
def _noted_warnings(ledger: Ledger) -> Iterator[None]:
    """Turn what GDAL warns of into findings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(one.message) for one in caught):
        ledger.add("reader_warning", value=text)


def _read(path: Path, **options: str) -> pd.DataFrame:
    """Read one layer."""
    frame: pd.DataFrame = pyogrio.read_dataframe(path, **options)
    return frame


def raw_of_frame(
    frame: pd.DataFrame, *, source: str, sheet: str | None = None
) -> RawTable:
    """Take a frame as a raw table.

    Parameters
    ----------
    frame
        With or without geometry, any CRS.
    source, sheet
        Where it comes from.

    Returns
    -------
    RawTable
        Rows are counted from 1 in the frame's order.
    """
    places = frame if _has_geometry(frame) else None
    plain = frame if places is None else frame.drop(columns=str(places.geometry.name))
    plain = pd.DataFrame(plain)
    columns = []
    for at in range(plain.shape[1]):
        column = plain.iloc[:, at]
        cells = column.astype(object).to_numpy(dtype=object, copy=True)
        cells[column.isna().to_numpy()] = None
        columns.append(cells)
    return RawTable(
        source=source,
        sheet=sheet,
        headings=tuple(str(one) for one in plain.columns),
        codes=None,
        columns=tuple(columns),
        rows=np.arange(1, len(frame) + 1),
        geometry=None if places is None else places.geometry.to_numpy(),
        crs=None if places is None else places.crs,
    )


def _has_geometry(frame: pd.DataFrame) -> TypeGuard[gpd.GeoDataFrame]:
    """Tell whether a frame holds positions."""
    return (
        isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None
    )
