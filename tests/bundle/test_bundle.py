"""The offline bundle: every dependency is a wheel on every target."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from packaging.requirements import Requirement
from rasterio import Affine

from riskmap.census import read_population
from riskmap.errors import SourceError

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
TEXT = "bundle/安装说明.txt"


def load() -> ModuleType:
    path = ROOT / "bundle" / "make_bundle.py"
    spec = importlib.util.spec_from_file_location("make_bundle", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bundle = load()
NO_REGISTRY = ("No matching distribution", "Could not find a version", "Connection")


@pytest.mark.slow
@pytest.mark.parametrize("target", sorted(bundle.TARGETS))
def test_every_dependency_has_a_wheel(target: str) -> None:
    """For Python 3.11, extras included; nothing would be compiled there."""
    try:
        found = bundle.resolve(target)
    except RuntimeError as error:
        if "pip" in str(error) and any(word in str(error) for word in NO_REGISTRY):
            pytest.skip(f"no package registry answers here: {str(error)[:120]}")
        raise
    files = [one["download_info"]["url"].rpartition("/")[2] for one in found]
    names = {one["metadata"]["name"].lower().replace("_", "-") for one in found}
    assert all(one.partition("#")[0].endswith(".whl") for one in files), files
    assert {"geopandas", "numba", "osmium", "distributed", "psycopg"} <= names
    assert ("colorama" in names) == target.startswith("win")


def test_what_the_target_needs_is_judged_by_the_target() -> None:
    """A dependency of Windows alone is found from Linux, and the reverse."""
    found = [
        {
            "metadata": {
                "name": "click",
                "requires_dist": [
                    'colorama>=0.4; platform_system == "Windows"',
                    'uvloop; sys_platform == "linux"',
                    'sphinx; extra == "docs"',
                ],
            }
        }
    ]
    windows, linux = (bundle.environment(t) for t in ("win_amd64", "linux_aarch64"))
    assert bundle.missing(found, windows) == ["colorama>=0.4"]
    assert bundle.missing(found, linux) == ["uvloop"]
    found[0]["requested_extras"] = ["docs"]
    assert bundle.missing(found, linux) == ["sphinx", "uvloop"]


def test_an_optional_dependency_is_left_out_where_it_has_no_wheel() -> None:
    needs = {t: " ".join(bundle.requirements(t)) for t in bundle.TARGETS}
    assert "exactextract" in needs["win_amd64"]
    assert "exactextract" in needs["linux_x86_64"]
    assert "exactextract" not in needs["linux_aarch64"]


def test_without_it_a_population_raster_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "exactextract", None)
    path = tmp_path / "people.tif"
    profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 1}
    place = Affine(0.01, 0.0, 120.0, 0.0, -0.01, 28.0)
    with rasterio.open(
        path, "w", **profile, dtype="float64", crs="EPSG:4490", transform=place
    ) as file:
        file.write(np.ones((1, 2, 2)))
    square = shapely.box(120, 27.98, 120.02, 28)
    villages = gpd.GeoDataFrame({"village_code": ["1"]}, geometry=[square], crs=4490)
    with pytest.raises(SourceError, match=r"pip install riskmap\[rasters\]$"):
        read_population(path, villages)


def test_a_bundle_is_the_same_bytes_twice_and_scripts_may_run(tmp_path: Path) -> None:
    folder = tmp_path / "riskmap-offline"
    (folder / "wheels").mkdir(parents=True)
    (folder / "install.sh").write_text("#!/bin/sh\n", "utf-8")
    (folder / "安装说明.txt").write_text("说明", "utf-8")
    (folder / "wheels" / "a.whl").write_bytes(b"wheel")
    first, second = (bundle.zipped(folder, tmp_path / f"{n}.zip") for n in "ab")
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as book:
        modes = {one.filename: one.external_attr >> 16 for one in book.infolist()}
    assert modes["riskmap-offline/install.sh"] == 0o755
    assert "riskmap-offline/安装说明.txt" in modes


def test_scripts_are_as_their_system_reads_them(tmp_path: Path) -> None:
    """Windows ends lines its own way, and knows UTF-8 by its mark."""
    for system in ("windows", "linux"):
        for path in [*(ROOT / "bundle" / system).iterdir(), ROOT / TEXT]:
            bundle.copied(path, tmp_path / path.name, system=system)
            made = (tmp_path / path.name).read_bytes()
            assert made.count(b"\r\n") == (
                made.count(b"\n") if system == "windows" else 0
            )
            marked = system == "windows" and path.suffix != ".bat"
            assert made.startswith(b"\xef\xbb\xbf") == marked
            assert made.isascii() or marked or system == "linux"


SHIM = """#!/bin/sh
case "$1 $2" in
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" \\
    && printf '#!/bin/sh\\n' > "$3/bin/riskmap" && chmod +x "$3/bin/riskmap" ;;
  "-m pip") for last; do :; done; printf %s "$last" > "{asked}" ;;
  *version_info*) ;;
  *geopandas*) exit {imports} ;;
  *) exec "{python}" "$@" ;;
esac
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.parametrize("imports", [0, 1])
def test_linux_installs_from_a_folder_with_spaces_and_brackets(
    tmp_path: Path, imports: int
) -> None:
    """What pip is asked for names the wheel; libraries that fail are told."""
    folder, asked = tmp_path / "解压 处 [1]", tmp_path / "asked"
    wheel = folder / "wheels" / "riskmap-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    wheel.touch()
    shutil.copy(ROOT / "bundle" / "linux" / "install.sh", folder)
    shim = tmp_path / "bin" / "python3.11"
    shim.parent.mkdir()
    words = {"asked": asked, "python": sys.executable, "imports": imports}
    shim.write_text(SHIM.format(**words), "utf-8")
    shim.chmod(0o755)
    ran = subprocess.run(
        ["sh", "install.sh", tmp_path / "装 到"], cwd=folder, capture_output=True,
        env={**os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}"},
        text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == imports, ran.stderr
    assert ("依赖打不开" in ran.stderr) == bool(imports)
    need = Requirement(asked.read_text("utf-8"))
    assert need.extras == set(bundle.EXTRAS)
    assert need.url == wheel.as_uri()


def test_the_windows_script_is_for_the_powershell_that_windows_has() -> None:
    """5.1 knows no newer operators, and takes curly quotes for straight ones."""
    text = (ROOT / "bundle" / "windows" / "install.ps1").read_text("utf-8")
    code = re.sub(r'"(?:`.|[^"`])*"', '""', text)
    assert not re.search(r"\?\?|\?\.|&&|\|\||\?[^{}\n]*:", code)
    odd = {"Pi", "Pf", "Pd"}  # quotes that open, quotes that close, dashes
    assert {one for one in text if unicodedata.category(one) in odd} == {"-"}
    assert not re.search(r"\s-Path ", text)  # which takes [1] for a pattern
    assert text.count("{") == text.count("}")
    assert text.count("(") == text.count(")")


def test_the_windows_script_stops_at_what_fails() -> None:
    """Every program it runs is followed by a look at how that ended."""
    text = (ROOT / "bundle" / "windows" / "install.ps1").read_text("utf-8")
    body = text.partition("Write-Host")[2].splitlines()
    ran = [at for at, line in enumerate(body) if line.startswith("& ")]
    assert len(ran) == 4
    assert ".as_uri()" in text
    assert all(body[at + 1].startswith("if ($LASTEXITCODE)") for at in ran)
    assert "$ran.ExitCode" in text


def test_instructions_name_the_scripts_that_are_there() -> None:
    text = (ROOT / TEXT).read_text("utf-8")
    for name in ("windows/install.bat", "linux/install.sh"):
        assert (ROOT / "bundle" / name).is_file()
        assert name.rpartition("/")[2] in text
