"""Rows chosen by a condition, and values that stand in for what no row says."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point

from riskmap.census import Source, build_census, check_census, read_census
from riskmap.errors import LayerError, SourceError


@pytest.fixture
def places(tmp_path: Path) -> Path:
    """Return a file of two villages and a peak; one village counts its people."""
    frame = gpd.GeoDataFrame(
        {
            "village_code": ["990121100201", "990121100202", "990121100203"],
            "name": ["竹溪村", "下芝溪村", "望海尖"],
            "kind": ["village", "village", "peak"],
            "population": [398, None, None],
        },
        geometry=[Point(121.1, 28.0), Point(121.2, 28.1), Point(121.15, 28.05)],
        crs=4490,
    )
    frame.to_file(tmp_path / "places.gpkg", layer="points")
    return tmp_path / "places.gpkg"


def test_a_condition_chooses_rows(places: Path) -> None:
    source = Source(places, sheet="points", where="kind = 'village'")
    assert list(read_census(source, "villages")["name"]) == ["竹溪村", "下芝溪村"]


def test_a_condition_that_makes_no_sense_is_one_clear_error(places: Path) -> None:
    source = Source(places, sheet="points", where="kind is village")
    with pytest.raises(SourceError, match=r"places\.gpkg cannot be read"):
        read_census(source, "villages")


def test_assumed_values_fill_blanks_only_and_are_counted(places: Path) -> None:
    source = Source(places, where="kind = 'village'", assumed={"population": 200})
    census = build_census({"villages": source}, as_of="2026-04-15")
    assert census["villages"]["population"].tolist() == [398, 200]
    found = census.findings[census.findings["rule"] == "assumed_value"]
    assert len(found) == 1
    assert "1 行" in found["message"].iloc[0]


def test_an_unknown_field_is_not_assumed(places: Path) -> None:
    with pytest.raises(LayerError, match='no field "people" to assume'):
        check_census(Source(places, assumed={"people": 3}), "villages")
