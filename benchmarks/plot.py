"""Curves of what the benchmarks measure, into a file. Needs matplotlib: `uv sync --group bench`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

RESULTS = Path(__file__).resolve().parent / "results"
"""Where the benchmarks leave their plots; git does not see it."""
_INCHES = (8.0, 4.8)


def plot(
    file: Path, series: Mapping[str, Sequence[tuple[float, float]]], *, title: str, x_label: str, y_label: str
) -> None:
    """Draw one line for each series of (x, y), named in the legend.

    Args:
        file: its ending is the format, .svg or .png; its folder is made.
        series: the points by the name of their line.
        title: above the plot.
        x_label: what x is, with its unit.
        y_label: what y is, with its unit.
    """
    figure = Figure(figsize=_INCHES, layout="constrained")  # without pyplot: no window, no state between plots
    axes = figure.subplots()
    for name, points in series.items():
        axes.plot([x for x, _ in points], [y for _, y in points], label=name)
    axes.set(title=title, xlabel=x_label, ylabel=y_label)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file)
