"""The census as a folder of GeoParquet files, one a layer, swapped as one."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["read_folder", "read_parquet", "refuse_swollen", "write_folder"]

_SUFFIX = ".parquet"
_LARGEST = 2_000_000_000


def write_folder(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write frames as ``NAME.parquet`` into a folder that takes the old one's place.

    Parameters
    ----------
    folder
        Made where it is missing; replaced as a whole where it is there. The
        old one stands aside under a name that `read_folder` knows until the
        new one is in place, so that a kill at any moment loses neither.
    tables
        By name; those with geometry become GeoParquet.

    Raises
    ------
    SourceError
        If it cannot be written, or holds files that are none of riskmap's.
    """
    part, old = _beside(folder, "part"), _beside(folder, "old")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _mend(folder, old)
        _refuse_foreign(folder)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        for name, frame in tables.items():
            _write(frame, part / f"{name}{_SUFFIX}")
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        if old.exists() and not folder.exists():
            old.rename(folder)
        shutil.rmtree(part, ignore_errors=True)
        msg = f"{folder} cannot be written: {error.strerror or error}"
        raise SourceError(msg) from error


def _beside(folder: Path, kind: str) -> Path:
    """Return the name under which a folder is made, or stands aside."""
    return folder.with_name(f".{folder.name}.{kind}")


def _mend(folder: Path, old: Path) -> None:
    """Finish what a kill between the two renames left half done."""
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _refuse_foreign(folder: Path) -> None:
    """Raise where the folder is not one that was written here."""
    if not folder.exists():
        return
    if not folder.is_dir() or any(one.suffix != _SUFFIX for one in folder.iterdir()):
        msg = f"{folder} holds files that are no census; name another folder"
        raise SourceError(msg)


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Write one table, safely on disk."""
    plain = frame.reset_index(drop=True)
    plain.to_parquet(path, index=False)
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def read_folder(folder: Path) -> dict[str, pd.DataFrame]:
    """Read the tables that `write_folder` wrote.

    Parameters
    ----------
    folder
        The folder; where a kill left only the old one aside, that is read.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name.

    Raises
    ------
    SourceError
        If there is no such folder, or a file in it is unreadable.
    """
    aside = _beside(folder, "old")
    found = aside if aside.exists() and not folder.exists() else folder
    try:
        return {
            one.stem: read_parquet(one) for one in sorted(found.glob(f"*{_SUFFIX}"))
        }
    except (OSError, ValueError, pa.ArrowException) as error:
        msg = f"{folder.name} cannot be read: {' '.join(str(error).split())[:300]}"
        raise SourceError(msg) from error


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file, as a GeoDataFrame where it is GeoParquet.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    pandas.DataFrame
        Its rows.

    Raises
    ------
    SourceError
        If it would unpack to an unreasonable size.
    """
    refuse_swollen(path)
    is_geo = b"geo" in (pq.read_schema(path).metadata or {})
    return gpd.read_parquet(path) if is_geo else pd.read_parquet(path)


def refuse_swollen(path: Path) -> None:
    """Raise where a Parquet file would unpack to over 2 GB.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    SourceError
        If its own account of sizes says so.
    """
    about = pq.read_metadata(path)
    size = sum(
        about.row_group(at).total_byte_size for at in range(about.num_row_groups)
    )
    if size > _LARGEST:
        msg = f"{path.name} would unpack to {size / 1e6:.0f} MB; it is not read"
        raise SourceError(msg)
