"""The benchmarks run, their peers answer the same, the results have their form."""

from __future__ import annotations

import json

import pytest

from benchmarks.__main__ import MODULES, main
from benchmarks.harness import Timing, compare, insist

FIELDS = {
    "benchmark", "case", "peer", "ours_s", "peer_s", "ratio", "ours_peak_mb",
}  # fmt: skip
NAMES = {
    "nearest", "reach", "isochrones", "census", "audit", "plan", "publish", "workers",
    "closures", "growth", "network",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_quick_run_writes_a_record_of_every_benchmark(tmp_path):  # noqa: ANN001, ANN201
    main(["--quick", "--out", str(tmp_path / "results.json")])
    records = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert {one["benchmark"] for one in records} >= NAMES
    for one in records:
        assert set(one) >= FIELDS
        if one["ratio"] is None:
            assert one["note"]
        else:
            assert one["ratio"] == pytest.approx(
                one["peer_s"] / one["ours_s"], rel=0.01
            )


def test_a_name_nobody_knows_is_refused(capsys):  # noqa: ANN001, ANN201
    with pytest.raises(SystemExit):
        main(["nosuch"])
    assert "no benchmark nosuch" in capsys.readouterr().err
    assert "search" in MODULES


def test_a_peer_that_answers_otherwise_gets_no_time():  # noqa: ANN201
    def other() -> Timing:
        insist(same=False, what="two")
        return Timing(1.0, 1.0)

    (record,) = compare("nearest", "toy", Timing(1.0, 1.0), None, [("scipy", other)])
    assert record.ratio is None
    assert record.note == "answers differ: two"
