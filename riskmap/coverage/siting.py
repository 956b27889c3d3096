"""Where the next team or shelter buys most: siting on the road network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.coverage.location import maximal_cover, set_cover
from riskmap.coverage.marginal import rank_sites
from riskmap.coverage.median import p_median
from riskmap.coverage.units import known_numbers
from riskmap.crs import same_crs
from riskmap.errors import LayerError
from riskmap.routing import nearest, reach, travel_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing import Network

    FloatArray = NDArray[np.float64]

__all__ = ["Siting", "site_facilities"]

Goal = Literal["cover_all", "cover_most", "shortest"]


@dataclass(frozen=True, slots=True, eq=False)
class Siting:
    """Proposed sites, and what they are worth.

    Attributes
    ----------
    goal
        ``cover_all``, ``cover_most`` or ``shortest``.
    sites
        The chosen candidates, most gain first: their columns with ``rank``,
        ``gained_people`` and ``covered_people`` (newly covered by this one, and
        by all up to it; within the limit, or at all where none is set).
    unserved
        The people whom no open site serves, with ``needed_min``: minutes to the
        nearest site or candidate (NaN = cut off from all of them).
    people, covered_before, covered_after
        Known people in all, covered by the existing sites, covered at last.
    unknown_places
        Places whose number of people is unknown: they count for nothing here.
    value, gap
        Number of open sites, people covered, or person-minutes; and how far
        that may be from the best, as a share (0 = proven best).
    smallest_limit_min
        The limit within which every person who is not cut off would be served
        if all candidates opened; NaN where nobody can be served.
    """

    goal: Goal
    sites: gpd.GeoDataFrame
    unserved: gpd.GeoDataFrame
    people: int
    covered_before: int
    covered_after: int
    unknown_places: int
    value: float
    gap: float
    smallest_limit_min: float

    def _repr_html_(self) -> str:
        """Return the marginal list as a table."""
        table = pd.DataFrame(self.sites.drop(columns=self.sites.geometry.name))
        html: str = table.to_html(max_rows=20)
        return html


def site_facilities(
    people: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    network: Network,
    *,
    goal: Goal,
    direction: Literal["to", "from"],
    limit_min: float | None = None,
    count: int | None = None,
    existing: gpd.GeoDataFrame | None = None,
) -> Siting:
    """Choose where to open facilities, the existing ones kept.

    Parameters
    ----------
    people
        Points with ``people``, for example from `people_points`; any CRS.
    candidates
        Places that may be opened, same CRS.
    network
        From `build_network` or `close_roads`.
    goal
        ``cover_all``: fewest sites that reach everybody who can be reached
        within `limit_min`; ``cover_most``: `count` sites that reach most people
        within `limit_min`; ``shortest``: `count` sites with the least
        person-minutes to the nearest.
    direction
        ``to``: people travel to the site; ``from``: units travel from it.
    limit_min
        Longest time; not used by ``shortest``.
    count
        New sites to open; not used by ``cover_all``.
    existing
        Facilities that are open already, same CRS.

    Returns
    -------
    Siting
        People of unknown number are not counted; ``cover_most`` lists no site
        that would serve nobody new.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If `goal`, `limit_min` or `count` do not go together, or `people` has no
        column ``people``.
    """
    _insist(people, goal, limit_min=limit_min, count=count)
    same_crs(people, candidates)
    asked = people[known_numbers(people, "people") > 0]
    weight = known_numbers(asked, "people")
    sites, locked = _all_sites(candidates, existing)
    minutes = _minutes(asked, sites, network, direction=direction, limit_min=limit_min)
    held = np.arange(locked)
    reached = np.isfinite(minutes)
    if goal == "cover_all":
        found = set_cover(reached, locked=held)
    elif goal == "cover_most":
        found = maximal_cover(reached, weight, count=count or 0, locked=held)
    else:
        found = p_median(minutes, weight, count=count or 0, locked=held)
    ranked = rank_sites(
        found.sites, minutes, weight, locked=locked, by_time=goal == "shortest"
    )
    if goal == "cover_most":
        ranked = [one for one in ranked if one[1] > 0]
    near = nearest(network, asked, sites, direction=direction)["time_min"]
    covered = weight[reached[:, found.sites].any(axis=1)].sum()
    return Siting(
        goal=goal,
        sites=_marginal(candidates, ranked),
        unserved=asked.assign(needed_min=near.to_numpy()).iloc[found.unserved],
        people=round(weight.sum()),
        covered_before=round(weight[reached[:, :locked].any(axis=1)].sum()),
        covered_after=round(covered),
        unknown_places=int(np.isnan(known_numbers(people, "people")).sum()),
        value=found.value,
        gap=found.gap,
        smallest_limit_min=float(near.max()),
    )


def _insist(
    people: gpd.GeoDataFrame,
    goal: str,
    *,
    limit_min: float | None,
    count: int | None,
) -> None:
    """Refuse a question that lacks a part."""
    if "people" not in people:
        msg = "people have no column people; name the column that counts them so"
        raise LayerError(msg)
    if goal not in get_args(Goal):
        msg = f'goal is "{goal}"; choose one of {", ".join(get_args(Goal))}'
        raise LayerError(msg)
    if goal != "shortest" and not (limit_min is not None and limit_min > 0):
        msg = f"goal {goal} needs limit_min, minutes above 0, not {limit_min}"
        raise LayerError(msg)
    if goal != "cover_all" and not (count is not None and count >= 0):
        msg = f"goal {goal} needs count, the new sites to open, not {count}"
        raise LayerError(msg)


def _all_sites(
    candidates: gpd.GeoDataFrame, existing: gpd.GeoDataFrame | None
) -> tuple[gpd.GeoDataFrame, int]:
    """Return existing sites and candidates in one frame, and how many exist."""
    places = candidates.geometry.to_numpy()
    locked = 0
    if existing is not None:
        same_crs(existing, candidates)
        locked = len(existing)
        places = np.r_[existing.geometry.to_numpy(), places]
    return gpd.GeoDataFrame(geometry=places, crs=candidates.crs), locked


def _minutes(
    people: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    network: Network,
    *,
    direction: Literal["to", "from"],
    limit_min: float | None,
) -> FloatArray:
    """Return minutes between people (rows) and sites; inf beyond the limit."""
    places = gpd.GeoDataFrame(geometry=people.geometry.to_numpy(), crs=people.crs)
    if limit_min is None:
        ends = (places, sites) if direction == "to" else (sites, places)
        times = travel_times(network, *ends).to_numpy(dtype=float)
        times = times if direction == "to" else times.T
        return np.where(np.isnan(times), np.inf, times)
    table = np.full((len(places), len(sites)), np.inf)
    pairs = reach(network, sites, places, direction=direction, limit_min=limit_min)
    rows = pairs["place"].to_numpy(dtype=np.int64)
    table[rows, pairs["facility"].to_numpy(dtype=np.int64)] = pairs["time_min"]
    return table


def _marginal(
    candidates: gpd.GeoDataFrame, ranked: list[tuple[int, float, float]]
) -> gpd.GeoDataFrame:
    """Return the chosen candidates with what each adds."""
    chosen = candidates.iloc[[site for site, _, _ in ranked]]
    return chosen.assign(
        rank=range(1, len(ranked) + 1),
        gained_people=pd.array([round(gain) for _, gain, _ in ranked], dtype="Int64"),
        covered_people=pd.array([round(sum_) for *_, sum_ in ranked], dtype="Int64"),
    )
