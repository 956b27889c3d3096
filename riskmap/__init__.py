"""riskmap: from risk-census tables to maps, routes and duty lists for villages."""

__version__ = "0.1.0"
