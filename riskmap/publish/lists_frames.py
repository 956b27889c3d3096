"""Lists as frames: duties and evacuation, ready to print.

The same frames become the PDF lists, the workbooks and the tables beside the
maps, so that none can say what another does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.publish.cells import (
    contact_text,
    metres_text,
    minutes_text,
    or_dash,
    or_unknown,
    people_text,
    time_text,
)
from riskmap.publish.layerframes import context_frames
from riskmap.publish.places import find_place, plain_text
from riskmap.publish.planframes import plain_rows
from riskmap.publish.style import read_words
from riskmap.publish.transfers import transfers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd

    from riskmap.publish.places import Place
    from riskmap.publish.planframes import PlanFrames
    from riskmap.publish.transfers import Transfer

    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = [
    "duty_list",
    "duty_rows",
    "evacuation_list",
    "transfer_rows",
]

_OWNED = (
    "hazard_points",
    "risk_zones",
    "flood_zones",
    "reservoirs",
    "shelters",
    "teams",
    "supplies",
    "groups",
)


def duty_list(
    villages: gpd.GeoDataFrame,
    *,
    village: str | None = None,
    township: str | None = None,
    layers: Frames | None = None,
    **more: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """List who is responsible for what in a village or township (责任清单).

    Parameters
    ----------
    villages
        As for `draw_risk_map`.
    village, township
        A name or a code; exactly one of the two.
    layers
        Frames by the names of canonical layers; ``duties`` and every layer
        with ``responsible_a`` count.
    **more
        The same as keywords.

    Returns
    -------
    pandas.DataFrame
        Text under Chinese headings: 岗位, 角色, 姓名, 电话, 负责对象. An owner
        that an object lacks is a row that says 未提供.

    Raises
    ------
    LayerError
        If the place or a layer's name is unknown.
    """
    place = find_place(villages, village=village, township=township)
    return duty_rows(place, context_frames(layers, more))


def duty_rows(place: Place, frames: Frames, *, objects: bool = True) -> pd.DataFrame:
    """List the duties of a place: posts first, then owners of objects.

    Parameters
    ----------
    place
        The village or township.
    frames
        Frames by the names of canonical layers.
    objects
        Whether to list the owners of objects too.

    Returns
    -------
    pandas.DataFrame
        As `duty_list`.
    """
    words = read_words()["duty"]
    lines = list(_posts(place, frames))
    if objects or not lines:
        for layer in _OWNED:
            lines.extend(_owners(place, frames, layer))
    headings = [words[one] for one in ("post", "role", "name", "phone", "scope")]
    frame = pd.DataFrame(lines, columns=headings, dtype="object")
    return frame.drop_duplicates(ignore_index=True)


def own_rows(place: Place, frame: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """Return the rows of a layer that belong to a place by their code.

    Parameters
    ----------
    place
        The village or township.
    frame
        Any layer; None counts as empty.

    Returns
    -------
    list of dict
        In the order of the frame.
    """
    if frame is None:
        return []
    of_township = place.code if place.level == "township" else ""
    mine = [
        village in place.village_codes if village else township == of_township != ""
        for village, township in _codes(frame)
    ]
    return plain_rows(frame.iloc[np.flatnonzero(mine)])


def _codes(frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Give the codes of village and township of each row, empty where unknown."""
    columns = [
        [plain_text(one) for one in frame[name]]
        if name in frame.columns
        else [""] * len(frame)
        for name in ("village_code", "township_code")
    ]
    return zip(*columns, strict=True)


def _posts(place: Place, frames: Frames) -> Iterator[tuple[str, ...]]:
    """Give the posts of the place, then those of its township."""
    duties = frames.get("duties")
    if duties is None:
        return
    words = read_words()["marks"]
    township = place.township_code if place.level == "village" else ""
    above = [not one and other == township != "" for one, other in _codes(duties)]
    shared = plain_rows(duties.iloc[np.flatnonzero(above)])
    for row in [*own_rows(place, duties), *shared]:
        yield (
            or_dash(row.get("post")),
            or_dash(row.get("role")),
            plain_text(row.get("name")) or words["not_given"],
            plain_text(row.get("phone")) or words["not_given"],
            plain_text(row.get("scope")) or place.name,
        )


def _owners(place: Place, frames: Frames, layer: str) -> Iterator[tuple[str, ...]]:
    """Give the A and B owners of each object of a layer."""
    words = read_words()
    missing = words["marks"]["not_given"]
    for row in own_rows(place, frames.get(layer)):
        what = plain_text(row.get("name")) or or_unknown(row.get(f"{layer[:-1]}_id"))
        post = plain_text(row.get("post_a")) or words["owners"][layer]
        yield (
            post,
            words["duty"]["role_a"],
            plain_text(row.get("responsible_a")) or missing,
            plain_text(row.get("phone_a")) or missing,
            what,
        )
        if plain_text(row.get("responsible_b")):
            yield (
                plain_text(row.get("post_b")) or words["owners"][layer],
                words["duty"]["role_b"],
                plain_text(row.get("responsible_b")),
                plain_text(row.get("phone_b")) or missing,
                what,
            )


def transfer_rows(found: Sequence[Transfer], *, villages: bool = False) -> pd.DataFrame:
    """Lay the groups of a map out as the transfer table (避险转移表).

    Parameters
    ----------
    found
        The groups of the map, from `transfers`.
    villages
        Whether to name the village of each group.

    Returns
    -------
    pandas.DataFrame
        Text under Chinese headings, one row for each group, indexed by
        ``group_id``; no column of assembly points or departures without one.
    """
    words = read_words()["transfer"]
    lines = []
    for one in found:
        row = one.row
        line = {words["number"]: str(one.number), words["group"]: one.name}
        if villages:
            line[words["village"]] = or_dash(row.get("village"))
        line |= {
            words["people"]: people_text(row.get("people")),
            words["assembly"]: or_dash(one.assembly),
            words["shelter"]: one.destination,
            words["minutes"]: minutes_text(row.get("time_min")),
            words["metres"]: metres_text(row.get("length_m")),
            words["backup"]: or_dash(one.backup),
            words["departs_by"]: time_text(row.get("departs_by")),
            words["duty"]: contact_text(row, "responsible_a"),
            words["phone"]: contact_text(row, "phone_a"),
        }
        lines.append(line)
    index = pd.Index([one.group_id for one in found], name="group_id")
    frame = pd.DataFrame(lines, index=index, dtype="object")
    known = {
        "departs_by": any(plain_text(one.row.get("departs_by")) for one in found),
        "assembly": any(one.assembly for one in found),
    }
    empty = [words[name] for name, there in known.items() if not there]
    return frame.drop(columns=empty, errors="ignore")


def evacuation_list(
    plan: PlanFrames,
    villages: gpd.GeoDataFrame,
    *,
    village: str | None = None,
    township: str | None = None,
    layers: Frames | None = None,
    **more: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """List who moves from where to where, and who sees to it (避险转移清单).

    Parameters
    ----------
    plan
        The evacuation plan.
    villages
        As for `draw_route_map`.
    village, township
        A name or a code; exactly one of the two.
    layers
        Frames by the names of canonical layers; ``groups`` gives names,
        classes of people and owners.
    **more
        The same as keywords.

    Returns
    -------
    pandas.DataFrame
        Text under Chinese headings, one row for each group, those without a
        shelter first; missing people say 未知.

    Raises
    ------
    LayerError
        If the place, a layer's name or a column of the plan is unknown.
    """
    frames = context_frames(layers, more)
    place = find_place(villages, village=village, township=township)
    found = transfers(plan, place, census_groups=frames.get("groups"))
    words = read_words()["evacuation"]
    riders = _riders(plan)
    lines = [
        _evacuation_line(one, words, riders=riders.get(one.group_id, 0))
        for one in found
    ]
    columns = list(words.values())
    return pd.DataFrame(lines, columns=columns, dtype="object")


def _riders(plan: PlanFrames) -> dict[str, int]:
    """Return how many of each group ride in vehicles, where a plan has some."""
    trips = getattr(plan, "trips", None)
    if trips is None or not len(trips):
        return {}
    made = trips[trips["vehicle_id"].notna()]
    riders = made.groupby(made["group_id"].astype(str))["riders"].sum()
    return {str(group): int(count) for group, count in riders.items()}


def _transport(one: Transfer, riders: int) -> str:
    """Say how a group travels; nothing where it goes to no shelter."""
    words: dict[str, str] = read_words()["transport"]
    if not plain_text(one.row.get("shelter_id")):
        return ""
    return words["ride"].format(riders=riders) if riders else words["walk"]


def _evacuation_line(
    one: Transfer, words: Mapping[str, str], *, riders: int
) -> dict[str, str]:
    """Lay one group out as a row of the evacuation list."""
    row = one.row
    placed = bool(plain_text(row.get("shelter_id")))
    cells = {
        "number": str(one.number),
        "id": one.group_id,
        "village": or_dash(row.get("village")),
        "group": one.name,
        "category": or_dash(row.get("category")),
        "hazard": or_dash(row.get("hazard_id")),
        "trigger": or_dash(row.get("moves_at")),
        "people": people_text(row.get("people")),
        "elderly": people_text(row.get("elderly_people")),
        "children": people_text(row.get("children_people")),
        "disabled": people_text(row.get("disabled_people")),
        "placement": or_dash(row.get("placement")),
        "assembly": or_dash(one.assembly),
        "shelter": one.destination,
        "minutes": minutes_text(row.get("time_min")),
        "metres": metres_text(row.get("length_m")),
        "route": f"{one.group_id}-1" if placed else "",
        "transport": _transport(one, riders),
        "departs_by": time_text(row.get("departs_by")),
        "backup": or_dash(one.backup),
        "duty_a": or_dash(row.get("responsible_a")),
        "phone_a": or_dash(row.get("phone_a")),
        "duty_b": or_dash(row.get("responsible_b")),
        "phone_b": or_dash(row.get("phone_b")),
        "escort": "",
        "arrived": "",
        "returned": "",
        "remark": plain_text(row.get("remark")),
    }
    return {words[key]: cell for key, cell in cells.items()}
