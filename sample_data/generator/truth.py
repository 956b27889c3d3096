"""The clean truth: canonical layers, without any of the planted faults."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from generator import grid, hazards, moves, names, units
from generator.scene import Scene, frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

AS_OF = dt.date(2026, 4, 15)
POSTS = ("村党支部书记", "村委会主任", "村委会委员", "网格长")
CENSUS_DAY = dt.date(2026, 3, 20)


def _villages(scene: Scene) -> gpd.GeoDataFrame:
    """Return villages with their land and their people."""
    rng, rows = grid.rng_for("village-table"), []
    for village, land in zip(scene.villages, scene.lands, strict=True):
        people = village.population
        rows.append(
            {
                "village_code": village.code,
                "name": village.name,
                "township_code": village.township_code,
                "township_name": village.township,
                "population": people,
                "households": int(people / rng.uniform(2.6, 3.3)),
                "children_people": int(people * rng.uniform(0.09, 0.15)),
                "elderly_people": int(people * rng.uniform(0.19, 0.33)),
                "disabled_people": int(people * rng.uniform(0.015, 0.04)),
                "information_officers_people": int(rng.integers(2, 5)),
                "volunteers_people": int(rng.integers(8, 45)),
                "has_hazard_list": True,
                "has_vulnerable_list": bool(rng.random() < 0.9),
                "has_hazard_map": bool(rng.random() < 0.6),
                "has_plan": bool(rng.random() < 0.93),
                "last_drill": AS_OF - dt.timedelta(days=int(rng.integers(20, 420))),
                "data_date": CENSUS_DAY,
                "geometry": land,
            }
        )
    return frame(rows)


def _townships(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return townships as unions of their villages."""
    rows = []
    for code, part in villages.groupby("township_code", sort=True):
        rows.append(
            {
                "township_code": code,
                "name": part["township_name"].iloc[0],
                "population": int(part["population"].sum()),
                "geometry": shapely.coverage_union_all(part.geometry.to_numpy()),
            }
        )
    return frame(rows)


def _threat_grade(people: int, value_cny: float) -> str:
    """Return the grade by people or property, the higher one (domain.md 3.2)."""
    for grade, heads, money in (
        ("特大型", 1000, 1e8),
        ("大型", 500, 5e7),
        ("中型", 100, 5e6),
    ):
        if people >= heads or value_cny >= money:
            return grade
    return "小型"


def _hazard_points(scene: Scene, crowd: names.People) -> gpd.GeoDataFrame:
    """Return hazard points above hamlets."""
    rng, rows = grid.rng_for("hazard-table"), []
    kinds = {
        "不稳定斜坡": "00",
        "滑坡": "01",
        "崩塌": "02",
        "泥石流": "03",
        "地面塌陷": "04",
    }
    for serial, slide in enumerate(scene.slides, start=1):
        village = scene.village_at(shapely.Point(slide.point))
        homes = int(rng.integers(1, 22)) if serial % 7 else int(rng.integers(26, 48))
        people = int(homes * rng.uniform(2.2, 4.1))
        value = round(homes * float(rng.uniform(9, 21)), 0) * 10_000
        size = "小型" if slide.kind == "崩塌" or rng.random() < 0.7 else "中型"
        pair = crowd.pair()
        hamlet = scene.hamlets[slide.hamlet].name
        rows.append(
            {
                "hazard_point_id": f"990121{kinds[slide.kind]}{serial:04d}",
                "name": f"{village.name}{hamlet}{slide.kind}",
                "hazard": slide.kind,
                "threat_grade": _threat_grade(people, value),
                "size_grade": size,
                "stability": ("基本稳定", "欠稳定", "不稳定")[
                    rng.choice(3, p=(0.4, 0.45, 0.15))
                ],
                "threatened_people": people,
                "threatened_households": homes,
                "threatened_value_cny": value,
                "trigger": ("降雨", "降雨、切坡", "切坡建房", "风化")[rng.integers(4)],
                **pair,
                "post_a": POSTS[rng.integers(2)],
                "post_b": "群测群防员",
                "last_checked": AS_OF - dt.timedelta(days=int(rng.integers(1, 14))),
                "village_code": village.code,
                "geometry": shapely.Point(slide.point),
            }
        )
    return frame(rows)


def _risk_zones(scene: Scene, points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the zones of most hazard points."""
    rng, rows = grid.rng_for("zone-table"), []
    for slide, point in zip(scene.slides, points.to_dict("records"), strict=True):
        rows.append(
            {
                "risk_zone_id": f"FX{len(rows) + 1:04d}",
                "name": point["name"].removesuffix(slide.kind) + "风险防范区",
                "hazard": slide.kind,
                "risk_level": ("极高", "高", "中", "低")[
                    rng.choice(4, p=(0.1, 0.3, 0.45, 0.15))
                ],
                "households": point["threatened_households"],
                "people": point["threatened_people"],
                **{
                    k: point[k]
                    for k in (
                        "responsible_a",
                        "phone_a",
                        "responsible_b",
                        "phone_b",
                        "village_code",
                    )
                },
                "geometry": slide.zone,
            }
        )
    return frame(rows)


def _flood_zones(scene: Scene, crowd: names.People) -> gpd.GeoDataFrame:
    """Return flash-flood zones."""
    rng, rows = grid.rng_for("flood-table"), []
    homes = shapely.STRtree(scene.houses.geometry.to_numpy())
    for serial, zone in enumerate(scene.floods, start=1):
        village = scene.village_at(zone)
        inside = homes.query(zone, predicate="intersects").size
        near = min(scene.hamlets, key=lambda h: zone.distance(shapely.Point(h.xy)))
        pair = crowd.pair()
        rows.append(
            {
                "flood_zone_id": f"SH{serial:04d}",
                "name": f"{village.name}{near.name}山洪灾害危险区",
                "hazard": "山洪",
                "risk_level": ("高", "中", "低")[rng.choice(3, p=(0.35, 0.45, 0.2))],
                "people": int(inside * 3 + rng.integers(6, 30)),
                "responsible_a": pair["responsible_a"],
                "phone_a": pair["phone_a"],
                "village_code": village.code,
                "geometry": zone,
            }
        )
    return frame(rows)


def _waterlog_points(scene: Scene) -> gpd.GeoDataFrame:
    """Return low spots of the towns where water stands."""
    rng, rows = grid.rng_for("waterlog"), []
    rows_at, cols_at = np.nonzero((scene.depth > 0.25) & (scene.depth < 1.2))
    xy = grid.centre(rows_at, cols_at)
    near = shapely.STRtree(scene.roads.geometry.to_numpy())
    for k in rng.permutation(len(xy)):
        point = shapely.Point(xy[k])
        apart = all(point.distance(row["geometry"]) > 700 for row in rows)
        if apart and near.query(point, "dwithin", distance=60).size:
            village = scene.village_at(point)
            rows.append(
                {
                    "waterlog_point_id": f"YL{len(rows) + 1:03d}",
                    "name": f"{village.name}低洼路段",
                    "depth_m": float(scene.depth[rows_at[k], cols_at[k]]),
                    "village_code": village.code,
                    "geometry": point,
                }
            )
    return frame(rows[:14])


def _reservoirs(scene: Scene, crowd: names.People) -> gpd.GeoDataFrame:
    """Return reservoirs and ponds as points at the middle of the water."""
    rng, rows = grid.rng_for("reservoir-table"), []
    for serial, lake in enumerate(scene.reservoirs.itertuples(), start=1):
        village, pair = scene.village_at(lake.geometry), crowd.pair()
        deep = 7.5 if lake.kind == "水库" else 2.4
        rows.append(
            {
                "reservoir_id": f"SK{serial:03d}",
                "name": lake.name,
                "kind": lake.kind,
                "capacity_m3": round(lake.geometry.area * deep, -2),
                "downstream_people": int(rng.integers(20, 420)),
                "responsible_a": pair["responsible_a"],
                "phone_a": pair["phone_a"],
                "village_code": village.code,
                "geometry": lake.geometry.representative_point(),
            }
        )
    return frame(rows)


def _unsafe_houses(scene: Scene, crowd: names.People) -> gpd.GeoDataFrame:
    """Return houses of grade C and D."""
    rng, rows = grid.rng_for("unsafe"), []
    for serial, k in enumerate(rng.permutation(len(scene.houses))[:78], start=1):
        point = scene.houses.geometry.iloc[k].representative_point()
        rows.append(
            {
                "unsafe_house_id": f"WF{serial:04d}",
                "grade": "D级" if rng.random() < 0.25 else "C级",
                "people": int(rng.integers(0, 6)),
                "owner": crowd.name(),
                "phone": crowd.phone(),
                "village_code": scene.village_at(point).code,
                "geometry": point,
            }
        )
    return frame(rows)


def _drawing(scene: Scene) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers that are only drawn."""
    water = hazards.build_water(scene.land, scene.reservoirs, names.STREAMS)
    contours = hazards.build_contours(scene.land, shapely.union_all(scene.lands))
    return {"water": water, "buildings": scene.houses, "contours": contours}


def finish(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer in EPSG:4490 with seven decimals and whole people."""
    out = layer.to_crs("EPSG:4490")
    out.geometry = shapely.transform(
        out.geometry.to_numpy(), lambda xy: np.round(xy, 7)
    )
    for column in out.columns:
        if column.endswith("people") or column in {"households", "beds", "vehicles"}:
            out[column] = out[column].astype("Int64")
    return out


def build_truth(scene: Scene) -> dict[str, gpd.GeoDataFrame]:
    """Return every canonical layer of the county, EPSG:4490, without faults."""
    crowd = names.People(grid.rng_for("people"))
    villages = _villages(scene)
    points = _hazard_points(scene, crowd)
    layers: dict[str, Any] = {
        "villages": villages,
        "townships": _townships(villages),
        "hazard_points": points,
        "risk_zones": _risk_zones(scene, points),
        "flood_zones": _flood_zones(scene, crowd),
        "waterlog_points": _waterlog_points(scene),
        "reservoirs": _reservoirs(scene, crowd),
        "unsafe_houses": _unsafe_houses(scene, crowd),
        "roads": scene.roads.drop(columns="number"),
    }
    layers |= units.build_units(scene, crowd)
    layers |= moves.build_moves(scene, layers, crowd)
    layers |= _drawing(scene)
    return {name: finish(layer) for name, layer in layers.items()}


def write_truth(layers: Mapping[str, gpd.GeoDataFrame], path: str) -> None:
    """Write all layers to one GeoPackage."""
    for name, layer in layers.items():
        layer.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
