"""Logs of real shape, one file a case, with the detections expected of it beside it.

`tests/corpus/logs/README.md` says how an expectation is written.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from app.cli.scan import shown
from app.domain.detections import Detector
from app.scanning.log_scan import detections

LOGS = Path(__file__).parent / "corpus" / "logs"
CASES = sorted(LOGS.glob("*.log"))
RELATIONS = {"same_as", "differs_from"}


def found_in(log: Path) -> list[dict[str, Any]]:
    with log.open("rb") as stream:
        found = [shown(log.name, finding) for finding in detections(stream, Detector())]
    for detection in found:
        detection["frame_functions"] = [frame["function"] for frame in detection["frames"]]
        detection["in_app"] = [frame["in_app"] for frame in detection["frames"]]
    return found


def test_the_corpus_is_there() -> None:
    assert len(CASES) >= 70
    assert all(log.with_suffix(".json").exists() for log in CASES)


@pytest.mark.parametrize("log", CASES, ids=lambda log: log.stem)
def test_a_log_gives_just_the_detections_expected_of_it(log: Path) -> None:
    expected = json.loads(log.with_suffix(".json").read_text())
    found = found_in(log)
    assert [(d["line"], d["kind"]) for d in found] == [(e["line"], e["kind"]) for e in expected]
    for detection, wanted in zip(found, expected, strict=True):
        values = {key: detection[key] for key in wanted.keys() - RELATIONS - {"enrichment"}}
        assert values == {key: wanted[key] for key in values}
        enrichment = {key: detection["enrichment"][key] for key in wanted.get("enrichment", {})}
        assert enrichment == wanted.get("enrichment", {})
        if "same_as" in wanted:
            assert detection["fingerprint"] == found[wanted["same_as"]]["fingerprint"]
        for other in wanted.get("differs_from", []):
            assert detection["fingerprint"] != found[other]["fingerprint"]
