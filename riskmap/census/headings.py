"""Headings: which source column is which canonical field, and how sure that is.

A heading is compared by its normal form: full-width characters made half-width,
blanks and punctuation dropped, its unit in brackets taken out and kept.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.census.schema import load_layer
from riskmap.census.vocabulary import (
    SHORTEST,
    bare_form,
    code_of,
    initials,
    known_headings,
    normal_form,
    says_phone,
    spellings,
    split_unit,
    vocabulary,
)
from riskmap.errors import LayerError, first_few

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from riskmap.census.schema import Layer

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
    unit = split_unit(source)[1]
    if match is None:
        return Heading(source, None, "unmatched", 0.0, unit)
    name, how, score = match
    if unit is None:
        code_units = layer[name].code_units
        unit = code_units.get(code_of(source)) or code_units.get(code_of(code or ""))
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
    known = vocabulary(layer)
    offers = []
    for form in (normal_form(heading), bare_form(heading), code_of(heading)):
        if form in known:
            name, how, score = known[form]
            offers.append((score, how, name))
    if not offers and code and code_of(code) in known:
        name, _, score = known[code_of(code)]
        offers.append((score - 0.05, "code", name))
    return offers or _fuzzy(bare_form(heading), layer)


@cache
def _fuzzy(form: str, layer: Layer) -> list[tuple[float, str, str]]:
    """Offer the fields whose spellings resemble a heading."""
    if len(form) < SHORTEST or form.isascii():
        return []
    offers = []
    for one in layer.fields.values():
        if says_phone(form) != (one.type == "phone"):
            continue
        score = max(_likeness(form, known) for known in spellings(one))
        if score >= _FUZZY_LIMIT:
            offers.append((round(score * 0.8, 3), "fuzzy", one.name))
    return offers


def _likeness(form: str, known: str) -> float:
    """Compare two normal forms; A角 and B角, 省 and 县 and so on never match."""
    letters = {one for one in (*form, *known) if one.isascii()}
    if any((one in form) != (one in known) for one in letters):
        return 0.0
    if len(known) < SHORTEST:
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
