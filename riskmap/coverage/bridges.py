"""Where a footbridge would bring most people to a shelter: short gaps, long ways round.

A link found here is a line on the map between two roads. Whether ground, water
and law allow a bridge there, nobody has looked: it must be surveyed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.coverage.location import insist, maximal_cover
from riskmap.coverage.marginal import rank_sites
from riskmap.coverage.units import known_numbers
from riskmap.crs import crs_of, same_crs
from riskmap.errors import LayerError
from riskmap.routing import nearest, reach

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from riskmap.routing import Network

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

__all__ = ["Bridges", "site_bridges"]

_SAVING_MIN = 1.0
"""A link that saves less than this on the way is none; project choice."""
_SURVEY = "survey_needed"


@dataclass(frozen=True, slots=True, eq=False)
class Bridges:
    """Proposed footbridges, and what they are worth.

    Attributes
    ----------
    links
        Lines from the side that people come from, most gain first: ``rank,
        length_m, crossing_min, from_road, to_road`` (names, else ids),
        ``saved_min`` (of the way to a site from where the link begins; NaN
        where no way leads from there today), ``gained_people,
        covered_people`` (newly in time by this one, and by all up to it) and
        ``advice``: always ``survey_needed``.
    unserved
        The people who still reach no site in time, with ``needed_min`` on the
        roads there are (NaN = cut off).
    people, covered_before, covered_after
        Known people in all, in time today, in time at last.
    candidates
        Different links from which these were chosen.
    gap
        How far `covered_after` may be from the best, as a share; 0 = proven best.
    """

    links: gpd.GeoDataFrame
    unserved: gpd.GeoDataFrame
    people: int
    covered_before: int
    covered_after: int
    candidates: int
    gap: float

    def _repr_html_(self) -> str:
        """Return the marginal list as a table."""
        html: str = pd.DataFrame(self.links.drop(columns="geometry")).to_html()
        return html


def site_bridges(
    people: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    network: Network,
    *,
    limit_min: float,
    count: int,
    gap_m: float = 100.0,
) -> Bridges:
    """Choose the links between near roads that bring most people to a site in time.

    Candidates are the shortest lines between open roads that do not touch, not
    longer than `gap_m`, that lead through no zone of the network and save at
    least a minute. A crossing is timed at the network's speed off the road,
    slower than a bridge would be; nobody is timed over two new links.

    Parameters
    ----------
    people
        Points with ``people``, any CRS.
    sites
        Where people go, for example the shelters with room; same CRS.
    network
        The roads people walk on, from `build_network` or `close_roads`.
    limit_min
        Longest way, minutes.
    count
        How many links may be built.
    gap_m
        Longest link, metres.

    Returns
    -------
    Bridges
        People of unknown number are not counted. Links that gain nobody are
        left out.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If `people` have no ``people``, `count` is negative or `gap_m` not
        above 0.
    """
    _insist(people, gap_m)
    insist(count)
    same_crs(people, sites)
    asked = people[known_numbers(people, "people") > 0]
    weight = known_numbers(asked, "people")
    goals = gpd.GeoDataFrame(geometry=sites.geometry.to_numpy(), crs=sites.crs)
    today = nearest(network, asked, goals, direction="to")["time_min"]
    late = ~(today.to_numpy(dtype=float) <= limit_min)
    links = _candidates(asked[late], goals, network, limit_min=limit_min, gap_m=gap_m)
    reached = _reached(asked[late], links, network, limit_min=limit_min)
    first = _first_of_each(reached)
    links, reached = links.iloc[first], reached[:, first]
    found = maximal_cover(reached, weight[late], count=count)
    minutes = np.where(reached, 0.0, np.inf)
    ranked = rank_sites(found.sites, minutes, weight[late], locked=0, by_time=False)
    served = np.zeros(len(asked), dtype=bool)
    served[~late] = True
    served[np.flatnonzero(late)[reached[:, found.sites].any(axis=1)]] = True
    return Bridges(
        links=_marginal(links, ranked, crs_of(people), before=weight[~late].sum()),
        unserved=asked.assign(needed_min=today.to_numpy())[~served],
        people=round(weight.sum()),
        covered_before=round(weight[~late].sum()),
        covered_after=round(weight[served].sum()),
        candidates=len(links),
        gap=found.gap if found.value else 0.0,
    )


def _insist(people: gpd.GeoDataFrame, gap_m: float) -> None:
    """Refuse a question that lacks a part."""
    if "people" not in people:
        msg = "people have no column people; name the column that counts them so"
        raise LayerError(msg)
    if not gap_m > 0:
        msg = f"gap_m is {gap_m}; give the longest link in metres, above 0"
        raise LayerError(msg)


def _candidates(
    people: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    network: Network,
    *,
    limit_min: float,
    gap_m: float,
) -> gpd.GeoDataFrame:
    """Return links that save time, from where people come, in the network's CRS."""
    lines, ends = _gaps(people, network, limit_min=limit_min, gap_m=gap_m)
    points = shapely.points(shapely.get_coordinates(lines).reshape(-1, 2))
    places = gpd.GeoDataFrame(geometry=points, crs=network.crs)
    way = nearest(network, places, sites, direction="to")["time_min"]
    start, goal = way.fillna(np.inf).to_numpy(dtype=float).reshape(-1, 2).T
    turned = start < goal
    lines[turned] = shapely.reverse(lines[turned])
    ends[turned] = ends[turned][:, ::-1]
    length = shapely.length(lines)
    crossing = length / (network.offroad_kmh * 1000 / 60)
    after = np.minimum(start, goal) + crossing
    before = np.maximum(start, goal)
    named = _road_names(network)
    frame = gpd.GeoDataFrame(
        {
            "length_m": length,
            "crossing_min": crossing,
            "from_road": named[network.edge_road[ends[:, 0]]],
            "to_road": named[network.edge_road[ends[:, 1]]],
            "saved_min": np.where(np.isinf(before), np.nan, before - after),
            "delay_min": after,
        },
        geometry=lines,
        crs=network.crs,
    )
    useful = (after < limit_min) & (before - after >= _SAVING_MIN)
    if len(network.zones):
        useful &= ~shapely.intersects(lines, network.zones.union_all())
    kept: gpd.GeoDataFrame = frame[useful]
    return kept.sort_values(["length_m", "from_road"], ignore_index=True)


def _gaps(
    people: gpd.GeoDataFrame, network: Network, *, limit_min: float, gap_m: float
) -> tuple[NDArray[np.object_], IntArray]:
    """Return the shortest lines between near roads, and the edges they join."""
    pace = network.edge_length_m / np.fmin(network.forward_min, network.backward_min)
    radius = float(np.nan_to_num(pace).max(initial=0.0)) * limit_min + gap_m
    roads = network.edges(rows=np.flatnonzero(network.is_open))
    shapes = roads.geometry.to_numpy()
    stand = people.geometry.to_crs(network.crs).to_numpy()
    tree = shapely.STRtree(shapes)
    near = np.unique(tree.query(stand, predicate="dwithin", distance=radius)[1])
    one, other = tree.query(shapes[near], predicate="dwithin", distance=gap_m)
    one = near[one]
    nodes = roads[["node_u", "node_v"]].to_numpy()
    both = (nodes[one][:, :, None] == nodes[other][:, None, :]).any(axis=(1, 2))
    first = (one < other) | ~np.isin(other, near)
    one, other = (side[first & ~both] for side in (one, other))
    lines = shapely.shortest_line(shapes[one], shapes[other])
    apart = shapely.length(lines) > 0
    edges = roads.index.to_numpy()
    joined = np.column_stack([edges[one], edges[other]])
    return np.asarray(lines[apart], dtype=object), joined[apart]


def _road_names(network: Network) -> NDArray[np.object_]:
    """Return what to call each road: its name, else its id."""
    name = network.roads["road_name"].astype(object)
    known = name.notna() & name.astype(str).str.strip().ne("")
    called = name.where(known, network.roads["road_id"].astype(object))
    return np.asarray(called.astype(str), dtype=object)


def _reached(
    people: gpd.GeoDataFrame,
    links: gpd.GeoDataFrame,
    network: Network,
    *,
    limit_min: float,
) -> BoolArray:
    """Tell which people (rows) are in time over which link."""
    table = np.zeros((len(people), len(links)), dtype=bool)
    if not table.size:
        return table
    starts = gpd.GeoDataFrame(
        links[["delay_min"]],
        geometry=shapely.get_point(links.geometry.to_numpy(), 0),
        crs=links.crs,
    )
    places = gpd.GeoDataFrame(geometry=people.geometry.to_numpy(), crs=people.crs)
    pairs = reach(network, starts, places, direction="to", limit_min=limit_min,
                  delay_min="delay_min")  # fmt: skip
    place, link = (pairs[one].to_numpy(dtype=np.int64) for one in ("place", "facility"))
    table[place, link] = True
    return table


def _first_of_each(reached: BoolArray) -> IntArray:
    """Return the shortest, which comes first, of the links that help the same."""
    able = np.flatnonzero(reached.any(axis=0))
    if not len(able):
        return able
    _, first = np.unique(reached[:, able], axis=1, return_index=True)
    return able[np.sort(first)]


def _marginal(
    links: gpd.GeoDataFrame,
    ranked: list[tuple[int, float, float]],
    crs: pyproj.CRS,
    *,
    before: float,
) -> gpd.GeoDataFrame:
    """Return the chosen links with what each adds."""
    gaining = [row for row in ranked if row[1] > 0]
    chosen = links.iloc[[at for at, _, _ in gaining]].drop(columns="delay_min")
    total = [round(before + sum_) for *_, sum_ in gaining]
    chosen = chosen.assign(
        rank=range(1, len(gaining) + 1),
        gained_people=pd.array([round(gain) for _, gain, _ in gaining], dtype="Int64"),
        covered_people=pd.array(total, dtype="Int64"),
        advice=_SURVEY,
    )
    moved: gpd.GeoDataFrame = chosen.to_crs(crs)
    return moved.reset_index(drop=True)
