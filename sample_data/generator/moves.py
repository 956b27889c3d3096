"""Who moves where: groups, households, official routes, duties, inspections."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from shapely.ops import substring

from generator import grid, names
from generator.scene import Scene, frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from generator.places import Village

AS_OF = dt.date(2026, 4, 15)
SITES = ("竹溪村", "屏城社区", "岚浦社区", "竹屿街村", "潮音埭村", "沙秋渡村")
HARBOURS = ("岚浦社区", "银鳌头村", "潮音埭村", "海青屿村", "屏城社区")
IN_DANGER = ("地质灾害点", "山洪危险区", "低洼易涝区")
WALK_M = 300.0
"""How far from home people gather; invented."""
FARMS = ("望潮门村", "灯盏山村", "海青屿村", "蓝田岙村")


def _group(
    village: Village,
    crowd: names.People,
    **given: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Return one group of people who move together."""
    rng = grid.rng_for(f"group{village.code}{given['name']}")
    people = int(given.pop("people", 0) or np.clip(rng.lognormal(3.25, 0.62), 5, 118))
    old = given["category"] not in {"建筑工地", "渔船", "海上养殖"}
    return {
        "name": given.pop("name"),
        "village_code": village.code,
        "village_name": village.name,
        "category": given.pop("category"),
        "people": people,
        "elderly_people": int(people * rng.uniform(0.15, 0.4)) if old else 0,
        "children_people": int(people * rng.uniform(0.05, 0.16)) if old else 0,
        "disabled_people": int(people * rng.uniform(0, 0.06)) if old else 0,
        "placement": given.pop("placement", None)
        or ("投亲靠友" if rng.random() < 0.1 else "集中"),
        "assembly_point": given.pop("assembly", f"{village.name}村口"),
        **crowd.pair(),
        "hazard_id": None,
        "geometry": shapely.Point(np.round(given.pop("at"), 1)),
        **given,
    }


def _hamlet_groups(
    scene: Scene, layers: Mapping[str, gpd.GeoDataFrame], crowd: names.People
) -> list[dict[str, Any]]:
    """Return the groups of the hamlets, named after what threatens them."""
    rows = []
    slides, floods = layers["risk_zones"], layers["flood_zones"]
    near = shapely.STRtree(slides.geometry.to_numpy())
    for hamlet in scene.hamlets:
        village, point = scene.villages[hamlet.village], shapely.Point(hamlet.xy)
        zone = int(near.nearest(point))
        wet = floods.distance(point)
        if slides.geometry.iloc[zone].distance(point) < 60:
            category, hazard = "地质灾害点", slides["risk_zone_id"].iloc[zone]
        elif wet.min() < 60:
            category, hazard = "山洪危险区", floods["flood_zone_id"].loc[wet.idxmin()]
        elif scene.flooded(hamlet.xy):
            category, hazard = "低洼易涝区", None
        else:
            category, hazard = "危旧房", None
            if len(rows) % 3 == 0:
                continue
        spot = "祠堂前" if len(rows) % 2 else "晒谷场"
        rows.append(
            _group(
                village,
                crowd,
                name=f"{village.name}{hamlet.name}组",
                category=category,
                at=hamlet.xy,
                hazard_id=hazard,
                assembly=f"{hamlet.name}{spot}",
            )
        )
    return rows


def _other_groups(scene: Scene, crowd: names.People) -> list[dict[str, Any]]:
    """Return building sites, boats, sea farms and guests."""
    rng, rows = grid.rng_for("other-groups"), []
    for serial, name in enumerate(SITES):
        village = scene.village(name)
        at = scene.by_road(rng, village.site, 500)
        rows.append(
            _group(
                village,
                crowd,
                name=f"{name}{'一二三四五六'[serial]}号工地工棚",
                category="建筑工地",
                at=at,
                people=int(rng.integers(30, 121)),
                placement="集中",
                assembly="工地大门",
            )
        )
    for category, places, label, placement in (
        ("渔船", HARBOURS, "渔船编组", "返港"),
        ("海上养殖", FARMS, "养殖筏组", "集中"),
    ):
        for name in places:
            village = scene.village(name)
            rows.append(
                _group(
                    village,
                    crowd,
                    name=f"{name}{label}",
                    category=category,
                    at=scene.shore(village.site),
                    people=int(rng.integers(8, 56)),
                    placement=placement,
                    assembly="码头",
                )
            )
    for name in ("石鼓潭村", "白礁湾村", "云栈头村"):
        village = scene.village(name)
        rows.append(
            _group(
                village,
                crowd,
                name=f"{name}农家乐游客",
                category="农家乐",
                at=scene.by_road(rng, village.site, 450),
                placement="集中",
                people=int(rng.integers(8, 40)),
                assembly="停车场",
            )
        )
    return rows


def _groups(
    scene: Scene, layers: Mapping[str, gpd.GeoDataFrame], crowd: names.People
) -> gpd.GeoDataFrame:
    """Return all groups, numbered within the county."""
    rows = _hamlet_groups(scene, layers, crowd) + _other_groups(scene, crowd)
    rows.sort(key=lambda row: row["village_code"])
    return frame([{"group_id": f"ZY{k:04d}", **row} for k, row in enumerate(rows, 1)])


def _households(groups: gpd.GeoDataFrame, crowd: names.People) -> gpd.GeoDataFrame:
    """Return the households of the groups that hazards threaten most."""
    rng, rows = grid.rng_for("households"), []
    chosen = groups[groups["category"].isin(("地质灾害点", "山洪危险区"))]
    for group in chosen.iloc[::3].itertuples():
        left, old, disabled = group.people, group.elderly_people, group.disabled_people
        while left > 0:
            size = min(int(rng.integers(1, 6)), left)
            elderly, weak = min(old, int(rng.integers(0, 3)), size), min(disabled, 1)
            shift = rng.normal(0, 16, 2)
            rows.append(
                {
                    "household_id": f"HU{len(rows) + 1:05d}",
                    "group_id": group.group_id,
                    "village_code": group.village_code,
                    "head": crowd.name(),
                    "phone": crowd.phone(),
                    "people": size,
                    "elderly_people": elderly,
                    "disabled_people": weak,
                    "house_kind": ("砖混", "砖木", "石木")[
                        rng.choice(3, p=(0.6, 0.25, 0.15))
                    ],
                    "geometry": shapely.Point(
                        np.round(np.array(group.geometry.coords[0]) + shift, 1)
                    ),
                }
            )
            left, old, disabled = left - size, old - elderly, disabled - weak
    return frame(rows)


class _Ways:
    """Shortest ways along the roads between road ends."""

    def __init__(self, roads: gpd.GeoDataFrame) -> None:
        ends = shapely.get_coordinates(
            [
                [shapely.get_point(g, 0), shapely.get_point(g, -1)]
                for g in roads.geometry
            ]
        ).reshape(-1, 2)
        self.xy, index = np.unique(ends, axis=0, return_inverse=True)
        self.pairs = index.reshape(-1, 2)
        self.lines = roads.geometry.to_numpy()
        self.by_pair = {}
        for k, (a, b) in enumerate(self.pairs.tolist()):
            self.by_pair.setdefault((a, b), (k, False))
            self.by_pair.setdefault((b, a), (k, True))
        length = shapely.length(self.lines)
        self.graph = sparse.coo_array(
            (length, self.pairs.T), shape=(len(self.xy),) * 2
        ).tocsr()

    def line(
        self, start: shapely.Point, end: shapely.Point
    ) -> shapely.LineString | None:
        """Return the way from one place to another, access included."""
        ways = [
            (lead, self._between(a, b), tail)
            for a, lead in self._to_ends(start)
            for b, tail in self._to_ends(end)
        ]
        whole = [
            np.vstack([start.coords, lead, *pieces, tail[::-1], end.coords])
            for lead, pieces, tail in ways
            if pieces is not None
        ]
        lines = [shapely.LineString(xy).simplify(1.0) for xy in whole]
        return min(lines, key=shapely.length, default=None)

    def _to_ends(self, place: shapely.Point) -> list[tuple[int, np.ndarray]]:
        """Return both ends of the nearest road, and the way to each along it."""
        k = int(shapely.distance(self.lines, place).argmin())
        line = self.lines[k]
        at = shapely.line_locate_point(line, place)
        ways = [substring(line, at, 0.0), substring(line, at, line.length)]
        coords = [np.asarray(way.coords) for way in ways]
        return list(zip(self.pairs[k].tolist(), coords, strict=True))

    def _between(self, a: int, b: int) -> list[np.ndarray] | None:
        """Return the roads from one road end to another; None for no way."""
        _, before = csgraph.dijkstra(
            self.graph, directed=False, indices=a, return_predecessors=True
        )
        nodes = [b]
        while before[nodes[-1]] >= 0:
            nodes.append(int(before[nodes[-1]]))
        if nodes[-1] != a:
            return None
        pieces = []
        for u, v in zip(nodes[::-1][:-1], nodes[::-1][1:], strict=True):
            k, back = self.by_pair[u, v]
            xy = np.asarray(self.lines[k].coords)
            pieces.append(xy[::-1] if back else xy)
        return pieces


def _planned_routes(
    scene: Scene, groups: gpd.GeoDataFrame, shelters: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return official routes; the last one runs through somebody else's zone."""
    walkable = scene.roads[~scene.roads["road_class"].isin(("步道", "国道"))]
    ways, rows = _Ways(walkable), []
    sound = shelters[shelters["assessed"] & (shelters["place_kind"] == "室内")]
    sound = sound[[scene.safe((p.x, p.y)) for p in sound.geometry]]
    blocked: list[dict[str, Any]] = []
    for group in groups[groups["placement"] == "集中"].iloc[::4].itertuples():
        shelter = sound.loc[sound.distance(group.geometry).idxmin()]
        line = ways.line(group.geometry, shelter.geometry)
        if line is None or line.length > 3500:
            continue
        row = {
            "name": f"{group.name}至{shelter['name']}",
            "group_id": group.group_id,
            "shelter_id": shelter["shelter_id"],
            "shelter_name": shelter["name"],
            "village_code": group.village_code,
            "geometry": line,
        }
        if _clear(scene, line):
            rows.append(row)
        else:
            blocked.append(row)
    rows = rows[:8] + blocked[:1]
    return frame(
        [{"planned_route_id": f"LX{k:03d}", **row} for k, row in enumerate(rows, 1)]
    )


def _clear(scene: Scene, line: shapely.LineString) -> bool:
    """Tell whether a way enters no zone but the one it starts in."""
    start = shapely.get_point(line, 0)
    zones = [s.zone for s in scene.slides] + list(scene.floods)
    return not any(zone.intersects(line) for zone in zones if zone.distance(start) > 1)


def _road_changes(scene: Scene) -> dict[str, gpd.GeoDataFrame]:
    """Return one road that the road layer lacks, and closures of the day."""
    village = scene.village("盐坛头村")
    near = scene.roads[scene.roads["road_class"].isin(("机耕路", "步道"))]
    lane = near.distance(shapely.Point(village.site)).nsmallest(1).index[0]
    end = shapely.get_point(scene.roads.geometry[lane], -1)
    track = shapely.LineString(
        [
            (end.x, end.y),
            (end.x + 60, end.y + 25),
            (end.x + 130, end.y + 95),
            (end.x + 150, end.y + 190),
        ]
    )
    addition = {
        "road_id": "XZ001",
        "name": "盐坛头新修防火通道",
        "road_class": "机耕路",
        "technical_grade": "等外",
        "surface": "碎石",
        "width_m": 3.5,
        "bridge": False,
        "tunnel": False,
        "oneway": False,
        "geometry": track,
    }
    bridges = scene.roads[scene.roads["bridge"] & (scene.roads["road_class"] == "村道")]
    worn = bridges.geometry.iloc[len(bridges) // 2]
    works = scene.roads[
        (scene.roads["road_class"] == "步道") & (scene.roads.length > 400)
    ]
    closures = [
        {
            "road_closure_id": "FL001",
            "name": "村道危桥",
            "reason": "危桥封闭",
            "geometry": worn,
        },
        {
            "road_closure_id": "FL002",
            "name": "古道塌方",
            "reason": "塌方未修复",
            "geometry": works.geometry.iloc[0],
        },
    ]
    return {"road_additions": frame([addition]), "road_closures": frame(closures)}


def _assembly_points(scene: Scene, groups: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return where every third group in danger gathers: by the road, out of danger."""
    lines, rows = scene.roads.geometry.to_numpy(), []
    tree = shapely.STRtree(lines)
    for group in groups[groups["category"].isin(IN_DANGER)].iloc[::3].itertuples():
        near = lines[np.sort(tree.query(group.geometry.buffer(WALK_M)))]
        spots = [
            line.interpolate(along)
            for line in near
            for along in np.arange(0.0, line.length, 20.0)
        ]
        spots.sort(key=group.geometry.distance)
        spot = next((one for one in spots if scene.safe((one.x, one.y))), None)
        if spot is None or spot.distance(group.geometry) > WALK_M:
            continue
        rows.append(
            {
                "assembly_point_id": f"JH{len(rows) + 1:03d}",
                "name": group.assembly_point,
                "group_id": group.group_id,
                "village_code": group.village_code,
                "geometry": shapely.Point(np.round((spot.x, spot.y), 1)),
            }
        )
    return frame(rows)


def _inspections(layers: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return inspection records; some are overdue on the day of the project."""
    rng, rows = grid.rng_for("inspections"), []
    troubles = (
        ("坡脚堆土未清运", "清运堆土并修排水沟"),
        ("警示牌倒伏", "重新设置警示牌"),
        ("裂缝监测桩缺失", "补设监测桩"),
        ("排水沟淤堵", "疏通排水沟"),
        ("", ""),
        ("", ""),
    )
    points = layers["hazard_points"]
    for point in points.iloc[rng.permutation(len(points))[:46]].itertuples():
        problem, measure = troubles[rng.integers(len(troubles))]
        day = AS_OF - dt.timedelta(days=int(rng.integers(1, 14)))
        late = len(rows) % 9 == 5
        due = day + dt.timedelta(days=7)
        done = bool(problem) and not late and due <= AS_OF
        if late:
            day, due = AS_OF - dt.timedelta(days=48), AS_OF - dt.timedelta(days=33)
            problem, measure = troubles[3]
        rows.append(
            {
                "inspection_id": f"PC{len(rows) + 1:04d}",
                "object_id": point.hazard_point_id,
                "object_name": point.name,
                "checked_on": day,
                "problem": problem,
                "measure": measure,
                "responsible": point.responsible_b,
                "due_on": due if problem else None,
                "rectified_on": min(due, AS_OF) if done else None,
                "village_code": point.village_code,
                "geometry": None,
            }
        )
    return frame(rows)


def _duties(scene: Scene, crowd: names.People) -> gpd.GeoDataFrame:
    """Return the people on duty of every village and township."""
    rows = []
    posts = ("村级防汛防台负责人", "灾害信息员", "地质灾害群测群防员", "避灾场所管理员")
    for village in scene.villages:
        for post in posts:
            pair = crowd.pair()
            for role, mark in (("A角", "a"), ("B角", "b")):
                rows.append(
                    {
                        "duty_id": f"ZR{len(rows) + 1:04d}",
                        "village_code": village.code,
                        "township_code": village.township_code,
                        "post": post,
                        "role": role,
                        "name": pair[f"responsible_{mark}"],
                        "phone": pair[f"phone_{mark}"],
                        "scope": village.name,
                        "geometry": None,
                    }
                )
    rows += [
        {
            "duty_id": f"ZR{len(rows) + number:04d}",
            "village_code": None,
            "township_code": code,
            "post": "乡镇防汛防台值班室",
            "role": "A角",
            "name": crowd.pair()["responsible_a"],
            "phone": crowd.pair()["phone_a"],
            "scope": name,
            "geometry": None,
        }
        for number, (code, name) in enumerate(_townships(scene), 1)
    ]
    return frame(rows)


def _townships(scene: Scene) -> list[tuple[str, str]]:
    """Return code and name of every township."""
    return sorted({(one.township_code, one.township) for one in scene.villages})


def build_moves(
    scene: Scene, layers: Mapping[str, gpd.GeoDataFrame], crowd: names.People
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the transfer of people, EPSG:4549."""
    groups = _groups(scene, layers, crowd)
    return {
        "groups": groups,
        "households": _households(groups, crowd),
        "planned_routes": _planned_routes(scene, groups, layers["shelters"]),
        **_road_changes(scene),
        "assembly_points": _assembly_points(scene, groups),
        "inspections": _inspections(layers),
        "duties": _duties(scene, crowd),
    }
