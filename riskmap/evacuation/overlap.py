"""People counted once: who two layers both list, and what overlap leaves open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

_TOWNSHIP_DIGITS = 9

__all__ = ["inside_pairs", "merge_houses", "rest_of_claims"]


def inside_pairs(
    places: gpd.GeoDataFrame, zones: gpd.GeoDataFrame
) -> list[tuple[int, int]]:
    """Return the pairs of place and zone where the one stands in the other.

    Parameters
    ----------
    places, zones
        In one metric CRS; a zone that is a point holds what stands on it.

    Returns
    -------
    list of tuple
        Row numbers, sorted.
    """
    if not (len(places) and len(zones)):
        return []
    tree = shapely.STRtree(zones.geometry.to_numpy())
    found = tree.query(places.geometry.to_numpy(), predicate="intersects")
    pairs = {(int(one), int(two)) for one, two in found.T}
    named = {code: row for row, code in enumerate(zones["code"])}
    for row, hazard in enumerate(places["hazard_id"]):
        if hazard in named:
            pairs.add((row, named[hazard]))
    return sorted(pairs)


def merge_houses(
    households: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, *, within_m: float
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Count a household in an unsafe house once.

    Parameters
    ----------
    households, houses
        From `residents_of` and, of `places_of`, those with residents.
    within_m
        A house without an owner's name this near to a household may be its.

    Returns
    -------
    tuple of two geopandas.GeoDataFrame
        The households that live in no listed house, and the houses: one whose
        owner heads a household of the village has its classes, and the range
        of both numbers; one that may be a household's has ``people_min`` 0.
    """
    if not (len(households) and len(houses)):
        return households, houses
    heads = {
        (name, village): row
        for row, (name, village) in enumerate(
            zip(households["name"], households["village_code"], strict=True)
        )
        if name is not None
    }
    out, gone = houses.copy(), set()
    for house, (name, village) in enumerate(
        zip(houses["name"], houses["village_code"], strict=True)
    ):
        row = heads.get((name, village)) if name is not None else None
        if row is not None and row not in gone:
            gone.add(row)
            _take_over(out, house, households.iloc[row])
    unnamed = np.flatnonzero(houses["name"].isna())
    tree = shapely.STRtree(households.geometry.to_numpy())
    near = tree.query(
        houses.geometry.to_numpy()[unnamed], predicate="dwithin", distance=within_m
    )
    perhaps = out.index[unnamed[np.unique(near[0])]]
    out.loc[perhaps, "people_min"] = out.loc[perhaps, "people_min"].where(
        out.loc[perhaps, "people_min"].isna(), 0
    )
    return households.drop(index=households.index[sorted(gone)]), out


def _take_over(houses: gpd.GeoDataFrame, house: int, household: pd.Series) -> None:
    """Give a house what its household says; the larger number is planned for."""
    label = houses.index[house]
    both = pd.Series([houses.loc[label, "people"], household["people"]], dtype="Int64")
    houses.loc[label, ["people", "people_min", "people_max"]] = [
        both.max(), both.min(), both.max()
    ]  # fmt: skip
    for name in ("elderly_people", "children_people", "disabled_people"):
        houses.loc[label, name] = household[name]
    houses.loc[label, "code"] = f"{houses.loc[label, 'code']}、{household['code']}"


def rest_of_claims(
    claims: gpd.GeoDataFrame,
    pairs: list[tuple[int, int]],
    people: pd.Series,
    *,
    villages: pd.Series,
) -> pd.DataFrame:
    """Return the threatened people whom no household or place names.

    Zones that overlap may count the same people. Nobody is taken away: the
    rest of each zone is planned for whole, and ``people_min`` says how few
    they may be, so that the sums of a cluster of zones are, at the least, its
    largest zone or all whom it names, whichever is more.

    Parameters
    ----------
    claims
        From `claims_of`.
    pairs
        Row of a named place, row of the claim it stands in.
    people
        People of the named places, null = unknown.
    villages
        ``village_code`` of the named places, null = unknown.

    Returns
    -------
    pandas.DataFrame
        ``claim`` (row), ``people``, ``people_min``, ``people_max``; a claim of
        unknown people that names nobody is there with nulls.
    """
    known = np.nan_to_num(people.to_numpy(dtype=np.float64, na_value=np.nan))
    named = np.zeros(len(claims))
    held = np.zeros(len(claims), dtype=np.int64)
    for place, claim in pairs:
        named[claim] += known[place]
        held[claim] += 1
    claimed = claims["people"].to_numpy(dtype=float, na_value=np.nan)
    left = np.maximum(claimed - named, 0.0)
    least = _least(claims, claimed, pairs=pairs, known=known)
    least[_nowhere(claims, villages)] = 0.0
    rows: list[dict[str, Any]] = []
    for claim in range(len(claims)):
        if np.isnan(claimed[claim]):
            if not held[claim] and claims["source"].iloc[claim] != "depth":
                rows.append({"claim": claim, "people": pd.NA, "people_min": pd.NA})
        elif left[claim] > 0:
            low = min(left[claim], least[claim])
            rows.append({"claim": claim, "people": left[claim], "people_min": low})
    columns = ["claim", "people", "people_min"]
    table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns, "Int64"))
    return table.assign(people_max=table["people"])


def _nowhere(claims: gpd.GeoDataFrame, villages: pd.Series) -> NDArray[np.bool_]:
    """Tell which claims do not say where their people are, beside others that may.

    The people below a reservoir live somewhere near it, perhaps among those
    whom zones and households of its township count already.
    """
    unplaced = claims["anywhere"].eq(other=True).to_numpy(dtype=bool)
    others = pd.concat([claims.loc[~unplaced, "village_code"], villages])
    near = {str(one)[:_TOWNSHIP_DIGITS] for one in others.dropna()}
    own = claims["village_code"].map(
        lambda one: one is None or str(one)[:_TOWNSHIP_DIGITS] in near
    )
    return unplaced & (own.to_numpy(dtype=bool) & bool(len(others)))


def _least(
    claims: gpd.GeoDataFrame,
    claimed: FloatArray,
    *,
    pairs: list[tuple[int, int]],
    known: FloatArray,
) -> FloatArray:
    """Return how few the unnamed people of each claim can be."""
    counted = np.flatnonzero(~np.isnan(claimed))
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(counted.tolist())
    shapes = claims.geometry.to_numpy()[counted]
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    graph.add_edges_from(zip(counted[one].tolist(), counted[two].tolist(), strict=True))
    first: dict[int, int] = {}
    inside: dict[int, set[int]] = {}
    for place, claim in pairs:
        if claim in graph:
            graph.add_edge(claim, first.setdefault(place, claim))
            inside.setdefault(claim, set()).add(place)
    least = np.zeros(len(claims))
    for cluster in nx.connected_components(graph):
        rows = sorted(cluster)
        places = sorted(set().union(*(inside.get(row, set()) for row in rows)))
        largest = rows[int(np.argmax(claimed[rows]))]
        least[largest] = max(claimed[largest] - known[places].sum(), 0.0)
    return least
