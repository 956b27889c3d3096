"""Numbers and words of norms as data, and one loader that insists on a source."""

from riskmap.standards.reaches import Reach, service_reach
from riskmap.standards.rescue import (
    Standard,
    Tier,
    describe_tier,
    load_standard,
    standard_names,
)
from riskmap.standards.shelters import (
    hazards_at,
    meant_for,
    shelter_capacity,
    shelter_profile,
)
from riskmap.standards.tables import is_assumed, read_table

__all__ = [
    "Reach",
    "Standard",
    "Tier",
    "describe_tier",
    "hazards_at",
    "is_assumed",
    "load_standard",
    "meant_for",
    "read_table",
    "reason_label",
    "service_reach",
    "shelter_capacity",
    "shelter_profile",
    "standard_names",
]


def reason_label(code: str) -> str:
    """Return the Chinese words for a reason code.

    Parameters
    ----------
    code
        A code of `riskmap.reasons.Reason`.

    Returns
    -------
    str
        For example ``"断路孤岛"``; the code itself where it is unknown.
    """
    label: str = read_table("reasons")["labels"].get(str(code), str(code))
    return label
