"""What is finished: hashes of what each step read, by which rules, what it made."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap import __version__
from riskmap.manifest import digest
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riskmap.cluster.store import Store

__all__ = ["code_version", "hashed", "inputs", "read", "unchanged", "write"]

_OWN_INPUTS = {
    "network": (),
    "audit": ("network/*.npz",),
    "plan": ("network/*.npz",),
    "verify": ("plan.gpkg",),
    "publish": ("network/*.npz", "plan.gpkg", "audit.gpkg"),
}


@cache
def code_version() -> str:
    """Return the version of riskmap and of the very code that runs.

    Returns
    -------
    str
        For example ``"0.1.0+3f9a1c22"``: two machines with the same text
        compute the same.
    """
    package = Path(str(resources.files("riskmap")))
    found = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".toml"}:
            found.update(path.relative_to(package).as_posix().encode())
            found.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return f"{__version__}+{found.hexdigest()[:8]}"


def hashed(value: Any) -> str:  # noqa: ANN401 (whatever JSON takes)
    """Return a hash of a value.

    Parameters
    ----------
    value
        Anything JSON takes; other values count by their text.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def inputs(
    folder: Path, step: str, store: Store, *, seen: Iterable[str]
) -> dict[str, str]:
    """Return the hashes of all that a step of a unit reads.

    Parameters
    ----------
    folder
        The unit's outputs, some of which are inputs of later steps.
    step
        The step.
    store
        The partitions.
    seen
        The units whose partitions are read.

    Returns
    -------
    dict of str to str
        sha256 by path.
    """
    codes = sorted(seen)
    found = {f"store/{name}": one for name, one in store.digests(codes).items()}
    own = [one for name in _OWN_INPUTS[step] for one in sorted(folder.glob(name))]
    if step != "network":
        own += [store.path(code, "mainland") for code in codes]
    for path in own:
        if path.is_file():
            found[f"{path.parent.name}/{path.name}"] = digest(path)
    return found


def write(
    folder: Path,
    step: str,
    *,
    key: str,
    row: Mapping[str, Any],
    inputs: Mapping[str, str],
    outputs: Iterable[str],
) -> None:
    """Record a finished step; the last thing that is written of it.

    Parameters
    ----------
    folder
        The unit's outputs.
    step
        The step.
    key
        Hash of parameters and code.
    row
        What is said of it in the run report.
    inputs
        From `inputs`.
    outputs
        Files of the step, below `folder`.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    made = {name: digest(folder / name) for name in outputs}
    seen = sorted({name.split("/")[1] for name in inputs if name.startswith("store/")})
    record = {"key": key, "seen": seen, "inputs": inputs, "outputs": made, "row": row}
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    with staged(folder) as aside:
        (aside / f"{step}.json").write_text(text, "utf-8", newline="\n")


def read(folder: Path, step: str) -> dict[str, Any] | None:
    """Return the record of a step, None where there is none that can be read.

    Parameters
    ----------
    folder
        The unit's outputs.
    step
        The step.

    Returns
    -------
    dict or None
        ``key, seen, inputs, outputs, row``.
    """
    try:
        found: dict[str, Any] = json.loads((folder / f"{step}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found


def unchanged(folder: Path, step: str, store: Store, *, key: str) -> bool:
    """Tell whether a step is done already, from these very inputs.

    Parameters
    ----------
    folder
        The unit's outputs.
    step
        The step.
    store
        The partitions as they are now.
    key
        Hash of parameters and code as they are now.

    Returns
    -------
    bool
        False also where an output is missing or is not the one recorded.
    """
    record = read(folder, step)
    if record is None or record["key"] != key:
        return False
    if set(record["seen"]) - set(store.hulls):
        return False
    if record["inputs"] != inputs(folder, step, store, seen=record["seen"]):
        return False
    return all(
        (folder / name).is_file() and digest(folder / name) == one
        for name, one in record["outputs"].items()
    )
