"""Hamlets and what stands in them: groups, households, shelters, teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy import ndimage

from generator import grid, names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from generator.places import Village
    from generator.terrain import Terrain

HOMELY = ("乡道", "村道", "机耕路")


@dataclass(frozen=True, slots=True)
class Hamlet:
    """A cluster of houses that belongs to a village."""

    name: str
    village: int
    xy: tuple[float, float]


def beside(
    rng: np.random.Generator, line: shapely.LineString, offset: tuple[float, float]
) -> NDArray:
    """Return a point beside a line, some metres off its axis."""
    at = rng.uniform(0.15, 0.85) * line.length
    near, ahead = line.interpolate(at), line.interpolate(at + 1.0)
    along = np.array([ahead.x - near.x, ahead.y - near.y])
    along = along / max(np.hypot(*along), 1e-6)
    side = rng.choice([-1, 1]) * rng.uniform(*offset)
    return np.array([near.x - side * along[1], near.y + side * along[0]])


def build_hamlets(
    land: Terrain,
    villages: list[Village],
    lands: list[shapely.Geometry],
    *,
    roads: gpd.GeoDataFrame,
    lone: tuple[float, float],
) -> list[Hamlet]:
    """Return the hamlets of all villages; the lone one is the last."""
    slope = ndimage.uniform_filter(land.slope, 3)
    homely = roads[
        roads["road_class"].isin(HOMELY) & (roads.length > 60) & ~roads["bridge"]
    ]
    hamlets = []
    for k, (village, home) in enumerate(zip(villages, lands, strict=True)):
        rng = grid.rng_for(f"hamlets{village.code}")
        site = shapely.Point(village.site)
        lines = homely[homely.distance(site) < 1900].geometry
        lines = list(lines[lines.intersects(home)])
        words = list(rng.permutation(names.HAMLETS))
        wanted = 3 + (village.population > 700) + 2 * village.seat
        mine: list[NDArray] = []
        for _ in range(400):
            xy = beside(rng, lines[rng.integers(len(lines))], (16, 42))
            fits = home.contains(shapely.Point(xy)) and not land.sea[grid.cell_of(xy)]
            apart = all(np.hypot(*(xy - other)) > 230 for other in mine)
            if fits and apart and slope[grid.cell_of(xy)] < 0.34:
                mine.append(xy)
                hamlets.append(Hamlet(words.pop(), k, tuple(np.round(xy, 1))))
            if len(mine) == wanted:
                break
    stone = next(k for k, v in enumerate(villages) if v.name == "石鼓潭村")
    hamlets.append(Hamlet("石门坑", stone, (lone[0] + 14.0, lone[1] + 9.0)))
    return hamlets


def _house(rng: np.random.Generator, xy: NDArray, turn: float) -> shapely.Polygon:
    """Return the footprint of a house in EPSG:4549."""
    half = np.array([rng.uniform(4, 9), rng.uniform(3.5, 6)])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    c, s = np.cos(turn), np.sin(turn)
    return shapely.Polygon(corners @ np.array([[c, s], [-s, c]]) + xy)


def build_houses(
    land: Terrain,
    villages: list[Village],
    hamlets: list[Hamlet],
    *,
    roads: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Return footprints of houses around centres and hamlets; for drawing."""
    rng = grid.rng_for("houses")
    slow = roads[~roads["road_class"].isin(("国道", "步道")) & ~roads["bridge"]]
    clear = shapely.STRtree(list(roads.geometry.buffer(roads["width_m"] / 2 + 3)))
    spots = [(v.site, min(12 + v.population // 14, 210), 420) for v in villages]
    spots += [(h.xy, int(rng.integers(7, 18)), 110) for h in hamlets]
    houses: list[shapely.Polygon] = []
    for site, count, reach in spots:
        near = slow[slow.distance(shapely.Point(site)) < reach].geometry
        lines = [
            shapely.intersection(g, shapely.Point(site).buffer(reach)) for g in near
        ]
        lines = [p for g in lines for p in shapely.get_parts(g) if p.length > 15]
        weights = np.array([p.length for p in lines])
        for _ in range(count):
            line = lines[rng.choice(len(lines), p=weights / weights.sum())]
            xy = beside(rng, line, (10, 34))
            ends = np.subtract(line.coords[-1], line.coords[0])
            house = _house(rng, xy, float(np.arctan2(ends[1], ends[0])))
            if (
                clear.query(house, "intersects").size == 0
                and not land.sea[grid.cell_of(xy)]
            ):
                houses.append(house)
    return _apart(houses)


def _apart(houses: list[shapely.Polygon]) -> gpd.GeoDataFrame:
    """Drop every house that touches an earlier one."""
    first, second = shapely.STRtree(houses).query(houses, predicate="intersects")
    late = set(first[second < first].tolist())
    kept = [house for k, house in enumerate(houses) if k not in late]
    kept = list(shapely.set_precision(kept, 0.1))
    frame = {"name": [""] * len(kept), "kind": ["房屋"] * len(kept)}
    return gpd.GeoDataFrame(frame, geometry=kept, crs=grid.CRS)
