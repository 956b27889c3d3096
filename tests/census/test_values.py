"""Cells as people write them: read exactly, or null with a rule."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap.census.coordinates import parse_degrees, parse_pair
from riskmap.census.schema import load_layer
from riskmap.census.values import parse_column

if TYPE_CHECKING:
    from riskmap.census.schema import Layer

SHELTERS = load_layer("shelters")
HAZARDS = load_layer("hazard_points")


def read(
    layer: Layer, name: str, cell: object, unit: str | None = None
) -> tuple[Any, str | None]:
    cells = np.array([cell, None], dtype=object)
    values, issues = parse_column(cells, layer[name], unit)
    assert pd.isna(values.iloc[1])
    value = None if pd.isna(values.iloc[0]) else values.iloc[0]
    return value, issues[0].rule if issues else None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (12, (12, None)),
        (12.0, (12, None)),
        ("４５", (45, None)),  # noqa: RUF001
        ("1,234", (1234, None)),
        ("45人", (45, "number_as_text")),
        ("约30", (30, "approximate_number")),
        ("30余人", (30, "approximate_number")),
        ("三十二人", (32, "number_as_text")),
        ("1.2万", (12000, None)),
        ("1 234人", (1234, "number_as_text")),
        ("12 34", (None, "bad_number")),
        ("10 20", (None, "bad_number")),
        ("1,2", (None, "bad_number")),
        ("30-40", (None, "bad_number")),
        ("三十余人", (None, "bad_number")),
        ("无", (None, "bad_number")),
        (-3, (None, "bad_number")),
        (45.5, (None, "bad_number")),
        (float("inf"), (None, "bad_number")),
        ("45户", (None, "unit_mismatch")),
        ("不详", (None, None)),
        ("", (None, None)),
        ("—", (None, None)),
    ],
)
def test_people(cell: object, expected: object) -> None:
    assert read(SHELTERS, "declared_people", cell) == expected


@pytest.mark.parametrize(
    ("name", "cell", "unit", "expected"),
    [
        ("site_area_m2", "3亩", None, (2000.0, "number_as_text")),
        ("site_area_m2", "3", "亩", (2000.0, None)),
        ("site_area_m2", 0.5, "公顷", (5000.0, None)),
        ("site_area_m2", "120㎡", None, (120.0, "number_as_text")),
        ("site_area_m2", 12, "万元", (None, "unit_mismatch")),
    ],
)
def test_units(name: str, cell: object, unit: str | None, expected: object) -> None:
    value, rule = read(SHELTERS, name, cell, unit)
    assert (value if value is None else pytest.approx(value), rule) == expected


@pytest.mark.parametrize(
    ("cell", "yuan"), [("1.2万元", 12_000), (12, 120_000), ("约3亿元", 300_000_000)]
)
def test_a_unit_in_the_cell_wins_over_the_heading(cell: object, yuan: float) -> None:
    assert read(HAZARDS, "threatened_value_cny", cell, "万元")[0] == yuan


@pytest.mark.parametrize(
    ("cell", "day", "rule"),
    [
        ("2023年6月5日", dt.date(2023, 6, 5), None),
        ("2023.6.5", dt.date(2023, 6, 5), None),
        ("20230605", dt.date(2023, 6, 5), None),
        (45082.0, dt.date(2023, 6, 5), None),
        (dt.datetime(2023, 6, 5, 10), dt.date(2023, 6, 5), None),  # noqa: DTZ001
        ("2023-06", dt.date(2023, 6, 1), "approximate_date"),
        ("2025年2月30日", None, "bad_date"),
        ("6/5/2023", None, "bad_date"),
        ("去年", None, "bad_date"),
    ],
)
def test_dates(cell: object, day: dt.date | None, rule: str | None) -> None:
    value, found = read(HAZARDS, "last_checked", cell)
    assert (value if value is None else value.date(), found) == (day, rule)


@pytest.mark.parametrize(
    ("name", "cell", "expected"),
    [
        ("phone_a", "１３８００００１１１１", ("13800001111", None)),  # noqa: RUF001
        ("phone_a", 13800001111.0, ("13800001111", None)),
        ("phone_a", "0576-81234567", ("0576-81234567", None)),
        ("phone_a", "1380000111", (None, "bad_phone")),
        ("phone_a", "138****1111", (None, "bad_phone")),
        ("village_code", 990101001201.0, ("990101001201", None)),
        ("village_code", "9.90101E+11", (None, "bad_code")),
        ("township_code", "990101001", ("990101001000", None)),
        ("level", "乡级", ("乡镇级", None)),
        ("level", "居委级", (None, "unknown_code")),
        ("hazards", "台风，洪涝 地质灾害", ("台风、洪涝、地质灾害", None)),
        ("assessed", "√", (True, None)),
        ("assessed", "否", (False, None)),
        ("assessed", "待查", (None, "unknown_code")),
        ("name", "  东山　村（A区）Ｂ１ ", ("东山 村（A区）B1", None)),  # noqa: RUF001
    ],
)
def test_words(name: str, cell: object, expected: tuple[object, str | None]) -> None:
    assert read(SHELTERS, name, cell) == expected


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("１１７°１５′３０．５″", 117.258472),  # noqa: RUF001
        ("26°04'48\"", 26.08),
        ("117度16分20秒", 117.272222),
        ("N26.0812", 26.0812),
        ("117.25°", 117.25),
        ("东经117°15′", 117.25),  # noqa: RUF001
        ("117 15 30.5", 117.258472),
        ("117°15′30.5″E", 117.258472),  # noqa: RUF001
        ("26°4′48.0′′", 26.08),  # noqa: RUF001
        ("3.5W", -3.5),
        ("-3°30′", -3.5),  # noqa: RUF001
    ],
)
def test_degrees(text: str, degrees: float) -> None:
    assert parse_degrees(text)[0] == pytest.approx(degrees, abs=1e-6)


@pytest.mark.parametrize("text", ["abc", "121.2°75′", "E121°15′N", "1_2", "nan", "inf"])  # noqa: RUF001
def test_no_degrees(text: str) -> None:
    assert parse_degrees(text) == (None, "bad_coordinate")


@given(st.floats(-180, 180, allow_nan=False))
def test_degrees_written_in_parts_come_back(degrees: float) -> None:
    whole = round(abs(degrees) * 36_000)
    text = f"{whole // 36_000}°{whole // 600 % 60}′{whole % 600 / 10:.1f}″"  # noqa: RUF001
    text += "W" if degrees < 0 else "E"
    assert parse_degrees(text)[0] == pytest.approx(degrees, abs=1e-4)


def test_pairs() -> None:
    assert parse_pair("北纬28°7′,东经121°15′") == parse_pair("121.25,28.116666667")  # noqa: RUF001
    assert parse_pair("某地") is None


@given(st.text(max_size=12))
def test_no_text_breaks_a_parser(text: str) -> None:
    for field in (*SHELTERS.fields.values(), *HAZARDS.fields.values()):
        values, _ = parse_column(np.array([text], dtype=object), field, None)
        assert len(values) == 1


@given(
    st.lists(st.text(max_size=5) | st.sampled_from(["A 1", "１", "-", "1e5", "ＡＢ"])),  # noqa: RUF001
    st.sampled_from(["name", "shelter_id"]),
)
def test_a_column_read_whole_is_the_column_read_cell_by_cell(
    texts: list[str], name: str
) -> None:
    field = SHELTERS[name]
    cells = np.array([one or None for one in texts] + [None], dtype=object)[:-1]
    apart = [parse_column(cells[[at]], field, None)[0] for at in range(len(cells))]
    whole = parse_column(np.append(cells, 7), field, None)[0]
    together = parse_column(cells, field, None)[0]
    assert together.tolist() == [one.iloc[0] for one in apart]
    assert together.tolist() == whole.tolist()[:-1]


@given(st.integers(0, 10**8))
def test_whole_numbers_are_read_exactly(number: int) -> None:
    assert read(SHELTERS, "declared_people", f"{number:,}") == (number, None)
