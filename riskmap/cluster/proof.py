"""Whether a window was wide enough for every answer of a unit's audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmap.cluster.chain import UnitChain
from riskmap.cluster.halo import arriving_tiers, border_m, safe_minutes
from riskmap.cluster.store import ROW
from riskmap.coverage import people_points
from riskmap.coverage.scene import scene_of
from riskmap.coverage.units import units_of
from riskmap.reasons import Reason
from riskmap.routing import nearest, snap

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from riskmap.cluster.store import Store
    from riskmap.routing import Network
    from riskmap.settings import Settings
    from riskmap.standards import Tier

    BoolArray = NDArray[np.bool_]

__all__ = ["proven_chain"]

_COUNTING = (str(Reason.OK), str(Reason.TURNOUT_TOO_LONG))
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
        halo_m, wider = 2 * halo_m, wider + 1


def _teams_hold(chain: UnitChain) -> bool:
    """Tell whether the first unit at every place cannot be another one."""
    teams = chain.near("teams") if "teams" in chain.layers else None
    tiers = arriving_tiers(chain.settings)
    if teams is None or not tiers or not chain.store.facts["teams"]:
        return True
    layers = chain.layers
    people = people_points(
        layers["villages"],
        households=layers.get("households"),
        groups=layers.get("groups"),
    )
    scene = scene_of(layers["villages"], people)
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
    return _sure(chain, points, found, network=chain.rescue, mode="emergency")


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
        if not _sure(chain, places, found, network=chain.walk, mode="walk"):
            return False
    return True


def _sure(
    chain: UnitChain,
    places: gpd.GeoDataFrame,
    found: pd.DataFrame,
    *,
    network: Network,
    mode: str,
) -> bool:
    """Tell whether no answer can change when more of the run is seen."""
    kmh = float(chain.store.facts["kmh"][mode])
    safe = safe_minutes(border_m(places, chain.store.crs, chain.window), kmh)
    asked = found["reason"].isin(_OF_ROADS).to_numpy()
    in_time = found["time_min"].to_numpy(dtype=float) <= safe
    open_ = np.flatnonzero(asked & ~in_time)
    if not len(open_):
        return True
    return bool(_on_whole_island(chain, network, places.iloc[open_], mode=mode).all())


def _on_whole_island(
    chain: UnitChain, network: Network, places: gpd.GeoDataFrame, *, mode: str
) -> BoolArray:
    """Tell which places are on an island all of whose roads are in the window."""
    table = chain.mainland
    edge = snap(network, places)["edge"].fillna(-1).to_numpy(dtype=np.int64)
    if mode not in table:
        return np.zeros(len(edge), dtype=bool)
    here = table[table.index.isin(chain.roads[ROW])]
    counted = here.groupby(mode)[f"{mode}_roads"].agg(["size", "first"])
    whole = set(counted.index[counted["size"] == counted["first"]]) - {0}
    label = -network.component[network.edge_u[edge]]
    return (edge >= 0) & np.isin(label, sorted(whole))
