"""Census: messy sources in, canonical layers and a findings ledger out."""

from riskmap.census.headings import match_columns
from riskmap.census.schema import Field, Layer, layer_names, load_layer

__all__ = ["Field", "Layer", "layer_names", "load_layer", "match_columns"]
