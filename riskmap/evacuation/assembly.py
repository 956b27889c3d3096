"""Assembly points: where they are, how far, and whether they are safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from riskmap.crs import crs_of
from riskmap.evacuation.demand import has_place, inside_of
from riskmap.reasons import Reason
from riskmap.routing import shortest_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskmap.evacuation.case import Case

__all__ = ["ASSEMBLY_COLUMNS", "assembly_points"]

ASSEMBLY_COLUMNS = (
    *("group_id", "assembly_point", "people", "distance_m", "time_min", "reason"),
    "geometry",
)


def assembly_points(
    case: Case,
    places: gpd.GeoDataFrame | None,
    *,
    zones: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Find the assembly point of each group that names one.

    Parameters
    ----------
    case
        What the plan is made of.
    places
        Points with ``name``, and ``group_id`` or ``village_code`` where one
        name stands for several places; any CRS. None = no place is known.
    zones
        Polygons of danger in the CRS of the groups; None = none.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a group with an assembly point: ``distance_m`` and ``time_min``
        from where the group stands; ``reason`` ``ok``, ``insufficient_data``
        (no place of that name), ``crosses_hazard`` (it stands in a zone that the
        group does not stand in) or ``cut_off`` (no open way). Geometry: the
        point, null where unknown; in the CRS of the groups.
    """
    rows = case.groups[case.groups["assembly_point"].notna()].reset_index(drop=True)
    spots = None if places is None else places.to_crs(crs_of(case.groups))
    homes = dict(zip(case.groups["group_id"], case.groups["village_code"], strict=True))
    shapes = np.array(
        [_find(row, spots, homes) for row in rows.to_dict("records")], object
    )
    table = gpd.GeoDataFrame(
        rows[["group_id", "assembly_point", "people"]].assign(
            distance_m=np.nan, time_min=np.nan, reason=str(Reason.INSUFFICIENT_DATA)
        ),
        geometry=shapes, crs=case.groups.crs,
    )  # fmt: skip
    known = np.flatnonzero(has_place(table) & has_place(rows))
    if len(known):
        points = table.iloc[known][["geometry"]].reset_index(drop=True)
        ways = shortest_paths(
            case.network, rows.iloc[known][["geometry"]].reset_index(drop=True), points
        )
        there, own = inside_of(points, zones), inside_of(rows.iloc[known], zones)
        risky = np.array([not a <= b for a, b in zip(there, own, strict=True)])
        reasons = np.where(
            risky, str(Reason.CROSSES_HAZARD), ways["reason"].to_numpy(object)
        )
        for column, values in (
            ("distance_m", ways["length_m"].to_numpy(float)),
            ("time_min", ways["time_min"].to_numpy(float)),
            ("reason", reasons),
        ):
            whole = table[column].to_numpy().copy()
            whole = whole.astype(object) if column == "reason" else whole.astype(float)
            whole[known] = values
            table[column] = whole
    return table[list(ASSEMBLY_COLUMNS)]


def _find(
    row: dict, places: gpd.GeoDataFrame | None, homes: Mapping[object, object]
) -> object:
    """Return the place of a group's assembly point, None where it is not clear.

    A place of the same name that belongs to another village is not meant.
    """
    if places is None or "name" not in places:
        return None
    named = places[places["name"].eq(row["assembly_point"])]
    columns = named.reindex(columns=["group_id", "village_code"]).astype(object)
    own = columns["group_id"].eq(row["group_id"])
    if own.any():
        named = named[own]
    else:
        of_group = columns["group_id"].map(homes.get)
        village = columns["village_code"].where(
            columns["village_code"].notna(), of_group
        )
        same = village.eq(row["village_code"])
        named = named[same if same.any() else village.isna()]
    named = named[has_place(named)]
    return named.geometry.iloc[0] if len(named) == 1 else None
