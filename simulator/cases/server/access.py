"""Who may see everything: whoever shows the trainer's token in a header of its own."""

import hmac
from collections.abc import Mapping
from typing import Final

from payments.errors import RefusedError
from simulator.cases.vocabulary import View

TOKEN_HEADER: Final = "x-payops-trainer-token"  # noqa: S105 - the name of a header, no secret


def view_for(headers: Mapping[str, str], token: str | None) -> View:
    """Give the view that a request may have: without the header an agent's.

    Raises:
        RefusedError: the token is not the server's, or the server has none.
    """
    shown = headers.get(TOKEN_HEADER)
    if shown is None:
        return "agent"
    if token is None or not hmac.compare_digest(shown.encode(), token.encode()):
        raise RefusedError(f"The token in {TOKEN_HEADER} is not valid; leave it out for the agent view.")
    return "trainer"
