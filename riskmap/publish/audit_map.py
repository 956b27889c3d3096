"""The county at a glance: what the circles claim beside what the roads do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from riskmap.crs import crs_of
from riskmap.publish.audit_brief import tier_name
from riskmap.publish.brief import brief_words
from riskmap.publish.fonts import find_fonts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["draw_coverage"]

_STEPS = (0.25, 0.5, 0.75, 1.0)
_COLOURS = ("#8C2D19", "#CC6A3F", "#EDA766", "#F6DFA6", "#DDEBD7")
"""From dark to light, so that a grey copy tells bad from good."""
_UNKNOWN = "#FFFFFF"
_SIZE_IN, _DPI = (8.2, 4.7), 200
_NAMED = 60
"""So many villages can bear their names."""


def draw_coverage(
    path: str | Path,
    audit: Mapping[str, pd.DataFrame],
    *,
    title: str = "",
    note: str = "",
) -> Path:
    """Draw villages by the share of people covered: by circle, and by road.

    The first tier that has circles is drawn. A village of unknown people is
    hatched, never coloured like a good or a bad one.

    Parameters
    ----------
    path
        A ``.png`` or ``.pdf``; its folder must exist.
    audit
        ``villages`` (polygons or points), ``tiers`` and ``circles`` of
        ``audit.gpkg``.
    title
        Whose villages they are, before the name of the tier.
    note
        Data date, version and producer, below the drawing. By what the circles
        were drawn, with their assumptions, stands under it.

    Returns
    -------
    pathlib.Path
        The file written; the same input gives the same bytes.
    """
    words = brief_words()["map"]
    villages, tiers = audit["villages"], audit["tiers"]
    timed = tiers[tiers["mode"].ne("")]
    figure = Figure(figsize=_SIZE_IN, facecolor="white")
    FigureCanvasAgg(figure)
    regular = FontProperties(fname=str(find_fonts().regular), size=8)
    name, basis = "", ""
    if not timed.empty:
        first = timed[["standard", "tier"]].iloc[0]
        name = tier_name(first["standard"], first["tier"])
        mine = timed[(timed[["standard", "tier"]] == first).all(axis=1)]
        basis = str(mine["basis"].iloc[0]) if "basis" in mine else ""
        kept = ["village_code", "village_name", "geometry"]
        land = gpd.GeoDataFrame(
            villages[[one for one in kept if one in villages]], crs=villages.crs
        )
        land = land.merge(mine, on="village_code").dropna(subset="geometry")
        land = land.to_crs(land.estimate_utm_crs()) if len(land) else land
        circles = audit["circles"]
        rings = circles[(circles[["standard", "tier"]] == first).all(axis=1)]
        for at, column in enumerate(("circle_people", "network_people")):
            axes = figure.add_axes((0.01 + 0.5 * at, 0.16, 0.48, 0.7))
            _panel(axes, land, column)
            if at == 0 and len(land):
                _rings(axes, gpd.GeoDataFrame(rings), land)
            _name(axes, land, regular)
            axes.set_title(words[column], fontproperties=regular)
    head = "　".join(filter(None, (title, name)))
    figure.text(0.5, 0.95, head, ha="center", fontproperties=regular, size=12)
    foot = "\n".join(filter(None, (note, basis)))
    figure.text(0.5, 0.015, foot, ha="center", fontproperties=regular, size=7)
    _legend(figure, regular)
    figure.savefig(path, dpi=_DPI, metadata=_metadata(Path(path)))
    return Path(path)


def _panel(axes: Axes, land: gpd.GeoDataFrame, column: str) -> None:
    """Draw villages by share, the unknown hatched."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    if land.empty:
        return
    people = land["people"].to_numpy(dtype=float, na_value=np.nan)
    covered = land[column].to_numpy(dtype=float, na_value=np.nan)
    share = np.divide(covered, people, out=np.full(len(land), np.nan), where=people > 0)
    unknown = np.isnan(share) | land["reason"].eq("insufficient_data").to_numpy()
    step = np.searchsorted(_STEPS, share, side="right")
    for at, colour in enumerate(_COLOURS):
        part = land[(step == at) & ~unknown]
        if len(part):
            part.plot(ax=axes, color=colour, edgecolor="#9A958A", linewidth=0.4)
    if unknown.any():
        land[unknown].plot(
            ax=axes, color=_UNKNOWN, edgecolor="#9A958A", hatch="////", linewidth=0.5
        )


def _name(axes: Axes, land: gpd.GeoDataFrame, font: FontProperties) -> None:
    """Print the names of villages where there are few."""
    if "village_name" not in land or len(land) > _NAMED:
        return
    spots = land.representative_point()
    for x, y, name in zip(spots.x, spots.y, land["village_name"], strict=True):
        if isinstance(name, str):
            text = axes.text(x, y, name, ha="center", va="center", size=5,
                             fontproperties=font, color="#1E1B18")  # fmt: skip
            text.set_path_effects([withStroke(linewidth=1.2, foreground="white")])


def _rings(axes: Axes, rings: gpd.GeoDataFrame, land: gpd.GeoDataFrame) -> None:
    """Draw the circles as quoted."""
    drawn = rings.dropna(subset="geometry")
    if len(drawn):
        drawn.to_crs(crs_of(land)).boundary.plot(
            ax=axes, color="#3F3A33", linewidth=0.5
        )


def _legend(figure: Figure, font: FontProperties) -> None:
    """Say what the colours mean."""
    words = brief_words()["map"]
    edges = ("0", *(f"{step:.0%}" for step in _STEPS))
    signs = [
        Patch(facecolor=colour, edgecolor="#9A958A", label=f"{low}-{high}")
        for colour, low, high in zip(_COLOURS, edges, edges[1:], strict=False)
    ]
    signs.append(Patch(facecolor=_COLOURS[-1], edgecolor="#9A958A", label=words["all"]))
    signs.append(Patch(facecolor=_UNKNOWN, edgecolor="#9A958A", hatch="////",
                       label=brief_words()["unknown"]))  # fmt: skip
    figure.legend(handles=signs, loc="lower center", ncol=len(signs), frameon=False,
                  prop=font, bbox_to_anchor=(0.5, 0.075))  # fmt: skip


def _metadata(path: Path) -> dict[str, Any]:
    """Return metadata without dates."""
    if path.suffix == ".pdf":
        return {"CreationDate": None, "Producer": None, "Creator": None}
    return {"Software": None}
