"""The canonical layers as data: fields, Chinese labels, types, units, aliases.

Each layer is a TOML file in ``riskmap/census/layers``; ``_common.toml`` holds
the fields that every layer may carry.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from riskmap.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIELD_TYPES", "Field", "Layer", "layer_names", "load_layer"]

FIELD_TYPES = (
    *("id", "code", "text", "list", "people", "number", "bool", "date", "phone"),
    *("choice", "coordinate"),
)
_COMMON = "_common"


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One column of a canonical layer.

    Attributes
    ----------
    name, label
        The canonical column and its Chinese heading.
    type
        One of `FIELD_TYPES`.
    unit
        The Chinese unit that stored values are in; None for none.
    required
        Whether a blank cell is a finding.
    optional
        Whether the column is left out of the frame where no source has it.
    is_place
        Whether the column only gives the position and is not stored.
    visibility
        ``public``, ``official`` (people on duty) or ``private`` (residents).
    aliases, codes
        Other headings, and shapefile codes (pinyin initials, ten characters).
    code_units
        Codes that imply a unit, for example ``wxccwy`` in 万元.
    domain, synonyms
        The words a ``choice`` may hold, and words that mean one of them.
    minimum, maximum
        Bounds of plausible numbers, in `unit`; None for none.
    digits
        How many digits a ``code`` has; None for any.
    """

    name: str
    label: str
    type: str
    unit: str | None = None
    required: bool = False
    optional: bool = False
    is_place: bool = False
    visibility: str = "public"
    aliases: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    code_units: Mapping[str, str] = field(default_factory=dict)
    domain: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    digits: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A canonical layer of the census.

    Attributes
    ----------
    name, label
        The layer's name and its Chinese title.
    key
        The column that identifies a row.
    geometry
        The geometry types that belong in it; empty for a plain table.
    fields
        Its fields by name, own fields first, then the common ones.
    repeats
        Whether several rows may share a key, as pieces of one road do.
    """

    name: str
    label: str
    key: str
    geometry: tuple[str, ...]
    fields: Mapping[str, Field]
    repeats: bool = False

    def __getitem__(self, name: str) -> Field:
        """Return the field of this name."""
        return self.fields[name]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that every frame of this layer has, geometry apart."""
        return tuple(
            one.name
            for one in self.fields.values()
            if not (one.optional or one.is_place)
        )


@cache
def layer_names() -> tuple[str, ...]:
    """Return the names of all canonical layers, sorted.

    Returns
    -------
    tuple of str
        For example ``("broadcasts", "buildings", …)``.
    """
    files = resources.files("riskmap.census").joinpath("layers").iterdir()
    names = (one.name.removesuffix(".toml") for one in files)
    return tuple(sorted(name for name in names if not name.startswith("_")))


@cache
def load_layer(name: str) -> Layer:
    """Return the definition of a canonical layer.

    Parameters
    ----------
    name
        For example ``"shelters"``.

    Returns
    -------
    Layer
        Its fields, labels, units and aliases.

    Raises
    ------
    LayerError
        If there is no such layer; the nearest name is suggested.

    Examples
    --------
    >>> load_layer("shelters")["declared_people"].label
    '避难所容纳人数'
    """
    if name not in layer_names():
        near = difflib.get_close_matches(str(name), layer_names(), n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        msg = f'no layer is named "{name}"{hint} There are {", ".join(layer_names())}'
        raise LayerError(msg)
    own, common = _parse(name), _parse(_COMMON)
    tables = own["fields"] | {
        key: table
        for key, table in common["fields"].items()
        if key not in own["fields"]
    }
    fields = {key: _field(key, table) for key, table in tables.items()}
    return Layer(
        name=name,
        label=own["label"],
        key=own["key"],
        geometry=tuple(own["geometry"]),
        fields=MappingProxyType(fields),
        repeats=own.get("repeats", False),
    )


def _parse(name: str) -> dict[str, Any]:
    """Parse one of the layer files in the package."""
    file = resources.files("riskmap.census").joinpath("layers", f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _field(name: str, table: Mapping[str, Any]) -> Field:
    """Make a field of its TOML table."""
    code_units = table.get("code_units", {})
    return Field(
        name=name,
        label=table["label"],
        type=table["type"],
        unit=table.get("unit"),
        required=table.get("required", False),
        optional=table.get("optional", False),
        is_place=table.get("geometry", False),
        visibility=table.get("visibility", "public"),
        aliases=tuple(table.get("aliases", ())),
        codes=(*table.get("codes", ()), *code_units),
        code_units=MappingProxyType(dict(code_units)),
        domain=tuple(table.get("domain", ())),
        synonyms=MappingProxyType(dict(table.get("synonyms", {}))),
        minimum=table.get("min", 0 if table["type"] == "people" else None),
        maximum=table.get("max"),
        digits=table.get("digits"),
    )
