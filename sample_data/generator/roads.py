"""Roads of all grades as least-cost ways, with bridges, a tunnel and streets."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from generator import grid, lattice, terrain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from generator.places import Village

CLASSES = ("国道", "省道", "县道", "乡道", "村道", "机耕路", "步道")
# technical grade, surface, width in metres, grade that doubles the cost
BUILD = {
    "国道": ("一级", "沥混", 15.0, 0.05),
    "省道": ("二级", "沥混", 12.0, 0.05),
    "县道": ("三级", "沥混", 7.5, 0.06),
    "乡道": ("四级", "沥混", 6.0, 0.07),
    "村道": ("四级", "泥混", 4.5, 0.09),
    "机耕路": ("等外", "碎石", 3.0, 0.13),
    "步道": ("等外", "石板", 1.5, 0.35),
}
REUSE = 0.35
COLUMNS = (
    "road_id",
    "name",
    "road_class",
    "technical_grade",
    "surface",
    "width_m",
    "bridge",
    "tunnel",
    "oneway",
    "number",
)


class Tag(NamedTuple):
    """What a lattice edge carries: class rank, name, number."""

    rank: int
    name: str
    number: str
    tunnel: bool = False
    oneway: bool = False


@dataclass(slots=True)
class Builder:
    """Roads while they grow: a tag for every lattice edge in use."""

    land: terrain.Terrain
    web: lattice.Lattice
    tags: dict[tuple[int, int], Tag] = field(default_factory=dict)
    heading: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    noise: NDArray = field(init=False)
    used: NDArray = field(init=False)
    slot: dict[tuple[int, int], int] = field(init=False)

    def __post_init__(self) -> None:
        """Prepare look-ups and the unevenness of the ground."""
        rough = grid.fractal(
            grid.rng_for("ground"), (lattice.ROWS, lattice.COLS), beta=2.0, longest=9
        )
        rough = np.exp(0.22 * rough.ravel())
        self.noise = (rough[self.web.u] + rough[self.web.v]) / 2
        self.used = np.full(self.web.u.size, len(CLASSES))
        pairs = zip(self.web.u.tolist(), self.web.v.tolist(), strict=True)
        self.slot = {pair: k for k, pair in enumerate(pairs)}

    def graph(self, road_class: str, reuse: float = REUSE) -> sparse.csr_array:
        """Return the lattice priced for a new road of this class."""
        bearable = BUILD[road_class][3]
        rank = CLASSES.index(road_class)
        web = self.web
        cost = web.length * (1 + (web.grade / bearable) ** 2 + 2.5 * web.side)
        cost = cost * self.noise + 260.0 * web.wet
        known = self.used <= rank + 2
        cost = np.where(known, cost * reuse, cost)
        return web.matrix(np.where(self.used > len(CLASSES), 1e9, cost))

    def path(
        self, road_class: str, start: int, ends: Iterable[int], *, reuse: float = REUSE
    ) -> list[int]:
        """Return the cheapest way from `start` to the cheapest of `ends`."""
        cost, before = lattice.ways(self.graph(road_class, reuse), start)
        end = min(ends, key=lambda node: cost[node])
        return lattice.trace(before, end) if cost[end] < 1e8 else []

    def lay(self, nodes: list[int], tag: Tag, *, keep: bool = True) -> None:
        """Tag the edges of a way; a better class that is there stays."""
        for a, b in itertools.pairwise(nodes):
            edge = (min(a, b), max(a, b))
            if edge in self.tags and keep and self.tags[edge].rank <= tag.rank:
                continue
            self.tags[edge] = tag
            self.heading[edge] = (a, b)
            if edge in self.slot:
                self.used[self.slot[edge]] = tag.rank
            self._bar_crossing(edge)

    def _bar_crossing(self, edge: tuple[int, int]) -> None:
        """Forbid the other diagonal of a square whose diagonal is a road."""
        low, high = edge
        if high - low == lattice.COLS + 1:
            other = (low + 1, high - 1)
        elif high - low == lattice.COLS - 1:
            other = (low - 1, high + 1)
        else:
            return
        if other in self.slot and other not in self.tags:
            self.used[self.slot[other]] = len(CLASSES) + 1

    def nodes(self) -> set[int]:
        """Return the nodes that lie on a road."""
        return {node for edge in self.tags for node in edge}

    def join(
        self, road_class: str, ends: tuple[int, int], *, name: str, number: str
    ) -> None:
        """Lay the cheapest road of a class between two nodes."""
        rank = CLASSES.index(road_class)
        a, b = ends
        self.lay(self.path(road_class, a, [b]), Tag(rank, name, number))


def _gate(land: terrain.Terrain, nodes: NDArray) -> int:
    """Return the lowest land node among those given."""
    z = land.z[:: lattice.STEP, :: lattice.STEP].ravel()[nodes]
    return int(nodes[np.argmin(np.where(z > 2, z, np.inf))])


def _gates(land: terrain.Terrain) -> tuple[int, int, int]:
    """Return road ends beyond the county: north-east, south-west, west."""
    rows, cols = lattice.ROWS, lattice.COLS
    north = 8 * cols + np.arange(int(cols * 0.66), int(cols * 0.84))
    south = (rows - 9) * cols + np.arange(int(cols * 0.12), int(cols * 0.30))
    west = np.arange(int(rows * 0.06), int(rows * 0.42)) * cols + 8
    return _gate(land, north), _gate(land, south), _gate(land, west)


def _trunk(builder: Builder, villages: list[Village], at: dict[str, int]) -> None:
    """Lay the national and provincial roads and the roads between the seats."""
    north, south, west = _gates(builder.land)
    seats = [at[v.code] for v in villages if v.seat]
    builder.join("国道", (seats[0], south), name="国道G999", number="G999")
    builder.join("国道", (seats[0], seats[1]), name="国道G999", number="G999")
    builder.join("国道", (seats[1], seats[2]), name="国道G999", number="G999")
    builder.join("国道", (seats[2], north), name="国道G999", number="G999")
    builder.join(
        "省道",
        (at[_code(villages, "枫坳里村")], seats[1]),
        name="云岚省道",
        number="S991",
    )
    builder.join(
        "省道", (at[_code(villages, "枫坳里村")], west), name="云岚省道", number="S991"
    )
    _tunnel(builder)
    middle = at[_code(villages, "石鼓潭村")]
    builder.join("县道", (seats[0], middle), name="屏石线", number="X901")
    builder.join(
        "县道", (middle, at[_code(villages, "鹤背岭村")]), name="石鹤线", number="X902"
    )
    builder.join(
        "县道",
        (at[_code(villages, "梅雨坪村")], at[_code(villages, "石帆沿村")]),
        name="梅石线",
        number="X903",
    )
    builder.join(
        "县道",
        (at[_code(villages, "石帆沿村")], seats[2]),
        name="石竹线",
        number="X904",
    )


def _code(villages: list[Village], name: str) -> str:
    """Return the code of a village by name."""
    return next(v.code for v in villages if v.name == name)


def _tunnel(builder: Builder) -> None:
    """Cut one ridge of the provincial road; the old road over it stays."""
    nodes = sorted({n for e, t in builder.tags.items() if t.rank == 1 for n in e})
    xy = lattice.point_of(np.array(nodes))
    z = builder.land.height(xy)
    best, chosen = 0.0, None
    for i in range(len(nodes)):
        for j in range(i + 1, len(nodes)):
            gap = float(np.hypot(*(xy[i] - xy[j])))
            if 450 < gap < 1300 and abs(z[i] - z[j]) < 0.06 * gap:
                line = np.linspace(xy[i], xy[j], 30)
                cover = builder.land.height(line) - np.linspace(z[i], z[j], 30)
                if cover[4:-4].min() > 3 and cover.max() / gap**0.5 > best:
                    best, chosen = cover.max() / gap**0.5, (nodes[i], nodes[j])
    if chosen:
        builder.lay(list(chosen), Tag(1, "云屏隧道", "S991", tunnel=True))


def _rural(builder: Builder, villages: list[Village], at: dict[str, int]) -> None:
    """Join every village of the mainland to the roads that are there."""
    isle = next(v for v in villages if v.name == "海青屿村")
    for serial, village in enumerate(v for v in villages if v.code != isle.code):
        on_road = builder.nodes()
        if at[village.code] in on_road:
            continue
        way = builder.path("乡道", at[village.code], on_road)
        name = village.name.rstrip("村")
        builder.lay(way, Tag(3, f"{name}线", f"Y9{serial:02d}"))


def _isle(builder: Builder, villages: list[Village], at: dict[str, int]) -> None:
    """Lay the roads of the island: to both ends and across to the pier."""
    site = at[_code(villages, "海青屿村")]
    cost, before = lattice.ways(builder.graph("村道"), site)
    xy = lattice.point_of(np.arange(cost.size))
    away = xy - xy[site]
    ground = np.isfinite(cost)
    for name, east, north in (
        ("环岛北路", 0.3, 1),
        ("环岛南路", 0.3, -1),
        ("岛东路", 1, 0.1),
    ):
        aim = np.where(ground, away @ np.array([east, north]) - 0.1 * cost, -np.inf)
        builder.lay(lattice.trace(before, int(aim.argmax())), Tag(4, name, "C990"))


def _neighbours(villages: list[Village]) -> list[tuple[int, int]]:
    """Return pairs of villages that are each other's near neighbours."""
    xy = np.array([v.site for v in villages])
    far = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    pairs = {
        (min(i, int(j)), max(i, int(j)))
        for i in range(len(xy))
        for j in np.argsort(far[i], kind="stable")[1:4]
    }
    return sorted(pair for pair in pairs if far[pair] < 4200)


def _cross_links(builder: Builder, villages: list[Village], at: dict[str, int]) -> None:
    """Lay village roads and ridge paths between neighbours."""
    for serial, (i, j) in enumerate(_neighbours(villages)):
        a, b = villages[i], villages[j]
        name = f"{a.name[:2]}{b.name[:2]}"
        if serial % 3 == 0:
            way = builder.path("村道", at[a.code], [at[b.code]], reuse=0.8)
            builder.lay(way, Tag(4, f"{name}村道", f"C{serial:03d}"))
        elif serial % 3 == 1:
            way = builder.path("步道", at[a.code], [at[b.code]])
            builder.lay(way, Tag(6, f"{name}古道", ""))


def _streets(builder: Builder, village: Village, at: int) -> None:
    """Lay streets around the middle of a village, a couplet in the county town."""
    rng = grid.rng_for(f"streets{village.code}")
    radius = int(np.clip(village.population / 420, 2, 9))
    slope = builder.land.slope[:: lattice.STEP, :: lattice.STEP]
    row, col = divmod(at, lattice.COLS)
    fits = set()
    for r in range(row - radius, row + radius + 1):
        for c in range(col - radius, col + radius + 1):
            if np.hypot(r - row, c - col) <= radius + 0.5 and slope[r, c] < 0.13:
                fits.add((r, c))
    every = 3 if village.seat else 2
    shift = rng.integers(0, every, 2)
    for r, c in sorted(fits):
        for dr, dc, line in ((0, 1, r + shift[0]), (1, 0, c + shift[1])):
            if line % every == 0 and (r + dr, c + dc) in fits:
                edge = (r * lattice.COLS + c, (r + dr) * lattice.COLS + c + dc)
                if edge in builder.slot and (village.seat or rng.random() < 0.72):
                    builder.lay(list(edge), Tag(4, _street(village, dr, line), ""))


def _street(village: Village, across: int, line: int) -> str:
    """Return the name of a street by its line on the lattice."""
    if not village.seat:
        return f"{village.name.rstrip('村')}村内路"
    words = (
        "望海",
        "云屏",
        "临溪",
        "岚光",
        "竹荫",
        "石桥",
        "新埠",
        "永安",
        "朝晖",
        "渔港",
    )
    return words[line % len(words)] + ("街" if across else "路")


def _couplet(builder: Builder, at: int) -> None:
    """Make two parallel streets of the county town one-way, opposite ways."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for (u, v), tag in builder.tags.items():
        row = u // lattice.COLS
        if (
            tag.rank == 4
            and v - u == 1
            and abs(row - at // lattice.COLS) < 8
            and abs(u % lattice.COLS - at % lattice.COLS) < 10
        ):
            rows.setdefault(row, []).append((u, v))
    longest = sorted(rows, key=lambda row: (-len(rows[row]), row))[:2]
    for number, row in enumerate(sorted(longest)):
        for u, v in rows[row]:
            tag = builder.tags[u, v]
            name = ("云屏东街", "云屏西街")[number]
            builder.tags[u, v] = tag._replace(oneway=True, name=name)
            builder.heading[u, v] = (u, v) if number == 0 else (v, u)


def _tracks(builder: Builder, villages: list[Village]) -> None:
    """Lay farm tracks and footpaths that end on the hillside."""
    for village in villages:
        rng = grid.rng_for(f"tracks{village.code}")
        for number in range(int(rng.integers(3, 6))):
            angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(500, 1500)
            end = np.array(village.site) + far * np.array(
                [np.cos(angle), np.sin(angle)]
            )
            if builder.land.sea[grid.cell_of(end)][0]:
                continue
            road_class = "步道" if number == 0 else "机耕路" if number < 4 else "村道"
            way = builder.path(
                road_class, int(lattice.node_of(end)[0]), builder.nodes()
            )
            suffix = {"步道": "步道", "机耕路": "机耕路", "村道": "支路"}[road_class]
            name = village.name.rstrip("村") + suffix
            if len(way) < 45:
                builder.lay(way, Tag(CLASSES.index(road_class), name, ""))


def _chains(builder: Builder) -> list[tuple[list[int], Tag]]:
    """Return roads between junctions, in travel direction where one-way."""
    around: dict[int, list[int]] = {}
    for u, v in sorted(builder.tags):
        around.setdefault(u, []).append(v)
        around.setdefault(v, []).append(u)

    def tag(a: int, b: int) -> Tag:
        return builder.tags[min(a, b), max(a, b)]

    def ends(n: int) -> bool:
        near = around[n]
        return len(near) != 2 or tag(near[0], n) != tag(near[1], n)

    seen: set[tuple[int, int]] = set()
    chains = []
    for node in sorted(filter(ends, around)):
        for following in around[node]:
            if (node, following) in seen:
                continue
            chain = [node, following]
            while not ends(chain[-1]):
                a, b = around[chain[-1]]
                chain.append(b if a == chain[-2] else a)
            seen.update(((chain[0], chain[1]), (chain[-1], chain[-2])))
            edge = (min(chain[:2]), max(chain[:2]))
            forward = builder.heading[edge] == (chain[0], chain[1])
            chains.append((chain if forward else chain[::-1], tag(*edge)))
    return chains


def _line(chain: list[int], tag: Tag) -> shapely.LineString:
    """Return a road as a rounded line."""
    xy = lattice.point_of(np.array(chain))
    bends = {5: 1.0, 6: 1.0, 4: 1.0}.get(tag.rank, 1.6)
    if not tag.tunnel and len(xy) > 2:
        xy = terrain.bend(
            np.asarray(shapely.LineString(xy).segmentize(31).coords), 2 * bends
        )
    return shapely.LineString(xy).simplify(2.5)


def _with_bridges(
    line: shapely.LineString, streams: shapely.STRtree
) -> list[tuple[shapely.LineString, bool]]:
    """Cut a line at its bridges over streams."""
    near = [streams.geometries[i] for i in streams.query(line, predicate="intersects")]
    spots: list[float] = sorted(
        line.project(point)
        for water in near
        for point in shapely.get_parts(shapely.intersection(line, water))
        if point.geom_type == "Point"
    )
    pieces, at = [], 0.0
    for spot in spots:
        start, stop = max(spot - 22, 0.0), min(spot + 22, line.length)
        if start < at + 6:
            continue
        pieces += [(at, start, False), (start, stop, True)]
        at = stop
    pieces.append((at, line.length, False))
    return [
        (shapely.ops.substring(line, a, b), bridge)
        for a, b, bridge in pieces
        if b - a > 0.5
    ]


def build_roads(
    land: terrain.Terrain,
    web: lattice.Lattice,
    villages: list[Village],
    *,
    lands: list[shapely.Geometry],
) -> tuple[gpd.GeoDataFrame, tuple[float, float]]:
    """Return the roads (canonical columns, EPSG:4549) and the lone hamlet.

    The track of that hamlet is joined to no other road.
    """
    builder = Builder(land=land, web=web)
    at = {v.code: int(lattice.node_of(v.site)[0]) for v in villages}
    _trunk(builder, villages, at)
    _rural(builder, villages, at)
    _isle(builder, villages, at)
    for village in villages:
        _streets(builder, village, at[village.code])
    _couplet(builder, at[villages[0].code])
    _cross_links(builder, villages, at)
    _tracks(builder, villages)
    _prune(builder, [at[villages[0].code], at[_code(villages, "海青屿村")]])
    home = lands[[v.name for v in villages].index("石鼓潭村")]
    hamlet = _lone_track(builder, home)
    hull = shapely.union_all(lands).convex_hull
    return _frame(builder, hull), hamlet


def _prune(builder: Builder, keep: list[int]) -> None:
    """Drop pieces of road that hang together with none of the nodes kept."""
    pairs = np.array(sorted(builder.tags))
    size = lattice.ROWS * lattice.COLS
    web = sparse.csr_array((np.ones(len(pairs)), pairs.T), shape=(size, size))
    _, part = csgraph.connected_components(web, directed=False)
    for u, v in pairs.tolist():
        if part[u] not in part[keep]:
            del builder.tags[u, v]


def _lone_track(builder: Builder, home: shapely.Geometry) -> tuple[float, float]:
    """Choose a hamlet far from all roads in `home` and give it a track."""
    xy = lattice.point_of(np.arange(lattice.ROWS * lattice.COLS))
    roads = shapely.MultiPoint(xy[sorted(builder.nodes())])
    far = shapely.distance(shapely.points(xy), roads)
    slope = ndimage.uniform_filter(builder.land.slope, 7)[grid.cell_of(xy)]
    fits = shapely.contains_xy(home.buffer(-500), *xy.T) & (far > 950) & (far < 1500)
    start = int(np.where(fits, slope, np.inf).argmin())
    cost, before = lattice.ways(builder.graph("机耕路"), start)
    away = np.hypot(*(xy - xy[start]).T)
    for side in (xy[:, 0] > xy[start, 0], xy[:, 0] < xy[start, 0]):
        ring = (away > 200) & (away < 330) & side & (far > 750)
        end = int(np.where(ring, cost, np.inf).argmin())
        builder.lay(lattice.trace(before, end), Tag(5, "石门坑机耕路", ""))
    return float(xy[start, 0]), float(xy[start, 1])


def _frame(builder: Builder, limits: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return the roads as a frame, cut at the county line and at bridges."""
    water = shapely.STRtree([line for line, _ in terrain.stream_lines(builder.land)])
    records = []
    for chain, tag in _chains(builder):
        line = _line(chain, tag)
        cut = shapely.intersection(line, limits)
        for part in shapely.get_parts(shapely.line_merge(cut)):
            pieces = [(part, False)] if tag.tunnel else _with_bridges(part, water)
            records += [(piece, tag, bridge) for piece, bridge in pieces]
    return _table(records)


def _table(records: list[tuple[shapely.LineString, Tag, bool]]) -> gpd.GeoDataFrame:
    """Return road records under their canonical columns."""
    rows = []
    for number, (_, tag, bridge) in enumerate(records, start=1):
        grade, surface, width, _ = BUILD[CLASSES[tag.rank]]
        rows.append(
            (
                f"L{number:05d}",
                tag.name,
                CLASSES[tag.rank],
                grade,
                surface,
                width,
                bridge,
                tag.tunnel,
                tag.oneway,
                tag.number,
            )
        )
    lines = shapely.set_precision([line for line, _, _ in records], 0.1)
    return gpd.GeoDataFrame(rows, columns=list(COLUMNS), geometry=lines, crs=grid.CRS)
