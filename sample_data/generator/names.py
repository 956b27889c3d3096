"""Invented names of places and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

COUNTY = "云屏县"
COUNTY_CODE = "990121"
TOWNSHIPS = ("屏江镇", "岚岙镇", "竹屿乡")
VILLAGES = {
    "屏江镇": (
        "屏城社区",
        "竹溪村",
        "云栈头村",
        "石鼓潭村",
        "枫坳里村",
        "青砻村",
        "雁坪头村",
        "弯篙洋村",
        "麻车圩村",
        "下芝溪村",
        "鹤背岭村",
        "沙秋渡村",
    ),
    "岚岙镇": (
        "岚浦社区",
        "银鳌头村",
        "潮音埭村",
        "白礁湾村",
        "螺蛳岙村",
        "灯盏山村",
        "望潮门村",
        "盐坛头村",
        "南箬坑村",
        "梅雨坪村",
    ),
    "竹屿乡": (
        "竹屿街村",
        "海青屿村",
        "炉峰下村",
        "箬帽岩村",
        "枕浪村",
        "蓝田岙村",
        "石帆沿村",
        "桅尖村",
    ),
}
STREAMS = (
    "屏江",
    "竹溪",
    "芝溪",
    "雁溪",
    "枫坑",
    "岚溪",
    "箬坑",
    "梅溪",
    "炉峰溪",
    "青坑",
)
HAMLETS = (
    "上宅",
    "下宅",
    "里岙",
    "外岙",
    "水碓头",
    "大树脚",
    "岭脚",
    "桥头",
    "后垟",
    "前垟",
    "坑边",
    "新屋",
    "老屋基",
    "石门",
    "竹园下",
    "溪口",
    "山根",
    "塘下",
    "埠头",
    "庙前",
    "田心",
    "岩下",
    "井头",
    "坪上",
    "小岙",
    "杨梅坦",
    "横路",
    "樟树下",
    "渡船头",
    "沙角",
)
SURNAMES = "林陈王张叶郑潘谢黄周徐金季卓颜江苏柯蒋夏邵吕应尤曾阮"
GIVEN = (
    "云生",
    "海明",
    "建岩",
    "岙华",
    "溪青",
    "秀屏",
    "振潮",
    "阿竹",
    "国岚",
    "银花",
    "望山",
    "志帆",
    "小满",
    "春岭",
    "文埠",
    "素箬",
    "立涛",
    "德坪",
    "永屿",
    "佩兰",
    "晓峰",
    "金塘",
    "守浦",
    "正礁",
    "月芬",
    "兆雁",
    "思枫",
    "克垟",
    "仁岱",
    "雨梅",
)


class People:
    """A source of invented people; each has a phone out of 1990000xxxx."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._phones = rng.permutation(10_000)
        self._given = 0

    def name(self) -> str:
        """Return an invented name."""
        surname = SURNAMES[self._rng.integers(len(SURNAMES))]
        return surname + GIVEN[self._rng.integers(len(GIVEN))]

    def phone(self) -> str:
        """Return a phone that nobody has; no phone is given twice."""
        number = self._phones[self._given]
        self._given += 1
        return f"1990000{number:04d}"

    def pair(self) -> dict[str, str]:
        """Return a responsible person and a deputy with another name."""
        first, second = self.name(), self.name()
        while second == first:
            second = self.name()
        return {
            "responsible_a": first,
            "phone_a": self.phone(),
            "responsible_b": second,
            "phone_b": self.phone(),
        }
