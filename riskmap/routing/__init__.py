"""Roads, terrain and hazards as a network, and questions about times on it."""

from riskmap.routing.areas import service_polygons
from riskmap.routing.backups import backup_paths
from riskmap.routing.build import build_network
from riskmap.routing.closing import close_roads
from riskmap.routing.deadlines import check_departures, latest_departures
from riskmap.routing.download import download_roads
from riskmap.routing.exchange import to_networkx
from riskmap.routing.hours import HourlyNetwork, close_roads_by_hour
from riskmap.routing.isochrones import isochrones, reached_roads
from riskmap.routing.legs import legs
from riskmap.routing.links import critical_links
from riskmap.routing.network import Network, load_network
from riskmap.routing.opening import close_scenarios, open_roads
from riskmap.routing.paths import shortest_paths
from riskmap.routing.queries import k_nearest, nearest
from riskmap.routing.reading import read_roads
from riskmap.routing.service import service_areas
from riskmap.routing.slopes import slope_functions, walking_speed
from riskmap.routing.slowing import slow_roads
from riskmap.routing.snapping import snap
from riskmap.routing.tables import reach, travel_times

__all__ = [
    "HourlyNetwork",
    "Network",
    "backup_paths",
    "build_network",
    "check_departures",
    "close_roads",
    "close_roads_by_hour",
    "close_scenarios",
    "critical_links",
    "download_roads",
    "isochrones",
    "k_nearest",
    "latest_departures",
    "legs",
    "load_network",
    "nearest",
    "open_roads",
    "reach",
    "reached_roads",
    "read_roads",
    "service_areas",
    "service_polygons",
    "shortest_paths",
    "slope_functions",
    "slow_roads",
    "snap",
    "to_networkx",
    "travel_times",
    "walking_speed",
]
