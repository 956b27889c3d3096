"""The latest minute to be at a node, compiled: Dijkstra's search backwards in time."""

# ruff: noqa: ANN001, ANN201, PLR0917
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import heapq

from riskmap.routing.kernels import compiled

__all__ = ["latest"]


@compiled
def latest(first, head, minutes, shuts, at):
    """Raise `at` to the latest minute at each node from which a goal is reached.

    `first`, `head`, `minutes` are the arcs of a reverse search; an arc must be left
    behind by `shuts`. `at` holds the goals' own minutes, -inf elsewhere. A label
    never grows along a way, so that the highest label is settled first.
    """
    queue = [(-at[node], node) for node in range(at.shape[0]) if at[node] >= 0.0]
    heapq.heapify(queue)
    while len(queue) > 0:
        label, node = heapq.heappop(queue)
        if -label < at[node]:
            continue
        for k in range(first[node], first[node + 1]):
            minute = min(-label, shuts[k]) - minutes[k]
            there = head[k]
            if minute >= 0.0 and minute > at[there]:
                at[there] = minute
                heapq.heappush(queue, (-minute, there))
