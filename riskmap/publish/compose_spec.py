"""One map put together: layers and tables with the words at its head and foot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

from riskmap.publish import compose_tables as tables
from riskmap.publish.cells import or_unknown
from riskmap.publish.compose_assembly import unknown_assembly
from riskmap.publish.layerframes import placed_rows
from riskmap.publish.lists_frames import own_rows
from riskmap.publish.look import current_look
from riskmap.publish.places import Place, plain_text
from riskmap.publish.scene import (
    Scene,
    placed_shelters,
    quays,
    returns_to_port,
    strayed_groups,
)
from riskmap.publish.spec import Imprint, MapLayer, MapSpec, Product, Table
from riskmap.publish.style import read_words
from riskmap.standards import load_standard, standard_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Bounds = tuple[float, float, float, float]
    Frames = Mapping[str, gpd.GeoDataFrame]
    Dem = str | Path | Sequence[str | Path]

__all__ = ["make_spec"]

_FICTIONAL_PREFIX = "99"


def make_spec(
    scene: Scene,
    product: Product,
    *,
    bounds: Bounds,
    layers: Sequence[MapLayer],
    tables: Sequence[Table],
    facts: Mapping[str, str],
    dem: Dem | None,
    base: str | Path | None,
    county: str,
    imprint: Imprint | None,
) -> MapSpec:
    """Put a map together."""
    place = scene.place
    words = read_words()
    township = "" if place.level == "township" else place.township
    parent = " ".join(part for part in (county, township) if part)
    signed, look = imprint or _default_imprint(place), current_look()
    told = [] if base is None else [words["notes"]["base"].format(name=Path(base).name)]
    return MapSpec(
        product=product,
        title=f"{place.name}{words['titles'][product]}",
        place=place.name,
        code=place.code,
        parent=parent,
        crs=place.crs,
        bounds=bounds,
        layers=tuple(layers),
        imprint=replace(
            signed, notes=(*_said(signed.notes, layers), *told, *_notes(scene))
        ),
        tables=tuple(tables),
        dem=_paths(dem),
        base=None if base is None else Path(base),
        look=None if look is None else Path(look[0]),
        boundary=place.boundary,
        inset=_inset(place),
        qr_text=_qr_text(scene, product, signed),
        facts=dict(facts),
    )


def _said(notes: Sequence[str], layers: Sequence[MapLayer]) -> list[str]:
    """Leave what is said of rescue circles to the maps that draw some."""
    if any(one.key in {"circles", "reach"} for one in layers):
        return list(notes)
    labels = [load_standard(one).label for one in standard_names()]
    return [note for note in notes if not any(one in note for one in labels)]


def _default_imprint(place: Place) -> Imprint:
    """State no more than the villages' frame says."""
    dates: list[str] = []
    if "data_date" in place.rows.columns:
        dates = sorted(filter(None, place.rows["data_date"].map(plain_text)))
    return Imprint(
        data_date=dates[-1][:10] if dates else "",
        version="",
        fictional=place.code.startswith(_FICTIONAL_PREFIX),
    )


def _notes(scene: Scene) -> list[str]:
    """Say how far the map is to be trusted."""
    words = read_words()
    notes = words["notes"]
    made = []
    if scene.place.boundary is None:
        made.append(notes["rough"] if scene.place.rough else notes["no_boundary"])
        if scene.place.rough:
            made.append(notes["no_boundary"])
    made += [notes["no_roads"]] if "roads" not in scene.frames else []
    unknown = sum(not plain_text(one.row.get("people")) for one in scene.found)
    if unknown:
        made.append(notes["unknown_people"].format(number=unknown))
    made += _unplaced_shelters(scene)
    if scene.plan is not None:
        made += _unplaced_on_map(scene)
        codes = tuple(getattr(scene.plan, "assumptions", ()) or ())
        known = words["assumptions"]
        said = dict.fromkeys(known.get(str(one), known["other"]) for one in codes)
        made += [notes["assumed"].format(what="；".join(said))] if said else []
    return made


def _unplaced_shelters(scene: Scene) -> list[str]:
    """Say which shelters of the place nobody can be led to: their place is unknown."""
    placed = set(placed_shelters(scene)["shelter_id"].map(plain_text))
    own = own_rows(scene.place, scene.frames.get("shelters"))
    lost = [one for one in own if plain_text(one.get("shelter_id")) not in placed]
    names = "、".join(or_unknown(one.get("name")) for one in lost)
    words: str = read_words()["notes"]["unknown_shelters"]
    return [words.format(names=names)] if lost else []


def _unplaced_on_map(scene: Scene) -> list[str]:
    """Say which groups have no place, or none to be believed."""
    if scene.plan is None:
        return []
    known = placed_rows(scene.plan.groups, scene.place.crs)["group_id"].map(plain_text)
    missing = {one.group_id for one in scene.found} - set(known)
    notes = read_words()["notes"]
    strays = strayed_groups(scene)
    names = "、".join(one.name for one in scene.found if one.group_id in strays)
    made = [notes["strayed"].format(groups=names)] if strays else []
    if missing:
        made.append(notes["unknown_place"].format(number=len(missing)))
    nowhere = unknown_assembly(scene.plan, scene.found)
    made += [notes["no_assembly"].format(number=nowhere)] if nowhere else []
    if returns_to_port(scene) and quays(scene).empty:
        made.append(notes["no_quay"])
    return made


def _inset(place: Place) -> gpd.GeoDataFrame | None:
    """Return the villages around as areas or points with names."""
    near = place.neighbours
    known = near[~(near.geometry.isna() | near.geometry.is_empty)]
    if known.empty:
        return None
    names = (
        known["name"].map(plain_text)
        if "name" in known.columns
        else known["village_code"].map(plain_text)
    )
    columns = {
        "name": names.tolist(),
        "village_code": known["village_code"].map(plain_text).tolist(),
    }
    return gpd.GeoDataFrame(columns, geometry=known.geometry.to_numpy(), crs=place.crs)


def _qr_text(scene: Scene, product: Product, imprint: Imprint) -> str:
    """Say on the QR code what a phone without a network should show."""
    if imprint.url:
        return imprint.url
    words = read_words()
    goals = sorted(
        {
            one.destination
            for one in scene.found
            if plain_text(one.row.get("shelter_id"))
        }
    )
    text: str = words["qr"]["text"]
    return text.format(
        place=scene.place.name,
        product=words["titles"][product],
        version=imprint.version or words["marks"]["not_stated"],
        shelters="、".join(goals[:3]) or words["qr"]["none"],
        phone=tables.township_phone(scene.place, scene.frames)
        or words["marks"]["not_given"],
    )


def _paths(dem: Dem | None) -> tuple[Path, ...]:
    """Return one or more rasters as paths."""
    if dem is None:
        return ()
    return tuple(Path(one) for one in ([dem] if isinstance(dem, str | Path) else dem))
