"""Population rasters: cut exactly, unknown where the raster says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

import riskmap as rm
from riskmap.census import Source, build_census, population_cells, read_population
from riskmap.errors import CrsError, LayerError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("exactextract")
NODATA = -99999.0
CODES = [f"99010100120{at}" for at in range(1, 5)]


def raster(path: Path, values: object, *, crs: int | None = 4326) -> Path:
    """Write 4 x 4 cells of a quarter degree, west 121, north 29."""
    cells = np.asarray(values, dtype="float32")
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=4,
        height=4,
        count=1,
        dtype="float32",
        crs=crs,
        transform=Affine(0.25, 0, 121, 0, -0.25, 29),
        nodata=NODATA,
    ) as made:
        made.write(cells, 1)
    return path


@pytest.fixture
def villages() -> gpd.GeoDataFrame:
    """Two whole villages, one half outside the raster, one without outline."""
    shapes = [
        shapely.box(121.0, 28.5, 121.375, 29.0),
        shapely.box(121.375, 28.5, 122.0, 29.0),
        shapely.box(121.75, 28.0, 122.25, 28.5),
        None,
    ]
    table = {"village_code": CODES, "name": list("东西南北")}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4490)


@pytest.fixture
def tens(tmp_path: Path) -> Path:
    return raster(tmp_path / "人口.tif", np.full((4, 4), 10))


def test_border_cells_count_by_their_share(
    tens: Path, villages: gpd.GeoDataFrame
) -> None:
    counted = rm.read_population(tens, villages)
    assert counted["people"].iloc[:2].tolist() == pytest.approx([30, 50])
    assert counted["people"].iloc[2:].isna().all()
    assert counted["covered_ratio"].iloc[:3].tolist() == pytest.approx([1, 1, 0.5])
    assert counted["covered_people"].iloc[2] == pytest.approx(20)
    reasons = ["ok", "ok", "insufficient_data", "insufficient_data"]
    assert counted["reason"].tolist() == reasons
    cells = rm.population_cells(tens, villages)
    assert cells.crs == villages.crs
    sums = cells.groupby("village_code")["people"].sum()
    assert sums.tolist() == pytest.approx([30, 50, 20])
    unknown = cells[cells["people"].isna()]
    assert unknown["village_code"].tolist() == [CODES[2]]
    assert villages.geometry.iloc[2].contains(unknown.geometry.iloc[0])


@pytest.mark.parametrize("empty", [NODATA, -5.0])
def test_cells_without_data_are_unknown_unless_somebody_knows(
    tmp_path: Path, villages: gpd.GeoDataFrame, empty: float
) -> None:
    values = np.full((4, 4), 10.0)
    values[0, 0] = empty
    path = raster(tmp_path / "a.tif", values)
    counted = read_population(path, villages)
    assert np.isnan(counted["people"].iloc[0])
    assert counted["covered_people"].iloc[0] == pytest.approx(20)
    assert counted["people"].iloc[1] == pytest.approx(50)
    if empty == NODATA:
        known = read_population(path, villages, empty_people=0)
        assert known["people"].iloc[:2].tolist() == pytest.approx([20, 50])
        assert known["people"].iloc[2:].isna().all()


def test_outlines_in_another_crs(tens: Path, villages: gpd.GeoDataFrame) -> None:
    metric = population_cells(tens, villages.to_crs(4549))
    assert metric.crs.to_epsg() == 4549
    plain = population_cells(tens, villages)
    sums = [
        one.groupby("village_code")["people"].sum().tolist() for one in (metric, plain)
    ]
    assert sums[0] == pytest.approx(sums[1], rel=1e-3)
    far = metric.to_crs(4490).geometry.total_bounds - plain.geometry.total_bounds
    assert abs(far).max() < 1e-3


def test_nobody_lives_in_a_cell_of_zero(
    tmp_path: Path, villages: gpd.GeoDataFrame
) -> None:
    path = raster(tmp_path / "a.tif", np.zeros((4, 4)))
    counted = read_population(path, villages.iloc[:2])
    assert counted["people"].tolist() == [0, 0]
    assert population_cells(path, villages.iloc[:2]).empty


def test_a_raster_is_a_layer_of_the_census(
    tens: Path, villages: gpd.GeoDataFrame
) -> None:
    listed = villages.assign(population=9)
    census = build_census(
        {"population": Source(tens), "villages": Source(listed)}, as_of="2024-06-01"
    )
    layer = census["population"]
    assert layer["people"].sum() == pytest.approx(100)
    assert layer["cell_id"].is_unique
    assert set(layer["people_source"]) == {"population_raster"}
    mine = census.findings[census.findings["layer"] == "population"]
    assert mine["rule"].tolist()[:2] == ["partly_covered", "no_outline"]
    assert "missing_required" not in set(mine["rule"])
    assert "“南”的 50.0%" in mine["message"].iloc[0]
    account = census.sources.set_index("layer").loc["population"]
    assert account["read"] == account["accepted"] == len(layer)


def test_a_susceptibility_raster_becomes_risk_zones(tmp_path: Path) -> None:
    values = np.ones((4, 4))
    values[:2, :2], values[3, 3] = 3, 4
    path = raster(tmp_path / "易发性.tif", values)
    source = Source(
        path, breaks=(3, 4), levels=("高", "极高"), assumed={"hazard": "滑坡"}
    )
    zones = build_census({"risk_zones": source}, as_of="2024-06-01")["risk_zones"]
    assert zones["risk_level"].tolist() == ["高", "极高"]
    assert shapely.area(zones.geometry.to_numpy()) == pytest.approx([0.25, 0.0625])
    with pytest.raises(LayerError, match="1 levels for 2 breaks"):
        rm.read_hazard_zones(path, breaks=[3, 4], levels=["高"])


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("population", "needs the outlines"),
        ("risk_zones", "lower bounds in breaks"),
        ("shelters", 'the layer "shelters" cannot come from one'),
    ],
)
def test_what_a_raster_cannot_be(tens: Path, layer: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        rm.read_census(tens, layer)


def test_bad_rasters(tmp_path: Path, villages: gpd.GeoDataFrame) -> None:
    (tmp_path / "a.tif").write_bytes(b"II*\x00" + bytes(40))
    with pytest.raises(SourceError, match="cannot be read as a raster"):
        read_population(tmp_path / "a.tif", villages)
    bare = raster(tmp_path / "b.tif", np.ones((4, 4)), crs=None)
    with pytest.raises(CrsError, match="has no CRS"):
        read_population(bare, villages)
    with pytest.raises(LayerError, match="no village has an outline"):
        read_population(bare, villages.iloc[3:])
