"""The links of the chain for one unit: its own rows, seen in their surroundings."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.census import Census
from riskmap.chain import Chain
from riskmap.cluster.store import MAINLAND, ROADS, ROW
from riskmap.errors import ProjectError
from riskmap.routing import load_network, nearest
from riskmap.standards import shelter_capacity

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from riskmap.cluster.store import Store
    from riskmap.evacuation import Plan
    from riskmap.routing import Network
    from riskmap.settings import Settings

__all__ = ["UnitChain"]

_LEDGER = {
    "quarantine": ("layer", "source", "sheet", "row", "raw", "reason"),
    "sources": ("layer", "source", "read", "accepted", "quarantined"),
    "columns": ("layer", "source_column", "field", "how", "score"),
}


class UnitChain(Chain):
    """What one unit's rows become, link by link.

    Parameters
    ----------
    file
        The project file of the whole run.
    settings
        What it says, under the unit's name.
    store
        The partitions.
    unit
        The unit's code.
    halo_m
        How far around the unit roads, teams and zones are known; metres.
    built
        A folder with networks of this very window, ``MODE.npz``; None builds.
    """

    def __init__(
        self,
        file: Path,
        settings: Settings,
        *,
        store: Store,
        unit: str,
        halo_m: float,
        built: Path | None = None,
    ) -> None:
        super().__init__(file, settings)
        self.store, self.unit, self.halo_m, self.built = store, unit, halo_m, built
        self.metric = store.crs

    @cached_property
    def window(self) -> BaseGeometry | None:
        """The area that is known, in the run's CRS; None where that is all."""
        hulls = self.store.hulls
        area = hulls[self.unit].buffer(self.halo_m)
        return None if all(area.covers(one) for one in hulls.values()) else area

    @cached_property
    def seen(self) -> tuple[str, ...]:
        """The units that reach into the window, this one among them."""
        window = self.window
        return tuple(
            code
            for code, hull in self.store.hulls.items()
            if window is None or window.intersects(hull)
        )

    @cached_property
    def census(self) -> Census:
        """The unit's own rows, and the findings about them."""
        own = {
            name: self._own(name)
            for name in self.store.facts["layers"]
            if name != "roads"
        }
        if "roads" in self.store.facts["layers"]:
            own["roads"] = self._own(ROADS)
        tables: dict[str, Any] = {
            name: pd.DataFrame(columns=list(columns))
            for name, columns in _LEDGER.items()
        }
        return Census(
            layers=own,
            findings=self.store.read(self.unit, "findings"),  # type: ignore[arg-type]
            origins={},
            raw={},
            **tables,
        )

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer; a unit may well have no row of it.

        Parameters
        ----------
        name
            A canonical layer.

        Returns
        -------
        geopandas.GeoDataFrame
            Its rows, perhaps none, EPSG:4490.

        Raises
        ------
        LayerError
            If no unit of the run has the layer.
        """
        own = self.layers.get(name)
        return super().layer(name) if own is None else own

    def around(self, name: str) -> gpd.GeoDataFrame | None:
        """Return the rows of a layer that lie in the window, the own ones first.

        Parameters
        ----------
        name
            A canonical layer, or a table of the store.

        Returns
        -------
        geopandas.GeoDataFrame or None
            In the order of the undivided layer; None where nobody has it.

        Raises
        ------
        SourceError
            If a partition is damaged.
        """
        rows = self.store.together(self.seen, name)
        if rows is None or name not in {*self.store.facts["layers"], ROADS}:
            return None
        frame = gpd.GeoDataFrame(rows)
        if self.window is not None:
            area = gpd.GeoSeries([self.window], crs=self.store.crs).to_crs(4490)
            mine = self._own_rows(name)
            near = frame.geometry.intersects(area.iloc[0]) | frame[ROW].isin(mine)
            frame = frame[near]
        return frame.reset_index(drop=True)

    def near(self, name: str) -> gpd.GeoDataFrame:
        """Return the rows of a layer in the window, or say that nobody has it."""
        found = self.around(name)
        return self.layer(name) if found is None else found

    @cached_property
    def roads(self) -> gpd.GeoDataFrame:
        """The roads of the window, additions included."""
        found = self.around(ROADS)
        return self.layer("roads") if found is None else found

    def keyed_network(
        self, mode: str, *, night: bool = False, rain: bool = False
    ) -> Network:
        """Build the network of the window; each road is named by its place.

        Parameters
        ----------
        mode
            ``walk``, ``drive`` or ``emergency``.
        night, rain
            Whether a scenario's conditions slow the walk.

        Returns
        -------
        Network
            All roads open; ``road_id`` is the place in the undivided layer.
        """
        keyed = self.roads.assign(road_id=self.roads[ROW].astype(str))
        return super()._built(keyed, mode, night=night, rain=rain)

    def first_shelters(self) -> pd.DataFrame:
        """Return the shelter that each group of the unit reaches first.

        Returns
        -------
        pandas.DataFrame
            ``group_id, shelter_id`` (null where none), ``time_min, people``.
        """
        groups, sites = self.layer("groups"), self.around("shelters")
        if sites is None or sites.empty or groups.empty:
            return pd.DataFrame(
                columns=["group_id", "shelter_id", "time_min", "people", "reason"]
            )
        found = nearest(self.walk, groups, sites, direction="to")
        ids = found["facility"].map(sites["shelter_id"]).astype(object)
        return pd.DataFrame(
            {
                "group_id": groups["group_id"].to_numpy(),
                "shelter_id": ids.where(ids.notna(), None).to_numpy(),
                "time_min": found["time_min"].to_numpy(),
                "people": groups["people"].to_numpy(),
                "reason": found["reason"].to_numpy(),
            }
        )

    @cached_property
    def mainland(self) -> pd.DataFrame:
        """By place of a road in the run: ``MODE`` (0 = mainland, else the island).

        Empty before the networks of all units are known. ``MODE_roads`` counts
        the roads of an island.
        """
        found = self.store.together(self.seen, MAINLAND)
        return pd.DataFrame() if found is None else found.set_index(ROW)

    def _built(
        self, roads: gpd.GeoDataFrame, mode: str, *, night: bool, rain: bool
    ) -> Network:
        """Build the network of the window, or read it; tell its islands."""
        plain = not (night or rain) or (night, rain) == (
            self.settings.network.night,
            self.settings.network.rain,
        )
        stored = None if self.built is None else self.built / f"{mode}.npz"
        if plain and stored is not None and stored.is_file():
            network = load_network(stored)
        else:
            network = self.keyed_network(mode, night=night, rain=rain)
        names = pd.Series(roads["road_id"].to_numpy(dtype=object), index=roads[ROW])
        table = network.roads
        place = table["road_id"].astype("int64")
        named = table.assign(road_id=place.map(names).to_numpy(dtype=object))
        if mode not in self.mainland:
            return network.changed(roads=named)
        island = self.mainland[mode].reindex(place).fillna(0).to_numpy(dtype=np.int64)
        label = np.zeros(len(network.node_xy), dtype=np.int64)
        label[network.edge_u] = label[network.edge_v] = -island[network.edge_road]
        return network.changed(roads=named, component=label)

    def _sites(self) -> gpd.GeoDataFrame:
        """Return the unit's shelters, and those that keep places for it."""
        own, quotas = self.layer("shelters"), self.settings.run.quota
        mine = set(own["shelter_id"])
        away = {one.shelter_id: one.people for one in quotas if one.unit == self.unit}
        kept: dict[str, int] = {}
        for one in quotas:
            if one.shelter_id in mine and one.unit != self.unit:
                kept[one.shelter_id] = kept.get(one.shelter_id, 0) + one.people
        if not (away or kept):
            return own
        every = gpd.GeoDataFrame(self.store.together(self.store.hulls, "shelters"))
        guests = every[every["shelter_id"].isin(away) & ~every["shelter_id"].isin(mine)]
        sites = gpd.GeoDataFrame(pd.concat([own, guests[own.columns]]))
        return self._shared(sites.reset_index(drop=True), away=away, kept=kept)

    def _shared(
        self, sites: gpd.GeoDataFrame, *, away: dict[str, int], kept: dict[str, int]
    ) -> gpd.GeoDataFrame:
        """Say of shared shelters how many places are for this unit."""
        room = shelter_capacity(sites)["available_people"].astype("Float64")
        ids = sites["shelter_id"]
        less = room - ids.map(kept).fillna(0).astype("Float64")
        if (less < 0).any():
            short = ids[less.lt(0).fillna(value=False)].iloc[0]
            msg = f"[[run.quota]] promises more places of {short} than it has"
            raise ProjectError(msg)
        less = less.where(~ids.isin(away), ids.map(away).astype("Float64"))
        shared = ids.isin({*away, *kept})
        sites["declared_people"] = sites["declared_people"].mask(
            shared, less.round().astype("Int64")
        )
        for column in ("effective_area_m2", "indoor_area_m2", "site_area_m2"):
            if column in sites:
                sites[column] = sites[column].mask(shared)
        return sites

    def _keep_own_pins(self, name: str) -> None:
        """Leave out what a planner pinned in other units."""
        scenario = self.settings.scenario[name]
        mine = set(self.movers(name)["group_id"])
        pins = {group: one for group, one in scenario.pinned.items() if group in mine}
        if pins != scenario.pinned:
            every = {
                **self.settings.scenario,
                name: scenario.model_copy(update={"pinned": pins}),
            }
            self.settings = self.settings.model_copy(update={"scenario": every})

    def _plan(self, name: str) -> Plan:
        """Plan one scenario; shared shelters keep the room that their owners gave."""
        self._keep_own_pins(name)
        plan = super()._plan(name)
        shared = {one.shelter_id for one in self.settings.run.quota}
        if not plan.shelters["shelter_id"].isin(shared).any():
            return plan
        every = gpd.GeoDataFrame(self.store.together(self.store.hulls, "shelters"))
        room = shelter_capacity(every).set_index(every["shelter_id"])
        table = plan.shelters.copy()
        which = table["shelter_id"].isin(shared)
        for column in ("declared_people", "computed_people"):
            given = table["shelter_id"].map(room[column]).astype("Int64")
            table[column] = table[column].mask(which, given)
        return replace(plan, shelters=table)

    def _own(self, name: str) -> gpd.GeoDataFrame:
        """Return the unit's own rows of a layer."""
        rows = self.store.read(self.unit, name)
        return gpd.GeoDataFrame(rows).drop(columns=ROW)

    def _own_rows(self, name: str) -> pd.Series:
        """Return the places of the unit's own rows in the undivided layer."""
        rows = self.store.read(self.unit, name)
        return pd.Series(dtype="int64") if rows is None else rows[ROW]
