"""Where people stand: households, else population cells, else groups, else a point.

Whoever a finer source of a village does not account for, or account for without
a place, stands at the village point, and the row says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.coverage.units import known_numbers, texts
from riskmap.crs import crs_of, same_crs
from riskmap.errors import LayerError, first_few

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["codes_of", "people_points", "village_codes"]

_COLUMNS = ["village_code", "people", "people_source", "rough"]


def people_points(
    villages: gpd.GeoDataFrame,
    *,
    households: gpd.GeoDataFrame | None = None,
    groups: gpd.GeoDataFrame | None = None,
    population: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Return points where the people of each village stand.

    A village takes the first source that places any of its people: its
    households, else its population cells, else its groups. The rest of its
    population, if the census counts more than the source does, stands at the
    village point: the placed one of its points that lies nearest their middle,
    or, without any, a point inside the village. Households and groups list
    some of the people, population cells all of them: where the census does not
    know the population of a village and no cells tell it, the rest is unknown,
    not nobody.

    Parameters
    ----------
    villages
        The layer ``villages``: polygons or points, any CRS.
    households, groups, population
        Points (or cells) with ``people``, in the CRS of `villages`, with
        ``village_code`` or inside a village polygon. Cells may name their
        ``people_source``, as those of `riskmap.population_cells` do.

    Returns
    -------
    geopandas.GeoDataFrame
        Points in the CRS of `villages`: ``village_code, people`` (Int64, null
        = unknown), ``people_source`` (``households``, ``population`` or what the
        cells name, ``groups``, ``village``) and ``rough`` (the village point
        stands for people whose place is unknown). At least one row a village;
        null geometry where the village has no place either.

    Raises
    ------
    CrsError
        If a frame has no CRS or another one than `villages`.
    LayerError
        If `villages` have no ``village_code``, or a source no ``people``.

    Notes
    -----
    Where a source counts more people than the census population, the source
    is believed.
    """
    crs_of(villages)
    codes = codes_of(villages)
    taken: set[str] = set()
    whole: set[str] = set()
    parts = []
    for name, frame in (
        ("households", households),
        ("population", population),
        ("groups", groups),
    ):
        if frame is not None and len(frame):
            rows = _source_rows(villages, frame, name)
            rows = rows[~rows["village_code"].isin(taken)]
            placed = rows.loc[_placed(rows), "village_code"]
            rows = rows[rows["village_code"].isin(placed)]
            taken |= set(placed)
            whole |= set(placed) if name == "population" else set()
            parts.append(rows)
    found = pd.concat(parts) if parts else _nobody(villages)
    counted = codes[~np.isnan(known_numbers(villages, "population"))]
    found = found[found["people"].notna() | ~found["village_code"].isin(counted)]
    rest = _rest(villages, codes, found, whole=np.isin(codes, sorted(whole)))
    table = pd.concat([found[_placed(found)], rest], ignore_index=True)
    table["people"] = _whole(table)
    table["rough"] = table["rough"].astype(bool)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=villages.crs)


def village_codes(
    places: gpd.GeoDataFrame, villages: gpd.GeoDataFrame
) -> NDArray[np.object_]:
    """Return the village of each place: its code, else the polygon it lies in.

    Parameters
    ----------
    places
        Any geometry, in the CRS of `villages`; ``village_code`` where known.
    villages
        The layer ``villages``.

    Returns
    -------
    numpy.ndarray
        Codes as text, empty where the village is unknown.

    Raises
    ------
    CrsError
        If the two frames have different CRS or none.
    """
    same_crs(places, villages)
    codes = np.full(len(places), "", dtype=object)
    if "village_code" in places:
        named = places["village_code"].astype(object)
        codes = named.where(named.notna(), "").astype(str).to_numpy()
    lost = np.flatnonzero((codes == "") & _placed(places))
    if len(lost) and len(villages):
        inside = places.iloc[lost].representative_point()
        point, village = villages.sindex.query(inside, predicate="intersects")
        first = np.unique(point, return_index=True)[1]
        codes[lost[point[first]]] = codes_of(villages)[village[first]]
    return codes


def codes_of(villages: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the codes of villages as text.

    Parameters
    ----------
    villages
        The layer ``villages``.

    Returns
    -------
    numpy.ndarray
        A code for each row.

    Raises
    ------
    LayerError
        If the column or a code is missing.
    """
    if "village_code" not in villages:
        msg = "villages have no column village_code; give every village its code"
        raise LayerError(msg)
    codes = texts(villages, "village_code")
    if (codes == "").any():
        rows = first_few(villages.index[codes == ""])
        msg = f"{int((codes == '').sum())} villages have no village_code: {rows}"
        raise LayerError(msg)
    return codes


def _source_rows(
    villages: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, name: str
) -> gpd.GeoDataFrame:
    """Bring one source into the columns of the result."""
    if "people" not in frame:
        msg = f"{name} have no column people; name the column that counts them so"
        raise LayerError(msg)
    columns = {
        "village_code": village_codes(frame, villages),
        "people": known_numbers(frame, "people"),
        "people_source": np.asarray(frame.get("people_source", [name] * len(frame))),
        "rough": False,
    }
    points = frame.geometry.representative_point().to_numpy()
    rows = gpd.GeoDataFrame(columns, geometry=points, crs=frame.crs)
    return rows[rows["people"].gt(0) | rows["people"].isna()]


def _rest(
    villages: gpd.GeoDataFrame,
    codes: NDArray[np.object_],
    found: gpd.GeoDataFrame,
    *,
    whole: NDArray[np.bool_],
) -> gpd.GeoDataFrame:
    """Return the people at the village points: those no source has placed."""
    by_village = found["village_code"]
    placed = found["people"].where(_placed(found)).groupby(by_village).sum()
    listed = found["people"].groupby(by_village).sum()
    population = known_numbers(villages, "population")
    here = pd.Series(codes).map(placed).to_numpy(dtype=float)
    own = pd.Series(codes).map(listed).to_numpy(dtype=float)
    known = ~np.isnan(population) | whole
    total = np.where(known, np.fmax(population, own), np.nan)
    rest = total - np.where(np.isnan(here), 0, here)
    columns = {
        "village_code": codes,
        "people": rest,
        "people_source": "village",
        "rough": True,
    }
    points = _village_points(villages, codes, found)
    some = np.isnan(here) | np.isnan(rest) | (rest > 0)
    rows = pd.DataFrame(columns)[some]
    return gpd.GeoDataFrame(rows, geometry=points[some], crs=villages.crs)


def _whole(table: pd.DataFrame) -> pd.Series:
    """Round fractions of people so that the sum of each village is kept."""
    known = table[table["people"].notna()]
    codes = known["village_code"]
    total = known["people"].astype(float).groupby(codes).cumsum().round()
    step: pd.Series = total.groupby(codes).diff().fillna(total)
    return step.reindex(table.index).astype("Int64")


def _village_points(
    villages: gpd.GeoDataFrame, codes: NDArray[np.object_], found: gpd.GeoDataFrame
) -> NDArray[np.object_]:
    """Return for each village where those stand whose place is unknown."""
    points = villages.geometry.representative_point().to_numpy().copy()
    placed = found[_placed(found)]
    xy = pd.DataFrame(
        shapely.get_coordinates(placed.geometry.to_numpy()), columns=["x", "y"]
    )
    xy["code"] = placed["village_code"].to_numpy()
    middle = xy.groupby("code")[["x", "y"]].transform("mean")
    xy["off"] = np.hypot(*(xy[["x", "y"]] - middle).to_numpy().T)
    nearest = xy.sort_values("off", kind="stable").drop_duplicates("code")
    row = pd.Series(nearest.index, index=nearest["code"]).reindex(codes)
    some = row.notna().to_numpy()
    points[some] = placed.geometry.to_numpy()[row[some].to_numpy(dtype=int)]
    return points


def _nobody(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the result without rows."""
    empty = dict.fromkeys(_COLUMNS, pd.Series(dtype=object))
    return gpd.GeoDataFrame(empty, geometry=[], crs=villages.crs)


def _placed(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which rows have a place."""
    return ~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy(dtype=bool)
