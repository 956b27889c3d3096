"""The hot loop of backup routes, compiled: fewest shared metres, then minutes.

A label is (shared millimetres, minutes) and both count in that order. A search
from one end may have to pass over half the network before it pays for a neck at
the other end, so both ends take turns, each with more patience than before.
"""

# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0917
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from riskmap.routing.kernels import ONE, compiled

__all__ = ["least_shared"]

_PATIENCE = 512
_MORE = 4
_TIRED = -2


@compiled
def _less(one, other, shared, minutes):
    """Tell whether an entry of the heap comes before another."""
    if shared[one] != shared[other]:
        return shared[one] < shared[other]
    return minutes[one] < minutes[other]


@compiled
def _swap(one, other, shared, minutes, node):
    """Exchange two entries of the heap."""
    shared[one], shared[other] = shared[other], shared[one]
    minutes[one], minutes[other] = minutes[other], minutes[one]
    node[one], node[other] = node[other], node[one]


@compiled
def _rise(at, shared, minutes, node):
    """Move a new entry up to its place in the heap."""
    while at > 0:
        above = (at - 1) >> 1
        if not _less(at, above, shared, minutes):
            break
        _swap(at, above, shared, minutes, node)
        at = above


@compiled
def _sink(size, shared, minutes, node):
    """Move the first entry of the heap down to its place."""
    at = 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and _less(below + 1, below, shared, minutes):
            below += 1
        if not _less(below, at, shared, minutes):
            break
        _swap(at, below, shared, minutes, node)
        at = below


@compiled
def _search(
    first, head, minutes, arc, edge_mm, from_node, from_mm, from_min,
    to_node, to_mm, to_min, patience,
    label_mm, label_min, parent, touched, heap_mm, heap_min, heap_node,
):  # fmt: skip
    """Search from one end; return touched, best entries of both ends, its label.

    Entries are -1 where there is no way, -2 where the patience ended.
    """
    size, count = 0, 0
    best_mm, best_min, best_to, steps = np.inf, np.inf, -1, 0
    for s in range(from_node.shape[0]):
        v = from_node[s]
        if (from_mm[s], from_min[s]) >= (label_mm[v], label_min[v]):
            continue
        if label_mm[v] == np.inf:
            touched[count] = v
            count += 1
        label_mm[v], label_min[v], parent[v] = from_mm[s], from_min[s], -2 - s
        heap_mm[size], heap_min[size], heap_node[size] = from_mm[s], from_min[s], v
        _rise(size, heap_mm, heap_min, heap_node)
        size += 1
    while size > 0:
        mm, t, u = heap_mm[0], heap_min[0], heap_node[0]
        size -= 1
        _swap(0, size, heap_mm, heap_min, heap_node)
        _sink(size, heap_mm, heap_min, heap_node)
        if (mm, t) >= (best_mm, best_min):
            break
        if (mm, t) > (label_mm[u], label_min[u]):
            continue
        if steps >= patience:
            return count, _TIRED, best_mm, best_min
        steps += 1
        for s in range(to_node.shape[0]):
            if to_node[s] == u and (mm + to_mm[s], t + to_min[s]) < (best_mm, best_min):
                best_mm, best_min, best_to = mm + to_mm[s], t + to_min[s], s
        for k in range(first[u], first[u + ONE]):
            v = head[k]
            more, later = mm + edge_mm[arc[k] >> 1], t + minutes[k]
            if (more, later) >= (label_mm[v], label_min[v]):
                continue
            if label_mm[v] == np.inf:
                touched[count] = v
                count += 1
            label_mm[v], label_min[v], parent[v] = more, later, arc[k]
            heap_mm[size], heap_min[size], heap_node[size] = more, later, v
            _rise(size, heap_mm, heap_min, heap_node)
            size += 1
    return count, best_to, best_mm, best_min


@compiled
def _trace(node, parent, towards, out_arc, used):
    """List the arcs from a node to where its search began; return the count, there."""
    v = np.int64(node)
    while parent[v] >= 0:
        if used == out_arc.shape[0]:
            return used, v, False
        out_arc[used] = parent[v]
        used += 1
        v = np.int64(towards[parent[v]])
    return used, v, True


@compiled
def least_shared(
    back_first, back_head, back_min, back_arc, back_towards,
    ahead_first, ahead_head, ahead_min, ahead_arc, ahead_towards,
    used_first, used_edge, used_mm, goal_first, goal_node, goal_mm, goal_min,
    entry_first, entry_node, entry_mm, entry_min, begin, end,
    edge_mm, label_mm, label_min, parent, touched, heap_mm, heap_min, heap_node,
    out_mm, out_min, out_entry, out_last, out_count, out_arc,
):  # fmt: skip
    """Find the way of each pair from `begin` to `end` that shares least, then quickest.

    Return the first pair that is not done, because `out_arc` was full, and how
    many arcs are listed.
    """
    used = 0
    for pair in range(begin, end):
        start = used
        for k in range(used_first[pair], used_first[pair + 1]):
            edge_mm[used_edge[k]] = used_mm[k]
        goal = slice(goal_first[pair], goal_first[pair + 1])
        entry = slice(entry_first[pair], entry_first[pair + 1])
        patience, chosen, ahead, done = _PATIENCE, _TIRED, False, True
        out_count[pair], out_entry[pair], out_last[pair] = 0, -1, -1
        while chosen == _TIRED:
            if ahead:
                count, chosen, mm, t = _search(
                    ahead_first, ahead_head, ahead_min, ahead_arc, edge_mm,
                    entry_node[entry], entry_mm[entry], entry_min[entry],
                    goal_node[goal], goal_mm[goal], goal_min[goal], patience,
                    label_mm, label_min, parent, touched, heap_mm, heap_min, heap_node,
                )  # fmt: skip
                patience *= _MORE
            else:
                count, chosen, mm, t = _search(
                    back_first, back_head, back_min, back_arc, edge_mm,
                    goal_node[goal], goal_mm[goal], goal_min[goal],
                    entry_node[entry], entry_mm[entry], entry_min[entry], patience,
                    label_mm, label_min, parent, touched, heap_mm, heap_min, heap_node,
                )  # fmt: skip
            if chosen >= 0:
                out_mm[pair], out_min[pair] = mm, t
            if chosen >= 0 and ahead:
                last = goal_node[goal_first[pair] + chosen]
                used, there, done = _trace(last, parent, ahead_towards, out_arc, used)
                out_arc[start:used] = out_arc[start:used][::-1].copy()
                out_last[pair] = last
                out_entry[pair] = entry_first[pair] - 2 - parent[there]
            elif chosen >= 0:
                out_entry[pair] = entry_first[pair] + chosen
                used, there, done = _trace(
                    entry_node[out_entry[pair]], parent, back_towards, out_arc, used
                )
                out_last[pair] = there
            out_count[pair] = used - start
            for k in range(count):
                label_mm[touched[k]] = label_min[touched[k]] = np.inf
            ahead = not ahead
        for k in range(used_first[pair], used_first[pair + 1]):
            edge_mm[used_edge[k]] = 0.0
        if not done:
            return pair, start
    return end, used
