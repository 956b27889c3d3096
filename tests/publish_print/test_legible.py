"""Signs that grey copies and colour-blind eyes tell apart, words that stand out."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from riskmap.publish.style import GRADES, page_style, style, style_names

SIGNS = [style(name) for name in style_names() if style(name).kind == "point"]
# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
BLIND = {
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
}


def linear(colour: str) -> np.ndarray:
    part = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = rgb @ np.array(
        [
            [0.4124, 0.2126, 0.0193],
            [0.3576, 0.7152, 0.1192],
            [0.1805, 0.0722, 0.9505],
        ]
    )
    f = np.cbrt(np.clip(xyz / [0.9505, 1.0, 1.089], 1e-6, None))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def grey(colour: str) -> float:
    """Return the lightness of a colour on a grey copy, 0 to 100."""
    return float(lab(np.full(3, luminance(colour)))[0])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_no_two_signs_look_alike_on_a_grey_copy() -> None:
    alike = []
    for one, other in combinations(SIGNS, 2):
        if (one.symbol, one.mark) != (other.symbol, other.mark):
            continue
        body = abs(grey(one.fill) - grey(other.fill))
        rim = abs(grey(one.edge) - grey(other.edge)) if one.edge != other.edge else 0
        thicker = abs(one.width_mm - other.width_mm)
        sizes = abs(one.size_mm - other.size_mm)
        if max(body, rim) < 7 and thicker < 0.3 and sizes < 0.8:
            alike.append((one.name, other.name))
    assert alike == []


@pytest.mark.parametrize("eyes", ["all", *BLIND])
@pytest.mark.parametrize("family", ["landslide", "risk_zone"])
def test_grades_are_told_apart_by_every_eye(eyes: str, family: str) -> None:
    turn = np.array(BLIND.get(eyes, np.eye(3)))
    seen = [
        lab(np.clip(turn @ linear(style(f"{family}_{grade}").fill), 0, 1))
        for grade in GRADES
    ]
    for one, other in combinations(seen, 2):
        assert np.hypot(*(one - other)[1:]) + abs(one - other)[0] > 10


@pytest.mark.parametrize("eyes", ["all", *BLIND])
def test_routes_and_danger_are_told_apart_by_every_eye(eyes: str) -> None:
    turn = np.array(BLIND.get(eyes, np.eye(3)))
    route, closed = style("route").fill, style("closure").fill
    seen = [lab(np.clip(turn @ linear(one), 0, 1)) for one in (route, closed)]
    assert np.linalg.norm(seen[0] - seen[1]) > 10
    assert style("closure").mark
    assert not style("route").dash_mm
    assert style("route_backup").dash_mm


@pytest.mark.parametrize("name", style_names())
def test_words_stand_out_from_the_paper(name: str) -> None:
    assert contrast(style(name).text, page_style()["paper"]) >= 4.5


@pytest.mark.parametrize("ink", ["ink", "quiet", "danger", "safe"])
def test_words_of_the_page_stand_out(ink: str) -> None:
    assert contrast(page_style()[ink], page_style()["paper"]) >= 4.5


def test_marks_stand_out_from_their_signs() -> None:
    faint = [
        one.name
        for one in SIGNS
        if one.mark and contrast(one.mark_fill, one.fill) < 2.0
    ]
    assert faint == []


def test_insufficient_data_is_hatched_and_no_colour() -> None:
    look = style("insufficient")
    assert look.hatch
    red, green, blue = linear(look.fill)
    assert max(red, green, blue) - min(red, green, blue) < 0.05
