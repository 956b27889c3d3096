"""Whether a window was wide enough for every answer of a unit's audit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmap.cluster.border import border_m, inward_minutes, nearest_m, safe_minutes
from riskmap.cluster.chain import UnitChain
from riskmap.cluster.halo import arriving_tiers, xy_of
from riskmap.coverage.scene import scene_of
from riskmap.coverage.units import units_of
from riskmap.reasons import Reason
from riskmap.routing import nearest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Literal

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from riskmap.cluster.store import Store
    from riskmap.routing import Network
    from riskmap.settings import Settings
    from riskmap.standards import Tier

    FloatArray = NDArray[np.float64]

__all__ = ["proven_chain"]

_COUNTING = (str(Reason.OK), str(Reason.TURNOUT_TOO_LONG))
_WIDEN = 1.5
_OF_ROADS = (str(Reason.OK), str(Reason.CUT_OFF))


def proven_chain(
    file: Path,
    settings: Settings,
    *,
    store: Store,
    unit: str,
    built: Path,
) -> tuple[UnitChain, int]:
    """Return a chain whose window is wide enough, and how often it was widened.

    Parameters
    ----------
    file, settings, store, unit, built
        As for `UnitChain`; `built` holds the networks of the first window.

    Returns
    -------
    tuple of UnitChain and int
        Every first unit and first shelter in it is that of an undivided run.

    Raises
    ------
    RiskmapError
        If a layer is missing or a partition damaged.
    """
    halo_m, wider = float(store.facts["halo_m"][unit]), 0
    while True:
        chain = UnitChain(
            file, settings, store=store, unit=unit, halo_m=halo_m,
            built=None if wider else built,
        )  # fmt: skip
        if chain.window is None or (_teams_hold(chain) and _shelters_hold(chain)):
            return chain, wider
        halo_m, wider = _WIDEN * halo_m, wider + 1


def _teams_hold(chain: UnitChain) -> bool:
    """Tell whether the first unit at every place cannot be another one."""
    teams = chain.near("teams") if "teams" in chain.layers else None
    tiers = arriving_tiers(chain.settings)
    if teams is None or not tiers or not chain.store.facts["teams"]:
        return True
    scene = scene_of(chain.layer("villages"), chain.people)
    return all(
        _tier_holds(chain, scene.points, teams, tier=tier) for tier in _kinds(tiers)
    )


def _kinds(tiers: list[Tier]) -> list[Tier]:
    """Return one tier of each kind of units."""
    kinds = {
        (one.unit_kinds, one.unit_kinds_except, one.minimum_members, one.roster,
         one.turnout_min): one
        for one in tiers
    }  # fmt: skip
    return list(kinds.values())


def _tier_holds(
    chain: UnitChain, points: gpd.GeoDataFrame, teams: gpd.GeoDataFrame, *, tier: Tier
) -> bool:
    """Tell it for the units of one tier."""
    units = units_of(teams, tier)
    strong = units[units["reason"].isin(_COUNTING)]
    if strong.empty:
        return False
    found = nearest(
        chain.rescue, points, strong, direction="from", delay_min="turnout_min"
    )
    known = [one for one in (chain.store.facts["turnout_min"], tier.turnout_min)
             if one is not None]  # fmt: skip

    def counting() -> gpd.GeoDataFrame:
        units = units_of(_seen(chain, "teams"), tier)
        return units[units["reason"].isin(_COUNTING)]

    return _sure(
        chain, points, found, counting,
        network=chain.rescue, mode="emergency", direction="from",
        start_min=min(known, default=0.0),
    )  # fmt: skip


def _shelters_hold(chain: UnitChain) -> bool:
    """Tell whether first shelters, and who reaches a shelter at all, are certain."""
    if "shelters" not in chain.layers or "groups" not in chain.layers:
        return True
    ways: tuple[tuple[str, str, Literal["to", "from"]], ...] = (
        ("groups", "shelters", "to"),
        ("shelters", "groups", "from"),
    )
    for own, others, direction in ways:
        places, facilities = chain.layer(own), chain.near(others)
        if places.empty:
            continue
        if facilities.empty:
            return False
        found = nearest(chain.walk, places, facilities, direction=direction)
        every = partial(_seen, chain, others)
        if not _sure(
            chain, places, found, every,
            network=chain.walk, mode="walk", direction=direction,
        ):  # fmt: skip
            return False
    return True


def _seen(chain: UnitChain, layer: str) -> gpd.GeoDataFrame:
    """Read a layer of all units that reach into the window, also what is beyond it."""
    every: Any = chain.store.together(chain.seen, layer)
    return every  # type: ignore[no-any-return]


def _sure(  # noqa: PLR0917
    chain: UnitChain,
    places: gpd.GeoDataFrame,
    found: pd.DataFrame,
    facilities: Callable[[], gpd.GeoDataFrame],
    *,
    network: Network,
    mode: str,
    direction: Literal["to", "from"],
    start_min: float = 0.0,
) -> bool:
    """Tell whether no answer can change when more of the run is seen.

    `facilities` reads those of all units that reach into the window, where that is
    in doubt; `start_min` is what everybody needs before the first metre.
    """
    store, window = chain.store, chain.window
    kmh = float(store.facts["kmh"][mode])
    safe = safe_minutes(border_m(places, store.crs, window), kmh)
    asked = found["reason"].isin(_OF_ROADS).to_numpy()
    minutes = found["time_min"].fillna(np.inf).to_numpy(dtype=float) - start_min
    open_ = np.flatnonzero(asked & ~(minutes <= safe))
    if not len(open_) or window is None:
        return True
    xy = xy_of([facilities()], store.crs)
    far = [hull for code, hull in store.hulls.items() if code not in chain.seen]

    def ahead(gates: FloatArray) -> FloatArray:
        return nearest_m(gates, xy, far) / (kmh * 1000 / 60)

    inward = inward_minutes(
        network, places.iloc[open_], window, direction=direction, ahead=ahead
    )
    return bool((minutes[open_] <= inward).all())
