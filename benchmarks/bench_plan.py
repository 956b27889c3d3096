"""The plan of a county of ordinary size, beside what a planner writes with networkx.

350 villages, 3,000 groups, 350 shelters, 100,000 nodes of road, 60 zones. The
recipe searches from each group with `networkx.single_source_dijkstra`, as OSMnx
does, and sends the nearest pair first; it is timed on some groups and counted
for all, and knows neither backups, nor legs, nor what could be better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd

from benchmarks.big_county import big_county
from benchmarks.county import on_nodes
from benchmarks.harness import Timing, compare, insist, measure
from riskmap import close_roads, plan_evacuation
from riskmap.routing import to_networkx, travel_times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Record, Scale
    from riskmap.evacuation import Plan
    from riskmap.routing import Network

ZONES = 60
ZONE_M = 150.0
SAMPLE = 12


def recipe_minutes(
    graph: nx.MultiDiGraph, groups: gpd.GeoDataFrame, shelters: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return the minutes from groups to shelters, and leave the ways in memory."""
    rows, ways = [], {}
    for group in groups.itertuples():
        seconds, paths = nx.single_source_dijkstra(
            graph, group.node, weight="travel_time"
        )
        rows.append([seconds.get(node, np.inf) / 60 for node in shelters["node"]])
        ways[group.group_id] = [paths.get(node) for node in shelters["node"]]
    return pd.DataFrame(
        rows, index=groups["group_id"].to_numpy(), columns=shelters["shelter_id"]
    )


def nearest_first(
    minutes: np.ndarray, people: np.ndarray, room: np.ndarray
) -> np.ndarray:
    """Send the nearest pair of group and shelter first, while there is room."""
    at, left = np.full(len(people), -1), room.astype(float)
    for pair in np.argsort(minutes, axis=None, kind="stable"):
        group, shelter = divmod(int(pair), minutes.shape[1])
        if not np.isfinite(minutes[group, shelter]):
            break
        if at[group] < 0 and people[group] <= left[shelter]:
            at[group] = shelter
            left[shelter] -= people[group]
    return at


def county(
    *, quick: bool
) -> tuple[Network, gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the network with its zones closed, groups and shelters on nodes, zones."""
    size = (2_000, 20, 20, 150) if quick else (100_000, 350, 350, 3_000)
    made = big_county(nodes=size[0], villages=size[1], teams=1, shelters=size[2])
    rng = np.random.default_rng(6)
    centres = made.walk.node_xy[
        rng.choice(len(made.walk.node_xy), ZONES if not quick else 4)
    ]
    zones = gpd.GeoDataFrame(
        {"zone_id": [f"Z{one}" for one in range(len(centres))]},
        geometry=gpd.points_from_xy(*centres.T).buffer(ZONE_M), crs=made.roads.crs,
    )  # fmt: skip
    network = close_roads(made.walk, zones)
    some = made.people.sample(size[3], random_state=6).reset_index(drop=True)
    groups = on_nodes(some.drop(columns="node"), network)
    groups["group_id"] = [f"G{one:04d}" for one in range(len(groups))]
    shelters = on_nodes(made.shelters.drop(columns="node"), network)
    beds = 1.2 * groups["people"].sum() / shelters["declared_people"].sum()
    roomy = (shelters["declared_people"] * beds).astype(int)
    return network, groups, shelters.assign(declared_people=roomy), zones


def records(scale: Scale) -> Iterator[Record]:
    """Plan the county; the recipe's minutes must be ours, and it places no more."""
    network, groups, shelters, zones = county(quick=scale.quick)

    def call() -> Plan:
        return plan_evacuation(groups, shelters, network, zones=zones)

    def recipe() -> Timing:
        some = groups.sample(SAMPLE, random_state=1)
        graph = to_networkx(network)
        timing, minutes = measure(
            lambda: recipe_minutes(graph, some, shelters), repeats=1
        )
        ours = travel_times(network, groups, shelters).to_numpy()
        theirs = minutes.to_numpy()
        rows = np.nan_to_num(ours[some.index], nan=np.inf)
        insist(np.allclose(rows, theirs, rtol=1e-6, atol=1e-6), "networkx, minutes")
        people = groups["people"].to_numpy()
        room = shelters["declared_people"].to_numpy()
        greedy, at = measure(lambda: nearest_first(ours, people, room), repeats=1)
        insist(plan.placed_people >= people[at >= 0].sum(), "networkx places more")
        every = timing.times(len(groups) / SAMPLE)
        return Timing(every.clock + greedy.clock, every.cpu + greedy.cpu)

    ours, plan = measure(call, repeats=min(scale.repeats, 3))
    case = (
        f"made up, {len(network.node_xy)} nodes, {len(groups)} groups,"
        f" {len(shelters)} shelters"
    )
    yield from compare("plan", case, ours, scale.peak_mb(call), [("networkx", recipe)])
