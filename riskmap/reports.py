"""What a step prints: a few Chinese lines from the frames it made."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from riskmap.census import error_rates, load_layer, rectification
from riskmap.coverage.proposals import LOT
from riskmap.messages import message
from riskmap.standards import load_standard, reason_label

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from riskmap.census import Census
    from riskmap.coverage import Proposals
    from riskmap.evacuation import Drill, Plan
    from riskmap.routing import Network

__all__ = [
    "audited",
    "checked",
    "differing",
    "drilled",
    "found",
    "planned",
    "published",
    "sited",
    "verified",
]


def checked(
    census: Census, networks: Mapping[str, Network], *, as_of: dt.date
) -> list[str]:
    """Say what was read, what was found wrong, and what the roads became."""
    accounts = census.sources
    severity = census.findings["severity"].value_counts()
    lines = [
        message(
            "say.read",
            layers=accounts["layer"].nunique(),
            read=int(accounts["read"].sum()),
            accepted=int(accounts["accepted"].sum()),
            quarantined=int(accounts["quarantined"].sum()),
        )
    ]
    lines += [
        message(
            "say.source",
            layer=load_layer(str(row.layer)).label,
            read=row.read,
            accepted=row.accepted,
            quarantined=row.quarantined,
            by_id=row.placed_by_id,
            by_name=row.placed_by_name,
            unplaced=row.unplaced,
        )
        for row in accounts.itertuples()
    ]
    lines.append(
        message(
            "say.findings",
            total=len(census.findings),
            **{one: int(severity.get(one, 0)) for one in ("error", "warning", "info")},
        )
    )
    lines += [*_quality_lines(census), *_rectified_lines(census, as_of)]
    return lines + [_network_line(mode, one) for mode, one in networks.items()]


def _quality_lines(census: Census) -> list[str]:
    """Say the error rate of the whole census by both methods."""
    rates = error_rates(census)
    if rates.empty:
        return []
    row = rates.iloc[-1]
    verdict = {True: message("say.passed"), False: message("say.failed")}
    return [
        message(
            "say.error_rate",
            sampling=row["sampling"],
            plain=row["rate_plain"],
            plain_passed=verdict[bool(row["passed_plain"])],
            mean=row["rate_mean"],
            mean_passed=verdict[bool(row["passed_mean"])],
            limit=row["limit"],
            assumed=message("say.assumed") if row["assumed"] else "",
        )
    ]


def _rectified_lines(census: Census, as_of: dt.date) -> list[str]:
    """Say how much of what inspections found is put right."""
    inspections = census.layers.get("inspections")
    if inspections is None:
        return []
    row = rectification(inspections, as_of=as_of).iloc[-1]
    if not row["problems"]:
        return []
    return [
        message(
            "say.rectification",
            problems=row["problems"],
            done=row["rectified"] + row["late"],
            rate=row["rate"],
            overdue=row["overdue"],
            unknown=row["unknown"],
        )
    ]


def _network_line(mode: str, network: Network) -> str:
    """Say how large a network is."""
    return message(
        "say.network",
        mode=message(f"mode.{mode}"),
        nodes=len(network.node_xy),
        edges=len(network.edge_length_m),
        km=round(float(network.edge_length_m.sum()) / 1000),
        islands=int(network.component.max()) if len(network.component) else 0,
    )


def audited(tiers: pd.DataFrame) -> list[str]:
    """Say how many people each tier covers, by circle and by road."""
    lines = []
    for (name, tier), rows in tiers.groupby(["standard", "tier"], sort=True):
        label = load_standard(str(name)).label
        if rows["circle_people"].notna().any():
            lines.append(
                message(
                    "say.audited",
                    standard=label,
                    tier=tier,
                    circle=_people(rows["circle_people"]),
                    network=_people(rows["network_people"]),
                    people=_people(rows["people"]),
                    unknown=int(rows["people"].isna().sum()),
                    listed=_people(rows["listed_people"].where(rows["people"].isna())),
                )
            )
        lines.append(
            message(
                "say.rostered",
                standard=label,
                tier=tier,
                passed=int(rows["passed"].fillna(value=False).sum()),
                villages=len(rows),
            )
        )
    return lines


def _people(counts: pd.Series) -> int:
    """Sum people; the unknown are no part of it, and counted beside it."""
    return int(counts.sum())


def planned(plans: Mapping[str, Plan]) -> list[str]:
    """Say who is placed and who is not, and why."""
    lines = []
    for name, plan in plans.items():
        rows = plan.assignments
        placed = rows["reason"].eq("ok")
        known = rows["people"].fillna(0)
        lines.append(
            message(
                "say.planned",
                scenario=name,
                people=int(known.sum()),
                placed=int(known[placed].sum()),
                unplaced=int(known[~placed].sum()),
                unknown=int(rows["people"].isna().sum()),
            )
        )
        lines += _who_else(plan)
        lines += [
            message(
                "say.unplaced",
                reason=reason_label(str(reason)),
                groups=len(people),
                people=int(people.sum()),
            )
            for reason, people in known[~placed].groupby(rows["reason"])
        ]
    return lines


def _who_else(plan: Plan) -> list[str]:
    """Say who stays at this level of response, and what may be counted twice."""
    lines = []
    if len(plan.staying):
        lines.append(
            message(
                "say.staying",
                level=plan.summary["level"].iloc[0],
                groups=len(plan.staying),
                people=int(plan.staying["people"].sum()),
            )
        )
    least, most = (
        int(plan.ledger[name].sum()) for name in ("people_min", "people_max")
    )
    if least < most:
        lines.append(message("say.doubled", least=least, most=most))
    return lines


def drilled(drills: Mapping[str, Drill]) -> list[str]:
    """Say who is safe by when, and where people queue longest."""
    lines = []
    for name, one in drills.items():
        last = one.people.iloc[-1]
        queue = one.links.sort_values("longest_queue_min", ascending=False)
        road = queue.iloc[0] if len(queue) else None
        lines.append(
            message(
                "say.drilled",
                scenario=name,
                minutes=int(last["minute"]),
                people=int(last["safe_people"]),
                stopped=int(last["stopped_people"]),
                road="" if road is None else road["road_name"] or road["road_id"],
                queue=0 if road is None else math.ceil(road["longest_queue_min"]),
            )
        )
    return lines


def verified(broken: pd.DataFrame, routes: int) -> list[str]:
    """Say whether the plan holds, and which rules are broken."""
    if broken.empty:
        return [message("say.verified", routes=routes)]
    return [
        message("say.broken", count=len(broken)),
        *(
            message("say.broken_row", rule=row.rule, message=row.message)
            for row in broken.itertuples()
        ),
    ]


def sited(found: Proposals) -> list[str]:
    """Say what new shelters, beds, footbridges and teams would buy."""
    shelters, beds, bridges, teams = (
        found.shelters, found.beds, found.bridges, found.teams,
    )  # fmt: skip
    label = found.standard.label
    lines = [
        message(
            "say.sited", sites=len(shelters.sites), before=shelters.covered_before,
            after=shelters.covered_after, people=shelters.people,
        ),
        message(
            "say.bedded", lots=len(beds.beds), lot=LOT, before=beds.placed_before,
            after=beds.placed_after, lost=int(beds.unserved["people"].sum()),
            unknown=beds.unknown_shelters,
        ),
        message(
            "say.bridged", links=len(bridges.links), before=bridges.covered_before,
            after=bridges.covered_after,
        ),
    ]  # fmt: skip
    if teams is None or found.tier is None:
        return [*lines, message("say.unteamed", standard=label)]
    words = {"standard": label, "tier": found.tier.number, "sites": len(teams.sites),
             "gained": teams.covered_after, "left": teams.people - teams.covered_after,
             "unknown": teams.unknown_places}  # fmt: skip
    return [*lines, message("say.teamed", **words)]


def published(files: pd.DataFrame, index: object) -> list[str]:
    """Say how much was published, and which page to open."""
    return [
        message(
            "say.published",
            files=len(files),
            villages=files["village_code"].dropna().nunique(),
            index=index,
        )
    ]


def differing(changes: pd.DataFrame, cover: pd.DataFrame | None) -> list[str]:
    """Say what was added, removed, moved and changed, and what became of cover."""
    counts = changes["change"].value_counts()
    words = {
        one: int(counts.get(one, 0)) for one in ("added", "removed", "moved", "changed")
    }
    followed = ("merged", "renamed", "split")
    words["followed"] = sum(int(counts.get(one, 0)) for one in followed)
    lines = [message("say.differs", **words)]
    if cover is None:
        return [*lines, message("say.cover_untold")]
    villages = cover.groupby("change")["village_code"].nunique()
    kinds = ("gained", "lost", "unknown")
    told = {one: int(villages.get(one, 0)) for one in kinds}
    return [*lines, message("say.cover", **told)]


def found(nearest: Mapping[str, pd.DataFrame]) -> list[str]:
    """Say who and what is nearest by road, kind by kind."""
    lines = []
    for layer, rows in nearest.items():
        lines.append(message("say.found_kind", label=load_layer(layer).label))
        lines += [_found_line(rank, row) for rank, row in enumerate(_rows(rows), 1)]
    return lines


def _found_line(rank: int, row: Mapping[str, Any]) -> str:
    """Say one place that was found, or why it is not reached."""
    if pd.isna(row["time_min"]):
        return message(
            "say.found_unreached",
            rank=rank,
            name=row["name"],
            reason=reason_label(str(row["reason"])),
        )
    extra = [row.get(key) for key in ("stock", "responsible_a", "phone_a")]
    stock, *who = ["" if pd.isna(one) else f"，{one}" for one in extra]
    return message(
        "say.found_row",
        rank=rank,
        name=row["name"],
        minutes=math.ceil(row["time_min"]),
        metres=round(row["length_m"]),
        stock=stock,
        who="".join(who),
    )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as mappings."""
    return [
        {str(key): cell for key, cell in row.items()}
        for row in frame.to_dict("records")
    ]
