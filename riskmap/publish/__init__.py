"""Maps, sheets, pages and lists, drawn from frames; nothing is computed here."""

from riskmap.publish.compose import (
    draw_risk_map,
    draw_route_map,
    draw_situation_map,
)
from riskmap.publish.lists_frames import duty_list, evacuation_list, household_cards
from riskmap.publish.spec import Imprint, MapLayer, MapSpec, Table

__all__ = [
    "Imprint",
    "MapLayer",
    "MapSpec",
    "Table",
    "draw_risk_map",
    "draw_route_map",
    "draw_situation_map",
    "duty_list",
    "evacuation_list",
    "household_cards",
]
