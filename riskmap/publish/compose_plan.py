"""Layers and rows that an evacuation plan puts on a map.

A plan is any object with the frames ``groups``, ``assignments``, ``routes``
and ``shelters``, and perhaps ``closures`` and ``assumptions``; the numbers that
are printed are read from them, never computed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmap.publish.cells import (
    THIN_SPACE,
    metres_text,
    minutes_text,
    number_or_none,
    people_text,
)
from riskmap.publish.layerframes import drawn, placed_rows, popup_of, records
from riskmap.publish.places import plain_text
from riskmap.publish.planframes import PlanFrames, insist_columns
from riskmap.publish.spec import MapLayer
from riskmap.publish.style import read_words
from riskmap.publish.transfers import Transfer, orders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pyproj


__all__ = ["closure_layer", "group_layer", "route_layers"]


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
            labels=[_group_label(one) for one in mine],
            priority=[80 if one.placed else 85 for one in mine],
            keys=[one.group_id for one in mine],
            numbers=[str(one.number) for one in mine],
            popups=[
                popup_of(
                    {**one.row, "assembly_point": None}, "groups", first=orders(one)
                )
                for one in mine
            ],
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
    insist_columns(
        plan.routes, "plan.routes", ["group_id", "rank", "length_m", "time_min"]
    )
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
            goals=[one.destination if key == "routes" else one.backup for one in mine],
            popups=[
                [*orders(one), (entry["label"], _length_and_time(row))]
                for one, row in zip(mine, rows, strict=True)
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


def _group_label(one: Transfer) -> str:
    """Name a group by number, its people, and where it goes without a route."""
    number = read_words()["marks"]["number"].format(number=one.number)
    label = f"{number} {one.name} {_people_words(one.row.get('people'))}"
    elsewhere = one.placed and not plain_text(one.row.get("shelter_id"))
    return f"{label}\n{one.destination}" if elsewhere else label


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
