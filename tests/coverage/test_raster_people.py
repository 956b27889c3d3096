"""A project whose people are known from a population raster alone."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from shapely import box

from riskmap.project import Project

pytest.importorskip("exactextract")
TOML = """
[project]
name = "测试县"
as_of = 2026-04-15

[sources.villages]
path = "villages.gpkg"

[sources.population]
path = "people.tif"
"""


def test_the_audit_counts_people_where_the_raster_puts_them(tmp_path: Path) -> None:
    gpd.GeoDataFrame(
        {
            "village_code": ["990121100201", "990121100202"],
            "name": ["甲村", "乙村"],
            "population": [None, 90],
        },
        geometry=[box(121.0, 28.0, 121.02, 28.02), box(121.02, 28.0, 121.04, 28.02)],
        crs=4490,
    ).to_file(tmp_path / "villages.gpkg")
    with rasterio.open(
        tmp_path / "people.tif", "w", driver="GTiff", width=4, height=2, count=1,
        dtype="float32", crs="EPSG:4326", nodata=-1,
        transform=Affine(0.01, 0, 121.0, 0, -0.01, 28.02),
    ) as raster:  # fmt: skip
        raster.write(np.array([[7, 0, 20, 20], [0, 5, 20, 20]], dtype="float32"), 1)
    (tmp_path / "riskmap.toml").write_text(TOML, encoding="utf-8")
    people = Project.open(tmp_path).chain.people
    first = people[people["village_code"] == "990121100201"]
    assert first["people"].tolist() == [7, 5]
    assert set(first["people_source"]) == {"population_raster"}
    assert not first["rough"].any()
    second = people[people["village_code"] == "990121100202"]
    assert second["people"].sum() == 90
    rest = second[second["people_source"] == "village"]
    assert rest["people"].tolist() == [10]
    assert rest["rough"].all()
