"""Ids: every accepted row gets one of its own; a made id is a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import pandas as pd

    from riskmap.census.part import Part

__all__ = ["find_namesakes", "identify"]

_LEAST_KNOWN = 2
_METRES_PER_DEGREE = 111_000.0  # along a meridian; less along a parallel


def identify(part: Part) -> None:
    """Give every row an id; set aside what repeats one or says nothing.

    Parameters
    ----------
    part
        Changed in place: ``key`` filled, rows moved to the quarantine.

    Notes
    -----
    A row with neither id nor name nor position nor two other known cells is an
    ``empty_row``. A row whose id and name stood before is a ``duplicate_id``
    and set aside; with another name it is kept under an id of its own.
    """
    _set_aside_empty(part)
    _note_missing(part)
    _make_ids(part)
    if not part.layer.repeats:
        _separate_ids(part)


def _name_of(part: Part) -> pd.Series:
    """Return the column that names rows of the layer."""
    known = ("name", "object_name", "head", "owner")
    frame = part.frame
    return frame[next((one for one in known if one in frame), part.layer.key)]


def _set_aside_empty(part: Part) -> None:
    """Set aside rows that say nothing one could use."""
    frame = part.frame
    known = frame.drop(columns="geometry").notna().sum(axis=1)
    empty = (
        frame[part.layer.key].isna()
        & _name_of(part).isna()
        & frame.geometry.isna()
        & (known < _LEAST_KNOWN)
    ).to_numpy()
    for at in np.flatnonzero(empty):
        part.note("empty_row", int(at), None)
    if empty.any():
        part.set_aside(empty, "empty_row")


def _note_missing(part: Part) -> None:
    """Note blank cells of required columns that the source has."""
    noted = {
        (row, column)
        for row, column in part.ledger.noted(
            {"bad_number", "bad_code", "bad_phone", "bad_date", "unknown_code"}
            | {"unit_mismatch"}
        )
    }
    rows = part.origin["row"].to_numpy()
    for one in part.layer.fields.values():
        if not (one.required and part.has(one.name)):
            continue
        for at in np.flatnonzero(part.frame[one.name].isna().to_numpy()):
            if (int(rows[at]), part.heading(one.name)) not in noted:
                part.note("missing_required", int(at), one.name)


def _make_ids(part: Part) -> None:
    """Make ids from names where the source gives none."""
    key, frame = part.layer.key, part.frame
    lacking = frame[key].isna().to_numpy()
    if not lacking.any():
        return
    stem = key.removesuffix("_id").removesuffix("_code")
    rows = part.origin["row"].astype("str")
    by_row = stem + "-" + rows
    names = _name_of(part)
    lines = part.layer.geometry[:1] == ("LineString",)
    made = by_row if lines or names.name == key else names.fillna(by_row)
    village = next(
        (one for one in ("village_code", "village_name") if part.has(one)), key
    )
    twice = made.duplicated(keep=False) & frame[village].notna()
    if village != key:
        made = made.mask(twice, made + "@" + frame[village].astype("str"))
    ids = frame[key].mask(lacking, made.astype("str"))
    part.frame[key] = _numbered(ids, lacking)
    label = part.layer[key].label
    part.ledger.add("made_id", column=label, label=label, count=int(lacking.sum()))


def _numbered(ids: pd.Series, changeable: np.ndarray) -> pd.Series:
    """Append -2, -3, … to ids that stood before, where they may be changed."""
    if not (ids.duplicated(keep=False).to_numpy() & changeable).any():
        return ids
    taken = set(ids[~changeable])
    result = ids.tolist()
    for at in np.flatnonzero(changeable):
        number, candidate = 1, result[at]
        while candidate in taken:
            number += 1
            candidate = f"{result[at]}-{number}"
        taken.add(candidate)
        result[at] = candidate
    fresh: pd.Series = ids.copy()
    fresh[:] = result
    return fresh


def _separate_ids(part: Part) -> None:
    """Deal with rows that carry the id of an earlier row."""
    ids = part.frame[part.layer.key]
    again = ids.duplicated().to_numpy()
    if not again.any():
        return
    first = dict(zip(ids[::-1], part.frame.index[::-1], strict=True))
    names = _name_of(part).fillna("").to_numpy()
    repeated = np.zeros(len(ids), dtype=bool)
    for at in np.flatnonzero(again):
        earlier = first[ids.iloc[at]]
        repeated[at] = names[at] == names[earlier]
        done = "名称也相同，已移入隔离表" if repeated[at] else "名称不同，已另行编号"
        part.note(
            *("duplicate_id", int(at), part.layer.key),
            value=ids.iloc[at],
            first=part.row(int(earlier)),
            done=done,
        )
    part.frame[part.layer.key] = _numbered(ids, again & ~repeated)
    if repeated.any():
        part.set_aside(repeated, "duplicate_id")


def find_namesakes(part: Part, *, metres: float = 30.0) -> None:
    """Note rows of one village with one name and nearly one position.

    Parameters
    ----------
    part
        Only its ledger changes.
    metres
        How near is nearly one position.
    """
    frame = part.frame
    if part.layer.repeats or "name" not in frame or not len(frame):
        return
    keys = ["name", *(["village_code"] if "village_code" in frame else [])]
    if part.layer.key in keys:
        return
    same = frame[frame["name"].notna() & ~frame.geometry.isna()]
    same = same[same.duplicated(keys, keep=False)]
    first = same.groupby(keys, dropna=False, sort=False)["name"].transform(
        lambda names: names.index[0]
    )
    shapes = frame.geometry.to_numpy()
    at, earlier = same.index.to_numpy(), first.to_numpy(dtype=int)
    apart = shapely.distance(shapes[at], shapes[earlier]) * _METRES_PER_DEGREE
    for row in np.flatnonzero((apart <= metres) & (at != earlier)):
        part.note(
            *("duplicate_name", int(at[row]), "name"),
            value=same["name"].iloc[row],
            first=part.row(int(earlier[row])),
            metres=round(float(apart[row])),
        )
