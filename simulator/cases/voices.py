"""How each colleague writes up a finding: three voices a question, so that wording tells no world apart."""

from collections.abc import Mapping
from typing import Final

from simulator.cases.vocabulary import ProbeName

VOICES: Final[Mapping[ProbeName, tuple[str, str, str]]] = {
    "inspect": (
        "Logs and account history reviewed. {finding}",
        "{finding} Source: 90 days of ledger, device and access records.",
        "Analyst's note: {finding}",
    ),
    "request_docs": (
        "Documents received and read. {finding}",
        "{finding} Copies are on file.",
        "Document desk: {finding}",
    ),
    "verify_kyc": (
        "Identity check run again. {finding}",
        "{finding} Sources: registry, identity provider, file.",
        "KYC desk: {finding}",
    ),
    "contact_sender": (
        "Call on the number on file. {finding}",
        "{finding} The call was recorded.",
        "Contact centre: {finding}",
    ),
}
