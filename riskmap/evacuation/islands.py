"""Which pieces of road hang together: for the verifier, from raw lines alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import shapely

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["Islands", "raised_roads"]

_YES = {"yes", "true", "1", "t", "viaduct"}
_ACCESS_M = 500.0


class Islands:
    """The islands of a road map once the closed pieces are taken away.

    Parameters
    ----------
    lines
        Roads, metres.
    raised
        As `raised_roads` tells.
    closed
        The pieces of road that are closed, metres.
    tolerance_m
        Roads this near to each other join.
    """

    def __init__(
        self,
        lines: NDArray[np.object_],
        raised: NDArray[np.bool_],
        closed: NDArray[np.object_],
        *,
        tolerance_m: float,
    ) -> None:
        self._pieces, row = _without(lines, closed)
        self._label = _labels(self._pieces, raised[row], tolerance_m)
        self._tree = shapely.STRtree(self._pieces)

    def of(self, places: NDArray[np.object_]) -> NDArray[np.int64]:
        """Return the island whose road is nearest to each place.

        Parameters
        ----------
        places
            Points, metres; None = unknown.

        Returns
        -------
        numpy.ndarray
            A label each; -1 where no road is within 500 m.
        """
        label = np.full(len(places), -1, dtype=np.int64)
        if not len(self._pieces):
            return label
        known = np.flatnonzero(~shapely.is_missing(places))
        place, piece = self._tree.query_nearest(
            places[known], max_distance=_ACCESS_M, all_matches=False
        )
        label[known[place]] = self._label[piece]
        return label


def raised_roads(roads: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which roads are bridges or tunnels: they join at their ends alone.

    Parameters
    ----------
    roads
        ``bridge`` and ``tunnel`` where known: true, or a word of OpenStreetMap.

    Returns
    -------
    numpy.ndarray
        True for bridges and tunnels.
    """
    raised = np.zeros(len(roads), dtype=bool)
    for name in ("bridge", "tunnel"):
        if name in roads:
            words = roads[name].astype(str).str.lower()
            raised |= words.isin(_YES).to_numpy()
    return raised


def _without(
    lines: NDArray[np.object_], closed: NDArray[np.object_]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return what is left of the lines, and the row each piece came from."""
    left = lines.copy()
    if len(closed):
        tree = shapely.STRtree(closed)
        row, near = tree.query(lines, predicate="dwithin", distance=0.1)
        for one in np.unique(row):
            bars = shapely.buffer(closed[near[row == one]], 0.1, cap_style="flat")
            left[one] = shapely.difference(lines[one], shapely.union_all(bars))
    pieces, index = shapely.get_parts(left, return_index=True)
    keep = shapely.length(pieces) > 0.3  # noqa: PLR2004 - slivers of the buffers
    return pieces[keep], index[keep]


def _labels(
    pieces: NDArray[np.object_], raised: NDArray[np.bool_], tolerance_m: float
) -> NDArray[np.int64]:
    """Label the pieces by the island they belong to."""
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(range(len(pieces)))
    tree = shapely.STRtree(pieces)
    one, other = tree.query(pieces, predicate="dwithin", distance=tolerance_m)
    ahead = one < other
    one, other = one[ahead], other[ahead]
    level = ~(raised[one] | raised[other])
    ends = shapely.boundary(pieces)
    meet = np.minimum(
        shapely.distance(ends[one], pieces[other]),
        shapely.distance(ends[other], pieces[one]),
    )
    joined = level | (meet <= tolerance_m)
    graph.add_edges_from(zip(one[joined].tolist(), other[joined].tolist(), strict=True))
    label = np.full(len(pieces), -1, dtype=np.int64)
    for number, island in enumerate(nx.connected_components(graph)):
        label[list(island)] = number
    return label
