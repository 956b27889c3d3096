"""Two audits side by side: who gained cover, who lost it, who is unknown."""

from __future__ import annotations

import pandas as pd
import pytest

from riskmap.coverage import compare_cover
from riskmap.errors import LayerError


def tiers(**people: float | None) -> pd.DataFrame:
    known = [one is not None for one in people.values()]
    return pd.DataFrame(
        {
            "village_code": list(people),
            "standard": "three_minute",
            "tier": 1,
            "network_people": pd.array(list(people.values()), dtype="Float64"),
            "passed": pd.array(
                [one >= 10 if one is not None else None for one in people.values()],
                dtype="boolean",
            ),
            "reason": ["ok" if one else "insufficient_data" for one in known],
        }
    )


def test_every_kind_of_change_is_named_and_the_same_is_left_out() -> None:
    old = tiers(a=5, b=12, c=7, d=None, e=3, f=8)
    new = tiers(a=12, b=11, c=7, d=4, e=None, g=9)
    changes = compare_cover(old, new).set_index("village_code")["change"].to_dict()
    assert changes == {
        "a": "gained", "b": "lost", "d": "unknown", "e": "unknown",
        "f": "removed", "g": "added",
    }  # fmt: skip


def test_an_audit_does_not_differ_from_itself() -> None:
    assert compare_cover(tiers(a=5, b=None), tiers(a=5, b=None)).empty


def test_what_is_no_audit_is_refused() -> None:
    with pytest.raises(LayerError, match="new audit lacks the columns passed"):
        compare_cover(tiers(a=1), tiers(a=1).drop(columns="passed"))
