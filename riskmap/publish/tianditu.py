"""Tianditu under a map in a notebook; a published page never asks for it.

Its tiles are in CGCS2000 without a shift, so that what a map shows lies true on
them. Every request carries the key of the planner who looks.

References
----------
.. [1] National platform for common geospatial information services, map services
   (WMTS): http://lbs.tianditu.gov.cn/server/MapService.html
"""

from __future__ import annotations

import os
import re
from typing import Literal

from riskmap.errors import SourceError

__all__ = ["TIANDITU_HOST", "Tianditu", "tianditu_tiles"]

Tianditu = Literal["map", "image", "terrain"]

TIANDITU_HOST = "https://*.tianditu.gov.cn"
"""What a page with these tiles must be allowed to ask."""

_KEY_VARIABLE = "TIANDITU_KEY"
_KEY = re.compile(r"[0-9A-Za-z]{8,64}")
_LAYERS = {"map": ("vec", "cva"), "image": ("img", "cia"), "terrain": ("ter", "cta")}
_ADDRESS = (
    "https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile"
    "&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    "&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)


def tianditu_tiles(kind: Tianditu) -> list[str]:
    """Return the addresses of Tianditu's tiles, ground first, names above.

    Parameters
    ----------
    kind
        ``"map"``, ``"image"`` (from the air) or ``"terrain"``.

    Returns
    -------
    list of str
        For Leaflet: ``{s}`` is a server from 0 to 7, ``{z}``, ``{x}`` and ``{y}``
        a tile of web Mercator.

    Raises
    ------
    SourceError
        If there is no such kind, or the environment has no key in
        ``TIANDITU_KEY``.
    """
    if kind not in _LAYERS:
        msg = f'Tianditu has no "{kind}"; choose one of {", ".join(_LAYERS)}'
        raise SourceError(msg)
    key = os.environ.get(_KEY_VARIABLE, "").strip()
    if not _KEY.fullmatch(key):
        state = "is not a key" if key else "is not set"
        msg = f"{_KEY_VARIABLE} {state}; without it Tianditu answers nothing"
        raise SourceError(msg)
    return [_ADDRESS.format(layer=layer, key=key) for layer in _LAYERS[kind]]
