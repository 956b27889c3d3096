"""The sheets of the sample county: nothing covered, nothing too small, all there."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import matplotlib as mpl
import pytest
import shapely

from riskmap.publish.fonts import find_fonts, points_of
from riskmap.publish.labels import overlaps
from riskmap.publish.paper import RC, write_pdf
from riskmap.publish.products import Site, draw_maps
from riskmap.publish.sheet import lay_out_map

if TYPE_CHECKING:
    from pathlib import Path

    from riskmap.publish.atlas import Atlas
    from riskmap.publish.spec import MapSpec

pytestmark = pytest.mark.slow

SITES = [
    Site("village", "990121100203"),
    Site("village", "990121200203"),
    Site("township", "990121101000"),
]
TABLES = {
    "risk": ("风险隐患一览", "责任人", "预警信号", "应急电话"),
    "route": ("避险转移表", "避灾安置场所", "责任人", "预警信号", "应急电话"),
    "situation": (
        *("避险转移表", "避灾安置场所", "责任人", "预警信号", "应急电话"),
        "风险隐患一览",
    ),
}
MUST = ("图例", "比例尺", "北", "坐标系", "数据日期", "版本", "制图单位", "审图号")


@pytest.fixture(scope="module")
def maps(sample_atlas: Atlas) -> dict[tuple[str, str], MapSpec]:
    """Compose the maps of a few places, with the plan of the wall scenario."""
    return {
        (site.code, product): spec
        for site in SITES
        for product, spec in draw_maps(sample_atlas, site).items()
    }


@pytest.mark.parametrize("code", [site.code for site in SITES])
@pytest.mark.parametrize("product", ["risk", "route", "situation"])
def test_a_sheet_of_the_county(
    maps: dict[tuple[str, str], MapSpec], code: str, product: str, tmp_path: Path
) -> None:
    spec = maps[code, product]
    with mpl.rc_context(RC):
        sheet = lay_out_map(spec, "A3", faces=find_fonts())
        file = write_pdf(sheet.figures, tmp_path / "a.pdf")
    boxes = [one.candidate.boxes for one in sheet.drawn.placed]
    for rank, one in enumerate(boxes):
        assert all(overlaps(one, other).sum() == 0 for other in boxes[:rank])
    shown = shapely.box(*sheet.drawn.plot.window)
    signs = {look.name for one in sheet.drawn.legend for look in one.looks}
    near = [layer.frame[layer.frame.intersects(shown)] for layer in spec.layers]
    drawn = {name for frame in near for name in frame["style"]}
    borders = {"township_boundary", "village_area", "boundary"}
    assert drawn - borders <= signs
    elsewhere = {name for layer in spec.layers for name in layer.frame["style"]}
    assert signs <= elsewhere | {"boundary", "no_data"}
    texts = [
        one for figure in sheet.figures for axes in figure.axes for one in axes.texts
    ]
    assert min(one.get_fontsize() for one in texts) >= points_of(2.2)
    assert len(sheet.figures) <= 3
    assert file.stat().st_size < 2_000_000
    if shutil.which("pdftotext"):
        run = subprocess.run(
            ["pdftotext", "-raw", str(file), "-"], capture_output=True, check=True
        )
        found = "".join(run.stdout.decode("utf-8").split())
        for one in sheet.drawn.placed:
            for line in sheet.drawn.wanted[one.key].words.split("\n"):
                assert "".join(line.split()) in found
        for one in sheet.drawn.legend:
            assert "".join(one.words.split()) in found
        village = spec.inset is not None and code[-3:] != "000"
        ways = ("路线走法",) if product == "route" and village else ()
        for words in (
            *MUST,
            *TABLES[product],
            *ways,
            "内部使用",
            "虚构示例",
            "110",
            "119",
            "120",
        ):
            assert words in found
