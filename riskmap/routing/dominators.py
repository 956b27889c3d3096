"""What every way must pass, compiled: dominators of the nodes that a search reached.

Nodes count by rank: 0 is where all ways begin, and a node comes after the one it
is reached from, so that what dominates a node always has a lower rank.
"""

# ruff: noqa: ANN001, ANN201, ANN202, PLR0917
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from riskmap.routing.kernels import ONE, compiled

__all__ = ["dominators", "list_ways", "only_ways", "ranked"]


@compiled
def ranked(nodes, parent, towards, rank, order, stack):
    """Rank the nodes as they come, but each after the one it is reached from."""
    count = 0
    for k in range(nodes.shape[0]):
        v = np.int64(nodes[k])
        depth = 0
        while rank[v] < 0:
            stack[depth] = v
            depth += 1
            if parent[v] < 0:
                break
            v = np.int64(towards[parent[v]])
        while depth > 0:
            depth -= 1
            order[count] = stack[depth]
            count += 1
            rank[stack[depth]] = count


@compiled
def _common(one, other, above):
    """Return the last rank that the ways to two have in common."""
    while one != other:
        if one > other:
            one = above[one]
        else:
            other = above[other]
    return one


@compiled
def dominators(order, rank, first, head, begins, above):
    """Fill in what comes last before each node on every way to it, by rank.

    `first` and `head` list the nodes from which each can be entered.
    """
    above[0] = 0
    changed = True
    while changed:
        changed = False
        for k in range(order.shape[0]):
            v = np.uint32(order[k])
            last = 0 if begins[v] else -1
            for a in range(first[v], first[v + ONE]):
                before = rank[head[a]]
                if before < 0 or above[before] < 0:
                    continue
                last = before if last < 0 else _common(before, last, above)
            if above[k + 1] != last:
                above[k + 1] = last
                changed = True


@compiled
def only_ways(order, rank, first, head, arc, parent, begins, above, enter, size):
    """Return the arc by which alone each node is entered, by rank; -1 for none."""
    only = np.full(order.shape[0] + 1, -1, np.int64)
    size[:] = 1
    for r in range(order.shape[0], 0, -1):
        size[above[r]] += size[r]
    free = np.zeros(order.shape[0] + 1, np.int64)
    free[0] = 1
    for r in range(1, order.shape[0] + 1):
        enter[r] = free[above[r]]
        free[above[r]] += size[r]
        free[r] = enter[r] + 1
    for k in range(order.shape[0]):
        v, r = np.uint32(order[k]), k + 1
        alone = not begins[v]
        for a in range(first[v], first[v + ONE]):
            before = rank[head[a]]
            if before < 0 or arc[a] == parent[v]:
                continue
            behind = enter[r] <= enter[before] < enter[r] + size[r]
            alone = alone and behind
        if alone:
            only[r] = parent[v]
    return only


@compiled
def list_ways(place, node, rank, above, only, out_place, out_arc):
    """List the arcs on every way to each place; count them where there is no room.

    `place` is sorted; `node` are the nodes by which it can be entered.
    """
    count, k = 0, 0
    while k < place.shape[0]:
        here, last = place[k], rank[node[k]]
        while k < place.shape[0] and place[k] == here:
            last = _common(last, rank[node[k]], above)
            k += 1
        while last > 0:
            if only[last] >= 0:
                if out_arc.shape[0] > 0:
                    out_place[count], out_arc[count] = here, only[last]
                count += 1
            last = above[last]
    return count
