"""Planting faults in the rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator import borders, faults
from generator.plants import (
    AS_OF,
    BROADCASTS,
    CROWDED,
    DUTIES,
    GROUPS,
    HAZARD_POINTS,
    HOLDS,
    HOUSEHOLDS,
    INSPECTIONS,
    MISNAMED,
    MOVES,
    NAME,
    OFFICERLESS,
    PEOPLE,
    RESERVOIRS,
    SAME,
    SHELTERS,
    STALE_DAYS,
    TEAMS,
    TOWNSHIPS,
    VILLAGE,
    VILLAGES,
    WATERLOG_POINTS,
    Plant,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.faults import Planter, Row


def _apply(
    rows: list[Row], planter: Planter, plants: tuple[Plant, ...], *, by: str = ""
) -> None:
    """Plant faults in rows given by number or by the value of the column `by`."""
    for one in plants:
        row = (
            rows[one.where]
            if isinstance(one.where, int)
            else next(row for row in rows if row[by] == one.where)
        )
        words = {"rule": one.rule, "kind": one.kind, "note": one.note}
        if one.change is None:
            planter.mark(row, one.column, **words)
        else:
            value = one.change(row[one.column], row)
            planter.set(row, one.column, value, **words)


def _repeat(rows: list[Row], planter: Planter, row: Row) -> None:
    """Repeat a row below itself."""
    copy = dict(row)
    rows.insert(next(k for k, r in enumerate(rows) if r is row) + 1, copy)
    planter.mark(copy, None, rule="duplicate_row", kind="整行重复")


def _zero(planter: Planter, row: Row) -> None:
    """Set the position of a row to zero."""
    planter.set(row, "经度", 0, rule="zero_coordinate", kind="坐标为零")
    row["纬度"] = 0


def _number(value: object) -> int:
    """Return the number in a cell, 0 where there is none."""
    return int("".join(c for c in str(value or "") if c.isdecimal()) or 0)


def _with_totals(
    rows: list[Row], planter: Planter, *, by: str | None, label: str, total: str
) -> list[Row]:
    """Add a subtotal below each group of rows and a total at the end."""
    out: list[Row] = []

    def add(word: str, part: list[Row]) -> None:
        out.append({label: word, total: sum(_number(row[total]) for row in part)})
        planter.mark(out[-1], label, rule="total_row", kind=f"{word}行")

    for k, row in enumerate(rows):
        out.append(row)
        if by and (k + 1 == len(rows) or rows[k + 1][by] != row[by]):
            add("小计", [other for other in rows if other[by] == row[by]])
    add("合计", rows)
    return out


def _villages(rows: list[Row], planter: Planter) -> list[Row]:
    """Plant faults in the villages; subtotals and a total."""
    _apply(rows, planter, VILLAGES, by=VILLAGE)
    for row in rows:
        if row[VILLAGE] == borders.GREEDY:
            planter.mark(row, None, rule="overlapping_outlines", kind="村界重叠")
        if row[VILLAGE] == borders.BESIDE_GAP:
            planter.mark(row, None, rule="outline_gap", kind="村界之间有空隙")
    return _with_totals(
        rows, planter, by="乡镇（街道）名称", label=VILLAGE, total=PEOPLE
    )


def _shelters(rows: list[Row], planter: Planter) -> list[Row]:
    """Plant faults in the shelters; a repeated row and a total."""
    _apply(rows, planter, SHELTERS, by=NAME)
    first = next(row for row in rows if row["所在村"] == "竹溪村")
    _repeat(rows, planter, first)
    return _with_totals(rows, planter, by=None, label=NAME, total=HOLDS)


def _hazard_points(rows: list[Row], planter: Planter) -> list[Row]:
    """Shift all hazard points to GCJ-02 and plant single faults."""
    for row in rows:
        row["经度"], row["纬度"] = faults.to_gcj02(row["经度"], row["纬度"])
    planter.mark(
        None,
        "经度",
        rule="offset_gcj02",
        kind="整层为 GCJ-02 坐标，未注明",
        note="换算后应与真实位置相差不到 1 米",
    )
    for grade, wrong in (("小型", "大型"), ("中型", "小型")):
        row = [row for row in rows if row["险情等级"] == grade][2]
        planter.set(
            row,
            "险情等级",
            wrong,
            rule="grade_mismatch",
            kind="险情等级与威胁人数、财产不符",
        )
    planter.set(
        rows[29],
        "隐患点编号",
        rows[28]["隐患点编号"],
        rule="duplicate_id",
        kind="编号重复",
    )
    _apply(rows, planter, HAZARD_POINTS)
    return rows


def _teams(rows: list[Row], planter: Planter) -> list[Row]:
    """Write most positions in degrees, minutes and seconds; one is zero."""
    planter.mark(None, None, rule="encoding_gbk", kind="GB18030 编码的文本")
    nowhere = next(row for row in rows if row["队伍名称"].startswith("麻车圩村应急"))
    for k, row in enumerate(rows):
        if k % 5 != 4 and row is not nowhere:
            for column in ("经度", "纬度"):
                planter.set(
                    row,
                    column,
                    faults.to_dms(row[column], k),
                    rule="dms_text",
                    kind="度分秒文本",
                )
    _zero(planter, nowhere)
    _apply(rows, planter, TEAMS)
    return rows


def _groups(rows: list[Row], planter: Planter) -> list[Row]:
    """Plant faults in the groups that slopes threaten."""
    slides = [row for row in rows if row["转移类别"] == "地质灾害点"]
    lon, lat = slides[4]["经度"], slides[4]["纬度"]
    planter.set(slides[4], "经度", lat, rule="swapped_lonlat", kind="经纬度颠倒")
    slides[4]["纬度"] = lon
    _zero(planter, slides[9])
    _apply(slides, planter, GROUPS)
    _repeat(rows, planter, slides[48])
    by_id = {row["转移单元编号"]: row for row in rows}
    words = {"rule": "village_mismatch", "kind": "村名与代码不符"}
    planter.set(by_id[MISNAMED], "行政村", "青砻村", **words)
    words = {"rule": "households_exceed_group", "kind": "各户之和大于单元人数"}
    planter.mark(by_id[CROWDED], MOVES, **words)
    planter.set(
        slides[51],
        "转移单元编号",
        slides[50]["转移单元编号"],
        rule="duplicate_id",
        kind="编号重复",
    )
    return rows


def _households(rows: list[Row], planter: Planter) -> list[Row]:
    """Plant faults in the households; one stands twice, one has grown."""
    _apply(rows, planter, HOUSEHOLDS)
    grown = next(row for row in rows if row["转移单元编号"] == CROWDED)
    grown["家庭人口"] += 6
    _repeat(rows, planter, rows[60])
    return rows


def _inspections(rows: list[Row], planter: Planter) -> list[Row]:
    """Plant faults in the inspections; mark those that are overdue."""
    for row in rows:
        if (AS_OF - row["排查日期"]).days > STALE_DAYS:
            planter.mark(row, "排查日期", rule="stale_inspection", kind="排查超期")
            planter.mark(
                row,
                "整改期限",
                rule="overdue_rectification",
                kind="整改期限已过，没有完成",
            )
    _apply(rows, planter, INSPECTIONS)
    return rows


def _duties(rows: list[Row], planter: Planter) -> list[Row]:
    """Plant faults in the duties; one pair is the same person."""
    _apply(rows, planter, DUTIES)
    planter.set(rows[41], "姓名", rows[40]["姓名"], rule="same_person_ab", kind=SAME)
    words = {"rule": "shared_phone", "kind": "两人同一号码"}
    planter.set(rows[29], "手机号码", rows[25]["手机号码"], **words)
    pair = [row for row in rows if row["责任范围"] == OFFICERLESS]
    first, second = (row for row in pair if row["责任岗位"] == "灾害信息员")
    planter.mark(first, "A/B角", rule="no_deputy", kind="有A角没有B角")
    second["责任岗位"] = "防汛宣传员"
    return rows


def _broadcasts(rows: list[Row], planter: Planter) -> list[Row]:
    """Plant a coarse position, and one that is another's."""
    _apply(rows, planter, BROADCASTS)
    rows[8]["纬度"] = round(rows[8]["纬度"], 3)
    words = {"rule": "stacked_points", "kind": "与上一行位置相同"}
    planter.set(rows[1], "经度", rows[0]["经度"], **words)
    rows[1]["纬度"] = rows[0]["纬度"]
    return rows


def _townships(rows: list[Row], planter: Planter) -> list[Row]:
    """Plant a township whose people are not those of its villages."""
    _apply(rows, planter, TOWNSHIPS, by="乡镇（街道）名称")
    return rows


def _simple(plants: tuple[Plant, ...]) -> Callable[[list[Row], Planter], list[Row]]:
    """Return a function that plants nothing but a list of faults."""

    def planted(rows: list[Row], planter: Planter) -> list[Row]:
        _apply(rows, planter, plants)
        return rows

    return planted


_PLANTS: dict[str, Callable[[list[Row], Planter], list[Row]]] = {
    "broadcasts": _broadcasts,
    "townships": _townships,
    "villages": _villages,
    "shelters": _shelters,
    "hazard_points": _hazard_points,
    "teams": _teams,
    "groups": _groups,
    "households": _households,
    "reservoirs": _simple(RESERVOIRS),
    "waterlog_points": _simple(WATERLOG_POINTS),
    "inspections": _inspections,
    "duties": _duties,
}


def plant(layer: str, rows: list[Row], planter: Planter) -> list[Row]:
    """Return the rows of a table with its faults planted."""
    return _PLANTS[layer](rows, planter) if layer in _PLANTS else rows
