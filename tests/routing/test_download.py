# ruff: noqa: ANN001, ANN002, ANN201, ANN202
"""Roads by OSMnx, from an Overpass server of our own on this machine."""

from __future__ import annotations

import json
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import geopandas as gpd
import numpy as np
import osmnx as ox
import pytest
import shapely

from riskmap.errors import CrsError, SourceError
from riskmap.routing import build_network, download_roads

# A village street with a bend, a steep path with a ford, a bridge over the street
# that joins nothing, and a one-way lane; node 9 lies on the bend, no junction.
NODES = {
    1: (120.900, 28.100), 2: (120.904, 28.100), 3: (120.908, 28.101),
    9: (120.906, 28.1002),
    4: (120.904, 28.104), 5: (120.902, 28.098), 6: (120.902, 28.102),
    7: (120.908, 28.104),
}  # fmt: skip
WAYS = {
    100: ([1, 2, 9, 3], {"highway": "residential", "name": "竹溪路"}),
    101: ([2, 4], {"highway": "path", "foot": "yes"}),
    102: ([5, 6], {"highway": "tertiary", "bridge": "yes", "layer": "1"}),
    103: ([3, 7], {"highway": "service", "oneway": "yes"}),
}  # fmt: skip
STATUS = b"""Connected as: 1
Current time: 2026-08-20T08:00:00Z
Announced endpoint: none
Rate limit: 2
2 slots available now.
"""
AREA = gpd.GeoDataFrame(geometry=[shapely.box(120.89, 28.09, 120.92, 28.11)], crs=4490)


def extract():
    """Return the village as Overpass answers ``out`` in JSON."""
    nodes = [{"type": "node", "id": one, "lat": lat, "lon": lon}
             for one, (lon, lat) in NODES.items()]  # fmt: skip
    ways = [{"type": "way", "id": one, "nodes": nodes_, "tags": tags}
            for one, (nodes_, tags) in WAYS.items()]  # fmt: skip
    return {"version": 0.6, "generator": "Overpass API", "elements": ways + nodes}


class Overpass(BaseHTTPRequestHandler):
    """Answers like Overpass; ``server.answer`` is what it sends, or an error code."""

    def do_GET(self):
        self._send(200, STATUS)

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        asked = parse_qs(self.rfile.read(size).decode("utf-8"))["data"][0]
        self.server.asked.append(asked)
        if isinstance(self.server.answer, int):
            self._send(self.server.answer, b"{}")
        else:
            self._send(200, json.dumps(self.server.answer).encode("utf-8"))

    def _send(self, code, body):
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Overpass) as made:
        made.asked, made.answer = [], extract()
        thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        made.url = f"http://127.0.0.1:{made.server_address[1]}/api"
        yield made
        made.shutdown()
        thread.join()


def state():
    return {name: value for name, value in vars(ox.settings).items() if name[0] != "_"}


def test_downloaded_roads_make_a_network(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before, look_up = state(), socket.getaddrinfo
    roads = download_roads(AREA, overpass_url=server.url)
    assert '"highway"' in server.asked[0]
    assert "28.09" in server.asked[0]
    walk = build_network(roads)
    assert len(walk) == 5  # the street in two, the path, the bridge alone, the lane
    assert int(walk.component.max()) == 1
    assert set(walk.roads["road_id"]) == {str(one) for one in WAYS}
    bend = walk.edges(crs=4326).geometry.map(shapely.get_num_coordinates).max()
    assert bend == 3
    drive = build_network(roads, mode="drive")
    one_way = np.isinf(drive.forward_min) != np.isinf(drive.backward_min)
    lane = (drive.roads["road_class"] == "service").to_numpy()[drive.edge_road]
    assert one_way.tolist() == lane.tolist()
    assert "path" not in set(drive.edges()["road_class"])
    assert state() == before
    assert socket.getaddrinfo is look_up
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("answer", [400, {"elements": []}])
def test_a_server_that_has_nothing_is_an_error_and_restores_all(server, answer):
    before, look_up = state(), socket.getaddrinfo
    server.answer = answer
    with pytest.raises(SourceError, match="no roads came from OpenStreetMap"):
        download_roads(AREA, overpass_url=server.url)
    assert state() == before
    assert socket.getaddrinfo is look_up


def test_a_server_that_is_not_there_is_an_error():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rate = ox.settings.overpass_rate_limit
    ox.settings.overpass_rate_limit = False  # or it would wait a minute for a slot
    try:
        with pytest.raises(SourceError, match="no roads came from OpenStreetMap"):
            download_roads(AREA, overpass_url=f"http://127.0.0.1:{port}/api")
    finally:
        ox.settings.overpass_rate_limit = rate


def test_an_area_without_crs_is_refused():
    with pytest.raises(CrsError, match="no CRS"):
        download_roads(AREA.set_crs(None, allow_override=True))
