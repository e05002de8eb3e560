"""Hourly counts of an Indian payment aggregator in February 2020, with an incident that is labelled."""

from datetime import UTC, datetime

import pytest

from payments.action import Reroute
from tests.end_to_end.command import ROOT, Command, briefs

pytestmark = pytest.mark.integration

DATA = ROOT / ".." / "shared" / "data" / "juspay_hourly_2020.csv"
MAP = "attempts=t,success=success,time=hr,dims=mid,pmt,pg,sub_type,bank"
LABELLED = datetime(2020, 2, 13, 18, tzinfo=UTC)
TWO_HOURS_LATER = datetime(2020, 2, 13, 20, tzinfo=UTC)
CULPRIT = {"pg": "PAYTM_V2", "pmt": "UPI", "sub_type": "UPI_COLLECT"}


@pytest.mark.skipif(not DATA.exists(), reason="the data set is not part of the project")
def test_the_labelled_incident_is_named_within_two_hours_and_nothing_is_moved_before(run: Command) -> None:
    done = run("watch", "--source", str(DATA), "--map", MAP, "--json")
    assert done.code == 0, done.err
    soon = [report for report in done.reports if LABELLED < report.at <= TWO_HOURS_LATER]
    assert any(incident.culprit.root == CULPRIT for report in soon for incident in briefs(report))
    before = [report for report in done.reports if report.at <= LABELLED]
    assert len(before) > 24
    proposed = [report.proposed_action for report in before]
    proposed += [brief.proposed for report in before for brief in briefs(report) if brief.proposed]
    assert not any(isinstance(action, Reroute) for action in proposed)
