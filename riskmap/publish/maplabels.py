"""The words on a map: gathered from its layers, placed, printed with halos."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from riskmap.publish.fonts import printable, text_width
from riskmap.publish.labelplaces import line_candidates, point_candidates
from riskmap.publish.labels import Label, place_labels
from riskmap.publish.layerframes import records
from riskmap.publish.plot import line_arrays, points_wide
from riskmap.publish.style import page_style, style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from riskmap.publish.exits import Exit
    from riskmap.publish.labelplaces import Candidate
    from riskmap.publish.labels import Placed
    from riskmap.publish.plot import Plot
    from riskmap.publish.spec import MapLayer, MapSpec
    from riskmap.publish.style import Style

    FloatArray = NDArray[np.float64]

__all__ = ["Wanted", "context_factor", "wanted_labels", "write_labels"]

LABEL_Z = 110.0
LINE_HEIGHT = 1.22
_MUST_FROM = 80
_ASIDE_MM, _BESIDE = 1.9, 10
"""How far beside a road its name may stand, and in how many places."""
_CROWD = 14
_NAMED_GROUPS = 24
_EDGE_PRIORITY, _BACKUP_PRIORITY = 82, 68
_MOST_NAMES, _MOST_OF_LAYER = 110, 70


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
    """

    words: str
    look: Style
    priority: int
    anchor: tuple[FloatArray, ...]
    clear: float
    along: bool
    mm: float
    must: bool = False


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
    more = _route_words(spec)
    groups = spec.layer("groups")
    crowd = groups is not None and len(groups.frame) > _NAMED_GROUPS
    for layer in spec.layers:
        near = layer.frame[layer.frame["label"].notna()]
        near = near.iloc[np.sort(near.sindex.query(window, predicate="intersects"))]
        if layer.kind == "line":
            found += _line_labels(plot, near, window)
        elif layer.kind != "route" and not (crowd and layer.key == "groups"):
            near = near.sort_values("priority", ascending=False, kind="stable")
            found += [
                _point_label(plot, layer, row, more=more)
                for row in records(near.iloc[:_MOST_OF_LAYER])
            ]
    found += [_edge_label(plot, one) for one in exits]
    signed = {one.words for one in found if one.clear > 0}
    kept = [one for one in found if one.clear > 0 or one.words not in signed]
    kept.sort(key=lambda one: -one.priority)
    return kept[:_MOST_NAMES]


def write_labels(
    plot: Plot, wanted: list[Wanted], *, solid: FloatArray, soft: FloatArray
) -> list[Placed]:
    """Place labels and print them.

    Parameters
    ----------
    plot
        Where to print.
    wanted
        The labels.
    solid
        Boxes that no label may cover, millimetres on the map.
    soft
        Rows of a box and a cost.

    Returns
    -------
    list of Placed
        The labels that were printed; keys are positions in `wanted`.
    """
    labels = [_label(key, one, plot) for key, one in enumerate(wanted)]
    placed = place_labels(
        labels, frame=(plot.rect.width, plot.rect.height), solid=solid, soft=soft
    )
    for one in placed:
        _write(plot, wanted[one.key], one.candidate)
    return placed


def _label(key: int, one: Wanted, plot: Plot) -> Label:
    """Give a text its possible places."""
    face = plot.faces.bold if one.look.bold else plot.faces.regular
    lines = one.words.split("\n")
    wide = max(text_width(line, one.mm, face) for line in lines) + 0.6
    high = len(lines) * one.mm * LINE_HEIGHT + 0.5
    candidates: tuple[Candidate, ...] = ()
    if one.along:
        for part in one.anchor:
            candidates += line_candidates(part, (wide, high))
            candidates += line_candidates(
                part, (wide, high), most=_BESIDE, aside=plot.size(_ASIDE_MM) + high / 2
            )
    else:
        x, y = one.anchor[0]
        candidates = point_candidates(
            (float(x), float(y)), (wide, high), clear=one.clear, more=one.must
        )
        if plot.page.portrait and not one.must:
            candidates = tuple(place for place in candidates if not place.leader)
    return Label(key, one.priority, candidates, must=one.must)


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
    words = words.split("\n", maxsplit=1)[0] if small else words
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
        must=int(row["priority"]) >= _MUST_FROM and not small,
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


def _edge_label(plot: Plot, one: Exit) -> Wanted:
    """Ask for a place beside the spot where routes leave the frame."""
    look = style("route")
    return Wanted(
        words=printable(one.words, plot.faces)[0],
        look=replace(look, text=style("shelter").text, bold=True),
        priority=_EDGE_PRIORITY if one.primary else _BACKUP_PRIORITY,
        anchor=(one.spot,),
        clear=1.5,
        along=False,
        mm=plot.label_mm(look),
        must=one.primary,
    )


def _visible(shape: BaseGeometry, plot: Plot) -> BaseGeometry:
    """Return the part of an area that the frame shows."""
    cut = shapely.clip_by_rect(shapely.make_valid(shape), *plot.window)
    return shape if cut.is_empty else cut


def _line_labels(
    plot: Plot, frame: gpd.GeoDataFrame, window: BaseGeometry
) -> list[Wanted]:
    """Ask for one place along all lines of a name."""
    found = []
    for (words, name), rows in frame.groupby(["label", "style"], sort=True):
        merged = shapely.line_merge(
            shapely.union_all(shapely.intersection(rows.geometry.to_numpy(), window))
        )
        lines = [plot.paper(one) for one in line_arrays(merged)]
        look = style(str(name))
        found.append(
            Wanted(
                words=printable(str(words), plot.faces)[0],
                look=look,
                priority=int(rows["priority"].max()),
                anchor=tuple(sorted(lines, key=len, reverse=True)[:4]),
                clear=0.0,
                along=True,
                mm=plot.label_mm(look),
            )
        )
    return found


def _write(plot: Plot, one: Wanted, place: Candidate) -> None:
    """Print one label where it was placed."""
    at = plot.ground(np.array([place.x, place.y]))
    if place.leader:
        _draw_leader(plot, one, place)
    plot.text(
        at,
        one.words,
        mm=one.mm,
        colour=one.look.text,
        z=LABEL_Z + one.priority / 1000.0,
        bold=one.look.bold,
        angle=place.angle,
        halo_mm=plot.size(page_style()["halo_mm"]) / (2.0 if one.along else 1.0),
    )


def _draw_leader(plot: Plot, one: Wanted, place: Candidate) -> None:
    """Tie a label to its symbol by a thin line."""
    west, south, east, north = place.boxes[0]
    anchor = one.anchor[0]
    near = np.array([np.clip(anchor[0], west, east), np.clip(anchor[1], south, north)])
    way = near - anchor
    start = anchor + way * min(1.0, one.clear / max(float(np.hypot(*way)), 1e-9))
    ends = plot.ground(np.vstack([start, near]))
    plot.axes.plot(
        ends[:, 0],
        ends[:, 1],
        color=one.look.text,
        linewidth=points_wide(0.2),
        zorder=LABEL_Z - 1,
        solid_capstyle="butt",
    )
