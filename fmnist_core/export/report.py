"""The HTML report of the chosen runs: one self-contained file that needs no network."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import plotly
from numpy.typing import NDArray

from fmnist_core.analysis.metrics import accuracy_text, confusion_matrix
from fmnist_core.colors import BORDER, FOREGROUND, PAGE
from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.export import RunWithEvents
from fmnist_core.figures.comparison import NamedEvents, run_curves
from fmnist_core.figures.confusion import confusion_heatmap
from fmnist_core.figures.theme import themed_json
from fmnist_core.images import sprite
from fmnist_core.runs import Run
from fmnist_core.runs.identity import identity_of, run_labels
from fmnist_core.runs.settings_table import side_by_side
from fmnist_core.specs import steps_per_epoch
from fmnist_core.text import for_html, for_script

_PLOTLY = Path(plotly.__file__).resolve().parent / "package_data" / "plotly.min.js"
_WALL, _WALL_COLUMNS = 60, 20
_MOST_MATRICES = 6
_STYLE = """
body { font: 16px/1.5 Inter, Helvetica, Arial, sans-serif; max-width: 1100px; margin: 2rem auto;
  padding: 0 1rem; background: var(--page); color: var(--text); }
h1, h2 { font-family: Fraunces, Georgia, serif; font-weight: 550; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.9rem; }
td, th { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--border); text-align: left;
  min-width: 4rem; max-width: 24rem; overflow-wrap: anywhere; white-space: pre-line; }
h2 { overflow-wrap: anywhere; }
img { width: 100%; image-rendering: pixelated; border-radius: 8px; } code { word-break: break-all; }
"""
_COLORS = "".join(
    f"--{name}: {pair['light']}; "
    for name, pair in {"page": PAGE, "text": FOREGROUND, "border": BORDER}.items()
)
_DRAW = """
for (const node of document.querySelectorAll("[data-figure]")) {
  const figure = JSON.parse(document.getElementById(node.dataset.figure).textContent);
  Plotly.newPlot(node, figure.data, figure.layout, {displayModeBar: false, responsive: true});
}
"""


def report_html(
    runs: Sequence[RunWithEvents],
    probabilities: Mapping[str, NDArray[np.float32]],
    data: Dataset,
) -> str:
    """The report as one self-contained HTML page: results, curves, configurations, mistakes.

    Args:
        runs: finished ones, at least one.
        probabilities: (10000, 10) of the test images, by run id; a run may be missing.
        data: the dataset.
    """
    charts: list[str] = []

    def chart(text: str, height: int) -> str:
        charts.append(for_script(text))
        figure_number = len(charts)
        return f'<div data-figure="figure{figure_number}" style="height:{height}px"></div>'

    names = run_labels([run for run, _ in runs])
    named = [
        NamedEvents(names[run.id], run.color, events, steps_per_epoch(run.spec.training))
        for run, events in runs
    ]
    body = [
        "<h1>Fashion-MNIST: the chosen runs</h1>",
        "<h2>What they reached</h2>",
        _results([run for run, _ in runs], names),
        "<h2>How they learned</h2>",
        "<p>Test accuracy and loss after each epoch.</p>",
        chart(themed_json(run_curves(named)), 620),
        "<h2>Configuration</h2>",
        _table(
            ["", *(names[run.id] for run, _ in runs)],
            [[name, *row] for name, row in _settings([run for run, _ in runs]).items()],
        ),
    ]
    labels = np.asarray(data.test_labels)
    with_predictions = [run for run, _ in runs if run.id in probabilities]
    for run in with_predictions[:_MOST_MATRICES]:
        predictions = probabilities[run.id].argmax(axis=1)
        figure = confusion_heatmap(confusion_matrix(labels, predictions))
        body += [
            f"<h2>What {for_html(names[run.id])} confuses</h2>",
            chart(themed_json(figure), 560),
        ]
        body.append(_mistakes(labels, probabilities[run.id], data))
    body += ["<h2>Where this comes from</h2>", _origin([run for run, _ in runs], names, data)]
    figures = "".join(
        f'<script type="application/json" id="figure{figure_number}">{text}</script>'
        for figure_number, text in enumerate(charts, 1)
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Fashion-MNIST report</title><style>:root {{ {_COLORS}}}{_STYLE}</style>"
        f"<script>{_PLOTLY.read_text()}</script></head><body>{''.join(body)}{figures}"
        f"<script>{_DRAW}</script></body></html>"
    )


def _results(runs: Sequence[Run], names: Mapping[str, str]) -> str:
    rows = []
    for run in runs:
        summary = run.summary
        assert summary is not None
        rows.append(
            [
                names[run.id],
                accuracy_text(summary.test_accuracy),
                accuracy_text(summary.train_accuracy, run.training_size),
                f"{summary.parameters:,}",
                f"{summary.epochs}",
                f"{summary.seconds:,.0f} s",
                run.user.notes,
            ]
        )
    heads = ["Run", "Test accuracy", "Training accuracy", "Parameters", "Epochs", "Time", "Notes"]
    return _table(heads, rows) + "<p>± is the wider side of the 95 % interval (Wilson, 1927).</p>"


def _settings(runs: Sequence[Run]) -> dict[str, list[str]]:
    return side_by_side([identity_of(run) for run in runs], differences=False)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{for_html(text)}</th>" for text in heads)
    lines = "".join(
        "<tr>" + "".join(f"<td>{for_html(text)}</td>" for text in row) + "</tr>" for row in rows
    )
    return f'<div class="wide"><table><tr>{head}</tr>{lines}</table></div>'


def _mistakes(labels: NDArray[np.uint8], probabilities: NDArray[np.float32], data: Dataset) -> str:
    predictions, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    misclassified = np.flatnonzero(predictions != labels)
    most_confident = misclassified[np.argsort(-confidence[misclassified], kind="stable")][:_WALL]
    if not len(most_confident):
        return "<p>It names every test picture rightly.</p>"
    encoded = base64.b64encode(
        sprite(data.test_images[most_confident], _WALL_COLUMNS, invert=True)
    ).decode()
    examples = "; ".join(
        f"{CLASS_NAMES[labels[index]]}, called {CLASS_NAMES[predictions[index]]}"
        for index in most_confident[:5]
    )
    return (
        f"<p>{len(misclassified):,} test pictures are named wrongly. Here are the "
        f"{len(most_confident)} it was surest about, from the upper left: "
        f"{for_html(examples)}; and so on.</p>"
        f'<img alt="The mistakes it was surest about" src="data:image/png;base64,{encoded}">'
    )


def _origin(runs: Sequence[Run], names: Mapping[str, str], data: Dataset) -> str:
    rows = []
    for run in runs:
        environment = run.record.environment
        parts = ("python", "tensorflow", "keras", "numpy", "system", "device_name")
        versions = ", ".join(
            f"{name} {environment[name]}" for name in parts if environment.get(name)
        )
        rows.append([names[run.id], f"{run.created_at:%Y-%m-%d %H:%M} UTC", versions, run.id])
    return (
        _table(["Run", "Started", "Trained with", "Id"], rows)
        + f"<p>The pictures: Fashion-MNIST by Zalando Research, sha256 <code>{data.sha256}</code>."
        "</p>"
    )
