"""The facade: sorted, complete, and cheap to import."""

import subprocess
import sys

import pytest

import riskmap

HEAVY = {
    "fiona",
    "folium",
    "geopandas",
    "matplotlib",
    "networkx",
    "numba",
    "numpy",
    "osmnx",
    "pandas",
    "rasterio",
    "scipy",
    "shapely",
}


def test_names_are_sorted_and_each_has_a_home() -> None:
    assert list(riskmap.__all__) == sorted(riskmap.__all__)
    assert set(riskmap.__all__) == set(riskmap._HOME)
    assert dir(riskmap) == list(riskmap.__all__)


@pytest.mark.parametrize("name", riskmap.__all__)
def test_every_name_can_be_imported_and_is_documented(name: str) -> None:
    thing = getattr(riskmap, name)
    assert thing.__doc__
    assert thing.__module__.startswith("riskmap.")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'evacuate'"):
        _ = riskmap.evacuate


def test_importing_the_facade_loads_nothing_heavy() -> None:
    code = "import sys, riskmap; print(*{m.split('.')[0] for m in sys.modules})"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(found.stdout.split())
