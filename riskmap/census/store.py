"""The census as one GeoPackage, written whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pyogrio.errors

from riskmap.census.build import SOURCE_COLUMNS, Census
from riskmap.census.ledger import FINDING_COLUMNS
from riskmap.census.part import QUARANTINE_COLUMNS
from riskmap.census.schema import layer_names, load_layer
from riskmap.crs import CGCS2000
from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskmap.census.schema import Field, Layer

__all__ = ["load_census", "save_census"]

_TABLES = {
    "quarantine": QUARANTINE_COLUMNS,
    "findings": FINDING_COLUMNS,
    "sources": SOURCE_COLUMNS,
    "columns": ("layer", "source_column", "field", "how", "score"),
}
_ORIGINS = "origins"
_FIXED_DAY = "2000-01-01T00:00:00Z"
_DTYPES = {"people": "Int64", "number": "float64", "bool": "boolean"}


def save_census(census: Census, path: str | Path) -> None:
    """Write a census as a GeoPackage, whole or not at all.

    Parameters
    ----------
    census
        One layer a canonical layer, EPSG:4490; the tables ``quarantine``,
        ``findings``, ``sources``, ``columns`` and ``origins`` beside them.
        Raw tables are not stored.
    path
        For example ``out/census.gpkg``. An earlier file is replaced at once
        when the new one is complete. The same census gives the same bytes.

    Raises
    ------
    SourceError
        If the file is open in another program, or cannot be written.
    """
    path = Path(path)
    _settle(path)
    part = path.with_name(f".{path.stem}.part.gpkg")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with _fixed_date():
            _write(census, part)
        part.replace(path)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        msg = f"{path.name} cannot be written: {error}"
        raise SourceError(msg) from error
    finally:
        for one in path.parent.glob(f"{part.name}*"):
            one.unlink(missing_ok=True)


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Let GDAL write a fixed date, so that bytes do not depend on the day."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DAY})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _settle(path: Path) -> None:
    """Bring side files of a GeoPackage into it, or refuse to replace it."""
    sides = [path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal")]
    if not any(one.exists() for one in sides):
        return
    try:
        with closing(sqlite3.connect(path, timeout=1)) as base:
            base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            base.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error:
        pass
    if any(one.exists() for one in sides):
        msg = f"{path.name} is open in another program; close it there and try again"
        raise SourceError(msg)


def _write(census: Census, path: Path) -> None:
    """Write all layers and tables to a new file."""
    for name, frame in census.layers.items():
        _write_layer(frame, path, load_layer(name))
    origins = [
        one.reset_index(drop=True)
        .rename_axis("position")
        .reset_index()
        .assign(layer=name)
        for name, one in census.origins.items()
    ]
    empty = pd.DataFrame(columns=["position", "sheet", "row", "layer"])
    tables = {name: getattr(census, name) for name in _TABLES}
    tables[_ORIGINS] = pd.concat(origins) if origins else empty
    for name, table in tables.items():
        typed = table.astype({one: "str" for one in table if _is_text(table[one])})
        pyogrio.write_dataframe(typed, path, layer=name, driver="GPKG")


def _is_text(column: pd.Series) -> bool:
    """Tell whether a column is to be stored as text."""
    return column.dtype == object


def _write_layer(frame: gpd.GeoDataFrame, path: Path, layer: Layer) -> None:
    """Write one canonical layer; plain tables without geometry."""
    if not layer.geometry:
        plain = pd.DataFrame(frame.drop(columns="geometry"))
        pyogrio.write_dataframe(plain, path, layer=layer.name, driver="GPKG")
        return
    kinds = set(frame.geometry.geom_type.dropna())
    kind = kinds.pop() if len(kinds) == 1 else "Unknown"
    if frame.geometry.isna().all():
        kind = layer.geometry[0]
    pyogrio.write_dataframe(
        *(frame, path),
        layer=layer.name,
        driver="GPKG",
        geometry_type=kind,
        promote_to_multi=False,
        use_arrow=True,
    )


def load_census(path: str | Path) -> Census:
    """Read a census that `save_census` wrote.

    Parameters
    ----------
    path
        A GeoPackage.

    Returns
    -------
    Census
        Layers typed as when they were built; ``raw`` is empty.

    Raises
    ------
    SourceError
        If the file is missing or no census.
    """
    path = Path(path)
    if not path.is_file():
        msg = f'"{path}" is not there'
        raise SourceError(msg)
    try:
        names = {str(name) for name, _ in pyogrio.list_layers(path)}
        missing = sorted({*_TABLES, _ORIGINS} - names)
        if missing:
            msg = f"{path.name} is no census: it lacks {', '.join(missing)}"
            raise SourceError(msg)
        known = [one for one in layer_names() if one in names]
        layers = {name: _read_layer(path, load_layer(name)) for name in known}
        tables = {name: pyogrio.read_dataframe(path, layer=name) for name in _TABLES}
        origins = pyogrio.read_dataframe(path, layer=_ORIGINS)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        msg = f"{path.name} cannot be read: {error}"
        raise SourceError(msg) from error
    order = list(tables["sources"]["layer"])
    layers = {name: layers[name] for name in order if name in layers}
    tables["findings"] = tables["findings"].astype({"row": "Int64"})
    return Census(
        layers=layers,
        origins={name: _origin(origins, name) for name in layers},
        raw={},
        **{name: table[list(_TABLES[name])] for name, table in tables.items()},
    )


def _origin(origins: pd.DataFrame, layer: str) -> pd.DataFrame:
    """Return where the rows of one layer stood."""
    rows = origins[origins["layer"] == layer].sort_values("position")
    return rows[["sheet", "row"]].reset_index(drop=True)


def _read_layer(path: Path, layer: Layer) -> gpd.GeoDataFrame:
    """Read one canonical layer with the types of its definition."""
    frame = pyogrio.read_dataframe(path, layer=layer.name)
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(None, frame.index))
    names = [str(one) for one in frame.columns if one in layer.fields]
    typed = {name: _retyped(frame[name], layer[name]) for name in names}
    return gpd.GeoDataFrame(
        typed, geometry=frame.geometry.set_crs(CGCS2000, allow_override=True)
    )


def _retyped(column: pd.Series, field: Field) -> pd.Series:
    """Give a stored column the type of its field."""
    if field.type == "date":
        return pd.to_datetime(column).dt.tz_localize(None).astype("datetime64[ms]")
    kind: Any = _DTYPES.get(field.type, "str")
    typed: pd.Series = column.astype(kind)
    return typed
