"""Rescue teams as units of a tier: which count, how strong, how soon they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.errors import LayerError
from riskmap.reasons import Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmap.standards import Tier

__all__ = ["known_numbers", "texts", "units_of"]


def known_numbers(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Return a column as floats, NaN where missing, no number, or negative.

    Parameters
    ----------
    frame
        Any table.
    column
        Its column; a missing column is all NaN.

    Returns
    -------
    numpy.ndarray
        Floats, one a row.
    """
    if column not in frame:
        return np.full(len(frame), np.nan)
    values = pd.to_numeric(frame[column], errors="coerce")
    floats: NDArray[np.float64] = values.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(floats) & (floats >= 0), floats, np.nan)


def texts(frame: pd.DataFrame, column: str) -> NDArray[np.object_]:
    """Return a column as text, empty where it is missing.

    Parameters
    ----------
    frame
        Any table.
    column
        Its column; a missing column is all empty.

    Returns
    -------
    numpy.ndarray
        Stripped texts, one a row.
    """
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    values = frame[column].astype(object)
    return values.where(values.notna(), "").astype(str).str.strip().to_numpy()


def units_of(teams: gpd.GeoDataFrame, tier: Tier) -> gpd.GeoDataFrame:
    """Return the teams that a tier may count, and why some do not.

    Parameters
    ----------
    teams
        The layer ``teams``, any CRS.
    tier
        The tier that names the kinds, the members and the turnout.

    Returns
    -------
    geopandas.GeoDataFrame
        The teams whose kind the tier names or that name no kind, on the index
        0, 1, 2, …: ``team_id, name, village_code, members`` (NaN = unknown),
        ``turnout_min`` (the team's own, else the tier's; NaN = unknown),
        ``turnout_assumed``, ``response_min`` (measured, NaN = none) and
        ``reason``: ``ok``, ``under_strength``, ``turnout_too_long`` (nothing
        of the limit is left), or ``insufficient_data`` (kind or needed members
        unknown, or no place although the tier needs one).

    Raises
    ------
    LayerError
        If `teams` have no ``team_id``.
    """
    if "team_id" not in teams:
        msg = "teams have no column team_id; give every team an id of its own"
        raise LayerError(msg)
    silent, fits = _kinds(teams, tier)
    chosen = teams[silent | fits]
    night = tier.roster == "night"
    members = known_numbers(
        chosen, "night_members_people" if night else "members_people"
    )
    own = known_numbers(chosen, "turnout_min")
    usual = np.nan if tier.turnout_min is None else tier.turnout_min
    columns = {
        "team_id": texts(chosen, "team_id"),
        "name": texts(chosen, "name"),
        "village_code": texts(chosen, "village_code"),
        "members": members,
        "turnout_min": np.where(np.isnan(own), usual, own),
        "turnout_assumed": np.isnan(own) & ("turnout_min" in tier.assumed),
        "response_min": np.where(
            (measured := known_numbers(chosen, "response_min")) > 0, measured, np.nan
        ),
        "kind_unknown": silent[silent | fits],
    }
    units = gpd.GeoDataFrame(
        columns, geometry=chosen.geometry.to_numpy(), crs=chosen.crs
    )
    units["reason"] = _reasons(units, tier)
    return units


def _kinds(teams: pd.DataFrame, tier: Tier) -> tuple[NDArray[np.bool_], ...]:
    """Tell the teams that name no kind, and those of a kind the tier counts."""
    silent = np.zeros(len(teams), dtype=bool)
    if not tier.unit_kinds and not tier.unit_kinds_except:
        return silent, ~silent
    kinds = texts(teams, "kind")
    silent = kinds == ""
    fits = [
        any(word in kind for word in tier.unit_kinds or ("",))
        and not any(word in kind for word in tier.unit_kinds_except)
        for kind in kinds
    ]
    return silent, np.asarray(fits, dtype=bool) & ~silent


def _reasons(units: gpd.GeoDataFrame, tier: Tier) -> list[str]:
    """Say of each unit whether the tier may count it."""
    least = tier.minimum_members
    members, turnout = units["members"], units["turnout_min"]
    reasons = pd.Series(str(Reason.OK), index=units.index, dtype=object)
    starts = tier.meaning == "start"
    late = turnout.gt(tier.limit_min) if starts else turnout.ge(tier.limit_min)
    reasons[late] = str(Reason.TURNOUT_TOO_LONG)
    reasons[members.lt(1 if least is None else least)] = str(Reason.UNDER_STRENGTH)
    unknown = units["kind_unknown"] | turnout.isna()
    if least is not None:
        unknown |= members.isna()
    if not starts:
        unknown |= units.geometry.isna() | units.geometry.is_empty
    reasons[unknown] = str(Reason.INSUFFICIENT_DATA)
    return reasons.tolist()
