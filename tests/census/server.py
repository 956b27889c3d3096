"""A PostgreSQL server with PostGIS for the tests, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "zhu-ye@qing"  # noqa: S105 (of a server that lives as long as the tests)
QUOTED = PASSWORD.replace("@", "%40")
_EXTENSION = "/usr/share/postgresql/*/extension/postgis.control"


def missing() -> str | None:
    """Say what stands in the way of a server; None for nothing."""
    if _programs() is None:
        return "PostgreSQL is not installed"
    if not any(Path("/").glob(_EXTENSION.lstrip("/"))):
        return "PostGIS is not installed"
    return None


def _programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, the newest first."""
    folders = sorted(Path("/").glob("usr/lib/postgresql/*/bin"), reverse=True)
    found = shutil.which("initdb")
    folders += [Path(found).parent] if found else []
    return next((one for one in folders if (one / "initdb").exists()), None)


@contextmanager
def running() -> Iterator[str]:
    """Run a server; yields the address of an empty database with PostGIS."""
    programs = _programs()
    assert programs is not None
    user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="rm-pg-", dir="/tmp"))
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    if user:
        for one in (folder, secret):
            shutil.chown(one, **user)
    data = folder / "data"

    def run(*words: str) -> None:
        subprocess.run(words, check=True, cwd=folder, stdout=subprocess.DEVNULL, **user)

    run(
        *(
            f"{programs}/initdb",
            "-D",
            str(data),
            "-U",
            "riskmap",
            "-A",
            "scram-sha-256",
        ),
        *("--pwfile", str(secret), "--no-sync", "-E", "UTF8", "--locale=C"),
    )
    options = f"-c listen_addresses='' -c fsync=off -k {folder} -p 5432"
    control = (f"{programs}/pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"))
    run(*control, "-o", options, "start")
    try:
        yield f"postgresql://riskmap:{QUOTED}@/postgres?host={folder}"
    finally:
        run(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
