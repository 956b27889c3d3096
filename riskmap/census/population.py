"""Population rasters to people by village, cell by cell.

A village that the raster covers in part has an unknown number of people, not
the number of its covered part; the cells that are there are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.census.rasters import open_raster
from riskmap.crs import crs_of
from riskmap.errors import LayerError, SourceError
from riskmap.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["population_cells", "read_population"]

_WHOLE = 0.995
"""Which share of an outline counts as all of it; project choice, for edges."""
_SOURCE = "population_raster"
_WANTED = ("cell_id", "values", "coverage", "center_x", "center_y")


def read_population(
    raster: str | Path, villages: gpd.GeoDataFrame, *, empty_people: float | None = None
) -> pd.DataFrame:
    """Count the people of each village from a population raster.

    Parameters
    ----------
    raster
        People a cell, in any CRS; a cell on a border counts by the share of
        it that lies inside. Negative cells are cells without data.
    villages
        The layer ``villages`` with ``village_code``; outlines in any CRS.
    empty_people
        How many people a cell without data holds, where one knows: 0 for
        rasters that leave out what is not settled. None: it is not known.

    Returns
    -------
    pandas.DataFrame
        Index as `villages`: ``village_code, people`` (float; NaN where the
        raster does not cover the village), ``covered_people`` (of the part
        that it covers), ``covered_ratio`` (0 to 1; NaN without an outline),
        ``people_source`` and ``reason`` (``ok`` or ``insufficient_data``).

    Raises
    ------
    SourceError
        If the file cannot be read as a raster.
    CrsError
        If the raster or `villages` have no CRS.
    LayerError
        If `villages` have no ``village_code``, or none has an outline.
    """
    cells, ratio = _cells(raster, villages, empty_people=empty_people)
    sums = cells.groupby("village")["people"].sum().reindex(range(len(villages)))
    covered = np.where(np.nan_to_num(ratio) > 0, sums.fillna(0.0), np.nan)
    whole = np.nan_to_num(ratio) >= _WHOLE
    return pd.DataFrame(
        {
            "village_code": villages["village_code"].to_numpy(),
            "people": np.where(whole, covered, np.nan),
            "covered_people": covered,
            "covered_ratio": ratio,
            "people_source": _SOURCE,
            "reason": np.where(whole, Reason.OK, Reason.INSUFFICIENT_DATA).astype(str),
        },
        index=villages.index,
    )


def population_cells(
    raster: str | Path, villages: gpd.GeoDataFrame, *, empty_people: float | None = None
) -> gpd.GeoDataFrame:
    """Return where the people of each village stand, a point a populated cell.

    Parameters
    ----------
    raster, villages, empty_people
        As of `read_population`.

    Returns
    -------
    geopandas.GeoDataFrame
        Points in the CRS of `villages`: ``village_code, people`` (float),
        ``people_source``. A cell on a border stands in each village with its
        share. A village covered in part has one more point, inside it, with
        ``people`` NaN: those whom the raster does not count.

    Raises
    ------
    SourceError
        If the file cannot be read as a raster.
    CrsError
        If the raster or `villages` have no CRS.
    LayerError
        If `villages` have no ``village_code``, or none has an outline.
    """
    cells, ratio = _cells(raster, villages, empty_people=empty_people)
    cells = cells[cells["people"] > 0]
    codes = villages["village_code"].to_numpy()
    found = np.nan_to_num(ratio)
    partly = np.flatnonzero((found > 0) & (found < _WHOLE))
    unknown = shapely.point_on_surface(villages.geometry.to_numpy()[partly])
    numbers = cells["village"].to_numpy(dtype=int)
    return gpd.GeoDataFrame(
        {
            "village_code": np.concatenate([codes[numbers], codes[partly]]),
            "people": np.concatenate(
                [cells["people"].to_numpy(float), np.full(len(partly), np.nan)]
            ),
            "people_source": _SOURCE,
        },
        geometry=np.concatenate([cells["point"].to_numpy(), unknown]),
        crs=villages.crs,
    )


def _cells(
    raster: str | Path, villages: gpd.GeoDataFrame, *, empty_people: float | None
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Return the cells by village position, and the covered share of each village."""
    outlined = _outlined(villages)
    where = villages.iloc[outlined]
    with open_raster(raster) as opened:
        there = where.to_crs(opened.crs)
        size = abs(opened.transform.a * opened.transform.e)
        found = _extracted(opened, there, empty_people=empty_people)
        points = shapely.points(*_joined(found, 3, 4))
        back = gpd.GeoSeries(points, crs=opened.crs)
    lengths = [len(one[0]) for one in found]
    cells = pd.DataFrame(
        {
            "village": np.repeat(outlined, lengths),
            "value": _joined(found, 1)[0],
            "coverage": _joined(found, 2)[0],
            "point": back.to_crs(crs_of(villages)).to_numpy(),
        }
    )
    cells = cells[cells["value"] >= 0]
    cells["people"] = cells["value"] * cells["coverage"]
    covered = cells.groupby("village")["coverage"].sum().reindex(outlined, fill_value=0)
    ratio = np.full(len(villages), np.nan)
    ratio[outlined] = (
        covered.to_numpy() * size / shapely.area(there.geometry.to_numpy())
    )
    return cells, np.minimum(ratio, 1.0)


def _outlined(villages: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the positions of villages with outlines; refuse none at all."""
    crs_of(villages)
    if "village_code" not in villages:
        msg = "villages have no column village_code; give every village its code"
        raise LayerError(msg)
    areas = shapely.area(villages.geometry.to_numpy())
    found: NDArray[np.int64] = np.flatnonzero(np.nan_to_num(areas) > 0)
    if not len(found):
        msg = "no village has an outline; a population raster is counted inside them"
        raise LayerError(msg)
    return found


def _extracted(
    opened: object, villages: gpd.GeoDataFrame, *, empty_people: float | None
) -> list[list[NDArray[np.float64]]]:
    """Cut the cells of a raster with outlines in its CRS, exactly."""
    try:
        from exactextract import exact_extract  # noqa: PLC0415
    except ImportError as error:
        msg = "a population raster needs exactextract: pip install riskmap[rasters]"
        raise SourceError(msg) from error
    default = "" if empty_people is None else f"(default_value={empty_people})"
    wanted = [f"{one}{default}" for one in _WANTED]
    shapes = gpd.GeoDataFrame(geometry=villages.geometry.to_numpy(), crs=villages.crs)
    try:
        rows = exact_extract(opened, shapes, wanted)
    except (RuntimeError, ValueError, AttributeError) as error:
        msg = f"the raster cannot be cut by villages: {' '.join(str(error).split())}"
        raise SourceError(msg) from error
    return [[np.asarray(row["properties"][one]) for one in _WANTED] for row in rows]


def _joined(
    found: Sequence[Sequence[NDArray[np.float64]]], *columns: int
) -> list[NDArray[np.float64]]:
    """Put one column, or several, of all villages under each other."""
    empty = np.empty(0)
    return [np.concatenate([empty, *(one[at] for one in found)]) for at in columns]
