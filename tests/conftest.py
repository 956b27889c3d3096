"""What several rooms' tests share: the sample county, read once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import riskmap as rm

if TYPE_CHECKING:
    import geopandas as gpd

COUNTY = Path(__file__).parents[1] / "sample_data" / "county"


@pytest.fixture(scope="session")
def county_layers() -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the sample county as the chain reads them."""
    return rm.Project.open(COUNTY).chain.layers


@pytest.fixture(scope="session")
def county_zones(county_layers: dict[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return its risk and flood zones in one frame."""
    parts = [county_layers["risk_zones"], county_layers["flood_zones"]]
    return pd.concat(parts, ignore_index=True)
