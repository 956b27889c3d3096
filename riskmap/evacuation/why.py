"""Why a group has no shelter: the first reason, in order, that explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskmap.reasons import Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]

__all__ = ["reasons_for"]


def reasons_for(
    minutes: FloatArray,
    people: FloatArray,
    *,
    limit_min: float,
    capacity: FloatArray,
    at_risk: BoolArray,
    wrong_type: BoolArray,
    access: NDArray[np.object_],
) -> NDArray[np.object_]:
    """Explain why groups that want a shelter would get none.

    The reasons, in order: the group itself (no people or place known, no road
    near, no way to it but through a hazard); no road leads to any shelter
    (``cut_off``); every shelter in reach stands in a hazard
    (``shelter_at_risk``), or those outside are meant for other hazards
    (``wrong_hazard_type``); of the others nobody knows the room
    (``insufficient_data``), or none takes so many (``full``); those that would
    are too far (``over_time``); there is no room left (``full``).

    Parameters
    ----------
    minutes
        Groups by shelters, minutes on the way; NaN where there is none.
    people
        People of each group.
    limit_min
        Minutes a way may take.
    capacity
        People each shelter takes; NaN = unknown.
    at_risk
        Shelters that stand in a hazard.
    wrong_type
        Shelters that are not meant for the hazards of the scenario.
    access
        For each group ``ok``, or why it cannot even set out.

    Returns
    -------
    numpy.ndarray
        A reason code for each group.
    """
    reached = np.isfinite(minutes)
    safe = reached & ~at_risk
    meant = safe & ~wrong_type
    measured = meant & ~np.isnan(capacity)
    fits = measured & (np.nan_to_num(capacity) >= people[:, None])
    fits &= np.nan_to_num(capacity) > 0
    in_time = fits & (np.nan_to_num(minutes, nan=np.inf) <= limit_min)
    conditions = [
        ~reached.any(axis=1),
        ~safe.any(axis=1),
        ~meant.any(axis=1),
        ~measured.any(axis=1),
        ~fits.any(axis=1),
        ~in_time.any(axis=1),
    ]
    codes = [
        Reason.CUT_OFF,
        Reason.SHELTER_AT_RISK,
        Reason.WRONG_HAZARD_TYPE,
        Reason.INSUFFICIENT_DATA,
        Reason.FULL,
        Reason.OVER_TIME,
    ]
    names = [str(code) for code in codes]
    explained = np.select(conditions, names, default=str(Reason.FULL)).astype(object)
    return np.where(access == Reason.OK, explained, access)
