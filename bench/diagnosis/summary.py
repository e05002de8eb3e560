"""Many readings as the numbers that are reported."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from statistics import fmean, median

from bench.diagnosis.reading import Answer, Reading
from bench.diagnosis.reliability import Reliability
from guardrails.policy import Policy


def summarise(readings: Sequence[Reading]) -> dict[str, object]:
    """Give every number but those of a machine; one reading has an answer at least."""
    answers = [reading.answer for reading in readings if reading.answer is not None]
    told = reliability(answers)
    return {
        "episodes": len(readings),
        "diagnosed": len(answers),
        "missed": sum(reading.missed for reading in readings),
        "rightly_silent": sum(reading.answer is None and reading.nothing_wrong for reading in readings),
        "findings_elsewhere": sum(reading.findings_elsewhere for reading in readings),
        "category_accuracy": fmean(answer.category_right for answer in answers),
        "culprit_accuracy": fmean(answer.culprit_right for answer in answers),
        "cause_accuracy": fmean(answer.cause_right for answer in answers),
        "category_accuracy_with_silence": fmean(reading.category_right for reading in readings),
        "culprit_accuracy_with_silence": fmean(reading.culprit_right for reading in readings),
        "brier": told.brier,
        "brier_constant": told.brier_constant,
        "ece": told.ece,
        "bins": [asdict(one) for one in told.bins],
        "acting_alone": _acting_alone(answers),
        "traps_left_alone": _share([reading.left_alone for reading in readings if reading.trap]),
        "trap_episodes": sum(reading.trap for reading in readings),
        "per_signature": _per_signature(readings),
        "confusion": _confusion(readings),
        "wrong": [
            _wrong(reading, reading.answer)
            for reading in readings
            if reading.answer and not reading.answer.right
        ],
    }


def reliability(answers: Sequence[Answer]) -> Reliability:
    """Compare what was stated with what was right."""
    return Reliability.of([a.confidence for a in answers], [a.right for a in answers])


def _acting_alone(answers: Sequence[Answer]) -> dict[str, object]:
    """Count the answers from the confidence on at which the crew acts without asking."""
    limit = Policy().confidence_threshold
    sure = [answer for answer in answers if answer.confidence >= limit]
    return {"from": limit, "answers": len(sure), "right": _share([answer.right for answer in sure])}


def _per_signature(readings: Sequence[Reading]) -> list[dict[str, object]]:
    names = dict.fromkeys(reading.signature for reading in readings)
    return [_signature(name, [r for r in readings if r.signature == name]) for name in names]


def _signature(name: str, readings: Sequence[Reading]) -> dict[str, object]:
    answers = [reading.answer for reading in readings if reading.answer is not None]
    return {
        "signature": name,
        "episodes": len(readings),
        "diagnosed": len(answers),
        "missed": sum(reading.missed for reading in readings),
        "category_accuracy": _share([answer.category_right for answer in answers]),
        "culprit_accuracy": _share([answer.culprit_right for answer in answers]),
        "cause_accuracy": _share([answer.cause_right for answer in answers]),
        "confidence_mean": fmean(a.confidence for a in answers) if answers else None,
        "found_after_s_median": median(a.after_s for a in answers) if answers else None,
        "left_alone": _share([reading.left_alone for reading in readings]),
        "actions": Counter(answer.action.value for answer in answers),
    }


def _share(right: Sequence[bool]) -> float | None:
    return fmean(right) if right else None


def _confusion(readings: Sequence[Reading]) -> list[dict[str, object]]:
    """Count which signature was taken for which other cause, the most frequent first."""
    pairs = Counter(
        (reading.signature, reading.answer.cause)
        for reading in readings
        if reading.answer is not None and not reading.answer.cause_right
    )
    return [{"truth": truth, "said": said, "episodes": n} for (truth, said), n in pairs.most_common()]


def _wrong(reading: Reading, answer: Answer) -> dict[str, object]:
    return {"signature": reading.signature, "seed": reading.seed, **asdict(answer)}
