"""The reliability diagram."""

from pathlib import Path

import numpy as np

from bench.diagnosis.reliability import BINS, Reliability
from guardrails.policy import Policy


def draw(reliability: Reliability, file: Path, title: str) -> None:
    """Draw the share that is right against the stated confidence, with the number of answers below."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.0, 6.0), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    bins = reliability.bins
    right = np.array([one.right for one in bins])
    interval = np.array([one.interval for one in bins]).T
    off = np.maximum(np.abs(interval - right), 0.0)
    above.plot([0, 1], [0, 1], color="0.7", label="perfect")
    confidence = [one.confidence for one in bins]
    above.errorbar(confidence, right, yerr=off, fmt="o-", capsize=3, label="answers, 95 % interval")
    above.axvline(Policy().confidence_threshold, color="C3", linestyle=":", label="acts alone from here")
    above.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share that is right", title=title)
    above.legend(loc="upper left", frameon=False)
    lows, answers = [one.low for one in bins], [one.answers for one in bins]
    below.bar(lows, answers, width=1 / BINS, align="edge", edgecolor="white")
    below.set(xlabel="stated confidence", ylabel="answers", yscale="log")
    FigureCanvasAgg(figure)
    figure.savefig(file, dpi=120)
