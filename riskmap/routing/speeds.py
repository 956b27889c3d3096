"""Who may use which road in a mode, and how fast on the level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmap.errors import NetworkError, first_few
from riskmap.routing.findings import finding
from riskmap.routing.slopes import walking_speed
from riskmap.standards import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

__all__ = ["MODES", "Pace", "road_speeds", "walking_pace"]

MODES = ("walk", "drive", "emergency")
_CLOSED_ACCESS = {"no", "private", "agricultural;forestry;no"}
_OPEN_ACCESS = {"yes", "designated", "permissive", "destination", "public"}


@dataclass(frozen=True, slots=True)
class Pace:
    """How the people who walk walk."""

    slope: str
    factor: float

    @property
    def level_kmh(self) -> float:
        """Return the speed on a level road."""
        return float(walking_speed(0.0, function=self.slope)) * 3.6 * self.factor

    @property
    def offroad_kmh(self) -> float:
        """Return the speed off the road."""
        return self.level_kmh / float(read_table("walking")["offroad"]["divisor"])


def walking_pace(*, slope: str, group: str, night: bool, rain: bool) -> Pace:
    """Combine the slope function and the factors of group, night and rain."""
    table = read_table("walking")
    groups = table["group"]["factor"]
    if group not in groups:
        msg = f'no group of people "{group}"; there are {", ".join(groups)}'
        raise NetworkError(msg)
    factor = float(groups[group])
    factor *= float(table["night"]["factor"]) if night else 1.0
    factor *= float(table["rain"]["factor"]) if rain else 1.0
    walking_speed(0.0, function=slope)
    return Pace(slope, factor)


def road_speeds(
    roads: pd.DataFrame, *, mode: str, speeds: Mapping[str, float] | None, pace: Pace
) -> tuple[FloatArray, list[dict[str, str]]]:
    """Return the level speed of every road, km/h, NaN where the mode may not go."""
    table = _classes(mode, pace)
    if speeds is not None:
        wrong = [one for one, kmh in speeds.items() if not 0 < float(kmh) < np.inf]
        if wrong:
            msg = f"speeds must be above 0 km/h and finite: {first_few(wrong)}"
            raise NetworkError(msg)
        table |= {name: float(kmh) for name, kmh in speeds.items()}
    classes = roads["road_class"]
    kmh: FloatArray = np.array([table.get(one, np.nan) for one in classes], float)
    unknown = np.isnan(kmh) & ~classes.isin(_known()).to_numpy()
    words = read_table("speeds")["unknown"]
    walking = mode == "walk"
    kmh[unknown] = (
        words["walk_factor"] * pace.level_kmh if walking else words["drive_kmh"]
    )
    if not walking:
        kmh = _by_grade(roads, kmh, speeds)
    kmh[~_may_use(roads, mode)] = np.nan
    return kmh, [
        finding("unknown_class", row=road, value=name)
        for road, name in zip(roads["road_id"][unknown], classes[unknown], strict=True)
    ]


def _classes(mode: str, pace: Pace) -> dict[str, float]:
    """Return the speed of each class that a mode may use."""
    if mode == "walk":
        factors = read_table("walking")["classes"]["factor"]
        return {name: pace.level_kmh * one for name, one in factors.items()}
    table = read_table("speeds")
    kmh = {name: float(one) for name, one in table["drive"]["kmh"].items()}
    if mode == "emergency":
        kmh |= {name: float(one) for name, one in table["emergency"]["kmh"].items()}
    return kmh


def _known() -> set[str]:
    """Return every class that some mode knows, or that all ignore."""
    speeds, walking = read_table("speeds"), read_table("walking")
    return {
        *speeds["drive"]["kmh"], *speeds["emergency"]["kmh"],
        *walking["classes"]["factor"], *walking["not_on_foot"]["classes"],
        *speeds["ignored"]["classes"],
    }  # fmt: skip


def _by_grade(
    roads: pd.DataFrame, kmh: FloatArray, speeds: Mapping[str, float] | None
) -> FloatArray:
    """Let technical grade and surface refine the speed of vehicles."""
    table = read_table("speeds")
    grades = np.array([_grade_speed(one) for one in roads["technical_grade"]])
    chosen = roads["road_class"].isin(list(speeds or ())).to_numpy()
    kmh = np.where(np.isfinite(grades) & np.isfinite(kmh) & ~chosen, grades, kmh)
    factors: dict[Any, float] = table["surface"]["factor"]
    factor = roads["surface"].map(factors).to_numpy(float, na_value=np.nan)
    return kmh * np.where(np.isfinite(factor), factor, 1.0)


def _grade_speed(grade: str | None) -> float:
    """Return the speed of a technical grade, however it is suffixed; NaN if none."""
    if grade is None:
        return np.nan
    table = read_table("speeds")["technical_grade"]["kmh"]
    for suffix in ("", "公路"):
        if grade.removesuffix(suffix) in table:
            return float(table[grade.removesuffix(suffix)])
    return np.nan


def _may_use(roads: pd.DataFrame, mode: str) -> NDArray[np.bool_]:
    """Tell which roads the access tags leave open to a mode."""
    closed = roads["access"].isin(_CLOSED_ACCESS)
    if mode == "walk":
        own = roads["foot"]
        closed = roads["access"].isin({"no"})
    elif mode == "drive":
        own = roads["motor_vehicle"].where(
            roads["motor_vehicle"].notna(), roads["vehicle"]
        )
    else:
        return np.ones(len(roads), dtype=bool)
    shut = (closed & ~own.isin(_OPEN_ACCESS)) | own.isin(_CLOSED_ACCESS)
    return np.asarray(~shut.to_numpy(bool), dtype=bool)
