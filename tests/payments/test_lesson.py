from hypothesis import given
from hypothesis import strategies as st

from payments.diagnosis import Category
from payments.lesson import Lesson
from payments.outcome import Effect
from payments.segment import Segment
from tests.payments.made import AT, reroute


@given(st.text(), st.text())
def test_hostile_names_survive_in_a_lesson(name: str, value: str) -> None:
    lesson = Lesson(
        incident_id="i-1",
        at=AT,
        cause="psp_outage",
        category=Category.NETWORK_OR_SYSTEM,
        culprit=Segment({name: value}),
        shape={},
        action=reroute().kind,
        effect=Effect.HELPED,
        payments_saved=None,
        decided_by="crew",
        text=value,
    )
    assert Lesson.model_validate_json(lesson.model_dump_json()) == lesson
