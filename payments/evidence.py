"""What speaks behind a finding: observed against expected, cell by cell."""

from typing import Self

import numpy as np
from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat, PositiveFloat, model_validator

from payments.quantity import CountColumn, FloatColumn, Fraction
from payments.window import Cells


class Evidence(BaseModel):
    """Observed against expected for every cell since the onset; what the analyst reasons on.

    All columns have shape (cells,), those by code (cells, codes). Expectations are fractional counts at the
    learned baseline for the attempts that were really made, so a change of mix alone leaves them equal;
    only `expected_attempts` is a forecast of volume. A column the source cannot fill is None.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    since: AwareDatetime
    until: AwareDatetime
    tick_s: PositiveFloat
    cells: Cells
    attempts: CountColumn
    failures: CountColumn
    pending: CountColumn
    expected_attempts: FloatColumn
    expected_failures: FloatColumn
    expected_pending: FloatColumn
    codes: tuple[str, ...] = ()
    failures_by_code: CountColumn | None = None
    expected_by_code: FloatColumn | None = None
    repeats: CountColumn | None = None
    expected_repeats: FloatColumn | None = None
    slow: CountColumn | None = None
    expected_slow: FloatColumn | None = None
    """Attempts slower than the cell's baseline 90th percentile."""
    fast: CountColumn | None = None
    expected_fast: FloatColumn | None = None
    """Attempts faster than the cell's baseline 10th percentile."""
    dispersion: NonNegativeFloat = 0.0
    """Intra-class correlation rho of failures in a cell and tick: variance is n q (1-q) (1 + (n-1) rho)."""
    onset_sharpness: Fraction | None = None
    """Share of the final excess already there in the first tick after the onset, relative to a steady step;
    near 1 for a step, near 0 for a ramp; None when it cannot be told."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        cells = len(self.cells)
        for name in type(self).model_fields:
            column = getattr(self, name)
            if isinstance(column, np.ndarray) and column.shape[:1] != (cells,):
                msg = f"{name} has shape {column.shape} for {cells} cells"
                raise ValueError(msg)
        return self

    @property
    def duration_s(self) -> float:
        """Length of the stretch of time in seconds."""
        return (self.until - self.since).total_seconds()
