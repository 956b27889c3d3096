from __future__ import annotations

import pytest
from svgpath2mpl import parse_path

from riskmap.errors import StandardError
from riskmap.publish.style import GRADES, style, style_names, symbol, symbol_names


def lightness(colour: str) -> float:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", symbol_names())
def test_every_symbol_is_a_path_within_its_box(name: str) -> None:
    box = parse_path(symbol(name)).get_extents()
    assert 0 <= box.x0 < box.x1 <= 24
    assert 0 <= box.y0 < box.y1 <= 24


@pytest.mark.parametrize("name", style_names())
def test_every_style_has_words_and_the_symbols_it_names(name: str) -> None:
    one = style(name)
    assert one.label
    assert one.kind in {"area", "line", "point", "route"}
    assert all(symbol(part) for part in (one.symbol, one.mark) if part)
    assert (one.symbol is not None) == (one.kind == "point")


def test_lightness_falls_with_danger() -> None:
    shades = [lightness(style(f"landslide_{grade}").fill) for grade in GRADES]
    assert shades == sorted(shades)


def test_unknown_grade_is_never_a_colour_of_danger_or_safety() -> None:
    assert style("risk_zone_unknown").fill == "#FFFFFF"
    assert style("landslide_unknown").mark == "question"


def test_hazard_kinds_are_told_apart_by_shape() -> None:
    kinds = "landslide rockfall debris_flow collapse fissure subsidence unstable_slope"
    assert len({symbol(kind) for kind in kinds.split()}) == 7


@pytest.mark.parametrize(
    ("ask", "name", "near"),
    [(style, "landslide_hihg", "landslide_high"), (symbol, "huose", "house")],
)
def test_a_wrong_name_is_an_error_naming_the_nearest(ask, name, near) -> None:  # noqa: ANN001
    with pytest.raises(StandardError, match=f'nearest is "{near}"'):
        ask(name)
