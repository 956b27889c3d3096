"""The reason codes: why somebody is placed, covered or passed, or is not.

A code is a plain string in every table; its Chinese words stand in
``standards/reasons.toml`` and are looked up by `riskmap.standards.reason_label`.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Reason"]


class Reason(StrEnum):
    """A reason code; equal to, and stored as, its plain string."""

    OK = "ok"
    CUT_OFF = "cut_off"
    OVER_TIME = "over_time"
    FULL = "full"
    SHELTER_AT_RISK = "shelter_at_risk"
    CROSSES_HAZARD = "crosses_hazard"
    TOO_FAR_FROM_ROAD = "too_far_from_road"
    NO_UNIT = "no_unit"
    UNDER_STRENGTH = "under_strength"
    TURNOUT_TOO_LONG = "turnout_too_long"
    WRONG_HAZARD_TYPE = "wrong_hazard_type"
    NO_ASSESSMENT = "no_assessment"
    NOT_MET = "not_met"
    INSUFFICIENT_DATA = "insufficient_data"
