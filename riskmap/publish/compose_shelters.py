"""The layer of the shelters: what each can take, and what a plan asks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from riskmap.crs import crs_of
from riskmap.publish.cells import (
    THIN_SPACE,
    number_or_none,
    people_text,
)
from riskmap.publish.layerframes import drawn, placed_rows, popup_of, records
from riskmap.publish.places import plain_text
from riskmap.publish.planframes import PlanFrames, known_cells, plain_rows, rows_by_id
from riskmap.publish.spec import MapLayer
from riskmap.publish.style import read_words, style
from riskmap.reasons import Reason
from riskmap.standards import meant_for, reason_label, shelter_capacity

if TYPE_CHECKING:
    from collections.abc import Mapping

    States = Mapping[str, Mapping[str, Any]]
    Frames = Mapping[str, gpd.GeoDataFrame]


__all__ = ["shelter_layer", "shelter_load", "shelter_state", "shelter_states"]

_ZONES = ("risk_zones", "flood_zones")
_WARNED = frozenset({Reason.WRONG_HAZARD_TYPE, Reason.NO_ASSESSMENT})
_UNREACHED = frozenset(
    {Reason.INSUFFICIENT_DATA, Reason.CUT_OFF, Reason.TOO_FAR_FROM_ROAD}
)


def shelter_states(
    shelters: gpd.GeoDataFrame, frames: Frames, plan: PlanFrames | None
) -> States:
    """Say of each shelter how it stands: by the plan, else by what the census tells.

    Parameters
    ----------
    shelters
        The shelters to judge, in the CRS of the map; ``shelter_id``.
    frames
        The layers of the census; its zones of danger judge the places.
    plan
        The evacuation plan, or None where there is none.

    Returns
    -------
    mapping
        Cells by id: ``available_people`` and ``reason``, with a plan also
        ``assigned_people`` and the rest of its row. Where no plan and no zones
        are known nothing is said of any: whether it is safe is not checked.
    """
    if plan is not None:
        return rows_by_id(plan.shelters, "shelter_id")
    zones = [
        placed_rows(frames[one], crs_of(shelters)) for one in _ZONES if one in frames
    ]
    if not zones or shelters.empty or "shelter_id" not in shelters.columns:
        return {}
    danger = gpd.GeoDataFrame(pd.concat(zones, ignore_index=True), crs=shelters.crs)
    found = shelter_capacity(shelters, zones=danger)
    kinds = set() if "hazard" not in danger.columns else set(danger["hazard"].dropna())
    meant = meant_for(shelters, sorted(map(str, kinds)))
    wrong = ~meant & found["reason"].ne(Reason.SHELTER_AT_RISK).to_numpy()
    found.loc[wrong, "available_people"] = 0
    found.loc[wrong, "reason"] = str(Reason.WRONG_HAZARD_TYPE)
    cells = plain_rows(found[["available_people", "reason"]])
    ids = map(plain_text, shelters["shelter_id"])
    return dict(zip(ids, cells, strict=True))


def shelter_layer(
    shelters: gpd.GeoDataFrame,
    states: States,
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
    states
        How each stands, from `shelter_states`.
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
    rows = records(shelters)
    ids = [plain_text(row.get("shelter_id")) for row in rows]
    merged = [
        {**known_cells(row), **known_cells(states.get(one, {}))}
        for one, row in zip(ids, rows, strict=True)
    ]
    styles = [_shelter_style(row) for row in merged]
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
                _shelter_label(row)
                if not used or one in used or own is None or one in own
                else None
                for one, row in zip(ids, merged, strict=True)
            ],
            priority=[entry["priority"] - (0 if one in used else 32) for one in ids],
            keys=ids,
            sizes=[1.0 if one in used or not used else 0.8 for one in ids],
            popups=[
                popup_of(row, "shelters", first=_load_lines(row)) for row in merged
            ],
        ),
    )


def shelter_state(row: Mapping[str, Any]) -> str:
    """Return the Chinese word for the state of a shelter.

    Parameters
    ----------
    row
        One row of a plan's shelters, or from `shelter_states`.

    Returns
    -------
    str
        The label of its reason code; 已排满 where a plan fills it; 未核 where
        nothing is said of it.
    """
    available = number_or_none(row.get("available_people"))
    assigned = number_or_none(row.get("assigned_people"))
    marks = read_words()["marks"]
    if available and assigned is not None and assigned >= available:
        filled: str = marks["filled"]
        return filled
    return reason_label(plain_text(row.get("reason"))) or str(marks["not_checked"])


def shelter_load(row: Mapping[str, Any]) -> str:
    """Return how many a shelter takes, of how many it can.

    Parameters
    ----------
    row
        One row of a plan's shelters, or from `shelter_states`.

    Returns
    -------
    str
        ``已排/可用``; a dash for 已排 where no plan says it, 容量未知 where the
        room is unknown.
    """
    words = read_words()["marks"]
    planned = "assigned_people" in row
    assigned = number_or_none(row.get("assigned_people")) or 0.0
    taken = str(round(assigned)) if planned else str(words["none"])
    if number_or_none(row.get("available_people")) is None:
        unknown: str = words["capacity_unknown"]
        return f"{taken}/{unknown}" if assigned else unknown
    return f"{taken}/{people_text(row.get('available_people'))}"


def _shelter_style(row: Mapping[str, Any]) -> str:
    """Choose the sign of a shelter by its state."""
    reason = plain_text(row.get("reason"))
    if not reason and "available_people" not in row:
        return "shelter_unchecked"
    available = number_or_none(row.get("available_people"))
    assigned = number_or_none(row.get("assigned_people"))
    if reason == Reason.SHELTER_AT_RISK or (available is not None and available <= 0):
        return "shelter_unsafe"
    if available is None or reason in _UNREACHED:
        return "shelter_unknown"
    if reason in _WARNED:
        return "shelter_doubtful"
    full = assigned is not None and assigned >= available
    return "shelter_full" if full else "shelter"


def _shelter_legend(row: Mapping[str, Any], name: str) -> str:
    """Return the legend's words of a shelter: as a county calls it, and its state."""
    own, label = style("shelter").label, style(name).label
    if name == "shelter_doubtful":
        return f"{own}（{shelter_state(row)}）"
    usual: str = read_words("layers")["layers"]["shelters"]["label"]
    return own + label.removeprefix(usual) if label.startswith(usual) else label


def _shelter_label(row: Mapping[str, Any]) -> str:
    """Return a shelter's name and its load, or what it can take."""
    name = plain_text(row.get("name")) or plain_text(row.get("shelter_id"))
    words = read_words()
    marks, unit = words["marks"], words["units"]["people"]
    available = number_or_none(row.get("available_people"))
    if available and "assigned_people" in row:
        return f"{name}\n{shelter_load(row)}{unit}"
    if plain_text(row.get("reason")) and not available:
        return f"{name}\n{shelter_state(row)}"
    declared = number_or_none(row.get("declared_people"))
    room = declared if available is None else available
    if room is None:
        return f"{name}\n{marks['capacity']}{marks['unknown']}"
    return f"{name}\n{marks['capacity']}{round(room)}{THIN_SPACE}{unit}"


def _load_lines(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a popup says first of a shelter."""
    words = read_words()["shelters"]
    state = [(words["state"], shelter_state(row))]
    return [(words["load"], shelter_load(row)), *state] if "reason" in row else state
