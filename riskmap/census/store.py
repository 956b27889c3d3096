"""The census kept: a GeoPackage, a folder of GeoParquet, or a PostGIS schema.

The same tables go into each, and the same frames come back, whole or not at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors

from riskmap.census.build import SOURCE_COLUMNS, Census
from riskmap.census.database import Address, is_address
from riskmap.census.ledger import FINDING_COLUMNS
from riskmap.census.parquet import read_folder, write_folder
from riskmap.census.part import QUARANTINE_COLUMNS
from riskmap.census.postgis import read_schema, write_schema
from riskmap.census.schema import layer_names, load_layer
from riskmap.crs import CGCS2000
from riskmap.errors import SourceError
from riskmap.geopackage import write_geopackage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmap.census.schema import Field, Layer

__all__ = ["load_census", "save_census"]

_TABLES = {
    "quarantine": QUARANTINE_COLUMNS,
    "findings": FINDING_COLUMNS,
    "sources": SOURCE_COLUMNS,
    "columns": ("layer", "source_column", "field", "how", "score"),
    "origins": ("layer", "position", "sheet", "row"),
}
_COUNTS = frozenset(
    [
        *("row", "position", "read", "accepted", "quarantined"),
        *("placed_by_id", "placed_by_name", "unplaced"),
    ]
)
_DTYPES = {"people": "Int64", "number": "float64", "bool": "boolean"}
_GEOPACKAGE = ".gpkg"


def save_census(census: Census, target: str | Path) -> None:
    """Write a census, whole or not at all.

    Parameters
    ----------
    census
        One table a canonical layer, EPSG:4490; the tables ``quarantine``,
        ``findings``, ``sources``, ``columns`` and ``origins`` beside them.
        Raw tables are not stored.
    target
        A file ``….gpkg``; any other path for a folder of GeoParquet files;
        ``postgresql://user@host/database?schema=name`` for PostGIS (needs
        ``riskmap[postgis]``). What stood there is replaced at once when the
        new one is complete. The same census gives the same bytes of a file.

    Raises
    ------
    SourceError
        If the target is open in another program, somebody else's, or cannot
        be written.
    """
    tables = _tables(census)
    if is_address(target):
        write_schema(str(target), tables)
        return
    path = Path(target)
    if path.suffix.lower() != _GEOPACKAGE:
        write_folder(path, tables)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_geopackage(path, tables)


def _tables(census: Census) -> dict[str, pd.DataFrame]:
    """Return what is stored of a census, typed and in order."""
    layers = {
        name: _stored(frame, load_layer(name)) for name, frame in census.layers.items()
    }
    origins = [
        one.reset_index(drop=True).assign(layer=name, position=np.arange(len(one)))
        for name, one in census.origins.items()
    ]
    empty = pd.DataFrame(columns=list(_TABLES["origins"]))
    given = {
        "quarantine": census.quarantine,
        "findings": census.findings,
        "sources": census.sources,
        "columns": census.columns,
        "origins": pd.concat(origins) if origins else empty,
    }
    return layers | {name: _typed_table(one, name) for name, one in given.items()}


def _stored(frame: gpd.GeoDataFrame, layer: Layer) -> pd.DataFrame:
    """Return a layer as it is stored: plain tables without geometry."""
    typed = _typed_layer(frame, layer)
    return typed if layer.geometry else pd.DataFrame(typed.drop(columns="geometry"))


def load_census(target: str | Path) -> Census:
    """Read a census that `save_census` wrote.

    Parameters
    ----------
    target
        A GeoPackage, a folder of GeoParquet, or a PostGIS address.

    Returns
    -------
    Census
        Layers typed as when they were built, whatever the store; ``raw`` is
        empty.

    Raises
    ------
    SourceError
        If the store is missing or holds no census.
    """
    tables, shown = _read(target)
    missing = sorted(set(_TABLES) - set(tables))
    if missing:
        msg = f"{shown} is no census: it lacks {', '.join(missing)}"
        raise SourceError(msg)
    about = {name: _typed_table(tables[name], name) for name in _TABLES}
    known = [one for one in about["sources"]["layer"] if one in tables]
    known += [one for one in layer_names() if one in tables and one not in known]
    origins = about.pop("origins").sort_values(["layer", "position"])
    return Census(
        layers={name: _typed_layer(tables[name], load_layer(name)) for name in known},
        origins={name: _origin(origins, name) for name in known},
        raw={},
        **about,
    )


def _read(target: str | Path) -> tuple[Mapping[str, pd.DataFrame], str]:
    """Return all tables of a store, and what to call it."""
    if is_address(target):
        return read_schema(str(target)), Address.parse(str(target)).shown
    path = Path(target)
    if path.suffix.lower() != _GEOPACKAGE:
        tables = read_folder(path)
        if not tables and not path.is_dir():
            msg = f'"{path}" is not there'
            raise SourceError(msg)
        return tables, path.name
    if not path.is_file():
        msg = f'"{path}" is not there'
        raise SourceError(msg)
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        wanted = [one for one in names if one in _TABLES or one in layer_names()]
        return {
            one: pyogrio.read_dataframe(path, layer=one) for one in wanted
        }, path.name
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        msg = f"{path.name} cannot be read: {error}"
        raise SourceError(msg) from error


def _origin(origins: pd.DataFrame, layer: str) -> pd.DataFrame:
    """Return where the rows of one layer stood."""
    rows = origins[origins["layer"] == layer]
    return rows[["sheet", "row"]].reset_index(drop=True)


def _typed_table(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Bring a table beside the layers to its columns and types."""
    types: dict[str, str] = dict.fromkeys(_TABLES[name], "str")
    types |= {one: "Int64" for one in types if one in _COUNTS}
    types |= {one: "float64" for one in types if one == "score"}
    typed: pd.DataFrame = table[list(types)].astype(object).astype(types)
    return typed.reset_index(drop=True)


def _typed_layer(frame: pd.DataFrame, layer: Layer) -> gpd.GeoDataFrame:
    """Bring a layer to the types of its definition, EPSG:4490."""
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = frame.geometry.set_crs(CGCS2000, allow_override=True)
    else:
        shapes = gpd.GeoSeries(None, frame.index, crs=CGCS2000)
    names = [str(one) for one in frame.columns if one in layer.fields]
    typed = {name: _typed_column(frame[name], layer[name]) for name in names}
    return gpd.GeoDataFrame(typed, geometry=shapes)


def _typed_column(column: pd.Series, field: Field) -> pd.Series:
    """Give a column the type of its field."""
    if field.type == "date":
        return pd.to_datetime(column).dt.tz_localize(None).astype("datetime64[ms]")
    kind: Any = _DTYPES.get(field.type, "str")
    typed: pd.Series = column.astype(kind)
    return typed
