"""Many units in one run: on every core, or on a cluster, never twice."""

from riskmap.cluster.opening import open_project
from riskmap.cluster.province import Province

__all__ = ["Province", "open_project"]
