"""When everybody must be there, when to leave, and when to give the order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmap.errors import PlanError
from riskmap.standards.tables import is_assumed, read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LeadTime", "read_rules", "walks_at_night"]


def read_rules(path: str | Path | None = None) -> Mapping[str, Any]:
    """Read the rules of lead time and preference.

    Parameters
    ----------
    path
        A TOML file with the tables of ``riskmap/evacuation/rules.toml``; None
        reads that file.

    Returns
    -------
    mapping
        ``deadline``, ``night``, ``chain`` and ``preference``, each with
        ``source`` and ``evidence``.

    Raises
    ------
    StandardError
        If the file cannot be read, or a number in it names no source.
    """
    shipped = Path(str(resources.files("riskmap.evacuation") / "rules.toml"))
    return read_table(shipped if path is None else Path(path))


def walks_at_night(hour: time, rules: Mapping[str, Any]) -> bool:
    """Tell whether it is dark for walkers at an hour.

    Parameters
    ----------
    hour
        Local time.
    rules
        As `read_rules` returns them: ``night_walk``.

    Returns
    -------
    bool
        True from the beginning of the night, that minute included, to its end.
    """
    begins = time.fromisoformat(rules["night_walk"]["begins"])
    ends = time.fromisoformat(rules["night_walk"]["ends"])
    return not ends <= hour < begins


@dataclass(frozen=True, slots=True)
class LeadTime:
    """The clock of one scenario; without an arrival time it sets no limit.

    Parameters
    ----------
    arrives_at
        When the hazard arrives, local time; None = not known.
    as_of
        When the warning goes out at the earliest, local time; None = no limit.
    rules
        As `read_rules` returns them.
    """

    arrives_at: datetime | None
    as_of: datetime | None
    rules: Mapping[str, Any]

    @property
    def chain_min(self) -> float:
        """Minutes of warning, 叫应 and gathering, before anybody walks."""
        chain = self.rules["chain"]
        return float(chain["warning_min"] + chain["call_min"] + chain["gathering_min"])

    @property
    def deadline(self) -> datetime | None:
        """The moment by which everybody has arrived; None without an arrival.

        Three hours before the hazard, and by 18:00 of the evening before a
        hazard that arrives at night: the evening on which that night begins.
        """
        if self.arrives_at is None:
            return None
        rule = self.rules["deadline"]
        ahead = timedelta(minutes=float(rule["before_arrival_min"]))
        evening = self._evening(time.fromisoformat(rule["by_evening"]))
        moments = [self.arrives_at - ahead, *([evening] if evening else [])]
        return min(moments)

    @property
    def walk_limit_min(self) -> float:
        """Minutes that are left for the way itself; inf without a limit."""
        deadline = self.deadline
        if deadline is None or self.as_of is None:
            return float("inf")
        left = (deadline - self.as_of).total_seconds() / 60.0
        return left - self.chain_min

    def departs_by(self, way_min: float) -> str | None:
        """Return the last minute to leave for a way of `way_min` minutes."""
        return self._before(way_min)

    def order_by(self, way_min: float) -> str | None:
        """Return the last minute to send out the warning."""
        return self._before(way_min + self.chain_min)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Codes of the tables whose numbers no norm gives."""
        used = ("deadline", "night", "chain") if self.arrives_at else ()
        return tuple(
            f"lead_time.{name}" for name in used if is_assumed(self.rules[name])
        )

    def _before(self, minutes: float) -> str | None:
        """Return the deadline less some minutes, floored to the minute."""
        if self.deadline is None:
            return None
        moment = self.deadline - timedelta(minutes=minutes)
        return moment.replace(second=0, microsecond=0).isoformat(timespec="minutes")

    def _evening(self, hour: time) -> datetime | None:
        """Return the evening before a hazard that arrives at night."""
        if self.arrives_at is None:
            return None
        begins = time.fromisoformat(self.rules["night"]["begins"])
        ends = time.fromisoformat(self.rules["night"]["ends"])
        moment = self.arrives_at.time()
        if ends <= moment < begins:
            return None
        day = self.arrives_at.date()
        if moment < ends:
            day -= timedelta(days=1)
        return datetime.combine(day, hour)


def moment_of(value: str | date | datetime | None, name: str) -> datetime | None:
    """Read a local moment; a date is the start of that day.

    Parameters
    ----------
    value
        ISO text, a date, a naive datetime, or None.
    name
        What the moment is called in the message.

    Returns
    -------
    datetime.datetime or None
        Local time without a zone.

    Raises
    ------
    PlanError
        If the text is not ISO, or a zone is given.
    """
    if value is None:
        return None
    try:
        moment = (
            value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        )
    except ValueError as error:
        msg = f'{name} = {value!r} is no local time; write "2026-08-01T14:00"'
        raise PlanError(msg) from error
    if moment.tzinfo is not None:
        msg = f"{name} = {value!r} names a time zone; write local time without one"
        raise PlanError(msg)
    return moment
