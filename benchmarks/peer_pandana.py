"""Time pandana on a town that bench_routing stored; prints seconds.

Runs in a process of its own, with any interpreter that has pandana.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
import pandana
import pandas as pd

file, task = sys.argv[1:]
town = np.load(file)
half = len(town["tail"]) // 2
edges = pd.DataFrame({"s": town["seconds"][:half]})
network = pandana.Network(
    pd.Series(town["xy"][:, 0]), pd.Series(town["xy"][:, 1]),
    pd.Series(town["tail"][:half]), pd.Series(town["head"][:half]), edges,
)  # fmt: skip
x, y = town["xy"][town["source"]].T


def nearest() -> None:
    """Answer for every node, with the shelter that is nearest."""
    network.set_pois("shelters", 100_000.0, 1, pd.Series(x), pd.Series(y))
    network.nearest_pois(100_000.0, "shelters", num_pois=1, include_poi_ids=True)


def reach() -> None:
    """List the nodes in range of every team."""
    network.nodes_in_range(town["source"].tolist(), float(town["limit"]))


call = {"nearest": nearest, "reach": reach}[task]
times = []
for _ in range(3):
    begin = time.perf_counter()
    call()
    times.append(time.perf_counter() - begin)
print(statistics.median(times))
