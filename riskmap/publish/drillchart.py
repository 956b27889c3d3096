"""The chart of a drill (推演): who waits, walks, queues and is safe, by minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from riskmap.publish.fonts import find_fonts
from riskmap.publish.page_words import web_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

__all__ = ["draw_drill"]

# From the bottom up: Okabe and Ito's colours, told apart by colour-blind eyes.
_BANDS = (
    ("safe_people", "#009E73"),
    ("on_the_way_people", "#56B4E9"),
    ("queueing_people", "#E69F00"),
    ("stopped_people", "#D55E00"),
    ("waiting_people", "#DDDDDD"),
)


def draw_drill(people: pd.DataFrame, path: str | Path | None = None) -> Figure:
    """Draw what people do in a drill, minute by minute.

    Parameters
    ----------
    people
        The frame ``people`` of a drill: ``minute`` and one column for each thing
        that people do, which add up to ``people``; one scenario.
    path
        A PNG to write; None writes none.

    Returns
    -------
    matplotlib.figure.Figure
        Bands that add up to all people; the last arrival is marked. The same
        frame gives the same bytes.
    """
    words = web_words()["drill"]
    faces = find_fonts()
    small, large = faces.properties(3.2), faces.properties(4.4, bold=True)
    figure = Figure(figsize=(8.0, 4.5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    minute = people["minute"].to_numpy(float)
    shown = [(name, colour) for name, colour in _BANDS if people[name].max() > 0]
    axes.stackplot(
        minute,
        [people[name].to_numpy(float) for name, _ in shown],
        colors=[colour for _, colour in shown],
        labels=[words[name] for name, _ in shown],
        step="post",
    )
    total = int(people["people"].iloc[0]) if len(people) else 0
    safe = int(people["safe_people"].iloc[-1]) if len(people) else 0
    title = words["title"].format(
        scenario=people["scenario"].iloc[0] if len(people) else "",
        minutes=int(minute.max(initial=0)), safe=safe, people=total,
    )  # fmt: skip
    axes.set_title(title, fontproperties=large, loc="left")
    axes.set_xlim(0, max(float(minute.max(initial=1)), 1.0))
    axes.set_ylim(0, max(total, 1) * 1.02)
    _label(axes, words, small)
    if shown:
        axes.legend(prop=small, loc="upper left", facecolor="white", framealpha=1)
    if path is not None:
        figure.savefig(path, metadata={"Software": None})
    return figure


def _label(axes: Axes, words: Mapping[str, str], font: FontProperties) -> None:
    """Name the axes, in a font that has the characters."""
    axes.set_xlabel(words["minute"], fontproperties=font)
    axes.set_ylabel(words["people"], fontproperties=font)
    axes.spines[["top", "right"]].set_visible(False)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font)
