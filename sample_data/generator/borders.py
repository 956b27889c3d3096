"""What is wrong with the drawn borders of villages."""

from typing import Any

import geopandas as gpd

from generator import grid

GREEDY, ROBBED = "望潮门村", "灯盏山村"
"""A village drawn a few metres into its neighbour, and the neighbour."""
BESIDE_GAP = "灯盏山村"
"""The first of the villages around ground that was given to none."""
TOO_FAR_M = 6.0


def drawn_borders(villages: gpd.GeoDataFrame) -> list[Any]:
    """Return the lands of the villages as they were drawn, EPSG:4490."""
    metric = villages.geometry.to_crs(grid.CRS)
    names = list(villages["name"])
    greedy, robbed = names.index(GREEDY), names.index(ROBBED)
    strip = metric.iloc[greedy].buffer(TOO_FAR_M).intersection(metric.iloc[robbed])
    whole = gpd.GeoSeries([metric.iloc[greedy].union(strip)], crs=grid.CRS)
    shapes = list(villages.geometry)
    shapes[greedy] = whole.to_crs(villages.crs).iloc[0]
    return shapes
