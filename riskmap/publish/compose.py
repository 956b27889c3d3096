"""The three maps of a village or township, made from frames.

Each function takes frames in any CRS and returns a `MapSpec`, which shows
itself in a notebook and is saved by `save_web` and `save_sheet`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from riskmap.publish.compose_boards import risk_tables, route_tables, situation_tables
from riskmap.publish.compose_facts import hazard_facts, plan_facts
from riskmap.publish.compose_layers import HAZARD_LAYERS
from riskmap.publish.compose_spec import make_spec
from riskmap.publish.extent import bounds_of, home_of
from riskmap.publish.scene import (
    make_scene,
    own_geometry,
    plan_geometry,
    water_of,
)
from riskmap.publish.scenelayers import context_of, layers_with_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from riskmap.publish.planframes import PlanFrames
    from riskmap.publish.spec import Imprint, MapSpec

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]
    Dem = str | Path | Sequence[str | Path]

__all__ = ["draw_risk_map", "draw_route_map", "draw_situation_map"]

_FAR = 2.2
_CLAIMS = frozenset({"circles", "reach"})


def draw_risk_map(
    villages: gpd.GeoDataFrame,
    *,
    village: str | None = None,
    township: str | None = None,
    plan: PlanFrames | None = None,
    layers: Frames | None = None,
    around: Frames | None = None,
    dem: Dem | None = None,
    base: str | Path | None = None,
    county: str = "",
    imprint: Imprint | None = None,
    **more: gpd.GeoDataFrame,
) -> MapSpec:
    """Draw where the dangers are (风险隐患分布图).

    Parameters
    ----------
    villages
        Columns ``village_code``, ``name``, and where known ``township_code``,
        ``township_name``, ``population``; polygons or points, any CRS.
    village, township
        Which one to draw: a name or a code; exactly one of the two.
    plan
        An evacuation plan for the state of the shelters, so that all maps of a
        place show the same; None judges them by the zones of the census.
    layers
        Frames by the names of canonical layers (``census.layers``): roads,
        water, buildings, hazard_points, risk_zones, flood_zones, shelters and
        so on. Any CRS each; what lies outside the map is left out.
    around
        Wider frames of some of these layers, which are drawn in their place, for
        example with what lies beyond the border; nothing of them is listed or
        counted. None draws `layers`.
    dem
        Terrain rasters for shade and contours; None for a flat map.
    base
        An orthophoto (GeoTIFF) or MBTiles file to draw under the map, never one
        in GCJ-02; None for none.
    county
        The name of the county, printed before the township's.
    imprint
        The words at the foot; None states the date of `villages` and no more.
    **more
        Layers as keywords: ``roads=roads``; they go before `layers`.

    Returns
    -------
    MapSpec
        The map; its tables list every danger of the place.

    Raises
    ------
    LayerError
        If the place or a layer's name is unknown; the nearest is named.
    CrsError
        If a frame has no CRS.
    """
    scene = make_scene(
        villages, layers, more, village=village, township=township, around=around
    )
    dangers = own_geometry(scene, HAZARD_LAYERS)
    bounds = bounds_of(scene.place, [dangers, own_geometry(scene, ("groups",))])
    heroes = frozenset(HAZARD_LAYERS)
    return make_spec(
        scene,
        "risk",
        bounds=bounds,
        layers=context_of(
            scene,
            bounds,
            heroes=heroes,
            skip=_CLAIMS | {"planned_routes"},
            plan=plan,
        ),
        tables=risk_tables(scene),
        facts=hazard_facts(scene.place, scene.frames),
        dem=dem,
        base=base,
        county=county,
        imprint=imprint,
    )


def draw_route_map(
    plan: PlanFrames,
    villages: gpd.GeoDataFrame,
    *,
    village: str | None = None,
    township: str | None = None,
    layers: Frames | None = None,
    around: Frames | None = None,
    dem: Dem | None = None,
    base: str | Path | None = None,
    county: str = "",
    imprint: Imprint | None = None,
    **more: gpd.GeoDataFrame,
) -> MapSpec:
    """Draw who goes where, along which road (避险转移路线图).

    Parameters
    ----------
    plan
        An evacuation plan, or any object with its frames; the numbers of the
        map are read from them.
    villages
        As for `draw_risk_map`.
    village, township
        Which one to draw: a name or a code; exactly one of the two.
    layers
        Frames by the names of canonical layers, as for `draw_risk_map`.
    around
        Wider frames of some of these layers, which are drawn in their place, for
        example with what lies beyond the border; nothing of them is listed or
        counted. None draws `layers`.
    dem
        Terrain rasters for shade and contours; None for a flat map.
    base
        An orthophoto (GeoTIFF) or MBTiles file to draw under the map, never one
        in GCJ-02; None for none.
    county
        The name of the county, printed before the township's.
    imprint
        The words at the foot; None states the date of `villages` and no more.
    **more
        Layers as keywords; they go before `layers`.

    Returns
    -------
    MapSpec
        The map; its transfer table has a row for each group of the place, those
        without a shelter first.

    Raises
    ------
    LayerError
        If the place or a layer's name is unknown, or the plan lacks a column.
    CrsError
        If a frame has no CRS.
    """
    scene = make_scene(
        villages, layers, more, village=village, township=township, plan=plan,
        around=around,
    )  # fmt: skip
    whole = bounds_of(scene.place, plan_geometry(scene))
    core = bounds_of(scene.place, plan_geometry(scene, near=True))
    far = scene.place.level == "village" and _side(whole) > _FAR * _side(core)
    spec = make_spec(
        scene,
        "route",
        bounds=core if far else whole,
        layers=layers_with_plan(scene, whole, heroes=frozenset(), skip=_CLAIMS),
        tables=route_tables(scene),
        facts=plan_facts(scene.found),
        dem=dem,
        base=base,
        county=county,
        imprint=imprint,
    )
    return replace(spec, overview=whole if far else None)


def _side(bounds: Bounds) -> float:
    """Return the longer side of bounds, metres."""
    west, south, east, north = bounds
    return max(east - west, north - south)


def draw_situation_map(
    villages: gpd.GeoDataFrame,
    *,
    village: str | None = None,
    township: str | None = None,
    plan: PlanFrames | None = None,
    layers: Frames | None = None,
    around: Frames | None = None,
    dem: Dem | None = None,
    base: str | Path | None = None,
    county: str = "",
    imprint: Imprint | None = None,
    **more: gpd.GeoDataFrame,
) -> MapSpec:
    """Draw dangers, shelters, forces and stores together (防汛防台形势图).

    Parameters
    ----------
    villages
        As for `draw_risk_map`.
    village, township
        Which one to draw: a name or a code; exactly one of the two.
    plan
        An evacuation plan for the state of the shelters and the routes; None
        for a map without.
    layers
        Frames by the names of canonical layers, as for `draw_risk_map`; also
        ``circles`` (rescue circles) and ``reach`` (areas reached by road).
    around
        Wider frames of some of these layers, which are drawn in their place, for
        example with what lies beyond the border; nothing of them is listed or
        counted. None draws `layers`.
    dem
        Terrain rasters for shade and contours; None for a flat map.
    base
        An orthophoto (GeoTIFF) or MBTiles file to draw under the map, never one
        in GCJ-02; None for none.
    county
        The name of the county, printed before the township's.
    imprint
        The words at the foot; None states the date of `villages` and no more.
    **more
        Layers as keywords; they go before `layers`.

    Returns
    -------
    MapSpec
        The map of the whole place.

    Raises
    ------
    LayerError
        If the place or a layer's name is unknown, or the plan lacks a column.
    CrsError
        If a frame has no CRS.
    """
    scene = make_scene(
        villages, layers, more, village=village, township=township, plan=plan,
        around=around,
    )  # fmt: skip
    matters = own_geometry(scene, (*HAZARD_LAYERS, "shelters", "teams", "groups"))
    bounds = bounds_of(scene.place, home_of(scene.place, matters, water_of(scene)))
    heroes = frozenset({*HAZARD_LAYERS, "teams", "supplies", "circles", "reach"})
    return make_spec(
        scene,
        "situation",
        bounds=bounds,
        layers=layers_with_plan(scene, bounds, heroes=heroes),
        tables=situation_tables(scene),
        facts={
            **hazard_facts(scene.place, scene.frames),
            **(plan_facts(scene.found) if plan is not None else {}),
        },
        dem=dem,
        base=base,
        county=county,
        imprint=imprint,
    )
