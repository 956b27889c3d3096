"""What village cadres draw on phones: KML descriptions, GPX waypoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmap.census import check_census, load_layer, read_census
from riskmap.census.described import _parted

if TYPE_CHECKING:
    from pathlib import Path

NOISE = (
    "<visibility>1</visibility><Snippet maxLines='0'></Snippet><styleUrl>#s</styleUrl>"
)
TABLE = (
    "<table border='1'><tr><td>{}</td><td>{}</td></tr>"
    "<tr><td>管理员</td><td>{}</td></tr></table>"
)


def mark(name: str, description: str) -> str:
    return (
        f"<Placemark><name>{name}</name>{NOISE}<description><![CDATA[{description}]]>"
        "</description><Point><extrude>0</extrude><altitudeMode>clampToGround"
        "</altitudeMode><coordinates>121.12345,28.12345,35</coordinates></Point>"
        "</Placemark>"
    )


def kml(path: Path, *marks: str) -> Path:
    body = f"<Document><name>图</name><Folder>{''.join(marks)}</Folder></Document>"
    path.write_text(
        f"<kml xmlns='http://www.opengis.net/kml/2.2'>{body}</kml>", "utf-8"
    )
    return path


def test_tables_and_lines_in_descriptions_become_columns(tmp_path: Path) -> None:
    path = kml(
        tmp_path / "a.kml",
        mark("东山库", "<html><body>" + TABLE.format("储备点编号", "C1", "张三")),
        mark("西山库", "管理员：李四<br/>电话：13800002222<br>在祠堂旁"),
        mark("南山库", "时间：不详<br>在祠堂旁"),
        mark("北山库", ""),
    )
    found = read_census(path, "supplies").set_index("name")
    assert found["responsible_a"].fillna("").tolist() == ["张三", "李四", "", ""]
    assert found.loc["东山库", "supply_id"] == "C1"
    assert found.loc["西山库", "phone_a"] == "13800002222"
    remarks = found["remark"].fillna("").tolist()
    assert remarks == ["", "在祠堂旁", "时间：不详 在祠堂旁", ""]
    rules = set(check_census(path, "supplies")["rule"])
    assert "unmatched_column" not in rules
    assert "described" in rules


def test_a_table_does_not_override_the_placemark(tmp_path: Path) -> None:
    path = kml(tmp_path / "a.kml", mark("东山库", TABLE.format("Name", "别名", "张三")))
    assert read_census(path, "supplies")["name"].tolist() == ["东山库"]


def test_a_receivers_figures_are_no_findings(tmp_path: Path) -> None:
    text = (
        '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="28.12345" lon="121.12345"><ele>35</ele><name>集合点</name>'
        "<cmt>有树</cmt><desc>晒谷场</desc><sym>Flag</sym></wpt></gpx>"
    )
    (tmp_path / "a.gpx").write_text(text, "utf-8")
    found = read_census(tmp_path / "a.gpx", "shelters").iloc[0]
    assert (found["name"], found["remark"]) == ("集合点", "晒谷场 有树")
    rules = set(check_census(tmp_path / "a.gpx", "shelters")["rule"])
    assert "unmatched_column" not in rules


@pytest.mark.parametrize("layer", ["supplies", "groups"])
@given(text=st.text(alphabet="<>/td r:：a表b\n&;", max_size=60))
def test_any_description_is_taken_or_kept(layer: str, text: str) -> None:
    pairs, rest = _parted(text, load_layer(layer))
    assert all(name for name in pairs)
    assert rest is None or rest.strip()
