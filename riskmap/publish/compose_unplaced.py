"""Groups that have no place: why, and what is to be done, for paper too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.publish.cells import metres_text, minutes_text, number_or_none
from riskmap.publish.layerframes import placed_rows
from riskmap.publish.places import plain_text
from riskmap.publish.planframes import rows_by_id
from riskmap.publish.spec import Table
from riskmap.publish.style import read_words
from riskmap.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmap.publish.scene import Scene
    from riskmap.publish.transfers import Transfer

__all__ = ["unplaced_table"]

_NAMED = 2
"""How many of the shelters in danger are named, the nearest first."""


def unplaced_table(scene: Scene) -> Table | None:
    """Say of each group without a place why that is, and what to do.

    Parameters
    ----------
    scene
        The place, its frames and its plan; the plan's frame ``rescues``, which
        says where the cut off are fetched from, may be absent.

    Returns
    -------
    Table or None
        Key ``"unplaced"``, indexed by ``group_id``; None where all have a place.
    """
    found = [one for one in scene.found if not one.placed]
    if not found or scene.plan is None:
        return None
    words = read_words()["unplaced"]
    rescues = getattr(scene.plan, "rescues", pd.DataFrame())
    fetched = rows_by_id(rescues, "group_id")
    lines = [
        (
            str(one.number),
            one.name,
            _why(one, scene),
            _what(one, fetched.get(one.group_id, {})),
        )
        for one in found
    ]
    index = pd.Index([one.group_id for one in found], name="group_id")
    frame = pd.DataFrame(lines, columns=words["headings"], index=index, dtype="object")
    return Table("unplaced", read_words()["tables"]["unplaced"], frame)


def _why(one: Transfer, scene: Scene) -> str:
    """Say why a group has no place, and which places stand in danger."""
    words = read_words()
    told: Mapping[str, str] = words["unplaced_why"]
    why = told.get(one.reason, told["other"])
    if one.reason == Reason.SHELTER_AT_RISK:
        names = "、".join(_in_danger(one, scene))
        why += words["unplaced"]["in_danger"].format(names=names) if names else ""
    return f"{words['marks']['unplaced']}：{why}"


def _in_danger(one: Transfer, scene: Scene) -> list[str]:
    """Name the shelters of the plan that stand in danger, the nearest first."""
    if scene.plan is None:
        return []
    crs = scene.place.crs
    shelters = placed_rows(scene.plan.shelters, crs)
    risky = shelters[shelters["reason"].eq(str(Reason.SHELTER_AT_RISK))]
    groups = placed_rows(scene.plan.groups, crs)
    here = groups.geometry[groups["group_id"].map(plain_text) == one.group_id]
    if risky.empty or here.empty:
        return []
    near = risky.iloc[risky.distance(here.iloc[0]).argsort().to_numpy()[:_NAMED]]
    return [plain_text(name) for name in near["name"]]


def _what(one: Transfer, rescue: Mapping[str, Any]) -> str:
    """Say what to do: stay, whom to call, where the group is fetched from."""
    words = read_words()["unplaced"]
    who = plain_text(one.row.get("responsible_a"))
    phone = plain_text(one.row.get("phone_a"))
    call = " ".join(part for part in (who, phone) if part)
    told = [words["stay"]]
    told.append(words["call"].format(call=call) if call else words["nobody"])
    if one.reason == Reason.CUT_OFF:
        told.append(_fetched(rescue))
    return "".join(told)


def _fetched(rescue: Mapping[str, Any]) -> str:
    """Say where the cut off are fetched from, and how far that is."""
    words = read_words()["unplaced"]
    name, metres = plain_text(rescue.get("landing_name")), rescue.get("distance_m")
    if not name or number_or_none(metres) is None:
        return str(words["no_landing"])
    way = "fly" if rescue.get("straight_line") is True else "walk"
    far = words[way].format(
        metres=metres_text(metres), minutes=minutes_text(rescue.get("time_min"))
    )
    risk = words["risky"] if rescue.get("at_risk") is True else ""
    return str(words["landing"].format(name=name, far=far, risk=risk))
