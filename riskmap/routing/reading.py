"""Roads from files: OpenStreetMap by osmium, everything else by pyogrio."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from riskmap.errors import LayerError, SourceError
from riskmap.routing.osm import read_osm

__all__ = ["read_roads"]

_OSM_NAMES = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml")


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
        return read_osm(path)
    try:
        frame = gpd.read_file(path)
    except Exception as error:  # GDAL raises many kinds
        msg = f"{path} cannot be read as a vector file: {error}"
        raise SourceError(msg) from error
    if not len(frame) or not isinstance(frame, gpd.GeoDataFrame):
        msg = f"{path} holds no lines"
        raise LayerError(msg)
    return frame
