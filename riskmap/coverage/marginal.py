"""What each new site adds to those before it: the list for the budget meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

__all__ = ["rank_sites"]


def rank_sites(
    sites: IntArray,
    minutes: FloatArray,
    weight: FloatArray,
    *,
    locked: int,
    by_time: bool,
) -> list[tuple[int, float, float]]:
    """Order new sites by what each adds to those before it.

    Parameters
    ----------
    sites
        Columns of `minutes`: the open ones.
    minutes
        From each demand (row) to each site; inf = not served.
    weight
        People at each demand.
    locked
        So many of the first columns are open already.
    by_time
        Whether minutes saved count, not people served alone.

    Returns
    -------
    list of tuple
        Position among the new sites, people it adds, people served so far.
    """
    worst = float(minutes[np.isfinite(minutes)].max(initial=0.0)) + 1.0

    def _price(times: FloatArray) -> FloatArray:
        served = np.isfinite(times)
        return np.where(served, times if by_time else 0.0, worst)

    best = minutes[:, :locked].min(axis=1, initial=np.inf)
    left = [site for site in sites.tolist() if site >= locked]
    ranked = []
    while left:
        gains = [
            weight @ (_price(best) - _price(np.minimum(best, minutes[:, site])))
            for site in left
        ]
        site = left.pop(int(np.argmax(gains)))
        before = weight[np.isfinite(best)].sum()
        best = np.minimum(best, minutes[:, site])
        after = weight[np.isfinite(best)].sum()
        ranked.append((site - locked, float(after - before), float(after)))
    return ranked
