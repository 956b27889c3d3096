"""The place of a map with its frames: what belongs to it and what must be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.publish.compose_claims import official_routes, rings_of
from riskmap.publish.compose_layers import (
    CONTEXT_ORDER,
    HAZARD_LAYERS,
    context_frames,
    context_layers,
    placed_rows,
    within,
)
from riskmap.publish.compose_plan import (
    PlanFrames,
    Transfer,
    closure_layer,
    group_layer,
    route_layers,
    shelter_layer,
    transfers,
)
from riskmap.publish.places import Place, find_place, plain_text
from riskmap.publish.spec import MapLayer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = [
    "Scene",
    "bounds_of",
    "context_of",
    "layers_with_plan",
    "make_scene",
    "own_geometry",
    "plan_geometry",
    "strayed_groups",
]

_AIR = 0.08
_LEAST_SIDE_M = {"village": 350.0, "township": 1500.0}
_WINDOW = 2.6
_VILLAGE_FIRST = 79
_STRAY_M = 2000.0
"""How far outside its village a point is no longer believed; project choice."""
_TOO_FINE = frozenset({"unsafe_houses", "broadcasts", "buildings", "planned_routes"})
_SHARED = frozenset(
    {
        "water",
        "villages",
        "townships",
        "roads",
        "flood_depth",
        "reach",
        "circles",
    }
)
_ALWAYS = frozenset({"shelters", "landing_zones", "assembly_points"})


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
    """

    place: Place
    frames: Frames
    villages: gpd.GeoDataFrame
    plan: PlanFrames | None
    found: Sequence[Transfer]

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
) -> Scene:
    """Find the place and gather its frames.

    Parameters
    ----------
    villages, layers, more, village, township, plan
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
    return Scene(place, frames, villages, plan, found)


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
        In the CRS of the map.
    """
    parts = []
    for name in names:
        if name not in scene.frames:
            continue
        frame = placed_rows(scene.frames[name], scene.place.crs)
        parts.append(frame.geometry[_belongs(scene.place, frame)])
    if not parts:
        return gpd.GeoSeries([], crs=scene.place.crs)
    return gpd.GeoSeries(pd.concat(parts), crs=scene.place.crs)


def _belongs(place: Place, frame: gpd.GeoDataFrame) -> pd.Series:
    """Tell which rows are of the place: by code, or without one by position."""
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
    shelters = _shelters(scene)
    used = shelters["shelter_id"].map(plain_text).isin(scene.used_shelters)
    if near:
        used &= _belongs(scene.place, shelters)
        primary &= False
    return [
        groups.loc[groups["group_id"].map(plain_text).isin(ids)].geometry,
        routes.loc[primary].geometry,
        shelters.loc[used].geometry,
        own_geometry(scene, ("hazard_points",)),
    ]


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
    home = scene.place.boundary.geometry.union_all()
    far = groups.geometry.distance(home) > _STRAY_M
    return frozenset(ids[mine & far])


def _shelters(scene: Scene) -> gpd.GeoDataFrame:
    """Return the placed shelters of census and plan, in the map's CRS."""
    crs = scene.place.crs
    empty = gpd.GeoDataFrame({"shelter_id": []}, geometry=[], crs=crs)
    frame = placed_rows(scene.frames.get("shelters", empty), crs)
    planned = empty if scene.plan is None else placed_rows(scene.plan.shelters, crs)
    if "shelter_id" not in frame.columns:
        return planned if len(planned) or frame.empty else frame.assign(shelter_id="")
    ids = set(frame["shelter_id"].map(plain_text))
    rest = planned[~planned["shelter_id"].map(plain_text).isin(ids)]
    if frame.empty or rest.empty:
        return rest if frame.empty else frame
    return gpd.GeoDataFrame(pd.concat([frame, rest], ignore_index=True), crs=crs)


def bounds_of(place: Place, parts: Iterable[gpd.GeoSeries]) -> Bounds:
    """Hold what matters with some air, or the place where nothing does.

    Parameters
    ----------
    place
        The village or township.
    parts
        Geometries in the CRS of the map.

    Returns
    -------
    tuple of float
        ``(minx, miny, maxx, maxy)``, metres.
    """
    boxes = [part.total_bounds for part in parts if len(part)]
    if not boxes and place.boundary is not None:
        boxes = [place.boundary.total_bounds]
    if not boxes and place.point is not None:
        boxes = [np.asarray(place.point.bounds)]
    if not boxes:
        boxes = [place.neighbours.total_bounds]
    stack = np.vstack(boxes)
    low, high = np.nanmin(stack[:, :2], axis=0), np.nanmax(stack[:, 2:], axis=0)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        low = high = np.zeros(2)
    middle = (low + high) / 2
    half = (high - low) / 2 * (1 + 2 * _AIR)
    half = np.maximum(half, _LEAST_SIDE_M[place.level] / 2)
    (west, south), (east, north) = middle - half, middle + half
    return float(west), float(south), float(east), float(north)


def _window(bounds: Bounds) -> Bounds:
    """Widen the bounds to whatever a sheet or page may show around them."""
    west, south, east, north = bounds
    half = max(east - west, north - south) * _WINDOW / 2
    x, y = (west + east) / 2, (south + north) / 2
    return x - half, y - half, x + half, y + half


def context_of(
    scene: Scene,
    bounds: Bounds,
    *,
    heroes: frozenset[str],
    skip: frozenset[str] = frozenset(),
) -> list[MapLayer]:
    """Make the context layers of a map from the bottom to the top.

    Parameters
    ----------
    scene
        The place and its frames.
    bounds
        What must be seen, metres.
    heroes
        The names of the layers that the map is about.
    skip
        The names of layers that come from elsewhere.

    Returns
    -------
    list of MapLayer
        Cut to whatever a sheet or page may show around the bounds.
    """
    window, made = _window(bounds), list[MapLayer]()
    skip = skip | (_TOO_FINE if scene.place.level == "township" else frozenset())
    frames = {**scene.frames, "villages": scene.villages}
    village = scene.place.level == "village"
    strip = scene.place.name if village else ""
    for name in CONTEXT_ORDER:
        if name not in frames or name in skip:
            continue
        frame = within(
            placed_rows(_claimed(scene, name, frames[name]), scene.place.crs), window
        )
        if name not in _SHARED:
            frame = _of_place(scene.place, name, frame)
        if name == "shelters" and len(frame):
            made.append(shelter_layer(frame, None, used=frozenset()))
        elif len(frame):
            if village and name in {"villages", "townships"}:
                frame = _without_own_name(scene.place, frame)
            layers = context_layers(name, frame, hero=name in heroes, strip=strip)
            made += layers if village else [_for_township(one) for one in layers]
    return _named_once(made)


def _claimed(scene: Scene, name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put claims into words: rings of units, official routes."""
    if name == "circles":
        return rings_of(frame, scene.place, scene.frames.get("teams"))
    if name == "planned_routes":
        routes = official_routes(frame, scene.plan)
        return routes if scene.plan is None else routes[routes["out_of_use"] != ""]
    return frame


def _named_once(layers: list[MapLayer]) -> list[MapLayer]:
    """Leave the name of a water to its reservoir's sign."""
    signed = {
        name
        for one in layers
        if one.kind == "point"
        for name in one.frame["label"]
        if isinstance(name, str)
    }
    named = [one for one in layers if one.key == "water"]
    for one in named:
        free = one.frame["label"].where(~one.frame["label"].isin(signed), None)
        new = replace(one, frame=one.frame.assign(label=free))
        layers[layers.index(one)] = new
    return layers


def _of_place(place: Place, name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep what is the place's own; around a village dangers stay, unnamed."""
    own = _belongs(place, frame)
    if place.level == "township" or name not in HAZARD_LAYERS:
        return frame if name in _ALWAYS else frame.loc[own]
    if name == "unsafe_houses":
        return frame.loc[own]
    if "name" not in frame.columns:
        return frame
    return frame.assign(name=frame["name"].where(own, None))


def _for_township(layer: MapLayer) -> MapLayer:
    """Name villages first on a township's map, and dangers only on theirs."""
    if layer.key in {"villages", "village_points"}:
        return replace(layer, frame=layer.frame.assign(priority=_VILLAGE_FIRST))
    if layer.emphasis == "context" and layer.key in HAZARD_LAYERS:
        return replace(layer, frame=layer.frame.assign(label=None))
    return layer


def _without_own_name(place: Place, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Drop the names that the title says already."""
    own = {place.name, place.township}
    names = frame["name"].map(plain_text)
    return frame.assign(name=names.where(~names.isin(own), None))


def layers_with_plan(
    scene: Scene,
    bounds: Bounds,
    *,
    heroes: frozenset[str],
    skip: frozenset[str] = frozenset(),
) -> list[MapLayer]:
    """Make the context layers with routes, groups and shelters of the plan above.

    Parameters
    ----------
    scene
        The place, its frames and its plan.
    bounds
        What must be seen, metres.
    heroes
        The names of the layers that the map is about.
    skip
        The names of layers that this map is better without.

    Returns
    -------
    list of MapLayer
        From the bottom to the top.
    """
    if scene.plan is None:
        return context_of(scene, bounds, heroes=heroes, skip=skip)
    crs, plan = scene.place.crs, scene.plan
    plans = skip | {"groups", "shelters"}
    made = context_of(scene, bounds, heroes=heroes, skip=plans)
    lines = frozenset({"roads", "water", "streams", "buildings", "villages"})
    under = [one for one in made if one.kind != "point" or one.key in lines]
    points = [one for one in made if one not in under]
    crosses, closures = list[MapLayer](), getattr(plan, "closures", None)
    if closures is not None and len(closures):
        closed = within(placed_rows(closures, crs), _window(bounds))
        crosses = [closure_layer(closed)] if len(closed) else []
    strays = strayed_groups(scene)
    shown = [one for one in scene.found if one.group_id not in strays]
    shelters = within(_shelters(scene), _window(bounds))
    if scene.place.level == "township":
        used = shelters["shelter_id"].map(plain_text).isin(scene.used_shelters)
        shelters = shelters.loc[used | _belongs(scene.place, shelters)]
    own = frozenset(shelters.loc[_belongs(scene.place, shelters), "shelter_id"])
    top = [shelter_layer(shelters, plan, used=scene.used_shelters, own=own)]
    return [
        *under,
        *route_layers(plan, scene.found, crs),
        *crosses,
        *points,
        *(top if len(shelters) else []),
        group_layer(plan, shown, crs),
    ]
