from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riskmap.errors import StandardError
from riskmap.evacuation import read_levels

if TYPE_CHECKING:
    from pathlib import Path

TABLE = """
order = ["IV", "III", "II", "I"]
unlisted = "{unlisted}"
[[moves]]
categories = {categories}
grades = ["极高"]
level = "III"
{source}
[[moves]]
categories = ["地质灾害点"]
level = "II"
source = "county plan of 2025"
evidence = "S"
"""


def table(folder: Path, **parts: str) -> Path:
    words = {"unlisted": "I", "categories": '["地质灾害点"]', "source": 'source = "x"'}
    path = folder / "levels.toml"
    path.write_text(TABLE.format(**words | parts), encoding="utf-8")
    return path


def test_the_shipped_table_names_what_is_assumed() -> None:
    levels = read_levels()
    assert levels.assumed
    assert levels.order == ("IV", "III", "II", "I")
    assert levels.moves_at("渔船") == "III"
    assert levels.moves_at("没有的类别") == levels.unlisted == "I"


def test_a_county_may_let_grades_decide(tmp_path: Path) -> None:
    levels = read_levels(table(tmp_path))
    assert levels.moves_at("地质灾害点", "极高") == "III"
    assert levels.moves_at("地质灾害点", "低") == "II"
    assert levels.moves_at("地质灾害点") == "II"


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"unlisted": "V"}, 'level "V" is not in order'),
        ({"categories": "[]"}, "names no category"),
        ({"source": ""}, "names no source"),
    ],
)
def test_a_table_that_says_too_little_is_refused(
    tmp_path: Path, parts: dict[str, str], words: str
) -> None:
    with pytest.raises(StandardError, match=words):
        read_levels(table(tmp_path, **parts))


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "levels.toml"
    path.write_text('order = ["I"]', encoding="utf-8")
    with pytest.raises(StandardError, match="lacks 'unlisted'"):
        read_levels(path)
