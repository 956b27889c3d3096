"""The errors and warnings of riskmap.

Every error is a `RiskmapError`; its message is one line that says what is
wrong, how often, the first few ids, and what to do. Data that is merely bad is
not an error but a row in the findings ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "AssumedValueWarning",
    "CrsError",
    "FarSnapWarning",
    "LayerError",
    "NetworkError",
    "PlanError",
    "ProjectError",
    "RiskmapError",
    "RiskmapWarning",
    "SourceError",
    "StandardError",
    "first_few",
]


class RiskmapError(Exception):
    """Base of all errors that riskmap raises on purpose."""


class CrsError(RiskmapError, ValueError):
    """A frame has no CRS, or two frames disagree about it."""


class SourceError(RiskmapError, ValueError):
    """A file, database or service cannot be read or written."""


class LayerError(RiskmapError, ValueError):
    """A table lacks the columns, or a frame the content, that a call needs."""


class NetworkError(RiskmapError, ValueError):
    """Roads, speeds or terrain do not make a network."""


class StandardError(RiskmapError, ValueError):
    """A standard is unknown, malformed, or a number in it has no source."""


class ProjectError(RiskmapError, ValueError):
    """The project file riskmap.toml is missing, malformed or inconsistent."""


class PlanError(RiskmapError, ValueError):
    """An evacuation plan cannot be made or read."""


class RiskmapWarning(UserWarning):
    """Base of all warnings that riskmap gives."""


class AssumedValueWarning(RiskmapWarning):
    """A value that no source gives was assumed; products print 假定值."""


class FarSnapWarning(RiskmapWarning):
    """A place lies farther from any road than the limit that was set."""


def first_few(ids: Iterable[object], *, most: int = 3) -> str:
    """Join the first few of `ids` for a message, with an ellipsis for the rest.

    Parameters
    ----------
    ids
        Whatever identifies the rows that a message is about.
    most
        How many to spell out.

    Returns
    -------
    str
        For example ``"S001, S007, S012, …"``; empty for no ids.

    Examples
    --------
    >>> first_few(["a", "b", "c", "d"])
    'a, b, c, …'
    """
    every = [str(one) for one in ids]
    tail = ["…"] if len(every) > most else []
    return ", ".join(every[:most] + tail)
