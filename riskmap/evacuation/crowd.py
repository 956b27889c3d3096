"""Queues at narrow links: who passes where, how wide it is, how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.standards import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["Queues", "flow_per_min", "queues", "road_widths"]


@dataclass(frozen=True, slots=True, eq=False)
class Queues:
    """How long each group waits at the narrowest point of its way, at the most.

    Parameters
    ----------
    minutes
        For each group; 0 without a route.
    road
        Row of the network's roads where it waits, -1 for nowhere.
    assumed
        Whether a width in use is assumed.
    """

    minutes: FloatArray
    road: IntArray
    assumed: bool


def flow_per_min(width_m: Any, *, model: str | None = None) -> FloatArray:  # noqa: ANN401
    """Return how many people pass a way in a minute, at the most.

    Parameters
    ----------
    width_m
        Clear width, metres.
    model
        ``"weidmann"`` or ``"sfpe"``; None takes the default of ``flow.toml``.

    Returns
    -------
    numpy.ndarray
        People a minute.

    Notes
    -----
    The greatest specific flow of the model times the effective width: the
    clear width less a boundary on either side.
    """
    table = read_table("flow")
    each = float(table["models"][model or table["default_model"]]["people_per_m_s"])
    edge = table["boundary"]
    clear = np.asarray(width_m, dtype=float) - 2 * float(edge["each_side_m"])
    return np.asarray(60.0 * each * np.maximum(clear, float(edge["least_m"])))


def road_widths(
    roads: pd.DataFrame, known: pd.DataFrame | None
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the width of each road, and whether it is assumed.

    Parameters
    ----------
    roads
        ``road_id`` and ``road_class``.
    known
        ``road_id`` and ``width_m`` (null or not above 0 = unknown); None =
        nothing known.

    Returns
    -------
    tuple of numpy.ndarray
        Metres, and True where the class alone tells.
    """
    rule: Mapping[str, Any] = read_table("flow")["width"]
    by_class = roads["road_class"].astype(object).map(rule["classes"])
    named = by_class.astype(float).fillna(float(rule["other_m"]))
    guess = np.asarray(named, dtype=np.float64)
    if known is None or not {"road_id", "width_m"} <= set(known.columns):
        return guess, np.ones(len(roads), dtype=bool)
    width = pd.to_numeric(known["width_m"], errors="coerce")
    rows = known.assign(width_m=width)[width.gt(0).to_numpy(dtype=bool)]
    narrow = rows.groupby(rows["road_id"].astype(str))["width_m"].min()
    told = roads["road_id"].astype(str).map(narrow)
    unknown = np.asarray(told.isna(), dtype=bool)
    width = told.astype(float).fillna(pd.Series(guess, index=roads.index))
    return np.asarray(width, dtype=np.float64), unknown


def queues(
    edges: Mapping[int, IntArray],
    people: FloatArray,
    *,
    edge_road: IntArray,
    widths: tuple[FloatArray, NDArray[np.bool_]],
) -> Queues:
    """Return how long groups wait where many pass a narrow way.

    Everybody whose way leads over a piece of road is taken to reach it at the
    same time, so the last one waits all people divided by the flow; the piece
    where that is longest decides. A bound from above: nobody waits longer.

    Parameters
    ----------
    edges
        The edges that the way of a group runs along, by its position.
    people
        People of each group; NaN counts as nobody.
    edge_road
        Row of the roads that each edge is part of.
    widths
        As `road_widths` returns them.

    Returns
    -------
    Queues
        In the order of the groups.
    """
    heads = np.nan_to_num(people)
    load = np.zeros(len(edge_road))
    for group, used in edges.items():
        load[np.unique(used)] += heads[group]
    width, guessed = widths
    waits = load / flow_per_min(width[edge_road]) if len(load) else load
    minutes = np.zeros(len(people))
    road = np.full(len(people), -1, dtype=np.int64)
    assumed = False
    for group, used in edges.items():
        if not len(used):
            continue
        worst = int(used[waits[used].argmax()])
        minutes[group], road[group] = waits[worst], edge_road[worst]
        assumed = assumed or bool(guessed[edge_road[worst]])
    return Queues(minutes, road, assumed)
