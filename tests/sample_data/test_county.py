"""The county as delivered: complete, plausible, invented, small."""

import csv
import re
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import rasterio
import shapely

ADMIN = Path(__file__).resolve().parents[3] / "shared" / "data" / "china-admin"
SURVEY, GROUND = "02 调查表", "01 基础地理"


def lands(county: Path) -> gpd.GeoDataFrame:
    frame = gpd.read_file(county / GROUND / "行政村界.shp", encoding="gbk")
    return frame.to_crs("EPSG:4549")


def roads(county: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(county / GROUND / "县域道路.gpkg")


def test_the_county_is_small(county: Path) -> None:
    size = sum(path.stat().st_size for path in county.rglob("*") if path.is_file())
    assert size < 8_000_000


def test_every_source_of_the_project_is_there(county: Path) -> None:
    project = tomllib.loads((county / "riskmap.toml").read_text(encoding="utf-8"))
    sources = project["sources"].values()
    named = [s[key] for s in sources for key in ("path", "places") if key in s]
    named += [project["network"]["dem"], project["scenario"]["typhoon"]["depth"]]
    assert [name for name in named if not (county / name).is_file()] == []
    assert project["project"]["fictional"] is True


def test_file_names_are_legal_on_windows(county: Path) -> None:
    names = [
        part for path in county.rglob("*") for part in path.relative_to(county).parts
    ]
    assert [name for name in names if re.search(r'[<>:"\\|?*]|[. ]$', name)] == []
    assert any(" " in name for name in names)


def test_thirty_villages_share_the_land_but_for_the_overlap_planted(
    county: Path,
) -> None:
    frame = lands(county)
    assert len(frame) == 30
    assert "竹溪村" in set(frame["sqxzcmc"])
    assert frame["xzqhdm"].is_unique
    rest = frame[frame["sqxzcmc"] != "望潮门村"]
    assert len(rest) == len(frame) - 1
    assert rest.area.sum() == pytest.approx(rest.union_all().area, rel=1e-6)
    assert shapely.coverage_is_valid(rest.geometry.to_numpy())
    shared = frame.area.sum() - frame.union_all().area
    assert 0 < shared < 20_000


def test_townships_are_the_unions_of_their_villages(county: Path) -> None:
    towns = gpd.read_file(county / GROUND / "乡镇界.geojson").to_crs("EPSG:4549")
    frame = lands(county)
    for town in towns.itertuples():
        part = frame[frame["xzjdmc"] == town[2]].union_all()
        assert part.symmetric_difference(town.geometry).area < 100


def test_codes_are_of_the_unassigned_prefix(county: Path) -> None:
    codes = lands(county)["xzqhdm"]
    assert codes.str.fullmatch(r"990121\d{6}").all()


def test_every_phone_is_of_the_invented_range(county: Path) -> None:
    found: set[str] = set()
    for path in sorted(county.rglob("*.xlsx")):
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows(values_only=True):
                found |= {
                    c for c in row if isinstance(c, str) and re.fullmatch(r"1\d{10}", c)
                }
    assert len(found) > 300
    assert [one for one in found if not one.startswith("1990000")] == []


@pytest.mark.parametrize(
    ("road_class", "least_km"),
    [
        ("国道", 20),
        ("省道", 15),
        ("县道", 8),
        ("乡道", 15),
        ("村道", 30),
        ("机耕路", 10),
        ("步道", 20),
    ],
)
def test_roads_of_every_class(county: Path, road_class: str, least_km: float) -> None:
    frame = roads(county)
    assert frame[frame["TYPE"] == road_class].length.sum() > least_km * 1000


def test_roads_have_bridges_a_tunnel_and_one_way_streets(county: Path) -> None:
    frame = roads(county)
    assert (frame["桥梁"] == "是").sum() > 50
    assert (frame["隧道"] == "是").sum() == 1
    assert (frame["SDTF"] == "单向").sum() >= 6


def test_roads_fall_into_the_mainland_the_island_and_the_lone_track(
    county: Path,
) -> None:
    frame = roads(county)
    ends = [[g.coords[0], g.coords[-1]] for g in frame.geometry]
    parent: dict[tuple, tuple] = {}

    def find(node: tuple) -> tuple:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for a, b in ends:
        parent[find(a)] = find(b)
    parts = {find(a) for a, _ in ends}
    assert len(parts) == 3


def test_bridges_cross_streams(county: Path) -> None:
    frame = roads(county)
    water = gpd.read_file(county / GROUND / "水系.gpkg").to_crs(frame.crs)
    streams = water[water["类型"].isin(["河流", "溪流"])].union_all()
    bridges = frame[frame["桥梁"] == "是"]
    assert (bridges.distance(streams) < 5).mean() > 0.97


def test_streams_run_downhill(county: Path) -> None:
    water = gpd.read_file(county / GROUND / "水系.gpkg").to_crs("EPSG:4549")
    lines = water[water["类型"].isin(["河流", "溪流"])].geometry
    with rasterio.open(county / GROUND / "数字高程模型30米.tif") as dem:
        tops = np.array(list(dem.sample([g.coords[0] for g in lines])))[:, 0]
        foots = np.array(list(dem.sample([g.coords[-1] for g in lines])))[:, 0]
        known = (tops != dem.nodata) & (foots != dem.nodata)
    assert known.mean() > 0.9
    assert (foots[known] <= tops[known] + 0.2).all()


def test_terrain_has_voids_and_depth_has_sea(county: Path) -> None:
    with rasterio.open(county / GROUND / "数字高程模型30米.tif") as dem:
        values = dem.read(1, masked=True)
        assert dem.crs.to_epsg() == 4549
    assert 0 < values.mask.mean() < 0.03
    assert 400 < values.max() < 1500
    with rasterio.open(county / "03 灾害隐患" / "风暴潮淹没水深.tif") as depth:
        water = depth.read(1, masked=True)
    assert 0.02 < (water > 0.3).mean() * 100 < 5


def test_danger_zones_are_slope_sized(county: Path) -> None:
    zones = gpd.read_file(county / "03 灾害隐患" / "风险防范区.gpkg").to_crs(
        "EPSG:4549"
    )
    hectares = zones.area / 1e4
    assert 40 <= len(zones) <= 70
    assert 1.0 < hectares.median() < 8.0
    assert hectares.max() < 10


@pytest.mark.skipif(not ADMIN.is_dir(), reason="../shared/data/china-admin is absent")
def test_place_names_are_invented(county: Path) -> None:
    def names(file: str) -> set[str]:
        with (ADMIN / file).open(encoding="utf-8") as source:
            return {row["name"] for row in csv.DictReader(source)}

    frame = lands(county)
    known = {
        re.sub("(村村民|社区居民|村|社区)?委(员)?会$", "", n)
        for n in names("zhejiang_villages.csv")
    }
    bare = set(frame["sqxzcmc"]) | {n.removesuffix("村") for n in frame["sqxzcmc"]}
    assert (known & bare) <= {"竹溪村", "竹溪"}
    assert not set(frame["xzjdmc"]) & names("zhejiang_streets.csv")
    assert "云屏县" not in names("areas.csv")
