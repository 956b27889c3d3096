"""A publication brought into the CRS of its maps once, for all of its maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import geopandas as gpd
import pandas as pd

from riskmap.publish.places import drawing_crs

if TYPE_CHECKING:
    import pyproj

    from riskmap.publish.atlas import Atlas
    from riskmap.publish.planframes import PlanFrames

__all__ = ["prepared"]

_Frame = TypeVar("_Frame", bound=pd.DataFrame)
_FALLBACK = ("groups", "shelters", "roads")


@dataclass(frozen=True, slots=True)
class _Planned:
    """The frames of a plan, in the CRS of the maps."""

    scenario: str
    groups: gpd.GeoDataFrame
    assignments: pd.DataFrame
    routes: gpd.GeoDataFrame
    route_legs: pd.DataFrame
    shelters: gpd.GeoDataFrame
    closures: gpd.GeoDataFrame
    ledger: pd.DataFrame
    assumptions: tuple[str, ...]
    assembly: pd.DataFrame
    rescues: pd.DataFrame
    trips: pd.DataFrame


def prepared(atlas: Atlas) -> Atlas:
    """Bring all frames of a publication into the CRS of its maps.

    Parameters
    ----------
    atlas
        The publication, in any CRS.

    Returns
    -------
    Atlas
        The same, in the projected CRS that its maps choose; what is drawn from
        either is the same, but the frames are not transformed for each map anew.
    """
    layers = dict(atlas.layers)
    if atlas.roads is not None:
        layers["roads"] = atlas.roads
    order = [layers["villages"], *(layers[one] for one in _FALLBACK if one in layers)]
    crs = drawing_crs(order)
    return replace(
        atlas,
        layers={name: _ready(frame, crs) for name, frame in layers.items()},
        around={name: _ready(frame, crs) for name, frame in atlas.around.items()},
        roads=None,
        plans={name: _plan(one, crs) for name, one in atlas.plans.items()},
        audit={
            name: _ready(frame, crs) if name in {"circles", "reach"} else frame
            for name, frame in atlas.audit.items()
        },
    )


def _plan(plan: PlanFrames, crs: pyproj.CRS) -> _Planned:
    """Bring the frames of a plan into a CRS."""
    return _Planned(
        scenario=plan.scenario,
        groups=_ready(plan.groups, crs),
        assignments=_ready(plan.assignments, crs),
        routes=_ready(plan.routes, crs),
        route_legs=_ready(plan.route_legs, crs),
        shelters=_ready(plan.shelters, crs),
        closures=_ready(plan.closures, crs),
        ledger=plan.ledger,
        assumptions=tuple(getattr(plan, "assumptions", ()) or ()),
        assembly=_ready(getattr(plan, "assembly", pd.DataFrame()), crs),
        rescues=_ready(getattr(plan, "rescues", pd.DataFrame()), crs),
        trips=getattr(plan, "trips", pd.DataFrame()),
    )


def _ready(frame: _Frame, crs: pyproj.CRS) -> _Frame:
    """Bring one frame into a CRS; its texts and headings are plain objects."""
    texts = [
        name for name in frame.columns if isinstance(frame[name].dtype, pd.StringDtype)
    ]
    plain = frame.astype(dict.fromkeys(texts, "object"))
    plain.columns = plain.columns.astype("object")
    if isinstance(plain, gpd.GeoDataFrame) and plain.active_geometry_name:
        return plain.to_crs(crs)
    return plain
