"""What every method of localization is given and gives back."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from payments.segment import Segment

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

Causes = frozenset[Segment]
"""One answer: the elements (attribute value combinations) that together are to blame."""


@dataclass(frozen=True)
class Instance:
    """One anomalous moment: what was seen and what was forecast in every leaf."""

    name: str
    attributes: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    """Names of the values of each attribute; a code is a position here."""
    leaves: Codes
    """Code of each leaf's value of each attribute: shape (leaves, attributes)."""
    real: Floats
    """The measure as it was, shape (leaves,): an amount, or the bad events of a ratio."""
    expected: Floats
    """Its forecast, shape (leaves,); for a ratio, the bad events that history leads one to expect."""
    total: Floats | None = None
    """All events of each leaf, shape (leaves,); None for an additive measure."""
    past_bad: Floats | None = None
    """Bad events of earlier minutes, oldest first: shape (minutes, leaves)."""
    past_total: Floats | None = None
    """All events of earlier minutes: shape (minutes, leaves)."""

    def segment(self, element: tuple[tuple[int, int], ...]) -> Segment:
        """Name an element given as pairs of column and code."""
        return Segment({self.attributes[c]: self.values[c][code] for c, code in element})

    def mask(self, element: Segment) -> npt.NDArray[np.bool_]:
        """Mark the leaves that lie in an element."""
        inside = np.ones(len(self.leaves), dtype=np.bool_)
        for column, (name, values) in enumerate(zip(self.attributes, self.values, strict=True)):
            value = element.get(name)
            if value is not None:
                inside &= self.leaves[:, column] == (values.index(value) if value in values else -1)
        return inside


Method = Callable[[Instance, int], list[Causes]]
"""Ranks at most k answers, the best first; an empty list says that it cannot tell."""
