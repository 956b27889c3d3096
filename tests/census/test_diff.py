"""Two censuses compared: villages that were merged, renamed, divided; freshness."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from riskmap.census import Census, Source, build_census, diff_census

A, B, C, D = (f"99010100120{one}" for one in "1234")
OTHER = "990102001201"


def square(west: float) -> shapely.Polygon:
    return shapely.box(west, 28, west + 0.03125, 28.125)


def census(
    villages: dict[str, tuple[int, float]],
    sites: dict[str, str] | None = None,
    changes: list[tuple[str, str, float | None]] | None = None,
) -> Census:
    """Villages by code with people and western edge, sites by id with code."""
    table = gpd.GeoDataFrame(
        {
            "行政区划代码": list(villages),
            "名称": [f"{one[-1]}村" for one in villages],
            "人口": [people for people, _ in villages.values()],
        },
        geometry=[
            shapely.box(at, 28, at + 0.03125, 28.125) for _, at in villages.values()
        ],
        crs=4490,
    )
    sources = {"villages": Source(table)}
    if sites:
        shelters = {"场所编号": list(sites), "场所名称": list(sites)}
        frame = pd.DataFrame(shelters | {"村代码": list(sites.values())})
        sources["shelters"] = Source(frame)
    if changes:
        names = ["原代码", "现代码", "人口占比"]
        sources["code_changes"] = Source(pd.DataFrame(changes, columns=names))
    return build_census(sources, as_of="2024-06-01")


def said(changes: pd.DataFrame) -> list[tuple[object, ...]]:
    shown = changes[["layer", "id", "change", "field", "old", "new"]].astype(object)
    return list(shown.where(shown.notna(), None).itertuples(index=False, name=None))


def test_merged_villages_are_compared_with_their_heir() -> None:
    old = census({A: (100, 121.0), B: (60, 121.03125)}, {"S1": A, "S2": B})
    new = census({B: (160, 121.0)}, {"S1": B, "S2": B}, [(A, B, None)])
    wide = new["villages"].set_geometry(
        [shapely.box(121, 28, 121.0625, 28.125)], crs=4490
    )
    new.layers["villages"] = wide
    found = diff_census(old, new)
    assert said(found.changes) == [("villages", A, "merged", "village_code", A, B)]
    fewer = new.layers["villages"].assign(population=pd.array([150], "Int64"))
    new.layers["villages"] = fewer
    assert said(diff_census(old, new).changes)[1:] == [
        ("villages", B, "changed", "population", "160", "150")
    ]


def test_a_renamed_village_keeps_its_history() -> None:
    old = census({A: (100, 121.0)}, {"S1": A})
    new = census({C: (120, 121.0)}, {"S1": C}, [(A, C, 1.0)])
    assert said(diff_census(old, new).changes) == [
        ("villages", A, "renamed", "village_code", A, C),
        ("villages", C, "changed", "name", "1村", "3村"),
        ("villages", C, "changed", "population", "100", "120"),
    ]


def test_a_divided_village_is_neither_removed_nor_added() -> None:
    old = census({A: (100, 121.0), B: (10, 121.5)}, {"S1": A, "S2": A, "S3": A})
    new = census(
        {C: (60, 121.0), D: (40, 121.03125), B: (10, 121.5)},
        {"S1": C, "S2": D, "S3": B},
        [(A, C, 0.6), (A, D, 0.4)],
    )
    assert said(diff_census(old, new).changes) == [
        ("villages", A, "split", "village_code", A, f"{C}、{D}"),
        ("shelters", "S3", "changed", "village_code", A, B),
    ]


def test_without_the_table_they_are_removed_and_added() -> None:
    old, new = census({A: (1, 121.0)}), census({C: (1, 121.0)})
    assert [one[2] for one in said(diff_census(old, new).changes)] == [
        "added",
        "removed",
    ]
    table = pd.DataFrame({"old": [A], "new": [C]})
    kinds = diff_census(old, new, successors=table).changes["change"]
    assert kinds.iloc[0] == "renamed"


def test_freshness_by_layer_and_township() -> None:
    old = census(
        {A: (1, 121.0), B: (2, 121.2), OTHER: (3, 121.4)}, {"S1": A, "S9": OTHER}
    )
    new = census({A: (1, 121.0), B: (5, 121.3), OTHER: (3, 121.4)}, {"S1": A, "S2": A})
    found = diff_census(old, new)
    rows = found.freshness.set_index(["layer", "township_code"])
    towns = ["990101001000", "990102001000"]
    assert rows.loc["villages", "fresh_ratio"].tolist() == [0.5, 0.0]
    assert rows.loc["villages"].index.tolist() == towns
    here, gone = (rows.loc[("shelters", one)] for one in towns)
    assert (here["rows"], here["added"], here["fresh_ratio"]) == (2, 1, 0.5)
    assert (gone["rows"], gone["removed"]) == (0, 1)
    assert pd.isna(gone["fresh_ratio"])
    assert found.layers["fresh_ratio"].tolist() == pytest.approx([1 / 3, 0.5])
    assert "fresh_ratio" in found._repr_html_()
