"""Assembly points: where a plan's groups gather, and where they must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from riskmap.publish import draw_route_map
from riskmap.publish.card_frames import household_cards
from riskmap.publish.lists_frames import evacuation_list
from riskmap.publish.phonecards import cards_of
from riskmap.publish.prepared import prepared
from tests.publish_web.county import atlas

if TYPE_CHECKING:
    from types import SimpleNamespace

    from riskmap.publish.spec import MapSpec

    Layers = dict[str, gpd.GeoDataFrame]

GREEN, YARD = Point(500_330, 3_100_640), Point(500_600, 3_100_110)


def gathered(plan: SimpleNamespace, *, reasons: list[str]) -> SimpleNamespace:
    """Let G1 and G4 gather on the green, G3 in the yard, G2 somewhere unknown."""
    named = pd.Series(["晒谷场", "村口", "溪边空地", "晒谷场"])
    plan.groups["assembly_point"] = named
    table = pd.DataFrame(
        {
            "group_id": ["G1", "G2", "G3", "G4"],
            "assembly_point": named,
            "people": plan.groups["people"],
            "distance_m": [66.0, None, 71.0, 113.0],
            "time_min": [1.2, None, 1.4, 2.1],
            "reason": reasons,
        }
    )
    places = gpd.GeoSeries([GREEN, None, YARD, GREEN], crs="EPSG:4549")
    plan.assembly = gpd.GeoDataFrame(table, geometry=places.to_crs(plan.groups.crs))
    return plan


@pytest.fixture
def spec(plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers) -> MapSpec:
    reasons = ["ok", "insufficient_data", "crosses_hazard", "ok"]
    return draw_route_map(
        gathered(plan, reasons=reasons), villages, village="竹溪村", layers=layers
    )


def test_each_place_is_one_sign_with_the_numbers_of_its_groups(spec: MapSpec) -> None:
    frame = spec.layer("assembly_points").frame
    assert frame["label"].tolist() == ["溪边空地（1）", "晒谷场（2、4）"]
    assert frame["style"].tolist() == ["assembly_unsafe", "assembly"]
    assert frame["legend"].tolist() == ["集合点（在危险区内）", "集合点"]
    assert dict(frame["popup"].iloc[1])["2 上坑组"] == "70\u2009米 · 2\u2009分钟"
    assert dict(frame["popup"].iloc[0])["1 溪口组"] == "在危险区内"


def test_the_tables_name_the_place_and_warn_of_it(
    spec: MapSpec, plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    wanted = ["溪边空地（在危险区内）", "晒谷场", "村口", "晒谷场"]
    assert spec.table("transfer").frame["集合点"].tolist() == wanted
    args = {"village": "竹溪村", "layers": layers}
    assert evacuation_list(plan, villages, **args)["集合点"].tolist() == wanted
    assert household_cards(plan, villages, **args)["集合点"].tolist() == wanted
    told = [" ".join(line.words for line in one.lines) for one in cards_of(spec)]
    assert "先到 溪边空地（在危险区内） 集合" in told[0]
    assert sum("集合" in one for one in told[:4]) == 4
    assert any("1 个转移单元的集合点位置未提供" in one for one in spec.imprint.notes)


def test_a_plan_that_names_none_has_no_column_and_no_sign(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    bare = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    assert "集合点" not in bare.table("transfer").frame
    assert bare.layer("assembly_points") is None
    assert not any("集合点" in one for one in bare.imprint.notes)


def test_a_point_that_is_not_known_to_be_safe_is_no_blue_flag(
    plan: SimpleNamespace, villages: gpd.GeoDataFrame, layers: Layers
) -> None:
    reasons = ["ok", "ok", "insufficient_data", "cut_off"]
    made = draw_route_map(
        gathered(plan, reasons=reasons), villages, village="竹溪村", layers=layers
    )
    styles = made.layer("assembly_points").frame["style"].tolist()
    assert styles == ["assembly_unknown", "assembly_unsafe"]


def test_a_publication_keeps_assembly_points_and_trips() -> None:
    whole = atlas()
    trips = pd.DataFrame({"group_id": ["g"], "vehicle_id": ["v"], "riders": [3]})
    object.__setattr__(whole.plan, "trips", trips)
    kept = prepared(whole).plan
    assert getattr(kept, "trips", None) is trips
    assert hasattr(kept, "assembly")
