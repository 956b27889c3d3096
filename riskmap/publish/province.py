"""The portal over many units: an overview, a ranking, and the way into each site.

Static HTML that works from a USB stick; every text goes through the template's
own escaping. Nothing is computed here but counts of what is shown.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
import pandas as pd

from riskmap.publish.assets import template
from riskmap.publish.page import html_page
from riskmap.publish.portal_states import (
    STATE_COLOURS,
    VillageState,
    overview,
    state_words,
)
from riskmap.publish.web import web_words
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from riskmap.publish.spec import Imprint

__all__ = ["Overview", "publish_province"]

_VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
_MOST_ROWS = 50
_COUNTY_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Overview:
    """What the portal over many units shows.

    Parameters
    ----------
    name
        Of the whole, as printed.
    imprint
        Data date, edition and notes.
    villages
        A row a village, EPSG:4490: ``unit, unit_name, village_code,
        village_name, to_move, unplaced`` and one boolean column a tier.
    ranking
        A row a unit: ``rank, unit, name, villages, population, to_move,
        placed, unplaced, unknown_groups, passed_villages, audited,
        unknown_villages, passed_ratio``; null = unknown.
    compared
        What changed since the last run: ``village_name, unit, change,
        unplaced_before, unplaced``.
    failures
        ``name, step, message`` of what did not end.
    """

    name: str
    imprint: Imprint
    villages: gpd.GeoDataFrame
    ranking: pd.DataFrame
    compared: pd.DataFrame = field(default_factory=pd.DataFrame)
    failures: pd.DataFrame = field(default_factory=pd.DataFrame)


def publish_province(shown: Overview, out: str | Path, *, units: str) -> Path:
    """Write the portal over the sites of all units.

    Parameters
    ----------
    shown
        What it shows.
    out
        The folder that ``site`` (``内部`` for the internal edition) goes into.
    units
        The folder beside it that holds the units' own outputs.

    Returns
    -------
    pathlib.Path
        The page to open.

    Raises
    ------
    SourceError
        If it cannot be written.
    """
    root = web_words()["site"][shown.imprint.edition]
    folder = Path(out)
    links = {
        code: quote(f"../{units}/{code}/{root}/index.html")
        for code in shown.ranking["unit"].astype(str)
        if (folder / units / code / root / "index.html").is_file()
    }
    with staged(folder) as aside:
        (aside / root).mkdir()
        text = province_page(shown, links)
        (aside / root / "index.html").write_text(text, "utf-8", newline="\n")
    return folder / root / "index.html"


def province_page(shown: Overview, links: Mapping[str, str]) -> str:
    """Return the page.

    Parameters
    ----------
    shown
        What it shows.
    links
        The site of each unit, by its code; a unit without one says so.

    Returns
    -------
    str
        HTML that asks nothing of a network.
    """
    words, rows = _words(), _records(shown.ranking)
    states = [_state(row) for row in rows]
    title = words["title"].format(name=shown.name)
    present = {one.state for one in states}
    labels = state_words()
    body = _template().render(
        title=title,
        words=words,
        imprint=shown.imprint,
        coverage=_coverage(rows),
        figures=_figures(shown, rows),
        overview=overview(_shapes(shown.villages), states, links),
        key=[(s, labels[s], c) for s, c in STATE_COLOURS.items() if s in present],
        groups=sorted({one.township_code for one in states}),
        ranked=list(zip(rows, states, strict=True)),
        links=links,
        worst=_worst(shown.villages, links),
        compared=_compared(shown.compared),
        failures=_plain(shown.failures, ("name", "step", "message")),
        foot=_foot(shown.imprint),
    )
    return html_page(
        title=title,
        head=_VIEWPORT,
        body=body,
        styles=[template("portal.css")],
        last_script=template("portal.js"),
    )


@cache
def _words() -> dict[str, str]:
    """Read the words of the page."""
    return tomllib.loads(template("province.toml"))


@cache
def _template() -> jinja2.Template:
    """Read the skeleton of the page; what it is given is escaped."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.from_string(template("province.html"))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with None for what is unknown."""
    return [
        {str(name): None if pd.isna(cell) else cell for name, cell in row.items()}
        for row in frame.to_dict("records")
    ]


def _state(row: Mapping[str, Any]) -> VillageState:
    """Say how a unit stands, in the words of the villages' portal."""
    gone, move = row["unplaced"], row["to_move"]
    unknown = int(row["unknown_groups"] or 0)
    if gone is None or move is None:
        state = "unknown"
    elif gone > 0:
        state = "unplaced"
    elif unknown:
        state = "unknown"
    else:
        state = "done" if move else "idle"
    code = str(row["unit"])
    return VillageState(
        code=code, name=str(row["name"]), township_code=code[:_COUNTY_DIGITS],
        township="", population=row["population"], to_move=move,
        placed=row["placed"], unplaced=gone, unknown_groups=unknown, state=state,
    )  # fmt: skip


def _coverage(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say how many units have results at all."""
    done = sum(row["audited"] is not None for row in rows)
    return _words()["of_units"].format(done=done, all=len(rows))


def _figures(
    shown: Overview, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """Give the figures that matter; a sum over nothing known is unknown."""
    words, ranks = _words(), shown.ranking
    sums = {
        name: None if ranks[name].isna().all() else int(ranks[name].sum())
        for name in ("population", "to_move", "placed", "unplaced", "audited",
                     "passed_villages")
    }  # fmt: skip
    audited, passed = sums["audited"], sums["passed_villages"]
    failing = None if audited is None or passed is None else audited - passed
    people = words["people"]
    return [
        _figure("units", len(rows), ""),
        _figure("population", sums["population"], people),
        _figure("to_move", sums["to_move"], people),
        _figure("placed", sums["placed"], people),
        _figure("unplaced", sums["unplaced"], people, bad=True),
        _figure("failing", failing, "", bad=True),
    ]


def _figure(
    head: str, number: int | None, unit: str, *, bad: bool = False
) -> dict[str, str]:
    """Give one figure; the unknown is said, not shown as zero."""
    words = _words()
    mood = "" if number is None or not bad else "bad" if number else "good"
    return {
        "head": words[head],
        "text": words["unknown"] if number is None else f"{number:,}",
        "unit": "" if number is None else unit,
        "mood": mood,
    }


def _shapes(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one shape a unit, under the name that the overview looks for."""
    placed = villages[villages.geometry.notna()]
    shapes = placed[["unit", "geometry"]].dissolve("unit").reset_index()
    return shapes.rename(columns={"unit": "village_code"})


def _worst(
    villages: gpd.GeoDataFrame, links: Mapping[str, str]
) -> list[tuple[Any, ...]]:
    """Return the villages with the most people unplaced."""
    table = villages[villages["unplaced"].fillna(0) > 0]
    tiers = [n for n in table.columns if pd.api.types.is_bool_dtype(table[n])]
    missed = (~table[tiers].astype("boolean").fillna(value=False)).sum(axis=1)
    table = table.assign(missed=missed).sort_values(
        ["unplaced", "village_code"], ascending=[False, True]
    )
    return [
        (
            row.village_name,
            {"href": links[str(row.unit)], "text": row.unit_name}
            if str(row.unit) in links
            else row.unit_name,
            f"{row.to_move:,}",
            f"{row.unplaced:,}",
            row.missed,
        )
        for row in table.head(_MOST_ROWS).itertuples()
    ]


def _compared(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return what changed, the worst first."""
    if table.empty:
        return []
    words = _words()
    columns = ("village_name", "unit", "change", "unplaced_before", "unplaced")
    shown = table.assign(
        change=[words[f"change_{one}"] for one in table["change"]]
    ).head(_MOST_ROWS)
    return _plain(shown, columns)


def _plain(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return some columns as text."""
    if frame.empty:
        return []
    return [
        tuple("" if pd.isna(cell) else str(cell) for cell in row)
        for row in frame[list(columns)].itertuples(index=False, name=None)
    ]


def _foot(imprint: Imprint) -> list[tuple[str, str]]:
    """Say whose work it is."""
    words = web_words()["web"]
    lines = (
        (words["producer"], imprint.producer),
        (words["source"], imprint.source),
        (words["review_number"], imprint.review_number or words["no_review_number"]),
    )
    return [(head, text) for head, text in lines if text]
