"""The measurement of ClickHouse on a handful of payments: that it counts right, not how fast it is."""

from argparse import Namespace
from pathlib import Path

import pytest

from bench.ingest import MEASUREMENT

pytestmark = pytest.mark.xdist_group("chdb")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_measured_is_all_there(tmp_path: Path, form: str) -> None:
    given = Namespace(payments=7_200, quick=False, form=form, folder=tmp_path, seeds=(0,), json=None)
    found = MEASUREMENT.measure(given)
    assert found["payments"] == 7_200
    assert found["tick_rows"] == found["raw_tick_rows"] == 120
    assert found["increment_tick_rows"] == found["raw_increment_tick_rows"] == 10
    assert found.keys() >= {"rows_per_s", "tick_query_ms_p50"}
    assert list(tmp_path.iterdir()) == []
