"""Planted faults: what is wrong in the tables, where, and who should notice."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]
WHOLE = -1


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault.

    Attributes
    ----------
    layer, source, sheet
        Where it is; `source` relative to the county folder.
    row
        The row as a census counts it (rows of a sheet or lines of a file from 1,
        features from 1); None for a fault of the whole source.
    id, column, value
        Identifier of the object, heading of the source, the cell as written.
    kind, rule, note
        What was done, the rule that should find it, what is true.
    """

    layer: str
    source: str
    sheet: str | None
    row: int | None
    id: str | None
    column: str | None
    value: str | None
    kind: str
    rule: str
    note: str


@dataclass(slots=True)
class Planter:
    """Plants faults in the rows of one source and remembers them."""

    layer: str
    source: str
    marks: list[tuple[Row | None, str | None, str, str, str]] = field(
        default_factory=list
    )

    def set(
        self,
        row: Row,
        column: str,
        value: object,
        *,
        rule: str,
        kind: str,
        note: str = "",
    ) -> None:
        """Overwrite a cell of a row with a faulty value."""
        true = row.get(column)
        row[column] = value
        self.mark(row, column, rule=rule, kind=kind, note=note or f"应为 {true}")

    def mark(
        self,
        row: Row | None,
        column: str | None,
        *,
        rule: str,
        kind: str,
        note: str = "",
    ) -> None:
        """Remember a fault of a row, or of the whole source if None."""
        self.marks.append((row, column, kind, rule, note))

    def ledger(
        self, rows: list[Row], first: int, key: str, *, sheet: str | None = None
    ) -> list[Fault]:
        """Return the faults of the rows as written from row `first` on."""
        place = {id(row): first + k for k, row in enumerate(rows)}
        found = []
        for row, column, kind, rule, note in self.marks:
            if row is not None and id(row) not in place:
                continue
            found.append(
                Fault(
                    self.layer,
                    self.source,
                    None if row is None else sheet,
                    None if row is None else place[id(row)],
                    None if row is None else _text(row.get(key)),
                    column,
                    None if row is None or column is None else _text(row.get(column)),
                    kind,
                    rule,
                    note,
                )
            )
        return found


def _text(value: object) -> str | None:
    """Return a cell as text, None for an empty one."""
    return None if value is None else str(value)


def write_faults(faults: list[Fault], path: Path) -> None:
    """Write the list of faults as TOML, one table a fault."""
    lines = [
        "# 云屏县（虚构）示例数据中有意埋设的错误，供质检测试使用。",
        "# row 为来源中的行号（工作表和文本从 1 数起，含表头；矢量要素从 1 数起），",
        "# 缺 row 者为整个来源的问题；rule 为应当报出的质检规则。",
    ]
    for fault in faults:
        lines += ["", "[[fault]]"]
        for name in Fault.__slots__:
            value = getattr(fault, name)
            if value is not None:
                lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Return a position as the maps of internet firms show it (GCJ-02)."""
    x, y = lon - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    wave = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    east = (
        300
        + x
        + 2 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + (
            wave
            + 20 * math.sin(x * math.pi)
            + 40 * math.sin(x / 3 * math.pi)
            + 150 * math.sin(x / 12 * math.pi)
            + 300 * math.sin(x / 30 * math.pi)
        )
        * 2
        / 3
    )
    north = (
        -100
        + 2 * x
        + 3 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + (
            wave
            + 20 * math.sin(y * math.pi)
            + 40 * math.sin(y / 3 * math.pi)
            + 160 * math.sin(y / 12 * math.pi)
            + 320 * math.sin(y * math.pi / 30)
        )
        * 2
        / 3
    )
    axis, flat = 6378245.0, 0.00669342162296594323
    phi = math.radians(lat)
    root = 1 - flat * math.sin(phi) ** 2
    north *= 180 / (axis * (1 - flat) / (root * math.sqrt(root)) * math.pi)
    east *= 180 / (axis / math.sqrt(root) * math.cos(phi) * math.pi)
    return round(lon + east, 6), round(lat + north, 6)


def to_dms(degrees: float, style: int) -> str:
    """Return degrees as people type degrees, minutes and seconds."""
    seconds = round(degrees * 3600, 2)
    d, rest = divmod(seconds, 3600)
    m, s = divmod(rest, 60)
    marks = ("°′″", "°'\"", "度分秒")[style % 3]  # noqa: RUF001
    return f"{d:.0f}{marks[0]}{m:02.0f}{marks[1]}{s:05.2f}{marks[2]}"


def wide(number: object) -> str:
    """Return a number in full-width digits."""
    return str(number).translate({ord("0") + k: ord("０") + k for k in range(10)})  # noqa: RUF001
