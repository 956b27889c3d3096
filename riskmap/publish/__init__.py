"""Maps, sheets, pages and lists, drawn from frames; nothing is computed here."""

from riskmap.publish.atlas import Atlas
from riskmap.publish.card_frames import hazard_cards, household_cards
from riskmap.publish.compose import draw_risk_map, draw_route_map, draw_situation_map
from riskmap.publish.lists import Sheet, imprint_line, write_book, write_workbook
from riskmap.publish.lists_frames import duty_list, evacuation_list
from riskmap.publish.province import Overview, publish_province
from riskmap.publish.redaction import redact
from riskmap.publish.sheet import save_sheet, save_sheets
from riskmap.publish.site import publish_site
from riskmap.publish.spec import Imprint, MapLayer, MapSpec, Table
from riskmap.publish.web import notebook_html, save_web, web_map

__all__ = [
    "Atlas",
    "Imprint",
    "MapLayer",
    "MapSpec",
    "Overview",
    "Sheet",
    "Table",
    "draw_risk_map",
    "draw_route_map",
    "draw_situation_map",
    "duty_list",
    "evacuation_list",
    "hazard_cards",
    "household_cards",
    "imprint_line",
    "notebook_html",
    "publish_province",
    "publish_site",
    "redact",
    "save_sheet",
    "save_sheets",
    "save_web",
    "web_map",
    "write_book",
    "write_workbook",
]
