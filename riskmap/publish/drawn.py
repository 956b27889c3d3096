"""What was drawn before and has not changed is not drawn again.

The products of a village or township are kept under a digest of all that they
show, and of the code and fonts that draw them. A run that was cut off goes on
where it was; a run on new data draws only what looks different.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from riskmap.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

__all__ = ["STORE", "content_digest", "keep", "prune", "take"]

STORE = ".drawn"
"""The folder beside the site where finished products are kept."""

_PART = ".part-"
_DIGITS = 32
_DRAWN_WITH = ("riskmap", "matplotlib", "folium", "pillow", "shapely")
_DRAWN_BY = (".py", ".toml", ".js", ".css", ".html", ".ttf", ".otf", ".woff2")


def content_digest(*contents: object) -> str:
    """Return a digest of all that products show, and of what draws them.

    Parameters
    ----------
    *contents
        Dataclasses, frames, arrays, mappings, sequences, paths (by the content
        of their files) and scalars, nested at will.

    Returns
    -------
    str
        32 hexadecimal digits; equal contents give equal digests.

    Raises
    ------
    TypeError
        If something is none of these, since it could change unseen.
    """
    found = hashlib.sha256(_code_digest().encode())
    for one in contents:
        _feed(found.update, one)
    return found.hexdigest()[:_DIGITS]


def take(store: Path, key: str, folder: Path) -> bool:
    """Put what is kept under a digest into a folder.

    Parameters
    ----------
    store
        Where finished products are kept.
    key
        From `content_digest`.
    folder
        Where they go; made where it is missing.

    Returns
    -------
    bool
        False if nothing is kept under it.
    """
    kept = store / key
    if not kept.is_dir():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(kept.iterdir()):
        _same_file(file, folder / file.name)
    return True


def keep(store: Path, key: str, draw: Callable[[Path], None]) -> None:
    """Draw products and keep them under a digest, whole or not at all.

    Parameters
    ----------
    store
        Where finished products are kept; made where it is missing.
    key
        From `content_digest`.
    draw
        Writes the products into the folder that it is given.

    Raises
    ------
    SourceError
        If the folder cannot be written to.
    RiskmapError
        As `draw` does.
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=_PART, dir=store))
    except OSError as error:
        msg = f"{store} cannot be written to: {error.strerror or error}"
        raise SourceError(msg) from error
    try:
        draw(part)
        if not (store / key).is_dir():
            part.replace(store / key)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def prune(store: Path, used: Collection[str]) -> None:
    """Drop what is kept and was not used, and what a killed run left behind.

    Parameters
    ----------
    store
        Where finished products are kept.
    used
        The digests that stay.
    """
    for one in _folders(store):
        if one.name not in used:
            shutil.rmtree(one, ignore_errors=True)


def _folders(store: Path) -> Iterable[Path]:
    """Give the folders of a store, which may not be there."""
    return list(store.iterdir()) if store.is_dir() else []


def _same_file(file: Path, target: Path) -> None:
    """Let two names lead to one file; where the disk cannot, copy it."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


@cache
def _code_digest() -> str:
    """Return a digest of the code, words, styles and fonts that draw."""
    found = hashlib.sha256()
    for library in _DRAWN_WITH:
        found.update(f"{library} {metadata.version(library)}".encode())
    root = Path(str(resources.files("riskmap.publish")))
    for file in sorted(root.rglob("*")):
        if file.suffix in _DRAWN_BY:
            found.update(file.relative_to(root).as_posix().encode())
            found.update(file.read_bytes())
    return found.hexdigest()


@cache
def _file_digest(path: Path) -> bytes:
    """Return the digest of a file, read once in a run."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def _feed(update: Callable[[bytes], None], value: Any) -> None:  # noqa: ANN401
    """Add a value to a digest, with its kind, so that "1" differs from 1."""
    update(f"<{type(value).__name__}>".encode())
    if isinstance(value, pd.DataFrame):
        _feed_frame(update, value)
    elif isinstance(value, Mapping):
        _feed_all(update, (part for key in value for part in (key, value[key])))
    elif isinstance(value, list | tuple):
        _feed_all(update, value)
    elif is_dataclass(value):
        _feed_all(update, (getattr(value, one.name) for one in fields(value)))
    else:
        update(_scalar(value))


def _feed_all(update: Callable[[bytes], None], values: Iterable[object]) -> None:
    """Add values one by one, and their end."""
    for one in values:
        _feed(update, one)
    update(b"<end>")


def _feed_frame(update: Callable[[bytes], None], frame: pd.DataFrame) -> None:
    """Add a frame: CRS, index, and column by column."""
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name:
        _feed(update, frame.crs)
    _feed_all(update, frame.index)
    for name, column in frame.items():
        _feed(update, name)
        _feed_all(update, column)


def _scalar(value: object) -> bytes:
    """Return what a scalar is, as bytes."""
    match value:
        case shapely.Geometry():
            return shapely.to_wkb(value)
        case Path():
            return _file_digest(value)
        case np.ndarray():
            return f"{value.dtype}{value.shape}".encode() + value.tobytes()
        case pyproj.CRS():
            return value.to_wkt().encode()
        case None | str() | int() | float() | np.generic():
            return str(value).encode("utf-8", "surrogatepass")
    if value is pd.NA or value is pd.NaT or hasattr(value, "isoformat"):
        return str(value).encode()
    msg = f"a {type(value).__name__} has no digest"
    raise TypeError(msg)
