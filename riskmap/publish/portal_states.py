"""How each village stands, as the portal says it: in words, figures and colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from riskmap.publish.web import web_words
from riskmap.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.atlas import Atlas

__all__ = [
    "STATE_COLOURS",
    "VillageState",
    "cell_text",
    "overview",
    "state_words",
    "village_states",
]

STATE_COLOURS = {
    "unplaced": "#E08A84",
    "unknown": "#E3E0DA",
    "done": "#BFDCCB",
    "idle": "#F3EEE2",
}
"""The colour of each state, from the worst to the quietest."""

_WIDTH = 1120.0
_TALLEST = 0.56
_NAME = 13.0


@dataclass(frozen=True, slots=True)
class VillageState:
    """What the row of one village in the portal says.

    Parameters
    ----------
    code, name, township_code, township
        Which village it is.
    population
        Residents; None where unknown.
    to_move, placed, unplaced
        People of the plan; None without a plan.
    unknown_groups
        Groups whose people are unknown, so that the sums are lower bounds.
    state
        A key of `STATE_COLOURS`.
    """

    code: str
    name: str
    township_code: str
    township: str
    population: int | None
    to_move: int | None
    placed: int | None
    unplaced: int | None
    unknown_groups: int
    state: str

    @property
    def text(self) -> str:
        """The state in words."""
        words, least = web_words()["portal"], "≥" if self.unknown_groups else ""
        return words[f"state_{self.state}"].format(people=f"{least}{self.unplaced}")


def village_states(atlas: Atlas) -> list[VillageState]:
    """Say how each village stands, from the frames that the maps show.

    Parameters
    ----------
    atlas
        The publication.

    Returns
    -------
    list of VillageState
        In the order of townships and codes; last, under the names of their
        groups, the people whose village is not in the list. Without a plan, or
        where the people of a group are unknown, the state is ``"unknown"``:
        never that of a village whose people are all placed.
    """
    people = _people_by_village(atlas)
    rows = atlas.layers["villages"].to_dict("records")
    states = [_state({str(k): v for k, v in row.items()}, people) for row in rows]
    states.sort(key=lambda one: (one.township_code, one.code))
    return states + _strays(atlas, {one.code for one in states}, people)


def _strays(
    atlas: Atlas, listed: set[str], people: Mapping[str, tuple[int, int, int]] | None
) -> list[VillageState]:
    """Say how those stand whose village is not in the list, if there are any."""
    plan = atlas.plan
    if plan is None or people is None or not set(people) - listed:
        return []
    codes = plan.groups["village_code"].astype(str)
    names = plan.groups.loc[~codes.isin(listed), "name"].dropna().astype(str)
    sums = [counts for code, counts in people.items() if code not in listed]
    moved, placed, unknown = (sum(column) for column in zip(*sums, strict=True))
    name = web_words()["portal"]["no_village"].format(groups="、".join(names))
    row = {"village_code": "", "name": name}
    return [_state(row, {"": (moved, placed, unknown)})]


def state_words() -> dict[str, str]:
    """Return each state in words, without figures.

    Returns
    -------
    dict
        By the keys of `STATE_COLOURS`.
    """
    words = web_words()["portal"]
    return {
        one: words["unplaced"] if one == "unplaced" else words[f"state_{one}"]
        for one in STATE_COLOURS
    }


def overview(
    villages: gpd.GeoDataFrame,
    states: Sequence[VillageState],
    links: Mapping[str, str],
) -> dict[str, Any]:
    """Lay the villages out as shapes of one small drawing.

    Parameters
    ----------
    villages
        Polygons or points, any CRS.
    states
        The villages to draw.
    links
        The page of each village, by its code.

    Returns
    -------
    dict
        ``width``, ``height`` and ``shapes``, each with ``path`` (SVG; None for a
        point), ``x``, ``y``, ``state``, ``fill``, ``name``, ``label`` (empty
        where the name has no room), ``tip`` and ``href``.
    """
    by_code = {one.code: one for one in states}
    frame = villages[~(villages.geometry.isna() | villages.geometry.is_empty)]
    frame = frame[frame["village_code"].astype(str).isin(by_code)]
    if frame.empty:
        return {"width": 0, "height": 0, "shapes": []}
    frame = frame.to_crs(frame.estimate_utm_crs())
    west, south, east, north = (float(one) for one in frame.total_bounds)
    scale = _WIDTH / max(east - west, (north - south) / _TALLEST, 1.0)
    placed = frame.geometry.affine_transform(
        [scale, 0, 0, -scale, -west * scale, north * scale]
    )
    shapes = [
        _shape(by_code[code], shape, links.get(code))
        for code, shape in zip(frame["village_code"].astype(str), placed, strict=True)
    ]
    return {
        "width": round((east - west) * scale) + 24,
        "height": round((north - south) * scale) + 24,
        "shapes": shapes,
    }


def cell_text(cell: object) -> str:
    """Return a cell as text; a missing one is empty.

    Parameters
    ----------
    cell
        Any scalar.

    Returns
    -------
    str
        Whole numbers without decimals.
    """
    if cell is None or cell is pd.NA or cell is pd.NaT or cell != cell:  # noqa: PLR0124
        return ""
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else f"{cell:.1f}"
    return str(cell)


def _shape(one: VillageState, shape: BaseGeometry, href: str | None) -> dict[str, Any]:
    """Describe one village of the drawing."""
    simple = shapely.simplify(shape, 1.2)
    inside = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
    rings = [
        " ".join(f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1])
        for part in shapely.get_parts(simple)
        for ring in shapely.get_rings(part)
    ]
    return {
        "path": "".join(f"M{ring}Z" for ring in rings) or None,
        "x": round(float(inside[0]), 1),
        "y": round(float(inside[1]), 1),
        "state": one.state,
        "fill": STATE_COLOURS[one.state],
        "name": one.name,
        "label": one.name if _has_room(one.name, simple) else "",
        "tip": f"{one.name} {one.text}",
        "href": href,
    }


def _has_room(name: str, shape: BaseGeometry) -> bool:
    """Tell whether a name is not much wider than its village; points have room."""
    west, south, east, north = shape.bounds
    wide = _NAME * len(name)
    return shape.area == 0 or (east - west > wide * 0.8 and north - south > _NAME)


def _people_by_village(atlas: Atlas) -> dict[str, tuple[int, int, int]] | None:
    """Sum the plan's assignments by village: people, placed, unknown groups."""
    plan = atlas.plan
    if plan is None:
        return None
    where = plan.groups.set_index("group_id")["village_code"].astype(str)
    rows = plan.assignments
    people = pd.to_numeric(rows["people"], errors="coerce").astype("Float64")
    placed = rows["reason"].astype(str) == Reason.OK
    table = pd.DataFrame(
        {
            "code": rows["group_id"].map(where),
            "people": people.fillna(0).astype(int),
            "placed": people.where(placed, 0).fillna(0).astype(int),
            "unknown": people.isna().astype(int),
        }
    )
    sums = table.groupby("code")[["people", "placed", "unknown"]].sum()
    return {
        str(code): (int(moved), int(stays), int(lost))
        for code, moved, stays, lost in sums.itertuples(name=None)
    }


def _state(
    row: Mapping[str, Any], people: Mapping[str, tuple[int, int, int]] | None
) -> VillageState:
    """Say how one village stands."""
    code = str(row["village_code"])
    planned = people is not None
    moved, placed, unknown = (people or {}).get(code, (0, 0, 0))
    if people is None:
        state = "unknown"
    elif moved > placed:
        state = "unplaced"
    elif unknown:
        state = "unknown"
    else:
        state = "done" if code in people else "idle"
    population = cell_text(row.get("population"))
    return VillageState(
        code=code,
        name=cell_text(row.get("name")) or code,
        township_code=cell_text(row.get("township_code")),
        township=cell_text(row.get("township_name")),
        population=int(population) if population else None,
        to_move=moved if planned else None,
        placed=placed if planned else None,
        unplaced=moved - placed if planned else None,
        unknown_groups=unknown,
        state=state,
    )
