"""Which units reach whom, when: along roads and by the circle, point by point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from riskmap.coverage.circles import circle_pairs
from riskmap.coverage.units import units_of
from riskmap.reasons import Reason
from riskmap.routing import nearest, reach, travel_times

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from riskmap.coverage.scene import Scene
    from riskmap.routing import Network
    from riskmap.standards import Tier

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]

__all__ = ["Arrivals", "arrivals", "covered"]

_COUNTING = (str(Reason.OK), str(Reason.TURNOUT_TOO_LONG))


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """What a tier's units do for the points of a scene.

    Attributes
    ----------
    units
        From `units_of`.
    pairs
        ``unit, point, total_min``: along roads, travel within the limit.
    by_circle, by_road
        Which points enough units cover.
    short, spare
        Units still lacking along roads, and units more than are wanted, by point.
    first_unit, first_min
        The unit that arrives first, -1 and NaN where none does.
    reason
        ``ok`` at points covered by road, else why not.
    """

    units: gpd.GeoDataFrame
    pairs: pd.DataFrame
    by_circle: BoolArray
    by_road: BoolArray
    short: NDArray[np.int64]
    spare: NDArray[np.int64]
    first_unit: NDArray[np.int64]
    first_min: FloatArray
    reason: NDArray[np.object_]


def arrivals(
    scene: Scene, teams: gpd.GeoDataFrame, network: Network, *, tier: Tier
) -> Arrivals:
    """Time the units of a tier to every point of a scene.

    Parameters
    ----------
    scene
        Where people stand.
    teams
        The layer ``teams``, in the CRS of the scene.
    network
        Its own speeds time the travel.
    tier
        A tier that means ``arrive`` or ``joint``.

    Returns
    -------
    Arrivals
        A team's measured response replaces turnout and travel inside its own
        village, wherever roads lead.
    """
    units = units_of(teams, tier)
    strong = units["reason"].isin(_COUNTING).to_numpy(dtype=bool)
    pairs = _pairs(scene, units, network, limit_min=tier.limit_min)
    in_time = pairs[pairs["total_min"] <= tier.limit_min]
    there = _count(in_time[strong[in_time["unit"]]], scene)
    first_unit, first_min, reason = _first(
        scene, units, network, strong=strong, pairs=pairs
    )
    reason = _reasons(units, tier, first_unit=first_unit, reason=reason)
    short = np.maximum(0, tier.minimum_units - there)
    for code in (Reason.UNDER_STRENGTH, Reason.INSUFFICIENT_DATA):
        unsure = strong | units["reason"].isin([str(code)]).to_numpy(dtype=bool)
        enough = _count(in_time[unsure[in_time["unit"]]], scene) >= tier.minimum_units
        reason[enough] = str(code)
    reason[_team_without_place(scene, units)] = str(Reason.INSUFFICIENT_DATA)
    reason[short == 0] = str(Reason.OK)
    reason[~scene.placed] = str(Reason.INSUFFICIENT_DATA)
    return Arrivals(
        units=units,
        pairs=pairs,
        by_circle=_by_circle(scene, units, tier),
        by_road=short == 0,
        short=short,
        spare=np.maximum(0, there - tier.minimum_units),
        first_unit=first_unit,
        first_min=first_min,
        reason=reason,
    )


def covered(
    scene: Scene, units: gpd.GeoDataFrame, network: Network, *, tier: Tier
) -> BoolArray:
    """Tell the points that enough units reach in time along roads.

    Parameters
    ----------
    scene
        Where people stand.
    units
        From `units_of`.
    network, tier
        As in `arrivals`.

    Returns
    -------
    numpy.ndarray
        A boolean for each point of the scene.
    """
    strong = units["reason"].isin(_COUNTING).to_numpy(dtype=bool)
    pairs = _pairs(scene, units, network, limit_min=tier.limit_min)
    in_time = pairs[pairs["total_min"] <= tier.limit_min]
    there = _count(in_time[strong[in_time["unit"]]], scene)
    return np.asarray(there >= tier.minimum_units, dtype=bool)


def _by_circle(scene: Scene, units: gpd.GeoDataFrame, tier: Tier) -> BoolArray:
    """Tell the points that lie in the circles of enough units."""
    radii = np.array([tier.radius_m(minutes) for minutes in units["turnout_min"]])
    radii = np.where(units["reason"] == str(Reason.OK), radii, np.nan)
    point, _ = circle_pairs(scene.points, units, radii)
    count = np.bincount(point, minlength=len(scene.points))
    return np.asarray(count >= tier.minimum_units, dtype=bool)


def _pairs(
    scene: Scene, units: gpd.GeoDataFrame, network: Network, *, limit_min: float
) -> pd.DataFrame:
    """List the pairs of unit and point, with the minutes from the clock's start."""
    found = reach(
        network, units, scene.points, direction="from", limit_min=limit_min
    ).rename(columns={"facility": "unit", "place": "point"})
    unit = found["unit"].to_numpy(dtype=np.int64)
    point = found["point"].to_numpy(dtype=np.int64)
    travel = found["time_min"].to_numpy(dtype=float)
    far_unit, far_point = _measured_afar(
        scene, units, network, near=found, limit_min=limit_min
    )
    unit, point = np.r_[unit, far_unit], np.r_[point, far_point]
    travel = np.r_[travel, np.full(len(far_unit), np.nan)]
    measured = _measured(scene, units, unit=unit, point=point)
    total = travel + units["turnout_min"].to_numpy(dtype=float)[unit]
    total = np.where(np.isnan(measured), total, measured)
    return pd.DataFrame({"unit": unit, "point": point, "total_min": total})


def _measured(
    scene: Scene, units: gpd.GeoDataFrame, *, unit: NDArray, point: NDArray
) -> FloatArray:
    """Return the measured minutes of pairs inside one village, else NaN."""
    own = units["village_code"].to_numpy()[unit] == scene.codes_at_points()[point]
    return np.where(own, units["response_min"].to_numpy(dtype=float)[unit], np.nan)


def _measured_afar(
    scene: Scene,
    units: gpd.GeoDataFrame,
    network: Network,
    *,
    near: pd.DataFrame,
    limit_min: float,
) -> tuple[NDArray, NDArray]:
    """Return pairs inside one village that only the measured time brings in."""
    quick = units["response_min"].le(limit_min).to_numpy()
    at_home = (
        pd.Series(scene.codes_at_points()).groupby(scene.codes_at_points()).indices
    )
    mine = near[quick[near["unit"].to_numpy(dtype=np.int64)]]
    seen = set(zip(mine["unit"].tolist(), mine["point"].tolist(), strict=True))
    missing = [
        (one, at)
        for one in np.flatnonzero(quick).tolist()
        for at in at_home.get(units["village_code"].iloc[one], ())
        if scene.placed[at] and (one, at) not in seen
    ]
    if not missing:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    pairs = np.array(missing)
    some, others = np.unique(pairs[:, 0]), np.unique(pairs[:, 1])
    table = travel_times(network, units.loc[some], scene.points.loc[others])
    leads = np.isfinite(
        table.to_numpy()[
            np.searchsorted(some, pairs[:, 0]), np.searchsorted(others, pairs[:, 1])
        ]
    )
    return pairs[leads, 0], pairs[leads, 1]


def _first(
    scene: Scene,
    units: gpd.GeoDataFrame,
    network: Network,
    *,
    strong: BoolArray,
    pairs: pd.DataFrame,
) -> tuple[NDArray[np.int64], FloatArray, NDArray[np.object_]]:
    """Return the unit that arrives first at each point, when, or why none does."""
    size = len(scene.points)
    first: NDArray[np.int64] = np.full(size, -1, dtype=np.int64)
    minutes = np.full(size, np.nan)
    reason = np.full(size, str(Reason.NO_UNIT), dtype=object)
    if strong.any():
        near = nearest(
            network, scene.points, units[strong],
            direction="from", delay_min="turnout_min",
        )  # fmt: skip
        first[:] = near["facility"].astype("Int64").fillna(-1).to_numpy()
        minutes = near["time_min"].to_numpy(dtype=float).copy()
        reason = near["reason"].to_numpy(dtype=object).copy()
        some = np.flatnonzero(first >= 0)
        measured = _measured(scene, units, unit=first[some], point=some)
        minutes[some] = np.where(np.isnan(measured), minutes[some], measured)
    known = pairs[strong[pairs["unit"]]].sort_values(["total_min", "unit"])
    known = known.drop_duplicates("point")
    at = known["point"].to_numpy()
    sooner = ~(known["total_min"].to_numpy() >= minutes[at])
    first[at[sooner]] = known["unit"].to_numpy()[sooner]
    minutes[at[sooner]] = known["total_min"].to_numpy()[sooner]
    reason[at[sooner]] = str(Reason.OK)
    return first, minutes, reason


def _reasons(
    units: gpd.GeoDataFrame,
    tier: Tier,
    *,
    first_unit: NDArray[np.int64],
    reason: NDArray[np.object_],
) -> NDArray[np.object_]:
    """Say why a point is not covered, were no unit uncertain."""
    reason = reason.copy()
    counts = units["reason"].isin(_COUNTING).sum()
    if counts < tier.minimum_units:
        weak = units["reason"].eq(str(Reason.UNDER_STRENGTH)).sum()
        unsure = units["reason"].eq(str(Reason.INSUFFICIENT_DATA)).sum()
        code = (
            Reason.UNDER_STRENGTH
            if counts + weak >= tier.minimum_units
            else (Reason.INSUFFICIENT_DATA if unsure else Reason.NO_UNIT)
        )
        return np.full(len(reason), str(code), dtype=object)
    late = reason == str(Reason.OK)
    reason[late] = str(Reason.OVER_TIME)
    turnout = units["turnout_min"].to_numpy(dtype=float)
    slow = late & (turnout[first_unit] >= tier.limit_min)
    reason[slow] = str(Reason.TURNOUT_TOO_LONG)
    return reason


def _team_without_place(scene: Scene, units: gpd.GeoDataFrame) -> BoolArray:
    """Tell the points whose own village has a unit of unknown place."""
    nowhere = units.geometry.isna() | units.geometry.is_empty
    lost = set(units.loc[nowhere, "village_code"]) - {""}
    return np.isin(scene.codes_at_points(), sorted(lost))


def _count(pairs: pd.DataFrame, scene: Scene) -> NDArray[np.int64]:
    """Count the pairs of each point."""
    return np.bincount(pairs["point"], minlength=len(scene.points)).astype(np.int64)
