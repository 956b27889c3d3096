"""Which village or township a map is of, found by name or code."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmap.crs import crs_of, metric_crs
from riskmap.errors import CrsError, LayerError, first_few
from riskmap.publish.style import read_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyproj
    from shapely.geometry.base import BaseGeometry

__all__ = ["Place", "drawing_crs", "find_place", "plain_text"]


_BREAKS = re.compile(r"[\r\n\v\f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Place:
    """The village or township of a map.

    Parameters
    ----------
    level
        ``"village"`` or ``"township"``.
    code
        Its code, text.
    name
        Its name.
    township
        The name of its township; empty where unknown.
    township_code
        The code of its township; empty where unknown.
    village_codes
        The codes of all villages in it.
    crs
        The projected CRS to draw it in, metres.
    boundary
        Its polygons in `crs`; None where there are none.
    point
        A point inside it in `crs`; None where its place is unknown.
    rows
        Its rows of the villages' frame, in `crs`.
    neighbours
        The villages of the same township, in `crs`.
    """

    level: Literal["village", "township"]
    code: str
    name: str
    township: str
    township_code: str
    village_codes: frozenset[str]
    crs: pyproj.CRS
    boundary: gpd.GeoDataFrame | None
    point: BaseGeometry | None
    rows: gpd.GeoDataFrame
    neighbours: gpd.GeoDataFrame

    @property
    def rough(self) -> bool:
        """Whether only a point stands for it."""
        return self.boundary is None and self.point is not None


def find_place(
    villages: gpd.GeoDataFrame,
    *,
    village: str | None = None,
    township: str | None = None,
    fallback: Iterable[gpd.GeoDataFrame] = (),
) -> Place:
    """Find one village or township among the villages of a county.

    Parameters
    ----------
    villages
        Columns ``village_code`` and ``name``; ``township_code`` and
        ``township_name`` where known. Any CRS.
    village
        A name or a code; exactly one of `village` and `township` is given.
    township
        A name or a code.
    fallback
        Frames whose place chooses the projected CRS when no village has one.

    Returns
    -------
    Place
        What was found, in a projected CRS.

    Raises
    ------
    LayerError
        If a column is missing, nothing or more than one thing goes by this
        name, or not exactly one of `village` and `township` is given.
    CrsError
        If no frame says where on earth it is.
    """
    if (village is None) == (township is None):
        msg = "give exactly one of village= and township=, a name or a code"
        raise LayerError(msg)
    level: Literal["village", "township"] = "village" if village else "township"
    columns = ("village_code", "name") if village else ("township_code",)
    missing = [one for one in columns if one not in villages.columns]
    if missing:
        msg = f"villages lack the column {', '.join(missing)}"
        raise LayerError(msg)
    crs = drawing_crs([villages, *fallback])
    asked = str(village if village is not None else township)
    code_column = f"{level}_code"
    name_column = "name" if village else "township_name"
    code = _code_of(villages, asked, code_column=code_column, name_column=name_column)
    moved = villages.to_crs(crs)
    rows = moved[moved[code_column].astype("string") == code]
    return _place(level, code, rows=rows, villages=moved)


def plain_text(value: object) -> str:
    """Return a cell as text, a missing one as the empty text.

    Parameters
    ----------
    value
        Any scalar cell.

    Returns
    -------
    str
        Without surrounding blanks, in one line; whole numbers without a decimal
        point.
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else f"{value:g}"
    text = str(value).strip()
    return text if text.isprintable() else _BREAKS.sub(" ", text)


def drawing_crs(frames: Iterable[gpd.GeoDataFrame]) -> pyproj.CRS:
    """Choose the projected CRS by the first frame that has a place.

    Parameters
    ----------
    frames
        The villages first, then what may stand in for them.

    Returns
    -------
    pyproj.CRS
        In metres.

    Raises
    ------
    CrsError
        If no frame says where on earth it is.
    """
    trouble: CrsError | None = None
    for frame in frames:
        crs_of(frame)
        try:
            return metric_crs(frame)
        except CrsError as error:
            trouble = trouble or error
    raise trouble or CrsError("no frame has a place")


def _code_of(
    villages: gpd.GeoDataFrame, asked: str, *, code_column: str, name_column: str
) -> str:
    """Return the one code that goes by this name or code."""
    codes = villages[code_column].astype("string")
    if (codes == asked).any():
        return asked
    names = (
        villages[name_column].astype("string").str.strip()
        if name_column in villages.columns
        else pd.Series("", index=villages.index, dtype="string")
    )
    found = sorted(codes[(names == asked).fillna(value=False)].dropna().unique())
    if len(found) == 1:
        return str(found[0])
    if found:
        msg = f'"{asked}" is the name of {len(found)}: {first_few(found)}; give a code'
        raise LayerError(msg)
    known = [*names.dropna().unique(), *codes.dropna().unique()]
    near = get_close_matches(asked, known, n=1, cutoff=0.3)
    hint = f'; the nearest is "{near[0]}"' if near else ""
    what = "village" if name_column == "name" else "township"
    msg = f'no {what} has the name or code "{asked}"{hint}'
    raise LayerError(msg)


def _place(
    level: Literal["village", "township"],
    code: str,
    *,
    rows: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
) -> Place:
    """Describe the rows that were found."""
    township = _first(rows, "township_name")
    township_code = _first(rows, "township_code")
    name = _first(rows, "name") if level == "village" else township
    whole = rows[~(rows.geometry.isna() | rows.geometry.is_empty)]
    areas = whole[whole.geom_type.isin(["Polygon", "MultiPolygon"])]
    merged = shapely.make_valid(areas.geometry.union_all()) if len(areas) else None
    complete = merged is not None and len(areas) == len(rows)
    words = read_words()["marks"][f"{level}_border"]
    boundary = gpd.GeoDataFrame(
        {"name": [name or code], "legend": [words]},
        geometry=np.array([merged]),
        crs=crs_of(rows),
    )
    point = whole.geometry.union_all().representative_point() if len(whole) else None
    return Place(
        level=level,
        code=code,
        name=name or code,
        township=township,
        township_code=township_code,
        village_codes=frozenset(rows["village_code"].astype(str)),
        crs=crs_of(rows),
        boundary=boundary if complete else None,
        point=point,
        rows=rows,
        neighbours=_neighbours(villages, township_code, rows),
    )


def _neighbours(
    villages: gpd.GeoDataFrame, township_code: str, rows: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the villages of the same township, or the rows themselves."""
    if township_code and "township_code" in villages.columns:
        return villages[villages["township_code"].astype("string") == township_code]
    return rows


def _first(frame: gpd.GeoDataFrame, column: str) -> str:
    """Return the first text of a column, empty where there is none."""
    if column not in frame.columns or frame.empty:
        return ""
    return plain_text(frame[column].iloc[0])
