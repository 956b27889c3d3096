"""A synthetic province of any size: every name in it is invented.

Villages stand on a grid of square cells; 24 make a township, 15 townships a
county. A village is a lattice of lanes, with about 400 road vertices;
one lane each way goes on to the neighbours, and one village a county is cut
off. The same seed gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from generator.names import GIVEN, SURNAMES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

LANES = 20
CELL_M = 2500.0
TOWN = (4, 6)
COUNTY = (5, 3)
SIDE = (TOWN[0] * COUNTY[0], TOWN[1] * COUNTY[1])
PER_TOWN = TOWN[0] * TOWN[1]
PER_COUNTY = PER_TOWN * COUNTY[0] * COUNTY[1]
ORIGIN = (120.0, 27.0)
DEGREES = (1 / 98_300.0, 1 / 110_900.0)
THROUGH = LANES // 2
FIRST = "云岚竹溪石枫青雁弯麻芝鹤沙银潮白螺灯望盐箬梅炉枕蓝帆桅屏砻篙"
SECOND = "溪栈鼓坳坪篙圩芝岭渡鳌音礁岙盏门坛坑雨屿峰岩浪田石尖洋头背里"
LAST = ("村", "坪村", "岙村", "头村", "湾村", "岭村", "垟村", "坑村")
HAZARDS = np.array(["滑坡", "崩塌", "泥石流", "不稳定斜坡"])

PROJECT = """\
# 虚构省份（由程序生成，{villages} 个村）。运行：riskmap run 本文件夹 --workers 2

[project]
name = "云岚省（虚构示例）"
as_of = 2026-04-15
fictional = true
producer = "云岚省应急管理厅（虚构）"

{sources}
[network]
modes = ["walk", "drive"]

[standards]
rescue = ["three_minute", "135_taizhou"]

[scenario.typhoon]
title = "强台风（虚构）"
hazards = ["risk_zones", "flood_zones"]
arrives_at = 2026-08-20T20:00:00
max_time_min = 120

[publish]
scenario = "typhoon"
page = "A3"

[run]
unit = "{unit}"
"""


class Places:
    """The villages' cells, codes and names.

    Parameters
    ----------
    count
        How many villages.
    """

    def __init__(self, count: int) -> None:
        number = np.arange(count)
        county, inside = np.divmod(number, PER_COUNTY)
        town, village = np.divmod(inside, PER_TOWN)
        wide = int(np.ceil(np.sqrt(county[-1] + 1)))
        self.county, self.town, self.village = county, town, village
        self.column = (
            county % wide * SIDE[0] + town % COUNTY[0] * TOWN[0] + village % TOWN[0]
        )
        self.row = (
            county // wide * SIDE[1] + town // COUNTY[0] * TOWN[1] + village // TOWN[0]
        )
        self.cut_off = inside == PER_COUNTY // 2 + TOWN[0] + 1
        self.county_code = np.array([f"9901{one + 1:02d}" for one in county])
        towns = [f"{one + 1:02d}0" for one in town]
        self.township_code = np.char.add(np.char.add(self.county_code, towns), "000")
        tails = [
            f"{one + 1:02d}0{two + 201:03d}"
            for one, two in zip(town, village, strict=True)
        ]
        self.code = np.char.add(self.county_code, tails)

    def __len__(self) -> int:
        """Return how many villages there are."""
        return len(self.code)

    def names(self) -> list[str]:
        """Return an invented name for each village."""
        number = np.arange(len(self)) * 7919 % (len(FIRST) * len(SECOND) * len(LAST))
        first, rest = np.divmod(number, len(SECOND) * len(LAST))
        second, last = np.divmod(rest, len(LAST))
        pairs = zip(first, second, last, strict=True)
        return [FIRST[a] + SECOND[b] + LAST[c] for a, b, c in pairs]

    def points(self, fraction: FloatArray, village: IntArray) -> FloatArray:
        """Return longitude and latitude at fractions of villages' cells."""
        column = self.column[village] + fraction[:, 0]
        row = self.row[village] + fraction[:, 1]
        return lonlat(column * LANES, row * LANES)


def lonlat(i: NDArray, j: NDArray) -> FloatArray:
    """Return the bent lattice at positions counted in lanes."""
    step = CELL_M / LANES
    x = (i + 0.24 * np.sin(12.9898 * i + 78.233 * j)) * step
    y = (j + 0.24 * np.sin(39.3467 * i + 11.135 * j + 1.7)) * step
    return np.column_stack([ORIGIN[0] + x * DEGREES[0], ORIGIN[1] + y * DEGREES[1]])


def write_province(folder: Path, *, villages: int, seed: int, unit: str) -> None:
    """Write a province as a project: GeoParquet layers and riskmap.toml.

    Parameters
    ----------
    folder
        Where to; made where it is missing.
    villages
        How many villages.
    seed
        Of everything that is drawn by lot.
    unit
        ``county`` or ``township``: how a run is split.
    """
    places, rng = Places(villages), np.random.default_rng(seed)
    layers = {
        "villages": _villages(places, rng),
        "roads": _roads(places, rng),
        **_people_and_hazards(places, rng),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in layers.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    sources = "".join(
        f'[sources.{name}]\npath = "{name}.parquet"\n\n' for name in layers
    )
    text = PROJECT.format(villages=villages, sources=sources, unit=unit)
    (folder / "riskmap.toml").write_text(text, encoding="utf-8")


def _villages(places: Places, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return the villages: cells with bent corners."""
    corner = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    column = (places.column[:, None] + corner[:, 0]) * LANES
    row = (places.row[:, None] + corner[:, 1]) * LANES
    ring = lonlat(column.ravel() - 0.5, row.ravel() - 0.5).reshape(-1, 5, 2)
    population = rng.integers(300, 2400, len(places))
    return _frame(
        {
            "village_code": places.code,
            "name": places.names(),
            "township_code": places.township_code,
            "township_name": [
                f"{FIRST[(c * 15 + t) % 30]}{SECOND[(c * 15 + t) * 7 % 30]}镇"
                for c, t in zip(places.county, places.town, strict=True)
            ],
            "population": population,
            "households": population // 3,
            "elderly_people": population // 6,
            "information_officers_people": rng.integers(0, 3, len(places)),
            "has_plan": rng.random(len(places)) < 0.8,
        },
        shapely.polygons(ring),
    )


def _roads(places: Places, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return the lanes of all villages, those across after those along."""
    cells = zip(places.column, places.row, strict=True)
    here = {(c, r): n for n, (c, r) in enumerate(cells)}
    parts = [_lanes(places, rng, here, across=one) for one in (False, True)]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True))


def _lanes(
    places: Places,
    rng: np.random.Generator,
    here: dict[tuple[int, int], int],
    *,
    across: bool,
) -> gpd.GeoDataFrame:
    """Return the lanes of one direction."""
    count = len(places)
    village = np.repeat(np.arange(count), LANES)
    lane = np.tile(np.arange(LANES), count)
    step = (0, 1) if across else (1, 0)
    cells = zip(places.column + step[0], places.row + step[1], strict=True)
    after = np.array([here.get(one, -1) for one in cells])
    goes_on = (after >= 0) & ~places.cut_off & ~places.cut_off[after]
    through = (lane == THROUGH) | (rng.random(len(lane)) < 0.05)
    begin = np.where(through, 0, rng.integers(0, 4, len(lane)))
    end = np.where(through, LANES, LANES - rng.integers(0, 4, len(lane)))
    end += through & goes_on[village]
    size = end - begin
    road = np.repeat(np.arange(len(lane)), size)
    along = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    along += begin[road]
    i = places.column[village[road]] * LANES + (lane[road] if across else along)
    j = places.row[village[road]] * LANES + (along if across else lane[road])
    main = (places.column % TOWN[0] == 2) if across else (places.row % TOWN[1] == 3)
    local = np.array(["村道", "村道", "机耕路", "步道"])[lane % 4]
    kind = np.where(
        lane == THROUGH, np.where(main[village], "县道" if across else "乡道", "村道"),
        np.where(through, "村道", local),
    )  # fmt: skip
    letter = "Z" if across else "H"
    return _frame(
        {
            "road_id": [
                f"{letter}{code[2:]}{n:02d}"
                for code, n in zip(places.code[village], lane, strict=True)
            ],
            "road_class": kind,
            "village_code": places.code[village],
        },
        shapely.linestrings(lonlat(i, j), indices=road),
    )


def _people_and_hazards(
    places: Places, rng: np.random.Generator
) -> dict[str, gpd.GeoDataFrame]:
    """Return zones, hazard points, groups, shelters and teams."""
    each = np.arange(len(places))
    slope = 0.15 + 0.7 * rng.random((len(places), 2))
    wet = each[rng.random(len(places)) < 1 / 3]
    river = 0.15 + 0.7 * rng.random((len(wet), 2))
    return {
        "risk_zones": _zones(places, rng, each, middle=slope, kind="risk", half=0.06),
        "flood_zones": _zones(places, rng, wet, middle=river, kind="flood", half=0.08),
        "hazard_points": _hazard_points(places, rng, slope),
        "groups": _groups(places, rng, slope, wet=wet, river=river),
        "shelters": _shelters(places, rng),
        "teams": _teams(places, rng),
    }


def _zones(
    places: Places,
    rng: np.random.Generator,
    village: IntArray,
    *,
    middle: FloatArray,
    kind: str,
    half: float,
) -> gpd.GeoDataFrame:
    """Return square zones of danger."""
    corner = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * half
    ring = (middle[:, None] + corner).reshape(-1, 2)
    at = places.points(ring, np.repeat(village, 5)).reshape(-1, 5, 2)
    hazard = "山洪" if kind == "flood" else HAZARDS[rng.integers(4, size=len(village))]
    people = rng.integers(10, 90, len(village))
    return _frame(
        {
            f"{kind}_zone_id": np.char.add(kind[0].upper(), places.code[village]),
            "name": [f"{one}区" for one in np.asarray(places.names())[village]],
            "hazard": hazard,
            "risk_level": np.array(["高", "中", "低"])[
                rng.integers(3, size=len(people))
            ],
            "people": people,
            "village_code": places.code[village],
            **_person(rng, len(village)),
        },
        shapely.convex_hull(shapely.polygons(at)),
    )


def _hazard_points(
    places: Places, rng: np.random.Generator, slope: FloatArray
) -> gpd.GeoDataFrame:
    """Return one hazard point a village."""
    each = np.arange(len(places))
    people = rng.integers(3, 120, len(places))
    return _frame(
        {
            "hazard_point_id": np.char.add("Y", places.code),
            "name": [f"{one}隐患点" for one in places.names()],
            "hazard": HAZARDS[rng.integers(4, size=len(places))],
            "threat_grade": np.where(people >= 100, "中型", "小型"),
            "threatened_people": people,
            "village_code": places.code,
            **_person(rng, len(places)),
        },
        shapely.points(places.points(slope, each)),
    )


def _groups(
    places: Places,
    rng: np.random.Generator,
    slope: FloatArray,
    *,
    wet: IntArray,
    river: FloatArray,
) -> gpd.GeoDataFrame:
    """Return the groups to move: by the slope, by the river, in weak houses."""
    each = np.arange(len(places))
    anywhere = 0.05 + 0.9 * rng.random((len(places), 2))
    village = np.r_[each, each, wet, each]
    middle = np.vstack([slope, slope, river, anywhere])
    shift = (rng.random(middle.shape) - 0.5) * 0.1
    category = np.repeat(
        ["地质灾害点", "地质灾害点", "山洪危险区", "危旧房"],
        [len(each), len(each), len(wet), len(each)],
    )
    order = np.argsort(village, kind="stable")
    village, category = village[order], category[order]
    people = rng.integers(4, 70, len(village))
    number = np.arange(len(village)) - np.searchsorted(village, village)
    return _frame(
        {
            "group_id": [
                f"G{code}{n + 1}"
                for code, n in zip(places.code[village], number, strict=True)
            ],
            "name": [f"第{n + 1}组" for n in number],
            "village_code": places.code[village],
            "category": category,
            "people": people,
            "elderly_people": people // 4,
            "placement": np.where(rng.random(len(people)) < 0.8, "集中", "投亲靠友"),
            **_person(rng, len(people)),
        },
        shapely.points(places.points((middle + shift)[order], village)),
    )


def _shelters(places: Places, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return two shelters a village."""
    village = np.repeat(np.arange(len(places)), 2)
    second = np.arange(len(village)) % 2 == 1
    spot = 0.2 + 0.6 * rng.random((len(village), 2))
    return _frame(
        {
            "shelter_id": np.where(
                second, np.char.add("C", places.code[village]),
                np.char.add("B", places.code[village]),
            ),
            "name": np.where(second, "学校避灾点", "文化礼堂"),
            "level": np.where(second, "乡镇级", "村级"),
            "declared_people": rng.integers(60, 260, len(village)),
            "effective_area_m2": rng.integers(150, 900, len(village)).astype(float),
            "assessed": rng.random(len(village)) < 0.9,
            "village_code": places.code[village],
            **_person(rng, len(village)),
        },
        shapely.points(places.points(spot, village)),
    )  # fmt: skip


def _teams(places: Places, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return a team in two villages of three, and a brigade a township."""
    own = np.flatnonzero(np.arange(len(places)) % 3 < 2)
    seat = np.flatnonzero(places.village == PER_TOWN // 2)
    village = np.r_[own, seat]
    brigade = np.arange(len(village)) >= len(own)
    kind = np.where(brigade, "乡镇专职消防队", "村级应急抢险突击队")
    spot = 0.3 + 0.4 * rng.random((len(village), 2))
    members = np.where(brigade, 18, rng.integers(4, 20, len(village)))
    return _frame(
        {
            "team_id": np.where(
                brigade, np.char.add("X", places.code[village]),
                np.char.add("T", places.code[village]),
            ),
            "name": kind,
            "kind": kind,
            "members_people": members,
            "night_members_people": members // 3,
            "turnout_min": np.where(rng.random(len(village)) < 0.5, 1.0, np.nan),
            "village_code": places.code[village],
            **_person(rng, len(village)),
        },
        shapely.points(places.points(spot, village)),
    )  # fmt: skip


def _person(rng: np.random.Generator, count: int) -> dict[str, list[str]]:
    """Return invented people on duty, with phones that nobody has."""
    surname, given = (rng.integers(len(one), size=count) for one in (SURNAMES, GIVEN))
    return {
        "responsible_a": [
            SURNAMES[a] + GIVEN[b] for a, b in zip(surname, given, strict=True)
        ],
        "phone_a": [f"1990000{one:04d}" for one in rng.integers(10_000, size=count)],
    }


def _frame(columns: dict[str, object], geometry: NDArray) -> gpd.GeoDataFrame:
    """Return a layer in CGCS2000."""
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=4490)
