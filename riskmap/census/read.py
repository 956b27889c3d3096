"""One source to one layer: accepted rows, findings, and the accounting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.census.checks import check_rows
from riskmap.census.codes import merged_outlines, renew_codes
from riskmap.census.identity import find_namesakes, identify
from riskmap.census.join import join_places
from riskmap.census.ledger import Ledger
from riskmap.census.part import part_of_table
from riskmap.census.place import Evidence
from riskmap.census.schema import load_layer
from riskmap.census.sources import Source, crs_from, read_raw, source_name
from riskmap.crs import bd09_to_wgs84, gcj02_to_wgs84
from riskmap.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pyproj

    from riskmap.census.join import Placed
    from riskmap.census.part import Part

__all__ = ["bounds_of", "check_census", "day_of", "read_census", "read_part"]

_OF_PLACES = frozenset(
    [
        "encoding_gbk",
        "bad_encoding",
        "crs_unstated",
        "crs_from_prefix",
        "zone_unstated",
        "zone_unknown",
        "datum_untold",
        "datum_ballpark",
        "datum_changed",
        "swapped_lonlat",
        "bad_coordinate",
        "zero_coordinate",
        "far_away",
        "bad_geometry",
        "wrong_geometry",
    ]
)


def read_part(
    source: Source,
    layer: str,
    *,
    as_of: pd.Timestamp | None = None,
    near: Evidence | None = None,
) -> tuple[Part, Placed]:
    """Read one source of one layer, without looking at other layers.

    Parameters
    ----------
    source
        The file and what is known about it.
    layer
        A canonical layer.
    as_of
        The day that ages are counted to.
    near
        Bounds of the county and the project's CRS; None for unknown.

    Returns
    -------
    Part
        Rows, findings and quarantine.
    Placed
        How rows got their positions.

    Raises
    ------
    LayerError
        If the layer is unknown, or rows were lost.
    SourceError
        If the source cannot be read.
    """
    definition = load_layer(layer)
    ledger = Ledger(layer, source_name(source.path))
    near = near or Evidence()
    tables = read_raw(source, definition, ledger, villages=near.villages)
    stated = crs_from(source.crs)
    evidence = Evidence(
        bounds=near.bounds,
        crs=near.crs if stated is None else stated,
        stated=stated is not None,
        successors=near.successors,
        villages=near.villages,
    )
    part = part_of_table(
        *(tables, definition),
        pinned=source.columns,
        evidence=evidence,
        ledger=ledger,
    )
    identify(part)
    _unshift(part, source.shift)
    _assume(part, source.assumed)
    renew_codes(part, near.successors, _codes(near.villages))
    placed = join_places(part, _places(source, layer, evidence, ledger=ledger))
    find_namesakes(part)
    check_rows(part, as_of=as_of)
    _account(part)
    return part, placed


def _codes(villages: gpd.GeoDataFrame | None) -> frozenset[str]:
    """Return the codes of the list of villages; none where there is no list."""
    return frozenset() if villages is None else frozenset(villages["village_code"])


def _places(
    source: Source, layer: str, evidence: Evidence, *, ledger: Ledger
) -> gpd.GeoDataFrame | None:
    """Read the spatial layer that gives positions; None for none.

    Of its findings, those about encoding and position are the layer's too.
    """
    if source.places is None:
        return None
    near = replace(evidence, stated=False)
    part, _ = read_part(Source(source.places), layer, near=near)
    ledger.extend(part.ledger, rules=_OF_PLACES)
    if layer != "villages":
        return part.frame
    outlines, count = merged_outlines(part.frame, evidence.successors)
    if count:
        ledger.add("outline_merged", count=count)
    return outlines


def _unshift(part: Part, shift: str | None) -> None:
    """Undo the shift of a web map where the project asks for it."""
    if shift is None:
        return
    undo = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}[shift]
    part.frame = undo(part.frame)
    count = int(part.frame.geometry.notna().sum())
    names = {"gcj02": "GCJ-02", "bd09": "BD-09"}
    part.ledger.add("shifted", count=count, system=names[shift])


def _assume(part: Part, assumed: Mapping[str, str | float | bool]) -> None:
    """Fill blank cells with what the project assumes, and say how many."""
    for name, value in assumed.items():
        if name not in part.layer.columns:
            known = ", ".join(part.layer.columns)
            msg = f'{part.layer.name} has no field "{name}" to assume; it has {known}'
            raise LayerError(msg)
        blank = part.frame[name].isna()
        part.frame[name] = part.frame[name].where(~blank, value)
        part.ledger.add(
            "assumed_value",
            column=part.heading(name),
            value=value,
            label=part.layer[name].label,
            count=int(blank.sum()),
        )


def _account(part: Part) -> None:
    """Raise where a row is neither accepted nor in the quarantine."""
    kept, aside = len(part.frame), len(part.quarantine)
    if part.read != kept + aside or kept != len(part.origin):
        msg = (
            f"{part.ledger.source}: {part.read} rows were read but {kept} accepted "
            f"and {aside} set aside; please report this"
        )
        raise LayerError(msg)


def _source_of(source: Any, layer: str, options: Mapping[str, Any]) -> Source:  # noqa: ANN401
    """Make a Source of what a caller gives."""
    if isinstance(source, Source):
        return source
    if not isinstance(source, str | Path | pd.DataFrame):
        msg = (
            f"the source of {layer} is a {type(source).__name__}; "
            "give a path or a frame"
        )
        raise LayerError(msg)
    return Source(source, **options)


def read_census(
    source: str | Path | pd.DataFrame | Source,
    layer: str,
    *,
    sheet: str | None = None,
    crs: str | int | pyproj.CRS | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    places: str | Path | pd.DataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Read a table as it came and return its accepted rows.

    Parameters
    ----------
    source
        Workbook, text table, vector file, FileGDB folder, or a frame.
    layer
        The canonical layer that it holds, for example ``"shelters"``.
    sheet
        The one sheet or layer to read; None for those whose headings fit.
    crs
        The CRS of its coordinates, where the file does not say.
    columns
        Source heading to canonical field, where matching needs help.
    encoding
        Of its text; None for: byte order mark, UTF-8, GB 18030.
    places
        A spatial layer for rows without coordinates, joined by id, then by
        name within the village.

    Returns
    -------
    geopandas.GeoDataFrame
        The layer's columns in EPSG:4490, one row an accepted record. What is
        unknown is null, never zero: positions None, numbers NaN or NA.

    Raises
    ------
    LayerError
        If the layer is unknown or not one heading fits it.
    SourceError
        If the source is missing or unreadable.
    CrsError
        If `crs` is not known.

    See Also
    --------
    check_census : What was found wrong on the way.
    """
    options: dict[str, Any] = {"sheet": sheet, "crs": crs, "columns": columns or {}}
    options |= {"encoding": encoding, "places": places}
    part, _ = read_part(_source_of(source, layer, options), layer)
    return part.frame


def check_census(
    source: str | Path | pd.DataFrame | Source,
    layer: str,
    *,
    as_of: str | None = None,
    sheet: str | None = None,
    crs: str | int | pyproj.CRS | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    places: str | Path | pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Read a table and return what is wrong with it.

    Parameters
    ----------
    source
        A file or a frame; see `read_census`.
    layer
        The canonical layer that it holds.
    as_of
        The day, ISO, that ages are counted to; None leaves ages out.
    sheet, crs, columns, encoding, places
        As in `read_census`.

    Returns
    -------
    pandas.DataFrame
        One row a finding: ``layer, source, sheet, row, column, rule, severity
        (error, warning, info), value, message, suggestion``. Rows are counted
        as a spreadsheet counts them, features from 1.

    Raises
    ------
    LayerError
        If the layer is unknown or not one heading fits it.
    SourceError
        If the source is missing or unreadable.
    CrsError
        If `crs` is not known.
    """
    options: dict[str, Any] = {"sheet": sheet, "crs": crs, "columns": columns or {}}
    options |= {"encoding": encoding, "places": places}
    day = None if as_of is None else day_of(as_of)
    part, _ = read_part(_source_of(source, layer, options), layer, as_of=day)
    return part.ledger.frame()


def day_of(text: object) -> pd.Timestamp:
    """Return the day that a text names.

    Raises
    ------
    LayerError
        If it names none.
    """
    try:
        day = pd.Timestamp(str(text))
    except ValueError as error:
        msg = f'as_of "{text}" is no day; write it like "2024-06-01"'
        raise LayerError(msg) from error
    if str(day) == "NaT":
        msg = f'as_of "{text}" is no day; write it like "2024-06-01"'
        raise LayerError(msg)
    return day.tz_localize(None).normalize()


def bounds_of(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of a frame; None without geometry."""
    if frame.empty:
        return None
    west, south, east, north = (float(one) for one in frame.total_bounds)
    known = np.isfinite([west, south, east, north]).all()
    return (west, south, east, north) if known else None
