"""The project file of the county and the note beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RISKMAP = """\
# 云屏县（虚构）项目文件。地名、人名、电话、数据均为编造，仅供演示和测试。
# 路径相对于本文件所在的文件夹；带 # 的行是说明，可以删去。
# 运行：riskmap run 本文件夹

[project]
name = "云屏县（虚构示例）"
as_of = 2026-04-15        # 数据截止日，也是程序唯一认定的“今天”
crs = "EPSG:4490"         # 国家2000大地坐标系
edition = "public"        # public 公开版（不含群众信息）；internal 内部版
fictional = true          # 所有产品印“虚构示例”
producer = "云屏县应急管理局（虚构）"
version = "2026年汛前版"
source = "riskmap 示例数据生成程序"

# ── 数据来源：每个图层一节 ──────────────────────────────────────────────
# path 文件；sheet 工作表或矢量图层；columns 指定“表头 = 字段”；encoding 编码；
# places 取空间位置的图层（先按编号、再按村内名称匹配）；shift 换算偏移坐标。

[sources.villages]        # 调查表没有坐标，村界来自 GBK 编码的 shp（没有 .cpg）
path = "02 调查表/行政村减灾能力调查表.xlsx"
places = "01 基础地理/行政村界.shp"

[sources.townships]
path = "01 基础地理/乡镇界.geojson"

[sources.roads]           # 通行方向字段 SDTF：双向、单向（单向者按数字化方向通行）
path = "01 基础地理/县域道路.gpkg"
columns = { SDTF = "oneway" }

[sources.water]
path = "01 基础地理/水系.gpkg"

[sources.buildings]
path = "01 基础地理/房屋.gpkg"

[sources.contours]
path = "01 基础地理/等高线.gpkg"

[sources.shelters]        # 普查表没有坐标，位置按名称与点位图层匹配
path = "02 调查表/应急避难场所调查表.xlsx"
places = "02 调查表/避灾场所点位.geojson"

[sources.teams]           # GB18030 文本，坐标多为度分秒
path = "02 调查表/应急队伍.csv"

[sources.supplies]
path = "02 调查表/应急物资储备点.kml"

[sources.medical]
path = "02 调查表/医疗卫生机构.xlsx"

[sources.landing_zones]
path = "02 调查表/起降点与码头.kml"

[sources.broadcasts]
path = "02 调查表/应急广播.csv"

[sources.enterprises]
path = "02 调查表/企业名录.geojson"

[sources.hazard_points]   # 坐标取自互联网地图；去掉 shift 一行，质检会报疑似偏移
path = "03 灾害隐患/地质灾害隐患点.xlsx"
shift = "gcj02"

[sources.risk_zones]
path = "03 灾害隐患/风险防范区.gpkg"

[sources.flood_zones]
path = "03 灾害隐患/山洪灾害危险区.geojson"

[sources.waterlog_points]
path = "03 灾害隐患/易涝点.csv"

[sources.reservoirs]
path = "03 灾害隐患/水库山塘.xlsx"

[sources.unsafe_houses]   # 平面坐标，没有 .prj，带号无处可查，由质检推断并列出
path = "03 灾害隐患/危旧房.shp"

[sources.groups]          # 三个乡镇各一张工作表
path = "04 转移方案/转移单元.xlsx"

[sources.households]
path = "04 转移方案/受威胁户.xlsx"

[sources.planned_routes]
path = "04 转移方案/已定转移路线.gpkg"

[sources.road_additions]
path = "04 转移方案/道路增补.geojson"

[sources.road_closures]
path = "04 转移方案/道路封闭.geojson"

[sources.assembly_points] # 部分单元的集合点；没有位置的，图上不画，注明
path = "04 转移方案/集合点.geojson"

[sources.inspections]
path = "04 转移方案/隐患排查整改记录.xlsx"

[sources.duties]
path = "04 转移方案/责任人名录.xlsx"

# ── 路网：步行与行车；数字高程模型用于坡度 ──────────────────────────────
[network]
modes = ["walk", "drive"]
dem = "01 基础地理/数字高程模型30米.tif"

# ── 标准：救援圈按哪几套规则核查 ────────────────────────────────────────
[standards]
rescue = ["three_minute", "135_taizhou"]

# ── 情景：可以有多个；[publish] 里的一个上墙 ────────────────────────────
[scenario.typhoon]
title = "强台风（虚构）"
hazards = ["risk_zones", "flood_zones", "depth"]
depth = "03 灾害隐患/风暴潮淹没水深.tif"
depth_limit_m = 0.3       # 水深达到此值（米）的路段视为不通
level = "I"               # 防台风应急响应级别；低于 I 级时，有些人员不转移
arrives_at = 2026-08-20T20:00:00
max_time_min = 120        # 步行超过此时长（分钟）的场所不予安排
modes = ["walk", "bus"]   # 不能步行的人由车辆接送
vehicles = [
  { name = "中巴", count = 3, seats = 19 },
  { name = "面包车", count = 4, seats = 7 },
]

[publish]
scenario = "typhoon"
page = "A3"
officials = "full"        # 责任人电话：full 全部，masked 隐去中间四位，none 不印
"""

README = """\
云屏县（虚构示例数据）

本文件夹中的县、乡镇、村、道路、人名、电话和各类数据全部由程序编造，不对应任何真实地点或个人；
区划代码以未分配的 99 开头，电话以 1990000 开头。
海岸、山脉、道路由 sample_data/generate.py 按固定种子生成，每次生成的文件逐字节相同。
表格里有意埋设了错误，清单见 faults.toml。
"""


def write_project(out: Path) -> None:
    """Write riskmap.toml and the note that nothing here is real."""
    (out / "riskmap.toml").write_text(RISKMAP, encoding="utf-8", newline="\n")
    (out / "说明.txt").write_text(README, encoding="utf-8", newline="\n")
