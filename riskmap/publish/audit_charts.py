"""The charts of the audit's workbook, drawn by the spreadsheet itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.publish.audit_brief import tier_name
from riskmap.publish.brief import brief_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["AUDIT_CHARTS", "audit_overview"]

_HEAD, _FIRST = 2, 3
_CIRCLE, _ROAD, _GOOD, _BAD, _UNKNOWN = (
    "#B9B2A3", "#2F6F9F", "#5B9E77", "#D9776F", "#E3E0DA",
)  # fmt: skip


def audit_overview(
    audit: Mapping[str, pd.DataFrame], townships: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """Return the tables that the charts are drawn from.

    Parameters
    ----------
    audit
        ``ratios`` and ``sheltering`` of ``audit.gpkg``.
    townships
        Names by ``township_code``; others are printed as codes.

    Returns
    -------
    dict
        ``overview``, a row a tier of the county; ``shelter_overview``, a row a
        township. Under Chinese headings; unknown cells are null.
    """
    heads = brief_words()["charts"]
    ratios, sheltering = audit["ratios"], audit["sheltering"]
    county = ratios[ratios["scope"].eq("county") & ratios["roster"].eq("any")]
    failed = county["villages"] - county["passed_villages"] - county["unknown_villages"]
    tiers = pd.DataFrame(
        {
            heads["tier"]: [
                tier_name(one, number)
                for one, number in zip(county["standard"], county["tier"], strict=True)
            ],
            heads["circle"]: county["circle_ratio"].to_numpy(dtype=float),
            heads["network"]: county["network_ratio"].to_numpy(dtype=float),
            heads["passed"]: county["passed_villages"].to_numpy(dtype=float),
            heads["failed"]: failed.to_numpy(dtype=float),
            heads["unknown"]: county["unknown_villages"].to_numpy(dtype=float),
        }
    )
    towns = sheltering[sheltering["scope"].eq("township")]
    places = pd.DataFrame(
        {
            heads["township"]: [townships.get(one, one) for one in towns["code"]],
            heads["people"]: towns["people"].to_numpy(float, na_value=float("nan")),
            heads["beds"]: towns["beds"].to_numpy(dtype=float),
            heads["reached"]: towns["reached_ratio"].to_numpy(dtype=float),
        }
    )
    return {"overview": tiers, "shelter_overview": places}


def _draw_tiers(book: Any, page: Any, frame: pd.DataFrame) -> None:  # noqa: ANN401
    """Draw the circle beside the road, and how many villages pass."""
    words = brief_words()["charts"]
    beside = _chart(book, "column", words["beside"], percent=True)
    _series(beside, page, frame, columns={1: _CIRCLE, 2: _ROAD})
    page.insert_chart(len(frame) + _FIRST + 1, 0, beside)
    passing = _chart(book, "bar", words["passing"], subtype="percent_stacked")
    _series(passing, page, frame, columns={3: _GOOD, 4: _BAD, 5: _UNKNOWN})
    page.insert_chart(len(frame) + _FIRST + 22, 0, passing)


def _draw_shelters(book: Any, page: Any, frame: pd.DataFrame) -> None:  # noqa: ANN401
    """Draw beds beside people, township by township."""
    words = brief_words()["charts"]
    chart = _chart(book, "column", words["room"])
    _series(chart, page, frame, columns={1: _CIRCLE, 2: _ROAD})
    page.insert_chart(len(frame) + _FIRST + 1, 0, chart)


def _chart(
    book: Any,  # noqa: ANN401 (xlsxwriter is not typed)
    kind: str,
    title: str,
    *,
    subtype: str | None = None,
    percent: bool = False,
) -> Any:  # noqa: ANN401
    """Make an empty chart."""
    look = {"type": kind} if subtype is None else {"type": kind, "subtype": subtype}
    chart = book.add_chart(look)
    chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 860, "height": 400})
    if percent:
        chart.set_y_axis({"num_format": "0%", "min": 0, "max": 1})
    return chart


def _series(
    chart: Any,  # noqa: ANN401
    page: Any,  # noqa: ANN401
    frame: pd.DataFrame,
    *,
    columns: Mapping[int, str],
) -> None:
    """Add columns of the sheet to a chart."""
    tab, last = page.get_name(), _FIRST + len(frame) - 1
    for column, colour in columns.items():
        chart.add_series(
            {
                "name": [tab, _HEAD, column],
                "categories": [tab, _FIRST, 0, last, 0],
                "values": [tab, _FIRST, column, last, column],
                "fill": {"color": colour},
                "border": {"color": "#FFFFFF"},
                "gap": 60,
            }
        )


AUDIT_CHARTS: Mapping[str, Callable[[Any, Any, pd.DataFrame], None]] = {
    "overview": _draw_tiers,
    "shelter_overview": _draw_shelters,
}
"""What is drawn below the tables of `audit_overview`."""
