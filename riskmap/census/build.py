"""A whole census: all layers of a county, checked against each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.census.codes import successors_of
from riskmap.census.join import check_villages, fill_villages
from riskmap.census.ledger import FINDING_COLUMNS
from riskmap.census.part import QUARANTINE_COLUMNS
from riskmap.census.place import Evidence
from riskmap.census.read import bounds_of, day_of, read_part
from riskmap.census.relations import check_offsets, check_relations
from riskmap.census.schema import load_layer
from riskmap.census.sources import crs_from

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import geopandas as gpd
    import pyproj

    from riskmap.census.join import Placed
    from riskmap.census.offset import Offset
    from riskmap.census.part import Part
    from riskmap.census.raw import RawTable
    from riskmap.census.sources import Source

__all__ = ["Census", "build_census"]

_FIRST = ("code_changes", "villages", "townships", "roads")
SOURCE_COLUMNS = (
    *("layer", "source", "read", "accepted", "quarantined"),
    *("placed_by_id", "placed_by_name", "unplaced", "offset"),
)


@dataclass(frozen=True, slots=True)
class Census:
    """The layers of a county and the account of how they came about.

    Attributes
    ----------
    layers
        Canonical layer to its accepted rows, EPSG:4490.
    findings
        What to correct; columns of the contract's ``findings.csv``.
    quarantine
        ``layer, source, sheet, row, raw, reason``: rows not accepted.
    sources
        ``layer, source, read, accepted, quarantined, placed_by_id,
        placed_by_name, unplaced, offset``; read is accepted + quarantined.
    columns
        ``layer, source_column, field, how, score``: headings as understood.
    origins
        Canonical layer to ``sheet`` and ``row`` of its rows, by their index.
    raw
        Canonical layer to its tables as read, for the ledger's copies.
    """

    layers: Mapping[str, gpd.GeoDataFrame]
    findings: pd.DataFrame
    quarantine: pd.DataFrame
    sources: pd.DataFrame
    columns: pd.DataFrame
    origins: Mapping[str, pd.DataFrame]
    raw: Mapping[str, tuple[RawTable, ...]]

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        """Return the accepted rows of a layer."""
        return self.layers[layer]

    def _repr_html_(self) -> str:
        """Show the account of rows and the findings by rule as tables."""
        counts = self.findings.groupby(["layer", "severity", "rule"]).size()
        shown: str = self.sources.to_html(index=False)
        return shown + counts.rename("count").reset_index().to_html(index=False)


def build_census(
    sources: Mapping[str, Source],
    *,
    as_of: str | dt.date,
    crs: str | int | pyproj.CRS | None = None,
) -> Census:
    """Read all layers of a county and check them against each other.

    Parameters
    ----------
    sources
        Canonical layer to its source.
    as_of
        The day that ages are counted to; the only "today".
    crs
        The project's CRS: what metric coordinates without a zone may be in.
        Village outlines, where known, decide.

    Returns
    -------
    Census
        Every row read is in a layer or in the quarantine.

    Raises
    ------
    LayerError
        If a layer is unknown, `as_of` is no day, or no heading of a source fits.
    SourceError
        If a source is missing or unreadable.
    CrsError
        If a CRS is not known.
    """
    for layer in sources:
        load_layer(layer)
    day = day_of(as_of)
    near = Evidence(crs=crs_from(crs))
    order = [one for one in _FIRST if one in sources]
    order += [one for one in sources if one not in order]
    parts: dict[str, Part] = {}
    placed: dict[str, Placed] = {}
    for layer in order:
        read = read_part(sources[layer], layer, as_of=day, near=near)
        parts[layer], placed[layer] = read
        near = _nearer(near, layer, parts[layer].frame)
    if "villages" in parts:
        for part in parts.values():
            fill_villages(part, parts["villages"].frame, near.successors)
            check_villages(part, parts["villages"].frame)
    check_relations(parts, as_of=day)
    offsets = check_offsets(parts)
    return _census({one: parts[one] for one in sources}, placed, offsets)


def _nearer(near: Evidence, layer: str, frame: gpd.GeoDataFrame) -> Evidence:
    """Add what a layer tells of the county."""
    if layer == "code_changes":
        near = replace(near, successors=successors_of(frame))
    if layer == "villages":
        near = replace(near, villages=frame)
    if near.bounds is None and layer in {"villages", "townships"}:
        near = replace(near, bounds=bounds_of(frame))
    return near


def _census(
    parts: Mapping[str, Part],
    placed: Mapping[str, Placed],
    offsets: Mapping[str, Offset],
) -> Census:
    """Put the parts together."""
    findings = [part.ledger.frame() for part in parts.values()]
    aside = [row for part in parts.values() for row in part.quarantine]
    quarantine = pd.DataFrame(aside, columns=list(QUARANTINE_COLUMNS))
    columns = [
        part.columns().rename(columns={"source": "source_column"}).assign(layer=name)
        for name, part in parts.items()
    ]
    names = ["layer", "source_column", "field", "how", "score"]
    return Census(
        layers={name: part.frame for name, part in parts.items()},
        findings=_joined(findings, list(FINDING_COLUMNS)),
        quarantine=quarantine,
        sources=_account(parts, placed, offsets),
        columns=_joined(columns, names),
        origins={name: part.origin[["sheet", "row"]] for name, part in parts.items()},
        raw={name: tuple(part.tables) for name, part in parts.items()},
    )


def _joined(frames: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Put frames under each other; empty ones keep the columns."""
    filled = [one for one in frames if len(one)] or frames[:1]
    if not filled:
        return pd.DataFrame(columns=columns)
    return pd.concat(filled, ignore_index=True)[columns]


def _account(
    parts: Mapping[str, Part],
    placed: Mapping[str, Placed],
    offsets: Mapping[str, Offset],
) -> pd.DataFrame:
    """Count what became of every row of every source."""
    rows = []
    for name, part in parts.items():
        how = placed[name]
        offset = offsets[name].verdict if name in offsets else None
        rows.append(
            (
                *(name, part.ledger.source, part.read),
                *(len(part.frame), len(part.quarantine)),
                *(how.by_id, how.by_name, how.unplaced, offset),
            )
        )
    return pd.DataFrame(rows, columns=list(SOURCE_COLUMNS))
