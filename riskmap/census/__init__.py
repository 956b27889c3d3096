"""Census: messy sources in, canonical layers and a findings ledger out."""

from riskmap.census.build import Census, build_census
from riskmap.census.headings import match_columns
from riskmap.census.read import check_census, read_census
from riskmap.census.schema import Field, Layer, layer_names, load_layer
from riskmap.census.sources import Source

__all__ = [
    "Census",
    "Field",
    "Layer",
    "Source",
    "build_census",
    "check_census",
    "layer_names",
    "load_layer",
    "match_columns",
    "read_census",
]
