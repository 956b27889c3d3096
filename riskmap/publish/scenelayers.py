"""All layers of a map, from the bottom to the top."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.publish.compose_assembly import assembly_layer
from riskmap.publish.compose_claims import official_routes, rings_of
from riskmap.publish.compose_hazards import hazard_numbers
from riskmap.publish.compose_layers import CONTEXT_ORDER, HAZARD_LAYERS, context_layers
from riskmap.publish.compose_plan import closure_layer, group_layer, route_layers
from riskmap.publish.compose_shelters import shelter_layer, shelter_states
from riskmap.publish.extent import window_of
from riskmap.publish.layerframes import placed_rows, within
from riskmap.publish.places import Place, plain_text
from riskmap.publish.scene import Scene, belongs, placed_shelters, strayed_groups
from riskmap.publish.spec import MapLayer

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from riskmap.publish.planframes import PlanFrames

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]

__all__ = ["AROUND", "context_of", "layers_with_plan"]

_VILLAGE_FIRST = 79
_TOO_FINE = frozenset({"unsafe_houses", "broadcasts", "buildings", "planned_routes"})
_NAMED_ON_TOWNSHIPS = frozenset(
    {"villages", "village_points", "roads", "water", "shelters", "groups", "townships"}
)
"""What a township's map names; the rest speaks by its sign, or by a number."""
_DANGERS = frozenset(HAZARD_LAYERS)
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
AROUND = (
    *("water", "villages", "townships"),
    *(one for one in HAZARD_LAYERS if one != "unsafe_houses"),
    *sorted(_ALWAYS),
)
"""The layers whose rows beyond the border are drawn where they are known."""


def context_of(
    scene: Scene,
    bounds: Bounds,
    *,
    heroes: frozenset[str],
    skip: frozenset[str] = frozenset(),
    plan: PlanFrames | None = None,
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
    plan
        The evacuation plan that says how shelters stand; None judges them by
        what the census tells.

    Returns
    -------
    list of MapLayer
        Cut to whatever a sheet or page may show around the bounds.
    """
    window, made = window_of(bounds), list[MapLayer]()
    numbers: dict[str, Mapping[str, str]] = {}
    told = hazard_numbers(scene.place, scene.frames) if heroes >= _DANGERS else {}
    skip = skip | (_TOO_FINE if scene.place.level == "township" else frozenset())
    frames = scene.drawn
    village = scene.place.level == "village"
    strip = scene.place.name if village else ""
    for name in CONTEXT_ORDER:
        if name not in frames or name in skip:
            continue
        frame = _seen(scene, name, frames[name], window=window)
        if name == "shelters" and len(frame):
            states = shelter_states(frame, scene.drawn, plan)
            made.append(shelter_layer(frame, states, used=frozenset()))
        elif len(frame):
            if village and name in {"villages", "townships"}:
                frame = _without_own_name(scene.place, frame)
            layers = context_layers(name, frame, hero=name in heroes, strip=strip)
            made += layers
            if name in _DANGERS:
                numbers |= dict.fromkeys(
                    (one.key for one in layers), _numbers(told, name, frame)
                )
    sign = _numbered if village else _for_township
    return [sign(one, numbers.get(one.key, {})) for one in _named_once(made)]


def _seen(
    scene: Scene, name: str, frame: gpd.GeoDataFrame, *, window: Bounds
) -> gpd.GeoDataFrame:
    """Cut a layer to the window, and to the place where it is the place's own."""
    claimed = _claimed(scene, name, frame)
    near = within(placed_rows(claimed, scene.place.crs), window)
    return near if name in _SHARED else _of_place(scene.place, name, near)


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
    own = belongs(place, frame)
    if place.level == "township" or name not in HAZARD_LAYERS:
        return frame if name in _ALWAYS else frame.loc[own]
    if name == "unsafe_houses":
        return frame.loc[own]
    if "name" not in frame.columns:
        return frame
    return frame.assign(name=frame["name"].where(own, None))


def _numbered(layer: MapLayer, numbers: Mapping[str, str]) -> MapLayer:
    """Put its number in the table before the name of a village's danger."""
    if not numbers:
        return layer
    cells = zip(layer.frame["key"], layer.frame["label"], strict=True)
    told = [" ".join(filter(None, [numbers.get(key), name])) for key, name in cells]
    labels = pd.Series(told, index=layer.frame.index, dtype="object")
    return replace(
        layer, frame=layer.frame.assign(label=labels.where(labels != "", None))
    )


def _for_township(layer: MapLayer, numbers: Mapping[str, str]) -> MapLayer:
    """Name villages first on a township's map; dangers have numbers on theirs."""
    if layer.key in {"villages", "village_points"}:
        return replace(layer, frame=layer.frame.assign(priority=_VILLAGE_FIRST))
    if layer.key in _NAMED_ON_TOWNSHIPS:
        return layer
    labels = layer.frame["key"].map(numbers.get)
    return replace(layer, frame=layer.frame.assign(label=labels))


def _numbers(
    told: Mapping[tuple[str, str], str], name: str, frame: gpd.GeoDataFrame
) -> Mapping[str, str]:
    """Return the numbers of dangers in their table, by the index of their rows."""
    column = f"{name[:-1]}_id"
    if not told or column not in frame.columns:
        return {}
    ids = frame[column].map(plain_text)
    known = {str(at): told.get((name, one)) for at, one in ids.items()}
    return {at: one for at, one in known.items() if one is not None}


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
    village = scene.place.level == "village"
    gathering = assembly_layer(plan, scene.found, crs, named=village)
    plans = skip | {"groups", "shelters"}
    plans |= set() if gathering is None else {gathering.key}
    made = context_of(scene, bounds, heroes=heroes, skip=plans)
    lines = frozenset({"roads", "water", "streams", "buildings", "villages"})
    under = [one for one in made if one.kind != "point" or one.key in lines]
    points = [one for one in made if one not in under]
    crosses, closures = list[MapLayer](), getattr(plan, "closures", None)
    if closures is not None and len(closures):
        closed = within(placed_rows(closures, crs), window_of(bounds))
        crosses = [closure_layer(closed)] if len(closed) else []
    strays = strayed_groups(scene)
    shown = [one for one in scene.found if one.group_id not in strays]
    return [
        *under,
        *route_layers(plan, scene.found, crs),
        *crosses,
        *points,
        *([] if gathering is None else [gathering]),
        *_shelters(scene, bounds),
        group_layer(plan, shown, crs),
    ]


def _shelters(scene: Scene, bounds: Bounds) -> list[MapLayer]:
    """Make the layer of the shelters as the plan has them, if any is near."""
    shelters = within(placed_shelters(scene), window_of(bounds))
    mine = belongs(scene.place, shelters)
    if scene.place.level == "township":
        used = shelters["shelter_id"].map(plain_text).isin(scene.used_shelters)
        shelters = shelters.loc[used | mine]
    if shelters.empty:
        return []
    own = frozenset(shelters.loc[mine, "shelter_id"])
    states = shelter_states(shelters, scene.drawn, scene.plan)
    return [shelter_layer(shelters, states, used=scene.used_shelters, own=own)]
