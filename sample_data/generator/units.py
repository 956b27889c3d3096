"""Units and places of help: shelters, teams, stores, landing zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from generator import grid, names
from generator.scene import Scene, fictional, frame

if TYPE_CHECKING:
    import geopandas as gpd

    from generator.places import Village

HALLS = ("文化礼堂", "村级活动中心", "小学", "老年活动中心")
# How roomy shelters are: one township has too few places.
ROOM = {"屏江镇": 1.8, "岚岙镇": 1.0, "竹屿乡": 1.6}
ALL_HAZARDS = "台风、洪涝、地质灾害"
NO_SHELTER = (
    "下芝溪村",
    "南箬坑村",
    "炉峰下村",
    "蓝田岙村",
    "灯盏山村",
    "雁坪头村",
    "盐坛头村",
    "鹤背岭村",
    "螺蛳岙村",
)
SMALL = ("箬帽岩村", "梅雨坪村")
AMPLE = "竹溪村"
UNASSESSED = ("弯篙洋村", "望潮门村")


def _shelter(
    scene: Scene,
    village: Village,
    crowd: names.People,
    **given: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """Return one shelter of a village; `given` overrides what is usual."""
    rng = grid.rng_for(f"shelter{village.code}{given.get('name', '')}")
    hall = HALLS[rng.choice(4, p=(0.5, 0.2, 0.15, 0.15))]
    area = round(float(rng.integers(26, 60)) * ROOM[village.township]) * 10.0
    base = village.name.removesuffix("村")
    row = {
        "name": f"{base}{hall}避灾安置点",
        "level": "村级",
        "hazards": ALL_HAZARDS,
        "place_kind": "室内",
        "structure": "钢筋混凝土",
        "site_area_m2": area * 2.4,
        "indoor_area_m2": area,
        "effective_area_m2": round(area * 0.72),
        "standardised": rng.random() < 0.7,
        "video": rng.random() < 0.6,
        "assessed": True,
        "stock": "被褥、饮用水、应急照明",
        **crowd.pair(),
        "address": fictional(f"{village.township}{village.name}"),
        "village_code": village.code,
    }
    row["declared_people"] = int(row["effective_area_m2"] // 2.3)
    row |= given
    if "geometry" not in row:
        row["geometry"] = shapely.Point(scene.by_road(rng, village.site, 420))
    return row


def _central_shelters(
    scene: Scene, village: Village, crowd: names.People, *, county: bool
) -> list[dict[str, Any]]:
    """Return the larger shelters of a township seat."""
    level = "县级" if county else "乡镇级"
    town = village.township[:2]
    area = 2600.0 if county else 1150.0 if village.township != "竹屿乡" else 900.0
    first = _shelter(
        scene,
        village,
        crowd,
        name=f"{town}中心学校避灾安置点",
        level=level,
        site_area_m2=area * 4,
        indoor_area_m2=area,
        effective_area_m2=area * 0.7,
        declared_people=int(area * 0.7 / 2.5),
        standardised=True,
        video=True,
    )
    yard = _shelter(
        scene,
        village,
        crowd,
        name=f"{town}体育公园应急避难场所",
        level="乡镇级",
        place_kind="室外",
        structure="室外场地",
        hazards="地震",
        site_area_m2=9000.0,
        indoor_area_m2=0.0,
        effective_area_m2=5200.0,
        declared_people=2600,
        stock="帐篷",
    )
    return [first, yard] if county else [first]


def _planted(scene: Scene, crowd: names.People) -> list[dict[str, Any]]:
    """Return shelters that planners must not count on, each for its own reason."""
    stone = scene.village("石鼓潭村")
    slide = _near([s.zone for s in scene.slides], scene.village("白礁湾村"))
    flood = _near(list(scene.floods), scene.village("麻车圩村"))
    return [
        _shelter(
            scene,
            stone,
            crowd,
            name="石门坑护林站避灾安置点",
            declared_people=60,
            geometry=_lone_end(scene),
        ),
        _shelter(
            scene,
            scene.village_at(slide),
            crowd,
            name="山前老校舍避灾安置点",
            geometry=slide.representative_point(),
        ),
        _shelter(
            scene,
            scene.village_at(flood),
            crowd,
            name="溪边大会堂避灾安置点",
            geometry=flood.representative_point(),
        ),
    ]


def _lone_end(scene: Scene) -> shapely.Point:
    """Return the end of the lone hamlet's track that lies farthest from danger."""
    tracks = scene.roads.geometry[scene.roads["name"] == "石门坑机耕路"]
    ends = [shapely.get_point(line, at) for line in tracks for at in (0, -1)]
    end = max(ends, key=scene.danger.distance)
    return shapely.Point(end.x + 15, end.y + 12)


def _near(zones: list[shapely.Polygon], village: Village) -> shapely.Polygon:
    """Return the zone that lies nearest to the middle of a village."""
    return min(zones, key=lambda zone: zone.distance(shapely.Point(village.site)))


def _shelters(scene: Scene, crowd: names.People) -> gpd.GeoDataFrame:
    """Return 25 shelters."""
    rows: list[dict[str, Any]] = []
    for village in scene.villages:
        if village.seat:
            county = village is scene.villages[0]
            rows += _central_shelters(scene, village, crowd, county=county)
        elif village.name in SMALL:
            rows.append(
                _shelter(
                    scene,
                    village,
                    crowd,
                    indoor_area_m2=70.0,
                    site_area_m2=160.0,
                    effective_area_m2=46.0,
                    declared_people=20,
                )
            )
        elif village.name == AMPLE:
            rows.append(
                _shelter(
                    scene,
                    village,
                    crowd,
                    indoor_area_m2=860.0,
                    site_area_m2=2000.0,
                    effective_area_m2=620.0,
                    declared_people=270,
                )
            )
        elif village.name in UNASSESSED:
            rows.append(
                _shelter(scene, village, crowd, assessed=False, structure="砖木")
            )
        elif village.name == "潮音埭村":
            rows.append(
                _shelter(
                    scene,
                    village,
                    crowd,
                    name="潮音埭渔民之家避灾安置点",
                    declared_people=None,
                    indoor_area_m2=None,
                    effective_area_m2=None,
                    site_area_m2=None,
                )
            )
        elif village.name not in NO_SHELTER:
            rows.append(_shelter(scene, village, crowd))
    rows += _planted(scene, crowd)
    return _numbered(rows, "shelter_id", "BZ")


def _numbered(rows: list[dict[str, Any]], key: str, prefix: str) -> gpd.GeoDataFrame:
    """Return records with an identifier in front."""
    return frame(
        [{key: f"{prefix}{serial:03d}", **row} for serial, row in enumerate(rows, 1)]
    )


def _teams(scene: Scene, crowd: names.People) -> gpd.GeoDataFrame:
    """Return village teams, micro fire stations and the full-time fire team."""
    rng, rows = grid.rng_for("teams"), []
    for serial, village in enumerate(scene.villages):
        short = serial % 6 == 4
        rows.append(
            {
                "name": f"{village.name}应急抢险突击队",
                "kind": "应急抢险突击队",
                "members_people": int(
                    rng.integers(9, 25) if short else rng.integers(30, 52)
                ),
                "night_members_people": int(rng.integers(4, 12)),
                "vehicles": 1,
                "turnout_min": float(rng.integers(6, 20)) / 2,
                "response_min": None,
                "at": village.site,
                "village_code": village.code,
            }
        )
        if village.population > 900 or serial % 5 == 1:
            rows.append(
                {
                    "name": f"{village.name}微型消防站",
                    "kind": "微型消防站",
                    "members_people": int(rng.integers(5, 9)),
                    "night_members_people": int(rng.integers(2, 5)),
                    "vehicles": 1,
                    "turnout_min": 1.0,
                    "response_min": float(rng.integers(4, 12)) / 2,
                    "at": village.site,
                    "village_code": village.code,
                }
            )
    seat = scene.villages[0]
    rows.append(
        {
            "name": "屏江镇专职消防队",
            "kind": "乡镇专职消防队",
            "members_people": 16,
            "night_members_people": 8,
            "vehicles": 2,
            "turnout_min": 1.0,
            "response_min": 4.5,
            "at": seat.site,
            "village_code": seat.code,
        }
    )
    for row in rows:
        pair = crowd.pair()
        spot = scene.by_road(rng, row.pop("at"), 260)
        row |= {
            "responsible_a": pair["responsible_a"],
            "phone_a": pair["phone_a"],
            "geometry": shapely.Point(spot),
        }
    return _numbered(rows, "team_id", "DW")


def _supplies(scene: Scene, crowd: names.People) -> gpd.GeoDataFrame:
    """Return stores of relief goods."""
    rng, rows = grid.rng_for("supplies"), []
    kits = (
        "卫星电话、水泵、发电机",
        "头盔、手电、雨具、救生衣",
        "沙袋、铁锹、编织袋、救生圈",
    )
    for serial, village in enumerate(scene.villages):
        if village.seat or serial % 3 == 1:
            pair = crowd.pair()
            rows.append(
                {
                    "name": f"{village.name}应急物资储备点",
                    "stock": kits[serial % 3],
                    "responsible_a": pair["responsible_a"],
                    "phone_a": pair["phone_a"],
                    "village_code": village.code,
                    "geometry": shapely.Point(scene.by_road(rng, village.site, 300)),
                }
            )
    return _numbered(rows, "supply_id", "WZ")


def _medical(scene: Scene) -> gpd.GeoDataFrame:
    """Return hospitals and village clinics."""
    rng, rows = grid.rng_for("medical"), []
    for serial, village in enumerate(scene.villages):
        if village.seat or serial % 3 == 2:
            name = (
                f"{village.township}卫生院" if village.seat else f"{village.name}卫生室"
            )
            beds = (
                int(rng.integers(30, 120)) if village.seat else int(rng.integers(0, 4))
            )
            rows.append(
                {
                    "name": name,
                    "beds": beds,
                    "village_code": village.code,
                    "geometry": shapely.Point(scene.by_road(rng, village.site, 300)),
                }
            )
    return _numbered(rows, "medical_id", "YL")


def _landing_zones(scene: Scene) -> gpd.GeoDataFrame:
    """Return two helicopter landing zones and the piers."""
    rng, rows = grid.rng_for("landing"), []
    for name in ("石鼓潭村", "海青屿村"):
        village = scene.village(name)
        rows.append(
            {
                "name": f"{name}直升机临时起降点",
                "kind": "直升机临时起降点",
                "village_code": village.code,
                "geometry": shapely.Point(scene.by_road(rng, village.site, 600)),
            }
        )
    for name, label in (
        ("海青屿村", "海青屿码头"),
        ("岚浦社区", "岚浦渔港码头"),
        ("潮音埭村", "潮音埭交通码头"),
        ("屏城社区", "屏城码头"),
    ):
        village = scene.village(name)
        rows.append(
            {
                "name": label,
                "kind": "码头",
                "village_code": village.code,
                "geometry": shapely.Point(scene.shore(village.site)),
            }
        )
    return _numbered(rows, "landing_zone_id", "QJ")


def _broadcasts(scene: Scene) -> gpd.GeoDataFrame:
    """Return loudspeakers of the emergency broadcast."""
    rng = grid.rng_for("broadcasts")
    rows = [
        {
            "name": f"{village.name}应急广播{serial + 1}号",
            "radius_m": float(rng.choice([300, 400, 500])),
            "village_code": village.code,
            "geometry": shapely.Point(scene.by_road(rng, village.site, 200)),
        }
        for village in scene.villages
        for serial in range(1 + village.seat)
    ]
    return _numbered(rows, "broadcast_id", "GB")


def _enterprises(scene: Scene) -> gpd.GeoDataFrame:
    """Return firms that matter for the plan."""
    rng, rows = grid.rng_for("enterprises"), []
    firms = (
        ("屏城社区", "云屏加油站", "加油站", "汽油、柴油"),
        ("竹屿街村", "竹屿加油站", "加油站", "汽油、柴油"),
        ("岚浦社区", "岚浦冷冻厂", "涉氨制冷企业", "液氨"),
        ("石鼓潭村", "石鼓潭云上农家乐", "农家乐", ""),
        ("白礁湾村", "白礁听涛农家乐", "农家乐", ""),
        ("云栈头村", "云栈农家乐", "农家乐", ""),
        ("麻车圩村", "麻车造纸作坊", "小微企业", ""),
    )
    for name, label, kind, goods in firms:
        village = scene.village(name)
        rows.append(
            {
                "name": label,
                "kind": kind,
                "goods": goods,
                "village_code": village.code,
                "geometry": shapely.Point(scene.by_road(rng, village.site, 500)),
            }
        )
    return _numbered(rows, "enterprise_id", "QY")


def build_units(scene: Scene, crowd: names.People) -> dict[str, gpd.GeoDataFrame]:
    """Return all places of help, EPSG:4549."""
    return {
        "shelters": _shelters(scene, crowd),
        "teams": _teams(scene, crowd),
        "supplies": _supplies(scene, crowd),
        "medical": _medical(scene),
        "landing_zones": _landing_zones(scene),
        "broadcasts": _broadcasts(scene),
        "enterprises": _enterprises(scene),
    }
