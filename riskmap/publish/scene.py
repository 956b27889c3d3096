"""The place of a map with its frames: what belongs to it and what must be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from riskmap.publish.compose_assembly import assembly_rows
from riskmap.publish.layerframes import context_frames, placed_rows
from riskmap.publish.places import Place, find_place, plain_text
from riskmap.publish.style import read_words
from riskmap.publish.transfers import Transfer, transfers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from riskmap.publish.planframes import PlanFrames

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = [
    "Scene",
    "belongs",
    "make_scene",
    "own_geometry",
    "placed_shelters",
    "plan_geometry",
    "strayed_groups",
    "water_of",
]

_STRAY_M = 2000.0
"""How far outside its village a point is no longer believed; project choice."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the three maps have in common.

    Parameters
    ----------
    place
        The village or township.
    frames
        Its context, by the names of canonical layers.
    villages
        All villages.
    plan
        The evacuation plan, or None.
    found
        The groups of the place, numbered; empty without a plan.
    around
        Wider frames of some layers, which are drawn and no more.
    """

    place: Place
    frames: Frames
    villages: gpd.GeoDataFrame
    plan: PlanFrames | None
    found: Sequence[Transfer]
    around: Frames = field(default_factory=dict)

    @property
    def drawn(self) -> Frames:
        """What is drawn, by the names of canonical layers."""
        return {**self.frames, "villages": self.villages, **self.around}

    @property
    def used_shelters(self) -> frozenset[str]:
        """The ids of the shelters that the groups of the place go to."""
        ids = (plain_text(one.row.get("shelter_id")) for one in self.found)
        return frozenset(one for one in ids if one)


def make_scene(
    villages: gpd.GeoDataFrame,
    layers: Frames | None,
    more: Frames,
    *,
    village: str | None,
    township: str | None,
    plan: PlanFrames | None = None,
    around: Frames | None = None,
) -> Scene:
    """Find the place and gather its frames.

    Parameters
    ----------
    villages, layers, more, village, township, plan, around
        As for `draw_route_map`.

    Returns
    -------
    Scene
        With the groups of the plan that belong to the place.

    Raises
    ------
    LayerError
        If the place or a layer's name is unknown, or the plan lacks a column.
    """
    frames = context_frames(layers, more)
    fallback = [frames[one] for one in ("groups", "shelters", "roads") if one in frames]
    if plan is not None:
        fallback.insert(0, plan.groups)
    place = find_place(villages, village=village, township=township, fallback=fallback)
    groups = frames.get("groups")
    found = [] if plan is None else transfers(plan, place, census_groups=groups)
    around = context_frames(around, {})
    return Scene(place, frames, villages, plan, found, around)


def own_geometry(scene: Scene, names: Iterable[str]) -> gpd.GeoSeries:
    """Return the geometries of layers that belong to the place.

    Parameters
    ----------
    scene
        The place and its frames.
    names
        Names of layers; those that are not there are passed over.

    Returns
    -------
    geopandas.GeoSeries
        In the CRS of the map; what lies far outside its village sets no scale
        and is left out.
    """
    parts = []
    for name in names:
        if name not in scene.frames:
            continue
        frame = placed_rows(scene.frames[name], scene.place.crs)
        mine = belongs(scene.place, frame) & ~_far_from_home(scene.place, frame)
        parts.append(frame.geometry[mine])
    if not parts:
        return gpd.GeoSeries([], crs=scene.place.crs)
    return gpd.GeoSeries(pd.concat(parts), crs=scene.place.crs)


def water_of(scene: Scene) -> gpd.GeoDataFrame | None:
    """Return the water around a place in the CRS of the map, None without any.

    Parameters
    ----------
    scene
        The place and its frames.

    Returns
    -------
    geopandas.GeoDataFrame or None
        The whole layer.
    """
    frame = scene.drawn.get("water")
    return None if frame is None else placed_rows(frame, scene.place.crs)


def belongs(place: Place, frame: gpd.GeoDataFrame) -> pd.Series:
    """Tell which rows are of the place: by code, or without one by position.

    Parameters
    ----------
    place
        The village or township.
    frame
        Rows of a layer, in the CRS of the map.

    Returns
    -------
    pandas.Series
        Booleans on the index of `frame`.
    """
    if "village_code" in frame.columns:
        codes = frame["village_code"].map(plain_text)
    else:
        codes = pd.Series("", index=frame.index, dtype="object")
    mine = codes.isin(place.village_codes)
    if place.boundary is not None and len(frame):
        inside = frame.intersects(place.boundary.geometry.iloc[0])
        mine |= (codes == "") & inside
    return mine


def plan_geometry(scene: Scene, *, near: bool = False) -> list[gpd.GeoSeries]:
    """Return what a route map must hold: groups, routes, shelters, dangers.

    Parameters
    ----------
    scene
        The place, its frames and its plan.
    near
        Whether to leave out the routes, and the shelters that lie elsewhere.

    Returns
    -------
    list of geopandas.GeoSeries
        In the CRS of the map.
    """
    if scene.plan is None:
        return []
    crs = scene.place.crs
    ids = {one.group_id for one in scene.found} - strayed_groups(scene)
    groups = placed_rows(scene.plan.groups, crs)
    routes = placed_rows(scene.plan.routes, crs)
    primary = routes["group_id"].map(plain_text).isin(ids) & (routes["rank"] == 1)
    shelters = placed_shelters(scene)
    used = shelters["shelter_id"].map(plain_text).isin(scene.used_shelters)
    gathering = assembly_rows(scene.plan, scene.found, crs)
    if near:
        used &= belongs(scene.place, shelters)
        primary &= False
    return [
        groups.loc[groups["group_id"].map(plain_text).isin(ids)].geometry,
        routes.loc[primary].geometry,
        shelters.loc[used].geometry,
        own_geometry(scene, ("hazard_points",)),
        gathering.loc[~_far_from_home(scene.place, gathering)].geometry,
        quays(scene).geometry,
    ]


def quays(scene: Scene) -> gpd.GeoDataFrame:
    """Return the quays of the place, where one of its groups returns to port.

    Parameters
    ----------
    scene
        The place, its frames and its plan.

    Returns
    -------
    geopandas.GeoDataFrame
        A part of ``landing_zones``, in the CRS of the map.
    """
    to_port, frame = returns_to_port(scene), scene.frames.get("landing_zones")
    if frame is None or not to_port or "kind" not in frame.columns:
        return gpd.GeoDataFrame(geometry=[], crs=scene.place.crs)
    placed = placed_rows(frame, scene.place.crs)
    docks = read_words("layers")["kind_styles"]["landing_zones"]
    return placed[belongs(scene.place, placed) & placed["kind"].isin(docks)]


def returns_to_port(scene: Scene) -> bool:
    """Tell whether a group of the place returns to port.

    Parameters
    ----------
    scene
        The place, its frames and its plan.

    Returns
    -------
    bool
        False without a plan.
    """
    to_port = read_words()["marks"]["to_port"]
    return any(plain_text(one.row.get("placement")) == to_port for one in scene.found)


def strayed_groups(scene: Scene) -> frozenset[str]:
    """Return the groups that stand far outside their village, and on no route.

    Parameters
    ----------
    scene
        The place, its frames and its plan.

    Returns
    -------
    frozenset of str
        Their ids; such a point is no place to show, and sets no scale.
    """
    if scene.plan is None or scene.place.boundary is None:
        return frozenset()
    groups = placed_rows(scene.plan.groups, scene.place.crs)
    ids = groups["group_id"].map(plain_text)
    routed = set(scene.plan.routes["group_id"].map(plain_text))
    mine = ids.isin({one.group_id for one in scene.found} - routed)
    return frozenset(ids[mine & _far_from_home(scene.place, groups)])


def _far_from_home(place: Place, frame: gpd.GeoDataFrame) -> pd.Series:
    """Tell which rows lie so far outside the border that they are not believed."""
    if place.boundary is None:
        return pd.Series(data=False, index=frame.index, dtype=bool)
    home = place.boundary.geometry.union_all()
    return frame.geometry.distance(home) > _STRAY_M


def placed_shelters(scene: Scene) -> gpd.GeoDataFrame:
    """Return the placed shelters of census and plan, in the map's CRS."""
    crs = scene.place.crs
    empty = gpd.GeoDataFrame({"shelter_id": []}, geometry=[], crs=crs)
    frame = placed_rows(scene.drawn.get("shelters", empty), crs)
    planned = empty if scene.plan is None else placed_rows(scene.plan.shelters, crs)
    if "shelter_id" not in frame.columns:
        return planned if len(planned) or frame.empty else frame.assign(shelter_id="")
    ids = set(frame["shelter_id"].map(plain_text))
    rest = planned[~planned["shelter_id"].map(plain_text).isin(ids)]
    if frame.empty or rest.empty:
        return rest if frame.empty else frame
    return gpd.GeoDataFrame(pd.concat([frame, rest], ignore_index=True), crs=crs)
