"""Proposals for footbridges over a river whose only bridge is far away."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from coverage_world import CRS, at
from shapely import LineString, box

from riskmap.coverage import site_bridges
from riskmap.errors import CrsError, LayerError
from riskmap.routing import Network, build_network, close_roads, nearest

WIDTH = 60.0
FAR = 4000.0
STOPS = [0.0, 500.0, 1000.0, 1500.0, 2000.0, FAR]


def banks() -> gpd.GeoDataFrame:
    """Return a road on each bank, joined at the far end only."""
    lines = {
        f"{side}{number}": LineString([at(one, y), at(other, y)])
        for side, y in (("S", 0.0), ("N", WIDTH))
        for number, (one, other) in enumerate(itertools.pairwise(STOPS))
    }
    lines["B"] = LineString([at(FAR, 0), at(FAR, WIDTH)])
    return gpd.GeoDataFrame(
        {"road_id": list(lines), "road_class": "村道"},
        geometry=list(lines.values()),
        crs=CRS,
    )


@pytest.fixture(scope="module")
def walk() -> Network:
    return build_network(banks(), mode="walk")


def people(places: list[tuple[float, float]], counts: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"people": counts}, geometry=[at(x, y) for x, y in places], crs=CRS
    )


def sites(*places: tuple[float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[at(x, y) for x, y in places], crs=CRS)


NORTH = people([(0, WIDTH), (600, WIDTH), (1900, WIDTH), (0, 0)], [10, 20, 40, 7])


def test_the_link_that_brings_most_people_comes_first(walk: Network) -> None:
    found = site_bridges(NORTH, sites((600, 0)), walk, limit_min=12, count=1)
    assert (found.people, found.covered_before) == (77, 7)
    link = found.links.iloc[0]
    assert link["length_m"] == pytest.approx(WIDTH)
    assert link["from_road"].startswith("N")
    assert link["to_road"].startswith("S")
    assert link["advice"] == "survey_needed"
    assert found.gap == pytest.approx(0)
    assert found.links["gained_people"].sum() == found.covered_after - 7
    assert link["covered_people"] == found.covered_after
    assert "advice" in found._repr_html_()


def _with_road(link: LineString, walk: Network) -> Network:
    """Build the roads again with a real road at the link, as slow as off the road."""
    road = gpd.GeoDataFrame(
        {"road_id": ["new"], "road_class": "新桥"}, geometry=[link], crs=CRS
    )
    cut = banks()
    ends = [link.interpolate(0), link.interpolate(link.length)]
    pieces = cut.geometry.apply(lambda line: _cut(line, ends))
    cut = cut.set_geometry(pieces).explode(ignore_index=True)
    cut["road_id"] = [f"R{row}" for row in range(len(cut))]
    roads = gpd.GeoDataFrame(pd.concat([cut, road], ignore_index=True), crs=CRS)
    speeds = {"新桥": walk.offroad_kmh}
    return build_network(roads, mode="walk", speeds=speeds)


def _cut(line: LineString, ends: list) -> object:
    stops = sorted({0.0, line.length, *(line.project(one) for one in ends
                                        if line.distance(one) < 1e-6)})  # fmt: skip
    parts = [
        LineString([line.interpolate(one), line.interpolate(other)])
        for one, other in itertools.pairwise(stops)
        if other - one > 1e-6
    ]
    return gpd.GeoSeries(parts).union_all() if len(parts) > 1 else parts[0]


def _in_time(network: Network, here: gpd.GeoDataFrame, limit: float) -> int:
    way = nearest(network, here, sites((600, 0)), direction="to", limit_min=limit)
    return int(here["people"][way["reason"].eq("ok").to_numpy()].sum())


@pytest.mark.parametrize("seed", range(3))
def test_what_a_link_gains_is_what_the_road_would_bring(
    walk: Network, seed: int
) -> None:
    """Build every candidate as a road: the one proposed brings as many as any."""
    rng = np.random.default_rng(seed)
    spots = [(float(x), WIDTH) for x in rng.uniform(0, 3500, 8)]
    here = people(spots, rng.integers(1, 50, 8).tolist())
    limit = float(rng.uniform(8, 20))
    found = site_bridges(here, sites((600, 0)), walk, limit_min=limit, count=1)
    best = max(
        _in_time(_with_road(LineString([at(x, WIDTH), at(x, 0)]), walk), here, limit)
        for x in STOPS[:-1]
    )
    assert found.covered_after == best
    chosen = found.links.geometry.iloc[0]
    assert _in_time(_with_road(chosen, walk), here, limit) == found.covered_after


def test_no_link_where_the_gap_is_wider_than_allowed(walk: Network) -> None:
    found = site_bridges(NORTH, sites((600, 0)), walk, limit_min=12, count=1, gap_m=50)
    assert found.links.empty
    assert found.covered_after == found.covered_before == 7
    assert found.unserved["people"].tolist() == [10, 20, 40]
    assert (found.unserved["needed_min"] > 12).all()


def test_no_link_leads_through_a_zone(walk: Network) -> None:
    west = box(*at(-50, 5).coords[0], *at(5000, 55).coords[0])
    flood = gpd.GeoDataFrame({"zone_id": ["F"]}, geometry=[west], crs=CRS)
    found = site_bridges(
        NORTH, sites((600, 0)), close_roads(walk, flood), limit_min=12, count=1
    )
    assert found.links.empty
    assert found.unserved["needed_min"].isna().all()


def test_nobody_is_late_and_nothing_is_proposed(walk: Network) -> None:
    found = site_bridges(NORTH[:0], sites((600, 0)), walk, limit_min=12, count=1)
    assert found.links.empty
    assert (found.people, found.gap) == (0, 0)
    near = site_bridges(NORTH[3:], sites((0, 0)), walk, limit_min=12, count=1)
    assert (near.covered_before, near.covered_after, len(near.links)) == (7, 7, 0)


def test_people_of_unknown_number_count_for_nothing(walk: Network) -> None:
    here = people([(600, WIDTH), (0, WIDTH)], [pd.NA, 5])
    found = site_bridges(here, sites((600, 0)), walk, limit_min=12, count=2)
    assert (found.people, found.covered_after) == (5, 5)


@pytest.mark.parametrize(
    ("keys", "message"),
    [({"gap_m": 0}, "gap_m is 0"), ({"count": -1}, "count is -1")],
)
def test_questions_without_sense(
    walk: Network, keys: dict[str, object], message: str
) -> None:
    asked = {"limit_min": 12, "count": 1, **keys}
    with pytest.raises(LayerError, match=message):
        site_bridges(NORTH, sites((600, 0)), walk, **asked)


def test_people_without_number_or_with_another_crs(walk: Network) -> None:
    with pytest.raises(LayerError, match="no column people"):
        site_bridges(NORTH.drop(columns="people"), sites((0, 0)), walk,
                     limit_min=12, count=1)  # fmt: skip
    with pytest.raises(CrsError, match="different CRS"):
        site_bridges(NORTH.to_crs(4490), sites((0, 0)), walk, limit_min=12, count=1)
