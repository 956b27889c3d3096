"""The sample county as a planner has it in a notebook."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from benchmarks.harness import COUNTY
from riskmap import Project

if TYPE_CHECKING:
    from riskmap.chain import Chain
    from riskmap.routing import Network

__all__ = ["on_nodes", "sample_chain"]


@cache
def sample_chain() -> Chain:
    """Return the links of the sample county, read once."""
    return Project.open(COUNTY).chain


def on_nodes(frame: gpd.GeoDataFrame, network: Network) -> gpd.GeoDataFrame:
    """Move points to the nearest open nodes, outside zones, as recipes do.

    Column ``node`` says which. Rows without a place are left out.
    """
    placed = frame[frame.geometry.notna()].reset_index(drop=True)
    points = placed.geometry.to_crs(network.crs).representative_point()
    ends = np.r_[network.edge_u, network.edge_v]
    closed = np.unique(ends[np.tile(~network.is_open, 2)])
    main = np.setdiff1d(np.flatnonzero(network.component == 0), closed)
    spots = gpd.GeoSeries(
        gpd.points_from_xy(*network.node_xy[main].T), index=main, crs=network.crs
    )
    if len(network.zones):
        spots = spots[~spots.intersects(network.zones.union_all())]
    xy = np.column_stack([points.x, points.y])
    row = KDTree(np.column_stack([spots.x, spots.y])).query(xy)[1]
    moved = spots.iloc[row].to_crs(frame.crs)
    data = pd.DataFrame(placed.drop(columns="geometry"))
    return gpd.GeoDataFrame(
        data.assign(node=spots.index.to_numpy()[row]),
        geometry=moved.to_numpy(), crs=frame.crs,
    )  # fmt: skip
