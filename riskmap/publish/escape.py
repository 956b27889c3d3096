"""Text from outside, made harmless once, at the boundary.

Census text may hold anything. It reaches a page on one of two ways only:
through `escape_text` into markup, or through `script_json` into a script that
shows it as text. It reaches a file through `file_name`, and a workbook through
`plain_text`.
"""

from __future__ import annotations

import json
import re
from typing import TypeAlias

__all__ = ["Json", "escape_text", "file_name", "plain_text", "script_json"]

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#39;",
        "`": "&#96;",
        "$": "&#36;",
        "{": "&#123;",
        "}": "&#125;",
        "\\": "&#92;",
        "\n": " ",
        "\r": " ",
        "\u2028": " ",
        "\u2029": " ",
    }
)
_IN_SCRIPT = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "'": "\\u0027",
        "`": "\\u0060",
        "$": "\\u0024",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)
# What XML 1.0, and so every workbook, cannot hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NOT_IN_FILES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def escape_text(text: object) -> str:
    """Escape text for markup, attributes and templates of any kind.

    Parameters
    ----------
    text
        Anything; None gives an empty text.

    Returns
    -------
    str
        Shows as typed in HTML, and means nothing to a script, a template
        literal or an attribute; line breaks become spaces.

    Examples
    --------
    >>> escape_text("<b>${1}</b>")
    '&lt;b&gt;&#36;&#123;1&#125;&lt;/b&gt;'
    """
    return "" if text is None else plain_text(text).translate(_ENTITIES)


def script_json(value: Json) -> str:
    r"""Write a value as JSON that may stand inside a script element.

    Parameters
    ----------
    value
        Texts, numbers, lists and mappings; NaN is refused.

    Returns
    -------
    str
        Compact JSON without ``< > & ' ` $`` and line separators.

    Raises
    ------
    ValueError
        If a number is not finite.

    Examples
    --------
    >>> script_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _CONTROL.sub("\ufffd", text).translate(_IN_SCRIPT)


def plain_text(text: object) -> str:
    """Return text without the control characters that no file can hold.

    Parameters
    ----------
    text
        Anything; it is turned into text.

    Returns
    -------
    str
        The same text, control characters (tab and line breaks apart) left out.
    """
    return _CONTROL.sub("", str(text))


def file_name(text: str) -> str:
    """Turn text into a file name that Windows takes too.

    Parameters
    ----------
    text
        For example the name of a village.

    Returns
    -------
    str
        At most 80 characters, none of those that Windows forbids, no name of
        a device, no dot or space at the end; ``"_"`` if nothing is left.

    Examples
    --------
    >>> file_name("石浦/外岙:村?")
    '石浦_外岙_村_'
    """
    name = _NOT_IN_FILES.sub("_", text)[:80].strip().rstrip(". ")
    if _DEVICES.fullmatch(name):
        name = f"_{name}"
    return name or "_"
