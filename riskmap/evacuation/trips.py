"""Vehicles for those who cannot walk: trips, seats and minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.errors import LayerError, first_few
from riskmap.evacuation.demand import has_place
from riskmap.reasons import Reason
from riskmap.routing import travel_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from riskmap.evacuation.case import Case
    from riskmap.routing import Network

    FloatArray = NDArray[np.float64]

__all__ = ["TRIP_COLUMNS", "Fleet", "fleet_of", "riders_of", "vehicle_trips"]

TRIP_COLUMNS = (
    *("trip_id", "vehicle_id", "group_id", "shelter_id", "riders", "seats"),
    *("leaves_min", "boards_min", "arrives_min", "drive_min", "reason"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """Vehicles, one by one.

    Parameters
    ----------
    ids
        A name for each.
    seats
        Seats of each.
    depots
        Where each stands at first; null where nobody knows.
    """

    ids: tuple[str, ...]
    seats: tuple[int, ...]
    depots: gpd.GeoSeries


def fleet_of(vehicles: pd.DataFrame, crs: Any) -> Fleet:  # noqa: ANN401
    """Count out the vehicles.

    Parameters
    ----------
    vehicles
        ``seats``, perhaps ``vehicle_id`` or ``name`` and ``count`` (1); as a
        GeoDataFrame with where they stand.
    crs
        The CRS wanted.

    Returns
    -------
    Fleet
        In the order given.

    Raises
    ------
    LayerError
        If seats are missing, or seats or counts are no positive whole numbers.
    """
    if "seats" not in vehicles:
        msg = "vehicles have no column seats; how many can ride in each?"
        raise LayerError(msg)
    table = vehicles.reset_index(drop=True)
    counts = pd.to_numeric(
        table.get("count", pd.Series(1, index=table.index)), errors="coerce"
    )
    seats = pd.to_numeric(table["seats"], errors="coerce")
    bad = ~(seats.ge(1) & counts.ge(1) & seats.mod(1).eq(0) & counts.mod(1).eq(0))
    if bad.any():
        rows = first_few(table.index[bad])
        msg = f"{int(bad.sum())} vehicles have seats or count below 1: rows {rows}"
        raise LayerError(msg)
    places: Any = [None] * len(table)
    if isinstance(table, gpd.GeoDataFrame):
        places = table.geometry.to_crs(crs).to_numpy()
    labels = table.get("vehicle_id", table.get("name", pd.Series(table.index)))
    each = [(row, nth) for row in range(len(table)) for nth in range(int(counts[row]))]
    return Fleet(
        tuple(f"{labels[row]}-{nth + 1}" for row, nth in each),
        tuple(int(seats[row]) for row, _ in each),
        gpd.GeoSeries([places[row] for row, _ in each], crs=crs),
    )


def riders_of(groups: pd.DataFrame, classes: Sequence[str]) -> pd.Series:
    """Return how many of each group cannot walk; null where nobody counted them.

    Parameters
    ----------
    groups
        With the columns of `classes`, null = unknown.
    classes
        The columns of people who cannot walk.

    Returns
    -------
    pandas.Series
        Int64, at most the people of the group.
    """
    parts = [groups[name].astype("Int64") for name in classes]
    total = sum(parts[1:], start=parts[0])
    people = groups["people"].astype("Int64")
    return total.where(~(total > people).fillna(value=False), people)


class _Schedule:
    """Vehicles on their way: when each is free, and where it stands then."""

    def __init__(
        self, fleet: Fleet, times: Mapping[str, FloatArray], rules: Mapping[str, Any],
        *, starts_min: float, ready_min: float,
    ) -> None:  # fmt: skip
        self.fleet, self.times, self.rules = fleet, times, rules
        self.ready_min = ready_min
        self.free = np.full(len(fleet.ids), starts_min)
        self.at = np.full(len(fleet.ids), -1, dtype=np.int64)

    def trips(self, group: int, shelter: int, riders: int) -> list[dict[str, Any]]:
        """Send vehicles until all riders are fetched; the first to be back goes."""
        drive = float(self.times["loaded"][group, shelter])
        out: list[dict[str, Any]] = []
        while riders > 0:
            near = np.where(
                self.at < 0, self.times["depot"][:, group],
                self.times["empty"][self.at, group],
            )  # fmt: skip
            board = np.maximum(self.free + near, self.ready_min)
            one = int(np.lexsort((-np.array(self.fleet.seats), board))[0])
            if not np.isfinite(board[one] + drive):
                return []
            arrives = float(board[one]) + float(self.rules["load_min"]) + drive
            taken = min(riders, self.fleet.seats[one])
            out.append(
                {
                    "vehicle_id": self.fleet.ids[one],
                    "riders": taken,
                    "seats": self.fleet.seats[one],
                    "leaves_min": float(board[one] - near[one]),
                    "boards_min": float(board[one]),
                    "arrives_min": arrives,
                    "drive_min": drive,
                }
            )
            self.free[one] = arrives + float(self.rules["unload_min"])
            self.at[one] = shelter
            riders -= taken
        return out


def vehicle_trips(
    case: Case,
    shelter: NDArray[np.int64],
    *,
    vehicles: pd.DataFrame,
    drive: Network,
    order: Sequence[int],
    reasons: pd.Series,
    rules: Mapping[str, Any],
) -> pd.DataFrame:
    """Send vehicles for those who cannot walk, in the order of the calls.

    Parameters
    ----------
    case
        What the plan is made of.
    shelter
        The position of each group's shelter, -1 for none.
    vehicles
        As `fleet_of` takes them. One whose place is not known is taken to
        stand at the first group it is sent to.
    drive
        The roads that vehicles may use, hazards closed.
    order
        Positions of the groups, the first to be fetched first; those of own
        placement need no vehicle of the plan.
    reasons
        Why each group is placed, or is not.
    rules
        ``rules.toml``.

    Returns
    -------
    pandas.DataFrame
        A row a trip: ``riders`` of ``group_id``, never more than ``seats``;
        minutes since the order: ``leaves_min`` empty, ``boards_min`` at the
        group, ``arrives_min`` at the shelter. Groups whose riders nobody
        fetches have one row without vehicle, and why: ``insufficient_data``
        (nobody counted them), ``no_unit``, ``cut_off`` for vehicles, or the
        group's own reason; ``over_time`` marks trips that arrive too late.

    Raises
    ------
    LayerError
        If seats are missing or below 1.
    """
    fleet = fleet_of(vehicles, case.groups.crs)
    rule, chain = rules["vehicles"], rules["chain"]
    riders = riders_of(case.groups, rule["classes"])
    schedule = _Schedule(
        fleet, _times(case, fleet, drive), rule,
        starts_min=float(chain["warning_min"]), ready_min=case.clock.chain_min,
    )  # fmt: skip
    latest = case.limit_min + case.clock.chain_min
    rows: list[dict[str, Any]] = []
    for group in order:
        count, there = riders.iloc[group], int(shelter[group])
        known = not pd.isna(count)
        if known and int(count) == 0:
            continue
        made = []
        if known and there >= 0 and fleet.ids:
            made = schedule.trips(group, there, int(count))
        for trip in made:
            late = trip["arrives_min"] > latest
            trip["reason"] = str(Reason.OVER_TIME if late else Reason.OK)
        why = _why_none(count, str(reasons.iloc[group]), fleet)
        plain = _ends(case, group, there)
        rows += [plain | trip for trip in made or [{"riders": count, "reason": why}]]
    table = pd.DataFrame(rows, columns=list(TRIP_COLUMNS))
    table["trip_id"] = [f"T{number:04d}" for number in range(1, len(table) + 1)]
    figures = ["leaves_min", "boards_min", "arrives_min", "drive_min"]
    return table.astype(
        {"riders": "Int64", "seats": "Int64", **dict.fromkeys(figures, float)}
    )


def _ends(case: Case, group: int, shelter: int) -> dict[str, Any]:
    """Return the ids of a group and of its shelter, None where it has none."""
    there = case.shelters["shelter_id"].iloc[shelter] if shelter >= 0 else None
    return {"group_id": case.groups["group_id"].iloc[group], "shelter_id": there}


def _why_none(count: Any, reason: str, fleet: Fleet) -> str:  # noqa: ANN401
    """Return why nobody fetches the riders of a group."""
    if reason != Reason.OK:
        return reason
    if pd.isna(count):
        return str(Reason.INSUFFICIENT_DATA)
    return str(Reason.CUT_OFF if fleet.ids else Reason.NO_UNIT)


def _times(case: Case, fleet: Fleet, drive: Network) -> dict[str, FloatArray]:
    """Return the minutes of vehicles: from depots, loaded, and empty back."""
    here, there = has_place(case.groups), has_place(case.shelters)
    groups = case.groups[here][["geometry"]].reset_index(drop=True)
    shelters = case.shelters[there][["geometry"]].reset_index(drop=True)
    loaded = np.full((len(here), len(there)), np.inf)
    empty = np.full((len(there), len(here)), np.inf)
    depot = np.zeros((len(fleet.ids), len(here)))
    if here.any() and there.any():
        loaded[np.ix_(here, there)] = _minutes(drive, groups, shelters)
        empty[np.ix_(there, here)] = _minutes(drive, shelters, groups)
    known = (~fleet.depots.isna()).to_numpy(dtype=bool)
    if known.any() and here.any():
        stands = gpd.GeoDataFrame(geometry=fleet.depots[known]).reset_index(drop=True)
        depot[known] = np.inf
        depot[np.ix_(known, here)] = _minutes(drive, stands, groups)
    return {"loaded": loaded, "empty": empty, "depot": depot}


def _minutes(
    network: Network, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame
) -> FloatArray:
    """Return minutes, inf where there is no way."""
    table = travel_times(network, origins, destinations).to_numpy(float)
    return np.where(np.isnan(table), np.inf, table)
