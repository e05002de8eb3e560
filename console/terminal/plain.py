"""One cycle as six fixed lines, or as one line of JSON; nothing else on standard output.

Imports nothing that draws, so that `--plain` and `--json` start fast.
"""

from decimal import ROUND_DOWN, Decimal

from console.terminal.clean import one_line
from console.terminal.words import action_words, evidence_words, listed
from graph.report import CycleReport, RiskAssessment

separator = "\n"
"""Printed between two cycles: one empty line."""


def plain(report: CycleReport) -> str:
    """Say what the cycle says, one line a matter, without a line break at the end."""
    lines = {
        "Diagnosis": report.diagnosis,
        "Evidence": listed([evidence_words(item) for item in report.evidence]),
        "Proposed Action": action_words(report.proposed_action),
        "Risk Assessment": risk_words(report.risk_assessment),
        "Confidence Score": confidence_words(report.confidence_score),
    }
    if report.recommendation is not None:
        lines["Recommendation"] = report.recommendation
    return "\n".join(f"{name}: {one_line(words)}".rstrip() for name, words in lines.items())


def as_json(report: CycleReport) -> str:
    """Write the whole report as one line of ASCII JSON."""
    return report.model_dump_json(ensure_ascii=True)


def confidence_words(confidence: float) -> str:
    """Write a confidence with two decimals, cut off, so that 0.7999 never looks like 0.80."""
    return str(Decimal(repr(confidence)).quantize(Decimal("0.01"), rounding=ROUND_DOWN))


def risk_words(risk: RiskAssessment) -> str:
    """Say the ruling and its reason, with the failed checks that the reason leaves out."""
    unsaid = unsaid_checks(risk)
    return f"{ruling_words(risk)} Failed checks: {' '.join(unsaid)}" if unsaid else ruling_words(risk)


def ruling_words(risk: RiskAssessment) -> str:
    """Say the ruling and its reason."""
    return f"{risk.risk} risk, {risk.ruling.value}: {risk.sentence}"


def unsaid_checks(risk: RiskAssessment) -> list[str]:
    """Give the failed checks that the reason leaves out."""
    return [check for check in risk.failed_checks if check not in risk.sentence]
