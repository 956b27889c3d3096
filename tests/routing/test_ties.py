# ruff: noqa: ANN001, ANN201
"""Owners by a stated rule: whatever the order of nodes, the split or the threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap.routing import search as searches
from riskmap.routing.search import Seeds, compress, graph_of, search, within
from tests.routing.test_oracle import QUIET, networks


def seeds_at(node):
    count = len(node)
    return Seeds(np.asarray(node), np.zeros(count), np.arange(count), np.zeros(count))


@QUIET
@given(networks(), st.integers(0, 99), st.booleans())
def test_owners_do_not_depend_on_the_order_of_nodes_edges_or_seeds(net, seed, reverse):
    rng = np.random.default_rng(seed)
    nodes, edges = len(net.node_xy), len(net)
    where = rng.integers(0, nodes, 4)
    plain = search(graph_of(net, reverse=reverse), seeds_at(where))
    name, order = rng.permutation(nodes), rng.permutation(edges)
    turned = compress(
        name[net.edge_u[order]], name[net.edge_v[order]], net.forward_min[order],
        net.backward_min[order], nodes=nodes, keep=np.ones(edges, bool),
        reverse=reverse,
    )  # fmt: skip
    late = rng.permutation(4)
    every = seeds_at(where)
    mixed = Seeds(name[where[late]], every.minutes, late, every.metres)
    other = search(turned, mixed)
    np.testing.assert_array_equal(other.minutes[name], plain.minutes)
    np.testing.assert_array_equal(other.owner[name], plain.owner)


@QUIET
@given(networks(), st.sampled_from([1, 2, 3, 7]), st.sampled_from([1.0, 2.5, 9.0]))
def test_reach_does_not_depend_on_the_threads(net, threads, limit):
    graph, node = graph_of(net, reverse=False), np.arange(len(net.node_xy))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searches, "THREADS", threads)
        parts = within(graph, seeds_at(node), sources=len(node), limit_min=limit)
    whole = within(graph, seeds_at(node), sources=len(node), limit_min=limit)
    for one, other in zip(parts, whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_full_array_is_emptied_and_the_search_goes_on():
    u = np.arange(199)
    one = np.ones(199)
    graph = compress(u, u + 1, one, one, nodes=200, keep=one > 0, reverse=False)
    node = np.arange(200)
    source, found, minutes = within(graph, seeds_at(node), sources=200, limit_min=60.0)
    assert len(source) > 4 * 200  # more than an array holds
    gap = np.abs(node[:, None] - node)
    want = np.argwhere(gap <= 60)
    order = np.lexsort((found, source))
    np.testing.assert_array_equal(np.column_stack([source, found])[order], want)
    np.testing.assert_array_equal(minutes, np.abs(source - found))
