"""What an evacuation plan is: frames that a planner can read, edit and check."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from riskmap.errors import PlanError, first_few
from riskmap.reasons import Reason

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["EXTRAS", "TABLES", "Plan"]

TABLES = (
    "groups",
    "assignments",
    "routes",
    "route_legs",
    "shelters",
    "closures",
    "ledger",
    "summary",
)
EXTRAS = (
    "calls", "early", "trips", "rescues", "assembly", "bed_shortages",
    "supply_shortages", "staying",
)  # fmt: skip

_ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Who goes where, by which road, by when, and who cannot and why.

    Every table has the column ``scenario``. Times are minutes, lengths metres,
    moments local ISO text; null = unknown. A plan whose sums do not close
    cannot be made.

    Parameters
    ----------
    groups
        The groups to be moved as given, one row each: ``group_id``,
        ``village_code``, ``village_name``, ``people``, ``category``,
        ``placement``, ``standing_in`` (the zones it stands in), geometry.
    assignments
        One row for each group: ``group_id``, ``people``, ``shelter_id``,
        ``shelter_name``, ``time_min``, ``length_m``, ``access_m``,
        ``departs_by``, ``reason``, ``backup_shelter_id``, ``backup_time_min``,
        and ``order_by``, ``lead_time_min``, ``placement``, ``queue_min`` with
        ``queue_road_id`` and ``queue_road_name`` (where the way is narrowest for
        those who use it), ``leave_within_min`` (minutes after the order until
        a road on the way closes; null: none does), ``suitable`` (whether the
        shelter suits people with special needs; null: not known, or none).
    routes
        ``route_id``, ``group_id``, ``shelter_id``, ``rank`` (1 primary, 2
        backup), ``mode``, ``length_m``, ``time_min``, ``shared_m``,
        ``source`` (``official`` or ``computed``), ``replaced`` (why an official
        one is not used), ``shared_roads`` (names of what a backup shares with
        the primary), geometry from the group to the shelter in the
        direction of travel.
    route_legs
        ``route_id``, ``seq``, ``road_id``, ``road_name``, ``turn`` (Chinese),
        ``length_m``, ``time_min``.
    shelters
        ``shelter_id``, ``name``, ``declared_people``, ``computed_people``,
        ``available_people``, ``assigned_people``, ``reason``, geometry.
    closures
        The pieces of road that are closed: ``cause``, ``zone_id``, and, where
        they close by the hour, ``closes_min`` and ``opens_min``; geometry.
    ledger
        People by township, village, category and placement: ``groups``,
        ``people``, ``people_min``, ``people_max``, ``placed_people``,
        ``unplaced_people``, ``unknown_groups`` (groups whose people are not known).
    summary
        One row: people, beds, cost, bound and the moments of the scenario.
    calls
        Every group in the order to call it, with who answers for it.
    early
        Groups whose only way may fail: the first to move.
    trips
        Trips of vehicles for those who cannot walk.
    rescues
        For groups that are ``cut_off``: where they can be fetched from.
    assembly
        Where groups gather.
    bed_shortages, supply_shortages
        What is short, and where.
    staying
        Groups that do not move at this level of response, with ``moves_at``.
    scenario
        The name of the scenario.
    assumptions
        Codes of what was assumed where no source gives it.

    Raises
    ------
    PlanError
        If a group has not exactly one assignment, or people in the groups are
        not people placed and people unplaced.
    """

    groups: gpd.GeoDataFrame
    assignments: pd.DataFrame
    routes: gpd.GeoDataFrame
    route_legs: pd.DataFrame
    shelters: gpd.GeoDataFrame
    closures: gpd.GeoDataFrame
    ledger: pd.DataFrame
    summary: pd.DataFrame
    calls: pd.DataFrame = field(default_factory=pd.DataFrame)
    early: pd.DataFrame = field(default_factory=pd.DataFrame)
    trips: pd.DataFrame = field(default_factory=pd.DataFrame)
    rescues: pd.DataFrame = field(default_factory=pd.DataFrame)
    assembly: pd.DataFrame = field(default_factory=pd.DataFrame)
    bed_shortages: pd.DataFrame = field(default_factory=pd.DataFrame)
    supply_shortages: pd.DataFrame = field(default_factory=pd.DataFrame)
    staying: pd.DataFrame = field(default_factory=pd.DataFrame)
    scenario: str = "default"
    assumptions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _insist_on_one_row_each(self.groups, self.assignments)
        _insist_on_sums(self)

    @property
    def placed_people(self) -> int:
        """People who have a place, in a shelter or by their own placement."""
        return _placed(self.assignments)

    @property
    def unplaced_people(self) -> int:
        """People who have none, each in a row with a reason."""
        return int(self.assignments["people"].sum()) - self.placed_people

    def __repr__(self) -> str:
        return (
            f"<Plan {self.scenario}: {len(self.groups)} groups, "
            f"{self.placed_people} people placed, {self.unplaced_people} not>"
        )

    def _repr_html_(self) -> str:
        """Show the sums, the reasons and the first assignments as tables."""
        reasons = (
            self.assignments.groupby("reason", sort=True)["people"]
            .agg(["size", "sum"])
            .rename(columns={"size": "groups", "sum": "people"})
            .reset_index()
        )
        first = self.assignments.drop(columns=["scenario"], errors="ignore")
        parts = [
            f"<p>{escape(repr(self))}</p>",
            _table(reasons),
            _table(first.head(_ROWS_SHOWN)),
        ]
        left = len(first) - _ROWS_SHOWN
        if left > 0:
            parts.append(f"<p>… {left} more rows in plan.assignments</p>")
        return "".join(parts)


def _table(frame: pd.DataFrame) -> str:
    """Render a small frame, escaped."""
    return frame.to_html(index=False, border=0, na_rep="", float_format="{:.1f}".format)


def _placed(assignments: pd.DataFrame) -> int:
    """Return the people whose reason is ``ok``."""
    return int(assignments.loc[assignments["reason"].eq(Reason.OK), "people"].sum())


def _insist_on_one_row_each(groups: pd.DataFrame, assignments: pd.DataFrame) -> None:
    """Raise unless each group has exactly one assignment, with a reason."""
    rows = assignments["group_id"].value_counts()
    expected = groups["group_id"].value_counts()
    if not rows.sort_index().equals(expected.sort_index()) or rows.gt(1).any():
        odd = rows.sub(expected, fill_value=0).loc[lambda n: n.ne(0)]
        twice = rows.index[rows.gt(1)]
        msg = (
            f"{len(odd) + len(twice)} groups have not exactly one assignment: "
            f"{first_few([*odd.index, *twice])}"
        )
        raise PlanError(msg)
    if assignments["reason"].isna().any():
        silent = assignments.loc[assignments["reason"].isna(), "group_id"]
        msg = f"{len(silent)} groups have no reason: {first_few(silent)}"
        raise PlanError(msg)


def _insist_on_sums(plan: Plan) -> None:
    """Raise unless groups, assignments, ledger and shelters agree in people."""
    people = int(plan.groups["people"].sum())
    ledger = plan.ledger
    in_shelters = plan.assignments.loc[plan.assignments["shelter_id"].notna(), "people"]
    for what, first, second in (
        ("groups and assignments", people, int(plan.assignments["people"].sum())),
        ("groups and ledger", people, int(ledger["people"].sum())),
        ("placed", plan.placed_people, int(ledger["placed_people"].sum())),
        ("unplaced", plan.unplaced_people, int(ledger["unplaced_people"].sum())),
        (
            "in shelters",
            int(in_shelters.sum()),
            int(plan.shelters["assigned_people"].sum()),
        ),
    ):
        if first != second:
            msg = f"the plan does not add up: {what}, {first} and {second} people"
            raise PlanError(msg)
