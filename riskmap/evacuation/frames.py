"""Rows of frames, typed for those who read them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["records"]


def records(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a frame as named tuples.

    Parameters
    ----------
    frame
        Any.

    Returns
    -------
    list
        One tuple a row.
    """
    return list(frame.itertuples())
