"""Where the change lies, on counts that can be checked by hand."""

from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from agents.analyst import AnalystSettings
from agents.analyst.features import scope
from agents.analyst.place import locate
from payments.evidence import Evidence
from payments.segment import Segment
from payments.window import Cells
from tests.agents.analyst.world import SINCE

Rows = dict[tuple[str, ...], tuple[int, int]]


def plain(attributes: tuple[str, ...], rows: Rows) -> Evidence:
    """Make evidence of (attempts, failures) by cell with a tenth expected to fail."""
    attempts = np.array([row[0] for row in rows.values()])
    return Evidence(
        since=SINCE,
        until=SINCE + timedelta(seconds=60),
        tick_s=5.0,
        cells=Cells(attributes=attributes, keys=tuple(rows)),
        attempts=attempts,
        failures=np.array([row[1] for row in rows.values()]),
        pending=np.zeros_like(attempts),
        expected_attempts=attempts.astype(float),
        expected_failures=0.1 * attempts,
        expected_pending=np.zeros(len(attempts)),
    )


def real_shape() -> Evidence:
    """One gateway's collect requests fail; only UPI has sub-types, so the sub-type implies the method."""
    rows: Rows = {("PAYTM_V2", "UPI", "UPI_COLLECT", bank): (100, 60) for bank in ("a", "b")}
    rows |= {("PAYTM_V2", "UPI", "UPI_PAY", bank): (100, 10) for bank in ("a", "b")}
    rows |= {("PAYTM_V2", "NB", "", bank): (100, 10) for bank in ("a", "b")}
    rows |= {("RAZORPAY", pmt, sub, bank): (100, 10)
             for (pmt, sub), bank in product((("UPI", "UPI_COLLECT"), ("NB", "")), ("a", "b"))}  # fmt: skip
    return plain(("pg", "pmt", "sub_type", "bank"), rows)


def test_the_culprit_names_what_its_description_implies() -> None:
    assert locate(real_shape(), AnalystSettings()).culprit == Segment.of(
        pg="PAYTM_V2", pmt="UPI", sub_type="UPI_COLLECT"
    )


def test_the_scope_is_judged_on_the_minimal_description() -> None:
    assert set(locate(real_shape(), AnalystSettings()).minimal) == {"pg", "sub_type"}


def test_an_attribute_with_one_value_in_all_data_is_not_named() -> None:
    rows: Rows = {("IN", psp): (100, 90 if psp == "alpha" else 10) for psp in ("alpha", "beta", "gamma")}
    assert locate(plain(("country", "psp"), rows), AnalystSettings()).culprit == Segment.of(psp="alpha")


@pytest.mark.parametrize(
    ("second", "culprit"),
    [("collect", Segment.of(psp="alpha", method="collect")), ("alpha", Segment.of(psp="alpha"))],
    ids=["another name", "the same name"],
)
def test_of_two_values_of_the_same_payments_the_second_is_named_unless_it_repeats_the_name(
    second: str, culprit: Segment
) -> None:
    rows: Rows = {
        (psp, second if psp == "alpha" else "card", bank): (100, 90 if psp == "alpha" else 10)
        for psp in ("alpha", "beta", "gamma") for bank in "ab"
    }  # fmt: skip
    assert locate(plain(("psp", "method", "bank"), rows), AnalystSettings()).culprit == culprit


def test_share_and_complement_are_those_of_the_counts() -> None:
    rows: Rows = {
        (psp, bank): (1000, 900 if psp == "alpha" else 105) for psp in ("alpha", "beta") for bank in "abc"
    }
    place = locate(plain(("psp", "bank"), rows), AnalystSettings())
    assert place.share == pytest.approx(2400 / (2400 + 15))
    assert abs(place.complement_z) < 1.0


def test_two_culprits_at_once_are_both_named_and_the_first_does_not_explain_all() -> None:
    bad = {("alpha", "a"), ("alpha", "b"), ("alpha", "c"), ("beta", "c")}
    rows: Rows = {
        (psp, bank): (1000, 600 if (psp, bank) in bad else 100)
        for psp in ("alpha", "beta", "gamma") for bank in "abcd"
    }  # fmt: skip
    rows[("alpha", "d")] = (1000, 600)
    place = locate(plain(("psp", "bank"), rows), AnalystSettings())
    assert place.segments == (Segment.of(psp="alpha"), Segment.of(psp="beta", bank="c"))
    assert (place.culprit, place.second) == place.segments
    assert place.share == pytest.approx(2000 / 2500)


def test_nothing_in_excess_has_no_culprits() -> None:
    rows: Rows = {(psp,): (1000, 100) for psp in ("alpha", "beta")}
    assert locate(plain(("psp",), rows), AnalystSettings()).segments == ()


@pytest.mark.parametrize(
    ("minimal", "name"),
    [
        ((), "all"),
        (("psp",), "route"),
        (("pg", "sub_type"), "route_part"),
        (("bank", "pg"), "route_issuer"),
        (("network", "merchant"), "merchant_part"),
        (("mid", "gateway"), "merchant_route"),
        (("country", "method"), "method"),
        (("three_ds_server",), "other"),
    ],
)
def test_scopes_follow_the_roles_that_attributes_play(minimal: tuple[str, ...], name: str) -> None:
    assert scope(minimal, Segment({})) == name


def test_a_method_that_one_route_carries_is_a_part_of_that_route() -> None:
    assert scope(("sub_type",), Segment.of(pg="PAYTM_V2", sub_type="UPI_COLLECT")) == "route_part"
