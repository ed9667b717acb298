"""What docs/reading-a-report.md shows can be used as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from scenarios import spec
from scenarios.answers import read_answer
from scenarios.spec import MetricName

PAGE = (Path(__file__).parents[2] / "docs" / "reading-a-report.md").read_text("utf-8")


def block(begin: str) -> str:
    found = [one for one in re.findall(r"```\w*\n(.*?)```", PAGE, flags=re.DOTALL) if one.startswith(begin)]
    assert len(found) == 1, begin
    return str(found[0])


def test_the_scenario_of_the_page_is_sound() -> None:
    scenario = spec.load(block("scenario: "), "docs/reading-a-report.md")
    assert scenario.faults
    assert scenario.limits["over_recall_factor"].law == "fifo"


def test_the_answer_of_the_page_is_one() -> None:
    claims = read_answer(block("id,class").encode(), "docs/reading-a-report.md")
    assert [one.confidence for one in claims] == ["certain", "certain", "possible", "possible"]


def test_every_file_of_a_drill_and_every_key_of_a_scenario_stands_on_the_page() -> None:
    for name in ("report.html", "scorecard.json", "answer.json", "affected.csv", "truth.npz", "suspect.json"):
        assert f"`{name}`" in PAGE
    for model in (spec.Scenario, spec.Hazard, spec.SuspectRule, spec.Response):
        for key in model.model_fields:
            assert re.search(rf"\b{key}\b", PAGE), key


def test_the_limits_a_scenario_may_set_are_metrics_of_the_score_card() -> None:
    assert "trace_ms" not in get_args(MetricName)
    for name in get_args(MetricName):
        assert name in PAGE, name
