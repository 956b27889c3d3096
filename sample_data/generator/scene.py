"""The ground of the county, built once: terrain, villages, roads, hazards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from generator import (
    grid,
    hazards,
    lattice,
    names,
    passable,
    people,
    places,
    roads,
    terrain,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Scene:
    """Everything that lies on the ground, EPSG:4549."""

    land: terrain.Terrain
    villages: list[places.Village]
    lands: list[shapely.Geometry]
    roads: gpd.GeoDataFrame
    hamlets: list[people.Hamlet]
    slides: list[hazards.Slide]
    floods: list[shapely.Polygon]
    houses: gpd.GeoDataFrame
    reservoirs: gpd.GeoDataFrame
    depth: NDArray[np.float64]

    @cached_property
    def sites(self) -> NDArray[np.float64]:
        """Middles of the villages."""
        return np.array([village.site for village in self.villages])

    @cached_property
    def danger(self) -> shapely.Geometry:
        """All risk zones and flash-flood zones as one geometry."""
        return shapely.union_all([s.zone for s in self.slides] + list(self.floods))

    def village_at(self, geometry: shapely.Geometry) -> places.Village:
        """Return the village whose land holds the middle of a geometry."""
        point = geometry.representative_point()
        far = [shapely.distance(land, point) for land in self.lands]
        return self.villages[int(np.argmin(far))]

    def village(self, name: str) -> places.Village:
        """Return a village by name."""
        return next(v for v in self.villages if v.name == name)

    def flooded(self, xy: tuple[float, float]) -> bool:
        """Tell whether the storm surge stands 0.3 m deep or deeper at a point."""
        return bool(self.depth[grid.cell_of(xy)][0] >= 0.3)

    def safe(self, xy: tuple[float, float], margin: float = 15.0) -> bool:
        """Tell whether a point is outside all zones and the deep water."""
        point = shapely.Point(xy)
        return self.danger.distance(point) > margin and not self.flooded(xy)

    @cached_property
    def _ways_out(self) -> tuple[shapely.STRtree, NDArray[np.bool_]]:
        """Return the pieces of all roads, and which stay joined in the storm."""
        web = passable.build_web(self.roads, self.sites)
        closed = shapely.contains_xy(self.danger.buffer(2), *web.middle.T)
        closed |= self.depth[grid.cell_of(web.middle)] >= 0.3
        return shapely.STRtree(shapely.points(web.middle)), web.connected(closed)

    def joined(self, xy: tuple[float, float]) -> bool:
        """Tell whether the road beside a point stays joined in the storm."""
        tree, good = self._ways_out
        return bool(good[tree.nearest(shapely.Point(xy))])

    def by_road(
        self, rng: np.random.Generator, site: tuple[float, float], reach: float
    ) -> tuple[float, float]:
        """Return a safe point beside a road near a site, on land."""
        around = shapely.Point(site).buffer(reach)
        near = self.roads[
            self.roads["road_class"].isin(("国道", "乡道", "村道", "县道", "省道"))
            & ~self.roads["bridge"]
            & ~self.roads["tunnel"]
            & self.roads.intersects(around)
        ].intersection(around)
        near = near[(near.length > 15) & (near.geom_type == "LineString")]
        spot = site
        for _ in range(90):
            line = near.iloc[int(rng.integers(len(near)))]
            spot = tuple(np.round(people.beside(rng, line, (14, 30)), 1))
            dry = not self.land.sea[grid.cell_of(spot)][0] and self.safe(spot)
            if dry and self.joined(spot):
                return spot
        return spot

    def shore(self, site: tuple[float, float]) -> tuple[float, float]:
        """Return the land cell at the sea nearest to a site."""
        rows, cols = np.nonzero(self.edge)
        xy = grid.centre(rows, cols)
        best = xy[np.hypot(*(xy - np.array(site)).T).argmin()]
        return tuple(np.round(best, 1))

    @cached_property
    def edge(self) -> NDArray[np.bool_]:
        """Land cells beside the sea."""
        sea = self.land.sea
        near = np.zeros_like(sea)
        near[1:] |= sea[:-1]
        near[:-1] |= sea[1:]
        near[:, 1:] |= sea[:, :-1]
        near[:, :-1] |= sea[:, 1:]
        return near & ~sea


def build_scene() -> Scene:
    """Return the county as it lies on the ground."""
    land = terrain.build_terrain()
    web = lattice.build_lattice(land)
    villages = places.build_villages(land)
    lands = places.build_boundaries(land, web, villages)
    lanes, lone = roads.build_roads(land, web, villages, lands=lands)
    hamlets = people.build_hamlets(land, villages, lands, roads=lanes, lone=lone)
    homes = np.array([hamlet.xy for hamlet in hamlets])
    slides = open_roads(hazards.build_slides(land, homes, 60), lanes)
    slides = passable.open_slides(slides, lanes, hamlets, spare=3)
    floods = hazards.build_flash_floods(land, homes, lanes)
    floods = passable.open_floods(floods, lanes, hamlets, spare=1)
    return Scene(
        land=land,
        villages=villages,
        lands=lands,
        roads=lanes,
        hamlets=hamlets,
        slides=slides,
        floods=floods,
        houses=people.build_houses(land, villages, hamlets, roads=lanes),
        reservoirs=_named(
            hazards.build_reservoirs(land, shapely.union_all(lands), lanes)
        ),
        depth=hazards.flood_depth(land, lanes),
    )


def open_roads(
    slides: list[hazards.Slide], lanes: gpd.GeoDataFrame, closed: int = 3
) -> list[hazards.Slide]:
    """Keep the main roads out of all zones but a few, which stay planned closures."""
    main = lanes[lanes["road_class"].isin(hazards.MAIN)]
    dry = shapely.union_all(main.geometry.buffer(14))
    kept = []
    for slide in slides:
        zone = slide.zone
        if zone.intersects(dry) and slide.kind != "泥石流" and closed:
            closed -= 1
        elif zone.intersects(dry):
            zone = hazards.clear_of(zone, dry)
        kept.append(hazards.Slide(slide.kind, slide.point, zone, slide.hamlet))
    return kept


def _named(reservoirs: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give every reservoir and pond an invented name."""
    words = (
        "云湖",
        "岭脚",
        "龙潭背",
        "深坑",
        "雁湖",
        "芦塘",
        "牛轭",
        "杉坞",
        "月塘",
        "茶寮",
        "三折",
        "荷叶",
        "枫树",
        "石臼",
    )
    labels = [
        f"{word}{kind}" for word, kind in zip(words, reservoirs["kind"], strict=False)
    ]
    return reservoirs.assign(name=labels)


def frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return records with a `geometry` entry as a frame in EPSG:4549."""
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=grid.CRS)


def fictional(name: str) -> str:
    """Return a place name with its county in front, as in an address."""
    return f"{names.COUNTY}{name}"
