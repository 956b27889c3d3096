"""Time pandana on a town that bench_search stored.

Prints, as JSON, how many it found, and seconds on the clock and of the processor for
the query alone and with all that it needs before: network, sources or ranges. Runs
in a process of its own, with any interpreter that has pandana.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandana
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

file, task = sys.argv[1:]
town = np.load(file)
half = len(town["tail"]) // 2
x, y = town["xy"][town["source"]].T
limit = float(town["limit"])


def build() -> pandana.Network:
    """Make the network, with shelters, or with the ranges of all nodes."""
    edges = pd.DataFrame({"s": town["seconds"][:half]})
    made = pandana.Network(
        pd.Series(town["xy"][:, 0]), pd.Series(town["xy"][:, 1]),
        pd.Series(town["tail"][:half]), pd.Series(town["head"][:half]), edges,
    )  # fmt: skip
    if task == "nearest":
        made.set_pois("shelters", limit, 1, pd.Series(x), pd.Series(y))
    else:
        made.precompute(limit)
    return made


def query(network: pandana.Network) -> int:
    """Answer for every node, or list the nodes in range of every team."""
    if task == "reach":
        return len(network.nodes_in_range(town["source"].tolist(), limit))
    found = network.nearest_pois(limit, "shelters", num_pois=1, include_poi_ids=True)
    return int(found["poi1"].notna().sum())


def timed(call: Callable[[], Any], repeats: int) -> tuple[list[float], Any]:
    """Return the median seconds on the clock and of the processor, and the result."""
    clock, cpu, result = [], [], None
    for _ in range(repeats):
        begin, busy = time.perf_counter(), time.process_time()
        result = call()
        cpu.append(time.process_time() - busy)
        clock.append(time.perf_counter() - begin)
    return [statistics.median(clock), statistics.median(cpu)], result


before, network = timed(build, 1)
alone, count = timed(lambda: query(network), 3)
whole = [one + other for one, other in zip(before, alone, strict=True)]
print(json.dumps({"count": count, "query": alone, "whole": whole}))
