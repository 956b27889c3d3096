"""The four lists for the budget meeting, on the valley road."""

import geopandas as gpd
import pandas as pd
import pytest
from coverage_world import CRS, at, teams, villages
from shapely import box

from riskmap import outputs, reports
from riskmap.coverage import audit_shelters, propose
from riskmap.messages import message
from riskmap.routing import Network, close_roads

GROUPS = gpd.GeoDataFrame(
    {"group_id": ["G0", "G1"], "people": [90, 40]},
    geometry=[at(0), at(9000)],
    crs=CRS,
)
SHELTERS = gpd.GeoDataFrame(
    {"shelter_id": ["S0"], "declared_people": [50], "effective_area_m2": [900.0]},
    geometry=[at(100)],
    crs=CRS,
)


def test_each_list_starts_from_what_stands(network: Network, footpath: Network) -> None:
    found = propose(
        villages([0, 9000]),
        GROUPS,
        audit_shelters(SHELTERS, GROUPS, footpath),
        teams=teams([0]),
        walk=footpath,
        ride=network,
        standard="three_minute",
    )
    frames = found.frames()
    assert frames["sites"]["village_code"].iloc[0] == "990100000001"
    assert frames["sites"]["gained_people"].iloc[0] == 40
    assert frames["beds"]["shelter_id"].tolist() == ["S0"]
    assert frames["beds"]["gained_people"].tolist() == [40]
    assert frames["bridges"].empty
    assert frames["teams"]["name"].iloc[0] == "1村"
    assert frames["teams"]["gained_people"].iloc[0] == 100
    assert frames["unserved_teams"].empty
    said = "".join(reports.sited(found))
    assert "50 人最多增至 90 人" in said
    assert "新增覆盖 100 人" in said
    sheets = outputs.siting_sheets(frames)
    assert set(sheets["bridges"].columns) >= {"advice", message("site.length")}


def test_a_new_shelter_stands_in_no_zone(network: Network, footpath: Network) -> None:
    flood = gpd.GeoDataFrame(
        {"zone_id": ["F"]}, geometry=[box(*at(8700, -300).coords[0],
                                          *at(9300, 300).coords[0])], crs=CRS,
    )  # fmt: skip
    found = propose(
        villages([0, 9000]),
        GROUPS,
        audit_shelters(SHELTERS, GROUPS, footpath),
        teams=teams([0]),
        walk=close_roads(footpath, flood),
        ride=network,
        standard="three_minute",
        zones=flood,
    )
    assert "990100000001" not in found.shelters.sites["village_code"].tolist()
    assert found.shelters.unserved["group_id"].tolist() == ["G1"]


def test_a_standard_without_a_tier_for_one_team_says_so(
    network: Network, footpath: Network, tmp_path: object
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'label = "两队"\nsource = "x"\nevidence = "S"\n[[tiers]]\nnumber = 1\n'
        'label = "两队到场"\nlimit_min = 5\nturnout_min = 1\nspeed_kmh = 30\n'
        "minimum_units = 2\n",
        encoding="utf-8",
    )
    found = propose(
        villages([0]), GROUPS, audit_shelters(SHELTERS, GROUPS, footpath),
        teams=teams([0]), walk=footpath, ride=network, standard=own,
    )  # fmt: skip
    assert found.teams is None
    assert "teams" not in found.frames()
    assert "没有单支队伍" in reports.sited(found)[-1]
    assert pd.isna(found.tier)


@pytest.mark.parametrize("people", [[pd.NA, pd.NA], [0, 0]])
def test_nobody_to_move_proposes_nothing(
    network: Network, footpath: Network, people: list[object]
) -> None:
    empty = GROUPS.assign(people=pd.array(people, dtype="Int64"))
    found = propose(
        villages([0]), empty, audit_shelters(SHELTERS, empty, footpath),
        teams=teams([0]), walk=footpath, ride=network, standard="three_minute",
    )  # fmt: skip
    frames = found.frames()
    assert frames["beds"].empty
    assert frames["bridges"].empty
    assert frames["sites"].empty
    assert found.shelters.unknown_places == sum(map(pd.isna, people))
