"""Draw the pictures of routing.md: ``python docs/make_routing.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

import riskmap as rm

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes

COUNTY = Path(__file__).parents[1] / "sample_data" / "county"
BASICS, SURVEY = COUNTY / "01 基础地理", COUNTY / "02 调查表"
IMAGES = Path(__file__).with_name("images")
BRIDGE = "L00424"
FONTS = ["Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "SimHei"]
SHADES = {1: "#08519c", 3: "#4292c6", 5: "#9ecae1"}
GREY, RED, INK = "#b8b8b8", "#c0392b", "#222222"
REACH_M = 3000


def main() -> None:
    """Draw the three pictures."""
    mpl.rcParams["font.sans-serif"] = FONTS
    roads = rm.read_census(
        BASICS / "县域道路.gpkg", "roads", columns={"SDTF": "oneway"}
    )
    groups = rm.read_census(COUNTY / "04 转移方案" / "转移单元.xlsx", "groups")
    groups = groups.dropna(subset="geometry")
    sheet, spots = SURVEY / "应急避难场所调查表.xlsx", SURVEY / "避灾场所点位.geojson"
    shelters = rm.read_census(sheet, "shelters", places=spots)
    shelters = shelters.dropna(subset="geometry")
    walk = rm.build_network(roads, dem=BASICS / "数字高程模型30米.tif")
    circles(walk, shelters)
    out = roads[roads["road_id"] == BRIDGE].to_crs(walk.crs)
    out = out.set_geometry(out.geometry.interpolate(0.5, normalized=True))
    bridge(walk, out, groups=groups, shelters=shelters)
    areas(walk, shelters)


def circles(walk: rm.Network, shelters: gpd.GeoDataFrame) -> None:
    """Draw how far people walk to one shelter in one, three and five minutes."""
    one = shelters[shelters["name"].str.contains("竹溪")].head(1)
    found = rm.isochrones(walk, one, minutes=tuple(SHADES), direction="to")
    found = found.to_crs(walk.crs).sort_values("minutes", ascending=False)
    axes = _axes("走到竹溪避灾点：1、3、5 分钟", one, walk, reach_m=320)
    for minutes, shade in SHADES.items():
        part = found[found["minutes"] == minutes]
        part.plot(ax=axes, color=shade, zorder=2 - minutes / 10)
        axes.plot([], [], color=shade, lw=6, label=f"{minutes} 分钟内")
    walk.edges().plot(ax=axes, color=INK, lw=0.8, zorder=3)
    one.to_crs(walk.crs).plot(ax=axes, color=RED, zorder=4, markersize=60)
    axes.plot([], [], "o", color=RED, label="避灾点")
    _save(axes, "routing-isochrones.png")


def bridge(
    walk: rm.Network, out: gpd.GeoDataFrame, *,
    groups: gpd.GeoDataFrame, shelters: gpd.GeoDataFrame,
) -> None:  # fmt: skip
    """Draw who is cut off when one bridge is out."""
    before = rm.nearest(walk, groups, shelters, direction="to")
    broken = rm.close_roads(walk, out.rename(columns={"road_id": "zone_id"}))
    after = rm.nearest(broken, groups, shelters, direction="to")
    lost = before["reason"].eq("ok") & after["reason"].ne("ok")
    axes = _axes("青砻机耕路的桥断了：三个转移单元走不到避灾点", out, walk)
    lines = rm.shortest_paths(
        walk, groups[lost], shelters,
        pairs=list(zip(groups.index[lost], before["facility"][lost], strict=True)),
    )  # fmt: skip
    walk.edges().plot(ax=axes, color=GREY, lw=0.8, zorder=1)
    lines.to_crs(walk.crs).plot(ax=axes, color=SHADES[3], lw=3, zorder=2)
    axes.plot([], [], color=SHADES[3], lw=3, label="断桥之前的路线")
    for colour, some, word in (
        (INK, groups[~lost], "仍能到达的转移单元"),
        (RED, groups[lost], "去不了的转移单元"),
    ):
        some.to_crs(walk.crs).plot(ax=axes, color=colour, zorder=3, markersize=45)
        axes.plot([], [], "o", color=colour, label=word)
    out.plot(ax=axes, color=RED, marker="x", lw=3, markersize=140, zorder=4)
    axes.plot([], [], "x", color=RED, mew=3, ms=10, label="断桥")
    _frame_on(axes, pd.concat([lines.to_crs(walk.crs).geometry, out.geometry]))
    _save(axes, "routing-bridge.png")


def areas(walk: rm.Network, shelters: gpd.GeoDataFrame) -> None:
    """Draw the roads and land of each shelter around one."""
    one = shelters.head(1)
    title = "每段路归走得最快的避灾点；两点之间在时间相等处分开"
    axes = _axes(title, one, walk, reach_m=2200)
    land = rm.service_polygons(walk, shelters, direction="to").to_crs(walk.crs)
    pieces = rm.service_areas(walk, shelters, direction="to").to_crs(walk.crs)
    shades = mpl.colormaps["tab20"].colors
    place = {name: shades[row % 20] for row, name in enumerate(land["facility"])}
    land.plot(ax=axes, color=list(land["facility"].map(place)), alpha=0.35)
    pieces.plot(ax=axes, color=list(pieces["facility"].map(place)), lw=2)
    shelters.to_crs(walk.crs).plot(ax=axes, color=RED, markersize=45, zorder=3)
    axes.plot([], [], "o", color=RED, label="避灾点")
    _save(axes, "routing-areas.png")


def _axes(
    title: str, about: gpd.GeoDataFrame, walk: rm.Network, *, reach_m: float = REACH_M
) -> Axes:
    """Return empty axes around a place."""
    _, axes = plt.subplots(figsize=(7, 5.4))
    centre = about.to_crs(walk.crs).geometry.iloc[0]
    axes.set_xlim(centre.x - reach_m * 1.2, centre.x + reach_m * 1.2)
    axes.set_ylim(centre.y - reach_m, centre.y + reach_m)
    axes.set_title(title, fontsize=13)
    axes.set_aspect("equal", adjustable="box")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.autoscale(enable=False)
    return axes


def _frame_on(axes: Axes, geometry: gpd.GeoSeries) -> None:
    """Show all of some geometry, with a breath around it."""
    left, bottom, right, top = geometry.total_bounds
    breath = 0.12 * max(right - left, top - bottom)
    axes.set_xlim(left - breath, right + breath)
    axes.set_ylim(bottom - breath, top + breath)


def _save(axes: Axes, name: str) -> None:
    """Write a picture small enough for a page."""
    axes.set(xlabel=None, ylabel=None)
    axes.legend(loc="lower left", framealpha=0.95, fontsize=10)
    axes.figure.savefig(IMAGES / name, dpi=110, bbox_inches="tight",
                        metadata={"Software": None})  # fmt: skip
    plt.close(axes.figure)


if __name__ == "__main__":
    main()
