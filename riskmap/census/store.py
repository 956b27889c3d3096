"""The census as one GeoPackage, written whole or not at all."""

from __future__ import annotations

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
from riskmap.geopackage import write_geopackage

if TYPE_CHECKING:
    from riskmap.census.schema import Field, Layer

__all__ = ["load_census", "save_census"]

_TABLES = {
    "quarantine": QUARANTINE_COLUMNS,
    "findings": FINDING_COLUMNS,
    "sources": SOURCE_COLUMNS,
    "columns": ("layer", "source_column", "field", "how", "score"),
}
_ORIGINS = "origins"
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
    layers = {
        name: _stored(frame, load_layer(name)) for name, frame in census.layers.items()
    }
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
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_geopackage(path, {**layers, **tables})


def _stored(frame: gpd.GeoDataFrame, layer: Layer) -> pd.DataFrame:
    """Return a layer as it is stored: plain tables without geometry."""
    return frame if layer.geometry else pd.DataFrame(frame.drop(columns="geometry"))


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
