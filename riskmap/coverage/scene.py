"""The people of a set of villages as arrays, and sums over them by village."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from riskmap.coverage.people import codes_of, people_points, village_codes
from riskmap.coverage.units import known_numbers
from riskmap.crs import same_crs
from riskmap.errors import LayerError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    BoolArray = NDArray[np.bool_]
    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

__all__ = ["Scene", "scene_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Where the people of villages stand.

    Attributes
    ----------
    codes
        The village codes, in the order of the villages.
    points
        Geometries on the index 0, 1, 2, …; some may have no place.
    village
        The position of each point's village in `codes`.
    people
        People at each point, above 0; NaN = unknown.
    placed
        Which points have a place.
    source
        For each village the sources of its points joined by ``+``.
    rough
        For each village whether a village point stands for some people.
    """

    codes: NDArray[np.object_]
    points: gpd.GeoDataFrame
    village: IntArray
    people: FloatArray
    placed: BoolArray
    source: NDArray[np.object_]
    rough: BoolArray

    def total(self, mask: BoolArray | None = None) -> FloatArray:
        """Return the people of each village, at the points of a mask.

        Parameters
        ----------
        mask
            The points that count; None takes all.

        Returns
        -------
        numpy.ndarray
            NaN where some point of the village has unknown people, and where
            the village has no point.
        """
        people = self.people if mask is None else self.people * mask
        every = np.bincount(self.village, weights=people, minlength=len(self.codes))
        points = np.bincount(self.village, minlength=len(self.codes))
        return np.where(points > 0, every, np.nan)

    def listed(self) -> FloatArray:
        """Return the people of each village that are known: 0 where none are.

        Returns
        -------
        numpy.ndarray
            The same as `total` where that is known, else what is known of it.
        """
        known = np.nan_to_num(self.people)
        sums = np.bincount(self.village, weights=known, minlength=len(self.codes))
        return np.asarray(sums, dtype=float)

    def part(self, rows: IntArray) -> Scene:
        """Return some of the points, of the same villages.

        Parameters
        ----------
        rows
            Positions of points.

        Returns
        -------
        Scene
            Its points on the index 0, 1, 2, ….
        """
        return replace(
            self,
            points=self.points.iloc[rows].reset_index(drop=True),
            village=self.village[rows],
            people=self.people[rows],
            placed=self.placed[rows],
        )

    def codes_at_points(self) -> NDArray[np.object_]:
        """Return the village code of each point."""
        return self.codes[self.village]


def scene_of(
    villages: gpd.GeoDataFrame, people: gpd.GeoDataFrame | None = None
) -> Scene:
    """Return where the people of villages stand.

    Parameters
    ----------
    villages
        The layer ``villages``, any CRS.
    people
        Points with ``people``, best from `people_points`, in the CRS of
        `villages`; None puts everybody at the village points.

    Returns
    -------
    Scene
        Points of villages that `villages` do not list, and points without
        people, are left out.

    Raises
    ------
    CrsError
        If the frames have different CRS or none.
    LayerError
        If `villages` lack or repeat a ``village_code``, or `people` have
        no ``people``.
    """
    frame = people_points(villages) if people is None else people
    same_crs(frame, villages)
    if "people" not in frame:
        msg = "people have no column people; name the column that counts them so"
        raise LayerError(msg)
    codes = codes_of(villages)
    known = pd.Index(codes)
    if not known.is_unique:
        twice = codes[known.duplicated()]
        msg = f"{len(twice)} village codes repeat, first {twice[0]}; keep one row each"
        raise LayerError(msg)
    village = known.get_indexer(pd.Index(village_codes(frame, villages)))
    counts = known_numbers(frame, "people")
    keep = (village >= 0) & ~(counts == 0)
    points = gpd.GeoDataFrame(geometry=frame.geometry.to_numpy()[keep], crs=frame.crs)
    sources = pd.Series("people", index=frame.index)
    sources = frame.get("people_source", sources)[keep].astype(str)
    rough = frame.get("rough", pd.Series(data=False, index=frame.index))[keep]
    by = village[keep]
    joined = sources.groupby(by).agg(lambda names: "+".join(dict.fromkeys(names)))
    return Scene(
        codes=codes,
        points=points,
        village=by,
        people=counts[keep],
        placed=~(points.geometry.isna() | points.geometry.is_empty).to_numpy(
            dtype=bool
        ),
        source=joined.reindex(range(len(codes)), fill_value="").to_numpy(dtype=object),
        rough=np.bincount(by[rough.to_numpy(dtype=bool)], minlength=len(codes)) > 0,
    )
