from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from riskmap.evacuation import compare_plans, plan_evacuation
from tests.evacuation.conftest import at, beds, people

if TYPE_CHECKING:
    from riskmap.routing import Network


def test_every_group_says_what_became_of_it(town: Network) -> None:
    groups = people(
        ("stays", 10, at(400, 400)), ("moves", 10, at(0, 0)), ("loses", 30, at(0, 100)),
        ("goes", 1, at(400, 0)),
    )  # fmt: skip
    shelters = beds(("S", 60, at(0, 0)), ("T", 25, at(400, 400)))
    before = plan_evacuation(groups, shelters, town)
    later = pd.concat([groups.iloc[[2, 0, 1]], people(("comes", 2, at(400, 0)))])
    after = plan_evacuation(later, shelters.iloc[1:], town)
    table = compare_plans(before, after)
    assert dict(zip(table["group_id"], table["change"], strict=True)) == {
        "stays": "same", "moves": "moved", "loses": "lost", "goes": "dropped",
        "comes": "added",
    }  # fmt: skip
    moved = table.set_index("group_id").loc["moves"]
    assert (moved["shelter_id_a"], moved["shelter_id_b"]) == ("S", "T")
    assert moved["more_min"] > 0
