"""Where each fault is planted, table by table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from generator import faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.faults import Planter, Row

UNPLACED = "桅尖小学避灾安置点"
AS_OF = dt.date(2026, 4, 15)
PEOPLE = "常住人口数量"
HOLDS = "避难所容纳人数（人）"
MOVES = "应转移人数（人）"
NAME = "应急避难场所名称 "


def _row(rows: list[Row], column: str, value: str) -> Row:
    """Return the first row whose cell holds a value."""
    return next(row for row in rows if row[column] == value)


def _villages(rows: list[Row], planter: Planter) -> list[Row]:
    name = "社区（行政村）名称"
    thousands = _row(rows, name, "屏城社区")
    planter.set(
        thousands,
        PEOPLE,
        f"{thousands[PEOPLE]:,}",
        rule="none",
        kind="千分位分隔",
        note="应按数字读取",
    )
    full = _row(rows, name, "石鼓潭村")
    planter.set(
        full,
        PEOPLE,
        faults.wide(full[PEOPLE]),
        rule="none",
        kind="全角数字",
        note="应按数字读取",
    )
    unit = _row(rows, name, "沙秋渡村")
    planter.set(
        unit,
        PEOPLE,
        f"{unit[PEOPLE]}人",
        rule="number_as_text",
        kind="数字带单位",
        note="应按数字读取",
    )
    about = _row(rows, name, "螺蛳岙村")
    planter.set(
        about, "登记注册志愿者人数", "约30", rule="approximate_number", kind="约数"
    )
    few = _row(rows, name, "盐坛头村")
    planter.set(
        few,
        "灾害信息员人数",
        1,
        rule="few_information_officers",
        kind="灾害信息员少于2人",
    )
    old = _row(rows, name, "桅尖村")
    planter.set(
        old,
        "65岁（含）以上人数",
        old[PEOPLE] + 100,
        rule="parts_exceed_total",
        kind="分项大于总数",
    )
    planter.set(
        _row(rows, name, "枕浪村"),
        "应急演练时间",
        "2025年2月30日",
        rule="bad_date",
        kind="不存在的日期",
    )
    written = _row(rows, name, "青砻村")
    planter.set(
        written,
        "应急演练时间",
        _written(written["应急演练时间"]),
        rule="none",
        kind="书写日期",
        note="应按日期读取",
    )
    planter.set(
        _row(rows, name, "南箬坑村"),
        "残障人员人数",
        None,
        rule="none",
        kind="缺值",
        note="应为未知，不是零",
    )
    unknown = _row(rows, name, "雁坪头村")
    planter.set(unknown, PEOPLE, None, rule="missing_required", kind="缺值")
    return _with_totals(rows, planter, "乡镇（街道）名称", name, PEOPLE)


def _written(day: dt.date) -> str:
    """Return a day as people write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def _number(value: object) -> int:
    """Return the number in a cell, 0 where there is none."""
    digits = "".join(c for c in str(value or "") if c.isdecimal())
    return int(digits or 0)


def _with_totals(
    rows: list[Row],
    planter: Planter,
    by: str | None,
    label: str,
    total: str,
) -> list[Row]:
    """Add a subtotal below each group of rows and a total at the end."""
    out: list[Row] = []
    for k, row in enumerate(rows):
        out.append(row)
        last = k + 1 == len(rows) or (by and rows[k + 1][by] != row[by])
        if by and last:
            part = [r for r in rows if r[by] == row[by]]
            out.append({label: "小计", total: sum(_number(r[total]) for r in part)})
            planter.mark(out[-1], label, rule="total_row", kind="小计行")
    out.append({label: "合计", total: sum(_number(r[total]) for r in rows)})
    planter.mark(out[-1], label, rule="total_row", kind="合计行")
    return out


def _shelters(rows: list[Row], planter: Planter) -> list[Row]:
    def of(village: str) -> Row:
        return _row(rows, "所在村", village)

    big = of("竹屿街村")
    planter.set(big, HOLDS, f"约{big[HOLDS]}人", rule="approximate_number", kind="约数")
    full = of("屏城社区")
    planter.set(full, HOLDS, faults.wide(full[HOLDS]), rule="none", kind="全角数字")
    acre = _row(rows, NAME, "屏江体育公园应急避难场所")
    planter.set(
        acre,
        "应急避难场所占地总面积（平方米）",
        "13.5亩",
        rule="number_as_text",
        kind="单位与表头不同",
        note="应为 9000 平方米",
    )
    planter.set(acre, HOLDS, "2,600", rule="none", kind="千分位分隔")
    planter.set(
        of("银鳌头村"), HOLDS, 900, rule="capacity_mismatch", kind="申报人数与面积不符"
    )
    short = of("青砻村")
    planter.set(
        short, "A角电话", short["A角电话"][:10], rule="bad_phone", kind="电话少一位"
    )
    same = of("海青屿村")
    planter.set(
        same, "B角姓名", same["A角姓名"], rule="same_person_ab", kind="A、B角同一人"
    )
    planter.set(
        of("沙秋渡村"), "级别", "居委级", rule="unknown_code", kind="不在选项内"
    )
    planter.set(
        of("枫坳里村"),
        "报出日期",
        "2026年2月30日",
        rule="bad_date",
        kind="不存在的日期",
    )
    row = _row(rows, NAME, UNPLACED)
    planter.mark(row, NAME, rule="unmatched_place", kind="空间图层里没有这个名称")
    for name in ("山前老校舍避灾安置点", "溪边大会堂避灾安置点"):
        planter.mark(
            _row(rows, NAME, name), NAME, rule="shelter_in_zone", kind="场所在危险区内"
        )
    hollow = _row(rows, NAME, "潮音埭渔民之家避灾安置点")
    planter.mark(hollow, HOLDS, rule="missing_required", kind="容量不明")
    copy = dict(of("竹溪村"))
    rows.insert(rows.index(of("竹溪村")) + 1, copy)
    planter.mark(copy, None, rule="duplicate_row", kind="整行重复")
    return _with_totals(rows, planter, None, NAME, HOLDS)


def _hazard_points(rows: list[Row], planter: Planter) -> list[Row]:
    for row in rows:
        lon, lat = faults.to_gcj02(row["经度"], row["纬度"])
        row["经度"], row["纬度"] = lon, lat
    planter.mark(
        None,
        "经度",
        rule="offset_gcj02",
        kind="整层为 GCJ-02 坐标，未注明",
        note="换算后应与真实位置相差不到 1 米",
    )
    small = [row for row in rows if row["险情等级"] == "小型"]
    planter.set(
        small[2],
        "险情等级",
        "大型",
        rule="grade_mismatch",
        kind="险情等级与威胁人数不符",
    )
    middle = [row for row in rows if row["险情等级"] == "中型"]
    planter.set(
        middle[1],
        "险情等级",
        "小型",
        rule="grade_mismatch",
        kind="险情等级与威胁人数不符",
    )
    planter.set(
        rows[5],
        "监测责任人姓名",
        rows[5]["防灾责任人姓名"],
        rule="same_person_ab",
        kind="A、B角同一人",
    )
    planter.set(
        rows[8],
        "防灾责任人电话",
        rows[8]["防灾责任人电话"][:9],
        rule="bad_phone",
        kind="电话少两位",
    )
    planter.set(
        rows[11],
        "威胁人数(人)",
        f"{rows[11]['威胁人数(人)']}人",
        rule="number_as_text",
        kind="数字带单位",
    )
    planter.set(rows[14], "威胁人数(人)", "十几", rule="bad_number", kind="不是数字")
    planter.set(
        rows[17],
        "威胁财产(万元)",
        f"{rows[17]['威胁财产(万元)']}万元",
        rule="number_as_text",
        kind="数字带单位",
        note="表头已有万元，不应再乘",
    )
    planter.set(
        rows[20], "隐患点类型", "山体开裂", rule="unknown_code", kind="不在选项内"
    )
    planter.set(
        rows[23],
        "最近巡查日期",
        AS_OF - dt.timedelta(days=52),
        rule="stale_inspection",
        kind="巡查超期",
    )
    for k, text in (
        (24, _written),
        (25, lambda d: f"{d.year}.{d.month}.{d.day}"),
        (26, lambda d: d.strftime("%Y/%m/%d")),
    ):
        planter.set(
            rows[k],
            "最近巡查日期",
            text(rows[k]["最近巡查日期"]),
            rule="none",
            kind="书写日期",
            note="应按日期读取",
        )
    planter.set(
        rows[31],
        "隐患点编号",
        rows[30]["隐患点编号"],
        rule="duplicate_id",
        kind="编号重复",
    )
    planter.set(rows[34], "防灾责任人电话", None, rule="missing_required", kind="缺值")
    planter.set(
        rows[37],
        "威胁户数(户)",
        faults.wide(rows[37]["威胁户数(户)"]),
        rule="none",
        kind="全角数字",
    )
    return rows


def _teams(rows: list[Row], planter: Planter) -> list[Row]:
    planter.mark(None, None, rule="encoding_gbk", kind="GB18030 编码的文本")
    for k, row in enumerate(rows):
        if k % 5 != 4:
            row["经度"] = faults.to_dms(row["经度"], k)
            row["纬度"] = faults.to_dms(row["纬度"], k)
            planter.mark(row, "经度", rule="dms_text", kind="度分秒文本")
    station = next(row for row in rows if row["队伍名称"] == "麻车圩村应急抢险突击队")
    planter.marks = [mark for mark in planter.marks if mark[0] is not station]
    planter.set(station, "经度", 0, rule="zero_coordinate", kind="坐标为零")
    station["纬度"] = 0
    planter.set(rows[6], "人数", "三十余人", rule="bad_number", kind="不是数字")
    planter.set(
        rows[9],
        "人数",
        f"{rows[9]['人数']}人",
        rule="number_as_text",
        kind="数字带单位",
    )
    planter.set(
        rows[12],
        "人数",
        f"约{rows[12]['人数']}",
        rule="approximate_number",
        kind="约数",
    )
    planter.set(
        rows[15],
        "队长电话",
        rows[15]["队长电话"][:8],
        rule="bad_phone",
        kind="电话少三位",
    )
    planter.set(
        rows[18],
        "区划代码",
        rows[18]["区划代码"][:11],
        rule="bad_code",
        kind="区划代码少一位",
    )
    return rows


def _groups(rows: list[Row], planter: Planter) -> list[Row]:
    slides = [row for row in rows if row["转移类别"] == "地质灾害点"]
    swapped = slides[4]
    lon, lat = swapped["经度"], swapped["纬度"]
    planter.set(swapped, "经度", lat, rule="swapped_lonlat", kind="经纬度颠倒")
    swapped["纬度"] = lon
    planter.set(slides[9], "经度", 0, rule="zero_coordinate", kind="坐标为零")
    slides[9]["纬度"] = 0
    planter.set(
        slides[12],
        "纬度",
        round(slides[12]["纬度"] + 0.09, 6),
        rule="outside_village",
        kind="坐标不在所填的村",
    )
    planter.set(
        slides[15], MOVES, faults.wide(slides[15][MOVES]), rule="none", kind="全角数字"
    )
    planter.set(
        slides[18],
        MOVES,
        f"{slides[18][MOVES]}人",
        rule="number_as_text",
        kind="数字带单位",
    )
    planter.set(
        slides[21],
        MOVES,
        f"约{slides[21][MOVES]}",
        rule="approximate_number",
        kind="约数",
    )
    planter.set(
        slides[24],
        MOVES,
        None,
        rule="missing_required",
        kind="缺值",
        note="人数未知，不是零",
    )
    planter.set(
        slides[27],
        "A角电话",
        slides[27]["A角电话"][:10],
        rule="bad_phone",
        kind="电话少一位",
    )
    planter.set(
        slides[30],
        "责任人B角",
        slides[30]["责任人A角"],
        rule="same_person_ab",
        kind="A、B角同一人",
    )
    planter.set(
        slides[33],
        "行政村代码",
        "990121100999",
        rule="unknown_village",
        kind="没有这个村代码",
    )
    planter.set(
        slides[36], "行政村代码", "99012110020", rule="bad_code", kind="区划代码少一位"
    )
    planter.set(
        slides[39], "安置方式", "另行安排", rule="unknown_code", kind="不在选项内"
    )
    planter.set(
        slides[42],
        "老年人",
        slides[42][MOVES] + 7,
        rule="parts_exceed_total",
        kind="分项大于总数",
    )
    planter.set(
        slides[45], "对应隐患编号", "FX9999", rule="dangling_id", kind="没有这个防范区"
    )
    copy = dict(slides[48])
    rows.insert(rows.index(slides[48]) + 1, copy)
    planter.mark(copy, None, rule="duplicate_row", kind="整行重复")
    twin = slides[51]
    planter.set(
        twin,
        "转移单元编号",
        slides[50]["转移单元编号"],
        rule="duplicate_id",
        kind="编号重复",
    )
    return rows


def _households(rows: list[Row], planter: Planter) -> list[Row]:
    planter.set(
        rows[7],
        "联系电话",
        rows[7]["联系电话"][:10],
        rule="bad_phone",
        kind="电话少一位",
    )
    planter.set(rows[16], "户主姓名", None, rule="missing_required", kind="缺值")
    planter.set(rows[33], "家庭人口", "４", rule="none", kind="全角数字")  # noqa: RUF001
    copy = dict(rows[60])
    rows.insert(61, copy)
    planter.mark(copy, None, rule="duplicate_row", kind="整行重复")
    return rows


def _reservoirs(rows: list[Row], planter: Planter) -> list[Row]:
    column = "总库容（万立方米）"
    planter.set(
        rows[1], column, f"约{rows[1][column]}", rule="approximate_number", kind="约数"
    )
    planter.set(
        rows[4],
        column,
        f"{rows[4][column]}万立方米",
        rule="number_as_text",
        kind="数字带单位",
        note="表头已有万立方米，不应再乘",
    )
    planter.set(rows[6], "下游影响人数", "若干", rule="bad_number", kind="不是数字")
    planter.set(rows[8], "巡查责任人", None, rule="none", kind="缺值")
    return rows


def _waterlog_points(rows: list[Row], planter: Planter) -> list[Row]:
    column = "最大积水深度"
    for row in rows:
        row[column] = f"{row[column]:.2f}"
    planter.set(
        rows[2],
        column,
        f"{float(rows[2][column]) * 100:.0f}cm",
        rule="number_as_text",
        kind="单位写在格里",
        note=f"应为 {rows[2][column]} 米",
    )
    return rows


def _inspections(rows: list[Row], planter: Planter) -> list[Row]:
    for row in rows:
        if (AS_OF - row["排查日期"]).days > 15:
            planter.mark(row, "排查日期", rule="stale_inspection", kind="排查超期")
            planter.mark(
                row,
                "整改期限",
                rule="overdue_rectification",
                kind="整改期限已过，没有完成",
            )
    planter.set(rows[3], "排查日期", "2026-02-30", rule="bad_date", kind="不存在的日期")
    planter.set(
        rows[7], "隐患点编号", "990121019999", rule="dangling_id", kind="没有这个隐患点"
    )
    for k in (10, 11):
        planter.set(
            rows[k],
            "排查日期",
            _written(rows[k]["排查日期"]),
            rule="none",
            kind="书写日期",
            note="应按日期读取",
        )
    return rows


def _duties(rows: list[Row], planter: Planter) -> list[Row]:
    planter.set(
        rows[9],
        "手机号码",
        rows[9]["手机号码"][:9],
        rule="bad_phone",
        kind="电话少两位",
    )
    planter.set(rows[20], "手机号码", None, rule="missing_required", kind="缺值")
    planter.set(
        rows[41],
        "姓名",
        rows[40]["姓名"],
        rule="same_person_ab",
        kind="A、B角同一人",
        note="同村同岗的 A 角与 B 角",
    )
    return rows


_PLANTS: dict[str, Callable[[list[Row], Planter], list[Row]]] = {
    "villages": _villages,
    "shelters": _shelters,
    "hazard_points": _hazard_points,
    "teams": _teams,
    "groups": _groups,
    "households": _households,
    "reservoirs": _reservoirs,
    "waterlog_points": _waterlog_points,
    "inspections": _inspections,
    "duties": _duties,
}


def plant(layer: str, rows: list[Row], planter: Planter) -> list[Row]:
    """Return the rows of a table with its faults planted."""
    return _PLANTS[layer](rows, planter) if layer in _PLANTS else rows
