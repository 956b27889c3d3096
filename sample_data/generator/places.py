"""Where people live: village sites, townships, boundaries without gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from rasterio import features
from scipy import ndimage
from scipy.sparse import csgraph
from shapely.ops import linemerge, polygonize

from generator import grid, lattice, names, terrain

if TYPE_CHECKING:
    from numpy.typing import NDArray

APART, MARGIN = 1750.0, 2300.0
REEF = -2


@dataclass(frozen=True, slots=True)
class Village:
    """One village: `site` is the middle of its main settlement."""

    code: str
    name: str
    township: str
    township_code: str
    seat: bool
    population: int
    site: tuple[float, float]


def _suitability(land: terrain.Terrain) -> NDArray[np.float64]:
    """Return how good each lattice node is for a village, higher is better."""
    slope = ndimage.uniform_filter(land.slope, 11)[:: lattice.STEP, :: lattice.STEP]
    low = land.z[:: lattice.STEP, :: lattice.STEP]
    wet = land.area[:: lattice.STEP, :: lattice.STEP] >= terrain.STREAM_KM2
    brook = ndimage.distance_transform_edt(~wet) * lattice.SPACING
    shore = ndimage.distance_transform_edt(~land.sea) * grid.CELL
    shore = shore[:: lattice.STEP, :: lattice.STEP]
    chance = grid.rng_for("sites").uniform(0, 0.25, slope.shape)
    score = np.exp(-slope / 0.12) + 0.35 * np.exp(-np.minimum(brook, shore) / 350)
    score += chance - 0.5 * (brook < 60) - 0.0012 * low
    return np.where((shore > 150) & (low > 2.6), score, -np.inf)


def _apart(score: NDArray, count: int) -> list[int]:
    """Return the best nodes of which no two are near each other."""
    score = score.ravel().copy()
    xy = lattice.point_of(np.arange(score.size))
    chosen: list[int] = []
    while len(chosen) < count:
        best = int(np.argmax(score))
        chosen.append(best)
        score[np.hypot(*(xy - xy[best]).T) < APART] = -np.inf
    return chosen


def _sites(land: terrain.Terrain) -> NDArray[np.float64]:
    """Return village sites; the last one lies on the large island."""
    score = _suitability(land)
    row, col = np.mgrid[0 : lattice.ROWS, 0 : lattice.COLS]
    rim = int(MARGIN / lattice.SPACING)
    inner = (row >= rim) & (row < lattice.ROWS - rim)
    inner &= (col >= rim) & (col < lattice.COLS - rim)
    ground, count = ndimage.label(~land.sea[:: lattice.STEP, :: lattice.STEP])
    sizes = ndimage.sum_labels(np.ones_like(score), ground, np.arange(1, count + 1))
    mainland, island = np.argsort(-sizes)[:2] + 1
    total = sum(map(len, names.VILLAGES.values()))
    on_main = _apart(np.where(inner & (ground == mainland), score, -np.inf), total - 1)
    on_isle = _apart(np.where(ground == island, score, -np.inf), 1)
    return lattice.point_of(np.array(on_main + on_isle))


def _quotas(xy: NDArray) -> list[list[int]]:
    """Divide the sites among the townships: west, south-east, north-east."""
    sizes = [len(villages) for villages in names.VILLAGES.values()]
    isle = len(xy) - 1
    rest = [i for i in np.argsort(xy[:, 0], kind="stable") if i != isle]
    west, east = rest[: sizes[0]], rest[sizes[0] :]
    east = sorted(east, key=lambda i: xy[i, 1])
    return [west, east[: sizes[1]], [*east[sizes[1] :], isle]]


def _rank(land: terrain.Terrain, xy: NDArray, members: list[int]) -> list[int]:
    """Return members with the flattest first, an island always second."""
    slope = ndimage.uniform_filter(land.slope, 25)
    order = sorted(members, key=lambda i: slope[grid.cell_of(xy[i])][0])
    isle = len(xy) - 1
    if isle in order:
        order.remove(isle)
        order.insert(1, isle)
    return order


def build_villages(land: terrain.Terrain) -> list[Village]:
    """Return all villages, seats of townships first within their township."""
    rng, xy, villages = grid.rng_for("villages"), _sites(land), []
    for number, (town, members) in enumerate(
        zip(names.TOWNSHIPS, _quotas(xy), strict=True)
    ):
        code = f"{names.COUNTY_CODE}{100 + number if number < 2 else 200}000"
        for serial, site in enumerate(_rank(land, xy, members)):
            people = (
                rng.integers(3100, 5200) if serial == 0 else rng.integers(320, 1750)
            )
            kind = 1 if serial == 0 else 200 + serial
            villages.append(
                Village(
                    code=f"{code[:9]}{kind:03d}",
                    name=names.VILLAGES[town][serial],
                    township=town,
                    township_code=code,
                    seat=serial == 0,
                    population=int(people),
                    site=tuple(np.round(xy[site], 1)),
                )
            )
    return villages


def _ghosts() -> NDArray[np.intp]:
    """Return nodes of the neighbouring counties, around the rim."""
    step, rim = int(2200 / lattice.SPACING), int(500 / lattice.SPACING)
    rows, cols = np.arange(rim, lattice.ROWS, step), np.arange(rim, lattice.COLS, step)
    return np.concatenate(
        [
            rows * lattice.COLS + rim,
            rows * lattice.COLS + lattice.COLS - rim,
            rim * lattice.COLS + cols,
            (lattice.ROWS - rim) * lattice.COLS + cols,
        ]
    )


def _labels(land: terrain.Terrain, web: lattice.Lattice, sites: NDArray) -> NDArray:
    """Return for every cell the number of its village, -1 outside the county."""
    cost = web.length * (1 + 6 * web.side + 9 * web.grade) + 250.0 * web.wet
    seeds = np.concatenate((lattice.node_of(sites), _ghosts()))
    _, _, nearest = csgraph.dijkstra(
        web.matrix(cost),
        directed=False,
        indices=seeds,
        min_only=True,
        return_predecessors=True,
    )
    number = np.full(lattice.ROWS * lattice.COLS, -1)
    number[seeds[: len(sites)]] = np.arange(len(sites))
    owner = np.where(nearest >= 0, number[nearest.clip(0)], REEF)
    owner = owner.reshape(lattice.ROWS, lattice.COLS)
    owner = np.kron(owner, np.ones((lattice.STEP, lattice.STEP), dtype=int))
    owner = _tidy(owner, len(sites))
    return np.where(land.sea, -1, _join_reefs(land, owner, sites))


def _tidy(owner: NDArray, count: int) -> NDArray:
    """Round the cell borders by a vote of the neighbourhood."""
    votes = np.stack(
        [
            ndimage.gaussian_filter((owner == k).astype(float), 3.0)
            for k in range(REEF, count)
        ]
    )
    return np.where(owner == REEF, REEF, votes.argmax(axis=0) + REEF)


def _join_reefs(land: terrain.Terrain, owner: NDArray, sites: NDArray) -> NDArray:
    """Give every islet without a village whole to the nearest village."""
    ground, count = ndimage.label(~land.sea)
    owner = owner.copy()
    for k in range(1, count + 1):
        cells = ground == k
        if not (owner[cells] >= 0).any():
            middle = grid.centre(*np.argwhere(cells).T).mean(axis=0)
            owner[cells] = np.hypot(*(sites - middle).T).argmin()
    reef = (owner == REEF) & ~land.sea
    near = ndimage.distance_transform_edt(
        owner < 0, return_distances=False, return_indices=True
    )
    return np.where(reef, owner[tuple(near)], owner)


def _rounded(arc: shapely.LineString) -> shapely.LineString:
    """Round an arc of cell borders; its ends stay."""
    xy = np.asarray(arc.coords)
    if len(xy) < 6:
        return arc
    line = shapely.LineString(xy).segmentize(grid.CELL)
    xy = np.asarray(line.coords)
    if arc.is_ring:
        xy = ndimage.gaussian_filter1d(xy[:-1], 2.0, axis=0, mode="wrap")
        xy = np.vstack((xy, xy[:1]))
    else:
        xy = terrain.bend(xy, 2.0)
    return shapely.LineString(xy).simplify(4.0)


def _partition(label: NDArray) -> list[tuple[shapely.Polygon, int]]:
    """Return polygons of equal labels with shared, rounded borders."""
    shapes = features.shapes(
        label.astype("int32"), mask=label >= 0, transform=grid.TRANSFORM
    )
    polygons = [shapely.geometry.shape(geometry) for geometry, _ in shapes]
    borders = linemerge(shapely.union_all([p.boundary for p in polygons]))
    arcs = [_rounded(arc) for arc in shapely.get_parts(borders)]
    faces = list(polygonize(shapely.union_all(arcs, grid_size=0.01)))
    parts = []
    for face in faces:
        cells = features.geometry_mask(
            [face], label.shape, grid.TRANSFORM, invert=True, all_touched=False
        )
        inside = label[cells]
        if inside.size == 0:
            row, col = grid.cell_of(np.asarray(face.representative_point().coords))
            inside = label[row, col]
        winner = np.bincount(inside + 1).argmax() - 1
        if winner >= 0:
            parts.append((face, int(winner)))
    return parts


def build_boundaries(
    land: terrain.Terrain, web: lattice.Lattice, villages: list[Village]
) -> list[shapely.Geometry]:
    """Return the land of each village; the lands neither overlap nor leave gaps."""
    sites = np.array([village.site for village in villages])
    parts = _partition(_labels(land, web, sites))
    return [
        shapely.coverage_union_all([face for face, owner in parts if owner == k])
        for k in range(len(villages))
    ]
