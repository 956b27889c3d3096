"""A small invented village, drawn by hand, with every kind of layer."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry import LineString, Point

from riskmap.publish.spec import Imprint, MapLayer, MapSpec, Product, Table
from riskmap.publish.style import style

CRS = pyproj.CRS.from_epsg(4549)
X, Y = 520_000.0, 3_110_000.0


def at(x: float, y: float) -> Point:
    """Return a point x metres east and y metres north of the corner."""
    return Point(X + x, Y + y)


def frame(geometries: list[Any], **columns: list[Any]) -> gpd.GeoDataFrame:
    """Return a layer's frame; columns not given are blank."""
    count = len(geometries)
    blank: dict[str, list[Any]] = {
        "label": [None] * count,
        "priority": [0] * count,
        "popup": [None] * count,
        "key": [str(i) for i in range(count)],
        "number": [None] * count,
        "size": [1.0] * count,
    }
    columns = {**blank, **columns}
    columns.setdefault("legend", [style(one).label for one in columns["style"]])
    return gpd.GeoDataFrame(columns, geometry=geometries, crs=CRS)


def popup(name: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the lines of a popup."""
    return [("名称", name), *more]


def village_spec(
    *, text: str = "竹溪村", product: Product = "route", legs: bool = True
) -> MapSpec:
    """Return a whole map; `text` stands wherever a census could put text."""
    layers = (
        _roads(text),
        _zones(text),
        _routes(text),
        _points(text),
    )
    tables = [_transfer(text), _duty(text)]
    if legs:
        tables.append(_legs(text))
    return MapSpec(
        product=product,
        title=f"{text}避险转移路线图",
        place=text,
        code="990101001000",
        parent=f"石浦镇 · {text}",
        crs=CRS,
        bounds=(X, Y, X + 1400, Y + 1000),
        layers=layers,
        tables=tuple(tables),
        imprint=Imprint(
            data_date="2026-04-15",
            version="2026-04-15",
            producer=text,
            fictional=True,
            notes=(text, "速度为假定值"),
        ),
        boundary=gpd.GeoDataFrame(
            {"name": [text]},
            geometry=[at(700, 500).buffer(760, quad_segs=5)],
            crs=CRS,
        ),
        facts={"需转移": "86 人", "已落实": "86 人", text: "0 人"},
    )


def _roads(text: str) -> MapLayer:
    rng = np.random.default_rng(5)
    lines, styles = [], []
    for row in range(5):
        xs = np.linspace(-200, 1600, 60)
        ys = 80 + row * 210 + 40 * np.sin(xs / 170 + row) + rng.normal(0, 3, 60)
        lines.append(LineString(np.column_stack([X + xs, Y + ys])))
        styles.append(["road_2", "road_4", "road_3", "road_4", "path"][row])
    labels = [text if row == 0 else None for row in range(5)]
    return MapLayer(
        "roads",
        "道路",
        "line",
        frame(lines, style=styles, label=labels, priority=[1] * 5),
        emphasis="base",
    )


def _zones(text: str) -> MapLayer:
    shapes = [
        at(420, 650).buffer(120),
        at(980, 300).buffer(150),
        at(1150, 760).buffer(90),
    ]
    return MapLayer(
        "risk_zones",
        "地质灾害风险防范区",
        "area",
        frame(
            shapes,
            style=["risk_zone_very_high", "risk_zone_medium", "flood_zone_unknown"],
            label=[text, "下宅风险防范区", None],
            priority=[4, 3, 0],
            popup=[popup(text, ("危险", text)), popup("下宅", ("等级", "中")), None],
            legend=[text, "风险防范区（中）", "洪水危险区（等级不明）"],
        ),
    )


def _routes(text: str) -> MapLayer:
    one = LineString(
        [(X + 420, Y + 640), (X + 520, Y + 520), (X + 640, Y + 500), (X + 820, Y + 560)]
    )
    two = LineString(
        [(X + 980, Y + 300), (X + 900, Y + 380), (X + 860, Y + 480), (X + 820, Y + 560)]
    )
    return MapLayer(
        "routes",
        "转移路线",
        "route",
        frame(
            [one, two, two.parallel_offset(60)],
            style=["route", "route", "route_backup"],
            label=["450 米 · 8 分钟", text, None],
            priority=[8, 8, 0],
            popup=[
                popup(text, ("怎么走", text)),
                popup("下宅组", ("怎么走", "沿河")),
                None,
            ],
            key=["G1", text, "G9"],
            number=["1", "2", None],
        ),
        emphasis="hero",
    )


def _points(text: str) -> MapLayer:
    names = [
        "shelter",
        "group",
        "group",
        "landslide_high",
        "unsafe_house_c",
        "assembly",
    ]
    places = [
        at(820, 560),
        at(420, 640),
        at(980, 300),
        at(380, 700),
        at(1020, 340),
        at(640, 500),
    ]
    labels = ["文化礼堂 86/120", text, "下宅组", None, None, "晒谷场"]
    return MapLayer(
        "shelters",
        "避灾安置场所与转移单元",
        "point",
        frame(
            places,
            style=names,
            label=labels,
            priority=[9, 7, 7, 5, 2, 3],
            popup=[
                popup(one or "隐患点", ("先做", text), ("电话", "13800000000"))
                for one in labels
            ],
            number=[None, "1", "2", None, None, None],
        ),
    )


def _transfer(text: str) -> Table:
    cells = {
        "转移单元": [text, "下宅组"],
        "人数": ["46", "40"],
        "场所": ["文化礼堂", text],
        "路线": ["① 450 米", "② 360 米"],
        "时间": ["8 分钟", "7 分钟"],
        "责任人": ["王建国", text],
        "电话": ["13800000000", "13900000000"],
    }
    return Table(
        "transfer", "避险转移安排", pd.DataFrame(cells, index=["G1", text]), note=text
    )


def _duty(text: str) -> Table:
    cells = {"职务": ["村防汛负责人", text], "姓名": ["李四", text], "电话": ["1", "2"]}
    return Table("duty", "责任人", pd.DataFrame(cells))


def _legs(text: str) -> Table:
    cells = {"路段": ["沿村道直行", f"{text}右转"], "长度": ["300 米", "150 米"]}
    return Table("legs", "途经路段", pd.DataFrame(cells, index=["G1", "G1"]))


def ring(count: int) -> list[Point]:
    """Return places on a circle, for maps with many points."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return list(
        shapely.points(X + 700 + 400 * np.cos(angles), Y + 500 + 400 * np.sin(angles))
    )
