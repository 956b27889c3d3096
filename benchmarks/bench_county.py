"""Audit and plan of the sample county, beside what a planner writes with networkx.

The recipes know nodes only, so people, teams and shelters stand on nodes here;
on the sample county's own points recipes and riskmap differ by the way to the
node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from benchmarks.county import on_nodes, sample_chain
from benchmarks.harness import Timing, compare, insist, measure
from riskmap import audit_coverage, close_roads, plan_evacuation
from riskmap.routing import to_networkx

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from benchmarks.harness import Record, Scale
    from riskmap.evacuation import Plan

STANDARD = "135_taizhou"
# Limit of a tier in minutes, and how many teams it wants.
TIERS = {2: (3.0, 1), 3: (5.0, 2)}
TURNOUT_MIN = 1.0


def audit_recipe(
    graph: nx.MultiDiGraph, teams: gpd.GeoDataFrame, people: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Count the people whom enough teams reach, village by village."""
    backwards = graph.reverse(copy=False)
    turnout = teams["turnout_min"].astype(float).fillna(TURNOUT_MIN)
    ready = dict(zip(teams.index, turnout, strict=True))
    rows = []
    for village, at in people.groupby("village_code"):
        for tier, (limit, wanted) in TIERS.items():
            covered = 0
            for spot in at.itertuples():
                seconds = nx.single_source_dijkstra_path_length(
                    backwards, spot.node, cutoff=limit * 60, weight="travel_time"
                )
                there = sum(
                    seconds.get(team.node, np.inf) / 60 + ready[team.Index]
                    <= limit + 1e-9
                    for team in teams.itertuples()
                )
                covered += int(spot.people) if there >= wanted else 0
            rows.append((village, tier, covered))
    return pd.DataFrame(rows, columns=["village_code", "tier", "covered"])


def audit_records(scale: Scale) -> Iterator[Record]:
    """Audit a rescue circle along roads."""
    chain = sample_chain()
    villages, network = chain.layers["villages"], chain.rescue
    teams = on_nodes(chain.layers["teams"], network)
    # A measured response would replace the way, which the recipe knows nothing of.
    teams = teams[teams["members_people"].notna()].assign(response_min=np.nan)
    people = on_nodes(chain.layers["groups"], network)
    known = people["village_code"].isin(villages["village_code"])
    people = people[people["people"].notna() & known]

    def call() -> pd.DataFrame:
        return audit_coverage(villages, teams, network, standard=STANDARD,
                              people=people)  # fmt: skip

    def recipe() -> Timing:
        def code() -> pd.DataFrame:
            return audit_recipe(to_networkx(network), teams, people)

        timing, found = measure(code, repeats=min(scale.repeats, 3))
        both = found.merge(tiers, on=["village_code", "tier"])
        insist(len(both) == len(found), "osmnx, villages")
        same = both["covered"].to_numpy() == both["network_people"].to_numpy(float)
        insist(same.all(), f"osmnx, people of {int((~same).sum())} villages")
        return timing

    ours, tiers = measure(call, repeats=scale.repeats)
    case = f"sample county, {STANDARD}, {len(people)} points, {len(teams)} teams"
    yield from compare("audit", case, ours, scale.peak_mb(call), [("osmnx", recipe)])


def plan_recipe(
    graph: nx.MultiDiGraph, groups: gpd.GeoDataFrame, shelters: gpd.GeoDataFrame
) -> tuple[pd.DataFrame, int]:
    """Send each group to the nearest shelter with room, in the order of nearness."""
    nodes = shelters["node"].to_dict()
    minutes, ways = {}, {}
    for group in groups.itertuples():
        seconds, paths = nx.single_source_dijkstra(
            graph, group.node, weight="travel_time"
        )
        for shelter, node in nodes.items():
            minutes[group.Index, shelter] = seconds.get(node, np.inf) / 60
            ways[group.Index, shelter] = paths.get(node)
    room = shelters["room"].to_dict()
    taken, placed = set(), 0
    for group, shelter in sorted(minutes, key=minutes.get):
        people = int(groups.loc[group, "people"])
        if (
            group not in taken
            and room[shelter] >= people
            and np.isfinite(minutes[group, shelter])
        ):
            taken.add(group)
            room[shelter] -= people
            placed += people
    table = [[minutes[g, s] for s in nodes] for g in groups.index]
    return pd.DataFrame(table, index=groups.index, columns=list(nodes)), placed


def plan_records(scale: Scale) -> Iterator[Record]:
    """Send every group to a shelter."""
    chain = sample_chain()
    zones = next(iter(chain.zones.values()))
    network = close_roads(chain.walk, zones)
    groups = on_nodes(chain.layers["groups"], network)
    groups = groups[groups["people"].notna()].reset_index(drop=True)
    shelters = on_nodes(chain.layers["shelters"], network)

    def call() -> Plan:
        return plan_evacuation(groups, shelters, network, zones=zones)

    def recipe() -> Timing:
        table = plan.shelters.set_index("shelter_id")["available_people"]
        room = shelters["shelter_id"].map(table).fillna(0)
        sites = shelters.assign(room=room.astype(int))
        timing, (minutes, placed) = measure(
            lambda: plan_recipe(to_networkx(network), groups, sites),
            repeats=min(scale.repeats, 3),
        )  # fmt: skip
        minutes.index = groups["group_id"].to_numpy()[minutes.index]
        minutes.columns = shelters["shelter_id"].to_numpy()[minutes.columns]
        sent = plan.assignments[plan.assignments["shelter_id"].notna()]
        theirs = [
            minutes.loc[row.group_id, row.shelter_id] for row in sent.itertuples()
        ]
        insist(np.allclose(sent["time_min"], theirs, rtol=1e-6, atol=1e-6),
               "osmnx, minutes of our routes")  # fmt: skip
        insist(plan.placed_people >= placed, f"osmnx places more: {placed}")
        return timing

    ours, plan = measure(call, repeats=scale.repeats)
    case = f"sample county, {len(groups)} groups, {len(shelters)} shelters"
    yield from compare("plan", case, ours, scale.peak_mb(call), [("osmnx", recipe)])


def records(scale: Scale) -> Iterator[Record]:
    """Audit and plan the sample county."""
    yield from audit_records(scale)
    yield from plan_records(scale)
