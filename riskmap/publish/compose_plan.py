"""Layers and rows that an evacuation plan puts on a map.

A plan is any object with the frames ``groups``, ``assignments``, ``routes``
and ``shelters``, and perhaps ``closures`` and ``assumptions``; the numbers that
are printed are read from them, never computed again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import geopandas as gpd

from riskmap.errors import LayerError
from riskmap.publish.cells import (
    THIN_SPACE,
    metres_text,
    minutes_text,
    number_or_none,
    people_text,
)
from riskmap.publish.compose_layers import drawn, placed_rows, popup_of, records
from riskmap.publish.places import plain_text
from riskmap.publish.spec import MapLayer
from riskmap.publish.style import read_words, style
from riskmap.reasons import Reason
from riskmap.standards import reason_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import pyproj

    from riskmap.publish.places import Place

__all__ = [
    "PlanFrames",
    "Transfer",
    "closure_layer",
    "group_layer",
    "route_layers",
    "rows_by_id",
    "shelter_layer",
    "shelter_load",
    "shelter_state",
    "transfers",
]

_WARNED = frozenset({Reason.WRONG_HAZARD_TYPE, Reason.NO_ASSESSMENT})
_UNREACHED = frozenset(
    {Reason.INSUFFICIENT_DATA, Reason.CUT_OFF, Reason.TOO_FAR_FROM_ROAD}
)


class PlanFrames(Protocol):
    """What a plan must have to be drawn; columns as in docs/outputs.md."""

    @property
    def groups(self) -> gpd.GeoDataFrame:
        """The groups to be moved."""

    @property
    def assignments(self) -> pd.DataFrame:
        """One row for each group: its shelter, or the reason for none."""

    @property
    def routes(self) -> gpd.GeoDataFrame:
        """The routes from groups to shelters, in the direction of travel."""

    @property
    def shelters(self) -> pd.DataFrame:
        """The shelters with what is available and assigned."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One group of a map's place, with all that the plan says of it.

    Parameters
    ----------
    number
        Its number on the map and in the table, from 1.
    group_id
        Its id.
    name
        Its name, or its id where it has none.
    placed
        Whether it has a place to go to (a shelter, or friends, or a port).
    destination
        The shelter's name, the kind of placement, or why there is none.
    backup
        The name of the backup shelter; empty for none.
    reason
        The reason code.
    row
        Columns of the group and of its assignment.
    """

    number: int
    group_id: str
    name: str
    placed: bool
    destination: str
    backup: str
    reason: str
    row: Mapping[str, Any]


def transfers(
    plan: PlanFrames, place: Place, *, census_groups: pd.DataFrame | None = None
) -> list[Transfer]:
    """List the groups of a place, those without a shelter first.

    Parameters
    ----------
    plan
        The evacuation plan.
    place
        The village or township.
    census_groups
        The groups of the census, for names and phones that the plan's frame
        lacks; by ``group_id``.

    Returns
    -------
    list of Transfer
        One for each group of the place, numbered; none is left out.

    Raises
    ------
    LayerError
        If a frame of the plan lacks a column.
    """
    _insist(plan.groups, "plan.groups", ["group_id", "village_code"])
    _insist(plan.assignments, "plan.assignments", ["group_id", "shelter_id", "reason"])
    mine = plan.groups["village_code"].astype("string").isin(place.village_codes)
    groups = {plain_text(row["group_id"]): row for row in _plain(plan.groups[mine])}
    extra = {} if census_groups is None else rows_by_id(census_groups, "group_id")
    assigned = rows_by_id(plan.assignments, "group_id")
    names = _names(plan.shelters)
    found = []
    for group_id, row in groups.items():
        one = {**_known(extra.get(group_id, {})), **_known(row)}
        one |= _known(assigned.get(group_id, {"reason": Reason.INSUFFICIENT_DATA}))
        found.append(_transfer(group_id, one, names))
    found.sort(key=lambda one: (one.placed, one.group_id))
    return [replace(one, number=number) for number, one in enumerate(found, start=1)]


def _transfer(
    group_id: str, row: Mapping[str, Any], names: Mapping[str, str]
) -> Transfer:
    """Say where one group goes, or why it goes nowhere; its number comes later."""
    words = read_words()["marks"]
    shelter = plain_text(row.get("shelter_id"))
    reason = plain_text(row.get("reason")) or Reason.INSUFFICIENT_DATA.value
    placement = plain_text(row.get("placement"))
    elsewhere = not shelter and reason == Reason.OK and placement not in {"", "集中"}
    if shelter:
        where = plain_text(row.get("shelter_name")) or names.get(shelter, shelter)
    elif elsewhere:
        where = placement
    else:
        why = "" if reason == Reason.OK else f"：{reason_label(reason)}"
        where = f"{words['unplaced']}{why}"
    backup = plain_text(row.get("backup_shelter_id"))
    again = bool(shelter) and backup == shelter
    return Transfer(
        number=0,
        group_id=group_id,
        name=_short_name(row, group_id),
        placed=bool(shelter) or elsewhere,
        destination=where,
        backup=words["same_shelter"] if again else names.get(backup, backup),
        reason=reason,
        row=row,
    )


def _short_name(row: Mapping[str, Any], group_id: str) -> str:
    """Return a group's name without that of its village before it."""
    name = plain_text(row.get("name")) or group_id
    village = plain_text(row.get("village_name"))
    short = name.removeprefix(village)
    return short if village and len(short) > 1 else name


def group_layer(
    plan: PlanFrames, found: Sequence[Transfer], crs: pyproj.CRS
) -> MapLayer:
    """Make the layer of the groups, numbered as in the transfer table.

    Parameters
    ----------
    plan
        The evacuation plan; its groups give the places.
    found
        The groups of the map, from `transfers`.
    crs
        The CRS of the map.

    Returns
    -------
    MapLayer
        One point a group whose place is known.
    """
    known = {one.group_id: one for one in found}
    frame = placed_rows(plan.groups, crs)
    ids = frame["group_id"].map(plain_text)
    frame = frame[ids.isin(known)]
    mine = [known[plain_text(one)] for one in frame["group_id"]]
    return MapLayer(
        key="groups",
        label=read_words("layers")["layers"]["groups"]["label"],
        kind="point",
        emphasis="hero",
        frame=drawn(
            frame,
            styles=["group" if one.placed else "group_unplaced" for one in mine],
            labels=[
                f"{one.name} {_people_words(one.row.get('people'))}" for one in mine
            ],
            priority=[80 if one.placed else 85 for one in mine],
            keys=[one.group_id for one in mine],
            numbers=[str(one.number) for one in mine],
            popups=[popup_of(one.row, "groups", first=_orders(one)) for one in mine],
        ),
    )


def route_layers(
    plan: PlanFrames, found: Sequence[Transfer], crs: pyproj.CRS
) -> list[MapLayer]:
    """Make the layers of the routes: backups below, primary ones above.

    Parameters
    ----------
    plan
        The evacuation plan.
    found
        The groups of the map, from `transfers`.
    crs
        The CRS of the map.

    Returns
    -------
    list of MapLayer
        Those of the two that have rows.

    Raises
    ------
    LayerError
        If ``plan.routes`` lacks a column.
    """
    _insist(plan.routes, "plan.routes", ["group_id", "rank", "length_m", "time_min"])
    known = {one.group_id: one for one in found}
    frame = placed_rows(plan.routes, crs)
    frame = frame[frame["group_id"].map(plain_text).isin(known)]
    made = []
    for key, primary in (("routes_backup", False), ("routes", True)):
        part = frame[(frame["rank"] == 1) == primary]
        if len(part):
            made.append(_route_layer(key, part, known))
    return made


def _route_layer(
    key: str, frame: gpd.GeoDataFrame, known: Mapping[str, Transfer]
) -> MapLayer:
    """Make one of the two layers of routes."""
    entry = read_words("layers")["layers"][key]
    mine = [known[plain_text(one)] for one in frame["group_id"]]
    rows = records(frame.drop(columns=frame.active_geometry_name))
    return MapLayer(
        key=key,
        label=entry["label"],
        kind="route",
        emphasis="hero" if key == "routes" else "context",
        frame=drawn(
            frame,
            styles=["route" if key == "routes" else "route_backup"] * len(frame),
            labels=[_length_and_time(row) for row in rows],
            priority=entry["priority"],
            keys=[one.group_id for one in mine],
            numbers=[str(one.number) for one in mine],
            popups=[
                [*_orders(one), (entry["label"], _length_and_time(row))]
                for one, row in zip(mine, rows, strict=True)
            ],
        ),
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
        {**_known(row), **_known(planned.get(one, {}))}
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


def closure_layer(closures: gpd.GeoDataFrame) -> MapLayer:
    """Make the layer of the closed roads.

    Parameters
    ----------
    closures
        Road pieces in the CRS of the map; ``cause`` where known.

    Returns
    -------
    MapLayer
        Lines that are drawn with crosses.
    """
    lines = closures[closures.geom_type.isin(["LineString", "MultiLineString"])]
    rows = records(lines.drop(columns=lines.active_geometry_name))
    return MapLayer(
        key="closures",
        label=read_words("layers")["layers"]["closures"]["label"],
        kind="line",
        frame=drawn(
            lines,
            styles=["closure"] * len(lines),
            popups=[popup_of(row, "closures")[1:] for row in rows],
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


def _orders(one: Transfer) -> list[tuple[str, str]]:
    """Return what to do: where to go, how far, by when."""
    words = read_words()["transfer"]
    lines = [(words["shelter"], one.destination)]
    if one.placed and number_or_none(one.row.get("time_min")) is not None:
        lines.append((words["minutes"], minutes_text(one.row.get("time_min"))))
        lines.append((words["metres"], metres_text(one.row.get("length_m"))))
    if one.backup:
        lines.append((words["backup"], one.backup))
    return lines


def _people_words(value: object) -> str:
    """Return people with their unit, or that they are unknown."""
    words = read_words()
    if number_or_none(value) is None:
        return str(words["marks"]["people_unknown"])
    return f"{people_text(value)}{THIN_SPACE}{words['units']['people']}"


def _length_and_time(row: Mapping[str, Any]) -> str:
    """Return length and time as they stand beside a route."""
    units = read_words()["units"]
    metres = f"{metres_text(row.get('length_m'))}{THIN_SPACE}{units['metres']}"
    minutes = f"{minutes_text(row.get('time_min'))}{THIN_SPACE}{units['minutes']}"
    return f"{metres} · {minutes}"


def _names(shelters: pd.DataFrame) -> dict[str, str]:
    """Return the names of shelters by id."""
    return {
        key: plain_text(row.get("name")) or key
        for key, row in rows_by_id(shelters, "shelter_id").items()
    }


def rows_by_id(frame: pd.DataFrame, column: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a frame by id; of equal ids the first.

    Parameters
    ----------
    frame
        Any frame; geometry is left out.
    column
        The column of the ids.

    Returns
    -------
    dict
        Empty where the column is missing.
    """
    rows = _plain(frame) if column in frame.columns else []
    return {plain_text(row[column]): row for row in reversed(rows)}


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame without its geometry."""
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name:
        return records(frame.drop(columns=frame.active_geometry_name))
    return records(frame)


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of a row that are not missing."""
    return {name: cell for name, cell in row.items() if plain_text(cell)}


def _insist(frame: pd.DataFrame, name: str, columns: Sequence[str]) -> None:
    """Raise if a frame lacks a column."""
    missing = [one for one in columns if one not in frame.columns]
    if missing:
        msg = f"{name} lacks the column {', '.join(missing)}"
        raise LayerError(msg)
