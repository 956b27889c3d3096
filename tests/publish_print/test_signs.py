"""Signs at one place stand side by side; shelters stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely

from riskmap.publish import draw_route_map
from riskmap.publish.fonts import find_fonts
from riskmap.publish.mapsigns import middles_of, sides_of, spread_signs
from riskmap.publish.paper import RC
from riskmap.publish.sheet import lay_out_map

if TYPE_CHECKING:
    from types import SimpleNamespace

    Layers = dict[str, gpd.GeoDataFrame]


@pytest.mark.parametrize("page", ["A3", "phone"])
def test_no_sign_is_hidden_by_another(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers, page: str
) -> None:
    hall = layers["shelters"].geometry.iloc[0]
    layers["teams"] = layers["teams"].set_geometry([hall], crs="EPSG:4490")
    layers["supplies"] = gpd.GeoDataFrame(
        {"supply_id": ["B1"], "name": ["物资点"], "village_code": ["990000000201"]},
        geometry=[hall],
        crs="EPSG:4490",
    )
    plan.groups.loc[1, "geometry"] = hall
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    with mpl.rc_context(RC):
        plot = lay_out_map(spec, page, faces=find_fonts()).drawn.plot
    moved = spread_signs(plot, spec)
    xy, half, keys = [], [], []
    for one in moved.layers:
        if one.kind == "point" and len(one.frame):
            xy.append(plot.paper(middles_of(one.frame)))
            half.append(sides_of(plot, one) / 2)
            keys += [one.key] * len(one.frame)
    assert {"teams", "supplies", "groups", "shelters"} <= set(keys)
    at, size = np.vstack(xy), np.concatenate(half)
    gaps = np.hypot(*(at[:, None] - at[None, :]).transpose(2, 0, 1))
    least = 0.7 * (size[:, None] + size[None, :])
    np.fill_diagonal(gaps, np.inf)
    assert (gaps >= least).all()
    before, after = (
        shapely.get_coordinates(one.layer("shelters").frame.geometry.to_numpy())
        for one in (spec, moved)
    )
    assert (before == after).all()
    assert np.hypot(*(at[keys.index("teams")] - plot.paper(before[0]))) < 9.1
