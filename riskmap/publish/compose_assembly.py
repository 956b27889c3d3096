"""The layer of the assembly points: where the groups of a plan gather first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskmap.crs import crs_of
from riskmap.publish.cells import THIN_SPACE, metres_text, minutes_text
from riskmap.publish.lanes import number_ranges
from riskmap.publish.layerframes import drawn, has_place, placed_rows
from riskmap.publish.places import plain_text
from riskmap.publish.planframes import plain_rows
from riskmap.publish.spec import MapLayer
from riskmap.publish.style import read_words, style
from riskmap.reasons import Reason
from riskmap.standards import reason_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd
    import pyproj

    from riskmap.publish.planframes import PlanFrames
    from riskmap.publish.transfers import Transfer

__all__ = ["assembly_layer", "assembly_rows", "assembly_words", "unknown_assembly"]

_KEY = "assembly_points"


def assembly_words(name: object, reason: object) -> str:
    """Name an assembly point, and say why it must not be used.

    Parameters
    ----------
    name
        What the group calls it; missing for none.
    reason
        The plan's reason code; missing where the plan does not say.

    Returns
    -------
    str
        Empty for none. That its place is unknown is said of the map, not here.
    """
    words, code = plain_text(name), plain_text(reason)
    if not words or code in {"", Reason.OK, Reason.INSUFFICIENT_DATA}:
        return words
    return f"{words}（{_why(code)}）"


def _why(code: str) -> str:
    """Say in words why an assembly point must not be used."""
    own: Mapping[str, str] = read_words()["assembly"]
    return own.get(code) or reason_label(code)


def assembly_rows(
    plan: PlanFrames, found: Sequence[Transfer], crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return the assembly points of some groups whose place is known.

    Parameters
    ----------
    plan
        The evacuation plan; its frame ``assembly`` may be absent.
    found
        The groups, from `transfers`.
    crs
        The CRS to bring them into.

    Returns
    -------
    geopandas.GeoDataFrame
        A row a group, points, sorted by the groups' numbers.
    """
    frame = getattr(plan, "assembly", None)
    if frame is None or not len(frame) or not has_place(frame):
        return placed_rows(plan.groups.iloc[:0], crs)
    placed = placed_rows(frame, crs)
    numbers = {one.group_id: one.number for one in found}
    order = placed["group_id"].map(plain_text).map(numbers.get)
    rows = placed.assign(number=order)[order.notna()].sort_values("number")
    return rows.set_geometry(rows.geometry.representative_point())


def unknown_assembly(plan: PlanFrames, found: Sequence[Transfer]) -> int:
    """Count the groups whose assembly point has a name and no place.

    Parameters
    ----------
    plan
        The evacuation plan.
    found
        The groups, from `transfers`.

    Returns
    -------
    int
        0 where the plan does not say where assembly points are.
    """
    frame = getattr(plan, "assembly", None)
    if frame is None or not len(frame):
        return 0
    named = set(frame["group_id"].map(plain_text))
    placed = set(placed_rows(frame, crs_of(plan.groups))["group_id"].map(plain_text))
    return sum(one.group_id in named - placed for one in found)


def assembly_layer(
    plan: PlanFrames, found: Sequence[Transfer], crs: pyproj.CRS, *, named: bool
) -> MapLayer | None:
    """Make the layer of the assembly points of a map's groups.

    Parameters
    ----------
    plan
        The evacuation plan; its frame ``assembly`` may be absent.
    found
        The groups of the map, from `transfers`.
    crs
        The CRS of the map.
    named
        Whether to name them, with the numbers of the groups that gather there.

    Returns
    -------
    MapLayer or None
        One point a place, which is crossed out where a group that gathers there
        would stand in danger or cannot get there; None where no place is known.
    """
    rows = assembly_rows(plan, found, crs)
    if rows.empty:
        return None
    entry = read_words("layers")["layers"][_KEY]
    keys = [rows["assembly_point"].map(plain_text), rows.geometry.to_wkb()]
    parts = [part for _, part in rows.groupby(keys, sort=False)]
    whys = [_reasons(part) for part in parts]
    styles = [_style(part) for part in parts]
    return MapLayer(
        key=_KEY,
        label=entry["label"],
        kind="point",
        frame=drawn(
            rows.loc[[part.index[0] for part in parts]],
            styles=styles,
            labels=[_label(one) for one in parts] if named else None,
            priority=entry["priority"],
            legends=[
                f"{style('assembly').label}（{why}）" if why else style(name).label
                for name, why in zip(styles, whys, strict=True)
            ],
            popups=[_popup(part, found) for part in parts],
        ),
    )


def _style(part: pd.DataFrame) -> str:
    """Choose the sign of a place: the worst that holds for a group there."""
    codes = set(part["reason"].map(plain_text)) - {str(Reason.OK)}
    if codes == {str(Reason.INSUFFICIENT_DATA)}:
        return "assembly_unknown"
    return "assembly_unsafe" if codes else "assembly"


def _reasons(part: pd.DataFrame) -> str:
    """Say why a place must not be used; empty where all may."""
    codes = dict.fromkeys(part["reason"].map(plain_text))
    return "、".join(_why(one) for one in codes if one and one != Reason.OK)


def _label(part: pd.DataFrame) -> str:
    """Name a place, and the groups that gather there by their numbers."""
    name = plain_text(part["assembly_point"].iloc[0])
    return f"{name}（{number_ranges([int(one) for one in part['number']])}）"


def _popup(part: pd.DataFrame, found: Sequence[Transfer]) -> list[tuple[str, str]]:
    """Tell whose place it is, and how far each group has to go there."""
    words, names = read_words("layers")["fields"], {one.number: one for one in found}
    lines = [(words["name"], plain_text(part["assembly_point"].iloc[0]))]
    for row in plain_rows(part):
        one = names[int(row["number"])]
        lines.append((f"{one.number} {one.name}", _way(row)))
    return lines


def _way(row: Mapping[str, Any]) -> str:
    """Say how far a group has to go, or why it must not."""
    reason = plain_text(row.get("reason"))
    if reason != Reason.OK:
        return _why(reason)
    units = read_words()["units"]
    metres = f"{metres_text(row.get('distance_m'))}{THIN_SPACE}{units['metres']}"
    return (
        f"{metres} · {minutes_text(row.get('time_min'))}{THIN_SPACE}{units['minutes']}"
    )
