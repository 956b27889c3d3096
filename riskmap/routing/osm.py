"""Roads of an OpenStreetMap file, read by osmium and in bulk.

osmium joins the ways to their nodes and writes those with ``highway`` as text, a way
a line (the OPL format), without a step of Python for a node; the text becomes arrays.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
from pyarrow import csv  # type: ignore[import-untyped]

from riskmap.errors import LayerError, SourceError
from riskmap.routing.ragged import Lines, ranges, to_linestrings
from riskmap.routing.roads import NODE_IDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["read_osm"]

_TAGS = (
    "name", "highway", "surface", "bridge", "tunnel", "layer", "oneway", "junction",
    "access", "foot", "vehicle", "motor_vehicle", "area",
)  # fmt: skip
_BLOCK = 1 << 26
_OPL = "opl,locations_on_ways=true,add_metadata=false"
_ESCAPED = re.compile("%([0-9a-f]+)%")
# Nodes stand as "n1x121.5y28.1,n2xy": made into lines of number, east, north.
_COMMAS = bytes.maketrans(b"xy,", b",,\n")


class _Ways(NamedTuple):
    """Ways: number and tags each, how many nodes, and all their nodes in a row."""

    number: list[str]
    tags: list[tuple[str | None, ...]]
    size: IntArray
    node: IntArray
    place: FloatArray


def read_osm(path: Path) -> gpd.GeoDataFrame:
    """Read the ways with `highway` of a file, areas apart; see `read_roads`.

    Raises
    ------
    SourceError
        If osmium cannot read the file.
    LayerError
        If it holds no roads.
    """
    with TemporaryDirectory() as folder:
        text = Path(folder) / "ways.opl"
        try:
            _write_ways(path, text)
        except (RuntimeError, ValueError) as error:
            msg = f"{path} cannot be read as OpenStreetMap data: {error}"
            raise SourceError(msg) from error
        ways = _joined(list(_blocks(text)))
    runs = _runs(ways)
    if not len(runs[0]):
        msg = f"{path} holds no roads (ways with highway)"
        raise LayerError(msg)
    return _frame(ways, runs)


def _frame(ways: _Ways, runs: tuple[IntArray, IntArray, IntArray]) -> gpd.GeoDataFrame:
    """Return a row for each run of nodes the file holds; a cut way has several."""
    row, start, stop = runs
    owner = np.repeat(np.arange(len(ways.size)), ways.size)
    lost = np.bincount(owner[np.isnan(ways.place[:, 0])], minlength=len(ways.size))
    number = _objects(ways.number)
    texts = {
        name: _objects(column)[row]
        for name, column in zip(_TAGS, zip(*ways.tags, strict=True), strict=True)
        if name != "area"
    }
    texts["road_class"] = texts.pop("highway")
    ids = _objects([ways.node[a:b] for a, b in zip(start, stop, strict=True)])
    size = stop - start
    xy = ways.place[ranges(start, size)]
    lines = Lines(np.r_[0, np.cumsum(size)].astype(np.int64), xy)
    frame = gpd.GeoDataFrame(
        {"road_id": number[row], "missing_nodes": lost[row], **texts, NODE_IDS: ids},
        geometry=to_linestrings(lines),
        crs=4326,
    )
    whole = np.isin(np.arange(len(number)), row)
    frame.attrs["lost_ways"] = [int(one) for one in number[~whole]]
    return frame


def _write_ways(path: Path, text: Path) -> None:
    """Write the ways with `highway`, and where their nodes are, a way a line."""
    import osmium  # noqa: PLC0415 - only files of OpenStreetMap need it

    places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
    places.ignore_errors()
    kinds = osmium.osm.NODE | osmium.osm.WAY
    with (
        osmium.io.Reader(str(path), kinds) as reader,
        osmium.SimpleWriter(osmium.io.File(str(text), _OPL)) as writer,
    ):
        osmium.apply(
            reader, places, osmium.filter.EntityFilter(osmium.osm.WAY),
            osmium.filter.KeyFilter("highway"), writer,
        )  # fmt: skip


def _blocks(text: Path) -> Iterator[_Ways]:
    """Read the written ways, so many bytes at a time."""
    with text.open("rb") as file:
        while lines := file.readlines(_BLOCK):
            number, tags, nodes = [], [], []
            for line in lines:
                way, words, refs = line.split(b" ")
                known = _tags(words.decode())
                if known[-1] != "yes":
                    number.append(way[1:].decode())
                    tags.append(known)
                    nodes.append(refs)
            count = [one.count(b",") + 1 if len(one) > 2 else 0 for one in nodes]  # noqa: PLR2004
            size = np.array(count, dtype=np.int64)
            yield _Ways(number, tags, size, *_nodes(b"".join(nodes)))


def _tags(words: str) -> tuple[str | None, ...]:
    """Return the tags that matter, None where a way has no such tag."""
    known = dict(one.split("=", 1) for one in words[1:].split(","))
    values = tuple(known.get(name) for name in _TAGS)
    if any(one and "%" in one for one in values):
        return tuple(one and _ESCAPED.sub(_character, one) for one in values)
    return values


def _character(code: re.Match[str]) -> str:
    """Return the character that stands as its number."""
    return chr(int(code[1], 16))


def _nodes(text: bytes) -> tuple[IntArray, FloatArray]:
    """Return number and place of written nodes; NaN where the file has no place."""
    plain = text.translate(_COMMAS, b"Nn")
    if not plain.strip():
        return np.empty(0, dtype=np.int64), np.empty((0, 2))
    table = csv.read_csv(
        io.BytesIO(plain),
        csv.ReadOptions(column_names=["node", "east", "north"]),
        convert_options=csv.ConvertOptions(
            column_types={"node": "int64", "east": "float64", "north": "float64"}
        ),
    )
    place = np.column_stack([table["east"].to_numpy(), table["north"].to_numpy()])
    return table["node"].to_numpy(), place


def _joined(blocks: list[_Ways]) -> _Ways:
    """Put blocks together."""
    return _Ways(
        [one for block in blocks for one in block.number],
        [one for block in blocks for one in block.tags],
        np.concatenate([np.empty(0, np.int64), *(block.size for block in blocks)]),
        np.concatenate([np.empty(0, np.int64), *(block.node for block in blocks)]),
        np.concatenate([np.empty((0, 2)), *(block.place for block in blocks)]),
    )


def _runs(ways: _Ways) -> tuple[IntArray, IntArray, IntArray]:
    """Return the way, first and last but one node of each run of placed nodes."""
    owner = np.repeat(np.arange(len(ways.size)), ways.size)
    placed = np.flatnonzero(~np.isnan(ways.place[:, 0]))
    new = np.ones(len(placed), dtype=bool)
    new[1:] = (np.diff(placed) > 1) | (np.diff(owner[placed]) > 0)
    start = placed[new]
    stop = placed[np.r_[new[1:], True]] + 1 if len(placed) else start
    long = stop - start > 1
    return owner[start[long]], start[long], stop[long]


def _objects(values: Sequence[object]) -> NDArray[np.object_]:
    """Return values as an array of objects, whatever they are."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
