"""Time pandana on a town that bench_search stored.

Prints seconds on the clock, processor seconds, and how many it found. Runs in a
process of its own, with any interpreter that has pandana.
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
limit = float(town["limit"])


def nearest() -> int:
    """Answer for every node, with the shelter that is nearest."""
    network.set_pois("shelters", limit, 1, pd.Series(x), pd.Series(y))
    found = network.nearest_pois(limit, "shelters", num_pois=1, include_poi_ids=True)
    return int(found["poi1"].notna().sum())


def reach() -> int:
    """List the nodes in range of every team."""
    network.precompute(limit)
    return len(network.nodes_in_range(town["source"].tolist(), limit))


call = {"nearest": nearest, "reach": reach}[task]
clock, cpu = [], []
for _ in range(3):
    begin, busy = time.perf_counter(), time.process_time()
    count = call()
    cpu.append(time.process_time() - busy)
    clock.append(time.perf_counter() - begin)
print(statistics.median(clock), statistics.median(cpu), count)
