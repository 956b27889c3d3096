"""What networks found stands in the ledger, with the file and row of the road."""

from pathlib import Path

import pandas as pd
import pytest

from riskmap.census import write_findings
from riskmap.project import Project
from riskmap.roadledger import with_road_findings
from riskmap.routing import Network, build_network

COUNTY = Path(__file__).parents[1] / "sample_data" / "county"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.open(COUNTY, out=tmp_path_factory.mktemp("out"))


def test_islands_of_the_county_are_in_the_ledger(project: Project) -> None:
    census, ledger = project.chain.census, project.chain.ledger
    new = ledger.findings.iloc[len(census.findings) :]
    assert ledger.findings.iloc[: len(census.findings)].equals(census.findings)
    assert ledger.findings.dtypes.equals(census.findings.dtypes)
    found = {mode: len(one.findings) for mode, one in project.chain.networks.items()}
    assert max(found.values()) <= len(new) <= sum(found.values())
    row = new[new["message"].str.contains("L00663")].iloc[0]
    roads = ledger.layers["roads"]
    at = roads.index[roads["road_id"] == "L00663"][0]
    assert row["row"] == ledger.origins["roads"].loc[at, "row"]
    assert (row["source"], row["rule"]) == ("县域道路.gpkg", "island")


def test_roads_of_no_layer_carry_the_file_alone(
    project: Project, tmp_path: Path
) -> None:
    roads = project.chain.roads.head(3).assign(road_id=["甲", "乙", "丙"])
    roads["road_class"] = "天路"
    made: dict[str, Network] = {"walk": build_network(roads)}
    census = project.chain.census
    ledger = with_road_findings(census, made, source="路网.osm.pbf")
    new = ledger.findings.iloc[len(census.findings) :]
    assert set(new["source"]) == {"路网.osm.pbf"}
    assert new[["sheet", "row", "column"]].isna().all(axis=None)
    write_findings(ledger, tmp_path / "f.csv", tmp_path / "f.xlsx")
    book = pd.read_excel(
        tmp_path / "f.xlsx", sheet_name=None, dtype=str, engine="openpyxl"
    )
    cells = {str(one) for sheet in book.values() for one in sheet.to_numpy().ravel()}
    assert "道路等级不明" in cells


def test_a_sound_network_adds_nothing(project: Project) -> None:
    census = project.chain.census
    assert with_road_findings(census, {}, source="x") is census
