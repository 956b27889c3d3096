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

__all__ = ["Site", "draw_maps", "write_site_of"]

_FOLDERS = {"village": "villages", "township": "townships"}


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


def write_site_of(atlas: Atlas, site: Site, folder: Path, *, page: str) -> None:
    """Write all products of one village or township.

    Parameters
    ----------
    atlas
        The publication, already redacted for its edition.
    site
        Which village or township, and for which scenario. For another than
        that of the wall maps, only what depends on the plan is drawn.
    folder
        Where to write; it must exist.
    page
        The size of the sheets: ``"A4"``, ``"A3"``, ``"A1"`` or ``"A0"``.

    Raises
    ------
    RiskmapError
        If a layer or the plan lacks a column, or a file cannot be written.
    """
    names = web_words()["products"]
    for product, spec in draw_maps(atlas, site).items():
        stem = names[product]
        save_web(spec, folder / f"{stem}.html", home=site.home)
        save_sheets(spec, [folder / f"{stem}.pdf", folder / f"{stem}.png"], page=page)
    _write_lists(atlas, site, folder)


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
        "dem": list(atlas.dem) or None,
        "county": atlas.county,
    }

    def signed(product: Product) -> Imprint:
        return _imprint(atlas, site, product)

    maps: dict[Product, MapSpec] = {}
    if plan is not None:
        maps["route"] = draw_route_map(
            plan, villages, imprint=signed("route"), **common
        )
    if site.scenario is None:
        maps["risk"] = draw_risk_map(villages, imprint=signed("risk"), **common)
        maps["situation"] = draw_situation_map(
            villages, plan=plan, imprint=signed("situation"), **common
        )
    return maps


def _write_lists(atlas: Atlas, site: Site, folder: Path) -> None:
    """Write duty list, evacuation list and cards."""
    villages, layers = atlas.layers["villages"], _context(atlas)
    where: dict[str, Any] = {site.level: site.code, "layers": layers}
    names, plan = web_words()["products"], _plan_of(atlas, site)
    place = _name(atlas, site)
    if site.scenario is None:
        duties, title = duty_list(villages, **where), f"{place}{names['duty']}"
        _write_list(atlas, folder, names["duty"], title=title, frame=duties)
        file = folder / f"{names['duty']}.pdf"
        save_list(duties, file, title=title, imprint=atlas.imprint)
        if site.level == "village":
            hazards = hazard_cards(villages, plan=plan, **where)
            file = folder / f"{names['hazard_cards']}.pdf"
            save_cards(hazards, file, place=place, imprint=atlas.imprint, kind="hazard")
    if plan is not None and site.level == "village":
        moves = evacuation_list(plan, villages, **where)
        name = names["evacuation"]
        _write_list(atlas, folder, name, title=f"{place}{name}", frame=moves)
        cards = household_cards(plan, villages, **where)
        file = folder / f"{names['cards']}.pdf"
        save_cards(cards, file, place=place, imprint=atlas.imprint)


def _name(atlas: Atlas, site: Site) -> str:
    """Return the name of a village or township, its code where it has none."""
    frame = atlas.layers["villages"]
    name = "name" if site.level == "village" else "township_name"
    mine = frame[frame[f"{site.level}_code"].astype(str) == site.code]
    named = mine[name].dropna() if name in mine.columns else mine.iloc[:0, 0]
    return str(named.iloc[0]) if len(named) else site.code


def _write_list(
    atlas: Atlas, folder: Path, name: str, *, title: str, frame: pd.DataFrame
) -> None:
    """Write one list as a workbook."""
    sheet = Sheet(name, title, frame, imprint_line(atlas.imprint))
    write_book(folder / f"{name}.xlsx", [sheet])


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
