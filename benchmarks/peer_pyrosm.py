"""Time pyrosm on an OpenStreetMap file: nodes and edges of the walking network.

Prints seconds on the clock, processor seconds, and metres of road. Runs in a process
of its own, with any interpreter that has pyrosm.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings

import pyrosm

warnings.simplefilter("ignore")
file, repeats = sys.argv[1], int(sys.argv[2])
clock, cpu = [], []
for _ in range(repeats):
    begin, busy = time.perf_counter(), time.process_time()
    source = pyrosm.OSM(file)
    nodes, edges = source.get_network(network_type="walking", nodes=True)
    cpu.append(time.process_time() - busy)
    clock.append(time.perf_counter() - begin)
metres = edges.to_crs(edges.estimate_utm_crs()).length.sum()
print(statistics.median(clock), statistics.median(cpu), float(metres))
