"""The tables of the county as bureaus deliver them: messy, in many formats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from generator import files, forms, grid, names, planting, plants
from generator.borders import drawn_borders
from generator.faults import Planter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.faults import Fault, Row
    from generator.files import Column, Form

BASE, SURVEY = "01 基础地理", "02 调查表"
HAZARDS, TRANSFER = "03 灾害隐患", "04 转移方案"
BOOLEANS = {True: "是", False: "否"}
WAN = {"threatened_value_cny", "capacity_m3"}


def cell(value: object, field: str) -> object:
    """Return a canonical value as a form shows it."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124
        return None
    if isinstance(value, bool | np.bool_):
        return BOOLEANS[bool(value)]
    if isinstance(value, pd.Timestamp):
        return value.date()
    if field in WAN:
        return round(float(value) / 10_000, 2)
    if isinstance(value, np.generic):
        return value.item()
    return value


def rows_of(layer: gpd.GeoDataFrame, columns: Sequence[Column]) -> list[Row]:
    """Return the records of a layer under the headings of a form."""
    points = layer.geometry.representative_point()
    rows = []
    for k, record in enumerate(layer.drop(columns="geometry").to_dict("records")):
        row: Row = {}
        for column in columns:
            if column.field == "lon":
                row[column.heading] = round(points.iloc[k].x, 6)
            elif column.field == "lat":
                row[column.heading] = round(points.iloc[k].y, 6)
            elif column.field == "lonlat":
                row[column.heading] = f"{points.iloc[k].x:.6f}，{points.iloc[k].y:.6f}"
            elif column.heading == "序号":
                row[column.heading] = k + 1
            else:
                row[column.heading] = cell(record.get(column.field), column.field)
        rows.append(row)
    return rows


@dataclass(slots=True)
class Tables:
    """Writes the tables and gathers their faults."""

    out: Path
    layers: Mapping[str, gpd.GeoDataFrame]
    faults: list[Fault]

    def name_of(self, code: str) -> str:
        """Return the name of a village by code."""
        table = self.layers["villages"].set_index("village_code")["name"]
        return str(table[code])

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer with the names of its villages."""
        layer = self.layers[name]
        if "village_code" in layer and "village_name" not in layer:
            layer = layer.assign(
                village_name=layer["village_code"].map(self.name_of, na_action="ignore")
            )
        return layer

    def form(self, name: str, place: str, form: Form, *, sheet: str = "Sheet1") -> None:
        """Write a layer as a workbook of one sheet, faults planted."""
        planter = Planter(name, place)
        rows = rows_of(self.layer(name), form.columns)
        rows = planting.plant(name, rows, planter)
        files.write_workbook(self.out / place, form, {sheet: rows})
        key = form.columns[1 if form.columns[0].heading == "序号" else 0].heading
        self.faults += planter.ledger(rows, form.first, key, sheet=sheet)

    def groups(self, place: str) -> None:
        """Write the groups: a sheet for each township."""
        planter, layer = Planter("groups", place), self.layer("groups")
        rows = rows_of(layer, forms.GROUPS.columns)
        rows = planting.plant("groups", rows, planter)
        towns = self.layers["villages"].set_index("name")["township_name"]
        sheets = {
            town: [r for r in rows if towns[r["行政村"].strip()] == town]
            for town in names.TOWNSHIPS
        }
        files.write_workbook(
            self.out / place,
            forms.GROUPS,
            sheets,
            notes=(
                "填表说明（虚构示例）",
                "1. 一个转移单元为同时转移、不宜拆分的一组人。",
                "2. 人数填写应转移人数，不含已外出人员。",
                "3. 坐标为国家2000经纬度，取集合点附近。",
            ),
        )
        for town, part in sheets.items():
            self.faults += planter.ledger(
                part, forms.GROUPS.first, "转移单元编号", sheet=town
            )

    def text(
        self, name: str, place: str, columns: Sequence[Column], *, encoding: str
    ) -> None:
        """Write a layer as CSV, faults planted."""
        planter = Planter(name, place)
        rows = planting.plant(name, rows_of(self.layer(name), columns), planter)
        files.write_csv(self.out / place, columns, rows, encoding=encoding)
        self.faults += planter.ledger(rows, 2, columns[0].heading)

    def features(self, name: str, place: str, headings: Mapping[str, str]) -> None:
        """Write a layer as GeoJSON or KML under Chinese attribute names."""
        layer = self.layer(name)
        rows = [
            {
                heading: _plain(cell(record[field], field))
                for heading, field in headings.items()
            }
            for record in layer.to_dict("records")
        ]
        planter = Planter(name, place)
        rows = planting.plant(name, rows, planter)
        self.faults += planter.ledger(rows, 1, next(iter(headings)))
        write = files.write_kml if place.endswith(".kml") else files.write_geojson
        write(self.out / place, rows, list(layer.geometry))

    def geopackage(
        self,
        name: str,
        place: str,
        headings: Mapping[str, str],
        *,
        crs: str = "EPSG:4490",
    ) -> None:
        """Write a layer as GeoPackage under Chinese attribute names."""
        layer = self.layer(name)
        table = {
            heading: [_plain(cell(v, field)) for v in layer[field]]
            for heading, field in headings.items()
        }
        frame = gpd.GeoDataFrame(table, geometry=list(layer.geometry), crs=layer.crs)
        if crs != "EPSG:4490":
            frame = frame.to_crs(crs)
            frame.geometry = shapely.set_precision(frame.geometry.to_numpy(), 0.01)
        files.write_geopackage(self.out / place, frame, name)

    def borders(self, place: str) -> None:
        """Write the lands of the villages: GBK, no .cpg, ten-byte field names."""
        layer = self.layers["villages"]
        frame = gpd.GeoDataFrame(
            {
                "sqxzcmc": list(layer["name"]),
                "xzqhdm": list(layer["village_code"]),
                "xzjdmc": list(layer["township_name"]),
            },
            geometry=drawn_borders(layer),
            crs="EPSG:4490",
        )
        files.write_shapefile(self.out / place, frame, projection=True)
        self.faults += Planter(
            "villages",
            place,
            [(None, None, "GBK 编码的 dbf，没有 .cpg", "encoding_gbk", "空间位置图层")],
        ).ledger([], 1, "xzqhdm")

    def unsafe_houses(self, place: str) -> None:
        """Write unsafe houses in EPSG:4549, the zone of which nothing tells."""
        layer = self.layers["unsafe_houses"].to_crs(grid.CRS)
        frame = gpd.GeoDataFrame(
            {
                "fwbh": list(layer["unsafe_house_id"]),
                "wxdj": list(layer["grade"]),
                "jzrs": [int(n) for n in layer["people"]],
                "hzxm": list(layer["owner"]),
                "lxdh": list(layer["phone"]),
                "xzqhdm": list(layer["village_code"]),
            },
            geometry=shapely.set_precision(layer.geometry.to_numpy(), 0.01),
            crs=grid.CRS,
        )
        files.write_shapefile(self.out / place, frame, projection=False, language=False)
        planter = Planter("unsafe_houses", place)
        planter.mark(
            None,
            None,
            rule="zone_unstated",
            kind="没有 .prj，带号不明",
            note="实为 EPSG:4549",
        )
        planter.mark(None, None, rule="datum_untold", kind="没有 .prj，基准面不明")
        planter.mark(None, None, rule="encoding_gbk", kind="GBK 编码，没有 .cpg")
        self.faults += planter.ledger([], 1, "fwbh")

    def shelter_places(self, place: str) -> None:
        """Write where shelters are; one is known there by another name."""
        layer = self.layer("shelters")
        keep = layer["name"] != plants.UNPLACED
        layer = layer[keep]
        rows = [
            {"名称": name, "所在村": village}
            for name, village in zip(layer["name"], layer["village_name"], strict=True)
        ]
        files.write_geojson(self.out / place, rows, list(layer.geometry))


def _plain(value: object) -> Any:  # noqa: ANN401
    """Return a value that GeoJSON and GeoPackage can hold."""
    return value.isoformat() if hasattr(value, "isoformat") else value


ROADS = {
    "FEATID": "road_id",
    "NAME": "name",
    "TYPE": "road_class",
    "RTEG": "technical_grade",
    "MATRL": "surface",
    "WIDTH": "width_m",
    "SDTF": "way",
    "桥梁": "bridge",
    "隧道": "tunnel",
}
ZONES = {
    "防范区编号": "risk_zone_id",
    "防范区名称": "name",
    "灾害类型": "hazard",
    "风险等级": "risk_level",
    "户数": "households",
    "人数": "people",
    "责任人A角": "responsible_a",
    "A角电话": "phone_a",
    "巡查员": "responsible_b",
    "巡查员电话": "phone_b",
    "行政村代码": "village_code",
}
FLOODS = {
    "危险区编号": "flood_zone_id",
    "危险区名称": "name",
    "灾害类型": "hazard",
    "危险等级": "risk_level",
    "受威胁人数": "people",
    "责任人": "responsible_a",
    "责任人电话": "phone_a",
    "行政村代码": "village_code",
}
# Codes, not words: GDAL turns Chinese names of extended data into underscores.
SUPPLIES = {
    "名称": "name",
    "cbdbh": "supply_id",
    "cbwz": "stock",
    "fzr": "responsible_a",
    "lxdh": "phone_a",
    "c": "village_name",
}
LANDING = {
    "名称": "name",
    "qjdbh": "landing_zone_id",
    "lx": "kind",
    "c": "village_name",
}
FIRMS = {
    "企业编号": "enterprise_id",
    "企业名称": "name",
    "类型": "kind",
    "危险品": "goods",
    "行政村代码": "village_code",
}
ROUTES = {
    "路线编号": "planned_route_id",
    "路线名称": "name",
    "转移单元编号": "group_id",
    "场所编号": "shelter_id",
    "安置场所": "shelter_name",
    "行政村代码": "village_code",
}
ADDITIONS = {
    "道路编号": "road_id",
    "道路名称": "name",
    "行政等级": "road_class",
    "技术等级": "technical_grade",
    "路面类型": "surface",
    "路面宽度": "width_m",
    "桥梁": "bridge",
    "隧道": "tunnel",
}
GATHERING = {
    "集合点编号": "assembly_point_id",
    "集合点名称": "name",
    "转移单元编号": "group_id",
}
CLOSURES = {"封闭编号": "road_closure_id", "封闭路段": "name", "封闭原因": "reason"}
TOWNS = {
    "机构代码（若有）": "township_code",
    "乡镇（街道）名称": "name",
    "常住人口数量": "population",
}
DRAWN = {"名称": "name", "类型": "kind"}


def _vectors(tables: Tables) -> None:
    """Write the layers that come as maps."""
    tables.borders(f"{BASE}/行政村界.shp")
    tables.features("townships", f"{BASE}/乡镇界.geojson", TOWNS)
    tables.geopackage("roads", f"{BASE}/县域道路.gpkg", ROADS, crs=grid.CRS)
    tables.geopackage("water", f"{BASE}/水系.gpkg", DRAWN)
    tables.geopackage("buildings", f"{BASE}/房屋.gpkg", DRAWN)
    tables.geopackage("contours", f"{BASE}/等高线.gpkg", DRAWN)
    tables.geopackage("risk_zones", f"{HAZARDS}/风险防范区.gpkg", ZONES)
    tables.features("flood_zones", f"{HAZARDS}/山洪灾害危险区.geojson", FLOODS)
    tables.unsafe_houses(f"{HAZARDS}/危旧房.shp")
    tables.shelter_places(f"{SURVEY}/避灾场所点位.geojson")
    tables.features("supplies", f"{SURVEY}/应急物资储备点.kml", SUPPLIES)
    tables.features("landing_zones", f"{SURVEY}/起降点与码头.kml", LANDING)
    tables.features("enterprises", f"{SURVEY}/企业名录.geojson", FIRMS)
    tables.geopackage("planned_routes", f"{TRANSFER}/已定转移路线.gpkg", ROUTES)
    tables.features("road_additions", f"{TRANSFER}/道路增补.geojson", ADDITIONS)
    tables.features("road_closures", f"{TRANSFER}/道路封闭.geojson", CLOSURES)
    tables.features("assembly_points", f"{TRANSFER}/集合点.geojson", GATHERING)


def write_tables(layers: Mapping[str, gpd.GeoDataFrame], out: Path) -> list[Fault]:
    """Write all tables of the county; return the faults planted in them."""
    way = layers["roads"]["oneway"].map({True: "单向", False: "双向"})
    layers = {**layers, "roads": layers["roads"].assign(way=way)}
    layers["villages"] = layers["villages"]
    tables = Tables(out, layers, [])
    _vectors(tables)
    tables.form("villages", f"{SURVEY}/行政村减灾能力调查表.xlsx", forms.VILLAGES)
    tables.form("shelters", f"{SURVEY}/应急避难场所调查表.xlsx", forms.SHELTERS)
    tables.form("medical", f"{SURVEY}/医疗卫生机构.xlsx", forms.MEDICAL)
    tables.text("teams", f"{SURVEY}/应急队伍.csv", forms.TEAMS, encoding="gb18030")
    tables.text(
        "broadcasts", f"{SURVEY}/应急广播.csv", forms.BROADCASTS, encoding="utf-8-sig"
    )
    tables.form("hazard_points", f"{HAZARDS}/地质灾害隐患点.xlsx", forms.HAZARD_POINTS)
    tables.form("reservoirs", f"{HAZARDS}/水库山塘.xlsx", forms.RESERVOIRS)
    tables.text(
        "waterlog_points",
        f"{HAZARDS}/易涝点.csv",
        forms.WATERLOG_POINTS,
        encoding="utf-8",
    )
    tables.groups(f"{TRANSFER}/转移单元.xlsx")
    tables.form("households", f"{TRANSFER}/受威胁户.xlsx", forms.HOUSEHOLDS)
    tables.form("inspections", f"{TRANSFER}/隐患排查整改记录.xlsx", forms.INSPECTIONS)
    tables.form("duties", f"{TRANSFER}/责任人名录.xlsx", forms.DUTIES)
    return tables.faults
