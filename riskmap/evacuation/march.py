"""Parties walking their legs in time: first come, first through."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]

__all__ = ["March", "Track", "march"]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """The legs that are walked.

    Parameters
    ----------
    legs
        ``route_id, seq, road_id`` (null off the road), ``time_min``.
    rows
        The rows of each route's legs, in order.
    spells
        When each leg is closed: pairs of closing and opening minute.
    """

    legs: pd.DataFrame
    rows: Mapping[str, IntArray]
    spells: tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class March:
    """What became of each party.

    Parameters
    ----------
    arrives
        Minute of arrival; NaN for who is stopped.
    blocked
        Minute at which a party stands before a closed road for good, else NaN.
    queued
        Minutes of queue in all.
    at_leg
        The leg before which a party is stopped, else its last.
    waits
        Begin and end of each wait, and whose.
    wait_leg
        The leg that each wait is for.
    passed
        Legs entered, and by whom.
    """

    arrives: FloatArray
    blocked: FloatArray
    queued: FloatArray
    at_leg: IntArray
    waits: tuple[FloatArray, FloatArray, IntArray]
    wait_leg: IntArray
    passed: tuple[IntArray, IntArray]


class _Log:
    """What happens, as it happens."""

    def __init__(self, count: int) -> None:
        self.arrives = np.full(count, np.nan)
        self.blocked = np.full(count, np.nan)
        self.queued = np.zeros(count)
        self.at_leg = np.full(count, -1, dtype=np.int64)
        self.waits: list[tuple[float, float, int, int]] = []
        self.passed: list[tuple[int, int]] = []

    def closed(self) -> March:
        """Return everything as arrays."""
        waits = np.array(self.waits, dtype=float).reshape(-1, 4)
        passed = np.array(self.passed, dtype=np.int64).reshape(-1, 2)
        whose, leg = waits[:, 2].astype(np.int64), waits[:, 3].astype(np.int64)
        return March(
            self.arrives, self.blocked, self.queued, self.at_leg,
            (waits[:, 0], waits[:, 1], whose), leg, (passed[:, 0], passed[:, 1]),
        )  # fmt: skip


def march(parties: pd.DataFrame, track: Track, *, flows: Mapping[str, float]) -> March:
    """Let parties walk, in the order in which they come to each leg.

    A road lets a party in when those before it are through its entrance, which
    takes their people divided by its flow. Who finds a leg closed, or would
    still be on it when it closes, waits until it opens; if it never does, the
    party stays where it is.

    Parameters
    ----------
    parties
        ``people, route, leaves``.
    track
        The legs.
    flows
        People a minute that each road lets in.

    Returns
    -------
    March
        In the order of the parties.
    """
    log = _Log(len(parties))
    minutes = track.legs["time_min"].to_numpy(float)
    roads = [None if one is None or one != one else str(one)  # noqa: PLR0124
             for one in track.legs["road_id"]]  # fmt: skip
    routes = [track.rows[one] for one in parties["route"]]
    heads = parties["people"].to_numpy(dtype=np.int64)
    free: dict[str, float] = {}
    coming = [(float(one), row, 0) for row, one in enumerate(parties["leaves"])]
    heapq.heapify(coming)
    while coming:
        now, party, step = heapq.heappop(coming)
        if step == len(routes[party]):
            log.arrives[party] = now
            continue
        leg = int(routes[party][step])
        log.at_leg[party] = leg
        road = roads[leg]
        before = roads[int(routes[party][step - 1])] if step else None
        gated = road if road != before else None
        turn = now if gated is None else max(now, free.get(gated, 0.0))
        enters = _entrance(turn, track.spells[leg], minutes[leg])
        if np.isinf(enters):
            log.blocked[party] = now
            continue
        if gated is not None:
            free[gated] = enters + float(heads[party]) / flows[gated]
        if enters > now:
            log.waits.append((now, enters, party, leg))
            log.queued[party] += enters - now
        log.passed.append((leg, party))
        heapq.heappush(coming, (enters + minutes[leg], party, step + 1))
    return log.closed()


def _entrance(
    now: float, spells: tuple[tuple[float, float], ...], takes: float
) -> float:
    """Return the first minute at which a leg can be entered and left open."""
    for shuts, opens in spells:
        if now < opens and now + takes > shuts:
            now = opens
    return now
