"""Census: messy sources in, canonical layers and a findings ledger out."""

from riskmap.census.build import Census, build_census
from riskmap.census.database import is_address
from riskmap.census.diff import CensusDiff, diff_census
from riskmap.census.headings import match_columns
from riskmap.census.population import population_cells, read_population
from riskmap.census.quality import error_rates
from riskmap.census.rasters import read_hazard_zones
from riskmap.census.read import check_census, read_census
from riskmap.census.rectify import rectification, rectification_lists
from riskmap.census.report import write_findings
from riskmap.census.schema import Field, Layer, layer_names, load_layer
from riskmap.census.sources import Source
from riskmap.census.store import load_census, save_census
from riskmap.census.templates import write_templates

__all__ = [
    "Census",
    "CensusDiff",
    "Field",
    "Layer",
    "Source",
    "build_census",
    "check_census",
    "diff_census",
    "error_rates",
    "is_address",
    "layer_names",
    "load_census",
    "load_layer",
    "match_columns",
    "population_cells",
    "read_census",
    "read_hazard_zones",
    "read_population",
    "rectification",
    "rectification_lists",
    "save_census",
    "write_findings",
    "write_templates",
]
