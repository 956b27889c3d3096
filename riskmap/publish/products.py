"""The products of one village or township: maps, lists and cards, as files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from riskmap.publish.card_frames import hazard_cards, household_cards
from riskmap.publish.cards import save_cards, save_list
from riskmap.publish.compose import draw_risk_map, draw_route_map, draw_situation_map
from riskmap.publish.escape import file_name
from riskmap.publish.lists import Sheet, imprint_line, write_book
from riskmap.publish.lists_frames import duty_list, evacuation_list
from riskmap.publish.look import styled
from riskmap.publish.page_words import web_words
from riskmap.publish.sheet import save_sheets
from riskmap.publish.web import save_web

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from riskmap.publish.atlas import Atlas
    from riskmap.publish.planframes import PlanFrames
    from riskmap.publish.spec import Imprint, MapSpec, Product

__all__ = ["Contents", "Site", "contents_of", "draw_maps", "write_contents"]

_FOLDERS = {"village": "villages", "township": "townships"}
_CARD_KINDS: dict[str, tuple[Literal["household", "hazard"], Product]] = {
    "cards": ("household", "route"),
    "hazard_cards": ("hazard", "risk"),
}
"""Whose cards they are, and which map their code leads to."""


@dataclass(frozen=True, slots=True)
class Site:
    """Whose products to draw, and where in the portal they go.

    Parameters
    ----------
    level
        A village or a township.
    code
        Its code.
    scenario
        The scenario, where it is not that of the wall maps; else None.
    """

    level: Literal["village", "township"]
    code: str
    scenario: str | None = None

    @property
    def folder(self) -> str:
        """Where its products go, relative to the portal, with slashes."""
        own = f"{_FOLDERS[self.level]}/{file_name(self.code)}"
        return (
            own
            if self.scenario is None
            else f"scenarios/{file_name(self.scenario)}/{own}"
        )

    @property
    def home(self) -> str:
        """The address of the portal, as seen from there."""
        return "../" * (self.folder.count("/") + 1) + "index.html"


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the products of one village or township show, not yet drawn.

    Parameters
    ----------
    maps
        The maps, by product.
    lists, cards
        Tables of text under Chinese headings, by product.
    place
        Its name.
    imprint
        The words on lists and cards.
    home
        The address of the portal, as seen from its folder.
    """

    maps: Mapping[Product, MapSpec]
    lists: Mapping[str, pd.DataFrame]
    cards: Mapping[str, pd.DataFrame]
    place: str
    imprint: Imprint
    home: str


def contents_of(atlas: Atlas, site: Site) -> Contents:
    """Compose all that is published of one village or township.

    Parameters
    ----------
    atlas
        The publication, already redacted for its edition.
    site
        Which village or township, and for which scenario. For another than
        that of the wall maps, only what depends on the plan is composed.

    Returns
    -------
    Contents
        All that its products will show; nothing is drawn yet.

    Raises
    ------
    RiskmapError
        If a layer or the plan lacks a column.
    """
    villages, plan = atlas.layers["villages"], _plan_of(atlas, site)
    where: dict[str, Any] = {site.level: site.code, "layers": _context(atlas)}
    lists, cards = {}, {}
    if site.scenario is None:
        lists["duty"] = duty_list(villages, **where)
    if site.scenario is None and site.level == "village":
        cards["hazard_cards"] = hazard_cards(villages, plan=plan, **where)
    if plan is not None and site.level == "village":
        lists["evacuation"] = evacuation_list(plan, villages, **where)
        cards["cards"] = household_cards(plan, villages, **where)
    return Contents(
        maps=draw_maps(atlas, site),
        lists=lists,
        cards=cards,
        place=_name(atlas, site),
        imprint=atlas.imprint,
        home=site.home,
    )


def write_contents(contents: Contents, folder: Path, *, page: str) -> None:
    """Draw and write all products of one village or township.

    Parameters
    ----------
    contents
        From `contents_of`.
    folder
        Where to write; it must exist.
    page
        The size of the sheets: ``"A4"``, ``"A3"``, ``"A1"`` or ``"A0"``.

    Raises
    ------
    RiskmapError
        If a file cannot be written.
    """
    names, imprint = web_words()["products"], contents.imprint
    for product, spec in contents.maps.items():
        stem = names[product]
        save_web(spec, folder / f"{stem}.html", home=contents.home)
        save_sheets(spec, [folder / f"{stem}.pdf", folder / f"{stem}.png"], page=page)
    if "route" in contents.maps and "evacuation" in contents.lists:
        file = folder / f"{names['phone']}.png"
        save_sheets(contents.maps["route"], [file], page="phone")
    for key, frame in contents.lists.items():
        name, title = names[key], f"{contents.place}{names[key]}"
        sheet = Sheet(name, title, frame, imprint_line(imprint))
        write_book(folder / f"{name}.xlsx", [sheet], imprint=imprint)
    if "duty" in contents.lists:
        file, title = (
            folder / f"{names['duty']}.pdf",
            f"{contents.place}{names['duty']}",
        )
        save_list(contents.lists["duty"], file, title=title, imprint=imprint)
    for key, frame in contents.cards.items():
        save_cards(
            frame,
            folder / f"{names[key]}.pdf",
            place=contents.place,
            imprint=imprint,
            kind=_CARD_KINDS[key][0],
            code=_code(contents, _CARD_KINDS[key][1]),
        )


def _code(contents: Contents, product: Product) -> str:
    """Return what the code of a map says; the same stands on its cards."""
    return contents.maps[product].qr_text if product in contents.maps else ""


def draw_maps(atlas: Atlas, site: Site) -> dict[Product, MapSpec]:
    """Compose the maps of one village or township.

    Parameters
    ----------
    atlas
        The publication.
    site
        Which village or township, and for which scenario.

    Returns
    -------
    dict
        By product. Without a plan there is no route map.

    Raises
    ------
    RiskmapError
        If a layer or the plan lacks a column.
    """
    villages, plan = atlas.layers["villages"], _plan_of(atlas, site)
    common: dict[str, Any] = {
        site.level: site.code,
        "layers": _context(atlas),
        "around": atlas.around,
        "dem": list(atlas.dem) or None,
        "base": atlas.base,
        "county": atlas.county,
    }

    def signed(product: Product) -> Imprint:
        return _imprint(atlas, site, product)

    maps: dict[Product, MapSpec] = {}
    with styled(atlas.style):
        if plan is not None:
            maps["route"] = draw_route_map(
                plan, villages, imprint=signed("route"), **common
            )
        if site.scenario is None:
            maps["risk"] = draw_risk_map(
                villages, plan=plan, imprint=signed("risk"), **common
            )
            maps["situation"] = draw_situation_map(
                villages, plan=plan, imprint=signed("situation"), **common
            )
    return maps


def _name(atlas: Atlas, site: Site) -> str:
    """Return the name of a village or township, its code where it has none."""
    frame = atlas.layers["villages"]
    name = "name" if site.level == "village" else "township_name"
    mine = frame[frame[f"{site.level}_code"].astype(str) == site.code]
    named = mine[name].dropna() if name in mine.columns else mine.iloc[:0, 0]
    return str(named.iloc[0]) if len(named) else site.code


def _plan_of(atlas: Atlas, site: Site) -> PlanFrames | None:
    """Return the plan that is drawn there."""
    return atlas.plan if site.scenario is None else atlas.plans[site.scenario]


def _context(atlas: Atlas) -> Mapping[str, gpd.GeoDataFrame]:
    """Return the layers that maps and lists are made of."""
    layers = {name: one for name, one in atlas.layers.items() if name != "villages"}
    if atlas.roads is not None:
        layers["roads"] = atlas.roads
    for name in ("circles", "reach"):
        if name in atlas.audit:
            layers[name] = atlas.audit[name]  # type: ignore[assignment]
    return layers


def _imprint(atlas: Atlas, site: Site, product: str) -> Imprint:
    """Sign a map with the address of its live page, where there is one."""
    if not atlas.base_url:
        return atlas.imprint
    name = web_words()["products"][product]
    address = quote(f"{site.folder}/{name}.html")
    return replace(atlas.imprint, url=f"{atlas.base_url.rstrip('/')}/{address}")
