"""The routes of a plan road by road, for pages; paper has no room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from riskmap.publish.cells import metres_text
from riskmap.publish.page_words import web_words
from riskmap.publish.places import plain_text
from riskmap.publish.spec import Table

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["legs_table"]


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
