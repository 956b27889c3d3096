"""Coverage: the circles that are quoted, what the roads say, who is left out."""

from riskmap.coverage.circles import rescue_circles, service_circles
from riskmap.coverage.people import people_points

__all__ = [
    "people_points",
    "rescue_circles",
    "service_circles",
]
