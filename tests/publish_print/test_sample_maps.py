"""Every map of the sample county says one thing: figures, tables, signs agree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from riskmap.publish.cells import people_total
from riskmap.publish.compose_layers import HAZARD_LAYERS
from riskmap.publish.products import Site, draw_maps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskmap.publish.atlas import Atlas
    from riskmap.publish.spec import MapSpec

    Maps = dict[str, dict[str, MapSpec]]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def maps(sample_atlas: Atlas) -> Maps:
    """Compose the maps of every village and township, by code."""
    atlas = sample_atlas
    villages = atlas.layers["villages"]
    sites = [Site("village", one) for one in sorted(villages["village_code"])]
    sites += [Site("township", one) for one in sorted(set(villages["township_code"]))]
    return {site.code: draw_maps(atlas, site) for site in sites}


def _each(maps: Maps, *products: str) -> Iterator[tuple[str, MapSpec]]:
    """Give the maps of some kinds, each with words to find it by."""
    for code, board in maps.items():
        for product in products:
            yield f"{code} {product}", board[product]


def test_the_figures_at_the_head_are_those_of_the_table(
    maps: Maps, sample_atlas: Atlas
) -> None:
    kinds = sample_atlas.layers["hazard_points"]
    for where, spec in _each(maps, "risk", "situation"):
        table = spec.table("hazards").frame
        assert spec.facts["登记隐患"] == f"{len(table)} 处", where
        points = kinds[kinds["hazard_point_id"].isin(table["编号"])]
        listed = table.loc[table["编号"].isin(points["hazard_point_id"]), "受威胁人数"]
        people = [None if one == "未知" else int(one) for one in listed]
        told = people_total(people) if people else None
        assert spec.facts.get("地灾点受威胁") == told, where
        unknown = int((table["受威胁人数"] == "未知").sum())
        assert (f"{unknown} 处受威胁人数未知" in spec.table("hazards").note) == (
            unknown > 0
        ), where


def test_a_row_of_the_table_is_found_on_the_map_by_its_number(
    maps: Maps, sample_atlas: Atlas
) -> None:
    for where, spec in _each(maps, "risk", "situation"):
        table = spec.table("hazards").frame
        assert table["号"].tolist() == [str(one + 1) for one in range(len(table))]
        rows = dict(zip(table["编号"], table["号"], strict=True))
        labels = [
            label
            for layer in spec.layers
            for label in layer.frame["label"]
            if isinstance(label, str)
        ]
        for layer in HAZARD_LAYERS:
            frame = sample_atlas.layers[layer]
            known = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
            for key in set(known[f"{layer[:-1]}_id"]) & set(rows):
                found = [one for one in labels if re.match(rf"{rows[key]}( |$)", one)]
                assert found, f"{where} {layer} {key}"


def test_the_maps_of_a_board_show_shelters_alike(maps: Maps) -> None:
    for code, board in maps.items():
        states: dict[str, set[tuple[str, str]]] = {}
        for spec in board.values():
            layer = spec.layer("shelters")
            rows = [] if layer is None else layer.frame.to_dict("records")
            for one in rows:
                if isinstance(one["label"], str):
                    seen = states.setdefault(one["key"], set())
                    seen.add((one["style"], one["label"]))
        assert all(len(one) == 1 for one in states.values()), (code, states)


MUST = {
    "risk": ("hazards", "duty", "signals", "emergency"),
    "route": ("transfer", "shelters", "duty", "signals", "emergency", "steps"),
    "situation": (
        *("transfer", "duty", "shelters", "signals", "hazards", "emergency", "steps"),
    ),
}


def test_every_map_has_the_tables_it_must_have(maps: Maps) -> None:
    for where, spec in _each(maps, *MUST):
        wanted = set(MUST[spec.product])
        assert wanted <= {one.key for one in spec.tables}, where
        walking = [one for one in spec.tables if one.key in {"transfer", "steps"}]
        if len(walking) == 2:
            groups = spec.layer("routes")
            routed = set() if groups is None else set(groups.frame["key"])
            assert set(walking[1].frame.index) == routed, where
