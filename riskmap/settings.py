"""riskmap.toml: what a project says about its sources, scenarios and products.

Unknown keys are errors that name the nearest known one, since a misspelt key
would otherwise be a setting that silently does nothing.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (pydantic reads the annotations)
import difflib
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pydantic

from riskmap.census.database import is_address, shown
from riskmap.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "PROJECT_FILE",
    "ConditionSettings",
    "NetworkSettings",
    "PreferenceSettings",
    "ProjectSettings",
    "PublishSettings",
    "QuotaSettings",
    "RunSettings",
    "ScenarioSettings",
    "Settings",
    "SourceSettings",
    "StandardSettings",
    "VehicleSettings",
    "read_settings",
]

PROJECT_FILE = "riskmap.toml"
_UNKNOWN = "extra_forbidden"
_STORES = ("geopackage", "geoparquet")


class _Table(pydantic.BaseModel):
    """A table of riskmap.toml: closed to unknown keys, and not to be changed."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True)


class ProjectSettings(_Table):
    """``[project]``: whose data this is, and of which day."""

    name: str
    as_of: dt.date
    crs: str = "EPSG:4490"
    edition: Literal["public", "internal"] = "public"
    fictional: bool = False
    store: str = "geopackage"
    version: str | None = None
    producer: str | None = None
    source: str | None = None
    review_number: str | None = None
    notes: tuple[str, ...] = ()

    @pydantic.field_validator("store")
    @classmethod
    def _is_store(cls, value: str) -> str:
        """Refuse a store that does not exist."""
        if value in _STORES or is_address(value):
            return value
        msg = f'store is "{value}"; it can be {", ".join(_STORES)} or postgresql://…'
        raise ValueError(msg)

    @pydantic.field_serializer("store")
    def _without_password(self, value: str) -> str:
        """Say where the store is, and no password."""
        return shown(value)


class SourceSettings(_Table):
    """``[sources.LAYER]``: where one layer is, and what the file does not say."""

    path: str
    sheet: str | None = None
    crs: str | None = None
    columns: dict[str, str] = {}
    encoding: str | None = None
    places: str | None = None
    shift: Literal["gcj02", "bd09"] | None = None
    where: str | None = None
    assumed: dict[str, str | int | float | bool] = {}
    breaks: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    empty_people: float | None = pydantic.Field(default=None, ge=0)

    @pydantic.field_serializer("path", "places")
    def _without_password(self, value: str | None) -> str | None:
        """Say where the source is, and no password."""
        return None if value is None else shown(value)


class NetworkSettings(_Table):
    """``[network]``: how people and vehicles move."""

    modes: tuple[Literal["walk", "drive", "emergency"], ...] = ("walk", "drive")
    speeds: dict[str, float] = {}
    dem: str | tuple[str, ...] = ()
    tolerance_m: float = pydantic.Field(default=0.5, ge=0)
    slope: str = "campbell_2019_p05"
    group: str = "adult"
    night: bool = False
    rain: bool = False

    @property
    def dem_paths(self) -> tuple[str, ...]:
        """The DEM files as a tuple, however they were given."""
        return (self.dem,) if isinstance(self.dem, str) else self.dem


class StandardSettings(_Table):
    """``[standards]``: by which rules teams, shelters and villages are audited."""

    rescue: tuple[str, ...] = ("three_minute", "135_taizhou")
    shelters: str | None = None
    capability: str | None = None
    response: str | None = None


class ConditionSettings(_Table):
    """``[scenario.NAME.conditions]``: what slows walkers, beside ``[network]``."""

    night: bool = False
    rain: bool = False
    hour: dt.time | None = None


class VehicleSettings(_Table):
    """``[[scenario.NAME.vehicles]]``: what fetches those who cannot walk."""

    name: str
    seats: int = pydantic.Field(ge=1)
    count: int = pydantic.Field(default=1, ge=1)
    stand: tuple[float, float] | None = None


class PreferenceSettings(_Table):
    """``[scenario.NAME.preference]``: by how many minutes a shelter is farther."""

    other_village_min: float | None = pydantic.Field(default=None, ge=0)
    other_township_min: float | None = pydantic.Field(default=None, ge=0)
    unsuitable_min: float | None = pydantic.Field(default=None, ge=0)


class ScenarioSettings(_Table):
    """``[scenario.NAME]``: which hazards, when, under which conditions."""

    title: str | None = None
    hazards: tuple[str, ...] = ("risk_zones", "flood_zones")
    depth: str | None = None
    depth_limit_m: float = pydantic.Field(default=0.3, gt=0)
    level: Literal["I", "II", "III", "IV"] | None = None
    arrives_at: dt.datetime | None = None
    max_time_min: float | None = pydantic.Field(default=None, gt=0)
    conditions: ConditionSettings = ConditionSettings()
    hazard_point_grades: tuple[str, ...] = ()
    hazard_point_radius_m: float = pydantic.Field(default=50.0, gt=0)
    closing: str | None = None
    warned_at: dt.datetime | None = None
    modes: tuple[Literal["walk", "bus"], ...] = ("walk",)
    vehicles: tuple[VehicleSettings, ...] = ()
    pinned: dict[str, str] = {}
    preference: PreferenceSettings | None = None
    previous: str | None = None
    max_moves: int = pydantic.Field(default=0, ge=0)


class PublishSettings(_Table):
    """``[publish]``: which scenario goes to the wall, and how it looks."""

    scenario: str | None = None
    page: Literal["A4", "A3", "A1", "A0"] = "A3"
    officials: Literal["full", "masked", "none"] = "full"
    base_url: str | None = None
    brief: str | None = None
    base: str | None = None
    base_datum: Literal["cgcs2000", "gcj02"] = "cgcs2000"
    style: str | None = None
    previous: str | None = None


class QuotaSettings(_Table):
    """``[[run.quota]]``: places that a shelter keeps for another unit."""

    shelter_id: str
    unit: str
    people: int = pydantic.Field(gt=0)


class RunSettings(_Table):
    """``[run]``: how many workers, or which scheduler; how a run is split."""

    workers: int | None = pydantic.Field(default=None, ge=1)
    scheduler: str | None = None
    memory: str | None = pydantic.Field(default=None, pattern=r"^\d+(\.\d+)?[GM]B$")
    unit: Literal["county", "township"] | None = None
    projects: tuple[str, ...] = ()
    names: dict[str, str] = {}
    quota: tuple[QuotaSettings, ...] = ()


class Settings(_Table):
    """All of riskmap.toml."""

    project: ProjectSettings
    sources: dict[str, SourceSettings] = {}
    network: NetworkSettings = NetworkSettings()
    standards: StandardSettings = StandardSettings()
    scenario: dict[str, ScenarioSettings] = {}
    publish: PublishSettings = PublishSettings()
    run: RunSettings = RunSettings()

    @property
    def wall_scenario(self) -> str | None:
        """The scenario of the wall maps: the one named, else the first."""
        return self.publish.scenario or next(iter(self.scenario), None)


def read_settings(path: str | Path) -> tuple[Path, Settings]:
    """Read a project file.

    Parameters
    ----------
    path
        A folder with ``riskmap.toml``, or that file.

    Returns
    -------
    tuple of pathlib.Path and Settings
        The project file, and what it says.

    Raises
    ------
    ProjectError
        If there is no such file, it is not TOML in UTF-8, a key is unknown or
        missing, or a value is not of its kind; the message names file and key.
    """
    file = Path(path)
    file = file / PROJECT_FILE if file.is_dir() else file
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        msg = f"{file} does not exist; `riskmap init DIR` makes a new project"
        raise ProjectError(msg) from error
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror or error}"
        raise ProjectError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{file} is not TOML in UTF-8: {error}"
        raise ProjectError(msg) from error
    return file, _validated(file, raw)


def _validated(file: Path, raw: dict[str, Any]) -> Settings:
    """Turn parsed TOML into settings, and the first fault into one clear line."""
    try:
        settings = Settings.model_validate(raw)
    except pydantic.ValidationError as error:
        faults = sorted(error.errors(), key=lambda one: one["type"] != _UNKNOWN)
        msg = f"{file}: {_explain(faults[0])}"
        raise ProjectError(msg) from error
    if not (settings.sources or settings.run.projects):
        msg = f'{file}: key "sources" is missing'
        raise ProjectError(msg)
    wall = settings.publish.scenario
    if wall is not None and wall not in settings.scenario:
        there = ", ".join(settings.scenario) or "none"
        msg = f'{file}: [publish] scenario = "{wall}" is not among the scenarios: '
        raise ProjectError(msg + there)
    return settings


def _explain(fault: Any) -> str:  # noqa: ANN401 (pydantic's own untyped dict)
    """Say in one line which key is wrong, and what was meant or expected."""
    place = [str(part) for part in fault["loc"]]
    key = ".".join(place)
    if fault["type"] == _UNKNOWN:
        known = _known_keys(place[:-1])
        near = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.5)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"
        return f'unknown key "{key}"; {hint}'
    if fault["type"] == "missing":
        return f'key "{key}" is missing'
    return f'key "{key}": {fault["msg"][:1].lower()}{fault["msg"][1:]}'


def _known_keys(place: Iterable[str]) -> list[str]:
    """Return the keys that the table at this place may hold."""
    model: type[pydantic.BaseModel] = Settings
    tables: dict[str, type[pydantic.BaseModel]] = {
        "project": ProjectSettings,
        "sources": SourceSettings,
        "network": NetworkSettings,
        "standards": StandardSettings,
        "scenario": ScenarioSettings,
        "publish": PublishSettings,
        "run": RunSettings,
        "quota": QuotaSettings,
        "conditions": ConditionSettings,
        "vehicles": VehicleSettings,
        "preference": PreferenceSettings,
    }
    for part in place:
        model = tables.get(part, model)
    return list(model.model_fields)
