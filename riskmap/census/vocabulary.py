"""The words that name fields: labels, aliases, shapefile codes, pinyin initials."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap.census.units import unit_of
from riskmap.standards import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from riskmap.census.schema import Field, Layer

__all__ = [
    "SHORTEST",
    "bare_form",
    "code_of",
    "initials",
    "known_headings",
    "normal_form",
    "says_phone",
    "spellings",
    "split_unit",
    "vocabulary",
]

SHORTEST = 3
"""The shortest word that initials or likeness may stand for."""
_NOISE = re.compile(r"[\s_*:：,，、;；/.。·\-—~～'\"“”()\[\]【】<>《》]+")
_BRACKETS = re.compile(r"\(([^()]*)\)")

# The first character of level-1 GB 2312 for each initial: that level is in the
# order of pinyin, so a code's place tells the initial.
_INITIAL_STARTS = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
_INITIALS = "abcdefghjklmnopqrstwxyz"
_LEVEL_1_END = b"\xd7\xf9"


def normal_form(heading: str) -> str:
    """Return a heading without width, case, blanks and punctuation.

    Parameters
    ----------
    heading
        Any text.

    Returns
    -------
    str
        What headings are compared by.

    Examples
    --------
    >>> normal_form("避难所容纳人数（人） ")
    '避难所容纳人数人'
    """
    return _NOISE.sub("", unicodedata.normalize("NFKC", str(heading))).lower()


def initials(text: str) -> str:
    """Return the pinyin initials of Chinese text, as shapefile codes use them.

    Parameters
    ----------
    text
        Any text; what is neither a common Chinese character nor a letter or
        digit is left out.

    Returns
    -------
    str
        At most ten characters.

    Examples
    --------
    >>> initials("避难所容纳人数")
    'bnsrnrs'
    """
    return "".join(_initial(one) for one in unicodedata.normalize("NFKC", text))[:10]


@cache
def _initial(character: str) -> str:
    """Return the pinyin initial of one character; empty if unknown."""
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    try:
        place = character.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    starts = [one.encode("gb2312") for one in _INITIAL_STARTS]
    if len(place) == 1 or not starts[0] <= place <= _LEVEL_1_END:
        return ""
    return _INITIALS[sum(one <= place for one in starts) - 1]


@cache
def vocabulary(layer: Layer) -> Mapping[str, tuple[str, str, float]]:
    """Map every known spelling of a layer's fields to (field, how, score)."""
    known: dict[str, tuple[str, str, float]] = {}
    fields = layer.fields.values()
    for one in fields:
        for spelling in (one.label, one.name):
            known.setdefault(bare_form(spelling), (one.name, "exact", 1.0))
    for one in fields:
        for form in _alias_forms(one):
            known.setdefault(form, (one.name, "alias", 0.95))
    for form, name in _swapped(layer).items():
        known.setdefault(form, (name, "alias", 0.92))
    for code, name, score in _codes(layer):
        known.setdefault(code, (name, "code", score))
    return known


def _codes(layer: Layer) -> Iterator[tuple[str, str, float]]:
    """Yield the codes of a layer's fields: those known first, then initials."""
    for one in layer.fields.values():
        yield from ((code, one.name, 0.9) for code in one.codes)
    for one in layer.fields.values():
        for code in map(initials, (one.label, *one.aliases)):
            if len(code) >= SHORTEST:
                yield code, one.name, 0.7


def _alias_forms(field: Field) -> list[str]:
    """Return the normal forms of a field's aliases, with and without unit."""
    forms = [
        form for one in field.aliases for form in (bare_form(one), normal_form(one))
    ]
    if field.name.startswith("responsible"):
        forms += [bare_form(one + "姓名") for one in (field.label, *field.aliases)]
    return forms


def _swapped(layer: Layer) -> dict[str, str]:
    """Map the forms that equal words make of known spellings to their field.

    A form that two fields could have made is left out.
    """
    makers: dict[str, set[str]] = {}
    for one in layer.fields.values():
        for form in (*spellings(one), *_alias_forms(one)):
            for other in _equals(form):
                makers.setdefault(other, set()).add(one.name)
    return {form: min(names) for form, names in makers.items() if len(names) == 1}


def _equals(form: str) -> set[str]:
    """Return a normal form with its end, its start or both put in other words."""
    words = _words()
    tails = [form]
    for group in words["ends"]:
        end = max((one for one in group if form.endswith(one)), key=len, default=None)
        if end is not None:
            stem = form.removesuffix(end)
            tails += [stem + one for one in group if stem]
    made = set(tails)
    for group in words["starts"]:
        for tail in tails:
            fits = (one for one in group if one and tail.startswith(one))
            start = max(fits, key=len, default=None)
            if start is not None:
                made |= {one + tail.removeprefix(start) for one in group}
    return {one for one in made if len(one) >= SHORTEST}


@cache
def _words() -> Mapping[str, Any]:
    """Return the words that headings use for one another."""
    path = resources.files("riskmap.census").joinpath("spellings.toml")
    return read_table(Path(str(path)))


def says_phone(form: str) -> bool:
    """Tell whether a heading names a telephone number."""
    return any(one in form for one in _words()["phones"])


def bare_form(heading: str) -> str:
    """Return the normal form of a heading without its unit."""
    return normal_form(split_unit(heading)[0])


@cache
def split_unit(heading: str) -> tuple[str, str | None]:
    """Take the unit in brackets out of a heading."""
    text = unicodedata.normalize("NFKC", str(heading))
    for found in reversed(list(_BRACKETS.finditer(text))):
        inside = found.group(1).strip().removeprefix("单位").strip(":： ")
        if unit_of(inside) is not None:
            return text[: found.start()] + text[found.end() :], inside
    return text, None


def code_of(heading: str) -> str:
    """Return a heading as a shapefile code, without its collision suffix."""
    return re.sub(r"_\d+$", "", str(heading).strip().lower())


@cache
def spellings(field: Field) -> tuple[str, ...]:
    """Return the normal forms of a field's Chinese names."""
    return tuple(bare_form(one) for one in (field.label, *field.aliases))


def known_headings(headings: Iterable[str], layer: Layer) -> int:
    """Count the distinct fields of a layer that headings name without doubt.

    Parameters
    ----------
    headings
        Any texts; blanks count for nothing.
    layer
        The layer whose vocabulary to look in.

    Returns
    -------
    int
        Fuzzy likeness does not count.
    """
    known = vocabulary(layer)
    forms = (
        form
        for one in headings
        if one
        for form in (normal_form(one), bare_form(one), code_of(one))
    )
    return len({known[form][0] for form in forms if form in known})
