"""Roads from OpenStreetMap's servers; the only module that touches a network."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from riskmap.crs import crs_of
from riskmap.errors import SourceError
from riskmap.routing.exchange import frame_of_graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

__all__ = ["download_roads"]

# What decides who may use a road and how it crosses others, beside OSMnx's own.
_TAGS = ("foot", "layer", "motor_vehicle", "surface", "vehicle")


def download_roads(
    area: gpd.GeoDataFrame, *, overpass_url: str | None = None
) -> gpd.GeoDataFrame:
    """Download the roads and paths of an area from OpenStreetMap, by OSMnx.

    The settings of OSMnx are as before afterwards, and nothing is kept in a cache.

    Parameters
    ----------
    area
        Polygons, any CRS; their union is asked for.
    overpass_url
        The server, such as one of your own: the part of its address before
        ``/interpreter``. None asks the one that OSMnx is set to.

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
    own: dict[str, Any] = {} if overpass_url is None else {"overpass_url": overpass_url}
    own["useful_tags_way"] = sorted({*ox.settings.useful_tags_way, *_TAGS})
    try:
        with _set(ox.settings, use_cache=False, doh_url_template=None, **own):
            graph = ox.graph_from_polygon(polygon, network_type="all", retain_all=True)
    except Exception as error:  # requests and OSMnx raise many kinds
        msg = f"no roads came from OpenStreetMap: {error}; read a file instead"
        raise SourceError(msg) from error
    return frame_of_graph(graph)


@contextmanager
def _set(settings: Any, **values: Any) -> Iterator[None]:  # noqa: ANN401
    """Set attributes of a module for a while; OSMnx changes look-ups of hosts too."""
    before = {name: getattr(settings, name) for name in values}
    look_up = socket.getaddrinfo
    try:
        for name, value in values.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        socket.getaddrinfo = look_up
