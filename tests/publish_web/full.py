"""A county that fills every field of every layer, as its definitions name them.

Two villages of one township. What each text field holds is up to the test:
payloads that must not run, or secrets that must not be published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point, box

from riskmap.census import layer_names, load_layer
from riskmap.publish.atlas import Atlas
from riskmap.publish.spec import Imprint
from tests.publish_web.county import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

    from riskmap.census import Field, Layer
    from riskmap.publish.atlas import Visibility

    Words = Callable[[str, str], str]

TOWNSHIP = "990101001000"
VILLAGES = ("990101001001", "990101001002")
_WEST, _SOUTH, _STEP = 121.2, 28.1, 0.02
_PLAIN: dict[str, object] = {"bool": True, "date": "2026-01-02", "number": 12.0}


def full_atlas(words: Words, *, private_people: int = 3) -> Atlas:
    """Return the county; `words` gives the text of a field of a layer."""
    layers = {
        name: _frame(load_layer(name), words, private_people=private_people)
        for name in layer_names()
    }
    findings = pd.DataFrame(
        {
            "layer": ["households", words("findings", "layer")],
            "source": words("findings", "source"),
            "sheet": words("findings", "sheet"),
            "row": [3, 4],
            "column": words("findings", "column"),
            "rule": words("findings", "rule"),
            "severity": ["error", "warning"],
            "value": words("households", "head"),
            "message": words("households", "phone"),
            "suggestion": words("households", "remark"),
        }
    )
    tiers = pd.DataFrame(
        {
            "village_code": list(VILLAGES),
            "standard": words("tiers", "standard"),
            "tier": [1, 1],
            "people": pd.array([70, None], dtype="Int64"),
            "circle_people": pd.array([70, None], dtype="Int64"),
            "network_people": pd.array([30, None], dtype="Int64"),
            "passed": pd.array([False, None], dtype="boolean"),
            "reason": ["no_unit", "insufficient_data"],
            "fix": words("tiers", "fix"),
        }
    )
    return Atlas(
        county=words("atlas", "county"),
        layers=layers,
        plans={"台风": _plan(layers, words)},
        scenario="台风",
        imprint=Imprint(
            data_date="2026-04-15",
            version=words("atlas", "version"),
            producer=words("atlas", "producer"),
            source=words("atlas", "source"),
            notes=(words("atlas", "notes"),),
            fictional=True,
        ),
        audit={"tiers": tiers, "shelters": pd.DataFrame(layers["shelters"])},
        findings=findings,
        visibility={
            name: {
                one.name: cast("Visibility", one.visibility)
                for one in load_layer(name).fields.values()
            }
            for name in layer_names()
        },
    )


def _frame(layer: Layer, words: Words, *, private_people: int) -> gpd.GeoDataFrame:
    """Fill a layer: two rows, one in each village."""
    rows = [
        {
            one.name: _cell(layer, one, row, words, private_people=private_people)
            for one in layer.fields.values()
            if not one.is_place
        }
        for row in range(2)
    ]
    shapes = [_shape(layer, row) for row in range(2)]
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=4490)
    people = [one.name for one in layer.fields.values() if one.type == "people"]
    return frame.astype(dict.fromkeys(people, "Int64"))


def _cell(
    layer: Layer, field: Field, row: int, words: Words, *, private_people: int
) -> object:
    """Return what a field holds; the first row of a choice is one of its words."""
    if field.name in {"village_code", "township_code"}:
        return TOWNSHIP if field.name == "township_code" else VILLAGES[row]
    if field.type == "people":
        return private_people if field.visibility == "private" else 5 + row
    if field.type in _PLAIN:
        return _PLAIN[field.type]
    if field.type == "choice" and row == 0 and field.domain:
        return field.domain[0]
    if field.name in {"group_id", "shelter_id"} or field.name == layer.key:
        owner = {"group_id": "groups", "shelter_id": "shelters"}.get(field.name)
        return identity(owner or layer.name, field.name, row, words)
    return words(layer.name, field.name)


def identity(layer: str, field: str, row: int, words: Words) -> str:
    """Return the id of a row of a layer."""
    return f"{words(layer, field)}{row + 1}"


def _shape(layer: Layer, row: int) -> BaseGeometry | None:
    """Return a shape of the kind that a layer has."""
    west, south = _WEST + row * _STEP, _SOUTH
    if layer.name in {"villages", "townships"}:
        east = west + _STEP * (2 if layer.name == "townships" else 1)
        return box(west, south, east, south + _STEP)
    if not layer.geometry:
        return None
    spread = (sum(map(ord, layer.name)) % 13) / 13 * 0.012
    x, y = west + 0.004 + spread, south + 0.004 + spread * 0.9
    if "Point" in layer.geometry:
        return Point(x, y)
    if "LineString" in layer.geometry:
        return LineString([(west, south + 0.01), (west + _STEP, south + 0.011)])
    return box(x, y, x + 0.002, y + 0.002)


def _plan(layers: dict[str, gpd.GeoDataFrame], words: Words) -> Plan:
    """Return a plan: one group has a place, the other is cut off."""
    groups, shelters = layers["groups"], layers["shelters"]
    first, second = groups["group_id"]
    goal = shelters.iloc[0]
    way = LineString([groups.geometry.iloc[0], shelters.geometry.iloc[0]])
    assignments = pd.DataFrame(
        {
            "group_id": [first, second],
            "people": groups["people"],
            "shelter_id": [goal["shelter_id"], None],
            "shelter_name": [goal["name"], None],
            "time_min": [8.2, None],
            "length_m": [455.0, None],
            "access_m": [5.0, None],
            "departs_by": None,
            "reason": ["ok", "cut_off"],
            "backup_shelter_id": None,
            "backup_time_min": None,
        }
    )
    routes = gpd.GeoDataFrame(
        {
            "route_id": ["R-1"], "group_id": [first],
            "shelter_id": [goal["shelter_id"]], "rank": [1], "mode": ["walk"],
            "length_m": [455.0], "time_min": [8.2], "shared_m": [0.0],
        },
        geometry=[way],
        crs=4490,
    )  # fmt: skip
    legs = pd.DataFrame(
        {
            "route_id": ["R-1"], "seq": [1], "road_id": [words("roads", "road_id")],
            "road_name": [words("roads", "name")], "turn": ["start"],
            "length_m": [455.0], "time_min": [8.2],
        }
    )  # fmt: skip
    rooms = shelters.assign(
        computed_people=pd.array([80, None], dtype="Int64"),
        available_people=pd.array([60, None], dtype="Int64"),
        assigned_people=pd.array([5, 0], dtype="Int64"),
        reason=["ok", "insufficient_data"],
    )
    ledger = pd.DataFrame(
        {
            "village_name": words("ledger", "village_name"),
            "category": [words("ledger", "category")] * 2,
            "people": pd.array([5, 6], dtype="Int64"),
            "placed_people": pd.array([5, 0], dtype="Int64"),
        }
    )
    closed = gpd.GeoDataFrame(
        {"cause": [words("closures", "cause")]}, geometry=[way], crs=4490
    )
    return Plan(groups, assignments, routes, legs, rooms, closed, ledger)
