"""What is published of a chain: its frames as an atlas, and the words under them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from riskmap.census import layer_names, load_layer, read_hazard_zones
from riskmap.errors import ProjectError
from riskmap.messages import message
from riskmap.monthly import monthly_frames
from riskmap.publish import Atlas, Imprint
from riskmap.publish.basemap import own_base
from riskmap.publish.scenelayers import AROUND
from riskmap.publish.style import DEPTH_CLASSES_M
from riskmap.scenarios import movers
from riskmap.standards import load_standard

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd

    from riskmap.chain import Chain
    from riskmap.publish.atlas import Visibility
    from riskmap.publish.redaction import Edition
    from riskmap.settings import ProjectSettings, Settings

__all__ = ["atlas_of", "edition_named", "imprint_of", "project_imprint"]


def edition_named(name: str) -> Edition:
    """Return one of the two editions, or refuse another name.

    Parameters
    ----------
    name
        As a planner wrote it.

    Returns
    -------
    str
        ``"public"`` or ``"internal"``.

    Raises
    ------
    ProjectError
        If it is neither.
    """
    if name == "public":
        return "public"
    if name == "internal":
        return "internal"
    msg = f'edition is "{name}"; it can be public or internal'
    raise ProjectError(msg)


def atlas_of(chain: Chain, edition: Edition) -> Atlas:
    """Gather everything that is published.

    Parameters
    ----------
    chain
        The links of a project.
    edition
        ``"public"`` or ``"internal"``.

    Returns
    -------
    Atlas
        Frames and words; redaction is the publisher's.

    Raises
    ------
    RiskmapError
        If a link of the chain cannot be made.
    """
    rules = chain.settings.publish
    return Atlas(
        county=chain.settings.project.name,
        layers=_drawn(chain),
        plans=chain.plans,
        scenario=chain.settings.wall_scenario,
        imprint=imprint_of(chain, edition),
        roads=chain.roads,
        dem=tuple(chain.path(one) for one in chain.settings.network.dem_paths),
        audit={
            **chain.audits,
            **monthly_frames(
                chain.ledger,
                as_of=chain.settings.project.as_of,
                previous=None if rules.previous is None else chain.path(rules.previous),
                audits=chain.audits,
                plan=chain.plans.get(chain.settings.wall_scenario or ""),
            ),
        },
        findings=chain.ledger.findings,
        visibility=_visibility(),
        base_url=rules.base_url,
        base=_base(chain),
        style=None if rules.style is None else chain.path(rules.style),
        around=_around(chain),
    )


def imprint_of(chain: Chain, edition: Edition) -> Imprint:
    """Return the words that every product of a project carries.

    Parameters
    ----------
    chain
        The links of the project.
    edition
        ``"public"`` or ``"internal"``.

    Returns
    -------
    Imprint
        Dates, version, producer and assumptions.

    Raises
    ------
    RiskmapError
        If the zones of the scenario on the wall cannot be read.
    """
    return project_imprint(
        chain.settings.project,
        edition,
        notes=(
            *_scenario_note(chain),
            *_assumptions(chain.settings),
            message("note.walking"),
        ),
        url=chain.settings.publish.base_url,
    )


def project_imprint(
    project: ProjectSettings,
    edition: Edition,
    *,
    notes: Iterable[str] = (),
    url: str | None = None,
) -> Imprint:
    """Return what ``[project]`` says at the foot of a product.

    Parameters
    ----------
    project
        Whose data it is.
    edition
        ``"public"`` or ``"internal"``.
    notes
        What is said after the project's own notes.
    url
        Where the pages will be served from; None if nowhere.

    Returns
    -------
    Imprint
        Dates, version and producer.
    """
    day = project.as_of.isoformat()
    return Imprint(
        data_date=day,
        version=project.version or day,
        producer=project.producer,
        source=project.source,
        review_number=project.review_number,
        edition=edition,
        fictional=project.fictional,
        notes=(*project.notes, *notes),
        url=url,
    )


def _drawn(chain: Chain) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers, and the depth classes of the scenario on the wall."""
    wall = chain.settings.scenario.get(chain.settings.wall_scenario or "")
    if wall is None or wall.depth is None:
        return chain.layers
    limit = wall.depth_limit_m
    breaks = [limit, *(one for one in DEPTH_CLASSES_M if one > limit)]
    depth = read_hazard_zones(chain.path(wall.depth), breaks=breaks)
    depth = depth.rename(columns={"at_least": "depth_m"})[["depth_m", "geometry"]]
    return {**chain.layers, "flood_depth": depth.dissolve("depth_m").reset_index()}


def _around(chain: Chain) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers that are known beyond the rows to answer for."""
    wider = {}
    for name in AROUND:
        own, every = chain.layers.get(name), chain.around(name)
        if own is not None and every is not None and len(every) > len(own):
            wider[name] = every
    return wider


def _base(chain: Chain) -> Path | None:
    """Return the base map of the county, which must not be shifted."""
    rules = chain.settings.publish
    if rules.base is None:
        return None
    return own_base(chain.path(rules.base), datum=rules.base_datum)


def _visibility() -> dict[str, dict[str, Visibility]]:
    """Return who may see each column of each layer."""
    layers: dict[str, dict[str, Visibility]] = {
        name: {
            one.name: cast("Visibility", one.visibility)
            for one in load_layer(name).fields.values()
        }
        for name in layer_names()
    }
    return {**layers, "flood_depth": {"depth_m": "public"}}


def _assumptions(settings: Settings) -> list[str]:
    """Say which numbers of a project no source gives."""
    lines = [
        message(
            "note.assumed_source",
            layer=load_layer(layer).label,
            fields="、".join(
                f"{load_layer(layer).fields[one].label}={value}"
                for one, value in source.assumed.items()
            ),
        )
        for layer, source in settings.sources.items()
        if source.assumed
    ]
    lines += [
        message("note.assumed_standard", label=load_standard(name).label)
        for name in settings.standards.rescue
        if load_standard(name).assumed
    ]
    return lines


def _scenario_note(chain: Chain) -> tuple[str, ...]:
    """Say which scenario is on the wall, and at which response level."""
    name = chain.settings.wall_scenario
    if name is None:
        return ()
    wall = chain.settings.scenario[name]
    words = message("note.scenario", title=wall.title or name)
    if wall.level is not None:
        words += message("note.level", level=wall.level)
    if movers(chain.layers, chain.zones[name])[1]:
        words += message("note.derived")
    return (words,)
