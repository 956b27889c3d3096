"""Gaps, ratios and what the loss of one unit costs."""

import pandas as pd
import pytest
from coverage_world import at, teams, villages

from riskmap.coverage import (
    audit_coverage,
    coverage_gaps,
    coverage_ratios,
    unit_losses,
)
from riskmap.routing import Network


def test_gaps_hold_the_people_of_the_audit(network: Network) -> None:
    here = villages([0, 900, 1300, 5000], [10, 20, 30, 40])
    gaps = coverage_gaps(here, teams([0]), network, standard="three_minute")
    audit = audit_coverage(here, teams([0]), network, standard="three_minute")
    assert gaps["people"].sum() == (audit["people"] - audit["network_people"]).sum()
    far = gaps.set_index("village_code").loc["990100000003"]
    assert far["people"] == 40
    assert far["reason"] == "over_time"
    assert far.geometry.area == pytest.approx(400 * 400)
    near = gaps.set_index("village_code").loc["990100000000"]
    assert near["people"] == 0
    assert 0 < near.geometry.area < 400 * 400
    assert gaps.crs == here.crs


def test_a_village_without_area_is_a_gap_without_shape(network: Network) -> None:
    here = villages([5000])
    here["geometry"] = here.representative_point()
    gap = coverage_gaps(here, teams([0]), network, standard="three_minute").iloc[0]
    assert gap["people"] == 100
    assert gap.geometry is None


def test_a_joint_gap_is_what_two_units_do_not_reach(network: Network) -> None:
    here = villages([0, 1000])
    crew = teams([0, 2000])
    gaps = coverage_gaps(here, crew, network, standard="135_taizhou")
    joint = gaps[gaps["tier"] == 3].set_index("village_code")
    alone = coverage_gaps(here, teams([0]), network, standard="135_taizhou")
    assert alone[alone["tier"] == 3]["people"].tolist() == [100, 100]
    assert joint["people"].sum() <= 100


def test_unknown_people_stay_unknown(network: Network) -> None:
    here = villages([5000], [None])
    gaps = coverage_gaps(here, teams([0]), network, standard="three_minute")
    assert gaps["people"].isna().all()


def test_the_loss_of_a_unit_costs_those_who_have_no_other(network: Network) -> None:
    here = villages([0, 900, 5000, 9000], [10, 20, 30, 40])
    losses = unit_losses(here, teams([0, 800, 5000]), network, standard="three_minute")
    assert losses[["team_id", "people"]].to_numpy().tolist() == [["T2", 30]]
    assert losses["villages"].tolist() == ["990100000002"]
    both = unit_losses(here, teams([0, 5000]), network, standard="three_minute")
    assert both[["team_id", "people"]].to_numpy().tolist() == [["T0", 30], ["T1", 30]]
    assert both["villages"].tolist() == ["990100000000、990100000001", "990100000002"]


@pytest.mark.parametrize("standard", ["three_minute", "135_taizhou"])
def test_without_teams_nothing_is_lost_and_all_is_gap(
    network: Network, standard: str
) -> None:
    here = villages([0])
    assert unit_losses(here, teams([]), network, standard=standard).empty
    gaps = coverage_gaps(here, teams([None]), network, standard=standard)
    assert gaps["people"].eq(100).all()


def test_losses_are_what_an_audit_without_the_unit_says(network: Network) -> None:
    here = villages([0, 900, 1700, 5000], [10, 20, 30, 40])
    crew = teams([0, 1000, 5000])
    base = audit_coverage(here, crew, network, standard="three_minute")
    losses = unit_losses(here, crew, network, standard="three_minute")
    told = losses.set_index("team_id")["people"].reindex(crew["team_id"], fill_value=0)
    for row, team in enumerate(crew["team_id"]):
        rest = audit_coverage(here, crew.drop(row), network, standard="three_minute")
        cost = base["network_people"].sum() - rest["network_people"].sum()
        assert told[team] == cost


def test_ratios_by_township_and_county(network: Network) -> None:
    here = villages([0, 900, 5000, 9000], [10, 20, 30, None])
    audit = audit_coverage(here, teams([0]), network, standard="135_taizhou")
    towns = coverage_ratios(audit, here)
    county = coverage_ratios(audit, here, by="county")
    two = towns[towns["tier"] == 2].set_index("township_code")
    assert two["network_ratio"].tolist() == pytest.approx([10 / 40, 1.0])
    assert two["unknown_villages"].tolist() == [0, 1]
    assert two["villages"].tolist() == [2, 2]
    for column in ("people", "network_people", "passed_villages", "villages"):
        sums = towns.groupby("tier")[column].sum(min_count=1)
        assert sums.tolist() == county[column].tolist() or column == "network_people"
    assert county["network_people"].isna().tolist() == [True, False, False]


def test_the_far_bank_is_out_of_reach(network: Network) -> None:
    here = villages([0])
    here["geometry"] = here.translate(0, 5000)
    assert here.geometry.iloc[0].contains(at(0, 5000))
    gap = coverage_gaps(here, teams([0]), network, standard="fifteen_minute").iloc[0]
    assert gap["reason"] == "cut_off"
    assert not pd.isna(gap["people"])
