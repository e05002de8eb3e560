from hypothesis import given
from hypothesis import strategies as st

from payments.segment import Segment, role_of

NAMES = st.sampled_from(("psp", "issuer", "method", "country")) | st.text(max_size=5)
SEGMENTS = st.dictionaries(NAMES, st.text(max_size=5), max_size=4).map(Segment)
SMALL = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"), max_size=3).map(Segment)


@given(SMALL)
def test_a_segment_contains_itself_and_lies_in_all_payments(segment: Segment) -> None:
    assert segment.contains(segment)
    assert Segment({}).contains(segment)


@given(SMALL, SMALL)
def test_segments_that_contain_each_other_are_equal(one: Segment, other: Segment) -> None:
    assert (one.contains(other) and other.contains(one)) == (one == other)


@given(SMALL, SMALL, SMALL)
def test_containing_is_transitive(one: Segment, two: Segment, three: Segment) -> None:
    if one.contains(two) and two.contains(three):
        assert one.contains(three)


@given(SMALL, SMALL)
def test_comparable_is_symmetric(one: Segment, other: Segment) -> None:
    assert one.comparable(other) == other.comparable(one) == (one.contains(other) or other.contains(one))


@given(SEGMENTS, NAMES)
def test_leaving_an_attribute_open_widens(segment: Segment, name: str) -> None:
    wider = segment.without(name)
    assert wider.contains(segment)
    assert wider.get(name) is None
    assert len(wider) == len(segment) - (segment.get(name) is not None)


@given(SEGMENTS)
def test_json_and_order_of_attributes_change_nothing(segment: Segment) -> None:
    back = Segment.model_validate_json(segment.model_dump_json())
    turned = Segment(dict(reversed(list(segment.root.items()))))
    assert back == turned == segment
    assert hash(turned) == hash(segment)
    assert list(segment.names()) == sorted(segment.root)


@given(SEGMENTS)
def test_any_text_can_be_shown(segment: Segment) -> None:
    assert (
        str(segment) == " & ".join(f"{name}={value}" for name, value in segment.root.items())
        or "all payments"
    )


def test_all_payments_have_a_name() -> None:
    assert str(Segment({})) == "all payments"


def test_roles_are_known_by_what_teams_call_them() -> None:
    known = {
        "psp": "route",
        "PG": "route",
        "bank": "issuer",
        "pmt": "method",
        "mid": "merchant",
        "scheme": "network",
    }
    assert {name: role_of(name) for name in known} == known
    assert role_of("colour") == "other"


def test_a_segment_gives_the_value_that_plays_a_role() -> None:
    segment = Segment.of(pg="PAYTM_V2", pmt="UPI", sub_type="UPI_COLLECT")
    assert segment.role("route") == "PAYTM_V2"
    assert segment.role("method") == "UPI"
    assert segment.role("issuer") is None
