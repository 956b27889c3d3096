"""From an OpenStreetMap file to a network that can be asked, beside other readers."""

from __future__ import annotations

import gzip
import importlib.util
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import osmium

from benchmarks.harness import DATA, Timing, compare, insist, measure, skipped
from riskmap.routing import build_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.harness import Record, Scale
    from riskmap.routing import Network

COPIES = 32
# Degrees from one copy to the next: wider than Andorra.
STEP = 0.5
MORE_IDS = 1 << 40


def write_highways(source: Path, target: Path) -> None:
    """Leave nothing but highways in a file: OSMnx would make edges of all ways."""
    with gzip.open(source) as file:
        root = ET.parse(file).getroot()  # noqa: S314 - our own file
    ways = [
        one for one in root.iter("way") if one.find("tag[@k='highway']") is not None
    ]
    used = {nd.get("ref") for way in ways for nd in way.iter("nd")}
    root[:] = [one for one in root.iter("node") if one.get("id") in used] + ways
    ET.ElementTree(root).write(target, encoding="utf-8")


def write_copies(source: Path, target: Path) -> None:
    """Write a file that holds another so many times, side by side."""
    with osmium.SimpleWriter(str(target)) as writer:
        for kind in (osmium.osm.NODE, osmium.osm.WAY):
            for copy in range(COPIES):
                east, north = (copy % 8) * STEP, (copy // 8) * STEP
                for one in osmium.FileProcessor(str(source), kind):
                    number = one.id + copy * MORE_IDS
                    if one.is_node():
                        place = one.location.lon + east, one.location.lat + north
                        writer.add(one.replace(id=number, location=place))
                    else:
                        refs = [n.ref + copy * MORE_IDS for n in one.nodes]
                        writer.add(one.replace(id=number, nodes=refs))


def osmnx(source: Path, *, metres: float, quick: bool) -> Timing:
    """Time OSMnx on the highways of an XML file."""
    if quick:
        raise NotImplementedError("takes longer than a quick run")
    import osmnx as ox  # noqa: PLC0415 - slow to import

    with tempfile.TemporaryDirectory() as name:
        plain = Path(name) / "andorra.osm"
        write_highways(source, plain)
        timing, graph = measure(
            lambda: ox.graph_from_xml(plain, bidirectional=True, retain_all=True),
            repeats=1, warm=False,
        )  # fmt: skip
    theirs = sum(one for *_, one in graph.to_undirected().edges(data="length"))
    # It keeps ways that nobody may walk on, about 3 %.
    insist(abs(theirs / metres - 1) < 0.05, f"osmnx, {theirs:.0f} m, {metres:.0f} m")
    return timing


def no_osmnx() -> Timing:
    """Say why OSMnx is not timed on a large file."""
    raise NotImplementedError("reads XML alone, which would be 20 times as large")


def pyrosm(source: Path, *, metres: float, scale: Scale) -> Timing:
    """Run pyrosm in a process of its own.

    RISKMAP_PYROSM_PYTHON names an interpreter that has it; else this one.
    """
    python = os.environ.get("RISKMAP_PYROSM_PYTHON", sys.executable)
    if python == sys.executable and importlib.util.find_spec("pyrosm") is None:
        raise ImportError("not installed (set RISKMAP_PYROSM_PYTHON)")
    script = Path(__file__).with_name("peer_pyrosm.py")
    done = subprocess.run(
        [python, str(script), str(source), str(min(scale.repeats, 3))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    clock, cpu, theirs = (float(one) for one in done.stdout.split()[-3:])
    insist(abs(theirs / metres - 1) < 0.05, f"pyrosm, {theirs:.0f} m, {metres:.0f} m")
    return Timing(clock, cpu)


def records(scale: Scale) -> Iterator[Record]:
    """Read Andorra, and many of it side by side."""
    folder = DATA / "andorra"
    if not folder.exists():
        yield skipped("network", "Andorra", "osmnx", note="../shared/data is absent")
        return
    with tempfile.TemporaryDirectory() as name:
        copies = Path(name) / "copies.osm.pbf"
        files = {"Andorra, PBF": folder / "andorra.osm.pbf"}
        if not scale.quick:
            write_copies(folder / "andorra.osm.pbf", copies)
            size = copies.stat().st_size / 2**20
            files[f"Andorra x {COPIES}, PBF of {size:.0f} MB"] = copies
        for case, file in files.items():

            def build(file: Path = file) -> Network:
                return build_network(file, mode="walk")

            ours, network = measure(build, repeats=min(scale.repeats, 3))
            metres = float(network.edge_length_m.sum())
            xml = partial(
                osmnx, folder / "andorra.osm.gz", metres=metres, quick=scale.quick
            )
            yield from compare(
                "network", f"{case}, {len(network)} edges", ours, scale.peak_mb(build),
                [
                    ("osmnx", no_osmnx if file == copies else xml),
                    ("pyrosm", partial(pyrosm, file, metres=metres, scale=scale)),
                ],
            )  # fmt: skip
