"""Thousands of zones on a million edges: closed at once, by scenario, by the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from benchmarks.harness import compare, insist, measure
from riskmap.routing import Network, close_roads, close_roads_by_hour, close_scenarios
from riskmap.routing.ragged import to_linestrings

if TYPE_CHECKING:
    from benchmarks.harness import Record, Scale, Timing

CRS = 4549
SCENARIOS, HOURS = 4, 24


def records(scale: Scale) -> list[Record]:
    """Compare closing with an overlay of shapes, and sharing with closing anew."""
    network = town(30 if scale.quick else 708)
    zones = blobs(network, 40 if scale.quick else 5000)
    case = f"{len(zones):,} zones on {len(network):,} edges"
    ours, closed = measure(lambda: close_roads(network, zones), repeats=scale.repeats)
    found = compare(
        "closures", case, ours, scale.peak_mb(lambda: close_roads(network, zones)),
        [("overlay", lambda: overlay(network, zones, closed))],
    )  # fmt: skip
    return found + shared(network, zones, scale) + hourly(network, zones)


def shared(network: Network, zones: gpd.GeoDataFrame, scale: Scale) -> list[Record]:
    """Compare scenarios on one cut network with a network for each."""
    cases = {
        str(row): zones.iloc[row * len(zones) // 8 :: 2] for row in range(SCENARIOS)
    }
    repeats = min(scale.repeats, 3)
    ours, made = measure(lambda: close_scenarios(network, cases), repeats=repeats)

    def alone() -> Timing:
        times, each = measure(
            lambda: {name: close_roads(network, one) for name, one in cases.items()},
            repeats=repeats,
        )
        same = [np.isclose(closed_m(made[one]), closed_m(each[one])) for one in cases]
        insist(all(same), "closed metres of the scenarios")
        return times

    case = f"{SCENARIOS} scenarios on {len(network):,} edges"
    return compare("closures", case, ours, None, [("each alone", alone)])


def hourly(network: Network, zones: gpd.GeoDataFrame) -> list[Record]:
    """Compare a network for each hour on one cut with closing anew each hour."""
    closes = np.arange(len(zones)) % HOURS * 60.0
    timed = zones.assign(closes_min=closes, opens_min=closes + 360.0)
    every = np.arange(HOURS) * 60.0

    def one_cut() -> list[Network]:
        made = close_roads_by_hour(network, timed)
        return [made.at(minute) for minute in every]

    ours, made = measure(one_cut, repeats=1)

    def alone() -> Timing:
        then = [timed[(closes <= one) & (closes + 360 > one)] for one in every]
        times, each = measure(
            lambda: [close_roads(network, some) for some in then], repeats=1
        )
        same = [
            np.isclose(closed_m(a), closed_m(b))
            for a, b in zip(made, each, strict=True)
        ]
        insist(all(same), "closed metres of the hours")
        return times

    case = f"{HOURS} hours on {len(network):,} edges"
    return compare("closures", case, ours, None, [("each alone", alone)])


def overlay(network: Network, zones: gpd.GeoDataFrame, closed: Network) -> Timing:
    """Time GeoPandas' overlay of the roads with the union of the zones."""
    lines = gpd.GeoDataFrame(geometry=to_linestrings(network.lines), crs=CRS)

    def inside() -> gpd.GeoDataFrame:
        area = gpd.GeoDataFrame(geometry=[zones.union_all()], crs=CRS)
        parts = area.explode(ignore_index=True)
        return lines.overlay(parts, how="intersection", keep_geom_type=True)

    times, found = measure(inside, repeats=1)
    same = np.isclose(float(found.length.sum()), closed_m(closed))
    insist(same, "metres of road inside the zones")
    return times


def closed_m(network: Network) -> float:
    """Return the metres of closed road."""
    return float(network.edge_length_m[~network.is_open].sum())


def blobs(network: Network, count: int) -> gpd.GeoDataFrame:
    """Return zones of 40 corners, 50 to 250 m about points of the town."""
    rng = np.random.default_rng(2)
    low, high = network.node_xy.min(axis=0), network.node_xy.max(axis=0)
    centre = rng.uniform(low, high, (count, 2))
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    far = rng.uniform(50, 250, (count, 1)) * rng.uniform(0.7, 1.3, (count, 40))
    corners = centre[:, None] + np.stack(
        [far * np.cos(turn), far * np.sin(turn)], axis=2
    )
    ids = [f"Z{row}" for row in range(count)]
    return gpd.GeoDataFrame(
        {"zone_id": ids}, geometry=shapely.polygons(corners), crs=CRS
    )


def town(side: int) -> Network:
    """Return a town of bent streets, about 100 m from corner to corner."""
    rng = np.random.default_rng(1)
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    xy = np.column_stack([x.ravel(), y.ravel()]) * 100.0 + (500_000.0, 3_000_000.0)
    xy += rng.uniform(-20, 20, xy.shape)
    number = np.arange(side * side).reshape(side, side)
    u = np.r_[number[:, :-1].ravel(), number[:-1].ravel()]
    v = np.r_[number[:, 1:].ravel(), number[1:].ravel()]
    bend = (xy[u] + xy[v]) / 2 + rng.uniform(-10, 10, (len(u), 2))
    length = np.hypot(*(bend - xy[u]).T) + np.hypot(*(xy[v] - bend).T)
    roads = pd.DataFrame({
        "road_id": ["street"], "road_name": [None], "road_class": ["村道"],
        "bridge": [False], "tunnel": [False],
    })  # fmt: skip
    words = {"zone_id": np.empty(0, object), "cause": np.empty(0, object)}
    return Network(
        mode="walk", crs=pyproj.CRS(CRS), node_xy=xy, edge_u=u, edge_v=v,
        edge_length_m=length, forward_min=length / 70, backward_min=length / 70,
        edge_road=np.zeros(len(u), dtype=np.int64),
        vertex_start=np.arange(len(u) + 1) * 3,
        vertex_xy=np.stack([xy[u], bend, xy[v]], axis=1).reshape(-1, 2),
        roads=roads, component=np.zeros(len(xy), dtype=np.int64),
        edge_cause=np.full(len(u), -1), causes=(), offroad_kmh=2.5,
        zones=gpd.GeoDataFrame(words, geometry=gpd.GeoSeries([], crs=CRS)),
        findings=pd.DataFrame(),
    )  # fmt: skip
