"""riskmap: from risk-census tables to maps, routes and duty lists for villages.

The names below are imported when they are first used, so that `import riskmap`
itself costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskmap.census import (
        Source,
        build_census,
        check_census,
        diff_census,
        error_rates,
        match_columns,
        population_cells,
        read_census,
        read_hazard_zones,
        read_population,
        rectification,
        rectification_lists,
    )
    from riskmap.coverage import (
        audit_capability,
        audit_coverage,
        audit_shelters,
        coverage_gaps,
        find_nearest,
        rescue_circles,
        site_facilities,
    )
    from riskmap.crs import gcj02_to_wgs84, to_metric
    from riskmap.errors import RiskmapError, RiskmapWarning
    from riskmap.evacuation import (
        Plan,
        compare_plans,
        derive_groups,
        drill_plan,
        plan_evacuation,
        verify_plan,
    )
    from riskmap.project import Project
    from riskmap.publish import (
        draw_risk_map,
        draw_route_map,
        draw_situation_map,
        save_sheet,
        save_web,
    )
    from riskmap.publish.drillchart import draw_drill
    from riskmap.routing import (
        HourlyNetwork,
        Network,
        build_network,
        check_departures,
        close_roads,
        close_roads_by_hour,
        close_scenarios,
        download_roads,
        isochrones,
        k_nearest,
        latest_departures,
        nearest,
        open_roads,
        reach,
        read_roads,
        service_areas,
        service_polygons,
        shortest_paths,
        slow_roads,
        snap,
        to_networkx,
        travel_times,
    )
    from riskmap.standards import load_standard

__version__ = "0.1.0"

_HOME = {
    "HourlyNetwork": "riskmap.routing",
    "Network": "riskmap.routing",
    "Plan": "riskmap.evacuation",
    "Project": "riskmap.project",
    "RiskmapError": "riskmap.errors",
    "RiskmapWarning": "riskmap.errors",
    "Source": "riskmap.census",
    "audit_capability": "riskmap.coverage",
    "audit_coverage": "riskmap.coverage",
    "audit_shelters": "riskmap.coverage",
    "build_census": "riskmap.census",
    "build_network": "riskmap.routing",
    "check_census": "riskmap.census",
    "check_departures": "riskmap.routing",
    "close_roads": "riskmap.routing",
    "close_roads_by_hour": "riskmap.routing",
    "close_scenarios": "riskmap.routing",
    "compare_plans": "riskmap.evacuation",
    "coverage_gaps": "riskmap.coverage",
    "derive_groups": "riskmap.evacuation",
    "diff_census": "riskmap.census",
    "download_roads": "riskmap.routing",
    "draw_drill": "riskmap.publish.drillchart",
    "draw_risk_map": "riskmap.publish",
    "draw_route_map": "riskmap.publish",
    "draw_situation_map": "riskmap.publish",
    "drill_plan": "riskmap.evacuation",
    "error_rates": "riskmap.census",
    "find_nearest": "riskmap.coverage",
    "gcj02_to_wgs84": "riskmap.crs",
    "isochrones": "riskmap.routing",
    "k_nearest": "riskmap.routing",
    "latest_departures": "riskmap.routing",
    "load_standard": "riskmap.standards",
    "match_columns": "riskmap.census",
    "nearest": "riskmap.routing",
    "open_roads": "riskmap.routing",
    "plan_evacuation": "riskmap.evacuation",
    "population_cells": "riskmap.census",
    "reach": "riskmap.routing",
    "read_census": "riskmap.census",
    "read_hazard_zones": "riskmap.census",
    "read_population": "riskmap.census",
    "read_roads": "riskmap.routing",
    "rectification": "riskmap.census",
    "rectification_lists": "riskmap.census",
    "rescue_circles": "riskmap.coverage",
    "save_sheet": "riskmap.publish",
    "save_web": "riskmap.publish",
    "service_areas": "riskmap.routing",
    "service_polygons": "riskmap.routing",
    "shortest_paths": "riskmap.routing",
    "site_facilities": "riskmap.coverage",
    "slow_roads": "riskmap.routing",
    "snap": "riskmap.routing",
    "to_metric": "riskmap.crs",
    "to_networkx": "riskmap.routing",
    "travel_times": "riskmap.routing",
    "verify_plan": "riskmap.evacuation",
}

__all__ = [
    "HourlyNetwork",
    "Network",
    "Plan",
    "Project",
    "RiskmapError",
    "RiskmapWarning",
    "Source",
    "audit_capability",
    "audit_coverage",
    "audit_shelters",
    "build_census",
    "build_network",
    "check_census",
    "check_departures",
    "close_roads",
    "close_roads_by_hour",
    "close_scenarios",
    "compare_plans",
    "coverage_gaps",
    "derive_groups",
    "diff_census",
    "download_roads",
    "draw_drill",
    "draw_risk_map",
    "draw_route_map",
    "draw_situation_map",
    "drill_plan",
    "error_rates",
    "find_nearest",
    "gcj02_to_wgs84",
    "isochrones",
    "k_nearest",
    "latest_departures",
    "load_standard",
    "match_columns",
    "nearest",
    "open_roads",
    "plan_evacuation",
    "population_cells",
    "reach",
    "read_census",
    "read_hazard_zones",
    "read_population",
    "read_roads",
    "rectification",
    "rectification_lists",
    "rescue_circles",
    "save_sheet",
    "save_web",
    "service_areas",
    "service_polygons",
    "shortest_paths",
    "site_facilities",
    "slow_roads",
    "snap",
    "to_metric",
    "to_networkx",
    "travel_times",
    "verify_plan",
]


def __getattr__(name: str) -> object:
    """Import a public name from its room when it is first asked for."""
    if name not in _HOME:
        msg = f"module 'riskmap' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted(__all__)
