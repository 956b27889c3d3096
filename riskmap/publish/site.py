"""The portal and all products, written aside and moved into place whole."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd

from riskmap.errors import LayerError, first_few
from riskmap.publish.audit_charts import AUDIT_CHARTS, audit_overview
from riskmap.publish.audit_map import draw_coverage
from riskmap.publish.batch import Batch
from riskmap.publish.brief import write_brief
from riskmap.publish.drawn import STORE, prune
from riskmap.publish.handouts import save_township_book, save_township_zip
from riskmap.publish.lists import imprint_line, write_workbook
from riskmap.publish.monthly_brief import monthly_brief
from riskmap.publish.portal import Link, portal_page
from riskmap.publish.portal_states import cell_text, village_states
from riskmap.publish.products import Site
from riskmap.publish.redaction import redact
from riskmap.publish.web import web_words
from riskmap.staging import staged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskmap.publish.atlas import Atlas
    from riskmap.publish.redaction import Edition, Officials

__all__ = ["publish_site"]

_log = logging.getLogger(__name__)
_MAPS = ("risk", "route", "situation")
_FORMS = ("html", "pdf", "png", "xlsx", "zip")
_LISTS = ("phone", "duty", "evacuation", "cards", "hazard_cards", "book", "files")
_DOWNLOADS = "downloads"
_AUDIT = (
    "villages", "tiers", "shelters", "capability", "gaps", "ratios", "sheltering",
    "shelter_hazards", "losses", "shelter_losses",
)  # fmt: skip
_PLAN = ("ledger", "assignments", "routes", "route_legs", "shelters", "closures")
_INNER = ["layer", "node_u", "node_v"]
"""Columns of the network that tell a planner nothing."""
_COLUMNS = ("path", "product", "village_code", "bytes")


def publish_site(
    atlas: Atlas,
    out: str | Path,
    *,
    edition: Edition = "public",
    officials: Officials = "full",
    villages: Sequence[str] | None = None,
    page: str = "A3",
    workers: int = 1,
    progress: bool = False,
) -> pd.DataFrame:
    """Draw every product of a county and the portal that leads to them.

    Parameters
    ----------
    atlas
        What to show; ``layers["villages"]`` must be there.
    out
        The folder that ``site`` (or ``内部``, for the internal edition) goes into.
        It appears whole or not at all, in the place of an older one.
    edition
        ``"public"`` leaves out what is not public before anything is drawn.
    officials
        How the public edition names people on duty: ``"full"``, ``"masked"`` or
        ``"none"``.
    villages
        Codes or names to draw anew, with everything else left as it is; None
        draws all.
    page
        The size of the sheets: ``"A4"``, ``"A3"``, ``"A1"`` or ``"A0"``.
    workers
        How many processes draw.
    progress
        Whether to show a bar with the time left.

    Returns
    -------
    pandas.DataFrame
        A row for each file written: ``path`` (below `out`, with slashes),
        ``product`` (its name without ending), ``village_code`` (null for what is
        not of one village) and ``bytes``.

    Raises
    ------
    LayerError
        If there are no villages, one that is asked for is unknown, or an option
        is not one of its values.
    RiskmapError
        If a frame lacks a column, or a file cannot be written.
    """
    if "villages" not in atlas.layers or atlas.layers["villages"].empty:
        raise LayerError("a site needs the layer villages, with at least one row")
    chosen = _chosen(atlas, villages)
    shown, log = redact(atlas, edition=edition, officials=officials)
    for row in log.itertuples():
        _log.info("%s: %s %s (%d rows)", row.layer, row.action, row.column, row.rows)
    out, root = Path(out), web_words()["site"][edition]
    sites = list(_sites(shown, chosen))
    if chosen is None:
        with staged(out) as aside:
            base, store = aside / root, out / STORE / edition
            folders = {one: base / one.folder for one in sites}
            batch = Batch(page, store, workers=workers, progress=progress)
            used = batch.draw(shown, folders)
            for code in _townships(shown, sites, base):
                folder = base / Site("township", code).folder
                _write_handouts(shown, base, code, into=folder)
            _write_downloads(shown, base / _DOWNLOADS)
            for name, text in _portal(shown, base).items():
                (base / name).write_text(text, "utf-8", newline="\n")
            prune(store, used)
            return _inventory(aside, aside)
    batch = Batch(page, out / STORE / edition, workers=workers, progress=progress)
    return _redraw(shown, sites, out / root, batch=batch)


def _chosen(atlas: Atlas, villages: Sequence[str] | None) -> set[str] | None:
    """Return the codes of the villages asked for, by name or code."""
    if villages is None:
        return None
    frame = atlas.layers["villages"]
    codes, names = frame["village_code"].astype(str), frame["name"].astype(str)
    asked = set(map(str, villages))
    unknown = sorted(asked - set(codes) - set(names))
    if unknown:
        msg = f"{len(unknown)} villages are unknown: {first_few(unknown)}"
        raise LayerError(msg)
    return set(codes[codes.isin(asked) | names.isin(asked)])


def _sites(atlas: Atlas, chosen: set[str] | None) -> Iterator[Site]:
    """Give every village and township to draw, for every scenario."""
    frame = atlas.layers["villages"]
    others = [name for name in atlas.plans if name != atlas.scenario]
    for scenario in (None, *others):
        for code in sorted(frame["village_code"].astype(str)):
            if chosen is None or code in chosen:
                yield Site("village", code, scenario)
        if chosen is None and scenario is None and "township_code" in frame.columns:
            for code in sorted(frame["township_code"].dropna().astype(str).unique()):
                yield Site("township", code)


def _redraw(
    atlas: Atlas, sites: Sequence[Site], site: Path, *, batch: Batch
) -> pd.DataFrame:
    """Draw some villages anew into a site that may be there already."""
    parts = []
    for parent in sorted({one.folder.rpartition("/")[0] for one in sites}):
        mine = [one for one in sites if one.folder.rpartition("/")[0] == parent]
        with staged(site / parent) as aside:
            folders = {one: aside / one.code for one in mine}
            batch.draw(atlas, folders)
            parts.append(_inventory(aside, aside, prefix=f"{site.name}/{parent}/"))
    for code in _townships(atlas, sites, site):
        folder = f"{site.name}/{Site('township', code).folder}"
        with staged(site.parent / folder) as aside:
            _write_handouts(atlas, site, code, into=aside)
            parts.append(_inventory(aside, aside, prefix=f"{folder}/"))
    for name, text in _portal(atlas, site).items():
        folder, _, file = f"{site.name}/{name}".rpartition("/")
        with staged(site.parent / folder) as aside:
            (aside / file).write_text(text, "utf-8", newline="\n")
            parts.append(_inventory(aside, aside, prefix=f"{folder}/"))
    return pd.concat(parts, ignore_index=True)


def _write_handouts(atlas: Atlas, site: Path, code: str, *, into: Path) -> None:
    """Bind a township's sheets into a book, and its villages' files into an archive."""
    frame, names = atlas.layers["villages"], web_words()["products"]
    mine = frame[frame["township_code"].astype(str) == code].sort_values("village_code")
    villages = [
        (cell_text(name) or str(one), site / Site("village", str(one)).folder)
        for name, one in zip(mine["name"], mine["village_code"], strict=True)
    ]
    own = site / Site("township", code).folder
    save_township_book(into / f"{names['book']}.pdf", own, villages)
    version = atlas.imprint.version
    save_township_zip(into / f"{names['files']}.zip", villages, version=version)


def _townships(atlas: Atlas, sites: Sequence[Site], site: Path) -> list[str]:
    """Return the townships of some villages, as far as they are published."""
    frame = atlas.layers["villages"]
    if "township_code" not in frame.columns:
        return []
    mine = frame[frame["village_code"].astype(str).isin({one.code for one in sites})]
    codes = sorted(mine["township_code"].dropna().astype(str).unique())
    return [one for one in codes if (site / Site("township", one).folder).is_dir()]


def _write_downloads(atlas: Atlas, folder: Path) -> None:
    """Write the tables of the whole county as workbooks, and the monthly brief."""
    names, note = web_words()["products"], imprint_line(atlas.imprint)
    folder.mkdir(parents=True)
    audit = {key: atlas.audit[key] for key in _AUDIT if key in atlas.audit}
    if audit:
        _write_audit(atlas, audit, folder / f"{names['audit']}.xlsx")
    if atlas.plan is not None:
        plan = {
            key: getattr(atlas.plan, key).drop(columns=_INNER, errors="ignore")
            for key in _PLAN
        }
        write_workbook(
            folder / f"{names['plan']}.xlsx", plan, note=note, imprint=atlas.imprint
        )
    if len(atlas.findings):
        findings = {names["findings"]: atlas.findings}
        write_workbook(
            folder / f"{names['findings']}.xlsx",
            findings,
            note=note,
            imprint=atlas.imprint,
        )
    write_brief(
        folder / f"{names['monthly']}.docx", monthly_brief(atlas), kind="monthly"
    )


def _write_audit(atlas: Atlas, audit: dict[str, pd.DataFrame], path: Path) -> None:
    """Write the audit with its charts, and the county at a glance beside it."""
    overview: dict[str, pd.DataFrame] = {}
    if {"ratios", "sheltering"} <= set(audit):
        names = {
            one.township_code: one.township or one.township_code
            for one in village_states(atlas)
        }
        overview = audit_overview(audit, names)
    write_workbook(
        path,
        {**overview, **audit},
        note=imprint_line(atlas.imprint),
        imprint=atlas.imprint,
        draw=AUDIT_CHARTS,
    )
    if {"villages", "tiers", "circles"} <= set(atlas.audit):
        picture = web_words()["sheets"]["overview"]
        draw_coverage(
            path.with_name(f"{picture}.png"),
            atlas.audit,
            title=atlas.county,
            note=imprint_line(atlas.imprint),
        )


def _portal(atlas: Atlas, site: Path) -> dict[str, str]:
    """Write the county's page and the townships', linking to what is in `site`."""
    words, states = web_words()["portal"], village_states(atlas)
    pages, townships = {}, []
    for code, name in dict.fromkeys((s.township_code, s.township) for s in states):
        folder = Site("township", code).folder
        if not code or not (site / folder).is_dir():
            continue
        mine = [one for one in states if one.township_code == code]
        pages[f"{folder}/index.html"] = portal_page(
            atlas,
            mine,
            title=words["title"].format(county=name or code),
            place=name or code,
            links={
                s.code: _links(site, Site("village", s.code), "../../") for s in mine
            },
            own=_links(site, Site("township", code), "../../"),
            home="../../index.html",
        )
        townships.append(Link(name or code, (("html", f"{folder}/index.html"),)))
    pages["index.html"] = portal_page(
        atlas,
        states,
        title=words["title"].format(county=atlas.county),
        links={s.code: _links(site, Site("village", s.code), "") for s in states},
        townships=townships,
        downloads=_downloads(site),
    )
    return pages


def _links(root: Path, site: Site, up: str) -> list[Link]:
    """Link to every product of a village or township that is there."""
    names = web_words()["products"]
    links = []
    for product in (*_MAPS, *_LISTS):
        stem = names[product]
        forms = tuple(
            (form, quote(f"{up}{site.folder}/{stem}.{form}"))
            for form in _FORMS
            if (root / site.folder / f"{stem}.{form}").is_file()
        )
        if forms:
            links.append(Link(stem, forms))
    return links


def _downloads(site: Path) -> list[Link]:
    """Link to the files of the whole county."""
    files = sorted(one for one in (site / _DOWNLOADS).glob("*") if one.is_file())
    return [
        Link(one.stem, ((one.suffix[1:], quote(f"{_DOWNLOADS}/{one.name}")),))
        for one in files
    ]


def _inventory(folder: Path, base: Path, *, prefix: str = "") -> pd.DataFrame:
    """List the files written."""
    rows = []
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        path = prefix + file.relative_to(base).as_posix()
        parts = path.split("/")
        village = parts[parts.index("villages") + 1] if "villages" in parts else None
        rows.append((path, file.stem, village, file.stat().st_size))
    return pd.DataFrame(rows, columns=list(_COLUMNS))
