"""Shapefiles as they are sent: GBK, packed, cut short, without .shx, .prj, .cpg."""

from __future__ import annotations

import shutil
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyogrio

from riskmap.errors import SourceError

if TYPE_CHECKING:
    import pandas as pd

    from riskmap.census.ledger import Ledger

__all__ = ["copy_shapefiles", "read_shapefile"]

_SIDE_FILES = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SHP_HEADER, _DBF_HEADER = 100, 32


def copy_shapefiles(path: Path, folder: Path) -> list[Path]:
    """Copy a shapefile and what belongs to it, packed or not, to a folder.

    The copy lets GDAL rebuild a missing .shx without touching the source.

    Parameters
    ----------
    path
        A .shp, .dbf or .zip file.
    folder
        An empty one.

    Returns
    -------
    list of Path
        The .shp files there, else the .dbf files, else the FileGDBs of a ZIP.

    Raises
    ------
    SourceError
        If there is none, or one is cut short.
    """
    if path.suffix.lower() == ".zip":
        _unpack(path, folder)
    else:
        for one in path.parent.iterdir():
            same = one.stem.lower() == path.stem.lower() and one.is_file()
            if same and one.suffix.lower() in _SIDE_FILES:
                shutil.copyfile(one, folder / (path.stem + one.suffix.lower()))
    found = sorted(folder.rglob("*.shp")) or sorted(folder.rglob("*.dbf"))
    found = found or sorted(folder.rglob("*.gdb"))
    if not found:
        msg = f"{path.name} is not there, or holds no shapefile"
        raise SourceError(msg)
    for one in found:
        _refuse_cut_short(one, path.name)
        _mend_prj(one.with_suffix(".prj"))
    return found


def _unpack(path: Path, folder: Path) -> None:
    """Unpack shapefiles and FileGDBs, whatever the names say of other folders."""
    places: dict[Path, Path] = {}
    with zipfile.ZipFile(path) as packed:
        for member in packed.infolist():
            name = Path(member.filename)
            is_gdb = name.parent.suffix.lower() == ".gdb"
            if not (is_gdb or name.suffix.lower() in _SIDE_FILES):
                continue
            number = len(places)
            inner = f"{number}.gdb" if is_gdb else str(number)
            place = places.setdefault(name.parent, folder / inner)
            place.mkdir(exist_ok=True)
            end = name.suffix if is_gdb else name.suffix.lower()
            with packed.open(member) as source:
                (place / (name.stem + end)).write_bytes(source.read())


def _refuse_cut_short(path: Path, shown: str) -> None:
    """Raise where a file is shorter than its header says."""
    for one in (path.with_suffix(".shp"), path.with_suffix(".dbf")):
        if not one.is_file():
            continue
        with one.open("rb") as stream:
            data = stream.read(_SHP_HEADER)
        stated = _stated_size(one.suffix, data)
        if one.stat().st_size < stated:
            msg = (
                f"{shown} is cut short: its {one.suffix} should have {stated} bytes "
                f"and has {one.stat().st_size}; send it again"
            )
            raise SourceError(msg)


def _stated_size(suffix: str, data: bytes) -> int:
    """Return how long a file says it is; 0 where it does not."""
    if suffix == ".shp":
        return 2 * int.from_bytes(data[24:28], "big") if len(data) >= 28 else 0  # noqa: PLR2004
    if len(data) < _DBF_HEADER:
        return 0
    records, head, width = struct.unpack("<IHH", data[4:12])
    return int(head + records * width)


def _mend_prj(path: Path) -> None:
    """Write a .prj with Chinese names as UTF-8; remove one that is no text."""
    if not path.is_file():
        return
    data = path.read_bytes()
    for codec in ("utf-8", "gb18030"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        path.write_text(text, encoding="utf-8")
        return
    path.unlink()


def read_shapefile(path: Path, encoding: str | None, ledger: Ledger) -> pd.DataFrame:
    """Read one shapefile in its encoding, with or without .shx, .prj, .cpg.

    Parameters
    ----------
    path
        A copy of it.
    encoding
        Of its text; None for its .cpg, else UTF-8, else GB 18030.
    ledger
        Where the choice of encoding is noted.

    Returns
    -------
    pandas.DataFrame
        Its rows.
    """
    if path.suffix == ".shp" and not path.with_suffix(".shx").exists():
        before = pyogrio.get_gdal_config_option("SHAPE_RESTORE_SHX")
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        try:
            pyogrio.read_info(path, encoding="ISO-8859-1")  # opening rebuilds it
        finally:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": before})
    if encoding is not None:
        return _read(path, encoding=encoding)
    stated = path.with_suffix(".cpg")
    named = stated.read_text("ascii", "ignore").strip() if stated.exists() else ""
    for codec in filter(None, (_codec(named), "utf-8", "gb18030")):
        try:
            frame = _read(path, encoding=codec)
        except UnicodeDecodeError:
            continue
        if codec == "gb18030" and not _codec(named):
            ledger.add("encoding_gbk")
        return frame
    ledger.add("bad_encoding", encoding="ISO-8859-1")
    return _read(path, encoding="ISO-8859-1")


def _read(path: Path, **options: str) -> pd.DataFrame:
    """Read the one layer of a file."""
    frame: pd.DataFrame = pyogrio.read_dataframe(path, **options)
    return frame


def _codec(named: str) -> str | None:
    """Return the codec that a .cpg file names; GBK is read as its superset."""
    name = named.lower().replace("oem", "").replace("ansi", "").strip(" :")
    if name in {"936", "gbk", "gb2312", "cp936", "gb18030"}:
        return "gb18030"
    try:
        "".encode(name or "?")
    except LookupError:
        return None
    return name
