"""Reading a census workbook, beside reading its bare cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import python_calamine

from benchmarks.harness import Timing, compare, insist, measure
from riskmap import read_census

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from benchmarks.harness import Record, Scale


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
    """Read, type, check and place a workbook, against calamine's `to_python`."""
    rows = 2000 if scale.quick else 30_000
    table = workbook(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shelters.xlsx"
        table.to_excel(path, index=False, engine="xlsxwriter")

        def call() -> gpd.GeoDataFrame:
            return read_census(path, "shelters", crs="EPSG:4490")

        def bare() -> Timing:
            def cells() -> list:
                book = python_calamine.CalamineWorkbook.from_path(path)
                return book.get_sheet_by_index(0).to_python()

            timing, found = measure(cells, repeats=scale.repeats)
            column = found[0].index("避难所容纳人数")
            people = sum(int(row[column]) for row in found[1:])
            insist(people == int(frame["declared_people"].sum()), "calamine, people")
            return timing

        ours, frame = measure(call, repeats=scale.repeats)
        insist(len(frame) == rows, "ours, rows")
        yield from compare(
            "census", f"{rows} rows, {table.shape[1]} columns, XLSX", ours,
            scale.peak_mb(call), [("calamine", bare)],
        )  # fmt: skip
