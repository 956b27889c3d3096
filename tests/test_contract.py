"""The notebook of the contract, line by line, on the sample county."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import riskmap as rm

if TYPE_CHECKING:
    import geopandas as gpd

COUNTY = Path(__file__).parents[1] / "sample_data" / "county"


@pytest.fixture
def desk(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    county_layers: dict[str, gpd.GeoDataFrame],
) -> Path:
    """Return a folder with the two files that the notebook names."""
    shutil.copy(next(COUNTY.glob("*/数字高程*.tif")), tmp_path / "dem.tif")
    placed = county_layers["shelters"].dropna(subset="geometry")
    table = pd.DataFrame(
        {
            "场所编号": placed["shelter_id"],
            "应急避难场所名称": placed["name"],
            "避难所容纳人数": placed["declared_people"],
            "有效面积": placed["effective_area_m2"],
            "区划代码": placed["village_code"],
            "经度": placed.geometry.x,
            "纬度": placed.geometry.y,
        }
    )
    table.to_excel(tmp_path / "shelters.xlsx", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_notebook_of_the_contract_runs_verbatim(
    desk: Path,
    county_layers: dict[str, gpd.GeoDataFrame],
    county_zones: gpd.GeoDataFrame,
) -> None:
    layers, zones = county_layers, county_zones
    roads, villages = layers["roads"], layers["villages"]
    teams, groups = layers["teams"], layers["groups"]

    sites = rm.read_census("shelters.xlsx", "shelters")
    findings = rm.check_census("shelters.xlsx", "shelters")
    walk = rm.build_network(roads, mode="walk", dem="dem.tif")
    wet = rm.close_roads(walk, zones)
    tiers = rm.audit_coverage(villages, teams, walk, standard="135_taizhou")
    page = rm.rescue_circles(teams, standard="three_minute").explore()
    audit = rm.audit_shelters(sites, groups, walk, zones=zones)
    plan = rm.plan_evacuation(groups, sites, wet, zones=zones)
    broken = rm.verify_plan(plan, roads)
    change = rm.compare_plans(
        plan, rm.plan_evacuation(groups, sites.iloc[1:], wet, zones=zones)
    )
    m = rm.draw_route_map(plan, villages, village="竹溪村")
    rm.save_web(m, "转移路线.html")
    rm.save_sheet(m, "转移路线.pdf", page="A3")
    near = rm.find_nearest(teams, at=(121.2, 28.1), network=walk, k=5)

    assert len(sites) == layers["shelters"].geometry.notna().sum()
    assert {"layer", "row", "rule", "severity", "message"} <= set(findings.columns)
    assert len(wet.closures()) > 0
    assert set(tiers["tier"]) == {1, 2, 3}
    assert "leaflet" in page.get_root().render()
    assert len(audit) == len(sites)
    assert list(plan.assignments["group_id"]) == list(groups["group_id"])
    assert broken.empty
    assert not change.empty
    assert "srcdoc" in m._repr_html_()
    assert (desk / "转移路线.html").stat().st_size > 50_000
    assert (desk / "转移路线.pdf").read_bytes().startswith(b"%PDF")
    assert len(near) == 5
