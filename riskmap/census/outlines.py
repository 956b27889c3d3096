"""Rules about areas: villages that overlap or leave gaps, zones in other villages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from riskmap.census.ledger import rule
from riskmap.crs import crs_of, metric_crs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from riskmap.census.part import Part

__all__ = ["check_outlines"]

_AREAS = ("Polygon", "MultiPolygon")
_ZONES = ("risk_zones", "flood_zones")


def check_outlines(parts: Mapping[str, Part]) -> None:
    """Apply the rules about areas.

    Parameters
    ----------
    parts
        The layers of one census; only their ledgers change.
    """
    if "villages" not in parts:
        return
    villages = parts["villages"]
    areas = villages.frame[villages.frame.geom_type.isin(_AREAS)]
    if areas.empty:
        return
    metric = areas.to_crs(metric_crs(areas))
    _overlaps(villages, metric)
    _gaps(villages, metric)
    for name in _ZONES:
        if name in parts:
            _zones_elsewhere(parts[name], metric)


def _overlaps(villages: Part, areas: gpd.GeoDataFrame) -> None:
    """Note villages whose outlines cover each other."""
    least = rule("overlapping_outlines")["least_m2"]
    shapes, names = areas.geometry.to_numpy(), areas["name"].to_numpy()
    left, right = areas.sindex.query(shapes, predicate="intersects")
    left, right = left[left > right], right[left > right]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    for one, other, area in zip(left, right, shared, strict=True):
        if area > least:
            words = {"value": names[one], "other": names[other], "area": f"{area:.0f}"}
            villages.note("overlapping_outlines", int(areas.index[one]), None, **words)


def _gaps(villages: Part, areas: gpd.GeoDataFrame) -> None:
    """Note ground that villages enclose and none of them has."""
    least = rule("outline_gap")["least_m2"]
    whole = shapely.get_parts(shapely.union_all(areas.geometry.to_numpy()))
    rings, _ = _inner_rings(whole)
    holes = shapely.polygons(rings)
    names = areas["name"].to_numpy()
    for hole in holes[shapely.area(holes) > least]:
        beside = areas.sindex.query(hole, predicate="intersects")
        words: dict[str, Any] = {
            "value": "、".join(str(one) for one in names[np.sort(beside)][:4]),
            "area": f"{hole.area:.0f}",
        }
        villages.note("outline_gap", int(areas.index[beside.min()]), None, **words)


def _inner_rings(shapes: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return the inner rings of polygons and whose they are."""
    rings, owner = shapely.get_rings(shapes, return_index=True)
    inner = np.append(False, owner[1:] == owner[:-1])
    return rings[inner], owner[inner]


def _zones_elsewhere(zones: Part, areas: gpd.GeoDataFrame) -> None:
    """Note zones that lie for the most part outside the village they name."""
    least = rule("zone_outside_village")["least_share"]
    outline = areas.drop_duplicates("village_code").set_index("village_code")
    crs = crs_of(areas)
    frame = zones.frame
    told = frame["village_code"].isin(outline.index) & ~frame.geometry.isna()
    rows = frame[told].to_crs(crs)
    if rows.empty or not (zones.has("village_code") or zones.has("village_name")):
        return
    shapes = rows.geometry.to_numpy()
    own = outline.loc[rows["village_code"]]
    share = shapely.area(shapely.intersection(shapes, own.geometry.to_numpy()))
    share = share / np.maximum(shapely.area(shapes), 1e-9)
    column = "village_code" if zones.has("village_code") else "village_name"
    index = rows.index.tolist()
    for at in np.flatnonzero(share < least):
        words = {"value": own["name"].iloc[at], "share": f"{share[at]:.0%}"}
        zones.note("zone_outside_village", index[at], column, **words)
