"""Roads from OpenStreetMap's servers; the only module that touches a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmap.crs import crs_of
from riskmap.errors import SourceError
from riskmap.routing.exchange import frame_of_graph

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["download_roads"]


def download_roads(area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Download the roads and paths of an area from OpenStreetMap, by OSMnx.

    Parameters
    ----------
    area
        Polygons, any CRS; their union is asked for.

    Returns
    -------
    geopandas.GeoDataFrame
        Lines in EPSG:4326 that `build_network` takes; a row a street between
        junctions, with osmid, highway, name, oneway, bridge, tunnel, node_ids.

    Raises
    ------
    CrsError
        If `area` has no CRS.
    SourceError
        If the server does not answer, or knows no road there.
    """
    import osmnx as ox  # noqa: PLC0415 - slow to import, and wanted here only

    crs_of(area)
    polygon: Any = area.to_crs(4326).union_all()
    try:
        graph = ox.graph_from_polygon(polygon, network_type="all", retain_all=True)
    except Exception as error:  # requests and OSMnx raise many kinds
        msg = f"no roads came from OpenStreetMap: {error}; read a file instead"
        raise SourceError(msg) from error
    return frame_of_graph(graph)
