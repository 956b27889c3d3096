"""The sample county: every planted fault is found, clean rows are silent."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from riskmap.census import Source, build_census

if TYPE_CHECKING:
    import pandas as pd

    from riskmap.census import Census

COUNTY = Path(__file__).parents[2] / "sample_data/county"

pytestmark = [
    pytest.mark.skipif(not COUNTY.exists(), reason="the sample county is not made"),
]
# Consequences of a planted fault elsewhere, and what is only said for the record.
_SAID = {"info"}


def sources(*, shifted: bool) -> tuple[dict[str, Source], dict[str, Any]]:
    project = tomllib.loads((COUNTY / "riskmap.toml").read_text("utf-8"))
    found = {}
    for layer, table in project["sources"].items():
        options = dict(table)
        for key in ("path", "places"):
            if key in options:
                options[key] = COUNTY / options[key]
        if shifted:
            options.pop("shift", None)
        found[layer] = Source(**options)
    return found, project["project"]


@pytest.fixture(scope="module")
def censuses() -> list[Census]:
    """The county as its project reads it, and with the shift not undone."""
    made = []
    for shifted in (False, True):
        found, project = sources(shifted=shifted)
        made.append(build_census(found, as_of=project["as_of"], crs=project["crs"]))
    return made


def faults() -> list[dict[str, Any]]:
    return tomllib.loads((COUNTY / "faults.toml").read_text("utf-8"))["fault"]


def of(fault: dict[str, Any], findings: pd.DataFrame) -> pd.DataFrame:
    mine = findings[
        (findings["layer"] == fault["layer"])
        & (findings["source"] == Path(fault["source"]).name)
    ]
    for key in ("row", "sheet"):
        if key in fault:
            mine = mine[mine[key] == fault[key]]
    return mine


def test_precision_and_recall(
    censuses: list[Census], capsys: pytest.CaptureFixture[str]
) -> None:
    as_read, shifted = (one.findings for one in censuses)
    planted = [one for one in faults() if one["rule"] != "none"]
    missed, hit = [], set()
    for fault in planted:
        findings = shifted if fault["rule"] == "offset_gcj02" else as_read
        mine = of(fault, findings)
        found = mine[mine["rule"] == fault["rule"]]
        if found.empty:
            missed.append(fault)
        elif findings is as_read:
            hit |= set(found.index)
    loud = as_read[~as_read["severity"].isin(_SAID)]
    extra = loud[~loud.index.isin(hit)]
    recall = 1 - len(missed) / len(planted)
    precision = 1 - len(extra) / len(loud)
    with capsys.disabled():
        print(  # noqa: T201
            f"\nplanted {len(planted)}, recall {recall:.3f}, precision {precision:.3f}"
        )
    assert missed == []
    assert extra.to_dict("records") == []


def test_what_should_read_cleanly_does(censuses: list[Census]) -> None:
    findings = censuses[0].findings
    for fault in faults():
        if fault["rule"] == "none":
            mine = of(fault, findings)
            assert mine[mine["column"] == fault["column"]].empty, fault


def test_every_row_is_accounted_for(censuses: list[Census]) -> None:
    for census in censuses:
        account = census.sources
        assert (account["read"] == account["accepted"] + account["quarantined"]).all()
        assert account["quarantined"].sum() == len(census.quarantine)
        for layer, frame in census.layers.items():
            assert frame.crs.to_epsg() == 4490
            assert len(frame) == len(census.origins[layer])


def test_the_shift_is_found_and_named(censuses: list[Census]) -> None:
    verdicts = censuses[1].sources.set_index("layer")["offset"]
    assert verdicts["hazard_points"] == "gcj02"
    assert (verdicts.drop("hazard_points").dropna() != "gcj02").all()
