"""What a phone picture says in words: a card for each group or danger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskmap.publish.spec import MapSpec, Table

__all__ = ["Card", "Line", "cards_of"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card, which may be wrapped.

    Parameters
    ----------
    words
        The text.
    size
        The height of its characters over that of plain text.
    bold
        Whether it is bold.
    colour
        A key of the page's colours; empty for ink.
    """

    words: str
    size: float = 1.0
    bold: bool = False
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """The words for one group, one danger or one matter.

    Parameters
    ----------
    lines
        From the top down.
    number
        Its number on the map; empty for none.
    alarm
        Whether it is a warning: a group without a place to go.
    """

    lines: tuple[Line, ...]
    number: str = ""
    alarm: bool = False


def cards_of(spec: MapSpec) -> list[Card]:
    """Put the tables of a map into cards.

    Parameters
    ----------
    spec
        A map.

    Returns
    -------
    list of Card
        Transfers or dangers first, then signals and emergency numbers.
    """
    transfer, hazards = spec.table("transfer"), spec.table("hazards")
    cards: list[Card] = []
    if transfer is not None:
        cards += _transfer_cards(transfer, spec.table("steps"))
    elif hazards is not None:
        cards += _hazard_cards(hazards)
    for key in ("signals", "emergency"):
        table = spec.table(key)
        if table is not None:
            cards.append(_plain_card(table))
    return cards


def _rows(table: Table) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Give the rows of a table under their Chinese headings."""
    names = [str(one) for one in table.frame.columns]
    cells = table.frame.itertuples(index=True, name=None)
    for key, *row in cells:
        yield str(key), dict(zip(names, map(str, row), strict=True))


def _transfer_cards(table: Table, steps: Table | None) -> list[Card]:
    """Say for each group where to go, how long, when, by which way, whom to call."""
    words, phone = read_words()["transfer"], read_words()["phone"]
    unplaced, none = read_words()["marks"]["unplaced"], read_words()["marks"]["none"]
    way = steps.frame.columns[-1] if steps is not None else ""
    ways = {key: row[way] for key, row in _rows(steps)} if steps is not None else {}
    cards = []
    for key, row in _rows(table):
        goal = row[words["shelter"]]
        alarm = goal.startswith(unplaced)
        people = phone["people"].format(people=row[words["people"]])
        lines = [Line(f"{row[words['group']]}  {people}", 1.3, bold=True)]
        shown = goal if alarm else phone["goal"].format(goal=goal)
        lines.append(Line(shown, 1.3, bold=True, colour="danger" if alarm else "safe"))
        known = {name: row.get(words[name], none) for name in (*_TOLD, *_MORE)}
        told = [phone[name].format(**known) for name in _TOLD if known[name] != none]
        lines += [Line("  ".join(told), 1.15, bold=True)] if told else []
        more = [phone[name].format(**known) for name in _MORE if known[name] != none]
        lines += [Line(one) for one in more]
        lines += [Line(phone["unplaced"])] if alarm else []
        lines += [Line(phone["way"].format(way=ways[key]))] if key in ways else []
        lines.append(
            Line(
                phone["call"].format(who=row[words["duty"]], phone=row[words["phone"]]),
                1.15,
            )
        )
        cards.append(Card(tuple(lines), row[words["number"]], alarm))
    return cards


_TOLD = ("minutes", "metres", "departs_by")
_MORE = ("assembly", "backup")
"""What stands in one line together, and what has a line of its own."""


def _hazard_cards(table: Table) -> list[Card]:
    """Say of each danger what it is, how grave, and who watches it."""
    words, phone = read_words()["hazards"], read_words()["phone"]
    if table.frame.empty:
        return [Card((Line(table.note or words["none"], 1.15),))]
    cards = []
    for _, row in _rows(table):
        cells = {key: row.get(heading, "") for key, heading in words.items()}
        cards.append(
            Card(
                (
                    Line(cells["name"], 1.3, bold=True),
                    Line(phone["danger"].format(**cells)),
                    Line(
                        phone["call"].format(
                            who=cells["responsible"], phone=cells["phone"]
                        ),
                        1.15,
                    ),
                )
            )
        )
    return cards


def _plain_card(table: Table) -> Card:
    """Put a small table into lines: its first cell, then the others."""
    lines = [Line(table.title, 1.3, bold=True)]
    for _, row in _rows(table):
        first, *rest = row.values()
        lines.append(Line(f"{first}  {' '.join(rest)}", 1.15))
    lines += [Line(table.note, colour="quiet")] if table.note else []
    return Card(tuple(lines))
