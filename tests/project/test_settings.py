"""riskmap.toml: read whole, or refused in one line that names file and key."""

from pathlib import Path

import pytest

from riskmap.errors import ProjectError
from riskmap.settings import read_settings

GOOD = """
[project]
name = "云屏县"
as_of = 2026-04-15
[sources.villages]
path = "村.xlsx"
[scenario.typhoon]
hazards = ["risk_zones"]
arrives_at = 2026-08-20T20:00:00
[publish]
scenario = "typhoon"
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "riskmap.toml"
    file.write_text(text, encoding="utf-8")
    return folder


def test_a_folder_or_its_file_reads_the_same(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    assert read_settings(folder) == read_settings(folder / "riskmap.toml")


def test_defaults_are_the_contracts(tmp_path: Path) -> None:
    _, settings = read_settings(write(tmp_path, GOOD))
    assert settings.wall_scenario == "typhoon"
    assert settings.standards.rescue == ("three_minute", "135_taizhou")
    assert settings.publish.page == "A3"
    assert settings.network.dem_paths == ()


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    file = tmp_path / "riskmap.toml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_settings(file)[1].project.name == "云屏县"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("as_of", "asof"), r'unknown key "project\.asof"; did you mean "as_of"'),
        (("path =", "pth ="), r'unknown key "sources\.villages\.pth".*"path"'),
        (("[publish]", "[publsh]"), r'unknown key "publsh".*"publish"'),
        (("hazards", "hazard"), r'"scenario\.typhoon\.hazard".*"hazards"'),
        (('name = "云屏县"', ""), r'key "project\.name" is missing'),
        (("2026-04-15", '"spring"'), r'key "project\.as_of": '),
        (('"typhoon"', '"flood"'), r"among the scenarios: typhoon"),
        (("[project]", "[project"), r"is not TOML"),
    ],
)
def test_a_fault_is_one_line_with_file_and_key(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    folder = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(ProjectError, match=words) as caught:
        read_settings(folder)
    assert "riskmap.toml" in str(caught.value)
    assert "\n" not in str(caught.value).split("is not TOML")[0]


def test_a_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="riskmap init"):
        read_settings(tmp_path)
