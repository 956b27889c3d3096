"""The Chinese words of the command line, from messages.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["message"]


@cache
def _messages() -> dict[str, Any]:
    """Read messages.toml, once."""
    text = resources.files("riskmap").joinpath("messages.toml").read_text("utf-8")
    return tomllib.loads(text)


def message(key: str, **values: object) -> str:
    """Return the words for a key, with values filled in.

    Parameters
    ----------
    key
        Table and entry of messages.toml, joined by a dot.
    **values
        What stands in braces in the words.

    Returns
    -------
    str
        The words.

    Examples
    --------
    >>> message("say.verified", routes=3)
    '复核通过：3 条路线，未发现违反规则之处。'
    """
    table, entry = key.split(".")
    words: str = _messages()[table][entry]
    return words.format(**values)
