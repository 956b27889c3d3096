"""The fixed Chinese words of pages and workbooks."""

from __future__ import annotations

import tomllib
from functools import cache

from riskmap.publish.assets import template

__all__ = ["web_words"]


@cache
def web_words() -> dict[str, dict[str, str]]:
    """Return the fixed Chinese words of pages and workbooks.

    Returns
    -------
    dict
        The tables of ``templates/words.toml``.
    """
    return tomllib.loads(template("words.toml"))
