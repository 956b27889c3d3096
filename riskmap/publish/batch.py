"""Many villages drawn by several processes, the unchanged ones not at all."""

from __future__ import annotations

import gc
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from tqdm.auto import tqdm

from riskmap.publish.drawn import content_digest, keep, take
from riskmap.publish.prepared import prepared
from riskmap.publish.products import contents_of, write_contents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riskmap.publish.atlas import Atlas
    from riskmap.publish.products import Site

__all__ = ["Batch"]


@dataclass(frozen=True, slots=True)
class Batch:
    """How the products of many villages and townships are drawn.

    Parameters
    ----------
    page
        The size of the sheets.
    store
        The folder where finished products are kept, see `riskmap.publish.drawn`.
    workers
        How many processes draw.
    progress
        Whether to show a bar with the time left.
    """

    page: str
    store: Path
    workers: int = field(default=1, kw_only=True)
    progress: bool = field(default=False, kw_only=True)

    def draw(self, atlas: Atlas, folders: Mapping[Site, Path]) -> set[str]:
        """Draw all sites, here or in worker processes; the largest first.

        Parameters
        ----------
        atlas
            The publication, already redacted for its edition.
        folders
            Where the products of each village and township go.

        Returns
        -------
        set of str
            The digests under which they are kept.

        Raises
        ------
        RiskmapError
            If a frame lacks a column, or a file cannot be written. What was
            finished before stays kept, so that the next run goes on from there.
        """
        atlas, used = prepared(atlas), set()
        ordered = sorted(folders.items(), key=lambda one: one[0].level != "township")
        with tqdm(total=len(folders), disable=not self.progress, unit="村") as bar:
            if self.workers <= 1:
                for site, folder in ordered:
                    used.add(self.draw_one(atlas, site, folder))
                    bar.update()
                return used
            spawn = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(
                self.workers, spawn, _start_worker, (self, atlas)
            ) as pool:
                jobs = [pool.submit(_work, site, folder) for site, folder in ordered]
                for job in as_completed(jobs):
                    used.add(job.result())
                    bar.update()
        return used

    def draw_one(self, atlas: Atlas, site: Site, folder: Path) -> str:
        """Draw a village or township, unless the same was drawn before.

        Parameters
        ----------
        atlas
            As for `draw`.
        site
            Which village or township.
        folder
            Where its products go.

        Returns
        -------
        str
            The digest under which they are kept.

        Raises
        ------
        RiskmapError
            As for `draw`.
        """
        contents = contents_of(atlas, site)
        key = content_digest(contents, self.page)
        if not take(self.store, key, folder):
            keep(self.store, key, partial(write_contents, contents, page=self.page))
            take(self.store, key, folder)
        return key


_of_worker: list[tuple[Batch, Atlas]] = []


def _start_worker(batch: Batch, atlas: Atlas) -> None:
    """Keep the atlas in a worker process, so that it travels once.

    It stays to the end: the collector of unused memory need not look through it.
    """
    _of_worker[:] = [(batch, atlas)]
    gc.freeze()


def _work(site: Site, folder: Path) -> str:
    """Draw one village or township in a worker process."""
    batch, atlas = _of_worker[0]
    return batch.draw_one(atlas, site, folder)
