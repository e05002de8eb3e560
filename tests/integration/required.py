"""What a test does when the real component that it needs is not on this machine."""

import os
from typing import Never

import pytest


def missing(reason: str) -> Never:
    """Skip the test for a reason; fail it where REQUIRE_INTEGRATION=1 says that everything must be there."""
    if os.environ.get("REQUIRE_INTEGRATION") == "1":
        pytest.fail(f"{reason}, and REQUIRE_INTEGRATION=1 forbids to go without")
    pytest.skip(f"{reason}; `make test-integration` installs it")
