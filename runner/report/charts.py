"""Computes bar charts: the position of each bar, tick and label. The template draws them as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 30, 30
_MOST_LABELS = 8
#: Up to this many bars have their value written above them.
_MOST_VALUES = 30


@dataclass(frozen=True, slots=True)
class Bar:
    """One segment of a bar: its rectangle, its series, and its text."""

    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text and its position."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart in a box of WIDTH by HEIGHT."""

    bars: list[Bar]
    values: list[Label]
    x_labels: list[Label]
    y_labels: list[Label]
    left: int = _LEFT
    right: int = WIDTH - _RIGHT


def stacked_bars(names: Sequence[str], series: Sequence[tuple[str, Sequence[int]]]) -> Chart:
    """A chart with a bar for each name, and one segment per series.

    Args:
        names: the texts below the bars, in order.
        series: for each series its name and one value per bar; at least one series.
    """
    totals = [sum(values[at] for _, values in series) for at in range(len(names))]
    step, top = _scale(max(totals, default=0))
    plot_width, plot_height = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    slot = plot_width / max(len(names), 1)
    bar_width = min(slot * 0.8 if slot > 4 else slot, 48)
    bars: list[Bar] = []
    values: list[Label] = []
    for at, name in enumerate(names):
        x, floor = _LEFT + slot * at + (slot - bar_width) / 2, float(HEIGHT - _BOTTOM)
        for number, (title, counts) in enumerate(series):
            if counts[at]:
                height = plot_height * counts[at] / top
                floor -= height
                says = f"{name}: {counts[at]:,} {title}"
                bars.append(
                    Bar(round(x, 2), round(floor, 2), round(bar_width, 2), round(height, 2), number, says)
                )
        if totals[at] and len(names) <= _MOST_VALUES:
            values.append(Label(round(x + bar_width / 2, 2), round(floor - 4, 2), f"{totals[at]:,}"))
    every = math.ceil(len(names) / _MOST_LABELS) or 1
    return Chart(
        bars=bars,
        values=values,
        x_labels=[
            Label(round(_LEFT + slot * (at + 0.5), 2), HEIGHT - _BOTTOM + 18, names[at])
            for at in range(0, len(names), every)
        ],
        y_labels=[
            Label(_LEFT - 6, round(HEIGHT - _BOTTOM - plot_height * value / top, 2), f"{value:,}")
            for value in range(0, top + 1, step)
        ],
    )


def _scale(highest: int) -> tuple[int, int]:
    """A round step between gridlines, and the top value: a multiple of the step, at least `highest`."""
    rough = max(highest, 1) / 4
    power = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return step, step * max(1, math.ceil(highest / step))
