"""An assembly point is the one that is meant, or none is known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from riskmap.evacuation.assembly import assembly_points
from tests.evacuation.conftest import CRS, Frame, at, hazard, people

if TYPE_CHECKING:
    from riskmap.routing import Network

HERE, THERE = "990101001001", "990101001002"


def found(town: Network, places: Frame | None, **more: Any) -> Frame:  # noqa: ANN401
    """Find the assembly points of three groups that all gather at the mill."""
    groups = people(
        ("A", 10, at(0, 0)), ("B", 10, at(100, 0)), ("C", 10, at(400, 400)),
        assembly_point="磨坊",
    )  # fmt: skip
    groups["village_code"] = [HERE, HERE, THERE]
    case: Any = SimpleNamespace(groups=groups, network=town)
    made = assembly_points(case, places, zones=more.get("zones"))
    return made.set_index("group_id")


def mill(*points: Any, **columns: list[object]) -> Frame:  # noqa: ANN401
    return Frame(
        {"name": ["磨坊"] * len(points), **columns}, geometry=list(points), crs=CRS
    )


@pytest.mark.parametrize(
    "columns",
    [{"group_id": ["A"]}, {"village_code": [HERE]}, {"group_id": ["B"]}],
)
def test_a_place_of_another_village_is_not_meant(
    town: Network, columns: dict[str, list[object]]
) -> None:
    made = found(town, mill(at(200, 0), **columns))
    assert made["reason"].tolist() == ["ok", "ok", "insufficient_data"]
    assert made.loc["A", "distance_m"] == pytest.approx(200, abs=1)
    assert made.loc["B", "distance_m"] == pytest.approx(100, abs=1)
    assert pd.isna(made.loc["C", "distance_m"])
    assert made.geometry["C"] is None


def test_a_place_of_nobody_in_particular_serves_all(town: Network) -> None:
    made = found(town, mill(at(200, 0)))
    assert made["reason"].eq("ok").all()


def test_two_places_of_one_name_in_one_village_are_not_guessed(town: Network) -> None:
    both = mill(at(200, 0), at(0, 200), village_code=[HERE, HERE])
    assert found(town, both)["reason"].eq("insufficient_data").all()
    own = mill(at(200, 0), at(0, 200), group_id=["A", "C"])
    made = found(town, own)
    assert made.geometry["C"].equals(at(0, 200))
    assert made.geometry["B"].equals(at(200, 0))


def test_a_place_in_danger_is_not_ok_and_none_is_known_without_places(
    town: Network,
) -> None:
    zone = hazard(("Z", at(200, 0).buffer(20)))
    made = found(town, mill(at(200, 0)), zones=zone)
    assert made["reason"].eq("crosses_hazard").all()
    assert found(town, None)["reason"].eq("insufficient_data").all()
