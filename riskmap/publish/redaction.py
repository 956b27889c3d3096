"""What a public edition must not show, taken out before anything is drawn.

Who may see a column is said once, in the definitions of the layers, and comes
here as data. A column that nobody spoke for counts as private. What is left out
is logged by name and number, never by value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import pandas as pd

from riskmap.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from riskmap.publish.atlas import Atlas, Visibility
    from riskmap.publish.planframes import PlanFrames

__all__ = ["Edition", "Officials", "mask_name", "mask_phone", "redact"]

Edition: TypeAlias = Literal["public", "internal"]
Officials: TypeAlias = Literal["full", "masked", "none"]

# Points of single households never reach the public, whatever their columns.
_HIDDEN_LAYERS = frozenset({"households"})
_PLAN_LAYERS = ("groups", "shelters")
# What riskmap itself adds to frames; it says nothing of a person.
_OWN_COLUMNS = frozenset(
    {
        "geometry", "scenario", "people", "reason", "time_min", "length_m", "access_m",
        "departs_by", "placement", "category", "village_name", "township_name",
        "declared_people", "computed_people", "available_people", "assigned_people",
        "demand_people", "township_code", "village_code", "name",
    }
)  # fmt: skip
_DIGITS = re.compile(r"\d")
_LOG_COLUMNS = ("layer", "column", "rows", "action")


@dataclass(frozen=True, slots=True)
class _Rules:
    """How to treat the columns of each kind."""

    visibility: Mapping[str, Mapping[str, Visibility]]
    officials: Officials


def redact(
    atlas: Atlas, *, edition: Edition, officials: Officials = "full"
) -> tuple[Atlas, pd.DataFrame]:
    """Return the atlas that an edition may show, and what was left out.

    Parameters
    ----------
    atlas
        Everything that is known.
    edition
        ``"internal"`` changes nothing but the mark; ``"public"`` leaves out
        private columns, columns that no definition names, and households.
    officials
        How the public edition names people on duty: ``"full"``, ``"masked"``
        (张*, 138****5678) or ``"none"``.

    Returns
    -------
    tuple of Atlas and pandas.DataFrame
        A new atlas; and the log: ``layer``, ``column``, ``rows``, ``action``
        (``dropped``, ``masked``).

    Raises
    ------
    LayerError
        If `edition` or `officials` is not one of its values.
    """
    if edition not in {"public", "internal"}:
        raise LayerError(f'no edition is named "{edition}"; choose public or internal')
    if officials not in {"full", "masked", "none"}:
        msg = f'officials are shown full, masked or none, not "{officials}"'
        raise LayerError(msg)
    imprint = replace(atlas.imprint, edition=edition)
    if edition == "internal":
        return replace(atlas, imprint=imprint), _log([])
    rules, log = _Rules(atlas.visibility, officials), list[tuple[str, str, int, str]]()
    public = replace(
        atlas,
        layers=_redact_layers(atlas.layers, rules, log=log),
        around=_redact_layers(atlas.around, rules, log=log),
        imprint=imprint,
        plans={
            key: _redact_plan(one, rules, log=log) for key, one in atlas.plans.items()
        },
        audit=_redact_audit(atlas.audit, rules, log=log),
        findings=_without_values(atlas.findings, log=log),
    )
    return public, _log(log)


def mask_name(name: str) -> str:
    """Keep the first character of a name.

    Parameters
    ----------
    name
        A person's name.

    Returns
    -------
    str
        For example ``"张*"``; empty stays empty.

    Examples
    --------
    >>> mask_name("欧阳修")
    '欧*'
    """
    return f"{name[0]}*" if name else ""


def mask_phone(phone: str) -> str:
    """Hide the middle of a telephone number.

    Parameters
    ----------
    phone
        Digits, perhaps with separators.

    Returns
    -------
    str
        The first three and last four digits kept where there are eleven;
        shorter numbers keep two at the end.

    Examples
    --------
    >>> mask_phone("13812345678")
    '138****5678'
    """
    digits = "".join(_DIGITS.findall(phone))
    if len(digits) == 11:  # noqa: PLR2004 (a mobile number)
        return f"{digits[:3]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if digits else ""


def _redact_layers(
    layers: Mapping[str, gpd.GeoDataFrame],
    rules: _Rules,
    *,
    log: list[tuple[str, str, int, str]],
) -> dict[str, gpd.GeoDataFrame]:
    """Redact layers, and leave out those that the public never sees."""
    shown = {}
    for name, frame in layers.items():
        if name in _HIDDEN_LAYERS:
            log.append((name, "*", len(frame), "dropped"))
        else:
            shown[name] = _redact_frame(frame, name, rules, log=log)
    return shown


def _redact_frame(
    frame: Any,  # noqa: ANN401 (a table or a layer comes back as it came)
    layer: str,
    rules: _Rules,
    *,
    log: list[tuple[str, str, int, str]],
    own: frozenset[str] = frozenset({"geometry"}),
) -> Any:  # noqa: ANN401
    """Drop the private columns of a frame and treat those of officials."""
    seen = rules.visibility.get(layer, {})
    drop, masks = [], {}
    for column in map(str, frame.columns):
        kind = seen.get(column, "public" if column in own else "private")
        if kind == "private" or (kind == "official" and rules.officials == "none"):
            drop.append(column)
        elif kind == "official" and rules.officials == "masked":
            masks[column] = _masked(frame[column], column)
    count = len(frame)
    log += [(layer, column, count, "dropped") for column in drop]
    log += [(layer, column, count, "masked") for column in masks]
    return frame.drop(columns=drop).assign(**masks)


def _masked(cells: pd.Series, column: str) -> pd.Series:
    """Mask a column of names or telephone numbers."""
    mask = mask_phone if "phone" in column else mask_name
    known = cells.notna()
    return cells.astype("object").where(~known, cells[known].astype(str).map(mask))


def _redact_plan(
    plan: PlanFrames, rules: _Rules, *, log: list[tuple[str, str, int, str]]
) -> PlanFrames:
    """Redact the frames of a plan that carry columns of the census."""
    fresh = {
        name: _redact_frame(getattr(plan, name), name, rules, log=log, own=_OWN_COLUMNS)
        for name in _PLAN_LAYERS
    }
    changed: PlanFrames = replace(cast("Any", plan), **fresh)
    return changed


def _redact_audit(
    audit: Mapping[str, pd.DataFrame],
    rules: _Rules,
    *,
    log: list[tuple[str, str, int, str]],
) -> dict[str, pd.DataFrame]:
    """Leave out of the audit's frames what the layer they speak of hides."""
    hidden = {
        layer: {column for column, kind in columns.items() if kind != "public"}
        for layer, columns in rules.visibility.items()
    }
    every = set().union(*hidden.values()) - _OWN_COLUMNS
    fresh = {}
    for name, frame in audit.items():
        private = hidden.get(name, every)
        drop = [str(one) for one in frame.columns if str(one) in private]
        log += [(f"audit.{name}", column, len(frame), "dropped") for column in drop]
        fresh[name] = frame.drop(columns=drop)
    return fresh


def _without_values(
    findings: pd.DataFrame, *, log: list[tuple[str, str, int, str]]
) -> pd.DataFrame:
    """Leave the offending values and messages out of the public findings."""
    drop = [
        one for one in ("value", "message", "suggestion") if one in findings.columns
    ]
    log += [("findings", column, len(findings), "dropped") for column in drop]
    return findings.drop(columns=drop)


def _log(entries: list[tuple[str, str, int, str]]) -> pd.DataFrame:
    """Return the log as a table."""
    return pd.DataFrame(entries, columns=list(_LOG_COLUMNS))
