"""Splitting, windows, islands and records, on frames whose answers are known."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from riskmap.cluster import Province, open_project, records
from riskmap.cluster.border import border_m, inward_minutes, nearest_m, safe_minutes
from riskmap.cluster.gather import compare_results
from riskmap.cluster.halo import first_halo_m, limit_minutes
from riskmap.cluster.islands import mainland_of
from riskmap.cluster.split import single_lines, split_census, unit_codes
from riskmap.cluster.store import ROW, Store
from riskmap.crs import gauss_krueger_crs
from riskmap.errors import LayerError, ProjectError, SourceError
from riskmap.outputs import AUDIT_FILES, PLAN_FILES
from riskmap.project import Project
from riskmap.routing import build_network
from riskmap.settings import read_settings
from tests.cluster.conftest import COUNTY, tables, write_strip

if TYPE_CHECKING:
    from pathlib import Path

CRS = gauss_krueger_crs(120.0)


def villages(codes: list[str | None]) -> gpd.GeoDataFrame:
    boxes = [shapely.box(120 + n / 50, 27, 120.02 + n / 50, 27.02) for n in range(9)]
    return gpd.GeoDataFrame(
        {"village_code": codes}, geometry=boxes[: len(codes)], crs=4490
    )


def places(xs: list[float | None], **columns: list[str | None]) -> gpd.GeoDataFrame:
    points = [None if x is None else shapely.Point(x, 27.01) for x in xs]
    return gpd.GeoDataFrame(columns, geometry=points, crs=4490)


def census(**layers: gpd.GeoDataFrame) -> SimpleNamespace:
    findings = pd.DataFrame(
        columns=["layer", "source", "sheet", "row", "column", "rule", "severity",
                 "value", "message", "suggestion"],
        dtype=object,
    )  # fmt: skip
    origins = {
        name: pd.DataFrame({"sheet": None, "row": range(len(one))})
        for name, one in layers.items()
    }
    return SimpleNamespace(layers=layers, findings=findings, origins=origins)


@pytest.mark.parametrize(
    ("by", "expected"),
    [("county", ["990101"] * 2 + ["990102"]), ("township", ["990101010", "990101020"])],
)
def test_a_village_is_in_the_unit_that_its_code_names(
    by: str, expected: list[str]
) -> None:
    frame = villages(["990101010201", "990101020201", "990102010201"])
    assert list(unit_codes(frame, by))[: len(expected)] == expected


@pytest.mark.parametrize("code", [None, "99"])
def test_a_village_without_a_telling_code_is_named(code: str | None) -> None:
    with pytest.raises(LayerError, match="1 villages have no code that tells"):
        unit_codes(villages(["990101010201", code]), "county")


def test_every_row_is_in_one_unit() -> None:
    """By village, by place, or, where nothing is known, in the first unit."""
    one, two = "990101010201", "990102010201"
    layers = {
        "villages": villages([one, two]),
        "shelters": places(
            [120.03, 120.03, 120.005, None, 121.0],
            shelter_id=list("abcde"),
            village_code=[one, None, None, None, None],
        ),
    }
    units, parts = split_census(
        census(**layers), None, by="county", crs=CRS, names={"990102": "乙县"}
    )
    assert [(u.code, u.name, u.villages) for u in units] == [
        ("990101", "990101", 1),
        ("990102", "乙县", 1),
    ]
    found = {code: list(part["shelters"]["shelter_id"]) for code, part in parts.items()}
    assert found == {"990101": ["a", "c", "d"], "990102": ["b", "e"]}
    rows = pd.concat([part["shelters"] for part in parts.values()])
    assert sorted(rows[ROW]) == list(range(5))


def test_a_census_without_villages_cannot_be_split() -> None:
    with pytest.raises(LayerError, match="villages"):
        split_census(census(), None, by="county", crs=CRS, names={})


def test_roads_of_several_lines_become_several_rows_of_one_id() -> None:
    lines = shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 5), (6, 5)]])
    roads = gpd.GeoDataFrame(
        {"road_id": ["a", None]},
        geometry=[lines, shapely.LineString([(0, 1), (1, 1)])],
        crs=4490,
    )
    single = single_lines(roads)
    assert list(single["road_id"]) == ["a", "a", "1"]
    assert set(single.geom_type) == {"LineString"}


def test_limits_take_off_the_least_turnout() -> None:
    settings = read_settings(COUNTY)[1]
    with_none = limit_minutes(settings, None)
    assert with_none["emergency"] == pytest.approx(4.0)
    assert limit_minutes(settings, 0.0)["emergency"] == pytest.approx(5.0)
    assert with_none["walk"] == 30.0


def test_a_halo_is_as_wide_as_the_limit_needs() -> None:
    """Five minutes at 60 km/h are 5 km; a far team asks for more, up to thrice."""
    hull = shapely.box(0, 0, 1000, 1000)
    none = np.empty((0, 2))
    options = {"minutes": {"emergency": 5.0}, "kmh": {"emergency": 60.0}}
    narrow = first_halo_m(hull, **options, pairs={"emergency": (none, none)})
    assert 5000 < narrow <= 6000
    far = (np.array([[500.0, 500.0]]), np.array([[30000.0, 500.0]]))
    assert first_halo_m(hull, **options, pairs={"emergency": far}) == 3 * narrow


def test_nothing_outside_matters_within_the_time_to_the_border() -> None:
    window = shapely.box(0, 0, 10000, 10000)
    frame = gpd.GeoDataFrame(
        geometry=[shapely.Point(4000, 5000), shapely.Point(-5, 5), None], crs=CRS
    )
    metres = border_m(frame, CRS, window)
    assert metres[0] == 4000
    assert metres[1] == 0
    assert np.isnan(metres[2])
    assert safe_minutes(metres[:1], 60.0)[0] == pytest.approx(3.0)
    assert np.isinf(border_m(frame, CRS, None)[0])


def test_whoever_comes_in_comes_by_a_road_that_leaves() -> None:
    """Two kilometres at 30 km/h from its end; an island and a wrong way are safe."""
    ways = [[(-2000, 5000), (3000, 5000)], [(3000, 5000), (6000, 5000)],
            [(4000, 8000), (5000, 8000)]]  # fmt: skip
    roads = gpd.GeoDataFrame(
        {"road_class": "residential", "oneway": ["no", "yes", "no"]},
        geometry=[shapely.LineString(one) for one in ways],
        crs=CRS,
    )
    network = build_network(roads, mode="drive", speeds={"residential": 30.0}, crs=CRS)
    spots = [(5000, 5000), (2000, 5000), (4500, 8000), (5000, 2000)]
    places = gpd.GeoDataFrame(geometry=[shapely.Point(one) for one in spots], crs=CRS)
    window = shapely.box(0, 0, 10000, 10000)
    come = inward_minutes(network, places, window, direction="from")
    go = inward_minutes(network, places, window, direction="to")
    assert come.tolist() == pytest.approx([4.0, 0.0, np.inf, np.inf])
    assert go.tolist() == pytest.approx([np.inf, 0.0, np.inf, np.inf])

    def ahead(gates: np.ndarray) -> np.ndarray:
        hulls = [shapely.box(-9000, 4000, -4000, 6000)]
        return nearest_m(gates, np.array([[3000.0, 9000.0]]), hulls) / 500

    later = inward_minutes(network, places, window, direction="from", ahead=ahead)
    assert later.tolist() == pytest.approx([12.0, 0.0, np.inf, np.inf])


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=1),
       st.lists(st.integers(0, 3), min_size=15, max_size=15))  # fmt: skip
def test_islands_of_parts_are_those_of_the_whole(
    pairs: list[tuple[int, int]], owner: list[int]
) -> None:
    """Roads that touch, seen unit by unit with their neighbours, join as in one."""
    pair = np.array(pairs)
    size = (15, 15)
    graph = coo_array((np.ones(len(pair)), (pair[:, 0], pair[:, 1])), size)
    whole = connected_components(graph, directed=False)[1]
    parts = []
    for unit in range(4):
        mine = np.flatnonzero(np.array(owner) == unit)
        touch = pair[np.isin(pair, mine).any(axis=1)]
        seen = np.unique(np.r_[mine, touch.ravel()])
        some = coo_array((np.ones(len(touch)), (touch[:, 0], touch[:, 1])), size)
        label = connected_components(some, directed=False)[1]
        parts.append(
            pd.DataFrame({ROW: seen, "component": label[seen], "length_m": 1.0})
        )
    found = mainland_of(parts)
    lengths = np.bincount(whole)
    main = lengths[whole] >= 0.5 * lengths.max()
    assert list(found.index) == list(range(15))
    assert ((found["island"] == 0) == main).all()
    same = found["island"].to_numpy()[:, None] == found["island"].to_numpy()
    truth = (whole[:, None] == whole) | (main[:, None] & main)
    assert (same == truth).all()


def village_rows(unplaced: list[int], passed: list[bool]) -> pd.DataFrame:
    count = len(unplaced)
    return pd.DataFrame(
        {
            "village_code": [f"v{n}" for n in range(count)],
            "village_name": "村",
            "unit": "u",
            "placed": pd.array([1] * count, dtype="Int64"),
            "unplaced": pd.array(unplaced, dtype="Int64"),
            "three_minute_1": pd.array(passed, dtype="boolean"),
        }
    )


def test_a_comparison_says_who_is_better_and_who_is_worse() -> None:
    old = village_rows([5, 5, 5, 5], [True, True, False, True])
    new = village_rows([5, 0, 5, 9], [True, True, True, True])
    found = compare_results(old, new).set_index("village_code")["change"]
    assert found.to_dict() == {"v1": "better", "v2": "better", "v3": "worse"}
    less = compare_results(old, new.iloc[:3]).set_index("village_code")["change"]
    assert less["v3"] == "removed"


def test_a_second_run_does_nothing(done: Province) -> None:
    before = tables(done.out)
    again = Province.open(done.file, out=done.out)
    lines = "\n".join([*again.check(), *again.audit(), *again.plan()])
    assert "完成 0 + 未变跳过 3 + 失败 0" in lines
    assert set(again.report["state"]) == {"kept"}
    assert tables(done.out) == before


def copied(done: Province, folder: Path) -> Province:
    """Return the finished run, to be changed at will."""
    import shutil  # noqa: PLC0415

    shutil.copytree(done.file.parent, folder / "p")
    shutil.copytree(done.out, folder / "o")
    return Province.open(folder / "p", out=folder / "o")


def test_only_what_changed_is_done_again(done: Province, tmp_path: Path) -> None:
    """A shelter's room changes in one unit: its neighbours see it, others do not."""
    province = copied(done, tmp_path)
    path = province.file.parent / "shelters.parquet"
    frame = gpd.read_parquet(path)
    frame.loc[0, "declared_people"] += 1
    frame.to_parquet(path, index=False)
    province.check()
    province.plan()
    report = province.report
    states = report[report["step"] == "plan"].set_index("unit")["state"]
    first = str(frame["village_code"][0])[:9]
    assert states[first] == "done"
    near = {
        code
        for code in states.index
        if first in records.read(province.out / "units" / code, "plan")["seen"]
    }
    assert set(states.index[states == "done"]) == near
    assert len(near) == 2


def test_every_file_of_a_unit_is_recorded_by_the_step_that_wrote_it(
    done: Province,
) -> None:
    for one in done.store.units:
        folder = done.out / "units" / one.code
        kept = {
            step: records.read(folder, step) for step in ("network", "audit", "plan")
        }
        recorded = {name for record in kept.values() for name in record["outputs"]}
        files = [one for one in folder.rglob("*") if one.is_file()]
        there = {one.relative_to(folder).as_posix() for one in files}
        assert there - {f"{step}.json" for step in kept} == recorded
        assert {*AUDIT_FILES, *PLAN_FILES} <= recorded


@pytest.mark.parametrize("lost", ["覆盖总览.png", "tables_audit/audit_tiers.parquet"])
def test_an_output_that_is_gone_is_made_again(
    done: Province, tmp_path: Path, lost: str
) -> None:
    province = copied(done, tmp_path)
    unit = province.store.units[0].code
    path = province.out / "units" / unit / lost
    before = tables(province.out)
    path.unlink()
    province.audit()
    report = province.report
    audits = report[report["step"] == "audit"].set_index("unit")["state"]
    assert audits[unit] == "done"
    assert (audits.drop(unit) == "kept").all()
    assert path.is_file()
    assert tables(province.out) == before


def test_a_broken_unit_is_a_row_and_the_rest_goes_on(
    done: Province, tmp_path: Path
) -> None:
    province = copied(done, tmp_path)
    unit = province.store.units[-1].code
    (province.out / "store" / unit / "teams.parquet").write_bytes(b"PAR1 broken")
    lines = province._finish("audit")  # the partitions stay as they are
    report = province.report.set_index(["unit", "step"])
    row = report.loc[(unit, "audit")]
    assert row["state"] == "failed"
    assert "teams.parquet" in row["message"]
    assert province.failed >= 1
    assert any("失败：" in line for line in lines)
    assert not (province.out / "units" / unit / "audit.json").exists()
    ranks = pd.read_parquet(province.out / "results" / "ranking.parquet")
    assert ranks.set_index("unit").loc[unit, "passed_ratio"] is pd.NA
    assert len(ranks) == len(province.store.units)
    page = (province.out / "运行报告.html").read_text("utf-8")
    assert "teams.parquet" in page


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from riskmap.cluster import Province
province = Province.open(sys.argv[1], out=sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
try:
    province._finish("audit")
finally:
    print(province.failed)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file limits are Unix's")
def test_a_full_disk_leaves_nothing_half_written(
    done: Province, tmp_path: Path
) -> None:
    """Writes beyond 60 kB fail, as they do when no room is left."""
    province = copied(done, tmp_path)
    for one in province.store.units:
        (province.out / "units" / one.code / "audit.json").unlink()
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(province.file), str(province.out)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout.strip() == "3", ran.stderr
    assert not list(province.out.rglob(".riskmap-part-*"))
    assert not list((province.out / "units").glob("*/audit.json"))
    report = pd.read_csv(province.out / "运行报告.csv", encoding="utf-8-sig")
    failed = report[report["状态"] == "失败"]
    assert len(failed) == 3
    assert failed["说明"].str.contains("cannot be written|too large").all()


def test_villages_of_a_sample_are_found_in_their_units(done: Province) -> None:
    first, second, _ = done.store.units
    rows = done.store.read(second.code, "villages")
    code, name = rows["village_code"].iloc[0], rows["name"].iloc[1]
    found = done.store.villages_named([code, name])
    assert found[second.code] == tuple(sorted(rows["village_code"].iloc[:2]))
    assert first.code not in found
    with pytest.raises(LayerError, match="1 villages are unknown: nowhere"):
        done.publish(villages=[code, "nowhere"])


def test_a_damaged_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="run `riskmap check` first"):
        _ = Store(tmp_path).units


def test_one_program_text_one_version() -> None:
    version = records.code_version()
    assert version.startswith("0.")
    assert len(version.split("+")[1]) == 8


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        ('shelter_id = "nowhere"\nunit = "990101010"\npeople = 5', "shelter nowhere"),
        ('shelter_id = "{one}"\nunit = "nowhere"\npeople = 5', "unit nowhere"),
    ],
)
def test_a_quota_must_name_what_is_there(
    small: Path, tmp_path: Path, quota: str, words: str
) -> None:
    one = gpd.read_parquet(small / "shelters.parquet")["shelter_id"][0]
    more = "\n[[run.quota]]\n" + quota.format(one=one)
    folder = write_strip(tmp_path / "p", towns=1, villages=1, more=more)
    with pytest.raises(ProjectError, match=words):
        Province.open(folder, out=tmp_path / "o").check()


def test_places_kept_for_a_neighbour_are_the_neighbours_alone(tmp_path: Path) -> None:
    folder = write_strip(tmp_path / "p", towns=2, villages=3)
    shelters = gpd.read_parquet(folder / "shelters.parquet")
    home, away = (f"9901010{n}0" for n in (1, 2))
    mine = shelters[shelters["village_code"].str.startswith(home)]
    one = mine.sort_values("declared_people")["shelter_id"].iloc[-1]
    with (folder / "riskmap.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'\n[[run.quota]]\nshelter_id = "{one}"\nunit = "{away}"\npeople = 40\n'
        )
    province = Province.open(folder, out=tmp_path / "o")
    province.plan()
    found = pd.read_parquet(province.out / "results" / "plan_shelters.parquet")
    rows = found[found["shelter_id"] == one].set_index("unit")
    declared = int(mine.set_index("shelter_id").loc[one, "declared_people"])
    assert set(rows.index) == {home, away}
    assert rows.loc[away, "available_people"] == 40
    assert rows.loc[home, "available_people"] <= declared - 40
    assert (rows["declared_people"] == declared).all()
    assert (rows["assigned_people"] <= rows["available_people"]).all()


def test_several_county_projects_make_one_run(tmp_path: Path) -> None:
    """Each county keeps its own folder and sources; the province names them."""
    for number, name in ((0, "甲县"), (1, "乙县")):
        write_strip(tmp_path / name, towns=1, villages=3)
        for path in (tmp_path / name).glob("*.parquet"):
            frame = gpd.read_parquet(path)
            for column in frame.columns.drop("geometry"):
                if frame[column].dtype == object or str(frame[column].dtype) == "str":
                    text = frame[column].astype(str)
                    frame[column] = text.str.replace("990101", f"99010{number + 1}")
            frame.geometry = frame.geometry.translate(0.1 * number)
            frame.to_parquet(path, index=False)
    base = (tmp_path / "甲县" / "riskmap.toml").read_text("utf-8")
    rules = base.partition("[network]")[2].partition("[run]")[0]
    (tmp_path / "riskmap.toml").write_text(
        '[project]\nname = "省"\nas_of = 2026-04-15\n[network]' + rules
        + '\n[run]\nprojects = ["甲县", "乙县"]\nnames = { 990101 = "甲县" }\n',
        "utf-8",
    )  # fmt: skip
    province = open_project(tmp_path, out=tmp_path / "o")
    assert isinstance(province, Province)
    province.audit()
    assert [one.code for one in province.store.units] == ["990101", "990102"]
    found = pd.read_parquet(province.out / "results" / "audit_villages.parquet")
    assert found["unit"].value_counts().to_dict() == {"990101": 3, "990102": 3}


def test_a_project_without_units_is_a_project(tmp_path: Path) -> None:
    assert isinstance(open_project(COUNTY, out=tmp_path), Project)
    with pytest.raises(ProjectError, match=r'\[run\] unit = "township"'):
        open_project(COUNTY, out=tmp_path, scheduler="tcp://127.0.0.1:1")


def test_a_record_that_is_cut_off_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "audit.json").write_text('{"key": "a', "utf-8")
    assert records.read(tmp_path, "audit") is None
    (tmp_path / "audit.json").write_text(json.dumps({"key": "b"}), "utf-8")
    assert not records.unchanged(tmp_path, "audit", Store(tmp_path), key="a")
