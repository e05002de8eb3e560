import pytest
from pydantic import ValidationError

from payments.alert import AlertMessage
from tests.payments.made import AT


def test_an_alert_survives_json_and_knows_three_severities() -> None:
    given = {
        "dedup_key": "i:ask",
        "incident_id": "i",
        "at": AT,
        "severity": "warning",
        "title": "T",
        "text": "x",
    }
    alert = AlertMessage.model_validate(given)
    assert AlertMessage.model_validate_json(alert.model_dump_json()) == alert
    with pytest.raises(ValidationError, match="severity"):
        AlertMessage.model_validate(given | {"severity": "loud"})
