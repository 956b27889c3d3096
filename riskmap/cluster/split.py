"""Which unit each row belongs to: by its village's code, else by where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.cluster.store import ROADS, ROW, Unit
from riskmap.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

    from riskmap.census import Census

__all__ = ["split_census", "unit_codes"]

_COUNTY_DIGITS, _TOWNSHIP_DIGITS = 6, 9


def unit_codes(villages: pd.DataFrame, by: str) -> pd.Series:
    """Return the unit of each village.

    Parameters
    ----------
    villages
        The layer ``villages``; a column ``unit`` wins over its codes.
    by
        ``county`` (six digits) or ``township`` (nine).

    Returns
    -------
    pandas.Series
        Codes as text, on the index of `villages`.

    Raises
    ------
    LayerError
        If a village has no code to tell it by.
    """
    if "unit" in villages:
        return villages["unit"].astype(object)
    codes = villages["village_code"].astype(object)
    if by == "township" and "township_code" in villages:
        towns = villages["township_code"].astype(object)
        codes = towns.where(towns.notna(), codes)
    digits = _COUNTY_DIGITS if by == "county" else _TOWNSHIP_DIGITS
    short = codes.isna() | (codes.astype(str).str.len() < digits)
    if short.any():
        msg = f"{int(short.sum())} villages have no code that tells their {by}"
        raise LayerError(msg)
    return codes.astype(str).str[:digits]


def split_census(
    census: Census,
    roads: gpd.GeoDataFrame | None,
    *,
    by: str,
    crs: pyproj.CRS,
    names: Mapping[str, str],
) -> tuple[list[Unit], dict[str, dict[str, pd.DataFrame]]]:
    """Share out every row of a census among units.

    Parameters
    ----------
    census
        The undivided census; each village in it has a code.
    roads
        The roads of the networks, EPSG:4490 or another CRS; None for none.
    by
        ``county`` or ``township``.
    crs
        The projected CRS of the run, for what is nearest.
    names
        Unit to printed name, where the census does not say.

    Returns
    -------
    tuple
        The units in the order of their codes; unit, then layer, to rows. Each
        row is in one unit: that of its village, else of its township, else of
        the village it lies in or nearest to, else the first one.

    Raises
    ------
    LayerError
        If there is no village, or one has no code to tell its unit by.
    """
    villages = census.layers.get("villages")
    if villages is None or villages.empty:
        msg = "a run by units needs the layer villages, with at least one row"
        raise LayerError(msg)
    home = unit_codes(villages, by)
    units = [
        Unit(
            str(code),
            _name(str(code), villages[home == code], by=by, names=names),
            int(count),
        )
        for code, count in home.astype(str).value_counts().sort_index().items()
    ]
    finder = _Finder(villages, home, first=units[0].code, crs=crs)
    whole: dict[str, gpd.GeoDataFrame] = dict(census.layers)
    if roads is not None:
        whole[ROADS] = single_lines(roads).to_crs(4490)
    owner = {name: finder.of(frame) for name, frame in whole.items()}
    parts = {
        one.code: {
            name: _rows(frame, owner[name] == one.code) for name, frame in whole.items()
        }
        | {"findings": _findings(census, owner, one.code)}
        for one in units
    }
    return units, parts


def single_lines(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return roads in rows of one line, each with an id of its own.

    A road without an id gets its place in the layer, as `build_network` does.
    """
    named = roads.reset_index(drop=True)
    place = pd.Series(named.index.astype(str), index=named.index)
    if "road_id" not in named:
        named["road_id"] = place
    known = named["road_id"].astype(object)
    named["road_id"] = known.where(known.notna(), place).astype(str)
    several = shapely.get_num_geometries(named.geometry.to_numpy()) > 1
    return named.explode(ignore_index=True) if several.any() else named


class _Finder:
    """Tells the unit of rows of any layer."""

    def __init__(
        self,
        villages: gpd.GeoDataFrame,
        home: pd.Series,
        *,
        first: str,
        crs: pyproj.CRS,
    ) -> None:
        self._of_village = dict(zip(villages["village_code"], home, strict=True))
        towns = villages.get("township_code", pd.Series(dtype=object))
        self._of_town = dict(zip(towns, home, strict=False)) if len(towns) else {}
        placed = villages.geometry.notna()
        self._homes = home[placed].to_numpy(dtype=object)
        self._tree = shapely.STRtree(villages[placed].geometry.to_crs(crs).to_numpy())
        self._first, self._crs = first, crs

    def of(self, frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
        """Return the unit of each row."""
        owner = np.full(len(frame), None, dtype=object)
        for column, known in (
            ("unit", None),
            ("village_code", self._of_village),
            ("township_code", self._of_town),
        ):
            if column in frame:
                codes = frame[column].astype(object)
                codes = codes if known is None else codes.map(known)
                some = codes.notna().to_numpy() & pd.isna(owner)
                owner[some] = codes.to_numpy(dtype=object)[some]
        lost = np.flatnonzero(pd.isna(owner))
        if len(lost):
            owner[lost] = self._nearest(frame.iloc[lost])
        return owner

    def _nearest(self, frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
        """Return the unit of the village nearest to the middle of each row."""
        owner = np.full(len(frame), self._first, dtype=object)
        placed = np.flatnonzero(~(frame.geometry.isna() | frame.geometry.is_empty))
        if len(placed) and len(self._homes):
            there = frame.iloc[placed].geometry.to_crs(self._crs).to_numpy()
            lines = (shapely.get_type_id(there) == 1).all()
            middle = (
                shapely.line_interpolate_point(there, 0.5, normalized=True)
                if lines
                else shapely.point_on_surface(there)
            )
            owner[placed] = self._homes[self._tree.nearest(middle)]
        return owner


def _name(
    code: str, villages: pd.DataFrame, *, by: str, names: Mapping[str, str]
) -> str:
    """Return the printed name of a unit: as given, else as its villages say."""
    if code in names:
        return names[code]
    if by == "township" and "township_name" in villages:
        known = villages["township_name"].dropna()
        if len(known):
            return str(known.iloc[0])
    return code


def _rows(frame: gpd.GeoDataFrame, mine: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Return the rows of one unit with their place in the undivided layer."""
    rows = frame.assign(**{ROW: np.arange(len(frame))})[mine]
    return rows.drop(columns="unit", errors="ignore").reset_index(drop=True)


def _findings(
    census: Census, owner: Mapping[str, NDArray[np.object_]], code: str
) -> pd.DataFrame:
    """Return the findings about the rows of one unit."""
    mine = []
    for layer, origin in census.origins.items():
        rows = origin[owner[layer] == code]
        mine += [(layer, sheet, row) for sheet, row in rows.itertuples(index=False)]
    keys = pd.DataFrame(mine, columns=["layer", "sheet", "row"]).astype(
        {"layer": "str", "sheet": "str", "row": "Int64"}
    )
    found = census.findings.astype({"layer": "str", "sheet": "str", "row": "Int64"})
    return found.merge(keys.drop_duplicates(), how="inner")[census.findings.columns]
