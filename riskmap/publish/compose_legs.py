"""The routes of a plan road by road, for pages; paper has no room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from riskmap.publish.cells import metres_text
from riskmap.publish.page_words import web_words
from riskmap.publish.places import plain_text
from riskmap.publish.spec import Table
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from riskmap.publish.transfers import Transfer

__all__ = ["legs_table", "steps_table"]


def legs_table(
    routes: pd.DataFrame, route_legs: pd.DataFrame, group_ids: Collection[str]
) -> Table:
    """Lay primary routes of a plan out road by road.

    Parameters
    ----------
    routes, route_legs
        The frames of an evacuation plan.
    group_ids
        Whose routes.

    Returns
    -------
    Table
        Key ``"legs"``: 走法, 道路, 路程; indexed by ``group_id``. No minutes: those
        of short legs, each rounded up, would add up to more than the whole.
    """
    words = web_words()
    mine = routes["group_id"].astype(str).isin(group_ids)
    primary = routes[(routes["rank"] == 1) & mine]
    groups = dict(zip(primary["route_id"], primary["group_id"], strict=True))
    legs = route_legs[route_legs["route_id"].isin(groups)]
    legs = legs.sort_values(["route_id", "seq"], kind="stable")
    cells = {
        "turn": [words["turns"].get(one, one) for one in map(plain_text, legs["turn"])],
        "road_name": [plain_text(one) for one in legs["road_name"]],
        "length_m": [
            f"{metres_text(one)} {words['web']['meters']}" for one in legs["length_m"]
        ],
    }
    index = pd.Index([str(groups[one]) for one in legs["route_id"]], name="group_id")
    frame = pd.DataFrame(cells, index=index, dtype="object")
    frame = frame.rename(columns=words["columns"])
    return Table("legs", words["web"]["legs"], frame)


def steps_table(
    found: Sequence[Transfer],
    routes: pd.DataFrame,
    route_legs: pd.DataFrame,
    *,
    backup: bool = False,
) -> Table:
    """Put the way of each group into one line of words.

    Parameters
    ----------
    found
        The groups of a map.
    routes, route_legs
        The frames of an evacuation plan.
    backup
        Whether to tell the way to the backup place instead.

    Returns
    -------
    Table
        Key ``"steps"``, or ``"steps_backup"``: number, group and way; indexed
        by ``group_id``. Groups without such a route of their own are left out.
    """
    key = "steps_backup" if backup else "steps"
    words = read_words()["steps"]
    groups = {one.group_id for one in found}
    ids = routes["group_id"].map(plain_text)
    mine = (routes["rank"] == (2 if backup else 1)) & ids.isin(groups)
    route_of = dict(zip(ids[mine], routes.loc[mine, "route_id"], strict=True))
    legs = route_legs[route_legs["route_id"].isin(route_of.values())]
    legs = legs.sort_values(["route_id", "seq"], kind="stable")
    by_route = dict(tuple(legs.groupby("route_id", sort=False)))
    lines, index = [], []
    for one in found:
        ways = by_route.get(route_of.get(one.group_id, ""))
        if ways is not None:
            goal = one.backup_place if backup else one.destination
            way = words["join"].join([*_ways(ways), goal])
            cells = (str(one.number), one.name, way)
            lines.append(dict(zip(words["headings"], cells, strict=True)))
            index.append(one.group_id)
    frame = pd.DataFrame(
        lines,
        columns=words["headings"],
        index=pd.Index(index, name="group_id", dtype="object"),
        dtype="object",
    )
    return Table(key, read_words()["tables"][key], frame)


def _ways(legs: pd.DataFrame) -> list[str]:
    """Say each turn and the road it leads into; straight on is one way."""
    words, turns = read_words()["steps"], web_words()["turns"]
    ways: list[tuple[str, str, float]] = []
    for turn, road, metres in zip(
        map(plain_text, legs["turn"]),
        [plain_text(one) or words["unnamed"] for one in legs["road_name"]],
        legs["length_m"].astype(float),
        strict=True,
    ):
        if ways and road == ways[-1][1] and turn in words["straight"]:
            ways[-1] = (*ways[-1][:2], ways[-1][2] + metres)
        else:
            ways.append((turns.get(turn, turn), road, metres))
    told = [(turn, road, metres_text(metres)) for turn, road, metres in ways]
    return [
        words["ways"]
        .get(turn, words["way"])
        .format(turn=turn, road=road, metres=metres)
        for turn, road, metres in told
        if metres != "0"
    ]
