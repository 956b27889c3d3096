# ruff: noqa: ANN001, ANN201
from __future__ import annotations

import numpy as np
import pytest

from riskmap.errors import NetworkError
from riskmap.routing import slope_functions, walking_speed

# domain.md 7.3: slope, then metres a second.
TABLE = {
    "tobler": (0.69, 1.40, 1.40, 0.99, 0.69, 0.49),
    "tobler_offpath": (0.42, 0.84, 0.84, 0.59, 0.42, 0.29),
    "marquez_perez_2017": (0.51, 1.08, 1.14, 0.78, 0.54, 0.37),
    "irmischer_clarke": (0.82, 1.10, 1.10, 0.99, 0.82, 0.62),
    "campbell_2019_p50": (1.36, 2.45, 2.55, 1.85, 1.30, 1.00),
    "campbell_2019_p05": (0.75, 1.10, 1.14, 0.96, 0.74, 0.59),
}
SLOPES = np.array([-0.3, -0.1, 0.0, 0.1, 0.2, 0.3])


@pytest.mark.parametrize(("name", "speeds"), TABLE.items())
def test_speeds_match_the_published_table(name, speeds):
    np.testing.assert_allclose(walking_speed(SLOPES, function=name), speeds, atol=0.006)


def test_irmischer_clarke_is_signed():
    peak = walking_speed(-0.05, function="irmischer_clarke")
    assert peak == pytest.approx(1.11)
    assert walking_speed(0.05, function="irmischer_clarke") < peak


def test_off_path_bell_is_as_wide_as_on_path():
    speed = walking_speed(0.28, function="irmischer_clarke_offpath")
    assert speed == pytest.approx(0.11 + 0.67 * np.exp(-0.5))


def test_naismith_is_clamped_where_it_would_run():
    assert walking_speed(-0.2, function="naismith_langmuir") == pytest.approx(1.7)
    assert walking_speed(0.1, function="naismith_langmuir") == pytest.approx(1 / 1.32)


@pytest.mark.parametrize(
    ("slope", "seconds"),
    [(0.3, 2.52), (0.0, 0.72), (-0.05, 0.72), (-0.25, 1.21995), (-0.3, 1.31994)],
)
def test_naismith_has_three_bands_downhill(slope, seconds):
    speed = walking_speed(slope, function="naismith_langmuir")
    assert speed == pytest.approx(1 / seconds)


def test_campbell_holds_to_thirty_degrees_not_thirty_percent():
    assert walking_speed(0.5) < walking_speed(0.31)
    assert walking_speed(0.7) == walking_speed(2.0)


@pytest.mark.parametrize("name", slope_functions())
def test_every_function_is_positive_and_slowest_uphill(name):
    speed = walking_speed(np.linspace(-0.57, 0.57, 115), function=name)
    assert (speed > 0).all()
    assert speed[-1] < speed[57]


def test_an_unknown_function_is_named():
    with pytest.raises(
        NetworkError, match='no slope function "toblar"; there are tobl'
    ):
        walking_speed(0.0, function="toblar")
