"""A county of ordinary size, made up: roads, villages, teams, shelters, on nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from riskmap import build_network

if TYPE_CHECKING:
    from riskmap.routing import Network

__all__ = ["BigCounty", "big_county"]

CRS = "EPSG:4549"
SPACING_M = 140.0
KEPT = 0.62
CLASSES = ("县道", "乡道", "村道", "村道")


@dataclass(frozen=True, slots=True)
class BigCounty:
    """Frames in one metric CRS; people, teams and shelters stand on nodes."""

    roads: gpd.GeoDataFrame
    walk: Network
    ride: Network
    villages: gpd.GeoDataFrame
    people: gpd.GeoDataFrame
    teams: gpd.GeoDataFrame
    shelters: gpd.GeoDataFrame


def big_county(
    *, nodes: int = 100_000, villages: int = 350, teams: int = 400, shelters: int = 350
) -> BigCounty:
    """Make the county, the same each time.

    Parameters
    ----------
    nodes
        About so many nodes of road.
    villages, teams, shelters
        How many of each; ten places of people a village.
    """
    rng = np.random.default_rng(20261122)
    roads = _roads(rng, round(np.sqrt(nodes / 0.97)))
    walk = build_network(roads, mode="walk")
    ride = build_network(roads, mode="emergency")
    main = np.flatnonzero(ride.component == 0)
    seats = _squares(villages, ride.node_xy[main])
    spot = ride.node_xy[main]
    which = seats.sindex.query(shapely.points(spot), predicate="within")
    home = pd.Series(which[1], index=which[0])
    some = home.groupby(home).sample(10, random_state=1, replace=True)
    folk = gpd.GeoDataFrame(
        {
            "village_code": seats["village_code"].to_numpy()[some.to_numpy()],
            "people": rng.integers(5, 60, len(some)),
            "node": main[some.index],
        },
        geometry=shapely.points(spot[some.index]), crs=CRS,
    )  # fmt: skip
    crew = _at_nodes(rng, ride, main, teams, "team_id").assign(
        kind="应急抢险突击队", members_people=30,
        turnout_min=rng.integers(0, 3, teams).astype(float),
        village_code=seats["village_code"].to_numpy()[rng.integers(0, villages, teams)],
    )  # fmt: skip
    houses = _at_nodes(rng, ride, main, shelters, "shelter_id").assign(
        declared_people=rng.integers(50, 500, shelters)
    )
    return BigCounty(roads, walk, ride, seats, folk, crew, houses)


def _roads(rng: np.random.Generator, side: int) -> gpd.GeoDataFrame:
    """Return a shaken grid with gaps, its largest part alone."""
    number = np.arange(side * side).reshape(side, side)
    row, column = np.divmod(number.ravel(), side)
    xy = np.column_stack([column, row]) * SPACING_M
    xy = xy + rng.uniform(-0.35, 0.35, xy.shape) * SPACING_M
    xy += (480_000.0, 3_080_000.0)
    pairs = np.concatenate([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    pairs = pairs[rng.random(len(pairs)) < KEPT]
    size = (len(xy), len(xy))
    graph = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=size)
    label = connected_components(graph, directed=False)[1]
    pairs = pairs[label[pairs[:, 0]] == np.bincount(label).argmax()]
    kinds = np.array(CLASSES)[(pairs[:, 0] // side) % len(CLASSES)]
    names = [f"R{one}" for one in range(len(pairs))]
    return gpd.GeoDataFrame(
        {"road_id": names, "road_class": kinds},
        geometry=shapely.linestrings(xy[pairs]), crs=CRS,
    )  # fmt: skip


def _squares(count: int, xy: np.ndarray) -> gpd.GeoDataFrame:
    """Return villages as squares side by side over the whole county."""
    across = int(np.ceil(np.sqrt(count)))
    low, high = xy.min(axis=0), xy.max(axis=0)
    wide = (high - low) / across
    cells = [divmod(one, across) for one in range(count)]
    boxes = [
        shapely.box(*(low + wide * (x, y)), *(low + wide * (x + 1, y + 1)))
        for y, x in cells
    ]
    codes = [f"99{one // 20:04d}{one % 20:03d}000" for one in range(count)]
    return gpd.GeoDataFrame(
        {
            "village_code": codes, "name": codes, "population": pd.NA,
            "township_code": [f"{code[:6]}000000" for code in codes],
        },
        geometry=boxes, crs=CRS,
    ).astype({"population": "Int64"})  # fmt: skip


def _at_nodes(  # noqa: PLR0917
    rng: np.random.Generator, network: Network, main: np.ndarray, count: int, key: str
) -> gpd.GeoDataFrame:
    """Return places on nodes."""
    node = rng.choice(main, count, replace=False)
    ids = [f"{key[0].upper()}{one:03d}" for one in range(count)]
    return gpd.GeoDataFrame(
        {key: ids, "name": ids, "node": node},
        geometry=shapely.points(network.node_xy[node]), crs=CRS,
    )  # fmt: skip
