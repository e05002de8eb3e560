"""Delay against volume, drawn from the delay table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.detection.cells import ATTEMPTS, RUN_LENGTH, SUCCESS_AFTER, SUCCESS_BEFORE

Row = Mapping[str, Any]
STYLES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "limit": ("exact limit", {"color": "black", "linestyle": "--", "linewidth": 2.0, "zorder": 5}),
    "payops": ("our monitor", {"color": "crimson", "linewidth": 2.5, "marker": "o", "zorder": 4}),
    "ewma_0.03": ("EWMA, weight .03", {"color": "tab:blue", "marker": "v"}),
    "ewma_0.1": ("EWMA, weight .1", {"color": "tab:blue", "marker": "s"}),
    "ewma_0.3": ("EWMA, weight .3", {"color": "tab:blue", "marker": "^"}),
    "burn_rate_12_1": ("burn rate, 12 and 1 ticks", {"color": "tab:green", "marker": "s"}),
    "river_page_hinkley": ("Page-Hinkley (river)", {"color": "tab:orange", "marker": "s"}),
    "river_adwin": ("ADWIN (river)", {"color": "tab:purple", "marker": "s"}),
    "static_threshold": ("threshold on one tick", {"color": "gray", "marker": "s"}),
}
"""What is drawn, in the order of the legend; whatever does not say otherwise is thin."""
THIN: Mapping[str, Any] = {"linewidth": 0.9, "markersize": 4, "alpha": 0.9}


def draw_delays(rows: Sequence[Row], file: Path) -> None:
    """Draw one panel for each success rate after the change: independent counts, calibrated methods."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, panels = plt.subplots(2, 2, figsize=(12, 9))
    for panel, after in zip(panels.flat, sorted(SUCCESS_AFTER, reverse=True), strict=True):
        found = lines(rows, after)
        for name, (label, style) in STYLES.items():
            if name in found:
                panel.plot(*zip(*found[name], strict=True), label=label, **{**THIN, **style})
        panel.set(xscale="log", yscale="log", xlabel="attempts a tick", ylabel="mean delay, ticks")
        panel.set_title(f"success {SUCCESS_BEFORE:.0%} to {after:.0%}")
        panel.set_xticks(ATTEMPTS, [f"{n:,}" for n in ATTEMPTS])
        panel.minorticks_off()
        panel.set_ylim(bottom=0.9)
        panel.yaxis.set_major_formatter("{x:,g}")
        panel.grid(visible=True, alpha=0.3)
    panels[1, 1].set(yscale="linear")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=5, frameon=False)
    figure.suptitle(
        f"Mean delay when the change comes at the worst moment; one false alarm in {RUN_LENGTH:,.0f} ticks"
    )
    figure.tight_layout(rect=(0.0, 0.06, 1.0, 1.0))
    figure.savefig(file, dpi=120)
    plt.close(figure)


def lines(rows: Sequence[Row], after: float) -> dict[str, list[tuple[int, float]]]:
    """Give the points of each method at one success rate after the change, and those of the limit."""
    chosen = [row for row in rows if row["p1"] == after and not row["rho"] and not row["guaranteed"]]
    found: dict[str, list[tuple[int, float]]] = {}
    for row in chosen:
        found.setdefault(row["method"], []).append((row["n"], row["delay"]))
    found["limit"] = [(row["n"], row["limit"]) for row in chosen if row["method"] == "payops"]
    return found
