"""The links of the chain: what each is made of, computed once, kept.

`riskmap.project` turns them into files. Nothing here writes or prints.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import pandas as pd

from riskmap.census import (
    Source,
    build_census,
    is_address,
    layer_names,
    load_layer,
    read_hazard_zones,
)
from riskmap.coverage import (
    audit_capability,
    audit_coverage,
    audit_losses,
    audit_shelters,
    audit_sums,
    coverage_gaps,
    layer_circles,
    people_points,
    propose,
    rescue_circles,
    shelter_hazards,
    shelter_losses,
    sheltering_sums,
)
from riskmap.crs import crs_of
from riskmap.errors import LayerError, ProjectError
from riskmap.evacuation import drill_plan, plan_evacuation, read_rules
from riskmap.messages import message
from riskmap.monthly import monthly_frames
from riskmap.publish import Atlas, Imprint
from riskmap.publish.basemap import own_base
from riskmap.publish.style import DEPTH_CLASSES_M
from riskmap.roadledger import with_road_findings
from riskmap.routing import build_network, close_roads, read_roads
from riskmap.scenarios import is_night, movers, plan_options, point_zones
from riskmap.standards import load_standard

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj

    from riskmap.census import Census
    from riskmap.coverage import Proposals
    from riskmap.evacuation import Drill, Plan
    from riskmap.publish.atlas import Visibility
    from riskmap.routing import Network
    from riskmap.settings import ScenarioSettings, Settings, SourceSettings

__all__ = ["Chain"]

_OSM_SUFFIXES = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
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
        sources = {
            layer: self._source(layer, source)
            for layer, source in self.settings.sources.items()
            if not (layer == "roads" and _is_osm(source.path))
        }
        project = self.settings.project
        return build_census(sources, as_of=project.as_of, crs=project.crs)

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
            if _is_osm(source.path)
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

    @cached_property
    def audits(self) -> dict[str, pd.DataFrame]:
        """The frames of audit.gpkg: villages, tiers, shelters, capability, gaps."""
        villages, people = self.layer("villages"), self.people
        tiers = self._tiers(people)
        return {
            "villages": _village_figures(villages, people, tiers),
            "tiers": tiers,
            "shelters": self._shelters(),
            "capability": audit_capability(
                villages,
                self.layers,
                as_of=self.settings.project.as_of,
                rules=self._own_or("capability"),
            ),
            "gaps": self._gaps(people),
            "circles": self._circles(),
            **self._sums(people),
        }

    @cached_property
    def people(self) -> gpd.GeoDataFrame:
        """Where everybody lives: households, else population cells, else groups."""
        return people_points(
            self.layer("villages"),
            households=self.layers.get("households"),
            population=self.layers.get("population"),
            groups=self.layers.get("groups"),
        )

    @property
    def township_names(self) -> dict[str, str]:
        """Names of the townships by code, as far as the villages tell them."""
        villages = self.layer("villages")
        if not {"township_code", "township_name"} <= set(villages):
            return {}
        named = villages[["township_code", "township_name"]].dropna().astype(str)
        return dict(named.itertuples(index=False, name=None))

    @cached_property
    def siting(self) -> Proposals:
        """Where new shelters, beds, footbridges and teams would help most people."""
        zones = self._wall_zones()
        return propose(
            self.layer("villages"),
            self.layer("groups"),
            self._shelters(),
            teams=self._teams(),
            walk=self.walk if zones is None else close_roads(self.walk, zones),
            ride=self.rescue,
            standard=self.settings.standards.rescue[0],
            zones=zones,
            people=self.people,
        )

    def atlas(self, edition: str) -> Atlas:
        """Gather everything that is published.

        Parameters
        ----------
        edition
            ``"public"`` or ``"internal"``.

        Returns
        -------
        Atlas
            Frames and words; redaction is the publisher's.
        """
        project = self.settings.project
        return Atlas(
            county=project.name,
            layers=self._drawn(),
            plans=self.plans,
            scenario=self.settings.wall_scenario,
            imprint=self.imprint(edition),
            roads=self.roads,
            dem=self._dem(),
            audit={
                **self.audits,
                **monthly_frames(self.ledger, as_of=project.as_of),
            },
            findings=self.ledger.findings,
            visibility=_visibility(),
            base_url=self.settings.publish.base_url,
            base=self._base(),
            style=self._style(),
        )

    def around(self, name: str) -> gpd.GeoDataFrame | None:
        """Return what of a layer bears on this project's places, None for nothing.

        A project answers for all its rows; a part of a larger run adds those of
        its neighbours that roads, teams and zones bring into play.
        """
        return self.layers.get(name)

    def near(self, name: str) -> gpd.GeoDataFrame:
        """Return what `around` does, or say that the layer is missing."""
        return self.layer(name)

    def imprint(self, edition: str) -> Imprint:
        """Return the words that every product carries.

        Parameters
        ----------
        edition
            ``"public"`` or ``"internal"``.

        Returns
        -------
        Imprint
            Dates, version, producer and assumptions.
        """
        project = self.settings.project
        return Imprint(
            data_date=project.as_of.isoformat(),
            version=project.version or project.as_of.isoformat(),
            producer=project.producer,
            source=project.source,
            review_number=project.review_number,
            edition="internal" if edition == "internal" else "public",
            fictional=project.fictional,
            notes=(*project.notes, *self._assumptions()),
            url=self.settings.publish.base_url,
        )

    def path(self, name: str) -> Path:
        """Return a path of riskmap.toml, relative to its folder."""
        return self.file.parent / name

    def place(self, name: str) -> str | Path:
        """Return a path of riskmap.toml, or the address of a database as it is."""
        return name if is_address(name) else self.path(name)

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

    def _source(self, layer: str, source: SourceSettings) -> Source:
        """Turn a table of riskmap.toml into a source of the census."""
        for name in (source.path, source.places):
            if name is None or is_address(name):
                continue
            if not self.path(name).exists():
                msg = f'{self.file}: [sources.{layer}] names "{name}", which is missing'
                raise ProjectError(msg)
        return Source(
            path=self.place(source.path),
            sheet=source.sheet,
            crs=source.crs,
            columns=source.columns,
            encoding=source.encoding,
            places=None if source.places is None else self.place(source.places),
            shift=source.shift,
            where=source.where,
            assumed=source.assumed,
            breaks=source.breaks,
            levels=source.levels,
            empty_people=source.empty_people,
        )

    def _base(self) -> Path | None:
        """Return the base map of the county, which must not be shifted."""
        rules = self.settings.publish
        if rules.base is None:
            return None
        return own_base(self.path(rules.base), datum=rules.base_datum)

    def _style(self) -> Path | None:
        """Return the county's own file of signs and colours."""
        name = self.settings.publish.style
        return None if name is None else self.path(name)

    def _dem(self) -> tuple[Path, ...]:
        """Return the paths of the DEM files."""
        return tuple(self.path(one) for one in self.settings.network.dem_paths)

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
            dem=list(self._dem()) or None,
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
        parts = [
            self._zone_layer(name, scenario)
            for name in scenario.hazards
            if name != "depth"
        ]
        if scenario.depth is not None:
            limit = scenario.depth_limit_m
            depth = read_hazard_zones(self.path(scenario.depth), breaks=[limit])
            depth["name"] = message("zone.depth", limit=limit)
            depth["hazard"] = message("zone.flood")
            depth["layer"] = "depth"
            parts.append(depth)
        columns = ["zone_id", "name", "hazard", "layer", "geometry"]
        if not parts:
            return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=4490)
        together = pd.concat([one.to_crs(4490) for one in parts], ignore_index=True)
        return together[columns]

    def _drawn(self) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers, and the depth classes of the scenario on the wall."""
        wall = self.settings.scenario.get(self.settings.wall_scenario or "")
        if wall is None or wall.depth is None:
            return self.layers
        limit = wall.depth_limit_m
        breaks = [limit, *(one for one in DEPTH_CLASSES_M if one > limit)]
        depth = read_hazard_zones(self.path(wall.depth), breaks=breaks)
        depth = depth.rename(columns={"at_least": "depth_m"})[["depth_m", "geometry"]]
        return {**self.layers, "flood_depth": depth.dissolve("depth_m").reset_index()}

    def _zone_layer(self, name: str, scenario: ScenarioSettings) -> gpd.GeoDataFrame:
        """Return the polygons of one hazard layer under the columns of zones."""
        rows = self.near(name)
        if name == "hazard_points":
            rows = point_zones(rows, scenario, network=self.walk)
        rows = rows[rows.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
        renamed = rows.rename(columns={load_layer(name).key: "zone_id"})
        return renamed.assign(layer=name)

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
            hazards=_hazards(zones),
            scenario=name,
            **plan_options(
                scenario,
                self.settings.standards,
                folder=self.file.parent,
                layers=self.layers,
                roads=self.roads,
                drive=self.networks.get("drive"),
            ),
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
        options = plan_options(
            scenario.model_copy(update={"modes": ("walk",)}),
            self.settings.standards,
            folder=self.file.parent,
            layers=self.layers,
            roads=self.roads,
            drive=None,
        )
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
        return groups if len(groups) else self.layer("groups")

    def _sites(self) -> gpd.GeoDataFrame:
        """Return the shelters that a plan may use."""
        return self.layer("shelters")

    def _wall_zones(self) -> gpd.GeoDataFrame | None:
        """Return the zones of the scenario on the wall, if there is one."""
        wall = self.settings.wall_scenario
        return None if wall is None else self.zones[wall]

    def _shelters(self, sites: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
        """Audit shelters, None for the own ones, against the scenario on the wall."""
        zones = self._wall_zones()
        return audit_shelters(
            self.layer("shelters") if sites is None else sites,
            self.near("groups"),
            self.walk,
            zones=zones,
            hazards=None if zones is None else _hazards(zones),
            profile=self.settings.standards.shelters,
        )

    def _within_walk(self, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the audited shelters that people may reach: the own ones."""
        return own

    def _own_or(self, shipped: str) -> str | Path:
        """Return the county's own table of a standard, or the name of the shipped."""
        own = self.settings.standards.capability
        return shipped if own is None else self.path(own)

    def _teams(self) -> gpd.GeoDataFrame:
        """Return the teams; none at all is an answer of the audit, not an error."""
        teams = self.around("teams")
        if teams is None:
            columns = ["team_id", "name", "kind", "geometry"]
            return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=4490)
        return teams

    def _tiers(self, people: gpd.GeoDataFrame) -> pd.DataFrame:
        """Audit every standard of rescue, each on the network of its mode."""
        return pd.concat(
            [
                audit_coverage(
                    self.layer("villages"),
                    self._teams(),
                    self.rescue,
                    standard=name,
                    people=people,
                )
                for name in self.settings.standards.rescue
            ],
            ignore_index=True,
        )

    def _sums(self, people: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
        """Sum coverage and sheltering, and say what the loss of one would cost."""
        villages, teams, ride = self.layer("villages"), self._teams(), self.rescue
        rules, shelters = self.settings.standards.rescue, self._shelters()
        within = self._within_walk(shelters)
        return {
            "ratios": audit_sums(
                villages, teams, ride, standards=rules, people=people,
                grids=self.layers.get("grids"),
            ),
            "sheltering": sheltering_sums(villages, within, self.walk, people=people),
            "shelter_hazards": shelter_hazards(shelters, self._wall_zones()),
            "losses": audit_losses(
                villages, teams, ride, standards=rules, people=people
            ),
            "shelter_losses": shelter_losses(
                villages, within, self.walk, people=people
            ),
            "services": layer_circles(self.layers),
        }  # fmt: skip

    def _circles(self) -> gpd.GeoDataFrame:
        """Draw the circles that officials quote."""
        return pd.concat(
            [
                rescue_circles(self._teams(), standard=name)
                for name in self.settings.standards.rescue
            ],
            ignore_index=True,
        )

    def _gaps(self, people: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Find who no unit reaches, by the first standard."""
        return coverage_gaps(
            self.layer("villages"),
            self._teams(),
            self.rescue,
            standard=self.settings.standards.rescue[0],
            people=people,
        )

    def _assumptions(self) -> tuple[str, ...]:
        """Say which numbers of this project no source gives."""
        lines = [
            message(
                "note.assumed_source",
                layer=load_layer(layer).label,
                fields="、".join(
                    f"{load_layer(layer).fields[one].label}={value}"
                    for one, value in source.assumed.items()
                ),
            )
            for layer, source in self.settings.sources.items()
            if source.assumed
        ]
        lines += [
            message("note.assumed_standard", label=load_standard(name).label)
            for name in self.settings.standards.rescue
            if load_standard(name).assumed
        ]
        return (*self._scenario_note(), *lines, message("note.walking"))

    def _scenario_note(self) -> tuple[str, ...]:
        """Say which scenario is on the wall, and at which response level."""
        name = self.settings.wall_scenario
        if name is None:
            return ()
        wall = self.settings.scenario[name]
        words = message("note.scenario", title=wall.title or name)
        if wall.level is not None:
            words += message("note.level", level=wall.level)
        if movers(self.layers, self.zones[name])[1]:
            words += message("note.derived")
        return (words,)


def _is_osm(path: str) -> bool:
    """Tell an OSM extract by its name."""
    return path.lower().endswith(_OSM_SUFFIXES)


def _hazards(zones: gpd.GeoDataFrame) -> list[str]:
    """Return the hazards of a scenario, as far as its zones name them."""
    return sorted({str(one) for one in zones["hazard"].dropna()})


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


def _village_figures(
    villages: gpd.GeoDataFrame, people: gpd.GeoDataFrame, tiers: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Return a row a village: its people, where they stand, and its tiers."""
    by_village = people.groupby("village_code")
    sources = by_village["people_source"].agg(lambda one: "、".join(sorted(set(one))))
    frame = villages[
        ["village_code", "name", "township_code", "population", "geometry"]
    ]
    frame = frame.rename(columns={"name": "village_name"})
    frame["people_source"] = frame["village_code"].map(sources)
    known = frame["population"].notna() & frame["people_source"].notna()
    frame["reason"] = known.map({True: "ok", False: "insufficient_data"})
    passed = tiers.pivot(  # noqa: PD010 (a table would drop what is unknown)
        index="village_code", columns=["standard", "tier"], values="passed"
    ).astype("boolean")
    passed.columns = ["_".join(map(str, one)) for one in passed.columns.to_list()]
    return frame.merge(passed, how="left", on="village_code")
