"""Old datums are told apart where something tells them, and never silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from riskmap.census import Source, build_census
from riskmap.census.datum import gauss_krueger_of

if TYPE_CHECKING:
    from riskmap.census import Census

DATUMS = ("datum_untold", "datum_ballpark", "datum_changed")
LON, LAT = np.array([121.2, 121.21]), np.array([28.1, 28.11])
# Made for the test: what a county's surveyors may have handed out.
OWN = (
    "+proj=tmerc +lon_0=120 +k=1 +x_0=500000 +ellps=krass "
    "+towgs84=15.8,-154.4,-82.3,0,0,0,0 +units=m +type=crs"
)


def metres(crs: object) -> tuple[np.ndarray, np.ndarray]:
    """Return the two places in a CRS, nothing known between the datums."""
    crs = pyproj.CRS.from_user_input(crs)
    target = 4326 if crs.is_bound else 4490
    change = pyproj.Transformer.from_crs(target, crs, always_xy=True)
    return change.transform(LON, LAT)


def census(x: np.ndarray, y: np.ndarray, **options: Any) -> Census:  # noqa: ANN401
    cell = shapely.box(121.1, 28.0, 121.3, 28.2)
    villages = gpd.GeoDataFrame(
        {"行政区划代码": ["990101001201"], "名称": ["东山村"], "人口": [9]},
        geometry=[cell],
        crs=4490,
    )
    table = gpd.GeoDataFrame(
        {"场所编号": ["B1", "B2"], "名称": ["甲", "乙"], "横坐标": x, "纵坐标": y}
    )
    project = options.pop("project", None)
    sources = {"villages": Source(villages), "shelters": Source(table, **options)}
    return build_census(sources, as_of="2024-06-01", crs=project)


def said(made: Census) -> set[str]:
    return {one for one in made.findings["rule"] if one in DATUMS}


@pytest.mark.parametrize("code", [4528, 4549])
def test_metres_whose_datum_nobody_told_are_undetermined(code: int) -> None:
    made = census(*metres(code))
    assert said(made) == {"datum_untold"}
    assert made["shelters"].geometry.x.to_numpy() == pytest.approx(LON, abs=1e-7)


@pytest.mark.parametrize(
    "options", [{"crs": 4549}, {"crs": "EPSG:4528"}, {"project": 4549}]
)
def test_a_datum_that_is_stated_needs_no_word(options: dict[str, Any]) -> None:
    code = 4528 if options.get("crs") == "EPSG:4528" else 4549
    assert said(census(*metres(code), **options)) == set()


@pytest.mark.parametrize("code", [2364, 2385, 2416, 2437, 2335, 21421])
def test_a_stated_old_datum_is_changed_and_its_accuracy_named(code: int) -> None:
    made = census(*metres(code), crs=code)
    assert said(made) == {"datum_ballpark"}
    words = made.findings.set_index("rule").loc["datum_ballpark", "message"]
    assert f"EPSG:{code}" in words
    assert made["shelters"].geometry.x.to_numpy() == pytest.approx(LON, abs=1e-6)
    assert made["shelters"].geometry.y.to_numpy() == pytest.approx(LAT, abs=1e-6)


@pytest.mark.parametrize(
    ("numbered", "plain"), [(4528, 4549), (2364, 2385), (2416, 2437)]
)
def test_zone_numbers_are_understood_in_every_datum(numbered: int, plain: int) -> None:
    made = census(*metres(numbered), crs=plain)
    assert made["shelters"].geometry.x.to_numpy() == pytest.approx(LON, abs=1e-6)
    assert any(f"EPSG:{numbered}" in one for one in made.findings["message"])


def test_a_geographic_old_datum_tells_the_datum_of_metres() -> None:
    made = census(*metres(2385), crs=4610)
    assert said(made) == {"datum_ballpark"}
    assert any("EPSG:2385" in one for one in made.findings["message"])


def test_parameters_of_the_county_are_used() -> None:
    made = census(*metres(OWN), crs=OWN)
    assert said(made) == {"datum_changed"}
    assert made["shelters"].geometry.x.to_numpy() == pytest.approx(LON, abs=1e-7)
    assert made["shelters"].geometry.y.to_numpy() == pytest.approx(LAT, abs=1e-7)


@pytest.mark.parametrize("crs", [2385, OWN])
def test_a_file_in_an_old_datum_is_changed_once(crs: object) -> None:
    x, y = metres(crs)
    points = gpd.points_from_xy(x, y, crs=crs)
    frame = gpd.GeoDataFrame({"名称": ["甲", "乙"]}, geometry=points)
    for stated in (None, crs):
        made = build_census({"shelters": Source(frame, crs=stated)}, as_of="2024-06-01")
        got = made["shelters"].geometry
        assert got.x.to_numpy() == pytest.approx(LON, abs=1e-6)
        assert len(said(made)) == 1


@pytest.mark.parametrize("base", [4490, 4610, 4214])
def test_zones_are_those_of_the_register(base: int) -> None:
    zones = gauss_krueger_of(pyproj.CRS.from_epsg(base))
    for zone in (25, 40, 45, 13, 20, 23):
        crs = pyproj.CRS.from_epsg(zones.of_zone(zone))
        middle = zone * 3 if zone > 23 else zone * 6 - 3
        assert crs.geodetic_crs.to_epsg() == base
        assert not zones.without_number(crs)
        given = crs.to_json_dict()["conversion"]["parameters"]
        names = {one["name"]: one["value"] for one in given}
        assert names["Longitude of natural origin"] == middle
        assert names["False easting"] == zone * 1e6 + 5e5
    assert zones.of_zone(24) is None
    for code in zones.unnumbered():
        crs = pyproj.CRS.from_epsg(code)
        assert zones.without_number(crs)
        assert crs.geodetic_crs.to_epsg() == base
    assert len(zones.unnumbered()) == 21
