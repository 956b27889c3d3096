"""A raster as the source of a layer: population cells, or zones of equal class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmap.census.population import population_cells, read_population
from riskmap.census.rasters import read_hazard_zones
from riskmap.census.vectors import raw_of_frame
from riskmap.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from riskmap.census.ledger import Ledger
    from riskmap.census.raw import RawTable
    from riskmap.census.schema import Layer
    from riskmap.census.sources import Source

__all__ = ["read_raster"]


def read_raster(
    path: Path,
    layer: Layer,
    *,
    source: Source,
    villages: gpd.GeoDataFrame | None,
    ledger: Ledger,
) -> RawTable:
    """Read a raster as the rows of a layer.

    Parameters
    ----------
    path
        The file.
    layer
        ``population``, or a layer of polygons with ``risk_level``.
    source
        Its ``empty_people``, or its ``breaks`` and ``levels``.
    villages
        Whose people a population raster counts; None if they are not read.
    ledger
        Where villages that the raster does not cover are noted.

    Returns
    -------
    RawTable
        A row a populated cell, or a connected patch of one class.

    Raises
    ------
    SourceError
        If the file is no raster, the layer cannot come from one, or what
        reading it needs is not there.
    """
    if layer.name == "population":
        frame = _population(path, source, villages, ledger=ledger)
    elif "risk_level" in layer.columns and "Polygon" in layer.geometry:
        if not source.breaks:
            msg = f"{path.name} is a raster; name its classes' lower bounds in breaks"
            raise SourceError(msg)
        levels = list(source.levels) or None
        zones = read_hazard_zones(path, breaks=list(source.breaks), levels=levels)
        frame = zones.rename(columns={"zone_id": layer.key})
        frame = frame.drop(columns=["at_least", "below"])
    else:
        msg = f'{path.name} is a raster; the layer "{layer.name}" cannot come from one'
        raise SourceError(msg)
    return raw_of_frame(frame, source=path.name)


def _population(
    path: Path, source: Source, villages: gpd.GeoDataFrame | None, *, ledger: Ledger
) -> gpd.GeoDataFrame:
    """Cut the people of each village out of a raster; say whom it does not cover."""
    if villages is None:
        msg = f"{path.name} is a population raster; it needs the outlines of [villages]"
        raise SourceError(msg)
    empty = source.empty_people
    counted = read_population(path, villages, empty_people=empty)
    names = villages["name"].to_numpy()
    for at in np.flatnonzero(counted["people"].isna()):
        ratio = counted["covered_ratio"].iloc[at]
        rule = "no_outline" if np.isnan(ratio) else "partly_covered"
        name, code = names[at], counted["village_code"].iloc[at]
        lacking = f"{1 - ratio:.1%}"
        ledger.add(rule, value=code if name is None else name, lacking=lacking)
    if empty is not None:
        ledger.add("empty_cells", value=f"{empty:g}")
    cells = population_cells(path, villages, empty_people=empty)
    number = cells.groupby("village_code").cumcount() + 1
    return cells.assign(cell_id=cells["village_code"] + "-" + number.astype(str))
