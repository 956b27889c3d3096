"""A Dask cluster of separate processes: killed workers, killed clients, refusals."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskmap.cluster import Province, records
from tests.cluster.conftest import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
PATIENCE_S = 240


def wait_for(
    what: Callable[[], object], process: subprocess.Popen | None = None
) -> None:
    """Wait until something is so, while a process lives."""
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end, "nothing happened"
        assert process is None or process.poll() is None, "it ended too soon"
        time.sleep(0.05)


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.processes: list[subprocess.Popen] = []
        self.start("scheduler", "--port", "0", "--dashboard-address", ":0")
        wait_for(lambda: self.file.exists() and self.file.stat().st_size)
        self.address = json.loads(self.file.read_text("utf-8"))["address"]

    def start(
        self, *words: str, environment: dict[str, str] | None = None
    ) -> subprocess.Popen:
        """Start a process of the cluster."""
        command = [sys.executable, "-m", "dask", *words]
        with (self.folder / f"{len(self.processes)}.log").open("wb") as log:
            one = subprocess.Popen(
                [*command, "--scheduler-file", str(self.file)],
                stdout=log, stderr=log, cwd=self.folder,
                env={**os.environ, "RISKMAP_THREADS": "1", **(environment or {})},
            )  # fmt: skip
        self.processes.append(one)
        return self.processes[-1]

    def worker(self, **environment: str) -> subprocess.Popen:
        """Start a worker that nobody starts again."""
        return self.start(
            "worker", "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--local-directory", str(self.folder / f"w{len(self.processes)}"),
            environment=environment,
        )  # fmt: skip


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "cluster").mkdir()
    made = Cluster(tmp_path / "cluster")
    yield made
    for one in reversed(made.processes):
        one.kill()
        one.wait()


@pytest.fixture
def checked(done: Province, tmp_path: Path) -> Path:
    """Return the outputs of a run whose networks are built and no more."""
    out = tmp_path / "out"
    shutil.copytree(done.out, out)
    for name in ("audit.json", "plan.json"):
        for path in (out / "units").glob(f"*/{name}"):
            path.unlink()
    shutil.rmtree(out / "results")
    return out


def client(done: Province, out: Path, address: str) -> subprocess.Popen:
    """Start a client that audits and plans."""
    code = (
        "import sys; from riskmap.cluster import Province\n"
        "if __name__ == '__main__':\n"
        "    one = Province.open(sys.argv[1], out=sys.argv[2], scheduler=sys.argv[3])\n"
        "    print(*one.audit(), *one.plan(), sep='\\n')\n"
        "    sys.exit(one.failed)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(done.file), str(out), address],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def finished(out: Path, step: str) -> list[Path]:
    return sorted((out / "units").glob(f"*/{step}.json"))


def test_a_cluster_writes_the_same_bytes_though_a_worker_dies(
    done: Province, checked: Path, cluster: Cluster
) -> None:
    doomed, _ = cluster.worker(), cluster.worker()
    at_work = client(done, checked, cluster.address)
    wait_for(lambda: finished(checked, "audit"), at_work)
    doomed.send_signal(signal.SIGKILL)
    said, wrong = at_work.communicate(timeout=PATIENCE_S)
    assert at_work.returncode == 0, wrong[-2000:]
    assert "Dask 面板 http" in said
    assert "失败 0" in said
    assert len(finished(checked, "audit")) == len(done.store.units)
    assert tables(checked) == tables(done.out)


def test_a_killed_client_loses_nothing_and_doubles_nothing(
    done: Province, checked: Path, cluster: Cluster
) -> None:
    cluster.worker()
    at_work = client(done, checked, cluster.address)
    wait_for(lambda: finished(checked, "audit"), at_work)
    at_work.kill()
    at_work.communicate()
    kept = {path: path.read_bytes() for path in finished(checked, "audit")}
    assert kept
    for one in cluster.processes:
        one.kill()
        one.wait()
    again = Province.open(done.file, out=checked)
    again.audit()
    again.plan()
    assert all(path.read_bytes() == content for path, content in kept.items())
    assert again.failed == 0
    assert tables(checked) == tables(done.out)
    assert not list(checked.rglob(".riskmap-part-*"))


def test_workers_of_another_riskmap_are_refused(
    done: Province, checked: Path, cluster: Cluster, tmp_path: Path
) -> None:
    """One clear line names the version there and here; nothing is sent."""
    other = tmp_path / "other"
    shutil.copytree(
        Path(records.__file__).parents[1], other / "riskmap",
        ignore=shutil.ignore_patterns("__pycache__", "assets"),
    )  # fmt: skip
    with (other / "riskmap" / "reasons.py").open("a", encoding="utf-8") as file:
        file.write("\n# another version\n")
    cluster.worker(PYTHONPATH=str(other))
    ran = subprocess.run(
        [sys.executable, "-m", "riskmap", "audit", str(done.file), "--out",
         str(checked), "--scheduler", cluster.address],
        capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert ran.returncode == 2
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert "1 of 1 workers run another riskmap" in ran.stderr
    assert records.code_version() in ran.stderr
    assert not finished(checked, "audit")


def test_a_scheduler_that_does_not_answer_is_one_clear_line(
    done: Province, checked: Path
) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        ran = subprocess.run(
            [sys.executable, "-m", "riskmap", "audit", str(done.file), "--out",
             str(checked), "--scheduler", address],
            capture_output=True, text=True, check=False, timeout=PATIENCE_S,
        )  # fmt: skip
    assert ran.returncode == 2
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert f"no Dask scheduler answers at {address}" in ran.stderr
    assert not finished(checked, "audit")
