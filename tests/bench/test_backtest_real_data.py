"""The backtest on hourly counts of an Indian payment aggregator in February 2020 (Juspay data challenge)."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.backtest import measure

DATA = Path(__file__).parents[2] / ".." / "shared" / "data" / "juspay_hourly_2020.csv"
MAP = "attempts=t,success=success,time=hr,dims=mid,pmt,pg,sub_type,bank"
CULPRIT = {"pg": "PAYTM_V2", "pmt": "UPI", "sub_type": "UPI_COLLECT"}
LABELS = """id,start,end,segment
collect,2020-02-13 18:00,2020-02-14 08:00,"pg=PAYTM_V2,pmt=UPI,sub_type=UPI_COLLECT"
"""

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the data set is not part of the project")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    labels = tmp_path_factory.mktemp("labels") / "labels.csv"
    labels.write_text(LABELS, encoding="utf-8")
    return measure(Namespace(file=DATA, mapping=MAP, incidents=labels, learn_hours=24.0, json=None))


def test_the_known_incident_is_alarmed_at_the_end_of_its_first_hour(result: Mapping[str, Any]) -> None:
    (incident,) = result["labelled"]
    assert (incident["outcome"], incident["delay_ticks"]) == ("alarmed", 1)
    (alarm,) = [alarm for alarm in result["alarms"] if alarm["label"] == "collect"]
    assert alarm["at"] == "2020-02-13T19:00:00+00:00"
    assert alarm["culprit"] == CULPRIT


def test_at_most_three_other_alarms_are_raised_and_each_is_explained(result: Mapping[str, Any]) -> None:
    others = [alarm for alarm in result["alarms"] if alarm["label"] is None]
    assert len(others) <= 3
    for alarm in others:
        assert f"{alarm['expected']:.1f} expected, since " in alarm["why"]
        assert "Analyst: " in alarm["why"]
