"""Headings: which source column is which canonical field, and how sure that is.

A heading is compared by its normal form: full-width characters made half-width,
blanks and punctuation dropped, its unit in brackets taken out and kept.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.census.schema import Field, Layer, load_layer
from riskmap.census.units import unit_of
from riskmap.errors import LayerError, first_few

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

__all__ = [
    "Heading",
    "as_table",
    "initials",
    "known_headings",
    "match_columns",
    "match_headings",
    "normal_form",
]

_FUZZY_LIMIT = 0.72
_SHORTEST = 3
_NOISE = re.compile(r"[\s_*:：,，、;；/.。·\-—~～'\"“”()\[\]【】<>《》]+")
_BRACKETS = re.compile(r"\(([^()]*)\)")

# The first character of level-1 GB 2312 for each initial: that level is in the
# order of pinyin, so a code's place tells the initial.
_INITIAL_STARTS = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
_INITIALS = "abcdefghjklmnopqrstwxyz"
_LEVEL_1_END = b"\xd7\xf9"


@dataclass(frozen=True, slots=True)
class Heading:
    """A source column as understood.

    Attributes
    ----------
    source
        The heading in the source, as it stands there.
    field
        The canonical field; None where nothing fits.
    how
        ``pinned``, ``exact``, ``alias``, ``code``, ``fuzzy`` or ``unmatched``.
    score
        1 for exact and pinned down to 0 for unmatched.
    unit
        The unit that the heading names; None for none.
    """

    source: str
    field: str | None
    how: str
    score: float
    unit: str | None


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
def _vocabulary(layer: Layer) -> Mapping[str, tuple[str, str, float]]:
    """Map every known spelling of a layer's fields to (field, how, score)."""
    known: dict[str, tuple[str, str, float]] = {}
    fields = layer.fields.values()
    for one in fields:
        for spelling in (one.label, one.name):
            known.setdefault(_bare(spelling), (one.name, "exact", 1.0))
    for one in fields:
        for form in _alias_forms(one):
            known.setdefault(form, (one.name, "alias", 0.95))
    for one in fields:
        for code in one.codes:
            known.setdefault(code, (one.name, "code", 0.9))
    for one in fields:
        for code in map(initials, (one.label, *one.aliases)):
            if len(code) >= _SHORTEST:
                known.setdefault(code, (one.name, "code", 0.7))
    return known


def _alias_forms(field: Field) -> list[str]:
    """Return the normal forms of a field's aliases, with and without unit."""
    forms = [form for one in field.aliases for form in (_bare(one), normal_form(one))]
    if field.name.startswith("responsible"):
        forms += [_bare(one + "姓名") for one in (field.label, *field.aliases)]
    return forms


def _bare(heading: str) -> str:
    """Return the normal form of a heading without its unit."""
    return normal_form(_split_unit(heading)[0])


@cache
def _split_unit(heading: str) -> tuple[str, str | None]:
    """Take the unit in brackets out of a heading."""
    text = unicodedata.normalize("NFKC", str(heading))
    for found in reversed(list(_BRACKETS.finditer(text))):
        inside = found.group(1).strip().removeprefix("单位").strip(":： ")
        if unit_of(inside) is not None:
            return text[: found.start()] + text[found.end() :], inside
    return text, None


def match_headings(
    headings: Sequence[str],
    layer: Layer,
    *,
    codes: Sequence[str | None] | None = None,
    pinned: Mapping[str, str] | None = None,
) -> tuple[Heading, ...]:
    """Find the canonical field of each source column.

    Parameters
    ----------
    headings
        The source's headings.
    layer
        The layer they should make.
    codes
        The code row under the headings, where there is one.
    pinned
        Source heading to field; these win over everything.

    Returns
    -------
    tuple of Heading
        One a heading, in their order; no field twice.

    Raises
    ------
    LayerError
        If `pinned` names a heading or a field that is not there.
    """
    pinned = _checked_pins(pinned or {}, headings, layer)
    codes = codes if codes is not None else [None] * len(headings)
    offers = [
        (*offer, -place, place)
        for place, (heading, code) in enumerate(zip(headings, codes, strict=True))
        for offer in _offers(heading, code, layer=layer, pinned=pinned)
    ]
    taken: dict[int, tuple[str, str, float]] = {}
    used: set[str] = set()
    for score, how, name, _, place in sorted(offers, reverse=True):
        if place not in taken and name not in used:
            taken[place] = (name, how, score)
            used.add(name)
    return tuple(
        _heading(heading, code, layer=layer, match=taken.get(place))
        for place, (heading, code) in enumerate(zip(headings, codes, strict=True))
    )


def _heading(
    source: str,
    code: str | None,
    *,
    layer: Layer,
    match: tuple[str, str, float] | None,
) -> Heading:
    """Put together what is known of one heading."""
    unit = _split_unit(source)[1]
    if match is None:
        return Heading(source, None, "unmatched", 0.0, unit)
    name, how, score = match
    if unit is None:
        code_units = layer[name].code_units
        unit = code_units.get(_code_of(source)) or code_units.get(_code_of(code or ""))
    return Heading(source, name, how, score, unit)


def _checked_pins(
    pinned: Mapping[str, str], headings: Sequence[str], layer: Layer
) -> dict[str, str]:
    """Return the pins by heading, or say which of them cannot be."""
    found: dict[str, str] = {}
    by_form = {normal_form(one): one for one in headings}
    for source, name in pinned.items():
        if name not in layer.fields and source in layer.fields:
            source, name = name, source  # noqa: PLW2901
        if name not in layer.fields:
            near = difflib.get_close_matches(name, layer.fields, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            msg = f'columns: layer "{layer.name}" has no field "{name}"{hint}'
            raise LayerError(msg)
        heading = by_form.get(normal_form(source))
        if heading is None:
            msg = (
                f'columns: the source of "{layer.name}" has no heading "{source}"; '
                f"it has {first_few(headings, most=12)}"
            )
            raise LayerError(msg)
        found[heading] = name
    return found


def _offers(
    heading: str, code: str | None, *, layer: Layer, pinned: Mapping[str, str]
) -> list[tuple[float, str, str]]:
    """List what a heading may mean: (score, how, field)."""
    if heading in pinned:
        return [(2.0, "pinned", pinned[heading])]
    known = _vocabulary(layer)
    offers = []
    for form in (normal_form(heading), _bare(heading), _code_of(heading)):
        if form in known:
            name, how, score = known[form]
            offers.append((score, how, name))
    if not offers and code and _code_of(code) in known:
        name, _, score = known[_code_of(code)]
        offers.append((score - 0.05, "code", name))
    return offers or _fuzzy(_bare(heading), layer)


def _code_of(heading: str) -> str:
    """Return a heading as a shapefile code, without its collision suffix."""
    return re.sub(r"_\d+$", "", str(heading).strip().lower())


@cache
def _fuzzy(form: str, layer: Layer) -> list[tuple[float, str, str]]:
    """Offer the fields whose spellings resemble a heading."""
    if len(form) < _SHORTEST or form.isascii():
        return []
    offers = []
    for one in layer.fields.values():
        score = max(_likeness(form, known) for known in _spellings(one))
        if score >= _FUZZY_LIMIT:
            offers.append((round(score * 0.8, 3), "fuzzy", one.name))
    return offers


@cache
def _spellings(field: Field) -> tuple[str, ...]:
    """Return the normal forms of a field's Chinese names."""
    return tuple(_bare(one) for one in (field.label, *field.aliases))


def _likeness(form: str, known: str) -> float:
    """Compare two normal forms; A角 and B角, 省 and 县 and so on never match."""
    letters = {one for one in (*form, *known) if one.isascii()}
    if any((one in form) != (one in known) for one in letters):
        return 0.0
    if len(known) < _SHORTEST:
        return 0.0
    return difflib.SequenceMatcher(None, form, known, autojunk=False).ratio()


def match_columns(columns: Iterable[Hashable], layer: str) -> pd.DataFrame:
    """Show which canonical field each source column is taken for.

    Parameters
    ----------
    columns
        Headings or shapefile codes.
    layer
        A canonical layer, for example ``"shelters"``.

    Returns
    -------
    pandas.DataFrame
        One row a column: ``source``, ``field`` (None where nothing fits),
        ``how`` (exact, alias, code, fuzzy, unmatched), ``score`` (0 to 1).

    Raises
    ------
    LayerError
        If there is no such layer.

    Examples
    --------
    >>> match_columns(["容纳人数（人）"], "shelters").field[0]
    'declared_people'
    """
    names = [str(one) for one in columns]
    return as_table(match_headings(names, load_layer(layer)))


def as_table(headings: Iterable[Heading]) -> pd.DataFrame:
    """Return headings as rows: source, field, how, score (pinned as 1)."""
    rows = [(one.source, one.field, one.how, min(one.score, 1.0)) for one in headings]
    names = ["source", "field", "how", "score"]
    table = pd.DataFrame(rows, columns=names, dtype=object)
    return table.astype({"source": "str", "how": "str", "score": float})


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
    known = _vocabulary(layer)
    forms = (
        form
        for one in headings
        if one
        for form in (normal_form(one), _bare(one), _code_of(one))
    )
    return len({known[form][0] for form in forms if form in known})
