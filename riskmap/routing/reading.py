"""Roads from files: OpenStreetMap by osmium, everything else by pyogrio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from riskmap.errors import LayerError, SourceError
from riskmap.routing.roads import NODE_IDS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_roads"]

_OSM_NAMES = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml")
_TAGS = (
    "name", "highway", "surface", "bridge", "tunnel", "layer", "oneway", "junction",
    "access", "foot", "vehicle", "motor_vehicle", "area",
)  # fmt: skip


def read_roads(path: str | Path) -> gpd.GeoDataFrame:
    """Read the roads of a file.

    Parameters
    ----------
    path
        OpenStreetMap PBF or XML (``.pbf``, ``.osm``, also ``.gz``): every way with
        ``highway``, areas apart. Anything else: the first layer of a vector file.

    Returns
    -------
    geopandas.GeoDataFrame
        Lines. From OpenStreetMap: road_id, name, road_class, surface, bridge,
        tunnel, layer, oneway, junction, access tags, node_ids (an array a row;
        `build_network` joins ways where they share a node), missing_nodes (how
        many the file lacks; the way is cut there), geometry in EPSG:4326. From
        other files: the columns as they stand, the file's CRS.

    Raises
    ------
    SourceError
        If the file is missing or unreadable.
    LayerError
        If it holds no roads.
    """
    path = Path(path)
    if not path.exists():
        msg = f"{path} does not exist"
        raise SourceError(msg)
    if path.name.lower().endswith(_OSM_NAMES):
        return _osm(path)
    try:
        frame = gpd.read_file(path)
    except Exception as error:  # GDAL raises many kinds
        msg = f"{path} cannot be read as a vector file: {error}"
        raise SourceError(msg) from error
    if not len(frame) or not isinstance(frame, gpd.GeoDataFrame):
        msg = f"{path} holds no lines"
        raise LayerError(msg)
    return frame


def _osm(path: Path) -> gpd.GeoDataFrame:
    """Read the ways with `highway` of an OpenStreetMap file."""
    rows = {name: [] for name in ("road_id", "missing_nodes", *_TAGS)}  # type: dict[str, list[Any]]
    geometry: list[bytes | str] = []
    refs: list[list[int]] = []
    lost: list[tuple[int, int]] = []
    try:
        for way, nodes, shape, missing in _ways(path, lost):
            tags = dict(way.tags)
            if tags.get("area") == "yes":
                continue
            for name in _TAGS:
                rows[name].append(tags.get(name))
            rows["road_id"].append(str(way.id))
            rows["missing_nodes"].append(missing)
            refs.append(nodes)
            geometry.append(shape)
    except (RuntimeError, ValueError) as error:
        msg = f"{path} cannot be read as OpenStreetMap data: {error}"
        raise SourceError(msg) from error
    if not geometry:
        msg = f"{path} holds no roads (ways with highway)"
        raise LayerError(msg)
    del rows["area"]
    rows["road_class"] = rows.pop("highway")
    ids = np.empty(len(refs), dtype=object)
    ids[:] = [np.asarray(one, dtype=np.int64) for one in refs]
    frame = gpd.GeoDataFrame(
        rows | {NODE_IDS: ids}, geometry=shapely.from_wkb(geometry), crs=4326
    )
    frame.attrs["lost_ways"] = [way for way, _ in lost]
    return frame


def _ways(
    path: Path, lost: list[tuple[int, int]]
) -> Iterator[tuple[Any, list[int], bytes | str, int]]:
    """Yield way, node ids, WKB and missing nodes; a cut way comes in parts."""
    import osmium  # noqa: PLC0415 - only files of OpenStreetMap need it

    unknown = osmium.InvalidLocationError
    factory = osmium.geom.WKBFactory()
    reader = (
        osmium.FileProcessor(str(path))
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter("highway"))
    )
    way: Any
    shape: bytes | str
    for way in reader:
        nodes = way.nodes
        try:
            shape = factory.create_linestring(nodes, osmium.geom.use_nodes.ALL)
            refs = [node.ref for node in nodes]
        except (unknown, RuntimeError):  # nodes are missing, or all at one point
            parts = list(_cut(nodes))
            if not parts:
                lost.append((way.id, len(nodes)))
            for refs, shape in parts:
                missing = sum(not node.location.valid() for node in nodes)
                yield way, refs, shape, missing
            continue
        yield way, refs, shape, 0


def _cut(nodes: Any) -> Iterator[tuple[list[int], bytes]]:  # noqa: ANN401
    """Yield the runs of known nodes."""
    run: list[tuple[int, float, float]] = []
    for node in [*nodes, None]:
        if node is not None and node.location.valid():
            run.append((node.ref, node.lon, node.lat))
            continue
        if len(run) > 1:
            line = shapely.LineString([(lon, lat) for _, lon, lat in run])
            yield [ref for ref, _, _ in run], shapely.to_wkb(line)
        run = []
