"""Whether memory is flat: what a server holds, hour by hour, and how fast it grows in the end."""

from collections.abc import Sequence
from typing import Final

import numpy as np

TOLD_AFTER_H: Final = (1.0, 6.0, 12.0, 24.0, 36.0, 48.0, 60.0, 72.0)
FLAT_BELOW: Final = 0.01
"""Growth in a day, as a share of the memory, up to which it is said to be flat."""


def memory_told(memory_mb: Sequence[float], hours: float) -> dict[str, object]:
    """Tell memory at some hours of a run, and its trend over the second half.

    The readings are evenly spaced, the last one at the end. The trend is the line of least squares.
    """
    at_h = np.linspace(0.0, hours, len(memory_mb) + 1)[1:]
    half = len(memory_mb) // 2
    slope = float(np.polyfit(at_h[half:], memory_mb[half:], 1)[0]) if len(memory_mb) - half > 1 else 0.0
    a_day = 24.0 * slope / float(np.median(memory_mb[half:]))
    return {
        "server_memory_mb_at_hour": {
            f"{at_h[place]:.1f}": round(memory_mb[place], 1)
            for place in sorted({int(np.abs(at_h - hour).argmin()) for hour in TOLD_AFTER_H})
        },
        "server_memory_mb": [round(megabytes, 1) for megabytes in memory_mb],
        "server_memory_growth_a_day": a_day,
        "server_memory_is": f"{'flat' if a_day <= FLAT_BELOW else 'growing'}: in the second half it grows by "
        f"{a_day:.2%} a day, and up to {FLAT_BELOW:.0%} counts as flat",
    }
