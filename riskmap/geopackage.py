"""GeoPackages: written whole or not at all, the same frames the same bytes."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio

from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["write_geopackage"]

_LAST_CHANGE = "2000-01-01T00:00:00.000Z"
_WRITING = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
)
_SIDE_FILES = ("-wal", "-shm", "-journal")


def write_geopackage(path: str | Path, tables: Mapping[str, pd.DataFrame]) -> Path:
    """Write frames as the layers of a GeoPackage.

    The file is written beside the target and then takes its place, so that a
    reader, or a kill at any moment, finds the old file or the new one.

    Parameters
    ----------
    path
        The file to write; replaced if it is there.
    tables
        Layers by name: frames with or without geometry. A layer of mixed
        geometry is stored as such; lists become text.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    SourceError
        If the file cannot be written, or the old one is open elsewhere.
    """
    target = Path(path)
    _release(target)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            draft = Path(folder) / "draft.gpkg"
            with _last_change_held_still():
                for name, frame in tables.items():
                    _write_layer(draft, name, frame)
            os.replace(draft, target)  # noqa: PTH105 (also over a file, on Windows)
    except (OSError, *_WRITING) as error:
        msg = f"{target} cannot be written: {error}"
        raise SourceError(msg) from error
    return target


def _release(target: Path) -> None:
    """Fold the side files of an old file into it, or refuse to replace it."""
    sides = [target.with_name(target.name + tail) for tail in _SIDE_FILES]
    if not any(side.exists() for side in sides):
        return
    try:
        store = sqlite3.connect(target, timeout=1.0)
        try:
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.execute("PRAGMA journal_mode=DELETE")
        finally:
            store.close()
    except sqlite3.Error:
        pass
    if any(side.exists() for side in sides):
        msg = f"{target} is open in another program; close it there and try again"
        raise SourceError(msg)


@contextmanager
def _last_change_held_still() -> Iterator[None]:
    """Make GDAL write one fixed date, so that bytes depend on frames alone."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _LAST_CHANGE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_layer(path: Path, name: str, frame: pd.DataFrame) -> None:
    """Write one layer."""
    options: dict[str, Any] = {"layer": name, "driver": "GPKG", "use_arrow": True}
    if isinstance(frame, gpd.GeoDataFrame):
        kinds = set(frame.geom_type.dropna())
        options["geometry_type"] = kinds.pop() if len(kinds) == 1 else "Unknown"
        options["promote_to_multi"] = False
    pyogrio.write_dataframe(_storable(frame), path, **options)


def _storable(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn texts, lists and mixed cells into text, and keep nulls null."""
    plain = frame.reset_index(drop=True)
    for name in plain.columns.drop("geometry", errors="ignore"):
        column = plain[name]
        if column.dtype == object:
            cells = column.where(column.notna(), None)
            plain[name] = cells.map(str, na_action="ignore").astype("str")
        elif isinstance(column.dtype, pd.StringDtype):
            # Frames joined together hold texts in pieces, each written apart.
            plain[name] = column.astype(object).astype("str")
    return plain
