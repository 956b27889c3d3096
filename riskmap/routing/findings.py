"""Findings about a network, and their words for the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from riskmap.standards import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riskmap.routing.network import Network

__all__ = ["COLUMNS", "finding", "findings_frame", "road_findings"]

COLUMNS = ("layer", "rule", "row", "value", "severity", "message")
_SAME = ["rule", "row", "value"]


def finding(rule: str, *, row: object = "", value: object = "") -> dict[str, str]:
    """Make one finding; its rule tells the severity, its message is a key of words."""
    known = read_table("road_findings")["rules"][rule]
    return {
        "layer": "roads", "rule": rule, "row": str(row), "value": str(value),
        "severity": known["severity"], "message": f"roads.{rule}",
    }  # fmt: skip


def findings_frame(rows: Iterable[dict[str, str]]) -> pd.DataFrame:
    """Return findings as a frame of text."""
    return pd.DataFrame(list(rows), columns=list(COLUMNS), dtype="str")


def road_findings(networks: Mapping[str, Network]) -> pd.DataFrame:
    """Say in Chinese what was noticed while networks were built.

    Parameters
    ----------
    networks
        Mode to network; what several modes share is said once.

    Returns
    -------
    pandas.DataFrame
        layer (``roads``), road_id, rule, severity, value, message, suggestion; in
        the order in which the networks found them.
    """
    table = read_table("road_findings")
    every = [one.findings.assign(mode=mode) for mode, one in networks.items()]
    names = _names(networks.values())
    rows = []
    if some := [one for one in every if len(one)]:
        grouped = pd.concat(some, ignore_index=True).groupby(_SAME, sort=False)
        for (rule, road, value), same in grouped:
            known = table["rules"][rule]
            modes = "、".join(table["modes"][one] for one in same["mode"].unique())
            words = {"road": names.get(str(road), road), "value": value, "modes": modes}
            said = [known[one].format_map(words) for one in ("message", "suggestion")]
            rows.append(("roads", road, rule, known["severity"], value, *said))
    columns = ["layer", "road_id", "rule", "severity", "value", "message", "suggestion"]
    return pd.DataFrame(rows, columns=columns)


def _names(networks: Iterable[Network]) -> dict[str, str]:
    """Return roads as people know them, by id: the id, and the name where known."""
    known: dict[str, str] = {}
    for network in networks:
        for one, name in network.roads[["road_id", "road_name"]].itertuples(
            index=False
        ):
            known[str(one)] = f"{one}（{name}）" if name else str(one)
    return known
