"""The room in shelters: declared, computed and available, kept apart.

One rule for the audit of shelters and for the evacuation plan, on plain frames
and without roads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from riskmap.errors import CrsError, StandardError
from riskmap.reasons import Reason
from riskmap.standards.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["hazards_at", "meant_for", "shelter_capacity", "shelter_profile"]

_UNKNOWN_HAZARD = ""
_ONE_SPOT_M, _ONE_SPOT_DEGREES = 2.0, 2.2e-5
"""How near two rows of one name are one shelter; project choice."""


def shelter_profile(name: str | None = None) -> Mapping[str, Any]:
    """Return the entry of ``shelters.toml`` that gives the area per person.

    Parameters
    ----------
    name
        A profile, for example ``"gb51143_short"``; None takes the default.

    Returns
    -------
    mapping
        ``label``, ``m2_per_person``, ``source`` and ``evidence``.

    Raises
    ------
    StandardError
        If no profile has this name.
    """
    table = read_table("shelters")
    profiles: Mapping[str, Mapping[str, Any]] = table["profiles"]
    chosen = str(table["default_profile"]) if name is None else name
    if chosen not in profiles:
        msg = f'no shelter profile "{chosen}"; there are {", ".join(profiles)}'
        raise StandardError(msg)
    return profiles[chosen]


def shelter_capacity(
    shelters: gpd.GeoDataFrame,
    *,
    zones: gpd.GeoDataFrame | None = None,
    hazards: Collection[str] | None = None,
    profile: str | None = None,
) -> pd.DataFrame:
    """Return how many people each shelter can take, and why not more.

    Available is 0 inside a hazard, and 0 where the shelter is not meant for
    one of the `hazards`; else the lesser of the known of declared and
    computed; null where neither is known. An area or a number of people that
    is missing or negative is unknown, not zero.

    Parameters
    ----------
    shelters
        Points, any CRS; ``declared_people``, ``effective_area_m2``,
        ``hazards`` and ``assessed`` are used where they are there.
    zones
        Polygons of danger in the CRS of `shelters`; the border counts as
        inside. None judges no place.
    hazards
        The hazards of the scenario, for example ``{"台风", "滑坡"}``: zones of
        other hazards do not count (zones that name none always do), and a
        shelter must be meant for each. None counts every zone and takes every
        shelter as meant for it.
    profile
        Which area per person computes the capacity; None takes the default of
        ``shelters.toml``.

    Returns
    -------
    pandas.DataFrame
        The index of `shelters`; ``declared_people``, ``computed_people``,
        ``available_people`` (Int64, null = unknown) and ``reason``:
        ``shelter_at_risk``, ``wrong_hazard_type``, ``insufficient_data``,
        ``full`` (no room at all), ``no_assessment`` (the building is recorded
        as not assessed; its room is counted all the same) or ``ok``.

    Raises
    ------
    CrsError
        If `zones` have another CRS than `shelters`.
    StandardError
        If no profile has this name.

    Notes
    -----
    Whether a shelter stands in danger cannot be told without its place: given
    `zones`, a shelter without geometry has unknown room. Where two rows name
    one shelter at one spot, the one with more room counts and the room of the
    other is unknown, since the same beds may stand in the census twice.
    """
    each = float(shelter_profile(profile)["m2_per_person"])
    declared = _known(shelters, "declared_people")
    computed = np.floor(_known(shelters, "effective_area_m2") / each)
    available = np.fmin(declared, computed)
    reason = np.where(available == 0, Reason.FULL, _unassessed(shelters)).astype(object)
    placed = ~(shelters.geometry.isna() | shelters.geometry.is_empty).to_numpy()
    if zones is not None:
        available[~placed] = np.nan
    available[_said_before(shelters, available)] = np.nan
    reason[np.isnan(available)] = Reason.INSUFFICIENT_DATA
    for barred, code in (
        (~meant_for(shelters, hazards or ()), Reason.WRONG_HAZARD_TYPE),
        (hazards_at(shelters, zones, hazards=hazards).ne(""), Reason.SHELTER_AT_RISK),
    ):
        available[barred] = 0
        reason[barred] = code
    people = {
        "declared_people": declared,
        "computed_people": computed,
        "available_people": available,
    }
    table = pd.DataFrame(people, index=shelters.index).astype("Int64")
    return table.assign(reason=[str(code) for code in reason])


def _said_before(
    shelters: gpd.GeoDataFrame, available: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which rows name a shelter that another row at the spot names already."""
    again = np.zeros(len(shelters), dtype=bool)
    if "name" not in shelters:
        return again
    near = _ONE_SPOT_M
    if shelters.crs is not None and shelters.crs.is_geographic:
        near = _ONE_SPOT_DEGREES
    places = shelters.geometry.to_numpy()
    names = shelters["name"].reset_index(drop=True)
    shared = names[names.notna() & names.duplicated(keep=False)]
    for rows in shared.groupby(shared).indices.values():
        spots = shared.index.to_numpy()[rows]
        order = spots[np.argsort(-np.nan_to_num(available[spots]), kind="stable")]
        for rank, row in enumerate(order):
            others = [one for one in order[:rank] if not again[one]]
            away = shapely.distance(places[others], places[row])
            again[row] = bool((away <= near).any())
    return again


def hazards_at(
    places: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame | None,
    *,
    hazards: Collection[str] | None = None,
) -> pd.Series:
    """Return the hazards inside whose zones each place stands.

    Parameters
    ----------
    places
        Any geometry, any CRS.
    zones
        Polygons in the same CRS, with ``hazard`` where it is known; the border
        counts as inside. None = nowhere.
    hazards
        Count only zones of these hazards, and zones that name none.

    Returns
    -------
    pandas.Series
        Text on the index of `places`: hazards joined by ``、``, ``不明`` for a
        zone that names none; empty outside all zones and for unknown places.

    Raises
    ------
    CrsError
        If the two frames have different CRS or none.
    """
    found: list[set[str]] = [set() for _ in range(len(places))]
    if zones is not None and len(zones):
        _insist_on_one_crs(places, zones)
        kinds = _hazard_names(zones)
        tree = shapely.STRtree(zones.geometry.to_numpy())
        at, zone = tree.query(places.geometry.to_numpy(), predicate="intersects")
        for row, kind in zip(at, kinds[zone], strict=True):
            if hazards is None or kind in hazards or kind == _UNKNOWN_HAZARD:
                found[row].add(kind or "不明")
    text = ["、".join(sorted(names)) for names in found]
    return pd.Series(text, index=places.index, dtype=object)


def _hazard_names(zones: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the hazard of each zone, empty where it is not known."""
    if "hazard" not in zones:
        return np.full(len(zones), _UNKNOWN_HAZARD, dtype=object)
    named = zones["hazard"].astype(object)
    return named.where(named.notna(), _UNKNOWN_HAZARD).astype(str).to_numpy()


def _insist_on_one_crs(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> None:
    """Raise unless both frames have one and the same CRS."""
    if first.crs is None or second.crs is None or first.crs != second.crs:
        msg = (
            f"shelters and zones need one CRS, but have {first.crs} and {second.crs}; "
            "bring them together with frame.to_crs(...)"
        )
        raise CrsError(msg)


def _known(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Return a column as floats, NaN where it is missing, no number or negative."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(
        dtype=float, na_value=np.nan
    )
    return np.where(np.isfinite(values) & (values >= 0), values, np.nan)


def _unassessed(shelters: pd.DataFrame) -> NDArray[np.object_]:
    """Return ``no_assessment`` where a building is recorded as not assessed."""
    if "assessed" not in shelters:
        return np.full(len(shelters), Reason.OK, dtype=object)
    no = shelters["assessed"].isin([False]).to_numpy(dtype=bool)
    return np.where(no, Reason.NO_ASSESSMENT, Reason.OK)


def meant_for(shelters: pd.DataFrame, hazards: Collection[str]) -> NDArray[np.bool_]:
    """Tell which shelters are meant for all hazards, or do not say.

    Parameters
    ----------
    shelters
        Any table, with ``hazards`` as the census writes it.
    hazards
        The hazards asked for; ``hazard_words`` of ``shelters.toml`` says which
        words of the census stand for each.

    Returns
    -------
    numpy.ndarray
        A boolean a row; True where the census does not say.
    """
    fits = np.ones(len(shelters), dtype=bool)
    if "hazards" not in shelters:
        return fits
    words: Mapping[str, list[str]] = read_table("shelters")["hazard_words"]
    text = shelters["hazards"].astype("string").str.strip()
    silent = (text.isna() | text.eq("")).fillna(value=True).to_numpy(dtype=bool)
    for hazard in hazards:
        accepted = [*words["any"], *words.get(hazard, [hazard])]
        named = text.fillna("").map(
            lambda one, accepted=accepted: any(word in one for word in accepted)
        )
        fits &= silent | named.to_numpy(dtype=bool)
    return fits
