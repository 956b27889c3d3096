"""From raw tables to the typed rows of one layer, every row accounted for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.census.fitting import fit_geometry
from riskmap.census.headings import as_table, match_headings, normal_form
from riskmap.census.place import (
    Evidence,
    Placement,
    place_geometries,
    place_numbers,
    read_pairs,
)
from riskmap.census.rows import SERIALS, row_reasons
from riskmap.census.values import empty_column, parse_column
from riskmap.crs import CGCS2000
from riskmap.errors import LayerError, first_few

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from riskmap.census.headings import Heading
    from riskmap.census.ledger import Ledger
    from riskmap.census.raw import RawTable
    from riskmap.census.schema import Layer

__all__ = ["QUARANTINE_COLUMNS", "Part", "part_of_table"]

QUARANTINE_COLUMNS = ("layer", "source", "sheet", "row", "raw", "reason")


@dataclass(slots=True)
class Part:
    """The rows of one layer as understood so far.

    Attributes
    ----------
    layer
        Its definition.
    frame
        Accepted rows, EPSG:4490, RangeIndex.
    origin
        ``row``, ``sheet``, ``raw`` (a callable's arguments) of each of them.
    ledger
        What there is to say.
    quarantine
        Rows of `QUARANTINE_COLUMNS` that are not accepted.
    read
        How many records the source held.
    headings
        The columns as matched.
    """

    layer: Layer
    frame: gpd.GeoDataFrame
    origin: pd.DataFrame
    ledger: Ledger
    tables: list[RawTable]
    quarantine: list[tuple[object, ...]] = field(default_factory=list)
    read: int = 0
    headings: list[Heading] = field(default_factory=list)
    _places: tuple[list[int], list[str | None]] | None = None

    def heading(self, name: str) -> str:
        """Return the source's heading of a field, its label where it has none."""
        for one in self.headings:
            if one.field == name:
                return one.source
        return self.layer[name].label

    def has(self, name: str) -> bool:
        """Tell whether the source has a column for a field."""
        return any(one.field == name for one in self.headings)

    def note(self, rule: str, at: int, column: str | None, **words: object) -> None:
        """Note a finding on an accepted row; `column` is a field or None."""
        label = None if column is None else self.layer[column].label
        rows, sheets = self._rows_and_sheets()
        self.ledger.add(
            rule,
            row=rows[at],
            sheet=sheets[at],
            column=None if column is None else self.heading(column),
            **{"label": label, **words},
        )

    def row(self, at: int) -> int:
        """Return where an accepted row stands in its source."""
        return self._rows_and_sheets()[0][at]

    def cell(self, name: str, at: int) -> Any:  # noqa: ANN401
        """Return the value of a field in an accepted row."""
        return self.frame[name].array[at]

    def _rows_and_sheets(self) -> tuple[list[int], list[str | None]]:
        """Return row and sheet of every accepted row as plain lists."""
        if self._places is None or len(self._places[0]) != len(self.origin):
            sheets = self.origin["sheet"].astype(object)
            known = sheets.where(sheets.notna(), None).tolist()
            self._places = (self.origin["row"].tolist(), known)
        return self._places

    def columns(self) -> pd.DataFrame:
        """Return which source column is which field."""
        return as_table(self.headings)

    def set_aside(self, which: NDArray[np.bool_], reason: str) -> None:
        """Move accepted rows to the quarantine."""
        for at in np.flatnonzero(which):
            origin = self.origin.iloc[at]
            table = self.tables[origin["table"]]
            self._keep_raw(table, int(origin["position"]), reason)
        self.frame = self.frame[~which].reset_index(drop=True)
        self.origin = self.origin[~which].reset_index(drop=True)
        self._places = None

    def _keep_raw(self, table: RawTable, position: int, reason: str) -> None:
        """Write one raw row to the quarantine."""
        self.quarantine.append(
            (
                *(self.layer.name, table.source, table.sheet),
                *(int(table.rows[position]), table.raw_row(position), reason),
            )
        )


def part_of_table(
    tables: list[RawTable],
    layer: Layer,
    *,
    pinned: Mapping[str, str],
    evidence: Evidence,
    ledger: Ledger,
) -> Part:
    """Understand the raw tables of one source.

    Parameters
    ----------
    tables
        The sheets of one source.
    layer
        What they should hold.
    pinned
        Source heading to field.
    evidence
        What is known about the place.
    ledger
        Takes the findings.

    Returns
    -------
    Part
        Typed rows with positions; ids and duplicates are yet to be looked at.

    Raises
    ------
    LayerError
        If not one heading is known.
    """
    parts = [
        _one(table, at, layer, pinned=pinned, evidence=evidence, ledger=ledger)
        for at, table in enumerate(tables)
    ]
    whole = parts[0]
    whole.tables = tables
    for one in parts[1:]:
        whole.quarantine += one.quarantine
        whole.read += one.read
        known = {had.source for had in whole.headings}
        whole.headings += [new for new in one.headings if new.source not in known]
    if len(parts) > 1:
        frames = [one.frame for one in parts]
        whole.frame = pd.concat(frames, ignore_index=True)
        whole.origin = pd.concat([one.origin for one in parts], ignore_index=True)
    return whole


def _one(
    table: RawTable,
    number: int,
    layer: Layer,
    *,
    pinned: Mapping[str, str],
    evidence: Evidence,
    ledger: Ledger,
) -> Part:
    """Understand one raw table."""
    headings = match_headings(table.headings, layer, codes=table.codes, pinned=pinned)
    _note_headings(headings, table, layer, ledger=ledger)
    reasons = row_reasons(table, headings)
    keep = np.flatnonzero(reasons == None)  # noqa: E711
    origin = pd.DataFrame(
        {
            "row": table.rows[keep],
            "sheet": table.sheet,
            "table": number,
            "position": keep,
        }
    )
    part = Part(layer, gpd.GeoDataFrame(), origin, ledger, [table], [], len(table))
    part.headings = list(headings)
    for at in np.flatnonzero(reasons != None):  # noqa: E711
        part._keep_raw(table, int(at), str(reasons[at]).partition(":")[0])  # noqa: SLF001
        _note_reason(table, int(at), str(reasons[at]), ledger=ledger)
    parsed = _parsed(part, table, keep)
    geometry = _placed(part, table, keep, parsed=parsed, evidence=evidence)
    columns = {
        name: parsed[name] if name in parsed else empty_column(len(keep), layer[name])
        for name in layer.fields
        if name in layer.columns or (name in parsed and not layer[name].is_place)
    }
    part.frame = gpd.GeoDataFrame(
        columns, geometry=gpd.GeoSeries(geometry, crs=CGCS2000), crs=CGCS2000
    )
    return part


def _note_headings(
    headings: tuple[Heading, ...], table: RawTable, layer: Layer, *, ledger: Ledger
) -> None:
    """Refuse a table of which nothing is known; name guesses and lacks."""
    found = {one.field for one in headings}
    if found == {None} and (table.geometry is None or len(headings) > 1):
        msg = (
            f'{table.source}: no column of "{layer.name}" ({layer.label}) is known '
            f"among {first_few([one.source for one in headings], most=8)}; "
            "name them in columns"
        )
        raise LayerError(msg)
    for one in headings:
        words: dict[str, Any] = {"column": one.source, "value": one.source}
        words["sheet"] = table.sheet
        if one.how == "fuzzy" and one.field:
            label = layer[one.field].label
            ledger.add("fuzzy_column", **words, label=label, score=one.score)
        elif one.field is None and normal_form(one.source) not in SERIALS:
            ledger.add("unmatched_column", **words)
    for lacking in layer.fields.values():
        if lacking.required and lacking.name not in found | {layer.key}:
            words = {"column": lacking.label, "label": lacking.label}
            ledger.add("missing_column", sheet=table.sheet, **words)


def _note_reason(table: RawTable, at: int, reason: str, *, ledger: Ledger) -> None:
    """Note why a row is no record."""
    rule, _, first = reason.partition(":")
    ledger.add(rule, row=int(table.rows[at]), sheet=table.sheet, first=first)


def _parsed(
    part: Part, table: RawTable, keep: NDArray[np.int64]
) -> dict[str, pd.Series]:
    """Read the cells of every known column."""
    parsed: dict[str, pd.Series] = {}
    for place, one in enumerate(part.headings):
        if one.field is None or one.field == "lonlat":
            continue
        field = part.layer[one.field]
        cells = table.columns[place][keep]
        parsed[one.field], issues = parse_column(cells, field, one.unit)
        for at, rule in issues:
            part.note(
                *(rule, at, one.field),
                value=cells[at],
                domain="、".join(field.domain) or "是、否",
                read=parsed[one.field].iloc[at],
            )
    return parsed


def _placed(
    part: Part,
    table: RawTable,
    keep: NDArray[np.int64],
    *,
    parsed: dict[str, pd.Series],
    evidence: Evidence,
) -> NDArray[np.object_]:
    """Find the position of every row."""
    own = None
    if table.geometry is not None:
        own = place_geometries(table.geometry[keep], table.crs, evidence)
    numbers = _numbers(part, table, keep, parsed=parsed, evidence=evidence)
    placed = own or numbers or Placement(np.full(len(keep), None, dtype=object))
    if own is not None and numbers is not None:
        lacking = shapely.is_missing(own.geometry)
        own.geometry[lacking] = numbers.geometry[lacking]
    for rule, words in placed.notes:
        part.ledger.add(rule, sheet=table.sheet, **words)
    for at, rule, words in placed.issues:
        column = next((one for one in ("lon", "easting", "x") if part.has(one)), None)
        part.note(rule, at, column, **words)
    return fit_geometry(part, placed.geometry)


def _numbers(
    part: Part,
    table: RawTable,
    keep: NDArray[np.int64],
    *,
    parsed: dict[str, pd.Series],
    evidence: Evidence,
) -> Placement | None:
    """Place rows by their columns of coordinates; None where there are none."""
    for east, north in (("lon", "lat"), ("easting", "northing"), ("x", "y")):
        if east in parsed and north in parsed:
            return place_numbers(
                parsed[east].to_numpy(float), parsed[north].to_numpy(float), evidence
            )
    if not part.has("lonlat"):
        return None
    cells = table.column(part.heading("lonlat"))[keep]
    first, second, bad = read_pairs(cells)
    for at in bad:
        part.note("bad_coordinate", at, "lonlat", value=cells[at])
    return place_numbers(first, second, evidence)
