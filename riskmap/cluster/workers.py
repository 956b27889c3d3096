"""Who does the tasks: this process, processes of this machine, or a cluster.

Dask sends the tasks out, watches the workers and tries again elsewhere when one
dies; nothing of that is done here.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from riskmap.cluster.records import code_version
from riskmap.cluster.task import run_task
from riskmap.errors import ProjectError, first_few
from riskmap.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskmap.cluster.task import Task

__all__ = ["Crew", "crew_of"]

_ANSWER_S, _WORKERS_S = 10, 60
_ONE_THREAD = {
    "RISKMAP_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "GDAL_NUM_THREADS": "1",
}


class Crew:
    """One process, this one, task after task.

    Attributes
    ----------
    note
        What is said of the workers, in Chinese.
    """

    def __init__(self) -> None:
        self.note = message("cluster.alone")

    def do(self, tasks: Sequence[Task]) -> Iterator[dict[str, Any]]:
        """Do tasks.

        Parameters
        ----------
        tasks
            In the order they should begin.

        Yields
        ------
        dict
            The row of each task as it ends.
        """
        for task in tasks:
            yield run_task(task)


class _DaskCrew(Crew):
    """The workers of a Dask scheduler."""

    def __init__(self, client: Any, note: str) -> None:  # noqa: ANN401
        self._client = client
        self.note = note

    def do(self, tasks: Sequence[Task]) -> Iterator[dict[str, Any]]:
        """Do tasks; one whose workers keep dying becomes a failed row."""
        from distributed import as_completed  # noqa: PLC0415

        futures = {
            self._client.submit(
                run_task, task, pure=False, priority=len(tasks) - at,
                key=f"{task.step}-{task.unit}-{task.key[:8]}",
            ): task
            for at, task in enumerate(tasks)
        }  # fmt: skip
        try:
            for future in as_completed(futures):  # type: ignore[no-untyped-call]
                yield _row(futures[future], future)
                future.release()
        finally:
            self._client.cancel(list(futures))


def _row(task: Task, future: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the row of a finished task, whatever became of it."""
    if future.status == "finished":
        row: dict[str, Any] = future.result()
        return row
    error = future.exception() if future.status == "error" else future.status
    kind = type(error).__name__
    died = kind == "KilledWorker" or future.status in {"lost", "cancelled"}
    words = message("cluster.died") if died else f"{kind}: {error}"
    return {
        "unit": task.unit, "name": task.unit, "step": task.step,
        "state": "failed", "message": words,
    }  # fmt: skip


@contextmanager
def crew_of(
    *, workers: int, scheduler: str | None, memory: str | None, folder: str
) -> Iterator[Crew]:
    """Give the workers of a run, and send them home at its end.

    Parameters
    ----------
    workers
        Processes of this machine; 1 works in this process.
    scheduler
        Address of a Dask scheduler; wins over `workers`.
    memory
        The most that one of this machine's processes may hold, ``"4GB"``; None
        shares out the machine's memory.
    folder
        The output folder, which every worker must see.

    Yields
    ------
    Crew
        Does tasks.

    Raises
    ------
    ProjectError
        If Dask is not installed, the scheduler does not answer or has no
        workers, or a worker runs another riskmap or does not see `folder`.
    """
    if scheduler is None and workers == 1:
        yield Crew()
        return
    _insist_on_dask()
    from distributed import Client, LocalCluster  # noqa: PLC0415

    if scheduler is not None:
        with _client(scheduler) as client:
            _insist_on_same(client, folder)
            yield _DaskCrew(client, _note(client))
        return
    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers, threads_per_worker=1, processes=True,
            memory_limit=memory or "auto", dashboard_address=":0", env=_ONE_THREAD,
            silence_logs=50,
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):  # fmt: skip
        yield _DaskCrew(client, _note(client))


def _insist_on_dask() -> None:
    """Raise one clear line where Dask is not installed."""
    try:
        import distributed  # noqa: F401, PLC0415
    except ImportError as error:
        msg = "more than one worker needs Dask: pip install riskmap[dask]"
        raise ProjectError(msg) from error


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """Give a client of a scheduler, or say that none answers."""
    from distributed import Client  # noqa: PLC0415

    try:
        client = Client(address, timeout=_ANSWER_S)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        msg = f"no Dask scheduler answers at {address} within {_ANSWER_S} s"
        raise ProjectError(msg) from error
    try:
        client.wait_for_workers(1, timeout=_WORKERS_S)
    except TimeoutError as error:
        client.close()  # type: ignore[no-untyped-call]
        msg = f"the scheduler at {address} has no worker after {_WORKERS_S} s"
        raise ProjectError(msg) from error
    with client:
        yield client


def _insist_on_same(client: Any, folder: str) -> None:  # noqa: ANN401
    """Raise where workers run other code or do not see the disk."""
    try:
        versions = client.run(code_version)
    except Exception as error:
        msg = f"a worker cannot run riskmap {code_version()}: {error}"
        raise ProjectError(msg) from error
    others = {at: one for at, one in versions.items() if one != code_version()}
    if others:
        shown = first_few(f"{at} {one}" for at, one in sorted(others.items()))
        msg = (
            f"{len(others)} of {len(versions)} workers run another riskmap than "
            f"{code_version()}: {shown}; install the same version there"
        )
        raise ProjectError(msg)
    blind = [at for at, sees in client.run(os.path.isdir, folder).items() if not sees]
    if blind:
        msg = f"{len(blind)} workers do not see {folder}, first {blind[0]}; share it"
        raise ProjectError(msg)


def _note(client: Any) -> str:  # noqa: ANN401
    """Say how many workers there are, how much each may hold, and where to look."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    limits = [one["memory_limit"] for one in workers if one.get("memory_limit")]
    return message(
        "cluster.crew",
        workers=len(workers),
        memory=f"{min(limits) / 1e9:.1f} GB" if limits else message("cluster.unbound"),
        dashboard=client.dashboard_link,
    )
