"""Rows without a place or a village get them from other layers, visibly."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.census.books import words
from riskmap.census.codes import NO_SUCCESSORS
from riskmap.crs import metric_crs

if TYPE_CHECKING:
    import geopandas as gpd

    from riskmap.census.codes import Successors
    from riskmap.census.part import Part

__all__ = ["Placed", "check_villages", "fill_villages", "join_places", "name_key"]

_NOISE = re.compile(r"[\s()\[\]·.,、，。\"'“”‘’\-—_]+")  # noqa: RUF001
_EDGE_M = 50.0


@dataclass(frozen=True, slots=True)
class Placed:
    """How many rows got their position how.

    Attributes
    ----------
    by_id, by_name
        Joined to the spatial layer.
    unplaced
        Rows whose position is still unknown.
    """

    by_id: int
    by_name: int
    unplaced: int


def name_key(names: pd.Series) -> pd.Series:
    """Return names without width, blanks and punctuation, to join by."""
    distinct = {
        one: _NOISE.sub("", unicodedata.normalize("NFKC", one)).lower()
        for one in names.dropna().unique()
    }
    return names.map(distinct)


def join_places(part: Part, places: gpd.GeoDataFrame | None) -> Placed:
    """Give rows without a position that of the spatial layer.

    Parameters
    ----------
    part
        Its frame's geometry is filled in.
    places
        Rows of the same layer with positions, EPSG:4490; None for none.

    Returns
    -------
    Placed
        The counts. A name that fits two places fits none.
    """
    frame, key = part.frame, part.layer.key
    by_id = by_name = 0
    if places is not None:
        places = places[~places.geometry.isna()]
        if part.has(key):
            by_id = _fill(part, frame[key], places.set_axis(places[key]))
        if "name" in frame:
            by_name = _by_name(part, places)
            if by_name:
                part.ledger.add("placed_by_name", count=by_name)
    lacking = np.flatnonzero(part.frame.geometry.isna().to_numpy())
    if part.layer.geometry and (places is not None or part.layer.name != "villages"):
        _note_lacking(part, lacking, tried=places is not None)
    return Placed(by_id, by_name, len(lacking) if part.layer.geometry else 0)


def _by_name(part: Part, places: gpd.GeoDataFrame) -> int:
    """Join by name within the village, then by name alone."""
    count = 0
    names = name_key(part.frame["name"])
    theirs = name_key(places["name"])
    for village in ("village_code", "village_name"):
        if village in part.frame and village in places:
            ours = names + "@" + part.frame[village].astype("str")
            other = theirs + "@" + places[village].astype("str")
            count += _fill(part, ours, places.set_axis(other))
    return count + _fill(part, names, places.set_axis(theirs))


def _fill(part: Part, keys: pd.Series, places: gpd.GeoDataFrame) -> int:
    """Fill in positions by key; keys that stand twice on either side do not join."""
    names = places.index
    places = places[names.notna() & ~names.duplicated(keep=False)]
    geometry = part.frame.geometry
    open_rows = geometry.isna() & keys.notna()
    single = ~keys.where(open_rows).duplicated(keep=False)
    found = open_rows & single & keys.isin(places.index)
    if not found.any():
        return 0
    values = geometry.to_numpy().copy()
    values[found.to_numpy()] = places.loc[keys[found]].geometry.to_numpy()
    part.frame = part.frame.set_geometry(values, crs=geometry.crs)
    return int(found.sum())


def _note_lacking(part: Part, lacking: np.ndarray, *, tried: bool) -> None:
    """Note every row that has no position, unless a finding says why."""
    said = part.ledger.noted(
        {"bad_coordinate", "zero_coordinate", "far_away", "wrong_geometry"}
    )
    rows = {row for row, _ in said}
    for at in lacking:
        if part.row(int(at)) in rows and not tried:
            continue
        name = part.frame["name"].iloc[at] if "name" in part.frame else None
        rule = "unmatched_place" if tried else "no_place"
        value = part.frame[part.layer.key].iloc[at] if pd.isna(name) else name
        part.note(rule, int(at), "name" if "name" in part.frame else None, value=value)


def fill_villages(
    part: Part,
    villages: gpd.GeoDataFrame,
    successors: Successors = NO_SUCCESSORS,
) -> None:
    """Fill in village and township codes from names, then from polygons.

    Parameters
    ----------
    part
        Its ``village_code`` and ``township_code`` are filled in.
    villages
        ``village_code``, ``name``, polygons where known, EPSG:4490.
    successors
        Which codes follow which: a divided village's rows go by position.
    """
    frame = part.frame
    if part.layer.name in {"villages", "townships"} or "village_code" not in frame:
        return
    codes = frame["village_code"].copy()
    inside = _village_at(frame, villages)
    codes = _codes_of_divided(part, codes, inside, successors=successors)
    _note_unknown(part, codes, villages, inside=inside, successors=successors)
    if "village_name" in frame:
        codes = _codes_by_name(part, codes, villages)
    lacking = codes.isna() & inside.notna()
    if lacking.any() and not part.layer.repeats:
        part.ledger.add("village_filled", count=int(lacking.sum()), basis="位置所在村")
        codes = codes.mask(lacking, inside)
    part.frame["village_code"] = codes.astype("str")
    known = villages.drop_duplicates("village_code").set_index("village_code")
    if "township_code" in frame and "township_code" in known:
        theirs = codes.map(known["township_code"]).astype("str")
        part.frame["township_code"] = frame["township_code"].fillna(theirs)


def _codes_of_divided(
    part: Part, codes: pd.Series, inside: pd.Series, *, successors: Successors
) -> pd.Series:
    """Take the village that a row lies in where its old code was divided."""
    shares = successors.shares
    divided = [
        one in shares and len(shares[one]) > 1 and where in shares[one]
        for one, where in zip(codes, inside, strict=True)
    ]
    if any(divided):
        basis = words()["basis"]["divided"]
        part.ledger.add("village_filled", count=sum(divided), basis=basis)
    filled: pd.Series = codes.mask(np.array(divided, dtype=bool), inside)
    return filled


def _note_unknown(
    part: Part,
    codes: pd.Series,
    villages: gpd.GeoDataFrame,
    *,
    inside: pd.Series,
    successors: Successors,
) -> None:
    """Note the codes that no village has, with the likeliest successor."""
    known = villages.dropna(subset="village_code").drop_duplicates("village_code")
    codes_known = tuple(known["village_code"])
    by_name = dict(zip(name_key(known["name"]), codes_known, strict=True))
    names = part.frame.get("village_name")
    named = [None] * len(codes) if names is None else name_key(names).tolist()
    said = words()["near"]
    for at in np.flatnonzero((codes.notna() & ~codes.isin(codes_known)).to_numpy()):
        code, place = codes.iloc[at], inside.iloc[at]
        if code in successors:
            hint = said["table"].format(codes=successors.words(code))
        elif named[at] in by_name:
            hint = said["name"].format(codes=by_name[named[at]])
        elif pd.notna(place):
            hint = said["place"].format(codes=place)
        else:
            close = _nearest_code(code, codes_known)
            hint = said["code"].format(codes=close) if close else ""
        part.note("unknown_village", int(at), "village_code", value=code, near=hint)


@lru_cache(maxsize=4096)
def _nearest_code(code: str, known: tuple[str, ...]) -> str:
    """Return the code that is most like this one; empty for none."""
    close = difflib.get_close_matches(code, known, n=1, cutoff=0.85)
    return close[0] if close else ""


def _codes_by_name(
    part: Part, codes: pd.Series, villages: gpd.GeoDataFrame
) -> pd.Series:
    """Take the village of that name where the code is of no village."""
    names = name_key(villages["name"])
    known = pd.Series(villages["village_code"].to_numpy(), index=names)
    known = known[known.index.notna() & ~known.index.duplicated(keep=False)]
    ours = name_key(part.frame["village_name"]).map(known)
    lacking = ~codes.isin(villages["village_code"]) & ours.notna()
    if lacking.any():
        part.ledger.add("village_filled", count=int(lacking.sum()), basis="村名")
    filled: pd.Series = codes.mask(lacking, ours)
    return filled


def _areas(villages: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the villages whose outline is known."""
    kinds = villages.geometry.geom_type
    return villages[kinds.isin(["Polygon", "MultiPolygon"])].reset_index(drop=True)


def _village_at(frame: gpd.GeoDataFrame, villages: gpd.GeoDataFrame) -> pd.Series:
    """Return the village that each row lies in, or whose point it stands at."""
    found = pd.Series(np.full(len(frame), None, dtype=object), index=frame.index)
    points = shapely.point_on_surface(frame.geometry.to_numpy())
    dots = villages[villages.geometry.geom_type.eq("Point")]
    rows, at = dots.sindex.query(points, predicate="intersects")
    found.iloc[rows] = dots["village_code"].to_numpy()[at]
    areas = _areas(villages)
    rows, at = areas.sindex.query(points, predicate="within")
    found.iloc[rows] = areas["village_code"].to_numpy()[at]
    return found


def check_villages(part: Part, villages: gpd.GeoDataFrame) -> None:
    """Check village codes against the list, and positions against outlines.

    Parameters
    ----------
    part
        Only its ledger changes.
    villages
        The list of villages, EPSG:4490.
    """
    if part.layer.name in {"villages", "townships"} or not part.has("village_code"):
        named = part.layer.name != "villages" and part.has("village_name")
        if not named:
            return
    column = "village_code" if part.has("village_code") else "village_name"
    _check_outlines(part, villages, column)


def _check_outlines(part: Part, villages: gpd.GeoDataFrame, column: str) -> None:
    """Note rows that lie outside the village they name."""
    areas = _areas(villages)
    frame = part.frame
    if areas.empty or not part.layer.geometry or part.layer.geometry[0] != "Point":
        return
    crs = metric_crs(areas)
    outline = areas.to_crs(crs).drop_duplicates("village_code")
    outline = outline.set_index("village_code")
    rows = frame[frame["village_code"].isin(outline.index) & ~frame.geometry.isna()]
    if rows.empty:
        return
    points = shapely.point_on_surface(rows.to_crs(crs).geometry.to_numpy())
    own = outline.loc[rows["village_code"]].geometry.to_numpy()
    metres = shapely.distance(points, own)
    where = _village_at(rows, villages)
    names = villages.drop_duplicates("village_code").set_index("village_code")["name"]
    index = rows.index.tolist()
    for at in np.flatnonzero(metres > _EDGE_M):
        code, found = rows["village_code"].iloc[at], where.iloc[at]
        part.note(
            *("outside_village", index[at], column),
            value=names.get(code, code),
            where=names.get(found, "各村范围之外"),
            metres=round(float(metres[at])),
        )
