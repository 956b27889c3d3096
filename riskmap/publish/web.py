"""Maps as pages: one file each, which opens from a USB stick or in a notebook.

A `MapSpec` becomes a folium map whose layers are drawn by riskmap's own script
from plain data. Text from the census never becomes markup: it travels as data
and is shown as text.
"""

from __future__ import annotations

import html
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import folium
from folium.map import Layer
from folium.template import Template

from riskmap.errors import SourceError
from riskmap.publish.assets import template
from riskmap.publish.escape import script_json
from riskmap.publish.look import styled
from riskmap.publish.page import page_of_figure
from riskmap.publish.page_words import web_words
from riskmap.publish.tianditu import TIANDITU_HOST, tianditu_tiles
from riskmap.publish.web_data import (
    boundary_data,
    imprint_data,
    layer_data,
    view_bounds,
)
from riskmap.publish.web_tables import legs_data, table_data
from riskmap.publish.web_terrain import base_data, terrain_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from branca.element import Figure

    from riskmap.publish.escape import Json
    from riskmap.publish.spec import MapLayer, MapSpec
    from riskmap.publish.tianditu import Tianditu

__all__ = ["notebook_html", "save_web", "web_map", "web_words"]

_MAX_ZOOM = 19
_NOTEBOOK_HEIGHT_PX = 600
_OWN = frozenset({"legs", "steps", "steps_backup"})
"""Tables that a page shows in its own way, or not at all."""
_LEAFLET = ("leaflet", "leaflet_css")
# branca reads every script it is given as a template once more.
_TEMPLATE_MARKS = re.compile(r"\{(?=[{%#])")


class _Start(folium.MacroElement):
    """Tells the page what it is about, before any layer."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "riskmap.prepare({{ this._parent.get_name() }}, {{ this.data }});"
        "{% endmacro %}"
    )

    def __init__(self, data: dict[str, Json]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Start"
        self.data = _script_data(data)


class _Finish(folium.MacroElement):
    """Builds panel and tools, after all layers."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "riskmap.finish({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Finish"


class _SpecLayer(Layer):
    """One layer of a map, drawn by the page's script."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = "
        "riskmap.layer({{ this._parent.get_name() }}, {{ this.data }});"
        "{% endmacro %}"
    )

    def __init__(self, layer: MapLayer) -> None:
        super().__init__(name=layer.key, overlay=True, show=layer.visible)
        self._name = "SpecLayer"
        self.data = _script_data(layer_data(layer))


def web_map(spec: MapSpec, *, home: str | None = None) -> folium.Map:
    """Turn a map's description into a folium map.

    Parameters
    ----------
    spec
        What the map shows.
    home
        Address of the page to go back to, relative to this one; None for none.

    Returns
    -------
    folium.Map
        Without base tiles. Save it by `save_web`, not by its own ``save``,
        which links to a network.
    """
    return _drawn(spec, home, tiles=())


def _drawn(spec: MapSpec, home: str | None, *, tiles: Sequence[str]) -> folium.Map:
    """Turn a map's description into a folium map, over tiles in a notebook."""
    south, west, north, east = view_bounds(spec)
    drawn = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_control=False,
        zoom_start=14,
        maxZoom=_MAX_ZOOM,
        zoomSnap=0.25,
        zoomDelta=1,
        attributionControl=False,
    )
    drawn.default_js = [one for one in drawn.default_js if one[0] in _LEAFLET]
    drawn.default_css = [one for one in drawn.default_css if one[0] in _LEAFLET]
    data = _page_data(spec, home)
    drawn.add_child(_Start(data | {"tiles": list(tiles)} if tiles else data))
    for layer in spec.layers:
        drawn.add_child(_SpecLayer(layer))
    drawn.add_child(_Finish())
    return drawn


def save_web(spec: MapSpec, path: str | Path, *, home: str | None = None) -> Path:
    """Save a map as one page that opens without a network.

    Parameters
    ----------
    spec
        What the map shows.
    path
        The file to write, ``.html``; its folder must exist.
    home
        Address of the page to go back to, relative to this one; None for none.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    SourceError
        If the file cannot be written, or riskmap was not built.
    """
    file = Path(path)
    text = _page(spec, home=home)
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(text, "utf-8", newline="\n")
        os.replace(part, file)  # noqa: PTH105 (Path.replace is the same call)
    except OSError as error:
        part.unlink(missing_ok=True)
        msg = f"{file} cannot be written: {error.strerror or error}"
        raise SourceError(msg) from error
    return file


def notebook_html(
    spec: MapSpec,
    *,
    height_px: int = _NOTEBOOK_HEIGHT_PX,
    tianditu: Tianditu | None = None,
) -> str:
    """Return a map as markup for a notebook cell, which needs no network.

    Parameters
    ----------
    spec
        What the map shows.
    height_px
        The height of the cell, pixels.
    tianditu
        What to lay under the map from Tianditu, which does need a network and a
        key in ``TIANDITU_KEY``; the cell then holds the key. None for nothing.

    Returns
    -------
    str
        An ``iframe`` that holds the whole page.

    Raises
    ------
    SourceError
        If Tianditu is asked for without a key.
    """
    tiles = [] if tianditu is None else tianditu_tiles(tianditu)
    page = html.escape(_page(spec, home=None, tiles=tiles), quote=True)
    return (
        f'<iframe srcdoc="{page}" style="width:100%;height:{height_px}px;'
        'border:1px solid #C8BEAC;border-radius:6px" '
        'allowfullscreen loading="eager"></iframe>'
    )


def _page(spec: MapSpec, *, home: str | None, tiles: Sequence[str] = ()) -> str:
    """Render a map as a whole page."""
    with styled(spec.look):
        figure = cast("Figure", _drawn(spec, home, tiles=tiles).get_root())
    return page_of_figure(
        figure,
        title=spec.title,
        styles=[template("map.css")],
        scripts=[template("map.js")],
        images=TIANDITU_HOST if tiles else "",
    )


def _page_data(spec: MapSpec, home: str | None) -> dict[str, Json]:
    """Gather what the page shows beside its layers."""
    words = web_words()["web"]
    south, west, north, east = view_bounds(spec)
    epsg = spec.crs.to_epsg()
    crs = f"{spec.crs.name} (EPSG:{epsg})" if epsg else spec.crs.name
    notes: dict[str, Any] = {
        "title": spec.title,
        "parent": spec.parent,
        "bounds": [[south, west], [north, east]],
        "boundary": boundary_data(spec),
        "facts": [[str(head), str(text)] for head, text in spec.facts.items()],
        "tables": [table_data(one) for one in spec.tables if one.key not in _OWN],
        "legs": legs_data(spec),
        "imprint": imprint_data(spec.imprint, words, crs=crs),
        "terrain": terrain_data(spec),
        "base": base_data(spec),
        "home": home,
        "words": dict(words),
    }
    return notes


def _script_data(data: Json | dict[str, Json]) -> str:
    """Write data for a script that branca reads as a template before it is run."""
    return _TEMPLATE_MARKS.sub(r"\\u007b", script_json(data))
