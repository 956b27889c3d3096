"""A town of straight streets, where every answer can be counted by hand.

Streets run every 100 m from (0, 0) to (400, 400), in EPSG:4549 moved to where
its scale is true. Street ``h2`` runs east at y = 200, ``v3`` north at x = 300.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pytest
import shapely

from riskmap.routing import Network, build_network

if TYPE_CHECKING:
    from collections.abc import Callable

CRS = "EPSG:4549"
EAST, NORTH = 500_000.0, 3_100_000.0

Frame = gpd.GeoDataFrame


def at(x: float, y: float) -> shapely.Point:
    return shapely.Point(EAST + x, NORTH + y)


def line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in xy])


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def streets(names: list[str] | None = None) -> Frame:
    rows = {f"h{i}": line((0, 100 * i), (400, 100 * i)) for i in range(5)}
    rows |= {f"v{i}": line((100 * i, 0), (100 * i, 400)) for i in range(5)}
    kept = {key: rows[key] for key in names or rows}
    frame = {"road_id": list(kept), "name": [f"{key}街" for key in kept]}
    frame |= {"road_class": ["residential"] * len(kept)}
    return Frame(frame, geometry=list(kept.values()), crs=CRS)


def people(*rows: tuple[str, Any, shapely.Point | None], **columns: object) -> Frame:
    ids, heads, points = zip(*rows, strict=True)
    frame = {"group_id": ids, "people": heads, "village_code": "990101001001"}
    return Frame(frame | columns, geometry=list(points), crs=CRS)


def beds(*rows: tuple[str, Any, shapely.Point | None], **columns: object) -> Frame:
    ids, room, points = zip(*rows, strict=True)
    frame = {"shelter_id": ids, "name": [f"{one}点" for one in ids]}
    frame |= {"declared_people": room, "village_code": "990101001001"}
    return Frame(frame | columns, geometry=list(points), crs=CRS)


def hazard(*rows: tuple[str, shapely.Polygon]) -> Frame:
    ids, shapes = zip(*rows, strict=True)
    return Frame({"zone_id": ids, "name": ids}, geometry=list(shapes), crs=CRS)


@pytest.fixture(scope="session")
def town() -> Network:
    return build_network(streets(), mode="walk")


@pytest.fixture(scope="session")
def pace(town: Network) -> float:
    """Minutes a metre on a street."""
    return float(town.forward_min[0] / town.edge_length_m[0])


@pytest.fixture(scope="session")
def network_of() -> Callable[[Frame], Network]:
    return lambda roads: build_network(roads, mode="walk")
