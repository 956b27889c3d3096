"""The links of the chain: what each is made of, computed once, kept.

`riskmap.project` turns them into files. Nothing here writes or prints.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from riskmap.audits import AuditCase, audit_frames, proposals
from riskmap.census import is_address
from riskmap.coverage import people_points
from riskmap.crs import crs_of
from riskmap.errors import LayerError, ProjectError
from riskmap.evacuation import drill_plan, plan_evacuation, read_rules
from riskmap.reading import is_osm, read_sources
from riskmap.roadledger import with_road_findings
from riskmap.routing import build_network, close_roads, read_roads
from riskmap.scenarios import (
    hazards_of,
    is_night,
    movers,
    plan_options,
    point_zones,
    scenario_zones,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj

    from riskmap.census import Census
    from riskmap.coverage import Proposals
    from riskmap.evacuation import Drill, Plan
    from riskmap.routing import Network
    from riskmap.settings import ScenarioSettings, Settings

__all__ = ["Chain", "township_names"]

_CLOSURE_WIDTH_M = 10.0
"""How wide a closed stretch drawn as a line or point is taken; project choice."""


class Chain:
    """What a project's sources become, link by link.

    Parameters
    ----------
    file
        The project file; paths in it are relative to its folder.
    settings
        What it says.
    """

    metric: pyproj.CRS | None = None
    """The projected CRS of the networks; None lets the roads decide."""

    def __init__(self, file: Path, settings: Settings) -> None:
        self.file = file
        self.settings = settings

    @cached_property
    def census(self) -> Census:
        """All layers but OSM roads, with findings, quarantine and accounts."""
        return read_sources(self.file, self.settings)

    @property
    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """The accepted rows of every layer."""
        return dict(self.census.layers)

    @cached_property
    def roads(self) -> gpd.GeoDataFrame:
        """The roads of the census, or of an OSM file, with the county's additions."""
        source = self.settings.sources.get("roads")
        if source is None:
            msg = f"{self.file}: [sources.roads] is missing; a plan needs roads"
            raise ProjectError(msg)
        roads = (
            read_roads(self.path(source.path))
            if is_osm(source.path)
            else self.layer("roads")
        )
        added = self.layers.get("road_additions")
        if added is None or added.empty:
            return roads
        together = [roads, added.to_crs(crs_of(roads))]
        return gpd.GeoDataFrame(pd.concat(together, ignore_index=True))

    @cached_property
    def networks(self) -> dict[str, Network]:
        """The network of each mode, the county's own closures closed."""
        return {mode: self._network(mode) for mode in self.settings.network.modes}

    @cached_property
    def ledger(self) -> Census:
        """The census, with what building the networks found beside its findings."""
        source = self.settings.sources.get("roads")
        if source is None:
            return self.census
        held = is_address(source.path)
        file = "roads" if held else self.path(source.path).name
        return with_road_findings(self.census, self.networks, source=file)

    @property
    def walk(self) -> Network:
        """The walking network, which every plan needs."""
        if "walk" not in self.networks:
            msg = f'{self.file}: [network] modes must hold "walk"; people walk'
            raise ProjectError(msg)
        return self.networks["walk"]

    @cached_property
    def rescue(self) -> Network:
        """The network that rescue units ride on."""
        return self.networks.get("emergency") or self._network("emergency")

    @cached_property
    def zones(self) -> dict[str, gpd.GeoDataFrame]:
        """The zones of danger of each scenario, EPSG:4490."""
        return {
            name: self._zones(scenario)
            for name, scenario in self.settings.scenario.items()
        }

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """The evacuation plan of each scenario."""
        return {name: self._plan(name) for name in self.settings.scenario}

    @property
    def audited(self) -> AuditCase:
        """The rows to answer for, and what bears on them."""
        villages, shelters = self.layer("villages"), self.layer("shelters")
        rules, own = self.settings.standards, self.settings.standards.capability
        return AuditCase(
            layers={**self.layers, "villages": villages, "shelters": shelters},
            people=self.people,
            teams=self._teams(),
            shelters=self.near("shelters"),
            groups=self.near("groups"),
            walk=self.walk,
            ride=self.rescue,
            zones=self._wall_zones(),
            standards=rules,
            capability=None if own is None else self.path(own),
            as_of=self.settings.project.as_of,
        )

    @cached_property
    def audits(self) -> dict[str, pd.DataFrame]:
        """The frames of audit.gpkg: villages, tiers, shelters, capability, gaps."""
        return audit_frames(self.audited)

    @cached_property
    def people(self) -> gpd.GeoDataFrame:
        """Where everybody lives: households, else population cells, else groups."""
        return people_points(
            self.layer("villages"),
            households=self.layers.get("households"),
            population=self.layers.get("population"),
            groups=self.layers.get("groups"),
        )

    @cached_property
    def siting(self) -> Proposals:
        """Where new shelters, beds, footbridges and teams would help most people."""
        return proposals(self.audited)

    def around(self, name: str) -> gpd.GeoDataFrame | None:
        """Return what of a layer bears on this project's places, None for nothing.

        A project answers for all its rows; a part of a larger run adds those of
        its neighbours that roads, teams and zones bring into play.
        """
        return self.layers.get(name)

    def near(self, name: str) -> gpd.GeoDataFrame:
        """Return what `around` does, or say that the layer is missing."""
        return self.layer(name)

    def path(self, name: str) -> Path:
        """Return a path of riskmap.toml, relative to its folder."""
        return self.file.parent / name

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer, or say in one line that it is missing.

        Parameters
        ----------
        name
            A canonical layer.

        Returns
        -------
        geopandas.GeoDataFrame
            Its accepted rows, EPSG:4490.

        Raises
        ------
        LayerError
            If riskmap.toml names no source for it, or the source is empty.
        """
        found = self.layers.get(name)
        if found is None or found.empty:
            state = "is missing" if found is None else "holds no accepted row"
            msg = f"{self.file}: [sources.{name}] {state}; this step needs the layer"
            raise LayerError(msg)
        return found

    def _network(
        self, mode: str, *, night: bool = False, rain: bool = False
    ) -> Network:
        """Build the network of one mode and apply the county's closures."""
        network = self._built(self.roads, mode, night=night, rain=rain)
        closed = self.around("road_closures")
        if closed is None or closed.empty:
            return network
        zones = closed.to_crs(network.crs)
        zones = zones.set_geometry(zones.geometry.buffer(_CLOSURE_WIDTH_M))
        zones["zone_id"] = zones["road_closure_id"]
        return close_roads(network, zones)

    def _built(
        self, roads: gpd.GeoDataFrame, mode: str, *, night: bool, rain: bool
    ) -> Network:
        """Build the network of one mode, every road open."""
        rules = self.settings.network
        return build_network(
            roads,
            mode=mode,
            dem=[self.path(one) for one in rules.dem_paths] or None,
            speeds=rules.speeds or None,
            slope=rules.slope,
            group=rules.group,
            night=rules.night or night,
            rain=rules.rain or rain,
            tolerance_m=rules.tolerance_m,
            crs=self.metric,
        )

    def _zones(self, scenario: ScenarioSettings) -> gpd.GeoDataFrame:
        """Gather the zones of one scenario from layers and depth raster."""
        rows = {name: self.near(name) for name in scenario.hazards if name != "depth"}
        if "hazard_points" in rows:
            rows["hazard_points"] = point_zones(
                rows["hazard_points"], scenario, network=self.walk
            )
        return scenario_zones(rows, scenario, folder=self.file.parent)

    def _plan(self, name: str) -> Plan:
        """Plan one scenario."""
        scenario, zones = self.settings.scenario[name], self.zones[name]
        slowed = scenario.conditions
        walk = self.walk
        night = is_night(scenario)
        if night or slowed.rain:
            walk = self._network("walk", night=night, rain=slowed.rain)
        return plan_evacuation(
            self.movers(name),
            self._sites(),
            close_roads(walk, zones) if len(zones) else walk,
            zones=zones,
            hazards=hazards_of(zones),
            scenario=name,
            **self._options(scenario, drive=self.networks.get("drive")),
        )

    def _options(
        self, scenario: ScenarioSettings, *, drive: Network | None
    ) -> dict[str, Any]:
        """Return what a scenario asks of the planner."""
        return plan_options(
            scenario,
            self.settings.standards,
            folder=self.file.parent,
            layers=self.layers,
            roads=self.roads,
            drive=drive,
        )

    def drill(self, name: str) -> Drill:
        """Run the plan of a scenario in time.

        Parameters
        ----------
        name
            The scenario.

        Returns
        -------
        Drill
            Frames; seeded, so that the same project gives the same minutes.
        """
        scenario = self.settings.scenario[name]
        on_foot = scenario.model_copy(update={"modes": ("walk",)})
        options = self._options(on_foot, drive=None)
        return drill_plan(
            self.plans[name],
            roads=self.roads,
            closing=options.get("closing"),
            spread_min=float(read_rules()["chain"]["gathering_min"]),
        )

    def movers(self, name: str) -> gpd.GeoDataFrame:
        """Return who may have to move in a scenario, at whatever level.

        Parameters
        ----------
        name
            The scenario.

        Returns
        -------
        geopandas.GeoDataFrame
            The layer ``groups``; where the project has none, groups derived
            from its other layers.

        Raises
        ------
        LayerError
            If there is nobody to move.
        """
        groups, _ = movers(self.layers, self.zones[name])
        return _in_townships(
            groups if len(groups) else self.layer("groups"), self.layers.get("villages")
        )

    def _sites(self) -> gpd.GeoDataFrame:
        """Return the shelters that a plan may use."""
        return self.layer("shelters")

    def _wall_zones(self) -> gpd.GeoDataFrame | None:
        """Return the zones of the scenario on the wall, if there is one."""
        wall = self.settings.wall_scenario
        return None if wall is None else self.zones[wall]

    def _teams(self) -> gpd.GeoDataFrame:
        """Return the teams; none at all is an answer of the audit, not an error."""
        teams = self.around("teams")
        if teams is None:
            columns = ["team_id", "name", "kind", "geometry"]
            return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=4490)
        return teams


def township_names(villages: pd.DataFrame | None) -> dict[str, str]:
    """Return the names of townships by code, as far as the villages tell them.

    Parameters
    ----------
    villages
        The layer ``villages``; None where there is none.

    Returns
    -------
    dict of str to str
        Empty where its columns are missing.
    """
    columns = ["township_code", "township_name"]
    if villages is None or not set(columns) <= set(villages):
        return {}
    named = villages[columns].dropna().astype(str)
    return dict(named.itertuples(index=False, name=None))


def _in_townships(
    groups: gpd.GeoDataFrame, villages: pd.DataFrame | None
) -> gpd.GeoDataFrame:
    """Name the township of each group, where only its code is told."""
    names = township_names(villages)
    if not names or "township_code" not in groups or "township_name" in groups:
        return groups
    told = groups["township_code"].astype(object).map(names)
    return groups.assign(township_name=told.where(told.notna(), None))
