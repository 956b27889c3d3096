"""Outputs appear whole or not at all."""

from pathlib import Path

import pytest

from riskmap.staging import staged


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_files_and_folders_replace_their_namesakes_only(tmp_path: Path) -> None:
    (tmp_path / "keep.csv").write_text("old")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "stale.html").write_text("old")
    with staged(tmp_path) as aside:
        (aside / "site").mkdir()
        (aside / "site" / "index.html").write_text("new")
        (aside / "plan.gpkg").write_text("new")
    assert names(tmp_path) == ["keep.csv", "plan.gpkg", "site"]
    assert names(tmp_path / "site") == ["index.html"]


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "plan.gpkg").write_text("old")

    def fail() -> None:
        with staged(tmp_path) as aside:
            (aside / "plan.gpkg").write_text("new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert names(tmp_path) == ["plan.gpkg"]
    assert (tmp_path / "plan.gpkg").read_text() == "old"
