"""Everything that one publication shows, as frames and words.

`riskmap.project` fills an `Atlas` from the chain; `riskmap.publish.publish_site`
draws it. Nothing here is computed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from riskmap.publish.planframes import PlanFrames
    from riskmap.publish.spec import Imprint

__all__ = ["Atlas", "Visibility"]

Visibility = Literal["public", "official", "private"]


@dataclass(frozen=True, slots=True)
class Atlas:
    """What one publication of a county shows.

    Parameters
    ----------
    county
        The name of the county, as printed.
    layers
        The canonical layers by name, EPSG:4490; a layer may be absent.
    plans
        The evacuation plan of each scenario, by its name.
    scenario
        Which of `plans` goes on the wall maps; None for none.
    imprint
        Data date, version, producer and notes of every product.
    roads
        The roads to draw where they differ from ``layers["roads"]``.
    dem
        The terrain rasters (paths); empty for none.
    audit
        Frames of the audit by name, as in contract.md: ``villages``,
        ``tiers``, ``shelters``, ``capability``, ``gaps``, ``circles``.
    findings
        The findings ledger of the census check.
    visibility
        For each layer, who may see each column; a column that is not named
        here counts as private.
    base_url
        Where the pages will be served from, for the QR codes; None if nowhere.
    base
        An orthophoto or MBTiles file under the maps of villages; None for none.
    style
        The county's own file of signs and colours; None for those of riskmap.
    around
        Wider frames of some layers, with the rows of neighbours: they are
        drawn in the place of `layers`, and nothing of them is listed, counted or
        judged as the county's own.
    """

    county: str
    layers: Mapping[str, gpd.GeoDataFrame]
    plans: Mapping[str, PlanFrames]
    scenario: str | None
    imprint: Imprint
    roads: gpd.GeoDataFrame | None = None
    dem: tuple[Path, ...] = ()
    audit: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    findings: pd.DataFrame = field(default_factory=pd.DataFrame)
    visibility: Mapping[str, Mapping[str, Visibility]] = field(default_factory=dict)
    base_url: str | None = None
    base: Path | None = None
    style: Path | None = None
    around: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)

    @property
    def plan(self) -> PlanFrames | None:
        """The plan of the wall maps, or None."""
        return None if self.scenario is None else self.plans.get(self.scenario)
