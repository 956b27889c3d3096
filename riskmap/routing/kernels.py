"""The hot loops, compiled: a bucket queue over arcs, settled by time.

A label is (time, owner); the smaller wins, so that a tie of times goes to the
owner with the lowest number whatever the order of nodes or seeds. Buckets are
linked lists in flat arrays, cyclic, label-correcting inside a bucket: exact.
Compiled code is kept beside the source, or where that is read-only in the
user's cache folder (numba chooses), or nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FULL", "NOT_REACHED", "flood", "path_lengths", "reach_nodes", "tails"]

NOT_REACHED = -1
FULL = -2  # the pool of queue entries, or of results, is too small: call again


def _compiled(function: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Compile, keeping the result on disk where some folder may be written."""
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder for its cache
        return numba.njit(nogil=True)(function)


@_compiled
def flood(  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, C901, PLR0912, PLR0915, D103
    first, head, minutes, arc, seed_node, seed_min, seed_owner, limit, width,
    time, owner, parent, heads, pool_next, pool_node, queued,
):
    ring = heads.shape[0]
    inverse = 1.0 / width
    free = 0
    waiting = 0
    lowest = np.inf
    for s in range(seed_node.shape[0]):
        lowest = min(lowest, seed_min[s])
    for s in range(seed_node.shape[0]):
        t = seed_min[s]
        if t > limit:
            continue
        v = seed_node[s]
        if t < time[v] or (t == time[v] and seed_owner[s] < owner[v]):
            time[v] = t
            owner[v] = seed_owner[s]
            parent[v] = -2 - s
            if free < 0:
                return FULL
            slot = free
            free = pool_next[slot]
            b = np.int64((t - lowest) * inverse) % ring
            pool_node[slot] = v
            pool_next[slot] = heads[b]
            heads[b] = slot
            queued[v] = 1
            waiting += 1
    bucket = 0
    while waiting > 0:
        slot = heads[bucket]
        if slot < 0:
            bucket += 1
            if bucket == ring:
                bucket = 0
            continue
        u = pool_node[slot]
        heads[bucket] = pool_next[slot]
        pool_next[slot] = free
        free = slot
        waiting -= 1
        if queued[u] == 0:
            continue
        queued[u] = 0
        t0 = time[u]
        who = owner[u]
        for k in range(first[u], first[u + 1]):
            t = t0 + minutes[k]
            v = head[k]
            if t > time[v] or t > limit:
                continue
            if t == time[v] and who >= owner[v]:
                continue
            time[v] = t
            owner[v] = who
            parent[v] = arc[k]
            if free < 0:
                return FULL
            slot = free
            free = pool_next[slot]
            b = np.int64((t - lowest) * inverse) % ring
            pool_node[slot] = v
            pool_next[slot] = heads[b]
            heads[b] = slot
            queued[v] = 1
            waiting += 1
    return 0


@_compiled
def reach_nodes(  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, C901, PLR0912, PLR0915, D103
    first, head, minutes, seed_first, seed_node, seed_min, limit, width,
    time, heads, pool_next, pool_node, queued, touched,
    out_source, out_node, out_min,
):
    ring = heads.shape[0]
    inverse = 1.0 / width
    free = 0
    found = 0
    room = out_node.shape[0]
    for source in range(seed_first.shape[0] - 1):
        waiting = 0
        count = 0
        lowest = np.inf
        for s in range(seed_first[source], seed_first[source + 1]):
            lowest = min(lowest, seed_min[s])
        for s in range(seed_first[source], seed_first[source + 1]):
            t = seed_min[s]
            v = seed_node[s]
            if t > limit or t >= time[v]:
                continue
            if time[v] == np.inf:
                touched[count] = v
                count += 1
            time[v] = t
            if free < 0:
                return FULL
            slot = free
            free = pool_next[slot]
            b = np.int64((t - lowest) * inverse) % ring
            pool_node[slot] = v
            pool_next[slot] = heads[b]
            heads[b] = slot
            queued[v] = 1
            waiting += 1
        bucket = 0
        while waiting > 0:
            slot = heads[bucket]
            if slot < 0:
                bucket += 1
                if bucket == ring:
                    bucket = 0
                continue
            u = pool_node[slot]
            heads[bucket] = pool_next[slot]
            pool_next[slot] = free
            free = slot
            waiting -= 1
            if queued[u] == 0:
                continue
            queued[u] = 0
            t0 = time[u]
            for k in range(first[u], first[u + 1]):
                t = t0 + minutes[k]
                v = head[k]
                if t >= time[v] or t > limit:
                    continue
                if time[v] == np.inf:
                    touched[count] = v
                    count += 1
                time[v] = t
                if free < 0:
                    return FULL
                slot = free
                free = pool_next[slot]
                b = np.int64((t - lowest) * inverse) % ring
                pool_node[slot] = v
                pool_next[slot] = heads[b]
                heads[b] = slot
                queued[v] = 1
                waiting += 1
        if found + count > room:
            return FULL
        for k in range(count):
            v = touched[k]
            out_source[found] = source
            out_node[found] = v
            out_min[found] = time[v]
            time[v] = np.inf
            found += 1
    return found


@_compiled
def tails(first, tail):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, D103
    for u in range(first.shape[0] - 1):
        for k in range(first[u], first[u + 1]):
            tail[k] = u


@_compiled
def path_lengths(  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201, D103
    wanted, parent, other, length, seed_length, metres, stack
):
    # metres must hold NaN where not known; `other` is the far node of each arc.
    for w in range(wanted.shape[0]):
        v = wanted[w]
        depth = 0
        while np.isnan(metres[v]) and parent[v] >= 0:
            stack[depth] = v
            depth += 1
            v = other[parent[v]]
        if np.isnan(metres[v]) and parent[v] <= -2:  # noqa: PLR2004
            metres[v] = seed_length[-2 - parent[v]]
        known = metres[v]
        while depth > 0:
            depth -= 1
            v = stack[depth]
            known += length[parent[v] >> 1]
            metres[v] = known
