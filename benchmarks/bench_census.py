"""A census workbook read, checked and stored, beside its bare cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import python_calamine
import xlsxwriter

from benchmarks.harness import Timing, compare, insist, measure
from riskmap.census import (
    Source,
    build_census,
    load_census,
    save_census,
    write_findings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Record, Scale
    from riskmap.census import Census


def workbook(rows: int) -> pd.DataFrame:
    """Return shelters under the headings of the census, 20 columns."""
    rng = np.random.default_rng(20261121)
    number = np.arange(rows).astype(str)
    texts = {
        "级别": "村级", "避灾种类": "台风、洪涝", "室内/室外类型": "室内",
        "建筑结构": "框架", "标志标识规范性": "是", "视频监控": "否",
        "是否通过安全鉴定": "是", "物资储备类型": "帐篷", "责任人A角": "甲一",
        "A角电话": "13800000000", "责任人B角": "乙二", "B角电话": "13900000000",
    }  # fmt: skip
    people = rng.integers(10, 900, rows)
    area = (people * rng.uniform(1.2, 3.0, rows)).round(1)
    area[::50] = people[::50] * 0.3  # one in fifty is too small for its people
    return pd.DataFrame({
        "场所编号": np.char.add("B", number),
        "应急避难场所名称": np.char.add("避灾点", number),
        "占地面积": (area * 3).round(),
        "室内面积": (area * 1.5).round(),
        "有效面积": area,
        "避难所容纳人数": people,
        **texts,
        "经度": rng.uniform(121.0, 121.3, rows).round(6),
        "纬度": rng.uniform(28.0, 28.3, rows).round(6),
    })  # fmt: skip


def records(scale: Scale) -> Iterator[Record]:
    """Read, check and store a workbook; write its coloured copy."""
    rows = 2000 if scale.quick else 30_000
    table = workbook(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shelters.xlsx"
        table.to_excel(path, index=False, engine="xlsxwriter")
        case = f"{rows} rows, {table.shape[1]} columns, XLSX"
        yield from _stored(scale, path, rows, case=case)
        yield from _copied(scale, path, table, case=case)


def _census(path: Path) -> Census:
    """Match, type, place and check a workbook."""
    source = Source(path, crs="EPSG:4490")
    return build_census({"shelters": source}, as_of="2026-04-15")


def _stored(scale: Scale, path: Path, rows: int, *, case: str) -> list[Record]:
    """From workbook to GeoPackage, against calamine's bare `to_python`."""
    store = path.with_suffix(".gpkg")

    def call() -> Census:
        census = _census(path)
        save_census(census, store)
        return census

    def bare() -> Timing:
        def cells() -> list:
            book = python_calamine.CalamineWorkbook.from_path(path)
            return book.get_sheet_by_index(0).to_python()

        timing, found = measure(cells, repeats=scale.repeats)
        column = found[0].index("避难所容纳人数")
        people = sum(int(row[column]) for row in found[1:])
        stored = load_census(store)["shelters"]["declared_people"].sum()
        insist(people == int(stored), "calamine, people")
        return timing

    ours, census = measure(call, repeats=scale.repeats)
    insist(len(census["shelters"]) == rows, "ours, rows")
    return compare("census", case, ours, scale.peak_mb(call), [("calamine", bare)])


def _copied(
    scale: Scale, path: Path, table: pd.DataFrame, *, case: str
) -> list[Record]:
    """The ledger with its coloured copy, against the bare cells written."""
    census, book = _census(path), path.with_name("ledger.xlsx")
    cells = table.to_numpy(dtype=object).tolist()

    def call() -> None:
        write_findings(census, xlsx=book)

    def bare() -> Timing:
        def copy() -> None:
            with xlsxwriter.Workbook(path.with_name("bare.xlsx")) as made:
                sheet = made.add_worksheet()
                for at, row in enumerate(cells):
                    sheet.write_row(at, 0, row)

        return measure(copy, repeats=scale.repeats)[0]

    ours, _ = measure(call, repeats=scale.repeats)
    return compare(
        "census", f"{case}, ledger", ours, scale.peak_mb(call), [("xlsxwriter", bare)]
    )
