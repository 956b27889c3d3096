"""The layer of the shelters: what each can take, and what a plan asks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmap.publish.cells import (
    THIN_SPACE,
    number_or_none,
    people_text,
)
from riskmap.publish.layerframes import drawn, popup_of, records
from riskmap.publish.places import plain_text
from riskmap.publish.planframes import PlanFrames, known_cells, rows_by_id
from riskmap.publish.spec import MapLayer
from riskmap.publish.style import read_words, style
from riskmap.reasons import Reason
from riskmap.standards import reason_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd


__all__ = ["shelter_layer", "shelter_load", "shelter_state"]

_WARNED = frozenset({Reason.WRONG_HAZARD_TYPE, Reason.NO_ASSESSMENT})
_UNREACHED = frozenset(
    {Reason.INSUFFICIENT_DATA, Reason.CUT_OFF, Reason.TOO_FAR_FROM_ROAD}
)


def shelter_layer(
    shelters: gpd.GeoDataFrame,
    plan: PlanFrames | None,
    *,
    used: frozenset[str],
    own: frozenset[str] | None = None,
) -> MapLayer:
    """Make the layer of the shelters, with what is assigned and available.

    Parameters
    ----------
    shelters
        The shelters within the window, in the CRS of the map; columns of the
        census and of the plan.
    plan
        The evacuation plan, or None where there is none.
    used
        The ids of the shelters that groups of this map go to.
    own
        The ids of the shelters of the place: with those in use they alone are
        named; None names all.

    Returns
    -------
    MapLayer
        One point a shelter; a shelter in use wins its label's place.
    """
    entry = read_words("layers")["layers"]["shelters"]
    planned = {} if plan is None else rows_by_id(plan.shelters, "shelter_id")
    rows = records(shelters)
    ids = [plain_text(row.get("shelter_id")) for row in rows]
    merged = [
        {**known_cells(row), **known_cells(planned.get(one, {}))}
        for one, row in zip(ids, rows, strict=True)
    ]
    styles = [_shelter_style(row, plan is not None) for row in merged]
    return MapLayer(
        key="shelters",
        label=entry["label"],
        kind="point",
        emphasis="hero" if used else "context",
        frame=drawn(
            shelters,
            styles=styles,
            legends=[
                _shelter_legend(row, one)
                for row, one in zip(merged, styles, strict=True)
            ],
            labels=[
                _shelter_label(row, plan is not None)
                if not used or one in used or own is None or one in own
                else None
                for one, row in zip(ids, merged, strict=True)
            ],
            priority=[entry["priority"] - (0 if one in used else 32) for one in ids],
            keys=ids,
            sizes=[1.0 if one in used or not used else 0.8 for one in ids],
            popups=[
                popup_of(row, "shelters", first=_load_lines(row, plan is not None))
                for row in merged
            ],
        ),
    )


def shelter_state(row: Mapping[str, Any]) -> str:
    """Return the Chinese word for the state of a shelter in a plan.

    Parameters
    ----------
    row
        One row of the plan's shelters.

    Returns
    -------
    str
        The label of its reason code; 已排满 where the plan fills it.
    """
    available = number_or_none(row.get("available_people"))
    assigned = number_or_none(row.get("assigned_people"))
    if available and assigned is not None and assigned >= available:
        filled: str = read_words()["marks"]["filled"]
        return filled
    return reason_label(plain_text(row.get("reason")) or Reason.INSUFFICIENT_DATA)


def shelter_load(row: Mapping[str, Any]) -> str:
    """Return how many a shelter takes, of how many it can.

    Parameters
    ----------
    row
        One row of the plan's shelters, or of the census.

    Returns
    -------
    str
        ``已排/可用``; 容量未知 where it is unknown.
    """
    assigned = number_or_none(row.get("assigned_people")) or 0.0
    if number_or_none(row.get("available_people")) is None:
        words = read_words()["marks"]
        unknown: str = words["capacity_unknown"]
        return f"{round(assigned)}/{unknown}" if assigned else unknown
    return f"{round(assigned)}/{people_text(row.get('available_people'))}"


def _shelter_style(row: Mapping[str, Any], planned: bool) -> str:  # noqa: FBT001
    """Choose the sign of a shelter by its state in the plan."""
    if not planned:
        return "shelter"
    reason = plain_text(row.get("reason"))
    available = number_or_none(row.get("available_people"))
    assigned = number_or_none(row.get("assigned_people")) or 0.0
    if reason == Reason.SHELTER_AT_RISK or (available is not None and available <= 0):
        return "shelter_unsafe"
    if available is None or reason in _UNREACHED:
        return "shelter_unknown"
    if reason in _WARNED:
        return "shelter_doubtful"
    return "shelter_full" if assigned >= available else "shelter"


def _shelter_legend(row: Mapping[str, Any], name: str) -> str:
    """Return the legend's words of a shelter; a warning names its reason."""
    if name != "shelter_doubtful":
        return style(name).label
    return f"{style('shelter').label}（{shelter_state(row)}）"


def _shelter_label(row: Mapping[str, Any], planned: bool) -> str:  # noqa: FBT001
    """Return a shelter's name and load."""
    name = plain_text(row.get("name")) or plain_text(row.get("shelter_id"))
    if planned and number_or_none(row.get("available_people")):
        return f"{name}\n{shelter_load(row)}{read_words()['units']['people']}"
    if planned:
        return f"{name}\n{shelter_state(row)}"
    declared = number_or_none(row.get("declared_people"))
    words = read_words()
    if declared is None:
        return f"{name}\n{words['marks']['capacity']}{words['marks']['unknown']}"
    return (
        f"{name}\n{words['marks']['capacity']}{round(declared)}"
        f"{THIN_SPACE}{words['units']['people']}"
    )


def _load_lines(row: Mapping[str, Any], planned: bool) -> list[tuple[str, str]]:  # noqa: FBT001
    """Return what a popup says first of a shelter."""
    words = read_words()["shelters"]
    if not planned:
        return []
    return [(words["load"], shelter_load(row)), (words["state"], shelter_state(row))]
