"""The small map of whole routes, and what a phone's map says by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.collections import PathCollection

from riskmap.publish import draw_route_map
from riskmap.publish.compass import round_length
from riskmap.publish.fonts import find_fonts
from riskmap.publish.paper import RC
from riskmap.publish.routedraw import ROUTE_Z
from riskmap.publish.sheet import lay_out_map

if TYPE_CHECKING:
    from types import SimpleNamespace

    import geopandas as gpd

    from riskmap.publish.sheet import PaperSheet
    from riskmap.publish.spec import MapSpec

    Layers = dict[str, gpd.GeoDataFrame]


def laid_out(spec: MapSpec, page: str = "A3") -> PaperSheet:
    with mpl.rc_context(RC):
        return lay_out_map(spec, page, faces=find_fonts())


@pytest.fixture
def far_map(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> MapSpec:
    """Return a map whose first route leads to a full shelter four kilometres off."""
    spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    routes, shelters = spec.layer("routes"), spec.layer("shelters")
    first = routes.frame.geometry.iloc[0]
    away = shapely.get_coordinates(first)[-1] + (4000, 0)
    line = shapely.LineString([*shapely.get_coordinates(first), away])
    far = shelters.frame.iloc[:1].assign(style="shelter_full", legend="已排满的场所")
    changed = {
        "routes": routes.frame.set_geometry(
            [line, *routes.frame.geometry.iloc[1:]], crs=spec.crs
        ),
        "shelters": pd.concat(
            [
                shelters.frame,
                far.set_geometry([shapely.Point(away)], crs=spec.crs),
            ],
            ignore_index=True,
        ),
    }
    parts = tuple(
        replace(one, frame=changed.get(one.key, one.frame)) for one in spec.layers
    )
    west, south, east, north = spec.bounds
    return replace(spec, layers=parts, overview=(west, south, east + 4500, north))


def test_the_small_map_has_numbers_and_arrows(far_map: MapSpec) -> None:
    axes = laid_out(far_map).figures[0].axes[1]
    texts = [one.get_text() for one in axes.texts]
    assert far_map.layer("routes").frame["number"].iloc[0] in texts
    arrows = [
        one
        for one in axes.collections
        if isinstance(one, PathCollection) and one.get_zorder() == ROUTE_Z + 2
    ]
    assert sum(len(one.get_paths()) for one in arrows) > 0


def test_signs_of_the_small_map_are_in_the_legend(far_map: MapSpec) -> None:
    drawn = laid_out(far_map).drawn
    assert "已排满的场所" in [one.words for one in drawn.legend]
    near = replace(far_map, overview=None)
    away = shapely.Point(
        shapely.get_coordinates(near.layer("routes").frame.geometry.iloc[0])[-1]
    )
    assert not shapely.box(*drawn.plot.window).covers(away)
    assert "已排满的场所" not in [one.words for one in laid_out(near).drawn.legend]


def test_a_phone_has_a_north_arrow_and_a_scale_bar_that_is_true(
    far_map: MapSpec,
) -> None:
    plot = laid_out(replace(far_map, overview=None), "phone").drawn.plot
    texts = [one.get_text() for one in plot.axes.texts]
    assert "北" in texts
    told = next(one for one in texts if one.endswith("米"))
    bars = [
        one.get_paths()[0].vertices
        for one in plot.axes.collections
        if isinstance(one, PathCollection)
        and one.get_zorder() == 150
        and len(one.get_paths()[0].vertices) == 5
    ]
    xy = np.vstack(bars)
    assert float(told.split()[0]) == pytest.approx(np.ptp(xy[:, 0]))


@pytest.mark.parametrize("corner", [(1, 1), (0, 1), (0, 0), (1, 0)])
def test_the_north_arrow_stands_where_no_route_runs(
    far_map: MapSpec, corner: tuple[int, int]
) -> None:
    west, south, east, north = far_map.bounds
    x, y = (west, east)[corner[0]], (south, north)[corner[1]]
    middle = ((west + east) / 2, (south + north) / 2)
    routes = far_map.layer("routes")
    frame = routes.frame.iloc[:1].set_geometry(
        [shapely.LineString([middle, (x, y)])], crs=far_map.crs
    )
    parts = tuple(
        replace(one, frame=frame) if one is routes else one for one in far_map.layers
    )
    spec = replace(far_map, layers=parts, overview=None)
    drawn = laid_out(spec, "phone").drawn
    words = next(one for one in drawn.plot.axes.texts if one.get_text() == "北")
    at = shapely.Point(words.get_position())
    assert frame.geometry.iloc[0].distance(at) > drawn.plot.metres(3.0)


def test_a_phone_says_where_a_backup_leads_that_leaves_it(far_map: MapSpec) -> None:
    backup = far_map.layer("routes_backup")
    start = shapely.get_coordinates(backup.frame.geometry.iloc[0])
    line = shapely.LineString([*start, start[-1] - (0, 9000)])
    goal = ["竹溪村老年活动中心避灾安置点"]
    frame = backup.frame.assign(goal=goal).set_geometry([line], crs=far_map.crs)
    parts = tuple(
        replace(one, frame=frame) if one is backup else one for one in far_map.layers
    )
    drawn = laid_out(replace(far_map, layers=parts, overview=None), "phone").drawn
    told = [drawn.wanted[one.key].words for one in drawn.placed]
    assert any(goal[0] in one.replace("\n", "") for one in told)


@pytest.mark.parametrize(("longest", "found"), [(999, 500), (1.0, 1), (0.3, 0.2)])
def test_a_bar_has_a_round_length(longest: float, found: float) -> None:
    assert round_length(longest) == pytest.approx(found)
