"""Where more beds would give most people a place: shelters that are full nearby."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import LinearConstraint
from scipy.sparse.csgraph import maximum_flow

from riskmap.coverage.location import insist, solve
from riskmap.coverage.units import known_numbers
from riskmap.crs import same_crs
from riskmap.errors import LayerError
from riskmap.routing import nearest, reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.routing import Network

    BoolArray = NDArray[np.bool_]
    IntArray = NDArray[np.int64]

__all__ = ["Beds", "site_beds"]


@dataclass(frozen=True, slots=True, eq=False)
class Beds:
    """Proposed beds, and what they are worth.

    Attributes
    ----------
    beds
        A row for each lot of beds, most gain first: the columns of the
        shelters with ``rank, added_beds, gained_people, placed_people`` (newly
        placed by this lot, and by all up to it).
    unserved
        The people who reach no shelter with room in time, whom beds cannot
        help, with ``needed_min`` (NaN = cut off from all of them).
    people, placed_before, placed_after
        Known people in all, placed with the beds there are, placed at last.
    unknown_shelters
        Shelters whose room is unknown: they take nobody here.
    gap
        How far `placed_after` may be from the best, as a share; 0 = proven best.
    """

    beds: gpd.GeoDataFrame
    unserved: gpd.GeoDataFrame
    people: int
    placed_before: int
    placed_after: int
    unknown_shelters: int
    gap: float

    def _repr_html_(self) -> str:
        """Return the marginal list as a table."""
        table = pd.DataFrame(self.beds.drop(columns=self.beds.geometry.name))
        html: str = table.to_html(max_rows=20)
        return html


def site_beds(
    people: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    network: Network,
    *,
    limit_min: float,
    count: int,
    lot: int = 50,
) -> Beds:
    """Choose the shelters at which more beds give most people a place in time.

    Everybody may go to any shelter in reach that has room left; groups may part,
    so that a plan, which keeps them together, can place fewer.

    Parameters
    ----------
    people
        Points with ``people``, any CRS.
    shelters
        From `audit_shelters`, same CRS: ``available_people``. Those without
        room, for example inside a zone, get no beds.
    network
        The roads people walk on.
    limit_min
        Longest way, minutes.
    count
        How many lots of beds may be added, several to one shelter.
    lot
        Beds that are added together.

    Returns
    -------
    Beds
        People of unknown number are not counted. Lots that place nobody are
        left out.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its column, `count` is negative or `lot` not above 0.
    """
    _insist(people, shelters, lot)
    insist(count)
    same_crs(people, shelters)
    asked = people[known_numbers(people, "people") > 0]
    number = known_numbers(asked, "people").round().astype(np.int64)
    room = known_numbers(shelters, "available_people")
    usable = shelters[room > 0]
    beds = room[room > 0].astype(np.int64)
    reached = _reached(asked, usable, network, limit_min=limit_min)
    lots, bound = _lots(reached, number, beds, lot=lot, count=count)
    before = _placed(reached, number, beds)
    ranked = _ranked(reached, number, beds, lots=lots, lot=lot)
    after = ranked[-1][2] if ranked else before
    lost = np.flatnonzero(~reached.any(axis=1))
    left: gpd.GeoDataFrame = asked.iloc[lost]
    near = nearest(network, left, _plain(usable), direction="to")["time_min"]
    return Beds(
        beds=_marginal(usable, ranked, lot),
        unserved=left.assign(needed_min=near.to_numpy()),
        people=int(number.sum()),
        placed_before=before,
        placed_after=after,
        unknown_shelters=int(np.isnan(room).sum()),
        gap=max(0.0, bound - after) / max(1, after),
    )


def _insist(people: gpd.GeoDataFrame, shelters: gpd.GeoDataFrame, lot: int) -> None:
    """Refuse a question that lacks a part."""
    if "people" not in people:
        msg = "people have no column people; name the column that counts them so"
        raise LayerError(msg)
    if "available_people" not in shelters:
        msg = "shelters have no column available_people; take them from audit_shelters"
        raise LayerError(msg)
    if lot <= 0:
        msg = f"lot is {lot}; add 1 bed at a time or more"
        raise LayerError(msg)


def _plain(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return places on the index 0, 1, 2, …, without columns."""
    return gpd.GeoDataFrame(geometry=places.geometry.to_numpy(), crs=places.crs)


def _reached(
    people: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    network: Network,
    *,
    limit_min: float,
) -> BoolArray:
    """Tell which people (rows) reach which shelter in time."""
    table = np.zeros((len(people), len(shelters)), dtype=bool)
    pairs = reach(network, _plain(shelters), _plain(people), direction="to",
                  limit_min=limit_min)  # fmt: skip
    place, shelter = (
        pairs[one].to_numpy(dtype=np.int64) for one in ("place", "facility")
    )
    table[place, shelter] = True
    return table


def _lots(
    reached: BoolArray, people: IntArray, beds: IntArray, *, lot: int, count: int
) -> tuple[IntArray, float]:
    """Return the lots at each shelter that place most people, and a bound on them."""
    size = len(beds)
    place, shelter = np.nonzero(reached)
    if not size or not len(place) or not count:
        return np.zeros(size, dtype=np.int64), 0.0
    pairs = len(place)
    moved = np.arange(pairs) + size
    ones = np.ones(pairs)
    total = size + pairs
    leaving = sparse.csr_array((ones, (place, moved)), shape=(len(people), total))
    arriving = sparse.csr_array(
        (
            np.r_[ones, np.full(size, -float(lot))],
            (np.r_[shelter, np.arange(size)], np.r_[moved, np.arange(size)]),
        ),
        shape=(size, total),
    )
    budget = np.r_[np.ones(size), np.zeros(pairs)][None, :]
    found = solve(
        np.r_[np.zeros(size), -ones],
        [
            LinearConstraint(leaving, ub=people),
            LinearConstraint(arriving, ub=beds),
            LinearConstraint(budget, ub=count),
        ],
        lower=np.zeros(total),
        upper=np.r_[np.full(size, float(count)), people[place]],
        whole=size,
    )
    return np.round(found.x[:size]).astype(np.int64), np.floor(1e-6 - found.bound)


def _placed(reached: BoolArray, people: IntArray, beds: IntArray) -> int:
    """Return how many people find a bed, if everybody is sent the best way."""
    size, goal = len(people), len(people) + len(beds) + 1
    place, shelter = np.nonzero(reached)
    start = np.r_[np.zeros(size, dtype=int), place + 1, np.arange(size + 1, goal)]
    end = np.r_[np.arange(1, size + 1), shelter + size + 1, np.full(len(beds), goal)]
    most = np.r_[people, people[place], beds].astype(np.int32)
    graph = sparse.csr_array((most, (start, end)), shape=(goal + 1, goal + 1))
    return int(maximum_flow(graph, 0, goal).flow_value)


def _ranked(
    reached: BoolArray, people: IntArray, beds: IntArray, *, lots: IntArray, lot: int
) -> list[tuple[int, int, int]]:
    """Order the lots by what each adds: shelter, newly placed, placed so far."""
    beds, left = beds.copy(), lots.copy()
    placed, ranked = _placed(reached, people, beds), []
    while left.any():
        sums = {}
        for at in np.flatnonzero(left).tolist():
            more = beds.copy()
            more[at] += lot
            sums[at] = _placed(reached, people, more)
        best = max(sums, key=lambda at: sums[at])
        if sums[best] > placed:
            ranked.append((best, sums[best] - placed, sums[best]))
        placed = sums[best]
        beds[best] += lot
        left[best] -= 1
    return ranked


def _marginal(
    shelters: gpd.GeoDataFrame, ranked: list[tuple[int, int, int]], lot: int
) -> gpd.GeoDataFrame:
    """Return the shelters that get beds, a row a lot, with what each adds."""
    chosen = shelters.iloc[[at for at, _, _ in ranked]]
    return chosen.assign(
        rank=range(1, len(ranked) + 1),
        added_beds=lot,
        gained_people=pd.array([gain for _, gain, _ in ranked], dtype="Int64"),
        placed_people=pd.array([total for *_, total in ranked], dtype="Int64"),
    )
