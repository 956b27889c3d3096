"""Every name behind a door is documented: parameters, returns, errors."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest
from numpydoc.validate import validate

ROOMS = (
    "riskmap",
    "riskmap.census",
    "riskmap.coverage",
    "riskmap.crs",
    "riskmap.errors",
    "riskmap.evacuation",
    "riskmap.project",
    "riskmap.publish",
    "riskmap.routing",
    "riskmap.standards",
)
CHECKS = {"GL01", "GL02", "GL08", "PR01", "PR02", "RT01", "RT03", "SS03"}


def exported() -> list[str]:
    """Return the home of everything that the rooms' doors export, once each."""
    homes = set()
    for room in ROOMS:
        for name in import_module(room).__all__:
            thing = getattr(import_module(room), name)
            if inspect.isfunction(thing) or inspect.isclass(thing):
                homes.add(f"{thing.__module__}.{thing.__qualname__}")
    return sorted(homes)


def faults(home: str) -> list[str]:
    """Return the faults of one docstring; a class may list attributes instead."""
    checks = CHECKS - (
        {"PR01"} if "Attributes" in (_thing(home).__doc__ or "") else set()
    )
    errors = validate(home)["errors"]
    return [f"{code} {words}" for code, words in errors if code in checks]


@pytest.mark.parametrize("home", exported())
def test_a_public_docstring_is_complete(home: str) -> None:
    assert faults(home) == []


def test_public_functions_name_the_errors_they_raise() -> None:
    functions = [home for home in exported() if inspect.isfunction(_thing(home))]
    silent = [
        home for home in functions if "Raises" not in (_thing(home).__doc__ or "")
    ]
    assert len(silent) < len(functions) / 3, silent


def _thing(home: str) -> object:
    module, _, name = home.rpartition(".")
    return getattr(import_module(module), name)
