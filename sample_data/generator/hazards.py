"""Hazards: points on steep slopes, zones below them, floods, water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from contourpy import contour_generator
from rasterio import features
from scipy import ndimage

from generator import flow, grid, terrain

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("滑坡", "崩塌", "泥石流", "不稳定斜坡", "地面塌陷")
SHARES = (0.46, 0.22, 0.14, 0.15, 0.03)
SURGE_M = 2.3
MAIN = ("国道", "省道", "县道", "乡道")


@dataclass(frozen=True, slots=True)
class Slide:
    """A slope that may move: its point, its kind, the ground it endangers."""

    kind: str
    point: tuple[float, float]
    zone: shapely.Polygon
    hamlet: int


def _blob(
    rng: np.random.Generator, start: NDArray, stop: NDArray, *, width: float
) -> shapely.Polygon:
    """Return a tongue from `start` to `stop`, wider at its foot, uneven."""
    along = stop - start
    length = float(np.hypot(*along))
    along = along / max(length, 1.0)
    across = np.array([-along[1], along[0]])
    share = np.linspace(0, 1, 9)
    half = width * (0.35 + 0.75 * share**0.7 - 0.25 * share**4)
    half = np.maximum(half * rng.uniform(0.82, 1.18, 9), 9)
    spine = start + share[:, None] * length * along
    left, right = spine + half[:, None] * across, spine - half[:, None] * across
    ring = np.vstack((left, right[::-1]))
    return shapely.Polygon(ring).buffer(12).buffer(-6).simplify(2.0)


def _gully(land: terrain.Terrain, start: NDArray, reach: float) -> shapely.LineString:
    """Return the way of water from a point, `reach` metres long."""
    row, col = grid.cell_of(start)
    cells = [int(row[0] * grid.COLS + col[0])]
    while land.to[cells[-1]] != cells[-1] and len(cells) * grid.CELL < reach:
        cells.append(int(land.to[cells[-1]]))
    xy = grid.centre(*np.divmod(np.array(cells), grid.COLS))
    return shapely.LineString(terrain.bend(xy, 1.2)) if len(xy) > 1 else None


def _head(
    land: terrain.Terrain, slope: NDArray, home: NDArray
) -> tuple[NDArray, float]:
    """Return the point above a hamlet from where the slope could come down."""
    row, col = (int(k[0]) for k in grid.cell_of(home))
    span = 8
    r, c = np.mgrid[row - span : row + span + 1, col - span : col + span + 1]
    r, c = r.clip(0, grid.ROWS - 1).ravel(), c.clip(0, grid.COLS - 1).ravel()
    xy = grid.centre(r, c)
    far = np.hypot(*(xy - home).T)
    rise = land.z[r, c] - land.z[row, col]
    score = np.where((far > 70) & (far < 240) & (rise > 8), slope[r, c], -1.0)
    best = int(score.argmax())
    return xy[best], float(score[best])


def build_slides(land: terrain.Terrain, hamlets: NDArray, count: int) -> list[Slide]:
    """Return the most threatening slopes above hamlets, at most one a hamlet."""
    rng = grid.rng_for("slides")
    slope = ndimage.gaussian_filter(land.slope, 1.0)
    heads = [_head(land, slope, home) for home in hamlets]
    order = np.argsort([-steep for _, steep in heads], kind="stable")[:count]
    slides = []
    for i in sorted(order):
        head, steep = heads[i]
        if steep < 0.2:
            continue
        head = head + rng.uniform(-9, 9, 2)
        kind = KINDS[rng.choice(len(KINDS), p=SHARES)]
        foot = head + (hamlets[i] - head) * rng.uniform(0.75, 1.3)
        zone = _blob(rng, head - (foot - head) * 0.22, foot, width=rng.uniform(38, 78))
        line = _gully(land, head, rng.uniform(300, 520)) if kind == "泥石流" else None
        if line is not None:
            zone = shapely.union_all([zone, line.buffer(rng.uniform(24, 38))])
            zone = zone.buffer(10).buffer(-10).simplify(2.0)
        slides.append(Slide(kind, tuple(np.round(head, 1)), zone, int(i)))
    return slides


def clear_of(zone: shapely.Geometry, roads: shapely.Geometry) -> shapely.Polygon:
    """Return the largest part of a zone that does not reach the roads."""
    parts = shapely.get_parts(zone.difference(roads))
    return max(parts, key=lambda part: part.area)


def build_flash_floods(
    land: terrain.Terrain, hamlets: NDArray, roads: gpd.GeoDataFrame
) -> list[shapely.Polygon]:
    """Return flash-flood zones along streams beside hamlets, main roads dry."""
    rng = grid.rng_for("flash")
    main = roads[roads["road_class"].isin(MAIN)]
    dry = shapely.union_all(main.geometry.buffer(16))
    streams = [line for line, _ in terrain.stream_lines(land)]
    water = shapely.union_all(streams)
    zones: list[shapely.Polygon] = []
    for x, y in hamlets:
        home = shapely.Point(x, y)
        if water.distance(home) > 95 or land.height((x, y))[0] < 6:
            continue
        reach = shapely.intersection(water, home.buffer(rng.uniform(230, 380)))
        zone = reach.buffer(rng.uniform(38, 62)).difference(dry)
        parts = [p for p in shapely.get_parts(zone) if p.area > 3000]
        zone = max(parts, key=lambda part: part.area).simplify(2.0)
        if all(zone.distance(other) > 120 for other in zones):
            zones.append(zone)
    return zones


def flood_depth(land: terrain.Terrain, roads: gpd.GeoDataFrame) -> NDArray:
    """Return storm-surge depth in metres on land; NaN at sea, 0 where dry."""
    shore = ndimage.distance_transform_edt(~land.sea) * grid.CELL
    rough = grid.fractal(grid.rng_for("surge"), land.z.shape, beta=2.8, longest=40)
    level = SURGE_M + 0.35 * rough - shore / 1600
    low = np.where(land.sea, 1.0, level - land.z) > 0
    pools, _ = ndimage.label(low)
    reached = np.unique(pools[land.sea])
    depth = np.where(np.isin(pools, reached), level - land.z, 0.0).clip(0, 3)
    dry = roads["road_class"].isin(MAIN) | (roads["number"] == "C990")
    main = roads[dry].geometry.buffer(22)
    banks = features.geometry_mask(main, land.z.shape, grid.TRANSFORM, invert=True)
    depth = np.where(banks, 0.0, ndimage.gaussian_filter(depth, 0.7))
    return np.where(land.sea, np.nan, np.round(np.where(depth < 0.05, 0, depth), 2))


def _smooth(lake: shapely.Polygon) -> shapely.Polygon:
    """Return water with the stairs of its cells rounded off."""
    ring = np.asarray(shapely.segmentize(lake.exterior, grid.CELL / 2).coords)[:-1]
    ring = ndimage.gaussian_filter1d(ring, 2.6, axis=0, mode="wrap")
    return shapely.Polygon(ring).simplify(2.0)


def _lake(
    land: terrain.Terrain, dam: int, *, raise_m: float, most: float
) -> shapely.Polygon | None:
    """Return the water behind a dam at a cell, None where it fits badly."""
    row, col = divmod(dam, grid.COLS)
    low = land.z < land.z[row, col] + raise_m
    above = np.zeros(land.z.size, dtype=bool)
    above[dam] = True
    _, order, _, _ = flow.route(land.z, land.sea)
    for i in order[::-1]:
        above[i] |= above[land.to[i]]
    pool, _ = ndimage.label(low & above.reshape(land.z.shape))
    pool = (pool == pool[row, col]).astype("uint8")
    area = pool.sum() * grid.CELL**2
    if not 0.02 * most < area < most:
        return None
    shapes = features.shapes(pool, mask=pool == 1, transform=grid.TRANSFORM)
    lakes = [shapely.geometry.shape(geometry) for geometry, _ in shapes]
    lake = max(lakes, key=lambda part: part.area)
    return _smooth(lake)


def build_reservoirs(
    land: terrain.Terrain, county: shapely.Geometry, roads: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return reservoirs and ponds (polygons) on streams above the villages."""
    rng = grid.rng_for("reservoirs")
    lanes = shapely.union_all(roads.geometry)
    found: list[tuple[str, shapely.Polygon]] = []
    for kind, low, high, height, most, wanted in (
        ("水库", 1.3, 5.0, 25.0, 9e5, 4),
        ("山塘", 0.12, 0.8, 7.0, 4e4, 10),
    ):
        fits = (land.area > low) & (land.area < high) & (land.z > 25) & ~land.sea
        got = 0
        for dam in rng.permutation(np.flatnonzero(fits.ravel())):
            point = shapely.Point(grid.centre(*divmod(int(dam), grid.COLS))[0])
            if not county.contains(point) or lanes.distance(point) < 80:
                continue
            if any(lake.distance(point) < 1500 for _, lake in found):
                continue
            lake = _lake(land, int(dam), raise_m=height, most=most)
            if lake and lake.geom_type == "Polygon" and lake.distance(lanes) > 25:
                found.append((kind, lake))
                got += 1
            if got == wanted:
                break
    return gpd.GeoDataFrame(
        {"kind": [kind for kind, _ in found]},
        geometry=[g for _, g in found],
        crs=grid.CRS,
    )


def build_water(
    land: terrain.Terrain, reservoirs: gpd.GeoDataFrame, names: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """Return sea, reservoirs and streams for drawing, EPSG:4549."""
    sea = features.shapes(
        land.sea.astype("uint8"), mask=land.sea, transform=grid.TRANSFORM
    )
    rows = [("外海", "海域", shapely.geometry.shape(g)) for g, _ in sea]
    rows = [(n, k, g.buffer(0).simplify(15)) for n, k, g in rows if g.area > 1e6]
    rows += list(
        zip(reservoirs["name"], reservoirs["kind"], reservoirs.geometry, strict=True)
    )
    streams = sorted(terrain.stream_lines(land), key=lambda reach: -reach[1])
    for rank, (line, area) in enumerate(streams):
        kind = "河流" if area > 12 else "溪流"
        rows.append((names[rank] if rank < len(names) else "", kind, line.simplify(3)))
    frame = pd.DataFrame(rows, columns=["name", "kind", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=grid.CRS)


def build_contours(land: terrain.Terrain, county: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return contour lines every 50 m within the county, for drawing."""
    smooth = ndimage.gaussian_filter(land.z, 1.2)
    rows = grid.centre(np.arange(grid.ROWS), np.zeros(grid.ROWS))[:, 1]
    cols = grid.centre(np.zeros(grid.COLS), np.arange(grid.COLS))[:, 0]
    drawer = contour_generator(cols, rows, smooth)
    near, records = county.buffer(150), []
    shapely.prepare(near)
    for level in range(50, int(smooth.max()), 50):
        for xy in drawer.lines(level):
            line = shapely.LineString(xy).simplify(9.0)
            line = shapely.intersection(line, near)
            records += [
                (f"{level}", f"{level}", part)
                for part in shapely.get_parts(line)
                if part.length > 400
            ]
    frame = pd.DataFrame(records, columns=["name", "kind", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=grid.CRS)
