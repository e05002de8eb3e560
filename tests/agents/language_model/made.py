"""A brief of an incident, and an answer to it that stands up to every check."""

import json
from typing import Any

from agents.language_model.brief import Brief
from payments.diagnosis import Diagnosis, EvidenceItem
from tests.console.examples import diagnosis, incident, plan

EVIDENCE = (
    EvidenceItem(id="e1", label="failures in the culprit", observed=231, expected=4.25),
    EvidenceItem(id="e2", label="failure rate", observed=0.66, expected=0.0621, unit="rate"),
    EvidenceItem(id="e3", label="excess of code 91", observed=1234.5, expected=0.0),
    EvidenceItem(id="e4", label="excess of code Z9", observed=17.0, expected=0.0),
)


def diagnosed(**changes: object) -> Diagnosis:
    """Diagnose the example, with changes."""
    return diagnosis().model_copy(update={"evidence": EVIDENCE, **changes})


def brief(given: Diagnosis | None = None) -> Brief:
    """Put it as a brief."""
    verdict = incident().verdict
    assert verdict is not None
    return Brief.of(given or diagnosed(), plan(), verdict)


def answer(**changes: object) -> dict[str, Any]:
    """Answer well, with changes."""
    good: dict[str, Any] = {
        "ranking": ["h1", "h2"],
        "cites": ["e1"],
        "doubts": [{"id": "e2", "words": "a rate of 66 % is below a full outage"}],
        "objections": [{"id": "k1", "words": "0.8 is close to its limit"}],
        "summary": "Payments of route_1 fail: 231 against 4.25 expected, and the crew proposes to move them.",
    }
    return {**good, **changes}


def written(**changes: object) -> str:
    """Write an answer as a model does."""
    return json.dumps(answer(**changes))
