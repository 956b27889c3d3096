"""Row rules about sense: dates in order, sums that can be, places told apart.

Each looks at one layer alone. Thresholds are in rules.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from riskmap.census.ledger import rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from riskmap.census.part import Part

__all__ = ["check_sense"]

_TOTALS = ("people", "population", "members_people")
_DISJOINT = ("children_people", "elderly_people")
_ORDER = (("checked_on", "rectified_on"), ("checked_on", "due_on"))
_PLANNED = frozenset(["due_on"])


def check_sense(part: Part, *, as_of: pd.Timestamp | None) -> None:
    """Apply the rules about sense that the layer has the columns for.

    Parameters
    ----------
    part
        Only its ledger changes.
    as_of
        The day after which nothing can have happened; None leaves that out.
    """
    rules: tuple[Callable[[Part], None], ...] = (
        *(_order, _classes, _households, _areas, _deputies),
        *(_codes, _phones, _stacked, _coarse),
    )
    for one in rules:
        one(part)
    if as_of is not None:
        _future(part, as_of)


def _where(condition: pd.Series | NDArray[np.bool_]) -> list[int]:
    """Return the rows where a condition is known to hold."""
    plain = pd.Series(condition).fillna(value=False).to_numpy(dtype=bool)
    return [int(at) for at in np.flatnonzero(plain)]


def _future(part: Part, as_of: pd.Timestamp) -> None:
    """Note dates of what is past that lie after the census."""
    for field in part.layer.fields.values():
        if field.type != "date" or field.name in _PLANNED or not part.has(field.name):
            continue
        days = part.frame[field.name]
        for at in _where(days > as_of):
            value = days.iloc[at].date().isoformat()
            part.note("future_date", at, field.name, value=value)


def _order(part: Part) -> None:
    """Note days of remedy before the day of the inspection."""
    for before, after in _ORDER:
        if not (part.has(before) and part.has(after)):
            continue
        first, second = part.frame[before], part.frame[after]
        for at in _where(second < first):
            words = {
                "value": second.iloc[at].date().isoformat(),
                "before": first.iloc[at].date().isoformat(),
                "other": part.layer[before].label,
            }
            part.note("date_order", at, after, **words)


def _total(part: Part) -> str | None:
    """Return the column that counts everybody."""
    return next((one for one in _TOTALS if part.has(one)), None)


def _classes(part: Part) -> None:
    """Note children and elderly who together outnumber all."""
    name = _total(part)
    if name is None or not all(part.has(one) for one in _DISJOINT):
        return
    children, elderly = (part.frame[one] for one in _DISJOINT)
    everyone = part.frame[name]
    alone = (children > everyone) | (elderly > everyone)
    for at in _where((children + elderly > everyone) & ~alone):
        together = int(children.iloc[at] + elderly.iloc[at])
        words = {"value": together, "total": int(everyone.iloc[at])}
        part.note("classes_exceed_total", at, _DISJOINT[0], **words)


def _households(part: Part) -> None:
    """Note households of a size that no village has."""
    name = _total(part)
    if name is None or not part.has("households"):
        return
    known = rule("household_size")
    people = part.frame[name].astype("Float64")
    each = people / part.frame["households"].astype("Float64")
    wrong = (each < known["least"]) | (each > known["most"])
    for at in _where(wrong & (people > 0)):
        words = {
            "value": int(part.frame["households"].iloc[at]),
            "total": int(people.iloc[at]),
            "each": f"{each.iloc[at]:.1f}",
        }
        part.note("household_size", at, "households", **words)


def _areas(part: Part) -> None:
    """Note an effective area larger than the place has."""
    if not part.has("effective_area_m2"):
        return
    frame = part.frame
    indoors = frame["place_kind"].eq("室内").fillna(value=False).to_numpy(dtype=bool)
    indoor, site = frame["indoor_area_m2"], frame["site_area_m2"]
    whole = site.fillna(0).combine(indoor.fillna(0), max)
    whole = indoor.where(indoors & (indoor > 0), whole)
    area = frame["effective_area_m2"]
    for at in _where((area > whole) & (whole > 0)):
        words = {"value": f"{area.iloc[at]:g}", "total": f"{whole.iloc[at]:g}"}
        part.note("area_mismatch", at, "effective_area_m2", **words)


def _deputies(part: Part) -> None:
    """Note rows with an A but no B, where the table has a column for B."""
    if not (part.has("responsible_a") and part.has("responsible_b")):
        return
    a, b = part.frame["responsible_a"], part.frame["responsible_b"]
    for at in _where(a.notna() & b.isna()):
        part.note("no_deputy", at, "responsible_b", value=None)


def _codes(part: Part) -> None:
    """Note villages whose code begins with that of another township."""
    if not (part.has("village_code") and part.has("township_code")):
        return
    digits = rule("township_mismatch")["digits"]
    village, township = part.frame["village_code"], part.frame["township_code"]
    known = village.notna() & township.notna()
    for at in _where(known & (village.str[:digits] != township.str[:digits])):
        words = {"value": township.iloc[at], "village": village.iloc[at]}
        part.note("township_mismatch", at, "township_code", **words)


def _phones(part: Part) -> None:
    """Note one telephone under several names."""
    for phone, person in (
        *(("phone_a", "responsible_a"), ("phone_b", "responsible_b")),
        *(("phone", "name"), ("phone", "head")),
    ):
        if not (part.has(phone) and part.has(person)):
            continue
        known = part.frame[[phone, person]].dropna()
        others = known.groupby(phone)[person].transform("nunique")
        shared = known[others > 1]
        first = shared.groupby(phone, sort=False)[person].transform("first")
        for at in shared.index[shared[person] != first].tolist():
            words = {"value": known.loc[at, phone], "other": first.loc[at]}
            part.note("shared_phone", at, phone, **words)


def _points(part: Part) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows that are points, and their coordinates in degrees."""
    shapes = part.frame.geometry.to_numpy()
    rows = np.flatnonzero(shapely.get_type_id(shapes) == 0)
    return rows, shapely.get_coordinates(shapes[rows])


def _stacked(part: Part) -> None:
    """Note different objects at exactly one position."""
    if part.layer.name not in rule("stacked_points")["layers"]:
        return
    rows, xy = _points(part)
    place = pd.DataFrame(xy).set_axis(rows)
    first: dict[tuple[float, ...], int] = {}
    for at in place.index[place.duplicated(keep=False)].tolist():
        earlier = first.setdefault(tuple(place.loc[at]), at)
        if earlier != at:
            name = part.frame["name"].iloc[at] if "name" in part.frame else None
            words = {"value": name, "first": part.row(earlier)}
            part.note("stacked_points", at, _place_column(part), **words)


def _coarse(part: Part) -> None:
    """Note positions written with too few decimals of a degree."""
    rows, xy = _points(part)
    least = rule("low_precision")["least_decimals"]
    few = np.abs(xy - np.round(xy, least - 1)) < 1e-10  # noqa: PLR2004
    for at in np.flatnonzero(few.all(axis=1)) if len(xy) else ():
        words = {"value": f"{xy[at, 0]:.6g}, {xy[at, 1]:.6g}", "least": least}
        part.note("low_precision", int(rows[at]), _place_column(part), **words)


def _place_column(part: Part) -> str | None:
    """Return the column that positions come from; None for a geometry."""
    return next((one for one in ("lon", "x", "lonlat") if part.has(one)), None)
