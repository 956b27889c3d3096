"""Coverage: the circles that are quoted, what the roads say, who is left out."""

from riskmap.coverage.audit import audit_coverage
from riskmap.coverage.beds import Beds, site_beds
from riskmap.coverage.bridges import Bridges, site_bridges
from riskmap.coverage.capability import audit_capability
from riskmap.coverage.circles import rescue_circles, service_circles
from riskmap.coverage.compare import compare_cover
from riskmap.coverage.find import find_nearest
from riskmap.coverage.gaps import coverage_gaps, unit_losses
from riskmap.coverage.people import people_points
from riskmap.coverage.proposals import Proposals, propose
from riskmap.coverage.ratios import coverage_points, coverage_ratios, grid_ratios
from riskmap.coverage.sheltering import (
    shelter_coverage,
    shelter_hazards,
    shelter_losses,
)
from riskmap.coverage.shelters import audit_shelters
from riskmap.coverage.siting import Siting, site_facilities
from riskmap.coverage.summary import (
    audit_losses,
    audit_sums,
    layer_circles,
    sheltering_sums,
)

__all__ = [
    "Beds",
    "Bridges",
    "Proposals",
    "Siting",
    "audit_capability",
    "audit_coverage",
    "audit_losses",
    "audit_shelters",
    "audit_sums",
    "compare_cover",
    "coverage_gaps",
    "coverage_points",
    "coverage_ratios",
    "find_nearest",
    "grid_ratios",
    "layer_circles",
    "people_points",
    "propose",
    "rescue_circles",
    "service_circles",
    "shelter_coverage",
    "shelter_hazards",
    "shelter_losses",
    "sheltering_sums",
    "site_beds",
    "site_bridges",
    "site_facilities",
    "unit_losses",
]
