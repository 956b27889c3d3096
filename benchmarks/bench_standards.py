"""Every standard over a county of ordinary size, beside what a planner writes.

The planner times every team to every node once, keeps the table, and counts
from it for each tier; the same on foot for the shelters. People, teams and
shelters stand on nodes, which is all that such a recipe knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

from benchmarks.big_county import big_county
from benchmarks.harness import Timing, compare, insist, measure
from riskmap import audit_coverage, audit_shelters
from riskmap.routing import to_networkx
from riskmap.standards import load_standard, standard_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from benchmarks.big_county import BigCounty
    from benchmarks.harness import Record, Scale

KEYS = ["village_code", "standard", "tier"]
WALK_MIN = 30


def minutes_table(
    graph: nx.MultiDiGraph, sources: gpd.GeoDataFrame, places: np.ndarray
) -> np.ndarray:
    """Return minutes from every source (row) to every place."""
    table = np.full((len(sources), len(places)), np.inf)
    for row, node in enumerate(sources["node"]):
        seconds = nx.single_source_dijkstra_path_length(
            graph, node, weight="travel_time"
        )
        table[row] = [seconds.get(place, np.inf) / 60 for place in places]
    return table


def audit_recipe(county: BigCounty, graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Count whom enough teams reach, tier by tier, and who comes first when."""
    people, teams = county.people, county.teams
    travel = minutes_table(graph, teams, people["node"].to_numpy())
    total = travel + teams["turnout_min"].to_numpy()[:, None]
    rows = []
    for name in standard_names():
        for tier in load_standard(name).tiers:
            if tier.meaning == "start":
                continue
            counts = [
                (not tier.unit_kinds or any(word in kind for word in tier.unit_kinds))
                and not any(word in kind for word in tier.unit_kinds_except)
                for kind in teams["kind"]
            ]
            mine = total[np.array(counts, dtype=bool)]
            there = (mine <= tier.limit_min + 1e-9).sum(axis=0)
            covered = people["people"].where(there >= tier.minimum_units, 0)
            first = mine.min(axis=0, initial=np.inf)
            table = pd.DataFrame({"village_code": people["village_code"],
                                  "covered": covered, "first": first})  # fmt: skip
            each = table.groupby("village_code").agg({"covered": "sum", "first": "max"})
            rows.append(each.reset_index().assign(standard=name, tier=tier.number))
    return pd.concat(rows)


def shelter_recipe(county: BigCounty, graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Count who reaches each shelter first, and who by half an hour, on foot."""
    people, sites = county.people, county.shelters
    minutes = minutes_table(graph.reverse(copy=False), sites, people["node"].to_numpy())
    weight = people["people"].to_numpy()
    first = np.bincount(minutes.argmin(axis=0), weights=weight, minlength=len(sites))
    return pd.DataFrame(
        {"first": first, "near": (minutes <= WALK_MIN + 1e-9) @ weight},
        index=sites["shelter_id"],
    )


def records(scale: Scale) -> Iterator[Record]:
    """Audit all standards and all shelters of the county."""
    county = big_county(nodes=2_000, villages=20, teams=30, shelters=20) if (
        scale.quick
    ) else big_county()  # fmt: skip

    def ours() -> tuple[pd.DataFrame, pd.DataFrame]:
        tiers = [
            audit_coverage(county.villages, county.teams, county.ride, standard=name,
                           people=county.people, fixes=False)
            for name in standard_names()
        ]  # fmt: skip
        return pd.concat(tiers), audit_shelters(
            county.shelters, county.people, county.walk
        )

    def recipe() -> Timing:
        def code() -> tuple[pd.DataFrame, pd.DataFrame]:
            return (
                audit_recipe(county, to_networkx(county.ride)),
                shelter_recipe(county, to_networkx(county.walk)),
            )

        timing, (rows, sites) = measure(code, repeats=1)
        both = rows.merge(tiers, on=KEYS)
        insist(len(both) == len(rows), "osmnx, villages and tiers")
        same = both["covered"].to_numpy() == both["network_people"].to_numpy(float)
        insist(same.all(), f"osmnx, people of {int((~same).sum())} tiers")
        first = both["first_min"].to_numpy(float)
        theirs = both["first"].replace(np.inf, np.nan).to_numpy(float)
        insist(np.allclose(first, theirs, atol=1e-6, equal_nan=True), "osmnx, minutes")
        table = shelters.set_index("shelter_id")
        insist(np.allclose(table[f"people_{WALK_MIN}_min"], sites["near"]),
               "osmnx, people by half an hour")  # fmt: skip
        insist(np.allclose(table["demand_people"], sites["first"]), "osmnx, demand")
        return timing

    timing, (tiers, shelters) = measure(ours, repeats=min(scale.repeats, 3))
    case = (
        f"{len(county.villages)} villages, {len(county.teams)} teams, "
        f"{len(county.shelters)} shelters, {len(county.ride.node_xy)} nodes, "
        f"{len(standard_names())} standards"
    )
    yield from compare("audit", case, timing, scale.peak_mb(ours), [("osmnx", recipe)])
