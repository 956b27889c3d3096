"""Maps of a unit show what lies beyond its border, and list what lies within."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest

from riskmap.chain import Chain
from riskmap.cluster.chain import UnitChain
from riskmap.publication import atlas_of
from riskmap.publish.prepared import prepared
from riskmap.publish.products import Site, contents_of
from riskmap.publish.redaction import redact

if TYPE_CHECKING:
    from riskmap.cluster import Province
    from riskmap.publish import Atlas
    from riskmap.publish.products import Contents
    from riskmap.publish.spec import MapSpec

DRAWN = ("roads", "villages", "risk_zones", "flood_zones", "hazard_points", "shelters")


def shown(chain: Chain, officials: str = "full") -> Atlas:
    """Return what is drawn of a chain without plan and audit."""
    chain.plans, chain.audits, chain.ledger = {}, {}, chain.census
    atlas, _ = redact(atlas_of(chain, "public"), edition="public", officials=officials)
    return prepared(atlas)


def unit_chain(done: Province, unit: str) -> UnitChain:
    halo = float(done.store.facts["halo_m"][unit])
    settings = done.settings
    return UnitChain(done.file, settings, store=done.store, unit=unit, halo_m=halo)


@pytest.fixture(scope="module")
def border(done: Province) -> str:
    """Return the village of the first unit that lies nearest to the second."""
    first, second = done.store.units[:2]
    rows = done.store.read(first.code, "villages")
    near = gpd.GeoDataFrame(rows).to_crs(done.store.crs)
    at = near.distance(done.store.hulls[second.code]).argmin()
    return str(near["village_code"].iloc[at])


@pytest.fixture(scope="module")
def split(done: Province, border: str) -> Contents:
    """Return what is published of the border village by its unit."""
    atlas = shown(unit_chain(done, done.store.units[0].code))
    return contents_of(atlas, Site("village", border))


@pytest.fixture(scope="module")
def whole(done: Province, border: str) -> Contents:
    """Return what is published of the border village by an undivided run."""
    return contents_of(shown(Chain(done.file, done.settings)), Site("village", border))


def signs(spec: MapSpec, key: str) -> list[tuple[str | None, str, str]]:
    """Return what a layer of a map draws: words, signs, places to a decimetre."""
    layer = spec.layer(key)
    assert layer is not None, key
    frame = layer.frame
    places = frame.geometry.set_precision(0.1).normalize().to_wkt()
    return sorted(
        zip(frame["label"].fillna("").map(str), frame["style"], places, strict=True)
    )


@pytest.mark.parametrize("key", DRAWN)
def test_a_border_village_sees_what_an_undivided_run_shows(
    split: Contents, whole: Contents, key: str
) -> None:
    assert signs(split.maps["risk"], key) == signs(whole.maps["risk"], key)


def test_what_lies_beyond_the_border_is_another_units(
    done: Province, split: Contents
) -> None:
    """The map names villages that the unit does not answer for."""
    own = unit_chain(done, done.store.units[0].code).layer("villages")
    named = {label for label, *_ in signs(split.maps["risk"], "villages")}
    assert named - set(own["name"]) - {""}


def test_nothing_of_a_neighbour_is_listed_or_counted(
    split: Contents, whole: Contents
) -> None:
    for product, spec in split.maps.items():
        other = whole.maps[product]
        assert spec.facts == other.facts
        for table, same in zip(spec.tables, other.tables, strict=True):
            assert table.frame.equals(same.frame), (product, table.key)
    for name, frame in {**split.lists, **split.cards}.items():
        assert frame.equals({**whole.lists, **whole.cards}[name]), name


def test_what_nobody_may_see_of_a_neighbour_is_left_out(done: Province) -> None:
    """Columns of officials and columns that no definition names, as of own rows."""
    chain = unit_chain(done, done.store.units[0].code)
    atlas = shown(chain, officials="none")
    assert {"villages", "shelters", "risk_zones"} <= set(atlas.around)
    assert not set(atlas.around) & {"households", "groups", "unsafe_houses"}
    for name, frame in atlas.around.items():
        assert set(frame.columns) <= set(atlas.layers[name].columns), name
        assert len(frame) > len(atlas.layers[name])
        assert not any("phone" in one or "responsible" in one for one in frame.columns)
