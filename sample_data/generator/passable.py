"""Keeps danger zones from cutting off too many hamlets."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse
from scipy.sparse import csgraph

from generator import hazards

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from generator.hazards import Slide
    from generator.people import Hamlet

PIECE_M = 15.0
VERGE_M = 12.0
PLANNED = 3


@dataclass(frozen=True, slots=True)
class Web:
    """Roads as short pieces between numbered places."""

    middle: NDArray[np.float64]
    pairs: NDArray[np.intp]
    size: int
    homes: NDArray[np.intp]

    def parts(self, closed: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return for each hamlet the number of the part of the roads it is on."""
        u, v = self.pairs[~closed].T
        graph = sparse.csr_array((np.ones(len(u)), (u, v)), shape=(self.size,) * 2)
        _, part = csgraph.connected_components(graph, directed=False)
        return part[self.homes]

    def connected(self, closed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which pieces are open and lead to most of their roads."""
        whole = self._component(np.zeros(len(self.pairs), dtype=bool))
        cut = self._component(closed)
        good = np.zeros(len(self.pairs), dtype=bool)
        for part in np.unique(whole):
            here = (whole == part) & ~closed
            if here.any():
                good |= here & (cut == np.bincount(cut[here]).argmax())
        return good

    def _component(self, closed: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return for each piece the number of the part of the roads it is on."""
        u, v = self.pairs[~closed].T
        graph = sparse.csr_array((np.ones(len(u)), (u, v)), shape=(self.size,) * 2)
        return csgraph.connected_components(graph, directed=False)[1][self.pairs[:, 0]]

    def strands(self, zone: shapely.Geometry, homes: NDArray) -> int:
        """Return how many hamlets outside a zone it cuts off from most others."""
        whole = self.parts(np.zeros(len(self.pairs), dtype=bool))
        cut = self.parts(shapely.contains_xy(zone, *self.middle.T))
        outside = ~shapely.contains_xy(zone.buffer(60), *homes.T)
        lost = 0
        for part in np.unique(whole):
            here = cut[whole == part]
            main = np.bincount(here).argmax()
            lost += int(((here != main) & outside[whole == part]).sum())
        return lost


def build_web(roads: gpd.GeoDataFrame, homes: NDArray) -> Web:
    """Return the web of the roads with the place of each hamlet on it."""
    points, pairs, known = [], [], {}
    for line in shapely.segmentize(roads.geometry.to_numpy(), PIECE_M):
        numbers = []
        for x, y in np.round(np.asarray(line.coords), 1).tolist():
            if (x, y) not in known:
                known[x, y] = len(points)
                points.append((x, y))
            numbers.append(known[x, y])
        pairs += itertools.pairwise(numbers)
    xy, ends = np.array(points), np.array(pairs)
    near = shapely.STRtree(shapely.points(xy)).nearest(shapely.points(homes))
    return Web(xy[ends].mean(axis=1), ends, len(xy), near)


def open_slides(
    slides: list[Slide], roads: gpd.GeoDataFrame, hamlets: list[Hamlet], *, spare: int
) -> list[Slide]:
    """Take the roads out of all zones that cut hamlets off, `spare` excepted."""
    homes = np.array([hamlet.xy for hamlet in hamlets])
    web = build_web(roads, homes)
    verge = shapely.union_all(roads.geometry.buffer(VERGE_M))
    kept = []
    for slide in slides:
        zone = slide.zone
        if web.strands(zone, homes):
            planned = spare > 0 and hamlets[slide.hamlet].village % 7 == PLANNED
            spare -= planned
            if not planned:
                zone = hazards.clear_of(zone, verge)
        kept.append(replace(slide, zone=zone))
    return kept


def open_floods(
    zones: list[shapely.Polygon],
    roads: gpd.GeoDataFrame,
    hamlets: list[Hamlet],
    *,
    spare: int,
) -> list[shapely.Polygon]:
    """Take the roads out of flood zones likewise."""
    slides = [hazards.Slide("", (0.0, 0.0), zone, 0) for zone in zones]
    return [slide.zone for slide in open_slides(slides, roads, hamlets, spare=spare)]
