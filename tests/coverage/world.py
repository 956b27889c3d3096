"""A valley whose answers are known: one straight road, 30 km/h, villages along it."""

import itertools
from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
from shapely import LineString, Point, box

CRS = "EPSG:4549"
X0, Y0 = 500_000.0, 3_110_000.0
LENGTH_M = 10_000.0
METRES_A_MINUTE = 500.0


def at(x: float, y: float = 0.0) -> Point:
    """Return a point so far along the road, and off it."""
    return Point(X0 + x, Y0 + y)


def roads(pieces: int = 20) -> gpd.GeoDataFrame:
    """Return the road in pieces, and a second one on the far bank, not joined."""
    stops = np.linspace(0, LENGTH_M, pieces + 1)
    lines = [
        LineString([at(one), at(other)]) for one, other in itertools.pairwise(stops)
    ]
    island = LineString([at(0, 5000), at(1000, 5000)])
    names = [f"R{number}" for number in range(pieces + 1)]
    return gpd.GeoDataFrame(
        {"road_id": names, "road_class": "村道"}, geometry=[*lines, island], crs=CRS
    )


def villages(
    centres: Sequence[float], people: Iterable[object] | None = None
) -> gpd.GeoDataFrame:
    """Return square villages of 400 m around points of the road."""
    return gpd.GeoDataFrame(
        {
            "village_code": [f"9901000000{row:02d}" for row in range(len(centres))],
            "name": [f"{row}村" for row in range(len(centres))],
            "township_code": [f"99010000{row % 2}000" for row in range(len(centres))],
            "population": list(people) if people is not None else 100,
        },
        geometry=[box(X0 + x - 200, Y0 - 200, X0 + x + 200, Y0 + 200) for x in centres],
        crs=CRS,
    ).astype({"population": "Int64"})


def teams(
    places: Sequence[Point | float | None], **columns: object
) -> gpd.GeoDataFrame:
    """Return teams at points of the road."""
    geometry = [
        one if one is None or isinstance(one, Point) else at(one) for one in places
    ]
    ids = [f"T{row}" for row in range(len(places))]
    base = {"team_id": ids, "name": ids, "kind": "应急抢险突击队", "members_people": 30}
    return gpd.GeoDataFrame({**base, **columns}, geometry=geometry, crs=CRS)
