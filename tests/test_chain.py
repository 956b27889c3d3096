"""The whole chain on the sample county: nobody lost, and every sum agrees."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

import riskmap as rm
from riskmap.audits import audit_frames
from riskmap.project import Project
from riskmap.publish import evacuation_list
from tests.browser import Browser, chromium_path

COUNTY = Path(__file__).parents[1] / "sample_data" / "county"
VILLAGES = ("竹溪村", "海青屿村")
CONTRACT = {
    "assignments": {
        *("scenario", "group_id", "people", "shelter_id", "shelter_name", "time_min"),
        *("length_m", "access_m", "departs_by", "reason", "backup_shelter_id"),
        "backup_time_min",
    },
    "routes": {
        *("scenario", "route_id", "group_id", "shelter_id", "rank", "mode"),
        *("length_m", "time_min", "shared_m"),
    },
    "route_legs": {
        *("scenario", "route_id", "seq", "road_id", "road_name", "turn"),
        *("length_m", "time_min"),
    },
    "shelters": {
        *("scenario", "shelter_id", "name", "declared_people", "computed_people"),
        *("available_people", "assigned_people", "reason"),
    },
    "closures": {"scenario", "cause"},
    "groups": {
        *("scenario", "group_id", "village_code", "village_name", "people"),
        "placement",
    },
    "ledger": {"scenario"},
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the sample county after all steps, a few villages published."""
    opened = Project.open(COUNTY, out=tmp_path_factory.mktemp("云屏 县"))
    opened.check()
    opened.audit()
    opened.plan()
    opened.publish(villages=VILLAGES)
    opened.manifest()
    return opened


def known(cells: pd.Series) -> int:
    """Add up the people that a printed column knows."""
    return int(pd.to_numeric(cells, errors="coerce").sum())


def test_rows_read_are_rows_accepted_and_quarantined(project: Project) -> None:
    accounts = project.chain.census.sources
    assert (accounts["read"] == accounts["accepted"] + accounts["quarantined"]).all()
    quarantine = pyogrio.read_dataframe(
        project.out / "census.gpkg", layer="quarantine", read_geometry=False
    )
    assert len(quarantine) == accounts["quarantined"].sum()
    for layer, accepted in accounts.set_index("layer")["accepted"].items():
        info = pyogrio.read_info(project.out / "census.gpkg", layer=layer)
        assert info["features"] == accepted


def test_findings_are_written_for_people_and_programs(project: Project) -> None:
    raw = (project.out / "findings.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    header = raw.decode("utf-8-sig").splitlines()[0]
    assert header == (
        "layer,source,sheet,row,column,rule,severity,value,message,suggestion"
    )


@pytest.mark.parametrize("table", sorted(CONTRACT))
def test_the_plan_has_the_columns_of_the_contract(project: Project, table: str) -> None:
    info = pyogrio.read_info(project.out / "plan.gpkg", layer=table)
    assert CONTRACT[table] <= set(info["fields"])


def test_people_in_are_people_placed_and_unplaced(project: Project) -> None:
    groups = project.chain.layers["groups"]
    rows = project.chain.plans["typhoon"].assignments
    assert list(rows["group_id"]) == list(groups["group_id"])
    assert rows["people"].sum() == groups["people"].sum()
    assert rows["people"].isna().sum() == groups["people"].isna().sum()
    unplaced = rows[rows["reason"] != "ok"]
    assert unplaced["shelter_id"].isna().all()
    assert {"cut_off", "full", "insufficient_data"} <= set(unplaced["reason"])
    shelters = project.chain.plans["typhoon"].shelters
    taken = shelters["assigned_people"].astype(float)
    room = shelters["available_people"].astype(float)
    assert (taken <= room.fillna(0)).all()


def test_the_independent_verifier_finds_nothing(project: Project) -> None:
    lines, broken = project.verify()
    assert not broken, lines


def test_map_list_and_plan_agree_for_every_village(project: Project) -> None:
    layers, plan = project.chain.layers, project.chain.plans["typhoon"]
    villages, listed = layers["villages"], 0
    for code in villages["village_code"]:
        own = plan.groups[plan.groups["village_code"] == code]
        rows = plan.assignments[plan.assignments["group_id"].isin(own["group_id"])]
        spec = rm.draw_route_map(plan, villages, village=code, layers=layers)
        transfer = spec.table("transfer")
        assert transfer is not None
        listing = evacuation_list(plan, villages, village=code, layers=layers)
        assert len(transfer.frame) == len(listing) == len(rows)
        people = rows["people"].sum()
        assert known(transfer.frame["人数"]) == known(listing["人数"]) == people
        if rows["people"].notna().all():
            assert re.sub(r"\D", "", spec.facts["需转移"]) == str(people)
        listed += len(rows)
    assert listed == len(plan.assignments)


def test_every_village_product_of_the_contract_is_there(project: Project) -> None:
    villages = project.chain.layers["villages"].set_index("name")["village_code"]
    for name in VILLAGES:
        folder = project.out / "site" / "villages" / villages[name]
        there = {one.name for one in folder.iterdir()}
        maps = ("风险隐患分布图", "避险转移路线图", "防汛防台形势图")
        wanted = {f"{one}.{kind}" for one in maps for kind in ("html", "pdf", "png")}
        wanted |= {"责任清单.xlsx", "责任清单.pdf", "避险转移清单.xlsx"}
        wanted |= {"避险明白卡.pdf"}
        assert wanted <= there
    assert (project.out / "site" / "index.html").is_file()


def test_every_page_says_that_the_county_is_invented(project: Project) -> None:
    pages = sorted((project.out / "site").rglob("*.html"))
    assert pages
    for page in pages:
        assert "虚构示例" in page.read_text("utf-8")


def test_files_are_small_enough_to_send(project: Project) -> None:
    most = {".pdf": 2_000_000, ".png": 1_500_000, ".html": 1_500_000}
    for folder in sorted((project.out / "site" / "villages").iterdir()):
        files = sorted(one for one in folder.rglob("*") if one.is_file())
        assert sum(one.stat().st_size for one in files) < 6_000_000, folder.name
        for file in files:
            assert file.stat().st_size < most.get(file.suffix, 500_000), file.name
            if "手机" in file.stem:
                assert file.stat().st_size < 1_000_000, file.name


def test_file_names_are_legal_on_windows(project: Project) -> None:
    for file in project.out.rglob("*"):
        assert not re.search(r'[<>:"|?*\\]|[ .]$', file.name), file


def test_the_manifest_names_all_that_went_in_and_came_out(project: Project) -> None:
    record = json.loads((project.out / "manifest.json").read_text("utf-8"))
    plan = hashlib.sha256((project.out / "plan.gpkg").read_bytes()).hexdigest()
    assert record["outputs"]["plan.gpkg"] == plan
    assert "sources.shelters.places" in record["inputs"]
    assert record["standards"]["three_minute"]
    assert {one["rule"] for one in record["crs_findings"]} >= {"zone_unstated"}


@pytest.mark.browser
@pytest.mark.skipif(chromium_path() is None, reason="no Chromium here")
def test_no_page_asks_anything_of_a_network(project: Project) -> None:
    with Browser() as browser:
        for page in sorted((project.out / "site").rglob("*.html")):
            visit = browser.open(page)
            assert (visit.outside, visit.errors) == ([], []), page


def test_teams_that_nobody_told_of_are_unknown_and_not_none(project: Project) -> None:
    """Without a table of teams no village fails, and nobody is left uncovered."""
    case = project.chain.audited
    layers = {name: one for name, one in case.layers.items() if name != "teams"}
    told = project.chain.audits
    found = audit_frames(replace(case, layers=layers, teams=case.teams[:0]))
    assert found["tiers"]["passed"].isna().all()
    assert found["tiers"][["circle_people", "network_people"]].isna().all(axis=None)
    assert set(found["tiers"]["reason"]) == {"insufficient_data"}
    assert set(found["tiers"]["fix_kind"]) == {"data"}
    assert found["gaps"]["people"].isna().all()
    sums = found["ratios"]
    assert sums["circle_ratio"].isna().all()
    assert (sums["unknown_villages"] == sums["villages"]).all()
    assert found["villages"].filter(regex="_[0-9]$").isna().all(axis=None)
    for name, one in found.items():
        assert list(one.columns) == list(told[name].columns), name
