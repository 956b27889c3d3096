"""Tables beside a map, as the data that its page brings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskmap.publish.style import read_words, style
from riskmap.publish.web_data import cell_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskmap.publish.escape import Json
    from riskmap.publish.spec import MapSpec, Table

__all__ = ["legs_data", "table_data"]

_WHITE = "#FFFFFF"


def table_data(table: Table) -> dict[str, Json]:
    """Describe one table beside the map.

    Parameters
    ----------
    table
        Text cells under Chinese headings.

    Returns
    -------
    dict
        Plain values for a page. The index of a transfer table are its keys; its
        rows have the colour of the group's sign, even of a group whose place is
        unknown and which therefore has no sign on the map.
    """
    transfer = table.key == "transfer"
    keys = [str(one) for one in table.frame.index] if transfer else []
    signs = [_sign(row) for row in table.frame.to_numpy()] if transfer else []
    return {
        "key": table.key,
        "title": table.title,
        "note": table.note,
        "columns": [str(one) for one in table.frame.columns],
        "rows": [[cell_text(cell) for cell in row] for row in table.frame.to_numpy()],
        "keys": list(keys),
        "signs": list(signs),
    }


def _sign(row: Iterable[object]) -> dict[str, Json]:
    """Return the colour of a group's number: a warning where it goes nowhere."""
    unplaced = read_words()["marks"]["unplaced"]
    alarm = any(cell_text(cell).startswith(unplaced) for cell in row)
    look = style("group_unplaced" if alarm else "group")
    white = look.fill.upper() == _WHITE
    return {"colour": look.edge if white and look.edge else look.fill, "alarm": alarm}


def legs_data(spec: MapSpec) -> dict[str, Json]:
    """Return the legs of each route, one line of text a leg.

    Parameters
    ----------
    spec
        A map; its table ``"legs"`` has the key of the route as its index.

    Returns
    -------
    dict
        From the key of a route to its lines; empty without such a table.
    """
    table = spec.table("legs")
    if table is None:
        return {}
    legs: dict[str, list[Json]] = {}
    for key, row in zip(table.frame.index, table.frame.to_numpy(), strict=True):
        legs.setdefault(str(key), []).append(
            " ".join(filter(None, map(cell_text, row)))
        )
    return {key: lines for key, lines in legs.items()}  # noqa: C416 (wider value type)
