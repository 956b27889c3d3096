"""What one map is, whatever medium shows it.

`riskmap.publish.compose` builds a `MapSpec` from frames; `riskmap.publish.web`
draws it as a page and `riskmap.publish.sheet` on paper. Both read the same
layers, tables and words, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd
    import pyproj

__all__ = ["Imprint", "MapLayer", "MapSpec", "Product", "Table"]

Product = Literal["risk", "route", "situation"]
Emphasis = Literal["hero", "context", "base"]


@dataclass(frozen=True, slots=True)
class MapLayer:
    """One layer of a map, ready to be drawn.

    Parameters
    ----------
    key
        The name of the layer, unique in the map and stable: ``"risk_zones"``,
        ``"routes"``. Styles and web controls go by it.
    label
        The Chinese name in the legend and in the layer switch.
    kind
        What the geometries are: ``"area"``, ``"line"``, ``"point"``, or
        ``"route"`` (a line drawn with arrows in the order of its vertices).
    frame
        Geometry in any CRS, and these columns: ``style`` (text: an entry of
        styles.toml, which fixes symbol, colours and line), ``label`` (text or
        null: printed beside the symbol), ``priority`` (integer: a label of a
        higher one wins its place), ``popup`` (list of (heading, text) pairs,
        or null), ``legend`` (text or null: the legend entry of this row), and
        ``key`` (text: ties a route to its group's row in the tables). Where
        given, ``number`` (text or null: printed in the symbol of a group and in
        circles along a route), ``size`` (a factor of the symbol's size) and
        ``goal`` (text or null: where a route leads).
    emphasis
        ``"hero"`` for what the map is about, ``"context"``, or ``"base"``.
    visible
        Whether a page shows the layer at first.
    """

    key: str
    label: str
    kind: Literal["area", "line", "point", "route"]
    frame: gpd.GeoDataFrame
    emphasis: Emphasis = "context"
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """One table beside a map: duties, transfer, warning signals, numbers.

    Parameters
    ----------
    key
        ``"duty"``, ``"transfer"``, ``"signals"``, ``"emergency"``, ``"legs"``.
    title
        The Chinese title.
    frame
        Text cells under Chinese headings, ready to print; for ``"transfer"``
        the index is the key of the route it tells of.
    note
        A line printed below, or None.
    """

    key: str
    title: str
    frame: pd.DataFrame
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Imprint:
    """The words at the foot of a map that say whose it is and how far to trust it.

    Parameters
    ----------
    data_date
        The date of the data, ISO.
    version
        The version of the publication, for example ``"2026-04-15"``.
    producer
        Who made it; None prints as not stated.
    source
        Where the data came from.
    review_number
        The map review number (审图号); None prints an empty field.
    edition
        ``"public"`` or ``"internal"``; an internal map is marked so.
    fictional
        Whether to mark the product as an invented example.
    notes
        Further lines: assumed values, missing boundary, rough positions.
    url
        Where the live page is; None puts a text into the QR code.
    """

    data_date: str
    version: str
    producer: str | None = None
    source: str | None = None
    review_number: str | None = None
    edition: Literal["public", "internal"] = "public"
    fictional: bool = False
    notes: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class MapSpec:
    """One map: layers, tables, words and extent.

    Parameters
    ----------
    product
        ``"risk"`` 风险隐患分布图, ``"route"`` 避险转移路线图 or ``"situation"``
        防汛防台形势图.
    title
        For example 竹溪村避险转移路线图.
    place
        The name of the village or township.
    code
        Its code, text.
    parent
        Township and county, as printed below the title.
    crs
        The projected CRS the map is drawn in, metres.
    bounds
        What must be seen, ``(minx, miny, maxx, maxy)`` in `crs`, metres.
    layers
        From the bottom to the top.
    tables
        In order of printing.
    imprint
        The words at the foot.
    dem
        The terrain rasters for hillshade and contours (paths); empty for none.
    boundary
        The village or township: polygons in `crs`, drawn as its border, the
        outside dimmed; None prints 界线缺.
    inset
        The surroundings for the small overview: polygons with ``name``; or None.
    qr_text
        What the QR code says.
    facts
        A few figures under Chinese headings, shown in this order.
    overview
        Where routes lead far beyond `bounds`: what a small map of the whole way
        must hold, metres; or None.
    base
        An orthophoto or MBTiles file to draw under the map, in CGCS2000 or
        another true CRS; None for none.
    look
        A county's own file of signs and colours; None for those of riskmap.
    """

    product: Product
    title: str
    place: str
    code: str
    parent: str
    crs: pyproj.CRS
    bounds: tuple[float, float, float, float]
    layers: tuple[MapLayer, ...]
    imprint: Imprint
    tables: tuple[Table, ...] = ()
    dem: tuple[Path, ...] = ()
    boundary: gpd.GeoDataFrame | None = None
    inset: gpd.GeoDataFrame | None = None
    qr_text: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    overview: tuple[float, float, float, float] | None = None
    base: Path | None = None
    look: Path | None = None

    def layer(self, key: str) -> MapLayer | None:
        """Return the layer of that key, or None."""
        return next((one for one in self.layers if one.key == key), None)

    def table(self, key: str) -> Table | None:
        """Return the table of that key, or None."""
        return next((one for one in self.tables if one.key == key), None)

    def _repr_html_(self) -> str:
        """Show the map in a notebook cell, without a network."""
        from riskmap.publish.web import notebook_html  # noqa: PLC0415

        return notebook_html(self)
