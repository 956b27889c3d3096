"""What pages and sheets are made of: the browser library, fonts, own templates.

Leaflet and the fonts come from npm when riskmap is built (``hatch_build.py``).
A missing file is an error that says so: nothing here ever points to a network.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from riskmap.errors import SourceError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["asset_bytes", "data_uri", "library_script", "library_style", "template"]

_MIME = {"png": "image/png", "svg": "image/svg+xml", "webp": "image/webp"}

# The files behind the addresses that folium writes into a page.
_SCRIPTS = {
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js": "web/leaflet.js",
}
_STYLES = {
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css": "web/leaflet.css",
}
_SOURCE_MAP = re.compile(r"\s*//# sourceMappingURL=\S+\s*\Z")
_CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")


def _folder(name: str) -> Traversable:
    """Return a folder of this package's data."""
    return resources.files("riskmap.publish").joinpath(name)


def asset_bytes(name: str) -> bytes:
    """Read one asset that npm brought at build time.

    Parameters
    ----------
    name
        Its path below ``riskmap/publish/assets``, with slashes.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    SourceError
        If it is not there: riskmap was not built, only unpacked.
    """
    file = _folder("assets").joinpath(name)
    if not file.is_file():
        msg = f'asset "{name}" is missing; build riskmap: python -m pip install -e .'
        raise SourceError(msg)
    return file.read_bytes()


@cache
def template(name: str) -> str:
    """Read one of riskmap's own scripts, style sheets or page skeletons.

    Parameters
    ----------
    name
        Its file name in ``riskmap/publish/templates``.

    Returns
    -------
    str
        The text.
    """
    return _folder("templates").joinpath(name).read_text("utf-8")


def data_uri(content: bytes, *, suffix: str) -> str:
    """Turn a picture into an address that holds the picture itself.

    Parameters
    ----------
    content
        The file.
    suffix
        What kind it is: ``"png"``, ``"svg"`` or ``"webp"``.

    Returns
    -------
    str
        A ``data:`` address.
    """
    return f"data:{_MIME[suffix]};base64,{base64.b64encode(content).decode('ascii')}"


@cache
def library_script(url: str) -> str:
    """Return the script behind an address, to stand in the page itself.

    Parameters
    ----------
    url
        An address as folium writes it.

    Returns
    -------
    str
        The script, safe inside a script element.

    Raises
    ------
    SourceError
        If no asset stands for the address: pages never load from a network.
    """
    text = _text(_asset_of(url, _SCRIPTS))
    return _SOURCE_MAP.sub("", text).replace("</script", "<\\/script")


@cache
def library_style(url: str) -> str:
    """Return the style sheet behind an address, its pictures inside.

    Parameters
    ----------
    url
        An address as folium writes it.

    Returns
    -------
    str
        The style sheet; every ``url()`` in it is a ``data:`` address.

    Raises
    ------
    SourceError
        If no asset stands for the address, or for a picture in it.
    """
    name = _asset_of(url, _STYLES)
    folder = name.rpartition("/")[0]

    def inline(match: re.Match[str]) -> str:
        target = match[1]
        if target.startswith(("data:", "#")):
            return match[0]
        picture = asset_bytes(f"{folder}/{target}")
        return f"url({data_uri(picture, suffix=target.rpartition('.')[2])})"

    return _CSS_URL.sub(inline, _text(name))


def _text(name: str) -> str:
    """Read a text with the line ends that a browser sees, and hashes."""
    return asset_bytes(name).decode("utf-8").replace("\r\n", "\n")


def _asset_of(url: str, table: dict[str, str]) -> str:
    """Return the asset that stands for an address."""
    try:
        return table[url]
    except KeyError:
        msg = f"no asset stands for {url}; a page never loads from a network"
        raise SourceError(msg) from None
