"""The portal: one quiet page for the county, one for each township.

Static HTML that works from a USB stick and can be read without scripts; a small
script sorts, filters and searches the table of villages. Every text goes
through the template's own escaping.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import jinja2

from riskmap.publish.assets import template
from riskmap.publish.page import html_page
from riskmap.publish.portal_states import (
    STATE_COLOURS,
    VillageState,
    overview,
    state_words,
)
from riskmap.publish.portal_tables import portal_tables
from riskmap.publish.web import web_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskmap.publish.atlas import Atlas
    from riskmap.publish.spec import Imprint

__all__ = ["Link", "portal_page"]

_VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'


@dataclass(frozen=True, slots=True)
class Link:
    """A product, in its forms.

    Parameters
    ----------
    label
        Its Chinese name.
    forms
        Form and address, relative to the page: ``("html", "villages/…")``.
    """

    label: str
    forms: tuple[tuple[str, str], ...]


def portal_page(
    atlas: Atlas,
    states: Sequence[VillageState],
    *,
    title: str,
    links: Mapping[str, Sequence[Link]],
    downloads: Sequence[Link] = (),
    townships: Sequence[Link] = (),
    own: Sequence[Link] = (),
    place: str = "",
    home: str | None = None,
) -> str:
    """Write the page of a county or township.

    Parameters
    ----------
    atlas
        The publication.
    states
        The villages of the page.
    title
        Its title.
    links
        The products of each village, by its code.
    downloads
        Files to offer below.
    townships
        The pages of the townships; on the county's page.
    own
        The township's own products; on a township's page.
    place
        The name of the township; on a township's page.
    home
        Address of the county's page; None on that page itself.

    Returns
    -------
    str
        HTML that asks nothing of a network.
    """
    words, labels = web_words()["portal"], state_words()
    present = {one.state for one in states}
    body = _template().render(
        title=title,
        place=place,
        home=home,
        words=words,
        book=web_words()["book"],
        imprint=atlas.imprint,
        figures=_figures(atlas, states),
        townships=townships,
        own=own,
        overview=overview(atlas.layers["villages"], states, _pages(links)),
        key=[(s, labels[s], c) for s, c in STATE_COLOURS.items() if s in present],
        township_names=dict.fromkeys((s.township_code, s.township) for s in states),
        states=states,
        links=links,
        tables=portal_tables(atlas, {one.code for one in states if one.code}),
        downloads=downloads,
        foot=_foot(atlas.imprint),
    )
    return html_page(
        title=title,
        head=_VIEWPORT,
        body=body,
        styles=[template("portal.css")],
        last_script=template("portal.js"),
    )


@cache
def _template() -> jinja2.Template:
    """Read the skeleton of the page; what it is given is escaped."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.from_string(template("portal.html"))


def _pages(links: Mapping[str, Sequence[Link]]) -> dict[str, str]:
    """Return the first product of each village that is a page."""
    return {
        code: next(
            (href for link in some for form, href in link.forms if form == "html")
        )
        for code, some in links.items()
        if any(form == "html" for link in some for form, _ in link.forms)
    }


def _figures(atlas: Atlas, states: Sequence[VillageState]) -> list[dict[str, str]]:
    """Give the five figures that matter."""
    words = web_words()["portal"]
    planned = atlas.plan is not None
    to_move = sum(one.to_move or 0 for one in states) if planned else None
    placed = sum(one.placed or 0 for one in states) if planned else None
    gone = None if to_move is None or placed is None else to_move - placed
    unknown = sum(one.unknown_groups for one in states)
    note = words["unknown_groups"].format(number=unknown) if unknown else ""
    note = note if planned else words["no_plan"]
    fails, asked = _circle_fails(atlas, {one.code for one in states})
    of = words["of_villages"].format(number=asked) if asked else ""
    mood = "" if gone is None else "bad" if gone else "good"
    return [
        _figure("to_move", to_move, "people", note=note, least=unknown > 0),
        _figure("placed", placed, "people"),
        _figure("unplaced", gone, "people", mood=mood, least=unknown > 0),
        _figure("circle_fails", fails, "places", note=of, mood="bad" if fails else ""),
        _freshness(atlas),
    ]


def _figure(
    head: str,
    number: int | None,
    unit: str,
    *,
    note: str = "",
    mood: str = "",
    least: bool = False,
) -> dict[str, str]:
    """Give one figure; the unknown is said, not shown as zero."""
    words = web_words()["portal"]
    sign = "≥" if least else ""
    return {
        "head": words[head],
        "text": words["unknown"] if number is None else f"{sign}{number:,}",
        "unit": "" if number is None else words[unit],
        "note": note,
        "mood": mood,
    }


def _freshness(atlas: Atlas) -> dict[str, str]:
    """Say how old the data are."""
    words, villages = web_words()["portal"], atlas.layers["villages"]
    known: list[str] = []
    if "data_date" in villages.columns:
        known = sorted(str(one)[:10] for one in villages["data_date"].dropna())
    return {
        "head": words["freshness"],
        "text": atlas.imprint.data_date or words["unknown"],
        "unit": "",
        "note": words["oldest"].format(date=known[0]) if known else "",
        "mood": "",
    }


def _circle_fails(atlas: Atlas, codes: set[str]) -> tuple[int | None, int]:
    """Count the villages where a circle holds people whom no road reaches in time."""
    tiers = atlas.audit.get("tiers")
    needed = {"village_code", "circle_people", "network_people"}
    if tiers is None or not needed <= set(tiers.columns):
        return None, 0
    mine = tiers[tiers["village_code"].astype(str).isin(codes)]
    known = mine.dropna(subset=["circle_people", "network_people"])
    worse = known[known["circle_people"] > known["network_people"]]
    return worse["village_code"].nunique(), known["village_code"].nunique()


def _foot(imprint: Imprint) -> list[tuple[str, str]]:
    """Say whose work it is and how far to trust it."""
    words = web_words()["web"]
    lines = (
        (words["producer"], imprint.producer),
        (words["source"], imprint.source),
        (words["review_number"], imprint.review_number or words["no_review_number"]),
    )
    return [(head, text) for head, text in lines if text]
