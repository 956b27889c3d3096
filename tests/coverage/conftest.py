"""Networks that the tests of coverage share."""

import importlib.util
import sys
from pathlib import Path

import pytest

from riskmap.routing import Network, build_network

# tests are imported by path (importlib mode): make the world importable by name.
_HERE = Path(__file__).parent / "world.py"
_SPEC = importlib.util.spec_from_file_location("coverage_world", _HERE)
assert _SPEC is not None
assert _SPEC.loader is not None
_WORLD = importlib.util.module_from_spec(_SPEC)
sys.modules["coverage_world"] = _WORLD
_SPEC.loader.exec_module(_WORLD)


@pytest.fixture(scope="session")
def network() -> Network:
    return build_network(_WORLD.roads(), mode="emergency", speeds={"村道": 30})


@pytest.fixture(scope="session")
def footpath() -> Network:
    return build_network(_WORLD.roads(), mode="walk")
