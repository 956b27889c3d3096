"""Drawing: one village beside bare matplotlib and folium, and several workers."""

from __future__ import annotations

import hashlib
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import folium
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from benchmarks.county import sample_chain
from benchmarks.harness import (
    Record,
    Timing,
    compare,
    insist,
    measure,
)
from riskmap import draw_route_map, save_sheet, save_web
from riskmap.publish import publish_site
from riskmap.publish.fonts import find_fonts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.harness import Scale
    from riskmap.publish.spec import MapSpec

A3_INCHES = (16.54, 11.69)
DOTS_AN_INCH = 150


def bare_sheet(spec: MapSpec, path: Path) -> int:
    """Draw the frames of a map with geopandas and matplotlib alone."""
    figure = Figure(figsize=A3_INCHES)
    axes = figure.add_axes((0, 0, 1, 1))
    face = FontProperties(fname=find_fonts().regular)
    drawn = 0
    for layer in spec.layers:
        frame = layer.frame[layer.frame.geometry.notna()].to_crs("EPSG:4549")
        if frame.empty:
            continue
        frame.plot(ax=axes, aspect="equal")
        drawn += len(frame)
        named = frame[frame["label"].notna()] if "label" in frame else frame[:0]
        spots = named.representative_point()
        for spot, text in zip(spots, named.get("label", ()), strict=True):
            axes.text(spot.x, spot.y, text, fontproperties=face)
    figure.savefig(path, dpi=DOTS_AN_INCH)
    return drawn


def bare_page(spec: MapSpec, path: Path) -> int:
    """Draw the frames of a map with folium alone."""
    page = folium.Map(tiles=None)
    drawn = 0
    for layer in spec.layers:
        frame = layer.frame[layer.frame.geometry.notna()]
        if frame.empty:
            continue
        frame = frame[["geometry", *({"label"} & set(frame.columns))]]
        folium.GeoJson(frame.to_crs("EPSG:4326"), name=layer.label).add_to(page)
        drawn += len(frame)
    page.save(str(path))
    return drawn


def publish_records(scale: Scale) -> Iterator[Record]:
    """Draw the route map of one village as a sheet and as a page."""
    chain = sample_chain()
    villages, layers = chain.layers["villages"], dict(chain.layers)
    plan = chain.plans[chain.settings.wall_scenario]
    name = villages["name"].iloc[0]
    spec = draw_route_map(plan, villages, village=name, layers=layers, dem=None)
    with tempfile.TemporaryDirectory() as folder:
        for name, save, bare in (
            ("map.png", save_sheet, bare_sheet),
            ("map.html", save_web, bare_page),
        ):
            file = Path(folder) / name
            yield from _beside(spec, file, (save, bare), scale=scale)


def _beside(
    spec: MapSpec, file: Path, calls: tuple[Callable, Callable], *, scale: Scale
) -> list[Record]:
    """Save a map by our call, and by a bare one that draws as many shapes."""
    ours_call, bare_call = (partial(one, spec, file) for one in calls)
    rows = sum(int(layer.frame.geometry.notna().sum()) for layer in spec.layers)

    def bare() -> Timing:
        timing, drawn = measure(bare_call, repeats=scale.repeats)
        insist(drawn == rows, "bare, rows drawn")
        return timing

    ours, _ = measure(ours_call, repeats=scale.repeats)
    case = f"one village, {file.suffix[1:].upper()}, {rows} shapes"
    return compare("publish", case, ours, scale.peak_mb(ours_call), [("bare", bare)])


def _bytes_of(folder: Path) -> str:
    """Return one hash of every file below a folder."""
    total = hashlib.sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def workers_records(scale: Scale) -> Iterator[Record]:
    """Draw some villages with two workers, against one."""
    chain = sample_chain()
    atlas = chain.atlas("public")
    if scale.quick:
        yield Record("workers", "sample county", "one", note="not in a quick run")
        return
    with tempfile.TemporaryDirectory() as folder:

        def draw(workers: int) -> str:
            out = Path(folder) / str(workers)
            publish_site(atlas, out, workers=workers)
            return _bytes_of(out)

        ours, two = measure(partial(draw, 2), repeats=1, warm=False)

        def one() -> Timing:
            timing, single = measure(partial(draw, 1), repeats=1, warm=False)
            insist(single == two, "one worker, bytes")
            return timing

        count = len(chain.layers["villages"])
        yield from compare("workers", f"sample county, {count} villages, 2 workers",
                           ours, None, [("one", one)])  # fmt: skip


def records(scale: Scale) -> Iterator[Record]:
    """Draw the sample county."""
    yield from publish_records(scale)
    yield from workers_records(scale)
