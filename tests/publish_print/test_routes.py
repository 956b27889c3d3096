"""Routes on the drawn map: numbers, exits, closed roads, and labels off them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from matplotlib.collections import PathCollection

from riskmap.publish import draw_route_map
from riskmap.publish.artists import Words
from riskmap.publish.fonts import find_fonts, printable
from riskmap.publish.labels import overlaps
from riskmap.publish.lanes import number_ranges
from riskmap.publish.paper import RC
from riskmap.publish.routedraw import CROSS_Z, ROUTE_Z
from riskmap.publish.routenumbers import runs_of
from riskmap.publish.sheet import lay_out_map
from riskmap.publish.style import style

if TYPE_CHECKING:
    from types import SimpleNamespace

    from riskmap.publish.sheet import PaperSheet
    from riskmap.publish.spec import MapSpec

    Layers = dict[str, gpd.GeoDataFrame]

EAST, NORTH = 500_000.0, 3_100_000.0


def laid_out(spec: MapSpec, page: str = "A3") -> PaperSheet:
    with mpl.rc_context(RC):
        return lay_out_map(spec, page, faces=find_fonts())


def moved(frame: gpd.GeoDataFrame, *lines: list[tuple[float, float]]) -> object:
    made = [shapely.LineString(np.add(xy, (EAST, NORTH))) for xy in lines]
    return frame.set_geometry(gpd.GeoSeries(made, index=frame.index, crs=frame.crs))


@pytest.fixture
def route_map(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> MapSpec:
    return draw_route_map(plan, villages, village="竹溪村", layers=layers)


def with_routes(spec: MapSpec, *lines: list[tuple[float, float]]) -> MapSpec:
    routes = spec.layer("routes")
    assert routes is not None
    frame = moved(routes.frame.iloc[: len(lines)], *lines)
    layers = tuple(
        replace(one, frame=frame) if one is routes else one for one in spec.layers
    )
    return replace(spec, layers=layers)


def labels_of(sheet: PaperSheet) -> list[str]:
    return [sheet.drawn.wanted[one.key].words for one in sheet.drawn.placed]


@pytest.mark.parametrize("page", ["A3", "phone"])
def test_two_ways_on_one_road_are_two_lanes_with_their_own_arrows(
    route_map: MapSpec, page: str
) -> None:
    road = [(100, 300), (900, 300)]
    sheet = laid_out(with_routes(route_map, road, road[::-1]), page)
    lanes = sheet.drawn.ways.lanes
    east = next(one for one in lanes if one.line.coords[0][0] < EAST + 200)
    west = next(one for one in lanes if one is not east)
    assert east.numbers != west.numbers
    assert east.line.interpolate(0.5, normalized=True).y < NORTH + 300
    assert west.line.interpolate(0.5, normalized=True).y > NORTH + 300
    for lane, way in ((east, 1), (west, -1)):
        tips = arrow_ways(sheet, lane.line)
        assert len(tips) > 0
        assert (np.sign(tips) == way).all()


def arrow_ways(sheet: PaperSheet, line: shapely.LineString) -> np.ndarray:
    """Return how far the tips of the arrowheads on a line lie east of their tails."""
    found = []
    for one in sheet.drawn.plot.axes.collections:
        if isinstance(one, PathCollection) and one.get_zorder() == ROUTE_Z + 2:
            for path in one.get_paths():
                xy = path.vertices
                middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
                if line.distance(shapely.Point(middle)) < 1.0:
                    tip = xy[np.argmin(np.abs(xy[:, 1] - middle[1])), 0]
                    found.append(tip - middle[0])
    return np.array(found)


def test_every_run_of_a_route_in_the_frame_bears_its_number(
    route_map: MapSpec,
) -> None:
    spec = with_routes(
        route_map,
        [(300, 700), (300, 300), (9000, 300), (9000, -3000), (100, -3000), (100, 300)],
        [(640, 800), (640, 350), (1000, 350)],
    )
    drawn = laid_out(replace(spec, bounds=route_map.bounds)).drawn
    seen = shapely.box(*drawn.plot.window)
    near = drawn.plot.metres(4.5)
    runs = runs_of(spec, seen)
    back = [one for one in runs if not one.starts]
    assert back, "a route comes back into the frame"
    for run in back:
        assert any(
            run.number in one.numbers and run.line.dwithin(shapely.Point(one.at), near)
            for one in drawn.ways.numbers
        )


def test_every_exit_of_a_main_route_says_where_it_goes_in_one_box(
    route_map: MapSpec,
) -> None:
    east = [(900, 300), (9000, 300), (9000, 9000)]
    spec = with_routes(
        route_map,
        [(300, 700), (300, 300), *east],
        [(640, 800), (640, 300), *east],
        [(250, 560), (250, 300), (-9000, 300), (-9000, 500), (400, 500)],
    )
    sheet = laid_out(spec)
    routes = spec.layer("routes").frame
    told = [one for one in labels_of(sheet) if "往" in one and "备用" not in one]
    both = number_ranges([int(one) for one in routes["number"].iloc[:2]])
    again = str(routes["number"].iloc[2])
    assert len(told) == 2
    assert any(one.startswith(both) for one in told)
    assert any(one.startswith(again) for one in told), "it comes back, and leaves first"


def test_exits_of_mains_and_backups_at_one_place_share_a_box(
    route_map: MapSpec,
) -> None:
    away = [(900, 300), (9000, 300)]
    spec = with_routes(route_map, [(300, 700), (300, 300), *away])
    backup = spec.layer("routes_backup")
    frame = moved(backup.frame, [(300, 700), (300, 300), *away])
    layers = tuple(
        replace(one, frame=frame) if one is backup else one for one in spec.layers
    )
    told = [
        one for one in labels_of(laid_out(replace(spec, layers=layers))) if "往" in one
    ]
    assert len(told) == 1
    first, second = told[0].split("\n")
    assert "备用" not in first
    assert "备用" in second


def test_crosses_of_a_closed_road_lie_over_the_route(
    route_map: MapSpec, plan: SimpleNamespace
) -> None:
    axes = laid_out(route_map).drawn.plot.axes
    red = mpl.colors.to_rgb(style("closure").mark_fill)
    crosses = [
        one
        for one in axes.collections
        if len(one.get_facecolor()) and tuple(one.get_facecolor()[0][:3]) == red
    ]
    assert any(one.get_zorder() == CROSS_Z for one in crosses)
    assert CROSS_Z > ROUTE_Z + 2
    del plan


@pytest.mark.parametrize("page", ["A3", "A4", "phone"])
def test_no_name_lies_on_a_route_and_halos_lie_below_all_signs(
    route_map: MapSpec, page: str
) -> None:
    drawn = laid_out(route_map, page).drawn
    for one in drawn.placed:
        if not drawn.wanted[one.key].must:
            assert overlaps(one.candidate.boxes, drawn.ways.barred).sum() == 0
    halos = [
        one
        for one in drawn.plot.axes.texts
        if isinstance(one, Words) and one._halo and one.get_zorder() < 140
    ]
    assert halos
    assert all(one.get_zorder() < ROUTE_Z for one in halos)


@pytest.mark.parametrize("page", ["A3", "phone"])
def test_a_group_is_named_with_its_number(route_map: MapSpec, page: str) -> None:
    groups = route_map.layer("groups").frame
    words = labels_of(laid_out(route_map, page))
    for number, label in zip(groups["number"], groups["label"], strict=True):
        told = printable(label.split("\n")[0], find_fonts())[0]
        assert told.startswith(number)
        assert any(one.startswith(told) for one in words)
