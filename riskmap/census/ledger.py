"""The findings ledger: one row for each thing to correct, with its place.

Rules are data (``rules.toml``): severity, Chinese message and remedy, source.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.census.values import clean_text, is_blank
from riskmap.standards import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["FINDING_COLUMNS", "Ledger", "rule"]

FINDING_COLUMNS = (
    *("layer", "source", "sheet", "row", "column", "rule", "severity"),
    *("value", "message", "suggestion"),
)
_LONGEST_VALUE = 200


@cache
def _rules() -> Mapping[str, Any]:
    """Read the rules of tables, and those of roads as a network."""
    path = resources.files("riskmap.census").joinpath("rules.toml")
    table: Mapping[str, Any] = read_table(Path(str(path)))["rules"]
    return {**read_table("road_findings")["rules"], **table}


def rule(name: str) -> Mapping[str, Any]:
    """Return a rule of the table with its thresholds.

    Parameters
    ----------
    name
        For example ``"stale_inspection"``.

    Returns
    -------
    mapping
        ``severity``, ``title``, ``message``, ``suggestion`` and its numbers.
    """
    found: Mapping[str, Any] = _rules()[name]
    return found


class Ledger:
    """Findings in the making; `frame` gives the contract's table.

    Parameters
    ----------
    layer
        The canonical layer that rows belong to.
    source
        The file name, without its folder.
    """

    def __init__(self, layer: str, source: str) -> None:
        self.layer = layer
        self.source = source
        self._rows: list[tuple[object, ...]] = []

    def add(
        self,
        name: str,
        *,
        row: int | None = None,
        sheet: str | None = None,
        column: str | None = None,
        value: object = None,
        **words: object,
    ) -> None:
        """Note one finding.

        Parameters
        ----------
        name
            A rule of ``rules.toml``.
        row, sheet
            Where in the source; the row as a spreadsheet counts it.
        column
            The source's heading.
        value
            The offending cell as it stands there.
        **words
            What the rule's message needs besides.
        """
        known = rule(name)
        text = None if is_blank(value) else clean_text(value)[:_LONGEST_VALUE]
        words = {"label": column, "value": text or "", **words}
        self._rows.append(
            (
                *(self.layer, self.source, sheet, row, column, name),
                *(known["severity"], text),
                known["message"].format_map(words),
                known["suggestion"].format_map(words),
            )
        )

    def extend(self, other: Ledger, *, rules: Iterable[str]) -> None:
        """Take over another ledger's findings of some rules."""
        wanted = frozenset(rules)
        place = FINDING_COLUMNS.index("rule")
        self._rows += [one for one in other._rows if one[place] in wanted]

    def noted(self, rules: Iterable[str]) -> set[tuple[int | None, str | None]]:
        """Return row and column of every finding of some rules."""
        wanted = frozenset(rules)
        place = {name: at for at, name in enumerate(FINDING_COLUMNS)}
        return {
            (one[place["row"]], one[place["column"]])  # type: ignore[misc]
            for one in self._rows
            if one[place["rule"]] in wanted
        }

    def frame(self) -> pd.DataFrame:
        """Return the findings so far, in the order they were noted."""
        return findings_frame(self._rows)


def findings_frame(rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """Return rows of findings as the contract's table, typed."""
    table = pd.DataFrame(list(rows), columns=list(FINDING_COLUMNS), dtype=object)
    text = {one: "str" for one in FINDING_COLUMNS if one != "row"}
    return table.astype({**text, "row": "Int64"})
