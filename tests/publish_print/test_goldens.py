"""Sheets look as they did: small pictures compared with tolerance.

``RISKMAP_GOLDENS=write`` draws the pictures anew after a change that is wanted.
Fonts are rasterised a little differently from machine to machine, so that only
coarse grey pictures are compared.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from riskmap.publish import draw_risk_map, draw_route_map, save_sheet

if TYPE_CHECKING:
    from types import SimpleNamespace

    import geopandas as gpd

GOLDENS = Path(__file__).parent / "goldens"
WIDTH = 300


@pytest.mark.parametrize(
    ("product", "page"), [("route", "A3"), ("risk", "A4"), ("route", "phone")]
)
def test_a_sheet_looks_as_it_did(
    plan: SimpleNamespace,
    villages: gpd.GeoDataFrame,
    layers: dict[str, gpd.GeoDataFrame],
    tmp_path: Path,
    product: str,
    page: str,
) -> None:
    if product == "route":
        spec = draw_route_map(plan, villages, village="竹溪村", layers=layers)
    else:
        spec = draw_risk_map(villages, village="竹溪村", layers=layers)
    (file, *_) = save_sheet(spec, tmp_path / "a.png", page=page, dpi=100)
    with Image.open(file) as drawn:
        high = round(drawn.height * WIDTH / drawn.width)
        small = drawn.convert("L").resize((WIDTH, high), Image.Resampling.BOX)
    golden = GOLDENS / f"{product}-{page}.png"
    if os.environ.get("RISKMAP_GOLDENS") == "write":
        golden.parent.mkdir(exist_ok=True)
        small.quantize(64, dither=Image.Dither.NONE).save(golden, optimize=True)
    with Image.open(golden) as kept:
        assert abs(kept.height - small.height) <= 2
        same = kept.convert("L").resize(small.size)
    gap = np.abs(np.asarray(same, dtype=float) - np.asarray(small, dtype=float))
    assert gap.mean() < 1.5
    assert np.mean(gap > 40) < 0.001
    assert golden.stat().st_size < 60_000
