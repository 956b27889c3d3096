"""Drawing: one village beside bare matplotlib and folium, a county, several workers."""

from __future__ import annotations

import hashlib
import tempfile
import time
from dataclasses import dataclass, replace
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
from riskmap import save_web
from riskmap.publication import atlas_of
from riskmap.publish import publish_site
from riskmap.publish.batch import Batch
from riskmap.publish.fonts import find_fonts
from riskmap.publish.prepared import prepared
from riskmap.publish.products import Site, contents_of, write_contents
from riskmap.publish.sheet import lay_out_map, save_sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.harness import Scale
    from riskmap.publish.atlas import Atlas
    from riskmap.publish.spec import MapSpec

A3_INCHES = (16.54, 11.69)
DOTS_AN_INCH = 150
COUNTY_VILLAGES = 345
LIMIT_S = 12 * 60.0
"""What the maps of a county may take on two processors."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A text of a sheet, where it stands on its page, in parts of the page."""

    page: int
    at: tuple[float, float]
    words: str
    size: float
    colour: str


def printed_texts(spec: MapSpec) -> list[Printed]:
    """Return the texts of tables, legend, title and foot of a sheet."""
    figures = lay_out_map(spec, "A3", faces=find_fonts()).figures
    return [
        Printed(
            page,
            tuple(figure.transFigure.inverted().transform(
                text.get_transform().transform(text.get_position())
            )),
            text.get_text(), text.get_fontsize(), text.get_color(),
        )
        for page, figure in enumerate(figures)
        for text in figure.axes[-1].texts
    ]  # fmt: skip


def bare_sheet(spec: MapSpec, path: Path, *, texts: Sequence[Printed]) -> int:
    """Draw the frames and the words of a sheet with geopandas and matplotlib alone.

    Where each word of the tables stands is told, not found out; neither are
    the labels of the map kept apart.
    """
    face = FontProperties(fname=find_fonts().regular)
    pages = [
        Figure(figsize=A3_INCHES) for _ in range(1 + max(one.page for one in texts))
    ]
    axes = pages[0].add_axes((0, 0, 1, 1))
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
    for one in texts:
        pages[one.page].text(
            *one.at, one.words, fontproperties=face, fontsize=one.size,
            color=one.colour, va="center",
        )  # fmt: skip
    for number, page in enumerate(pages):
        stem = path.with_stem(f"{path.stem}-{number}")
        page.savefig(stem.with_suffix(".png"), dpi=DOTS_AN_INCH)
        page.savefig(stem.with_suffix(".pdf"))
    return drawn


def both_sheets(spec: MapSpec, path: Path) -> None:
    """Save a map as a PDF and as a PNG."""
    save_sheets(spec, [path.with_suffix(".pdf"), path.with_suffix(".png")])


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
    """Draw the maps of one village as sheets and as pages."""
    atlas = prepared(atlas_of(sample_chain(), "public"))
    code = str(atlas.layers["villages"]["village_code"].iloc[0])
    maps = contents_of(atlas, Site("village", code)).maps
    for product in ("risk", "route"):
        spec = maps[product]
        sheet = partial(bare_sheet, texts=printed_texts(spec))
        with tempfile.TemporaryDirectory() as folder:
            for name, save, bare in (
                ("sheet.png", both_sheets, sheet),
                ("page.html", save_web, bare_page),
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
    case = f"one village, {spec.product} {file.stem}, {rows} shapes"
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
    atlas = atlas_of(chain, "public")
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


def county_records(scale: Scale) -> Iterator[Record]:
    """Draw villages of the sample county, and scale that to a whole county."""
    case = f"{COUNTY_VILLAGES} villages"
    if scale.quick:
        yield Record("publish", case, "limit", note="not in a quick run")
        return
    atlas = prepared(atlas_of(sample_chain(), "public"))
    codes = sorted(atlas.layers["villages"]["village_code"].astype(str))
    sites = [Site("village", one) for one in codes[:: 1 if scale.large else 3]]
    with tempfile.TemporaryDirectory() as folder:
        _drawn_here(atlas, sites[:2], Path(folder, "warm"), named=False)
        for what, named in (("the named set", True), ("everything", False)):
            cpu = _drawn_here(atlas, sites, Path(folder, what), named=named)
            yield _scaled(
                f"{case}, {what}, processor", cpu, len(sites), limit=2 * LIMIT_S
            )
        start = _drawn_by_two(atlas, sites[:2], Path(folder, "start"))
        clock = _drawn_by_two(atlas, sites, Path(folder, "two")) - start
        case = f"{case}, everything, 2 workers"
        yield _scaled(case, clock, len(sites) - 2, limit=LIMIT_S)


def _drawn_by_two(atlas: Atlas, sites: Sequence[Site], out: Path) -> float:
    """Draw villages in two processes; seconds on the clock, their start included."""
    begin = time.perf_counter()
    batch = Batch(page="A3", store=out / "store", workers=2)
    batch.draw(atlas, {one: out / one.code for one in sites})
    return time.perf_counter() - begin


def _drawn_here(
    atlas: Atlas, sites: Sequence[Site], out: Path, *, named: bool
) -> float:
    """Draw villages in this process, all or what is asked of a county; CPU seconds."""
    busy = 0.0
    for site in sites:
        folder = out / site.code
        folder.mkdir(parents=True)
        begin = time.process_time()
        contents = contents_of(atlas, site)
        if named:
            maps = {one: contents.maps[one] for one in ("risk", "route")}
            contents = replace(
                contents, maps=maps, lists={"duty": contents.lists["duty"]}
            )
        write_contents(contents, folder, page="A3")
        busy += time.process_time() - begin
    return busy


def _scaled(case: str, seconds: float, sample: int, *, limit: float) -> Record:
    """Scale the time of a sample to a county, beside the most that it may take."""
    whole = float(f"{seconds / sample * COUNTY_VILLAGES:.4g}")
    note = (
        f"{whole:.0f} s of {limit:.0f} s, scaled from {sample} villages, "
        f"{seconds / sample:.2f} s each"
    )
    record = Record("publish", case, "limit", whole, limit, note=note)
    print(record, flush=True)
    return record


def records(scale: Scale) -> Iterator[Record]:
    """Draw the sample county."""
    yield from publish_records(scale)
    yield from county_records(scale)
    yield from workers_records(scale)
