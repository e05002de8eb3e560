"""The codes that failures in this world carry, and how often each is met on an ordinary day."""

from collections.abc import Mapping

import numpy as np

from payments.codes import look_up
from simulator.traffic.arrays import Flags, Floats, cumulative, weigh

CODES = (
    "51", "54", "55", "61", "Z9", "ZM", "14", "N7", "82", "05", "5C", "9G", "59", "57",
    "91", "96", "timeout", "http_5xx", "tls_error", "31", "92", "03", "12", "58",
    "3ds_acs_error", "402", "65", "94", "XT", "XU",
    "U27", "UP", "BT", "63", "psp_fraud_engine", "U16",
)  # fmt: skip
"""One fixed order: the columns of `failures_by_code` in every window."""

TIMEOUT = CODES.index("timeout")

NO_ANSWER: Flags = np.isin(CODES, ("timeout", "UP", "BT"))
"""Codes of a request that was not answered in time, so that money may have moved: shape (codes,)."""

ORDINARY: Mapping[str, Mapping[str, float]] = {
    "card": {
        "51": 0.30, "05": 0.23, "54": 0.06, "55": 0.05, "14": 0.05, "N7": 0.04, "82": 0.02, "59": 0.05,
        "61": 0.03, "65": 0.01, "57": 0.015, "91": 0.035, "96": 0.03, "timeout": 0.025, "http_5xx": 0.01,
        "3ds_acs_error": 0.02, "402": 0.005, "12": 0.005, "03": 0.003, "58": 0.004, "94": 0.004,
        "5C": 0.01, "9G": 0.01,
    },
    "upi": {
        "Z9": 0.42, "ZM": 0.32, "61": 0.05, "59": 0.02, "91": 0.05, "96": 0.04, "timeout": 0.07,
        "http_5xx": 0.015, "94": 0.01, "XT": 0.002, "XU": 0.003,
    },
    "wallet": {"51": 0.55, "61": 0.10, "59": 0.10, "05": 0.08, "96": 0.06, "timeout": 0.06, "http_5xx": 0.05},
}  # fmt: skip
"""Method -> code -> weight among the failures without any fault."""


def code_shares(weights: Mapping[str, float]) -> Floats:
    """Give the cumulative distribution over `CODES`: shape (codes,)."""
    return cumulative(weigh(CODES, weights))


def retriable() -> Flags:
    """Mark the codes after which a customer or merchant may try again: shape (codes,)."""
    return np.array([look_up(code).retry not in {"never", "fix_data"} for code in CODES])
