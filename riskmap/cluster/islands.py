"""Which roads are the mainland of the whole run, from what each unit sees of it.

A road is one line, so all its pieces hang together. Roads that two units see
join the islands of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from riskmap.cluster.store import MAINLAND, ROADS, ROW
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from riskmap.cluster.store import Store
    from riskmap.routing import Network

__all__ = ["join_islands", "mainland_of", "roads_of"]

_MAINLAND_SHARE = 0.5
"""As `riskmap.routing` has it: half as long as the longest is mainland as well."""


def roads_of(network: Network) -> pd.DataFrame:
    """Return which roads of a network hang together.

    Parameters
    ----------
    network
        One whose ``road_id`` is the place of the road in the run.

    Returns
    -------
    pandas.DataFrame
        `ROW`, ``component`` in this network, ``length_m``: a row a road.
    """
    table = pd.DataFrame(
        {
            ROW: network.roads["road_id"].astype("int64").to_numpy()[network.edge_road],
            "component": network.component[network.edge_u],
            "length_m": network.edge_length_m,
        }
    )
    summed = table.groupby(ROW, as_index=False)
    return summed.agg({"component": "first", "length_m": "sum"})


def mainland_of(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the island of every road in the whole run.

    Parameters
    ----------
    parts
        From `roads_of`, one a unit; a road in several of them joins them.

    Returns
    -------
    pandas.DataFrame
        Index `ROW`: ``island`` (0 = mainland; else from 1, by the first road)
        and ``roads``, how many roads the island has.
    """
    shifted, count = [], 0
    for part in parts:
        shifted.append(part.assign(component=part["component"] + count))
        count += int(part["component"].max()) + 1 if len(part) else 0
    table = pd.concat(shifted, ignore_index=True)
    roads, road = np.unique(table[ROW].to_numpy(), return_inverse=True)
    size = count + len(roads)
    pairs = (np.ones(len(table)), (table["component"].to_numpy(), count + road))
    label = connected_components(coo_array(pairs, (size, size)), directed=False)[1]
    length = np.zeros(len(roads))
    np.maximum.at(length, road, table["length_m"].to_numpy())
    return pd.DataFrame(
        _numbered(label[count:], length), index=pd.Index(roads, name=ROW)
    )


def _numbered(label: NDArray, length: NDArray) -> dict[str, NDArray]:
    """Return a number and a count of roads for each road's island; 0 is mainland."""
    _, first, island = np.unique(label, return_index=True, return_inverse=True)
    total = np.bincount(island, weights=length)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(1, len(first) + 1)
    rank[total >= _MAINLAND_SHARE * total.max(initial=0.0)] = 0
    return {"island": rank[island], "roads": np.bincount(island)[island]}


def join_islands(out: Path, store: Store, paths: Iterable[Path]) -> pd.DataFrame:
    """Tell every unit which of its roads are islands in the whole run.

    Parameters
    ----------
    out
        The output folder of the run.
    store
        The partitions.
    paths
        Tables of `roads_of` with ``mode``, a file a unit; missing ones are
        units that failed.

    Returns
    -------
    pandas.DataFrame
        `ROW` as index; for each mode its island (0 = mainland, null = not for
        the mode) and ``MODE_roads``.

    Raises
    ------
    SourceError
        If the disk is full.
    """
    parts = [pd.read_parquet(path) for path in paths if path.is_file()]
    columns: dict[str, pd.Series] = {}
    for mode in sorted({mode for one in parts for mode in one["mode"].unique()}):
        found = mainland_of(one[one["mode"] == mode] for one in parts)
        columns |= {mode: found["island"], f"{mode}_roads": found["roads"]}
    table = pd.DataFrame(columns)
    with staged(out) as aside:
        (aside / MAINLAND).mkdir()
        for one in store.units:
            roads = store.read(one.code, ROADS)
            if roads is None or not parts:
                continue
            mine = table.reindex(roads[ROW]).fillna(0).astype("int64")
            mine = mine.rename_axis(ROW).reset_index()
            mine.to_parquet(aside / MAINLAND / f"{one.code}.parquet", index=False)
    return table
