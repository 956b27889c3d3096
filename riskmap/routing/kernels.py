"""The hot loops, compiled: a bucket queue over arcs, settled by time.

A label is (time, owner); the smaller wins, so that a tie of times goes to the
owner with the lowest number whatever the order of nodes, seeds or threads.
Buckets are linked lists in flat arrays of a fixed size, cyclic, and label-
correcting inside a bucket: exact. An array that proves too small is never grown
inside a loop, which would cost six times the search; the kernel returns `FULL`
and is called again with larger ones.
"""

# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0917
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "FULL",
    "compiled",
    "flood",
    "path_lengths",
    "put",
    "reach_nodes",
    "sorted_arcs",
]

FULL = -2
# Nodes come as unsigned numbers, so that no index needs a look at its sign.
ONE = np.uint32(1)
NONE = np.uint32(0xFFFFFFFF)


def compiled(function: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Compile; keep the result on disk where numba finds a folder to write to."""
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        return numba.njit(nogil=True)(function)


@compiled
def _push(v, bucket, free, heads, pool_next, pool_node):
    """Put a node in a bucket; return the next free entry, -1 when none is left."""
    following = pool_next[free]
    pool_node[free] = v
    pool_next[free] = heads[bucket]
    heads[bucket] = free
    return following


@compiled
def flood(
    first, head, minutes, arc, seed_node, seed_min, seed_owner, limit, width,
    time, owner, parent, heads, pool_next, pool_node, queued,
):  # fmt: skip
    """Settle every node within the limit: time, owner, arc it was reached by."""
    mask = heads.shape[0] - 1
    inverse = 1.0 / width
    free = 0
    waiting = 0
    lowest = np.inf
    for s in range(seed_node.shape[0]):
        lowest = min(lowest, seed_min[s])
    for s in range(seed_node.shape[0]):
        t = seed_min[s]
        v = seed_node[s]
        if t > limit or t > time[v] or (t == time[v] and seed_owner[s] >= owner[v]):
            continue
        if free < 0:
            return FULL
        time[v] = t
        owner[v] = seed_owner[s]
        parent[v] = -2 - s
        queued[v] = 1
        bucket = np.int64((t - lowest) * inverse) & mask
        free = _push(v, bucket, free, heads, pool_next, pool_node)
        waiting += 1
    bucket = 0
    while waiting > 0:
        slot = heads[bucket]
        if slot < 0:
            bucket = (bucket + 1) & mask
            continue
        u = pool_node[slot]
        heads[bucket] = pool_next[slot]
        pool_next[slot] = free
        free = slot
        waiting -= 1
        if queued[u] == 0:
            continue
        queued[u] = 0
        start = time[u]
        who = owner[u]
        for k in range(first[u], first[u + ONE]):
            t = start + minutes[k]
            v = head[k]
            if t > time[v] or t > limit or (t == time[v] and who >= owner[v]):
                continue
            if free < 0:
                return FULL
            time[v] = t
            owner[v] = who
            parent[v] = arc[k]
            queued[v] = 1
            into = np.int64((t - lowest) * inverse) & mask
            free = _push(v, into, free, heads, pool_next, pool_node)
            waiting += 1
    return 0


@compiled
def put(v, bucket, top, heads, pool_next, pool_node):
    """Put a node in a bucket, in an entry never used before; return the next one."""
    pool_node[top] = v
    pool_next[top] = heads[bucket]
    heads[bucket] = top
    return top + ONE


@compiled
def _spread(
    first, head, minutes, seed_node, seed_min, limit, inverse,
    time, heads, pool_next, pool_node, out_node, found,
):  # fmt: skip
    """Search from one source; return how many nodes are listed now, and if all are.

    A node that is entered again leaves its old entry behind, which is passed over
    where its time does not belong to the bucket.
    """
    mask = np.uint32(heads.shape[0] - 1)
    top = np.uint32(0)
    waiting = 0
    lowest = np.inf if seed_min.shape[0] == 0 else seed_min.min()
    for k in range(seed_node.shape[0]):
        v, t = seed_node[k], seed_min[k]
        if t > limit or t >= time[v]:
            continue
        if found == out_node.shape[0] or top == pool_node.shape[0]:
            return found, False
        if time[v] == np.inf:
            out_node[found] = v
            found += 1
        time[v] = t
        into = np.uint32(np.int64((t - lowest) * inverse)) & mask
        top = put(v, into, top, heads, pool_next, pool_node)
        waiting += 1
    bucket = np.uint32(0)
    while waiting > 0:
        slot = heads[bucket]
        if slot == NONE:
            bucket = (bucket + ONE) & mask
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
            known = time[v]
            if t >= known or t > limit:
                continue
            if found == out_node.shape[0] or top == pool_node.shape[0]:
                return found, False
            if known == np.inf:
                out_node[found] = v
                found += 1
            time[v] = t
            into = np.uint32(np.int64((t - lowest) * inverse)) & mask
            top = put(v, into, top, heads, pool_next, pool_node)
            waiting += 1
    return found, True


@compiled
def reach_nodes(
    first, head, minutes, seed_first, seed_node, seed_min, begin, end, limit, width,
    time, heads, pool_next, pool_node, out_source, out_node, out_min,
):  # fmt: skip
    """List the nodes within the limit of the sources from `begin` to `end`.

    Return the first source that is not listed, because an array was full, and
    how many nodes are listed.
    """
    found = 0
    for source in range(begin, end):
        low, high = seed_first[source], seed_first[source + 1]
        start = found
        found, done = _spread(
            first, head, minutes, seed_node[low:high], seed_min[low:high], limit,
            1.0 / width, time, heads, pool_next, pool_node, out_node, found,
        )  # fmt: skip
        for k in range(start, found):
            v = out_node[k]
            out_source[k] = source
            out_min[k] = time[v]
            time[v] = np.inf
        if not done:
            heads[:] = NONE
            return source, start
    return end, found


@compiled
def sorted_arcs(
    u, v, forward, backward, keep, reverse, first, out_head, out_min, out_arc
):  # fmt: skip
    """Put the arcs of edges in the rows of the nodes a search leaves; count them.

    With no room for arcs only the lengths of the rows are filled in.
    """
    room = out_head.shape[0]
    for e in range(u.shape[0]):
        for way in range(2):
            t = forward[e] if way == 0 else backward[e]
            if not keep[e] or t == np.inf:
                continue
            tail, head = (u[e], v[e]) if (way == 0) != reverse else (v[e], u[e])
            if room == 0:
                first[tail + 1] += 1
                continue
            at = first[tail]
            first[tail] = at + 1
            out_head[at], out_min[at], out_arc[at] = head, t, 2 * e + way


@compiled
def path_lengths(wanted, parent, onward, length, seed_length, metres, stack):
    """Fill in the metres from nodes to their seeds; `metres` is NaN where unknown."""
    for w in range(wanted.shape[0]):
        v = wanted[w]
        depth = 0
        while np.isnan(metres[v]) and parent[v] >= 0:
            stack[depth] = v
            depth += 1
            v = onward[parent[v]]
        if np.isnan(metres[v]) and parent[v] < -1:
            metres[v] = seed_length[-2 - parent[v]]
        known = metres[v]
        while depth > 0:
            depth -= 1
            v = stack[depth]
            known += length[parent[v] >> 1]
            metres[v] = known
