"""The table of signatures and what lessons may do to the odds."""

import pytest
from pydantic import ValidationError

from agents.analyst.score import lesson_shift
from agents.analyst.signatures import LEVELS, CauseSignature, signatures
from payments.action import ActionKind
from payments.diagnosis import Category
from payments.lesson import Lesson
from payments.outcome import Effect
from tests.agents.analyst.cases import ALPHA, CASES
from tests.agents.analyst.world import SINCE, Fault, diagnose, evidence

CAUSES = {
    "issuer_outage", "psp_outage", "psp_issuer_link", "card_network_outage", "retry_storm",
    "routing_misconfig", "user_mix", "card_testing",
    "acs_outage", "expired_cert", "settlement_cutover", "planned_maintenance",
    "holiday_surge", "code_mix_drift", "webhook_lag", "noise",
    "fraud_rule_push", "method_outage", "psp_brownout",
}  # fmt: skip


def lesson(cause: str, effect: Effect, similarity: float | None = 0.9) -> Lesson:
    return Lesson(
        incident_id="i",
        at=SINCE,
        cause=cause,
        category=signatures()[cause].category,
        culprit=ALPHA,
        shape={},
        action=ActionKind.REROUTE,
        effect=effect,
        payments_saved=None,
        decided_by="crew",
        text="",
        similarity=similarity,
    )


def test_every_cause_has_a_signature() -> None:
    assert set(signatures()) == CAUSES


def test_every_category_is_the_category_of_a_cause() -> None:
    assert {signature.category for signature in signatures().values()} == set(Category)


@pytest.mark.parametrize("feature", LEVELS)
def test_every_feature_is_named_by_a_cause(feature: str) -> None:
    assert any(feature in signature.features for signature in signatures().values())


@pytest.mark.parametrize(
    "features",
    [{"latency": {"sluggish": 0.5}}, {"latency": {"slow": 0.9, "fast": 0.2}}, {"weather": {"rain": 0.5}}],
)
def test_a_table_with_an_unknown_level_or_too_much_probability_is_refused(
    features: dict[str, dict[str, float]],
) -> None:
    with pytest.raises(ValidationError, match=r"levels|unknown feature"):
        CauseSignature(category=Category.USER, prior=0.1, words="", codes={}, features=features)


def test_lessons_that_helped_raise_their_cause_and_failed_ones_lower_it() -> None:
    assert lesson_shift("psp_outage", [lesson("psp_outage", Effect.HELPED)], 0.7) > 0
    assert lesson_shift("psp_outage", [lesson("psp_outage", Effect.HARMED)], 0.7) < 0
    assert lesson_shift("psp_outage", [lesson("psp_outage", Effect.NO_EFFECT)], 0.7) < 0
    assert lesson_shift("psp_outage", [lesson("issuer_outage", Effect.HELPED)], 0.7) == 0


def test_more_similar_lessons_count_more_and_those_of_unknown_similarity_not_at_all() -> None:
    near = lesson_shift("psp_outage", [lesson("psp_outage", Effect.HELPED, 0.9)], 0.7)
    far = lesson_shift("psp_outage", [lesson("psp_outage", Effect.HELPED, 0.3)], 0.7)
    assert near > far > lesson_shift("psp_outage", [lesson("psp_outage", Effect.HELPED, None)], 0.7) == 0


@pytest.mark.parametrize("effect", [Effect.HELPED, Effect.HARMED])
def test_lessons_are_bounded_however_many_there_are(effect: Effect) -> None:
    assert abs(lesson_shift("psp_outage", [lesson("psp_outage", effect)] * 50, 0.7)) == 0.7


def test_lessons_move_an_unclear_diagnosis_and_say_so() -> None:
    given = evidence(Fault(CASES["retry_storm"].segment, 0.5, {"91": 0.5, "96": 0.3, "65": 0.2}))
    before = diagnose(given)
    after = diagnose(given, lessons=(lesson("retry_storm", Effect.HELPED),) * 3)
    odds = [
        next(h.probability for h in found.hypotheses if h.cause == "retry_storm") for found in (before, after)
    ]
    assert odds[1] > odds[0]
    told = next(h for h in after.hypotheses if h.cause == "retry_storm")
    assert any("similar past incidents" in sentence for sentence in told.speaks_for)


def test_lessons_do_not_overturn_clear_evidence() -> None:
    misleading = (lesson("issuer_outage", Effect.HELPED),) * 20
    assert diagnose(evidence(CASES["psp_outage"]), lessons=misleading).cause == "psp_outage"
