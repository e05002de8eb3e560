"""Situations of every kind, ordinary and hostile, for tests of what always holds."""

from hypothesis import strategies as st

from agents.planner import Readings, Situation
from agents.planner.readings import Declined
from payments.diagnosis import Diagnosis
from payments.route import Route
from payments.segment import Segment
from payments.tally import Tally
from tests.payments.made import ALPHA, CATEGORY, LINK, diagnosis

SCOPES = (
    ALPHA,
    LINK,
    Segment.of(method="upi", psp="alpha"),
    Segment.of(country="IN", psp="alpha"),
    Segment.of(issuer="northbank"),
    Segment.of(psp="no such route"),
    Segment.of(psp=""),
    Segment({}),
)
NAMES = ("alpha", "beta", "gamma", "delta", "\x00\n'", "")

ANY_ROUTE = st.builds(
    Route,
    name=st.sampled_from(NAMES),
    capacity_per_s=st.none() | st.floats(1.0, 500.0) | st.floats(1e-300, 1e300),
    load_per_s=st.floats(0.0, 300.0) | st.floats(0.0, 1e300),
    success_rate=st.none() | st.floats(0.0, 1.0),
    fee_bps=st.floats(0.0, 300.0) | st.floats(0.0, 1e300),
    methods=st.sampled_from(((), ("upi",), ("card", "upi"))),
    currencies=st.sampled_from(((), ("EUR",), ("EUR", "INR"))),
    countries=st.sampled_from(((), ("IN",), ("IN", "FR"))),
)
ANY_ROUTES = st.lists(ANY_ROUTE, max_size=5, unique_by=lambda known: known.name).map(tuple)
ANY_CAUSE = st.sampled_from((*CATEGORY, "other", "never seen before"))
ANY_PROBABILITY = st.floats(0.0, 1.0)


@st.composite
def any_tally(draw: st.DrawFn) -> Tally:
    attempts = draw(st.integers(0, 20_000) | st.integers(0, 2**53))
    failures = draw(st.integers(0, attempts))
    return Tally(
        attempts=attempts,
        failures=failures,
        pending=draw(st.integers(0, attempts - failures)),
        expected_attempts=draw(st.floats(0.0, 20_000.0) | st.floats(0.0, 1e300)),
        expected_failures=draw(st.floats(0.0, 20_000.0) | st.floats(0.0, 1e300)),
        expected_pending=draw(st.floats(0.0, 1000.0)),
    )


ANY_DIAGNOSIS: st.SearchStrategy[Diagnosis] = st.builds(
    diagnosis,
    ANY_CAUSE,
    st.sampled_from(SCOPES),
    ANY_PROBABILITY,
    counted=any_tally(),
    rivals=st.lists(st.tuples(ANY_CAUSE, ANY_PROBABILITY), max_size=3).map(tuple),
    attempts_per_window=st.floats(0.0, 20_000.0) | st.floats(0.0, allow_infinity=True, allow_nan=False),
)

ANY_READINGS = st.builds(
    Readings,
    average_amount_minor=st.none() | st.floats(0.0, 1e15),
    currency=st.sampled_from((None, "EUR", "INR", "XXX")),
    slowed=st.floats(0.0, 1.0),
    declined=st.lists(
        st.builds(
            Declined,
            scheme=st.sampled_from(("visa", "mastercard", "", "\x00")),
            code=st.text(max_size=3),
            count=st.integers(1, 2**53),
        ),
        max_size=3,
    ).map(tuple),
)

ANY_SITUATION = st.builds(
    Situation,
    diagnosis=ANY_DIAGNOSIS,
    routes=ANY_ROUTES,
    lessons=st.just(()),
    window_s=st.sampled_from((60.0, 3600.0)),
    total_attempts_per_window=st.floats(0.0, 40_000.0) | st.floats(0.0, allow_infinity=True, allow_nan=False),
    readings=ANY_READINGS,
)
