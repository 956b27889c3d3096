"""Geometries made to fit a layer: valid, and of a type that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.census.part import Part

__all__ = ["fit_geometry"]


def fit_geometry(part: Part, geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Mend geometries and bring them to the types that the layer takes.

    Parameters
    ----------
    part
        Takes the findings.
    geometry
        One a row, EPSG:4490, None for unknown; changed in place.

    Returns
    -------
    numpy.ndarray
        The same array; None where no fitting geometry can be made.
    """
    wanted = part.layer.geometry
    known = ~shapely.is_missing(geometry)
    for at in np.flatnonzero(known & ~shapely.is_valid(geometry)):
        reason = shapely.is_valid_reason(geometry[at]).partition("[")[0]
        part.note("bad_geometry", int(at), None, value=reason)
        geometry[at] = shapely.make_valid(geometry[at], method="structure")
    if not wanted:
        return geometry
    kinds = np.array([None if one is None else one.geom_type for one in geometry])
    for at in np.flatnonzero(known & ~np.isin(kinds, wanted)):
        geometry[at] = _converted(part, int(at), geometry[at])
    return geometry


def _converted(part: Part, at: int, shape: BaseGeometry) -> BaseGeometry | None:
    """Bring one geometry to a type that the layer takes; None if that fails."""
    wanted = part.layer.geometry
    parts: list[BaseGeometry] = list(shapely.get_parts(shape))
    if len(parts) == 1 and parts[0].geom_type in wanted:
        return parts[0]
    if wanted == ("Point",):
        part.note("geometry_to_point", at, None, value=shape.geom_type)
        inner: BaseGeometry = shapely.point_on_surface(shape)
        return inner
    areas = [one for one in parts if one.geom_type in wanted]
    if areas:
        merged: BaseGeometry = shapely.union_all(areas)
        return merged if merged.geom_type in wanted else areas[0]
    words = {"value": shape.geom_type, "expected": "、".join(wanted)}
    part.note("wrong_geometry", at, None, **words)
    return None
