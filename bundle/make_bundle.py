"""Make a zip that installs riskmap on a computer without network or administrator.

Usage: python bundle/make_bundle.py [win_amd64 | linux_x86_64 | linux_aarch64 ...]

Every dependency comes as a wheel, for Python 3.11; nothing is compiled on the
computer that installs it. Wheels are chosen for the target, not for the
computer that makes the bundle: pip asks the maker's own platform which
dependencies apply, so those that the target alone needs are added here.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
EXTRAS = ("dask", "postgis", "rasters")
PYTHON = "3.11"
_GLIBC = ("2_28", "2_27", "2_26", "2_24", "2_17")
_DAY = (2026, 1, 1, 0, 0, 0)
TARGETS: dict[str, dict[str, Any]] = {
    "win_amd64": {
        "tags": ["win_amd64"],
        "environment": {
            "os_name": "nt", "sys_platform": "win32",
            "platform_system": "Windows", "platform_machine": "AMD64",
        },
    },
    **{
        f"linux_{machine}": {
            "tags": [f"manylinux_{one}_{machine}" for one in _GLIBC]
            + [f"manylinux2014_{machine}", f"linux_{machine}"],
            "environment": {
                "os_name": "posix", "sys_platform": "linux",
                "platform_system": "Linux", "platform_machine": machine,
            },
        }
        for machine in ("x86_64", "aarch64")
    },
}  # fmt: skip


def environment(target: str) -> dict[str, str]:
    """Return what markers see on a target."""
    python = {"python_version": PYTHON, "python_full_version": f"{PYTHON}.9"}
    names = {
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    base = {key: str(value) for key, value in default_environment().items()}
    return {**base, **names, **python, **TARGETS[target]["environment"], "extra": ""}


def requirements(target: str) -> list[str]:
    """Return what riskmap and its extras need on a target."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = list(project["dependencies"])
    for extra in EXTRAS:
        lines += project["optional-dependencies"][extra]
    needs = [Requirement(line) for line in lines]
    return [bare(one) for one in needs if applies(one, environment(target))]


def bare(need: Requirement) -> str:
    """Return a requirement without its marker, which has been judged."""
    extras = f"[{','.join(sorted(need.extras))}]" if need.extras else ""
    return f"{need.name}{extras}{need.specifier}"


def applies(need: Requirement, where: dict[str, str]) -> bool:
    """Tell whether a requirement counts in an environment."""
    return need.marker is None or need.marker.evaluate(where)


def resolve(target: str) -> list[dict[str, Any]]:
    """Return the wheels that riskmap needs on a target, by pip's own report.

    Raises
    ------
    RuntimeError
        If a dependency has no wheel there; the message is pip's.
    """
    wanted = requirements(target)
    while True:
        found = report(target, wanted)
        lacking = missing(found, environment(target))
        if not lacking:
            return found
        wanted = [*wanted, *lacking]


def report(target: str, wanted: list[str]) -> list[dict[str, Any]]:
    """Ask pip which wheels fit together."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "report.json"
        pip(
            "install", "--dry-run", "--ignore-installed", "--target", folder,
            "--report", str(answer), *options(target), *wanted,
        )  # fmt: skip
        found: list[dict[str, Any]] = json.loads(answer.read_text("utf-8"))["install"]
    return found


def missing(found: list[dict[str, Any]], where: dict[str, str]) -> list[str]:
    """Return what the found wheels need on the target and pip left out."""
    there = {canonicalize_name(one["metadata"]["name"]) for one in found}
    lacking: dict[str, str] = {}
    for one in found:
        for line in one["metadata"].get("requires_dist", []):
            need = Requirement(line)
            extras = ["", *one.get("requested_extras", [])]
            asked = any(applies(need, {**where, "extra": extra}) for extra in extras)
            if asked and canonicalize_name(need.name) not in there:
                lacking[need.name] = bare(need)
    return sorted(lacking.values())


def options(target: str) -> list[str]:
    """Return pip's options for wheels of a target alone."""
    tags = [part for tag in TARGETS[target]["tags"] for part in ("--platform", tag)]
    return [
        *tags, "--python-version", PYTHON, "--implementation", "cp",
        "--only-binary=:all:", "-c", str(ROOT / "constraints.txt"),
    ]  # fmt: skip


def pip(*words: str) -> None:
    """Run pip, or raise with its last words."""
    ran = subprocess.run(
        [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ran.returncode:
        last = [one for one in ran.stderr.splitlines() if one.startswith("ERROR")]
        raise RuntimeError("; ".join(last) or ran.stderr.strip()[-500:])


def make(target: str, out: Path) -> Path:
    """Write the bundle of a target.

    Returns
    -------
    pathlib.Path
        ``riskmap-offline-TARGET.zip``.
    """
    name = f"riskmap-offline-{target}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        wheels = folder / "wheels"
        wheels.mkdir(parents=True)
        pip("wheel", "--no-deps", "-w", str(wheels), str(ROOT))
        exact = [
            f"{one['metadata']['name']}=={one['metadata']['version']}"
            for one in resolve(target)
        ]
        pip("download", "--no-deps", "-d", str(wheels), *options(target), *exact)
        system = "windows" if target.startswith("win") else "linux"
        for path in sorted([*(HERE / system).iterdir(), HERE / "安装说明.txt"]):
            copied(path, folder / path.name, system=system)
        shutil.copytree(ROOT / "sample_data" / "county", folder / "示例县")
        return zipped(folder, out / f"{name}.zip")


def copied(path: Path, target: Path, *, system: str) -> None:
    """Copy a script or a text, with the line ends and mark that Windows expects."""
    if system != "windows":
        shutil.copy(path, target)
        return
    # A mark before the first line of a .bat would be taken for a command.
    coding = "utf-8" if path.suffix == ".bat" else "utf-8-sig"
    target.write_text(path.read_text("utf-8"), coding, newline="\r\n")


def zipped(folder: Path, target: Path) -> Path:
    """Zip a folder; the same files give the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as book:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            inside = path.relative_to(folder.parent).as_posix()
            entry = zipfile.ZipInfo(inside, _DAY)
            entry.external_attr = (0o755 if path.suffix == ".sh" else 0o644) << 16
            stored = path.suffix in {".whl", ".zip"}
            kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            book.writestr(entry, path.read_bytes(), kind)
    draft.replace(target)
    return target


def main() -> None:
    """Write the bundles that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], metavar="TARGET",
                        help=", ".join(TARGETS))  # fmt: skip
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    given = parser.parse_args()
    for target in given.targets or ["win_amd64", "linux_x86_64"]:
        path = make(target, given.out)
        print(f"{path} {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
