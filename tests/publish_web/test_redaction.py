"""What a public edition leaves out, and that it says so."""

from __future__ import annotations

import pytest

from riskmap.errors import LayerError
from riskmap.publish.redaction import mask_name, mask_phone, redact
from tests.publish_web.county import OFFICIAL, PRIVATE, VISIBILITY, atlas


def values(shown) -> str:  # noqa: ANN001 (an Atlas)
    """Return every cell of an atlas as one text."""
    frames = [*shown.layers.values(), *shown.audit.values(), shown.findings]
    for plan in shown.plans.values():
        frames += [plan.groups, plan.assignments, plan.routes, plan.route_legs]
        frames += [plan.shelters, plan.ledger]
    return "\n".join(frame.to_csv() for frame in frames)


@pytest.mark.parametrize("officials", ["full", "masked", "none"])
def test_no_private_value_is_left(officials: str) -> None:
    shown, _ = redact(atlas(), edition="public", officials=officials)
    text = values(shown)
    for secret in PRIVATE.values():
        assert secret not in text
    assert "households" not in shown.layers
    assert shown.imprint.edition == "public"


def test_officials_are_shown_as_asked() -> None:
    seen = {
        how: values(redact(atlas(), edition="public", officials=how)[0])
        for how in ("full", "masked", "none")
    }
    assert OFFICIAL["name"] in seen["full"]
    assert OFFICIAL["phone"] in seen["full"]
    assert OFFICIAL["name"] not in seen["masked"]
    assert "王*" in seen["masked"]
    assert "138****1234" in seen["masked"]
    assert OFFICIAL["name"] not in seen["none"]
    assert "王*" not in seen["none"]


def test_the_internal_edition_is_complete_and_marked() -> None:
    shown, log = redact(atlas(), edition="internal")
    for secret in PRIVATE.values():
        assert secret in values(shown)
    assert shown.imprint.edition == "internal"
    assert log.empty


def test_a_column_nobody_spoke_for_is_private() -> None:
    given = atlas()
    houses = given.layers["unsafe_houses"].assign(diary="秘密")
    given = type(given)(
        **{
            name: getattr(given, name)
            for name in given.__dataclass_fields__
            if name != "layers"
        },
        layers={**given.layers, "unsafe_houses": houses},
    )
    shown, log = redact(given, edition="public")
    assert "diary" not in shown.layers["unsafe_houses"].columns
    dropped = log[(log["layer"] == "unsafe_houses") & (log["action"] == "dropped")]
    assert set(dropped["column"]) == {"diary", "owner", "phone", "remark"}
    assert dropped["rows"].eq(1).all()


def test_an_unknown_layer_shows_nothing_but_its_place() -> None:
    given = atlas()
    strange = given.layers["roads"].rename(columns={"name": "secret"})
    layers = {**given.layers, "strange": strange}
    fields = {n: getattr(given, n) for n in given.__dataclass_fields__ if n != "layers"}
    shown, _ = redact(type(given)(**fields, layers=layers), edition="public")
    assert list(shown.layers["strange"].columns) == ["geometry"]


def test_nothing_given_is_changed() -> None:
    given = atlas()
    before = values(given)
    redact(given, edition="public", officials="none")
    assert values(given) == before
    assert set(VISIBILITY["unsafe_houses"]) <= set(
        given.layers["unsafe_houses"].columns
    )


def test_people_and_reasons_of_a_plan_stay() -> None:
    given = atlas()
    shown, _ = redact(given, edition="public", officials="none")
    assert shown.plan is not None
    assert given.plan is not None
    assert shown.plan.assignments.equals(given.plan.assignments)
    assert shown.plan.groups["people"].equals(given.plan.groups["people"])
    assert shown.plan.groups.geometry.equals(given.plan.groups.geometry)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("8712-3456", "****56"),
        ("", ""),
        ("内线", ""),
    ],
)
def test_phones_are_masked(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(("name", "masked"), [("张三", "张*"), ("", "")])
def test_names_are_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"edition": "secret"}, 'no edition is named "secret"'),
        ({"edition": "public", "officials": "some"}, 'not "some"'),
    ],
)
def test_unknown_options_are_refused(options: dict[str, str], match: str) -> None:
    with pytest.raises(LayerError, match=match):
        redact(atlas(), **options)  # type: ignore[arg-type]
