import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.embedding import DIMENSIONS, embed_lesson, embed_signature, embed_text
from payments.diagnosis import Signature
from payments.segment import Segment
from tests.memory.past import CAUSES, history, past_incident
from tests.memory.stock import HOSTILE, lesson

ANY_TEXT = st.text(st.characters(), max_size=80)


def test_the_vector_is_the_same_in_every_process_and_version() -> None:
    vector = embed_text("psp alpha")
    assert vector.shape == (DIMENSIONS,)
    assert np.flatnonzero(vector).tolist() == [234, 241, 281, 297, 308, 309, 314, 331, 337, 338]


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.dictionaries(ANY_TEXT, st.floats(0, 1), max_size=5))
def test_any_incident_gives_a_vector_of_unit_length_or_zero(
    name: str, value: str, text: str, shape: dict[str, float]
) -> None:
    culprit = Segment({name: value})
    signature = Signature(culprit=culprit, shape=shape)
    past = lesson(culprit=culprit, text=text).model_copy(update={"shape": shape})
    for vector in (embed_signature(signature), embed_lesson(past), embed_text(text)):
        length = float(np.linalg.norm(vector))
        assert length == pytest.approx(1.0, abs=1e-5) or length == 0.0


def test_words_that_are_spelt_alike_are_near() -> None:
    asked, meant, other = map(embed_text, ("certificate expired", "expired certificates", "retry storm"))
    assert asked @ meant > 0.5 > asked @ other


def test_the_same_kind_of_culprit_is_nearer_though_nothing_has_the_same_name() -> None:
    asked = embed_signature(Signature(culprit=Segment.of(pg="qqqq"), shape={"failure_excess": 0.5}))
    same_kind, other_kind = (
        embed_signature(Signature(culprit=culprit, shape={"failure_excess": 0.5}))
        for culprit in (Segment.of(acquirer="zzzz"), Segment.of(bank="zzzz"))
    )
    assert asked @ same_kind > asked @ other_kind + 0.05


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_does_not_drown_the_shape(text: str) -> None:
    signature = Signature(culprit=Segment.of(psp="alpha"), shape=lesson().shape)
    hostile, plain = lesson(text=text), lesson(text="It failed.")
    asked = embed_signature(signature)
    assert asked @ embed_lesson(hostile) > 0.5
    assert asked @ embed_lesson(plain) > 0.5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_unnamed_incident_finds_its_cause_among_two_hundred(seed: int) -> None:
    rng = np.random.default_rng(seed)
    past = history(200, rng)
    known = np.stack([embed_lesson(found) for found in past])
    asked = [past_incident(1000 + number, CAUSES[number % len(CAUSES)], rng) for number in range(90)]
    hits = 0
    for now in asked:
        near = known @ embed_signature(Signature(culprit=now.culprit, shape=now.shape))
        hits += now.cause in {past[place].cause for place in np.argsort(-near)[:3]}
    assert hits / len(asked) >= 0.95
