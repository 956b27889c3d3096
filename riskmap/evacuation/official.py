"""Official routes: kept where they are open, and if not, why they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from riskmap.crs import same_crs
from riskmap.errors import LayerError, first_few
from riskmap.evacuation.along import legs_along
from riskmap.evacuation.demand import inside_of
from riskmap.reasons import Reason

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.routing import Network

__all__ = ["official_routes"]

# Longer within a zone or on a closed piece than this is through it.
_TOUCH_M = 1.0
# An end farther from its group or shelter than this belongs to something else.
_DOOR_M = 500.0


def official_routes(
    planned: gpd.GeoDataFrame | None,
    groups: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    *,
    network: Network,
    zones: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    """Check the official route of each group that has one.

    Parameters
    ----------
    planned
        ``planned_route_id``, ``group_id``, ``shelter_id`` or ``shelter_name``,
        lines in the CRS of `groups`, in either direction; None = none. Of a
        group's several, the first open one counts.
    groups, shelters
        As the plan has them.
    network
        With its closures.
    zones
        Polygons of danger in the CRS of `groups`; None = none.

    Returns
    -------
    pandas.DataFrame
        One row a group with an official route: ``group`` and ``shelter``
        (positions; -1 for a shelter nobody knows), ``planned_route_id``,
        ``geometry`` (from door to door in the CRS of `network`, None where
        it cannot be used), ``replaced``: null where it is open, else
        ``insufficient_data``, ``too_far_from_road`` (it ends elsewhere),
        ``crosses_hazard`` or ``cut_off`` (a piece of it is closed); and for
        open ones ``length_m``, ``time_min`` and ``access_m`` (off the road).

    Raises
    ------
    LayerError
        If a column is missing.
    CrsError
        If the CRS differ.
    """
    columns = [
        "group", "shelter", "planned_route_id", "geometry", "replaced", "length_m",
        "time_min", "access_m",
    ]  # fmt: skip
    if planned is None or not len(planned):
        return pd.DataFrame(columns=columns)
    same_crs(groups, planned)
    missing = [c for c in ("planned_route_id", "group_id") if c not in planned]
    if missing:
        msg = f"planned_routes have no column {first_few(missing)}"
        raise LayerError(msg)
    metric = [frame.to_crs(network.crs) for frame in (groups, shelters, planned)]
    danger = None if zones is None else zones.to_crs(network.crs)
    check = _Check(*metric[:2], closures=network.closures(), zones=danger)
    rows = [check.one(route) for route in metric[2].to_dict("records")]
    found = [row for row in rows if row is not None]
    table = pd.DataFrame(found, columns=columns).astype(
        {"geometry": object, "replaced": object}
    )
    table["replaced"] = table["replaced"].where(table["replaced"].notna(), None)
    table["shut"] = table["replaced"].notna()
    table = table.sort_values(["group", "shut"], kind="stable")
    table = table.drop_duplicates("group").drop(columns="shut").reset_index(drop=True)
    return _walked(network, table)


def _walked(network: Network, table: pd.DataFrame) -> pd.DataFrame:
    """Add metres and minutes to the routes that are open."""
    for row, line in table.loc[table["replaced"].isna(), "geometry"].items():
        legs = legs_along(network, line)
        off = legs["road_id"].isna()
        table.loc[row, ["length_m", "time_min", "access_m"]] = [
            line.length,
            float(legs["time_min"].sum()),
            float(legs.loc[off, "length_m"].sum()),
        ]
    return table


class _Check:
    """Groups, shelters, closures and zones in one metric CRS."""

    def __init__(
        self,
        groups: gpd.GeoDataFrame,
        shelters: gpd.GeoDataFrame,
        *,
        closures: gpd.GeoDataFrame,
        zones: gpd.GeoDataFrame | None,
    ) -> None:
        self.group_of = {code: row for row, code in enumerate(groups["group_id"])}
        self.by_id = {code: row for row, code in enumerate(shelters["shelter_id"])}
        named = shelters["name"].reset_index(drop=True)
        single = named[named.notna() & ~named.duplicated(keep=False)]
        rows = named.index.get_indexer(single.index)
        self.by_name = dict(zip(single, map(int, rows), strict=True))
        self.group_points = groups.geometry.to_numpy()
        self.shelter_points = shelters.geometry.to_numpy()
        self.standing = inside_of(groups, zones)
        self.own_names = [
            set(filter(None, s.split("、"))) for s in groups["standing_in"]
        ]
        self.zones = np.array([], dtype=object)
        if zones is not None:
            self.zones = zones.geometry.to_numpy()
        self.closed = closures.geometry.to_numpy()
        self.closed_by = [set(str(one).split("、")) for one in closures["zone_id"]]

    def one(self, route: dict[Any, Any]) -> dict[str, Any] | None:
        """Check one route; None where its group does not move."""
        group = self.group_of.get(str(route["group_id"]))
        if group is None:
            return None
        shelter = self._shelter(route)
        line, replaced = self._line(route["geometry"], group, shelter)
        if line is not None:
            replaced = self._shut(line, group)
        return {
            "group": group,
            "shelter": shelter,
            "planned_route_id": str(route["planned_route_id"]),
            "geometry": line,
            "replaced": replaced,
        }

    def _shelter(self, route: dict[Any, Any]) -> int:
        """Find the shelter by id, else by a name that only one has."""
        code, name = route.get("shelter_id"), route.get("shelter_name")
        if isinstance(code, str) and code in self.by_id:
            return self.by_id[code]
        return self.by_name.get(name, -1) if isinstance(name, str) else -1

    def _line(
        self,
        geometry: Any,  # noqa: ANN401
        group: int,
        shelter: int,
    ) -> tuple[shapely.LineString | None, str | None]:
        """Return the line from door to door, or why there is none."""
        ends = self.group_points[group], self.shelter_points[shelter]
        unknown = shelter < 0 or any(p is None or p.is_empty for p in ends)
        if geometry is None or geometry.is_empty or unknown:
            return None, str(Reason.INSUFFICIENT_DATA)
        whole = shapely.line_merge(shapely.force_2d(geometry))
        if whole.geom_type != "LineString":
            return None, str(Reason.INSUFFICIENT_DATA)
        xy = shapely.get_coordinates(whole)
        first, last = (shapely.get_coordinates(p)[0] for p in ends)
        there = np.hypot(*(xy[0] - first)) + np.hypot(*(xy[-1] - last))
        back = np.hypot(*(xy[-1] - first)) + np.hypot(*(xy[0] - last))
        if back < there:
            xy = xy[::-1]
        gaps = np.hypot(*(xy[0] - first)), np.hypot(*(xy[-1] - last))
        if max(gaps) > _DOOR_M:
            return None, str(Reason.TOO_FAR_FROM_ROAD)
        return shapely.LineString(np.vstack([first, xy, last])), None

    def _shut(self, line: shapely.LineString, group: int) -> str | None:
        """Return why a route cannot be walked, or None."""
        own = np.isin(np.arange(len(self.zones)), list(self.standing[group]))
        inside = shapely.intersection(line, shapely.union_all(self.zones[own]))
        through = shapely.intersection(line, shapely.union_all(self.zones[~own]))
        again = shapely.length(_after_leaving(line, inside))
        if max(again, shapely.length(through)) > _TOUCH_M:
            return str(Reason.CROSSES_HAZARD)
        for row in _near(self.closed, line):
            if self.closed_by[row] <= self.own_names[group]:
                continue
            piece = shapely.buffer(self.closed[row], 0.5, cap_style="flat")
            if shapely.length(shapely.intersection(line, piece)) > _TOUCH_M:
                return str(Reason.CUT_OFF)
        return None


def _after_leaving(line: shapely.LineString, inside: Any) -> Any:  # noqa: ANN401
    """Return what of a line lies in its own zone again after it has left it."""
    parts = [p for p in shapely.get_parts(inside) if p.length > _TOUCH_M]
    later = [p for p in parts if _begins(line, p) > _TOUCH_M]
    return shapely.union_all(later)


def _begins(line: shapely.LineString, part: shapely.LineString) -> float:
    """Return how far along a line a part of it begins, metres."""
    ends = shapely.points(shapely.get_coordinates(part)[[0, -1]])
    return float(shapely.line_locate_point(line, ends).min())


def _near(shapes: NDArray[np.object_], line: shapely.LineString) -> list[int]:
    """Return the rows of the shapes that come near a line."""
    if not len(shapes):
        return []
    return [
        int(row)
        for row in shapely.STRtree(shapes).query(
            line, predicate="dwithin", distance=0.5
        )
    ]
