"""Rules for calls, vehicles, landing places, shortages and ranges of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from riskmap.evacuation.frames import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskmap.evacuation.facts import Broken, Facts

__all__ = ["check_extras"]

_LEVELS = ("IV", "III", "II", "I")
_MINUTES, _METRES, _SHARE = 0.05, 2.0, 0.01
_FASTEST_KMH = 120.0


def check_extras(facts: Facts) -> Iterator[Broken]:
    """Check what a plan says beside who goes where, as far as it says it.

    Parameters
    ----------
    facts
        One scenario.

    Yields
    ------
    tuple
        Rule, object, value, message of each rule that is broken.
    """
    rules = (
        _ranges, _levels, _calls, _vehicles, _riders, _landing, _beds_short,
        _supplies_short, _shared_beds, _shared_roads,
    )  # fmt: skip
    for rule in rules:
        yield from rule(facts)


def _ranges(facts: Facts) -> Iterator[Broken]:
    """People lie within their range, and the ledger's ranges are the groups'."""
    for table, frame in (("groups", facts.groups), ("ledger", facts.ledger)):
        if not {"people_min", "people_max"} <= set(frame.columns):
            continue
        low, high = (frame[f"people_{end}"].astype("Float64") for end in ("min", "max"))
        people = frame["people"].astype("Float64")
        off = ((people < low) | (people > high)).fillna(value=False)
        for row in np.flatnonzero(off):
            name = str(frame["group_id"].iloc[row]) if table == "groups" else table
            yield "ranges", name, np.nan, "people lie outside their range"
    if not {"people_min", "people_max"} <= set(facts.ledger.columns):
        return
    for end in ("people_min", "people_max"):
        own = facts.groups.get(end, facts.groups["people"]).astype("Float64")
        total = int(own.fillna(facts.groups["people"].astype("Float64")).sum())
        stated = int(facts.ledger[end].sum())
        if stated != total:
            yield "ranges", "ledger", stated - total, f"{end} is not that of the groups"


def _levels(facts: Facts) -> Iterator[Broken]:
    """Who moves does so at this level or a lower one, and who stays does not."""
    level = facts.summary.get("level", pd.Series([None])).iloc[0]
    staying = facts.extras.get("staying")
    if not isinstance(level, str) or staying is None:
        return
    rank = _LEVELS.index(level)
    for moves, frame in ((True, facts.groups), (False, staying)):
        for row in records(frame):
            due = _LEVELS.index(row.moves_at) <= rank
            if due != moves:
                words = "moves too early" if moves else "stays, but is to move"
                yield "level", str(row.group_id), np.nan, f"{words} at level {level}"
    both = set(facts.groups["group_id"]) & set(staying["group_id"])
    for group in sorted(map(str, both)):
        yield "level", group, np.nan, "both moves and stays"


def _calls(facts: Facts) -> Iterator[Broken]:
    """Everybody is called once, those who cannot make it first."""
    calls = facts.extras.get("calls")
    if calls is None or not len(calls.columns):
        return
    counts = calls["group_id"].value_counts()
    for group in facts.assignments["group_id"]:
        if int(counts.get(group, 0)) != 1:
            yield "calls", str(group), int(counts.get(group, 0)), "not called once"
    if list(calls["seq"]) != list(range(1, len(calls) + 1)):
        yield "calls", "calls", np.nan, "not numbered one by one"
    late = calls["reason"].eq("over_time").to_numpy(dtype=bool)
    if late.any() and not late[: late.sum()].all():
        yield "calls", "calls", int(late.sum()), "over_time is not first on the list"
    by = dict(zip(facts.assignments["group_id"], facts.assignments["order_by"],
                  strict=True))  # fmt: skip
    for row in records(calls):
        told = by.get(row.group_id)
        if isinstance(told, str) and row.call_by != told:
            yield "calls", str(row.group_id), np.nan, "called at another time"


def _vehicles(facts: Facts) -> Iterator[Broken]:
    """No vehicle has more riders than seats, or is in two places at once."""
    trips = facts.extras.get("trips")
    if trips is None or not len(trips):
        return
    made = trips[trips["vehicle_id"].notna()]
    for row in records(made):
        code = str(row.trip_id)
        if row.riders > row.seats:
            yield "seats", code, row.riders - row.seats, f"{row.seats} seats"
        if row.boards_min < row.leaves_min - _MINUTES or (
            row.arrives_min < row.boards_min + row.drive_min - _MINUTES
        ):
            yield "trips", code, np.nan, "its minutes do not follow each other"
    for vehicle, mine in made.groupby("vehicle_id"):
        rows = mine.sort_values("leaves_min", kind="stable")
        early = rows["leaves_min"].to_numpy()[1:] - rows["arrives_min"].to_numpy()[:-1]
        if (early < -_MINUTES).any():
            late = float(-early.min())
            yield "trips", str(vehicle), late, "on two trips at once"
        if rows["seats"].ne(rows["seats"].iloc[0]).any():
            yield "seats", str(vehicle), np.nan, "its seats change from trip to trip"


def _riders(facts: Facts) -> Iterator[Broken]:
    """Riders are fetched to the shelter of their group, and are of it."""
    trips = facts.extras.get("trips")
    if trips is None or not len(trips):
        return
    sent = facts.assignments.set_index("group_id")["shelter_id"]
    places = dict(zip(facts.groups["group_id"], facts.groups["geometry"], strict=True))
    beds = dict(
        zip(facts.shelters["shelter_id"], facts.shelters["geometry"], strict=True)
    )
    for row in records(trips[trips["vehicle_id"].notna()]):
        if sent.get(row.group_id) != row.shelter_id:
            yield "trips", str(row.trip_id), np.nan, "to another shelter than its group"
            continue
        crow = places[row.group_id].distance(beds[row.shelter_id])
        least = float(crow) / (_FASTEST_KMH * 1000 / 60)
        if row.drive_min < least - _MINUTES:
            yield "trips", str(row.trip_id), least, "faster than any vehicle"
    riders = trips.groupby("group_id")["riders"].sum()
    people = facts.groups.set_index("group_id")["people"]
    weak = facts.groups.set_index("group_id")["disabled_people"].fillna(0).to_dict()
    for group, count in riders.to_dict().items():
        if count > people.get(group, 0):
            yield "riders", str(group), int(count), "more riders than people"
        elif count < weak.get(group, 0):
            left = int(weak[group] - count)
            yield "riders", str(group), left, "people who cannot walk are left out"


def _landing(facts: Facts) -> Iterator[Broken]:
    """Who is cut off is fetched from the nearest landing place, or none is known."""
    rescues = facts.extras.get("rescues")
    if rescues is None or not len(rescues.columns):
        return
    cut = facts.assignments.loc[facts.assignments["reason"].eq("cut_off"), "group_id"]
    for group in sorted(set(map(str, cut)) ^ set(map(str, rescues["group_id"]))):
        yield "landing", group, np.nan, "cut off and landing places do not agree"
    here = dict(zip(facts.groups["group_id"], facts.groups["geometry"], strict=True))
    known = rescues["reason"].isin(["ok", "shelter_at_risk"])
    for row in records(rescues[known]):
        start, place = here.get(row.group_id), row.geometry
        if start is None or place is None:
            yield "landing", str(row.group_id), np.nan, "no place, but called ok"
            continue
        crow = float(start.distance(place))
        slack = _METRES + _SHARE * crow
        straight = str(row.straight_line) in {"True", "1", "1.0"}
        off = row.distance_m - crow
        if (straight and abs(off) > slack) or off < -slack:
            yield "landing", str(row.group_id), float(off), "distance_m is wrong"
        if straight and pd.notna(row.time_min):
            yield "landing", str(row.group_id), row.time_min, "minutes without a path"
        yield from _nearer(facts, row, start, crow=crow, straight=straight)


def _nearer(
    facts: Facts,
    row: Any,  # noqa: ANN401
    start: shapely.Point,
    *,
    crow: float,
    straight: bool,
) -> Iterator[Broken]:
    """Say where another landing place is nearer as the crow flies."""
    spots = facts.landing
    if spots is None or not straight:
        return
    danger = shapely.union_all(facts.zones)
    safe = spots[~shapely.intersects(spots, danger)]
    pool = safe if len(safe) else spots
    near = float(np.min(shapely.distance(pool, start), initial=np.inf))
    if crow > near + _METRES:
        yield "landing", str(row.group_id), crow - near, "another one is nearer"


def _beds_short(facts: Facts) -> Iterator[Broken]:
    """Beds that are short are those of the groups that found every shelter full."""
    table = facts.extras.get("bed_shortages")
    if table is None or not len(table.columns):
        return
    full = facts.assignments[facts.assignments["reason"].eq("full")]
    off = int(table["short_people"].sum()) - int(full["people"].fillna(0).sum())
    if off:
        yield "shortages", "beds", off, "not the people of the groups that are full"


def _supplies_short(facts: Facts) -> Iterator[Broken]:
    """Supplies that are short are what is needed less what is there."""
    table = facts.extras.get("supply_shortages")
    if table is None or not len(table):
        return
    people = facts.shelters.set_index("shelter_id")["assigned_people"]
    for row in records(table):
        code = f"{row.shelter_id} {row.item}"
        if int(people.get(row.shelter_id, 0)) != int(row.people):
            yield "shortages", code, np.nan, "for other people than are sent there"
        if pd.isna(row.stock) != pd.isna(row.short):
            yield "shortages", code, np.nan, "an unknown stock leaves the lack unknown"
        elif pd.notna(row.stock):
            off = float(row.short) - max(float(row.needed) - float(row.stock), 0.0)
            if abs(off) > _MINUTES:
                yield "shortages", code, off, "short is not needed less stock"


def _shared_beds(facts: Facts) -> Iterator[Broken]:
    """Two entries for one building do not take people twice."""
    rows = facts.shelters[facts.shelters["name"].notna()]
    for name, same in rows.groupby("name"):
        places = same["geometry"].to_numpy()
        if len(same) == 1 or any(one is None for one in places):
            continue
        if float(np.max(shapely.distance(places, places[0]))) > _METRES:
            continue
        room = int(same["available_people"].fillna(0).max())
        people = int(same["assigned_people"].sum())
        if people > room:
            yield "shared_beds", str(name), people - room, "one building, used twice"


def _shared_roads(facts: Facts) -> Iterator[Broken]:
    """Backups share with their primary what they say."""
    first = facts.routes[facts.routes["rank"].eq(1)]
    lines = dict(zip(first["group_id"], first["geometry"], strict=True))
    for row in records(facts.routes[facts.routes["rank"].eq(2)]):
        main = lines.get(row.group_id)
        if main is None:
            yield "backup", str(row.route_id), np.nan, "a backup without a primary"
            continue
        shared = float(row.geometry.intersection(main.buffer(1.0)).length)
        off = float(row.shared_m) - shared
        if abs(off) > _METRES + _SHARE * shared:
            yield "backup", str(row.route_id), off, "shared_m is not what it shares"
