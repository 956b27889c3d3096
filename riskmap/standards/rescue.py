"""Rescue circles as data: tiers of units, minutes and metres, each with a source.

A standard is a TOML file. Its numbers stand in ``[[tiers]]``; those that no
document gives stand in ``[tiers.assumed]`` with evidence of their own, and
print as 假定值.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from riskmap.errors import StandardError
from riskmap.standards.tables import is_assumed, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Standard", "Tier", "describe_tier", "load_standard", "standard_names"]

Meaning = Literal["start", "arrive", "joint"]
Clock = Literal["detected", "reported", "dispatched"]
Mode = Literal["walk", "drive", "emergency"]
Roster = Literal["any", "day", "night"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "meaning": get_args(Meaning),
    "clock_start": get_args(Clock),
    "mode": get_args(Mode),
    "roster": get_args(Roster),
}
_WORDS = ("label", "source", "evidence", "note", *_CHOICES)
_TOP = ("label", "note", "source", "evidence", "tiers", "areas")
_LISTS = ("unit_kinds", "unit_kinds_except")
_AT_LEAST = {
    "number": 1.0,
    "limit_min": 0.0,
    "turnout_min": 0.0,
    "speed_kmh": 0.0,
    "detour": 1.0,
    "minimum_members": 0.0,
    "minimum_units": 1.0,
    "minimum_ratio": 0.0,
}
_WHOLE = ("number", "minimum_members", "minimum_units")


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a rescue circle.

    Attributes
    ----------
    number
        1, 2, 3 in the order of the standard.
    label
        The Chinese words printed for it.
    limit_min
        Minutes from `clock_start` in which it must be done.
    source, evidence
        Where `limit_min` comes from, and how sure that is.
    meaning
        ``start`` (on the way: a check of the roster that draws no circle),
        ``arrive`` or ``joint`` (several units on scene).
    clock_start
        What starts the clock: ``detected``, ``reported`` or ``dispatched``.
    unit_kinds, unit_kinds_except
        A unit counts when its kind holds one of the first words and none of
        the second; no words = every unit.
    turnout_min
        Minutes before a unit moves, where the census gives none of its own;
        None = unknown.
    mode, speed_kmh, detour
        How units travel; speed of the straight-line circle and road length
        over straight length. `speed_kmh` is None for ``start``.
    minimum_members
        Members without whom a unit does not count; None = any number.
    minimum_units
        Units that must be there.
    minimum_ratio
        Share of a village's people that must be reached for it to pass.
    roster
        ``night`` counts the members on duty at night.
    assumed
        The fields whose numbers no document gives.
    """

    number: int
    label: str
    limit_min: float
    source: str
    evidence: str
    meaning: Meaning = "arrive"
    clock_start: Clock = "reported"
    unit_kinds: tuple[str, ...] = ()
    unit_kinds_except: tuple[str, ...] = ()
    turnout_min: float | None = None
    mode: Mode = "emergency"
    speed_kmh: float | None = None
    detour: float = 1.0
    minimum_members: int | None = None
    minimum_units: int = 1
    minimum_ratio: float = 1.0
    roster: Roster = "any"
    assumed: tuple[str, ...] = ()

    def radius_m(self, turnout_min: float | None = None) -> float:
        """Return the radius of the straight-line circle.

        Parameters
        ----------
        turnout_min
            Minutes a certain unit needs to move; None takes the tier's.

        Returns
        -------
        float
            Metres; 0 when turnout uses up the limit, NaN when the tier draws
            no circle or turnout or speed is unknown.
        """
        turnout = self.turnout_min if turnout_min is None else turnout_min
        if self.meaning == "start" or turnout is None or self.speed_kmh is None:
            return math.nan
        travel_min = max(0.0, self.limit_min - turnout)
        return travel_min * self.speed_kmh * 1000.0 / 60.0 / self.detour


@dataclass(frozen=True, slots=True)
class Standard:
    """A rescue circle: its name, its words and its tiers in order.

    Attributes
    ----------
    name
        What `load_standard` takes: a shipped name, or the stem of a file.
    label, note
        The Chinese words printed for it, and the caveat printed under them.
    tiers
        In the order of their numbers.
    """

    name: str
    label: str
    note: str
    tiers: tuple[Tier, ...]

    @property
    def assumed(self) -> bool:
        """Whether any number in it is assumed, so that products print 假定值."""
        return any(tier.assumed for tier in self.tiers)


def load_standard(name: str | Path | Standard) -> Standard:
    """Load a rescue circle.

    Parameters
    ----------
    name
        The name of a shipped standard (see `standard_names`), the path of a
        TOML file of one's own, or a `Standard`, which is handed back.

    Returns
    -------
    Standard
        Checked and frozen.

    Raises
    ------
    StandardError
        If there is none of this name, or the file is malformed: the message
        names the file and the key.

    Examples
    --------
    >>> circle = load_standard("three_minute")
    >>> circle.tiers[0].limit_min, circle.tiers[0].assumed
    (3.0, ('detour', 'speed_kmh', 'turnout_min'))
    """
    if isinstance(name, Standard):
        return name
    shipped = not isinstance(name, Path) and not str(name).endswith(".toml")
    if shipped and name not in standard_names():
        names = ", ".join(standard_names())
        msg = f'no rescue circle is named "{name}"; there are {names}, or give a path'
        raise StandardError(msg)
    where = f"{name}.toml" if shipped else str(name)
    return _standard(read_table(name), where)


@cache
def standard_names() -> tuple[str, ...]:
    """Return the names of the rescue circles that are shipped.

    Returns
    -------
    tuple of str
        Sorted.
    """
    folder = resources.files("riskmap.standards")
    stems = sorted(
        one.name.removesuffix(".toml")
        for one in folder.iterdir()
        if one.name.endswith(".toml")
    )
    return tuple(stem for stem in stems if "tiers" in read_table(stem))


def describe_tier(tier: Tier) -> str:
    """Return the Chinese words that stand beside every circle drawn.

    Parameters
    ----------
    tier
        A tier of a standard.

    Returns
    -------
    str
        Clock, limit, turnout, speed and detour, the assumed ones marked 假定值.

    Examples
    --------
    >>> describe_tier(load_standard("135_taizhou").tiers[0])
    '自接报起限时1分钟启动，每队至少1人（假定值）'
    """
    words = read_table("rescue")
    parts = []
    for field, template in words["fields"].items():
        number = getattr(tier, field)
        if number is None or (field == "minimum_units" and number == 1):
            continue
        if field == "detour" and tier.meaning == "start":
            continue
        mark = words["assumed_mark"] if field in tier.assumed else ""
        meant = words["meanings"][tier.meaning] if field == "limit_min" else ""
        parts.append(template.format(number) + meant + mark)
    clock: str = words["clocks"][tier.clock_start]
    return clock + str(words["between"]).join(parts)


def _standard(table: Mapping[str, Any], where: str) -> Standard:
    """Make a standard of a parsed file."""
    entries = table.get("tiers")
    if not isinstance(entries, list) or not entries:
        msg = f"{where}: tiers is missing; write at least one [[tiers]] table"
        raise StandardError(msg)
    for key in table:
        if key not in _TOP:
            msg = f"{where}: {key} is no key of a standard; there are {', '.join(_TOP)}"
            raise StandardError(msg)
    above = {key: table[key] for key in ("source", "evidence") if key in table}
    tiers = [
        _tier(above, entry, where=f"{where}: tiers[{place}]")
        for place, entry in enumerate(entries, start=1)
    ]
    numbers = [tier.number for tier in tiers]
    if sorted(set(numbers)) != numbers:
        msg = f"{where}: tiers.number is {numbers}; number the tiers upwards, once each"
        raise StandardError(msg)
    stem = Path(where).stem
    label, note = str(table.get("label", stem)), str(table.get("note", ""))
    return Standard(name=stem, label=label, note=note, tiers=tuple(tiers))


def _tier(above: Mapping[str, Any], entry: object, *, where: str) -> Tier:
    """Make one tier, its assumed numbers merged in and remembered."""
    own = {**above, **_table(entry, where)}
    guesses = _table(own.pop("assumed", {}), f"{where}.assumed")
    sure = {"evidence": own.get("evidence", "I"), **guesses}
    for key in ("source", "evidence"):
        guesses.pop(key, None)
    weak = {key for key in own if key in _AT_LEAST and is_assumed(own)}
    weak |= {key for key in guesses if is_assumed(sure)}
    values = {**own, **guesses}
    _insist_on_keys(values, where)
    cleaned: dict[str, Any] = {
        key: _cleaned(key, value, where) for key, value in values.items()
    }
    cleaned.pop("note", None)
    tier = Tier(**cleaned, assumed=tuple(sorted(weak - {"number"})))
    _insist_on_sense(tier, where)
    return tier


def _table(entry: object, where: str) -> dict[str, Any]:
    """Return a TOML table as a mapping of its own."""
    if not isinstance(entry, dict):
        msg = f"{where} is {entry!r}; give a table with keys and values"
        raise StandardError(msg)
    return dict(entry)


def _insist_on_keys(values: Mapping[str, Any], where: str) -> None:
    """Raise where a key is unknown, or one that is needed is missing."""
    known = {field.name for field in fields(Tier)} - {"assumed"} | {"note"}
    for key in values:
        if key not in known:
            names = ", ".join(sorted(known))
            msg = f"{where}.{key} is no key of a tier; there are {names}"
            raise StandardError(msg)
    for key in ("number", "label", "limit_min", "source", "evidence"):
        if key not in values:
            msg = f"{where}.{key} is missing; add it"
            raise StandardError(msg)


def _cleaned(key: str, value: object, where: str) -> object:
    """Check one value of a tier and bring it into its type."""
    if key in _LISTS:
        return _word_list(key, value, where)
    if key in _WORDS:
        return _word(key, value, where)
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f'{where}.{key} is "{value}"; give a number'
        raise StandardError(msg)
    if not math.isfinite(value) or value < _AT_LEAST[key]:
        msg = f"{where}.{key} = {value}; give a number of {_AT_LEAST[key]:g} or more"
        raise StandardError(msg)
    if key in _WHOLE:
        if value != int(value):
            msg = f"{where}.{key} = {value}; give a whole number"
            raise StandardError(msg)
        return int(value)
    return float(value)


def _word(key: str, value: object, where: str) -> str:
    """Check a text, and that it is one of the choices where there are some."""
    if not isinstance(value, str) or not value:
        msg = f"{where}.{key} is {value!r}; give a text"
        raise StandardError(msg)
    if key in _CHOICES and value not in _CHOICES[key]:
        msg = f'{where}.{key} is "{value}"; choose one of {", ".join(_CHOICES[key])}'
        raise StandardError(msg)
    return value


def _word_list(key: str, value: object, where: str) -> tuple[str, ...]:
    """Check a list of texts."""
    if not isinstance(value, list) or not all(
        isinstance(word, str) and word for word in value
    ):
        msg = f"{where}.{key} is {value!r}; give a list of texts"
        raise StandardError(msg)
    return tuple(value)


def _insist_on_sense(tier: Tier, where: str) -> None:
    """Raise where the numbers of one tier contradict each other."""
    if tier.turnout_min is not None and tier.limit_min < tier.turnout_min:
        msg = (
            f"{where}.limit_min = {tier.limit_min:g} is below turnout_min = "
            f"{tier.turnout_min:g}: no unit could ever pass; correct one of them"
        )
        raise StandardError(msg)
    if tier.limit_min == 0:
        msg = f"{where}.limit_min = 0; give minutes above 0"
        raise StandardError(msg)
    if tier.minimum_ratio > 1:
        msg = f"{where}.minimum_ratio = {tier.minimum_ratio:g}; give a share up to 1"
        raise StandardError(msg)
    if tier.meaning == "start":
        return
    for key in ("turnout_min", "speed_kmh"):
        if not getattr(tier, key) and (key == "speed_kmh" or tier.turnout_min is None):
            msg = f"{where}.{key} is missing; a tier that means {tier.meaning} needs it"
            raise StandardError(msg)
