"""Who has a safe shelter within a walk: by village, township and for the county."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.coverage.people import village_codes
from riskmap.coverage.scene import scene_of
from riskmap.coverage.units import known_numbers, texts
from riskmap.crs import same_crs
from riskmap.errors import LayerError
from riskmap.reasons import Reason
from riskmap.routing import nearest, reach
from riskmap.standards import hazards_at, meant_for, read_table

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from riskmap.coverage.scene import Scene
    from riskmap.routing import Network

__all__ = ["shelter_coverage", "shelter_hazards", "shelter_losses"]


def shelter_hazards(
    shelters: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame | None,
    *,
    hazards: Collection[str] | None = None,
) -> pd.DataFrame:
    """Say of every shelter and hazard whether it is safe from it and meant for it.

    Parameters
    ----------
    shelters
        The layer ``shelters``, any CRS.
    zones
        Polygons of danger with ``hazard``, same CRS; None judges no place.
    hazards
        The hazards to judge; None takes those that the zones name.

    Returns
    -------
    pandas.DataFrame
        ``shelter_id, hazard``; ``inside`` (boolean; null where the place or all
        zones are unknown), ``meant`` (boolean; null where the census does not
        say what the shelter is for), ``safe`` (not inside and meant; null where
        that cannot be told). A zone of unknown hazard counts for every one.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If `shelters` have no ``shelter_id``.
    """
    if "shelter_id" not in shelters:
        msg = "shelters have no column shelter_id; give every shelter an id of its own"
        raise LayerError(msg)
    known = zones is not None and len(zones) > 0
    named = texts(zones, "hazard") if zones is not None else np.empty(0, dtype=object)
    asked = sorted(set(named) - {""}) if hazards is None else list(hazards)
    placed = ~(shelters.geometry.isna() | shelters.geometry.is_empty)
    unknown = ~placed.to_numpy(dtype=bool) | (not known)
    silent = np.asarray(texts(shelters, "hazards") == "", dtype=bool)
    tables = []
    for hazard in asked:
        there = (
            hazards_at(shelters, zones, hazards=[hazard]).ne("").to_numpy(dtype=bool)
        )
        inside = pd.arrays.BooleanArray(there, unknown)
        meant = pd.arrays.BooleanArray(meant_for(shelters, [hazard]), silent)
        columns = {"inside": inside, "meant": meant, "safe": ~inside & meant}
        rows = pd.DataFrame(columns).assign(hazard=hazard)
        tables.append(rows.assign(shelter_id=texts(shelters, "shelter_id")))
    order = ["shelter_id", "hazard", "inside", "meant", "safe"]
    return pd.concat([pd.DataFrame(columns=order), *tables], ignore_index=True)[order]


def shelter_coverage(
    villages: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    network: Network,
    *,
    people: gpd.GeoDataFrame | None = None,
    by: str = "village_code",
    limit_min: float | None = None,
) -> pd.DataFrame:
    """Say who reaches a safe shelter on foot in time, area by area.

    A shelter is safe when it has room: `audit_shelters` leaves none to one in
    danger or not meant for the hazard. Everybody counts at every shelter in
    reach, whether or not there is room for all.

    Parameters
    ----------
    villages
        The layer ``villages``, any CRS.
    shelters
        From `audit_shelters`, same CRS: ``available_people``.
    network
        The roads people walk on.
    people
        Points with ``people``, best from `people_points`; None puts everybody
        at the village points, which is rough.
    by
        A column of `villages`, for example ``township_code``; or ``county``.
    limit_min
        Minutes; None takes the longest band of ``shelters.toml``.

    Returns
    -------
    pandas.DataFrame
        A row an area: the column `by`; ``villages, villages_without`` (that have
        no safe shelter of their own); ``shelters, safe_shelters,
        unknown_shelters`` (room unknown), ``unknown_villages`` (people
        unknown); ``beds`` (Int64, the known room); ``people, reached_people``
        (Int64, of the villages whose number is known, null where none is),
        ``reached_ratio``; ``beds_per_person``; ``last_min`` (minutes from the
        place farthest from a safe shelter); ``passed`` (boolean: everybody
        reaches one in time; False where somebody does not, else null where
        data are insufficient) and ``reason``: ``ok``, ``over_time`` or why no
        road leads there, or ``insufficient_data``.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key, its numbers, or the column `by`.
    """
    scene, room = _asked(villages, shelters, people)
    if by != "county" and by not in villages:
        msg = f"villages have no column {by}; sum by one they have, or by county"
        raise LayerError(msg)
    area = pd.Series("", villages.index) if by == "county" else villages[by]
    home = area.astype(object).where(area.notna(), "").astype(str).to_numpy()
    safe = _sites(shelters, room > 0)
    way = nearest(network, scene.points, safe, direction="to",
                  limit_min=_limit(limit_min))  # fmt: skip
    there = way["reason"].eq(str(Reason.OK)).to_numpy(dtype=bool)
    reason = np.where(scene.placed, way["reason"], str(Reason.INSUFFICIENT_DATA))
    owner = village_codes(shelters, villages)
    table = _by_village(scene, there=there, minutes=way["time_min"], reason=reason)
    table = table.join(_own(owner, room, scene.codes)).assign(**{by: home})
    return _summed(table, by)


def shelter_losses(
    villages: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    network: Network,
    *,
    people: gpd.GeoDataFrame | None = None,
    limit_min: float | None = None,
) -> pd.DataFrame:
    """Return what the loss of each single shelter would cost (N-1).

    Parameters
    ----------
    villages, shelters, network, people, limit_min
        As in `shelter_coverage`.

    Returns
    -------
    pandas.DataFrame
        A row for each safe shelter on which somebody depends, costliest first:
        ``shelter_id, name``, ``people`` who reach no other safe shelter in
        time (Int64, null where the number at some place is unknown), ``beds``
        lost, and the codes of their ``villages`` joined by ``、``.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If a frame lacks its key or its numbers.
    """
    scene, room = _asked(villages, shelters, people)
    rows = np.flatnonzero(room > 0)
    pairs = reach(network, _sites(shelters, room > 0), scene.points, direction="to",
                  limit_min=_limit(limit_min))  # fmt: skip
    site, place = (pairs[one].to_numpy(dtype=int) for one in ("facility", "place"))
    sole = np.bincount(place, minlength=len(scene.points))[place] == 1
    table = pd.DataFrame(
        {
            "shelter": rows[site[sole]],
            "people": scene.people[place[sole]],
            "code": scene.codes_at_points()[place[sole]],
        }
    )
    lost = table.groupby("shelter").agg(
        people=("people", lambda each: each.sum(skipna=False)),
        villages=("code", lambda each: "、".join(sorted(set(each)))),
    )
    at = lost.index.to_numpy(dtype=int)
    lost = lost.assign(
        shelter_id=texts(shelters, "shelter_id")[at],
        name=texts(shelters, "name")[at],
        beds=pd.array(room[at], dtype="Int64"),
        people=pd.array(np.round(lost["people"].to_numpy(dtype=float)), dtype="Int64"),
    ).sort_values(["people", "shelter_id"], ascending=[False, True])
    order = ["shelter_id", "name", "people", "beds", "villages"]
    return lost[order].reset_index(drop=True)


def _asked(
    villages: gpd.GeoDataFrame,
    shelters: gpd.GeoDataFrame,
    people: gpd.GeoDataFrame | None,
) -> tuple[Scene, NDArray[np.float64]]:
    """Return where people stand and the room of shelters, NaN where unknown."""
    same_crs(shelters, villages)
    if "available_people" not in shelters:
        msg = "shelters have no column available_people; take them from audit_shelters"
        raise LayerError(msg)
    return scene_of(villages, people), known_numbers(shelters, "available_people")


def _limit(limit_min: float | None) -> float:
    """Return the limit, by default the longest band on foot."""
    bands: list[float] = read_table("shelters")["walk"]["minutes"]
    return float(bands[-1] if limit_min is None else limit_min)


def _sites(shelters: gpd.GeoDataFrame, some: NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Return some shelters as places on the index 0, 1, 2, …."""
    return gpd.GeoDataFrame(
        geometry=shelters.geometry.to_numpy()[some], crs=shelters.crs
    )


def _by_village(
    scene: Scene,
    *,
    there: NDArray[np.bool_],
    minutes: pd.Series,
    reason: NDArray[np.object_],
) -> pd.DataFrame:
    """Sum the points of each village; its reason is the first that is not ok."""
    codes = [str(code) for code in Reason if code != Reason.OK]
    rank = pd.Series(reason).map({code: at for at, code in enumerate(codes)})
    worst = rank.where(~there).groupby(scene.village).min()
    last = pd.Series(minutes.to_numpy(dtype=float)).where(there)
    frame = pd.DataFrame(
        {
            "people": scene.total(),
            "reached_people": scene.total(there),
            "worst": worst.reindex(range(len(scene.codes))).to_numpy(),
            "last_min": last.groupby(scene.village).max()
            .reindex(range(len(scene.codes))).to_numpy(),
        },
        index=scene.codes,
    )  # fmt: skip
    names = pd.Series(codes)
    frame["reason"] = names.reindex(frame["worst"]).to_numpy(dtype=object)
    frame["reason"] = frame["reason"].where(frame["worst"].notna(), str(Reason.OK))
    unknown = ~(frame["people"] > 0)
    frame.loc[unknown, "reason"] = str(Reason.INSUFFICIENT_DATA)
    return frame.drop(columns="worst")


def _own(
    owner: NDArray[np.object_], room: NDArray[np.float64], codes: NDArray[np.object_]
) -> pd.DataFrame:
    """Count the shelters of each village: all, safe, unknown, and their beds."""
    table = pd.DataFrame(
        {
            "shelters": 1,
            "safe_shelters": room > 0,
            "unknown_shelters": np.isnan(room),
            "beds": np.nan_to_num(room),
        }
    ).astype(int)
    sums = table.groupby(owner).sum()
    return sums.reindex(codes, fill_value=0)


def _summed(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Sum villages by area: full where all pass, unknown only where none fails."""
    codes = [str(code) for code in Reason if code != Reason.INSUFFICIENT_DATA]
    codes.insert(1, str(Reason.INSUFFICIENT_DATA))
    unknown = table["reason"].eq(str(Reason.INSUFFICIENT_DATA))
    table = table.assign(
        villages=1,
        villages_without=table["safe_shelters"].eq(0).astype(int),
        unknown_villages=unknown.astype(int),
        reached_people=table["reached_people"].where(table["people"].notna()),
        rank=table["reason"].map({code: at for at, code in enumerate(codes)}),
    )
    groups = table.groupby(by, sort=False)
    counts = ["villages", "villages_without", "unknown_villages", "shelters",
              "safe_shelters", "unknown_shelters", "beds"]  # fmt: skip
    sums = groups[counts].sum()
    for name in ("people", "reached_people"):
        total = groups[name].sum(min_count=1).to_numpy(dtype=float)
        sums[name] = pd.array(np.round(total), dtype="Int64")
    people = sums["people"].to_numpy(dtype=float, na_value=np.nan)
    people[people == 0] = np.nan
    reached = sums["reached_people"].to_numpy(dtype=float, na_value=np.nan)
    sums["reached_ratio"] = reached / people
    sums["beds_per_person"] = sums["beds"].to_numpy(dtype=float) / people
    sums["last_min"] = groups["last_min"].max()
    sums["reason"] = np.array(codes, dtype=object)[groups["rank"].max().to_numpy(int)]
    lacking = sums["reason"].eq(str(Reason.INSUFFICIENT_DATA)).to_numpy(dtype=bool)
    passed = sums["reason"].eq(str(Reason.OK)).to_numpy(dtype=bool)
    sums["passed"] = pd.arrays.BooleanArray(passed, lacking)
    return sums.reset_index()
