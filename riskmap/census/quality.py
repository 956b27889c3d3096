"""How good a census is: the error rate by both methods in use, pass or fail.

An object is an accepted row; its indicators are the columns of its table that
are fields of the layer, required fields that the table lacks, and its position.
An indicator is wrong where the ledger holds an error about it.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskmap.census.schema import load_layer
from riskmap.errors import LayerError
from riskmap.standards import is_assumed, read_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from riskmap.census.build import Census

__all__ = ["ERROR_RATE_COLUMNS", "error_rates", "quality_table"]

ERROR_RATE_COLUMNS = (
    *("layer", "township_code", "township_name", "objects", "checked_objects"),
    *("indicators", "wrong", "rate_plain", "passed_plain", "rate_mean"),
    *("passed_mean", "limit", "assumed", "sampling"),
)
_WHOLE = "*"
_OF_ALL_ROWS = frozenset(["offset_gcj02", "zone_unknown"])


@cache
def quality_table() -> Mapping[str, Any]:
    """Return limits, shares and words of ``quality.toml``."""
    file = resources.files("riskmap.census").joinpath("quality.toml")
    return read_table(Path(str(file)))


def error_rates(
    census: Census, *, sample: float | None = None, seed: int = 0
) -> pd.DataFrame:
    """Return the error rate (差错率) of a census by layer and township.

    Parameters
    ----------
    census
        As built or loaded.
    sample
        The share of the objects of each layer to draw, over 0 up to 1 (the
        norm's own share is 0.1); None checks all of them.
    seed
        Of the draw; the same seed draws the same objects.

    Returns
    -------
    pandas.DataFrame
        A row a layer and township, a row a layer over all townships, and one
        over all layers (``layer`` and ``township_code`` null):
        ``objects``; ``checked_objects`` drawn; ``indicators`` checked,
        ``wrong`` of them; ``rate_plain`` (wrong over checked), ``rate_mean``
        (mean of the objects' rates), NaN without objects; ``passed_plain``,
        ``passed_mean`` (boolean, null without objects) by ``limit``;
        ``assumed`` (whether no norm gives the limit); ``sampling`` in words.

    Raises
    ------
    LayerError
        If `sample` is no share.

    Notes
    -----
    Plain ratio: published by Harbin Pingfang (25 of 649). Mean of the rates
    of objects: inferred from the figures published by Langfang. The limit of
    5 % is an assumption: its text was not seen.
    """
    if sample is not None and not 0 < sample <= 1:
        msg = f"sample is {sample}; it is a share over 0 and up to 1, or None"
        raise LayerError(msg)
    base = quality_table()["error_rate"]["base_layers"]
    objects = [_objects(census, one) for one in census.layers if one not in base]
    filled = [one for one in objects if len(one)]
    rows: list[tuple[object, ...]] = []
    if filled:
        every = pd.concat(filled, ignore_index=True)
        every["drawn"] = _draw(every["layer"], sample, seed)
        every["town"] = every["township_code"].astype(object).fillna("")
        names, words = _township_names(census), quality_table()["words"]
        for (layer, town), mine in _groups(every):
            label = names.get(town, words["unknown_township"])
            whole = town == _WHOLE
            rows.append(
                (
                    *(layer or None, None if whole else town or None),
                    words["all_townships"] if whole else label,
                    *_rate(mine, sample, seed),
                )
            )
    table = pd.DataFrame(rows, columns=list(ERROR_RATE_COLUMNS))
    return table.astype({"passed_plain": "boolean", "passed_mean": "boolean"})


def _groups(every: pd.DataFrame) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Yield the objects of each layer and township, of each layer, and all."""
    for layer, mine in every.groupby("layer", sort=False):
        for town, local in mine.groupby("town"):
            yield (str(layer), str(town)), local
        yield (str(layer), _WHOLE), mine
    yield ("", _WHOLE), every


def _objects(census: Census, name: str) -> pd.DataFrame:
    """Return a row an object of a layer: its township, indicators and errors."""
    frame, layer = census.layers[name], load_layer(name)
    headings = census.columns[census.columns["layer"] == name]["field"]
    given = {one for one in headings.dropna() if one in layer.fields}
    given = {one for one in given if not layer[one].is_place}
    lacking = {one.name for one in layer.fields.values() if one.required} - given
    lacking -= {layer.key}
    placed = bool(layer.geometry)
    townships = frame.get("township_code")
    wrong = _wrong_cells(census, name) + len(lacking)
    if placed:
        wrong = wrong + _misplaced(census, name)
    total = len(given) + len(lacking) + placed
    return pd.DataFrame(
        {
            "layer": name,
            "township_code": None if townships is None else townships.to_numpy(),
            "indicators": total,
            "wrong": np.minimum(wrong, total),
        },
        index=range(len(frame)),
    )


def _errors(census: Census, name: str) -> pd.DataFrame:
    """Return the findings of a layer that count as wrong."""
    found = census.findings[census.findings["layer"] == name]
    return found[found["severity"].isin(quality_table()["error_rate"]["severities"])]


def _wrong_cells(census: Census, name: str) -> NDArray[np.int64]:
    """Count the wrong cells of every accepted row, each once."""
    errors = _errors(census, name).dropna(subset=["row", "column"])
    fields = census.columns[census.columns["layer"] == name]
    layer = load_layer(name)
    places = fields["field"].map(
        lambda one: one in layer.fields and layer[one].is_place
    )
    spoken = set(fields["source_column"][places.fillna(value=False).astype(bool)])
    errors = errors[~errors["column"].isin(spoken)]
    cells = errors[["sheet", "row", "column"]].drop_duplicates()
    return _by_row(census, name, cells)


def _misplaced(census: Census, name: str) -> NDArray[np.int64]:
    """Tell of every accepted row whether its position is unknown or wrong."""
    errors = _errors(census, name)
    lost = census.layers[name].geometry.isna().to_numpy()
    if errors["rule"].isin(_OF_ALL_ROWS).any():
        return np.ones(len(lost), dtype=np.int64)
    layer = load_layer(name)
    fields = census.columns[census.columns["layer"] == name]
    places = {one.name for one in layer.fields.values() if one.is_place}
    spoken = set(fields["source_column"][fields["field"].isin(places)])
    about = errors["column"].isna() | errors["column"].isin(spoken)
    cells = errors[about & errors["row"].notna()][["sheet", "row"]].drop_duplicates()
    return (lost | (_by_row(census, name, cells) > 0)).astype(np.int64)


def _by_row(census: Census, name: str, cells: pd.DataFrame) -> NDArray[np.int64]:
    """Count cells by the accepted row that they stand in."""
    origin = census.origins[name]
    keys = pd.MultiIndex.from_arrays(
        [origin["sheet"].fillna("").astype("str"), origin["row"].astype("int64")]
    )
    told = pd.MultiIndex.from_arrays(
        [cells["sheet"].fillna("").astype("str"), cells["row"].astype("int64")]
    )
    counts = told.value_counts()
    return np.asarray(counts.reindex(keys).fillna(0), dtype=np.int64)


def _draw(layers: pd.Series, share: float | None, seed: int) -> NDArray[np.bool_]:
    """Draw a share of the objects of every layer, at least one of each."""
    drawn = np.full(len(layers), share is None)
    if share is None:
        return drawn
    numbers = np.random.default_rng(seed)
    for rows in layers.groupby(layers, sort=False).indices.values():
        count = max(1, round(share * len(rows)))
        drawn[numbers.choice(rows, size=count, replace=False)] = True
    return drawn


def _rate(every: pd.DataFrame, share: float | None, seed: int) -> tuple[object, ...]:
    """Return the figures of some objects, from `objects` on."""
    known, words = quality_table()["error_rate"], quality_table()["words"]
    mine = every[every["drawn"]]
    indicators, wrong = int(mine["indicators"].sum()), int(mine["wrong"].sum())
    plain = wrong / indicators if indicators else np.nan
    mean = float((mine["wrong"] / mine["indicators"]).mean())
    passed = [None if np.isnan(one) else one <= known["limit"] for one in (plain, mean)]
    drawn = {"objects": len(every), "drawn": len(mine), "share": share, "seed": seed}
    sampling = words["full" if share is None else "sampled"].format_map(drawn)
    return (
        *(len(every), len(mine), indicators, wrong),
        *(plain, passed[0], mean, passed[1]),
        *(known["limit"], is_assumed(known), sampling),
    )


def _township_names(census: Census) -> dict[str, str]:
    """Return the names of townships by code."""
    names: dict[str, str] = {}
    for layer, column in (("villages", "township_name"), ("townships", "name")):
        frame = census.layers.get(layer)
        if frame is not None and column in frame:
            known = frame[["township_code", column]].dropna()
            names |= dict(known.itertuples(index=False, name=None))
    return names
