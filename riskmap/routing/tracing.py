"""The hot loop of routes, compiled: from a goal outwards, until all who ask are met.

A search ends when the slowest pair of its goal is known to be final, so that near
pairs on a large network cost what is between them.
"""

# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0917
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from riskmap.routing.kernels import NONE, ONE, compiled, put

__all__ = ["trace_routes"]

# A look at all pairs of a goal is taken once in so many buckets.
_PATIENCE = 8


@compiled
def _slowest(pair_low, pair_high, entry_first, entry_node, entry_min, time):
    """Return the longest of the times of some pairs, as far as they are known."""
    slowest = -np.inf
    for pair in range(pair_low, pair_high):
        best = np.inf
        for k in range(entry_first[pair], entry_first[pair + 1]):
            best = min(best, entry_min[k] + time[entry_node[k]])
        slowest = max(slowest, best)
    return slowest


@compiled
def _flood(
    first, head, minutes, arc, seed_node, seed_min, pair_low, pair_high,
    entry_first, entry_node, entry_min, limit, width,
    time, parent, heads, pool_next, pool_node, touched,
):  # fmt: skip
    """Search from one goal; return how many nodes were touched, and if all fitted."""
    inverse = 1.0 / width
    mask = np.uint32(heads.shape[0] - 1)
    top = np.uint32(0)
    found = 0
    waiting = 0
    lowest = np.inf if seed_min.shape[0] == 0 else seed_min.min()
    for s in range(seed_node.shape[0]):
        v, t = seed_node[s], seed_min[s]
        if t > limit or t >= time[v]:
            continue
        if time[v] == np.inf:
            touched[found] = v
            found += 1
        time[v] = t
        parent[v] = -2 - s
        into = np.uint32(np.int64((t - lowest) * inverse)) & mask
        top = put(v, into, top, heads, pool_next, pool_node)
        waiting += 1
    bucket, level = np.uint32(0), 0
    while waiting > 0:
        slot = heads[bucket]
        if slot == NONE:
            bucket = (bucket + ONE) & mask
            level += 1
            if level % _PATIENCE == 0 and lowest + level * width > _slowest(
                pair_low, pair_high, entry_first, entry_node, entry_min, time
            ):
                heads[:] = NONE
                break
            continue
        heads[bucket] = pool_next[slot]
        u = pool_node[slot]
        waiting -= 1
        here = time[u]
        if (np.uint32(np.int64((here - lowest) * inverse)) & mask) != bucket:
            continue
        for k in range(first[u], first[u + ONE]):
            v = head[k]
            t = here + minutes[k]
            if t >= time[v] or t > limit:
                continue
            if top == pool_node.shape[0]:
                heads[:] = NONE
                return found, False
            if time[v] == np.inf:
                touched[found] = v
                found += 1
            time[v] = t
            parent[v] = arc[k]
            into = np.uint32(np.int64((t - lowest) * inverse)) & mask
            top = put(v, into, top, heads, pool_next, pool_node)
            waiting += 1
    return found, True


@compiled
def trace_routes(
    first, head, minutes, arc, towards, seed_first, seed_node, seed_min, pair_first,
    entry_first, entry_node, entry_min, begin, end, limit, width,
    time, parent, heads, pool_next, pool_node, touched,
    out_min, out_entry, out_last, out_count, out_arc,
):  # fmt: skip
    """Trace the quickest route of every pair of the goals from `begin` to `end`.

    Of ways as quick as each other the first entry is taken. Return the first goal
    that is not done, because an array was full, and how many arcs are listed.
    """
    used = 0
    for goal in range(begin, end):
        start = used
        low, high = seed_first[goal], seed_first[goal + 1]
        count, done = _flood(
            first, head, minutes, arc, seed_node[low:high], seed_min[low:high],
            pair_first[goal], pair_first[goal + 1], entry_first, entry_node, entry_min,
            limit, width, time, parent, heads, pool_next, pool_node, touched,
        )  # fmt: skip
        for pair in range(pair_first[goal], pair_first[goal + 1]):
            out_min[pair], out_entry[pair], out_count[pair] = np.inf, -1, 0
            for k in range(entry_first[pair], entry_first[pair + 1]):
                total = entry_min[k] + time[entry_node[k]]
                if total < out_min[pair]:
                    out_min[pair], out_entry[pair] = total, k
            if out_entry[pair] < 0:
                continue
            v = np.int64(entry_node[out_entry[pair]])
            while done and parent[v] >= 0:
                if used == out_arc.shape[0]:
                    done = False
                    break
                out_arc[used] = parent[v]
                used += 1
                out_count[pair] += 1
                v = np.int64(towards[parent[v]])
            out_last[pair] = v
        for k in range(count):
            time[touched[k]] = np.inf
        if not done:
            return goal, start
    return end, used
