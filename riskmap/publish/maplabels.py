"""The words on a map, gathered from its layers and routes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from riskmap.publish.fonts import printable, wrap
from riskmap.publish.layerframes import records
from riskmap.publish.plot import line_arrays
from riskmap.publish.style import style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.exits import Exit
    from riskmap.publish.plot import Plot
    from riskmap.publish.spec import MapLayer, MapSpec
    from riskmap.publish.style import Style

    FloatArray = NDArray[np.float64]

__all__ = ["Wanted", "context_factor", "wanted_labels"]

_MUST_FROM = 80
_CROWD = 14
_NAMED_GROUPS = 24
_MOST_NAMES, _MOST_OF_LAYER = 110, 70
_EXIT_PRIORITY, _MAIN_EXIT_PRIORITY = 68, 79
_OWN_ROAD, _OWN_ROAD_M = 30, 1.0
_EXIT_WIDE_MM = 36.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that wants a place on the map.

    Parameters
    ----------
    words
        The text, one or more lines.
    look
        The style it is printed in.
    priority
        The higher one chooses first.
    anchor
        What it belongs to, in millimetres on the map; a point, or the vertices
        of lines.
    clear
        Half the size of the symbol at the anchor, millimetres.
    along
        Whether it runs along a line.
    mm
        The height of its characters.
    must
        Whether it is printed even where there is no free place.
    on_route
        How many of the lines, the first ones, have a route on them; the text
        then stands at their side.
    """

    words: str
    look: Style
    priority: int
    anchor: tuple[FloatArray, ...]
    clear: float
    along: bool
    mm: float
    must: bool = False
    on_route: int = 0


def wanted_labels(
    plot: Plot, spec: MapSpec, *, exits: Sequence[Exit] = ()
) -> list[Wanted]:
    """Gather the labels of all layers that the frame shows.

    Parameters
    ----------
    plot
        Where the map is drawn.
    spec
        The map.
    exits
        Where its routes leave what is seen.

    Returns
    -------
    list of Wanted
        Names of roads and streams once each.
    """
    found: list[Wanted] = []
    window = shapely.box(*plot.window)
    more, ways = _route_words(spec), _ways(spec)
    groups = spec.layer("groups")
    crowd = groups is not None and len(groups.frame) > _NAMED_GROUPS
    for layer in spec.layers:
        near = layer.frame[layer.frame["label"].notna()]
        near = near.iloc[np.sort(near.sindex.query(window, predicate="intersects"))]
        if layer.kind == "line":
            found += _line_labels(plot, near, window, ways=ways)
        elif layer.kind != "route" and not (crowd and layer.key == "groups"):
            near = near.sort_values("priority", ascending=False, kind="stable")
            found += [
                _point_label(plot, layer, row, more=more)
                for row in records(near.iloc[:_MOST_OF_LAYER])
            ]
    found += [_exit_label(plot, one) for one in exits]
    signed = {one.words for one in found if one.clear > 0}
    kept = [one for one in found if one.clear > 0 or one.words not in signed]
    kept.sort(key=lambda one: -one.priority)
    return kept[:_MOST_NAMES]


def _ways(spec: MapSpec) -> BaseGeometry:
    """Return the ground that the primary routes cover."""
    layer = spec.layer("routes")
    if layer is None:
        return shapely.Polygon()
    return shapely.union_all(layer.frame.geometry.to_numpy()).buffer(_OWN_ROAD_M)


def _route_words(spec: MapSpec) -> Mapping[str, str]:
    """Return length and time of each group's route, unless there is a crowd."""
    layer = spec.layer("routes")
    if layer is None or len(layer.frame) > _CROWD:
        return {}
    return dict(zip(layer.frame["key"], layer.frame["label"], strict=True))


def _point_label(
    plot: Plot, layer: MapLayer, row: Mapping[str, Any], *, more: Mapping[str, str]
) -> Wanted:
    """Ask for a place beside a symbol, or within an area."""
    look = style(str(row["style"]))
    shape: BaseGeometry = row["geometry"]
    inside = shape if layer.kind == "point" else _visible(shape, plot)
    at = inside.representative_point()
    words, _ = printable(str(row["label"]), plot.faces)
    small = plot.page.portrait and layer.key == "groups"
    if small:
        words = words.split("\n", maxsplit=1)[0]
    extra = more.get(str(row["key"])) if layer.key == "groups" else None
    if extra and not small:
        words = f"{words}\n{printable(extra, plot.faces)[0]}"
    factor = float(row.get("size") or 1.0) * context_factor(layer)
    return Wanted(
        words=words,
        look=look,
        priority=int(row["priority"]),
        anchor=(plot.paper(np.array([at.x, at.y])),),
        clear=plot.sign_size(look.size_mm, layer.key) / 2 * factor
        if look.symbol
        else 0.0,
        must=int(row["priority"]) >= _MUST_FROM,
        along=False,
        mm=plot.label_mm(look),
    )


def context_factor(layer: MapLayer) -> float:
    """Return the factor of the symbols of a layer.

    Parameters
    ----------
    layer
        Any layer.

    Returns
    -------
    float
        1, or less for what only gives context.
    """
    return 1.0 if layer.emphasis == "hero" or layer.key == "shelters" else 0.85


def _exit_label(plot: Plot, one: Exit) -> Wanted:
    """Ask for a place beside the spot where routes leave the map."""
    look = style("route" if one.primary else "route_backup")
    words, mm = printable(one.words, plot.faces)[0], plot.label_mm(look)
    if plot.page.portrait:
        words = "\n".join(
            part
            for line in words.split("\n")
            for part in wrap(line, _EXIT_WIDE_MM, mm, font=plot.faces.bold)
        )
    return Wanted(
        words=words,
        look=replace(look, text=style("shelter").text, bold=True),
        priority=_MAIN_EXIT_PRIORITY if one.primary else _EXIT_PRIORITY,
        anchor=(one.spot,),
        clear=1.5,
        along=False,
        mm=mm,
        must=True,
    )


def _visible(shape: BaseGeometry, plot: Plot) -> BaseGeometry:
    """Return the part of an area that the frame shows."""
    cut = shapely.clip_by_rect(shapely.make_valid(shape), *plot.window)
    return shape if cut.is_empty else cut


def _line_labels(
    plot: Plot, frame: gpd.GeoDataFrame, window: BaseGeometry, *, ways: BaseGeometry
) -> list[Wanted]:
    """Ask for one place along all lines of a name, first where a route is on it."""
    found = []
    for (words, name), rows in frame.groupby(["label", "style"], sort=True):
        every = shapely.union_all(
            shapely.intersection(rows.geometry.to_numpy(), window)
        )
        used = _on_paper(plot, every.intersection(ways))
        rest = _on_paper(plot, every.difference(ways) if used else every)
        look = style(str(name))
        found.append(
            Wanted(
                words=printable(str(words), plot.faces)[0],
                look=look,
                priority=int(rows["priority"].max()) + (_OWN_ROAD if used else 0),
                anchor=(*used, *rest),
                clear=0.0,
                along=True,
                mm=plot.label_mm(look),
                on_route=len(used),
            )
        )
    return found


def _on_paper(plot: Plot, shape: BaseGeometry) -> list[FloatArray]:
    """Return the longest lines of a geometry, millimetres on the map."""
    lines = [plot.paper(one) for one in line_arrays(shapely.line_merge(shape))]
    return sorted(lines, key=len, reverse=True)[:4]
