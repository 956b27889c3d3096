"""Which faults are planted where: one line a fault, table by table."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from generator import faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.faults import Row

    Change = Callable[[Any, Row], object]

UNPLACED = "桅尖小学避灾安置点"
AS_OF = dt.date(2026, 4, 15)
STALE_DAYS = 15
NAME = "应急避难场所名称 "
VILLAGE = "社区（行政村）名称"
PEOPLE = "常住人口数量"
HOLDS = "避难所容纳人数（人）"
MOVES = "应转移人数（人）"
OFFICERLESS = "弯篙洋村"
CROWDED, MISNAMED = "ZY0027", "ZY0024"
READ = "none"  # no rule: the cell must be read in spite of its form


class Plant(NamedTuple):
    """A fault to plant: which row, which column, what becomes of the cell.

    Attributes
    ----------
    where
        Number of the row, or the value of the column `by` in it.
    column
        The heading of the cell.
    change
        From the true cell and its row to the faulty cell; None leaves it.
    rule, kind, note
        As of `faults.Fault`; an empty note gives the true value.
    """

    where: int | str
    column: str
    change: Change | None
    rule: str
    kind: str
    note: str = ""


def to(value: object) -> Change:
    """Return the change to a fixed value."""
    return lambda _cell, _row: value


def cut(length: int) -> Change:
    """Return the change that keeps the first characters only."""
    return lambda cell, _row: cell[:length]


def like(column: str) -> Change:
    """Return the change to what another column of the row holds."""
    return lambda _cell, row: row[column]


def more(column: str, by: int) -> Change:
    """Return the change to more than what another column holds."""
    return lambda _cell, row: row[column] + by


def said(before: str = "", after: str = "") -> Change:
    """Return the change that writes words around the cell."""
    return lambda cell, _row: f"{before}{cell}{after}"


def wide(cell: Any, _row: Row) -> str:  # noqa: ANN401
    """Return the cell in full-width digits."""
    return faults.wide(cell)


def grouped(cell: Any, _row: Row) -> str:  # noqa: ANN401
    """Return the cell with a comma at thousands."""
    return f"{cell:,}"


def day(pattern: str) -> Change:
    """Return the change from a date to text such as 2026年4月8日."""
    return lambda cell, _row: pattern.format(cell.year, cell.month, cell.day)


WRITTEN = day("{}年{}月{}日")
NO_DAY, SHORT = "不存在的日期", "电话位数不足"
SAME, PARTS = "A、B角同一人", "分项大于总数"
AS_NUMBER, AS_DATE = "应按数字读取", "应按日期读取"

VILLAGES = (
    Plant("屏城社区", PEOPLE, grouped, READ, "千分位分隔", AS_NUMBER),
    Plant("石鼓潭村", PEOPLE, wide, READ, "全角数字", AS_NUMBER),
    Plant("沙秋渡村", PEOPLE, said(after="人"), "number_as_text", "数字带单位"),
    Plant("螺蛳岙村", "登记注册志愿者人数", said("约"), "approximate_number", "约数"),
    Plant("盐坛头村", "灾害信息员人数", to(1), "few_information_officers", "少于2人"),
    Plant(
        "桅尖村", "65岁（含）以上人数", more(PEOPLE, 100), "parts_exceed_total", PARTS
    ),
    Plant("枕浪村", "应急演练时间", to("2025年2月30日"), "bad_date", NO_DAY),
    Plant("青砻村", "应急演练时间", WRITTEN, READ, "书写日期", AS_DATE),
    Plant("南箬坑村", "残障人员人数", to(None), READ, "缺值", "应为未知，不是零"),
    Plant("雁坪头村", PEOPLE, to(None), "missing_required", "缺值"),
    Plant(
        "白礁湾村",
        "0-14岁人数",
        lambda _, row: row[PEOPLE] - row["65岁（含）以上人数"] + 9,
        "classes_exceed_total",
        "儿童与老年人之和大于总数",
    ),
    Plant("灯盏山村", "总户数", to(31), "household_size", "户均人数异常"),
    Plant(OFFICERLESS, VILLAGE, None, "officers_unregistered", "名录只有一名信息员"),
)
SHELTERS = (
    Plant(
        "竹屿中心学校避灾安置点", HOLDS, said("约", "人"), "approximate_number", "约数"
    ),
    Plant("屏江中心学校避灾安置点", HOLDS, wide, READ, "全角数字", AS_NUMBER),
    Plant(
        "屏江体育公园应急避难场所",
        "应急避难场所占地总面积（平方米）",
        to("13.5亩"),
        "number_as_text",
        "单位与表头不同",
        "应为 9000 平方米",
    ),
    Plant("屏江体育公园应急避难场所", HOLDS, grouped, READ, "千分位分隔", AS_NUMBER),
    Plant(
        "银鳌头老年活动中心避灾安置点",
        HOLDS,
        to(900),
        "capacity_mismatch",
        "申报人数与面积不符",
    ),
    Plant("青砻村级活动中心避灾安置点", "A角电话", cut(10), "bad_phone", SHORT),
    Plant(
        "潮音埭渔民之家避灾安置点", "B角姓名", like("A角姓名"), "same_person_ab", SAME
    ),
    Plant(
        "沙秋渡文化礼堂避灾安置点", "级别", to("居委级"), "unknown_code", "不在选项内"
    ),
    Plant(
        "枫坳里村级活动中心避灾安置点",
        "报出日期",
        to("2026年2月30日"),
        "bad_date",
        NO_DAY,
    ),
    Plant(UNPLACED, NAME, None, "unmatched_place", "空间图层里没有这个名称"),
    Plant("山前老校舍避灾安置点", NAME, None, "shelter_in_zone", "场所在危险区内"),
    Plant("溪边大会堂避灾安置点", NAME, None, "shelter_in_zone", "场所在危险区内"),
    Plant("潮音埭渔民之家避灾安置点", HOLDS, None, "missing_required", "容量不明"),
    Plant(
        "枫坳里村级活动中心避灾安置点",
        NAME,
        None,
        "area_mismatch",
        "有效面积大于室内面积",
    ),
    Plant(
        "枫坳里村级活动中心避灾安置点",
        "应急避难场所室内面积（平方米）",
        to(40),
        READ,
        "室内面积少填一位",
    ),
)
HAZARD_POINTS = (
    Plant(5, "监测责任人姓名", like("防灾责任人姓名"), "same_person_ab", SAME),
    Plant(8, "防灾责任人电话", cut(9), "bad_phone", SHORT),
    Plant(11, "威胁人数(人)", said(after="人"), "number_as_text", "数字带单位"),
    Plant(14, "威胁人数(人)", to("十几"), "bad_number", "不是数字"),
    Plant(
        17,
        "威胁财产(万元)",
        said(after="万元"),
        "number_as_text",
        "数字带单位",
        "表头已有万元，不应再乘",
    ),
    Plant(20, "隐患点类型", to("山体开裂"), "unknown_code", "不在选项内"),
    Plant(
        23,
        "最近巡查日期",
        to(AS_OF - dt.timedelta(days=52)),
        "stale_inspection",
        "巡查超期",
    ),
    Plant(24, "最近巡查日期", WRITTEN, READ, "书写日期", AS_DATE),
    Plant(25, "最近巡查日期", day("{}.{}.{}"), READ, "书写日期", AS_DATE),
    Plant(26, "最近巡查日期", day("{}/{:02d}/{:02d}"), READ, "书写日期", AS_DATE),
    Plant(34, "防灾责任人电话", to(None), "missing_required", "缺值"),
    Plant(37, "威胁户数(户)", wide, READ, "全角数字", AS_NUMBER),
)
TEAMS = (
    Plant(6, "人数", to("三十余人"), "bad_number", "不是数字"),
    Plant(9, "人数", said(after="人"), "number_as_text", "数字带单位"),
    Plant(12, "人数", said("约"), "approximate_number", "约数"),
    Plant(15, "队长电话", cut(8), "bad_phone", SHORT),
    Plant(18, "区划代码", cut(11), "bad_code", "区划代码少一位"),
)
# Rows of GROUPS are counted among the groups of 地质灾害点.
GROUPS = (
    Plant(
        12,
        "纬度",
        lambda cell, _: round(cell + 0.09, 6),
        "outside_village",
        "坐标不在所填的村",
    ),
    Plant(15, MOVES, wide, READ, "全角数字", AS_NUMBER),
    Plant(18, MOVES, said(after="人"), "number_as_text", "数字带单位"),
    Plant(21, MOVES, said("约"), "approximate_number", "约数"),
    Plant(24, MOVES, to(None), "missing_required", "缺值", "人数未知，不是零"),
    Plant(27, "A角电话", cut(10), "bad_phone", SHORT),
    Plant(30, "责任人B角", like("责任人A角"), "same_person_ab", SAME),
    Plant(33, "行政村代码", to("990121100999"), "unknown_village", "没有这个村代码"),
    Plant(36, "行政村代码", cut(11), "bad_code", "区划代码少一位"),
    Plant(39, "安置方式", to("另行安排"), "unknown_code", "不在选项内"),
    Plant(42, "老年人", more(MOVES, 7), "parts_exceed_total", PARTS),
    Plant(45, "对应隐患编号", to("FX9999"), "dangling_id", "没有这个防范区"),
)
HOUSEHOLDS = (
    Plant(7, "联系电话", cut(10), "bad_phone", SHORT),
    Plant(16, "户主姓名", to(None), "missing_required", "缺值"),
    Plant(33, "家庭人口", wide, READ, "全角数字", AS_NUMBER),
)
CAPACITY = "总库容（万立方米）"
RESERVOIRS = (
    Plant(1, CAPACITY, said("约"), "approximate_number", "约数"),
    Plant(
        4,
        CAPACITY,
        said(after="万立方米"),
        "number_as_text",
        "数字带单位",
        "表头已有万立方米，不应再乘",
    ),
    Plant(6, "下游影响人数", to("若干"), "bad_number", "不是数字"),
    Plant(8, "巡查责任人", to(None), READ, "缺值"),
)
WATERLOG_POINTS = (
    Plant(
        2,
        "最大积水深度",
        lambda cell, _: f"{cell * 100:.0f}cm",
        "number_as_text",
        "单位写在格里",
    ),
)
INSPECTIONS = (
    Plant(3, "排查日期", to("2026-02-30"), "bad_date", NO_DAY),
    Plant(7, "隐患点编号", to("990121019999"), "dangling_id", "没有这个隐患点"),
    Plant(10, "排查日期", WRITTEN, READ, "书写日期", AS_DATE),
    Plant(11, "排查日期", WRITTEN, READ, "书写日期", AS_DATE),
    Plant(8, "排查日期", to(dt.date(2026, 5, 4)), "future_date", "日期晚于数据截止日"),
    Plant(1, "整改完成日期", to(dt.date(2026, 3, 11)), "date_order", "整改早于排查"),
)
TOWNSHIPS = (
    Plant(
        "岚岙镇",
        PEOPLE,
        lambda cell, _: cell + 50,
        "township_sum",
        "乡镇人口与各村之和不符",
    ),
)
BROADCASTS = (
    Plant(
        8, "经度", lambda cell, _: round(cell, 3), "low_precision", "坐标只有三位小数"
    ),
)
DUTIES = (
    Plant(70, "乡镇代码", to("990121200000"), "township_mismatch", "代码不属这个乡镇"),
    Plant(9, "手机号码", cut(9), "bad_phone", SHORT),
    Plant(20, "手机号码", to(None), "missing_required", "缺值"),
)
