"""The addresses of the record: every page, part and choice, on the runs of ``fixed_runs``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product

from fmnist_core.presets import PRESETS
from fmnist_core.runs import DamagedRun, Run
from fmnist_core.specs import spec_text

Address = tuple[str, dict[str, str]]


def addresses(runs: dict[str, Run | DamagedRun]) -> list[Address]:
    """Pages with their parameters.

    Args:
        runs: as ``fixed_runs.make`` returns them.
    """
    ids = {what: run.id for what, run in runs.items()}
    return [*_overview(), *_explore(ids), *_train(ids), *_compare(ids), *_mistakes(ids)]


def _overview() -> Iterator[Address]:
    yield "overview", {}
    for step in range(1, len(PRESETS) + 1):
        yield "overview", {"step": str(step)}


def _explore(ids: dict[str, str]) -> Iterator[Address]:
    yield "explore", {}
    for split, order in product(
        ("test", "train"),
        ("number", "shuffled", "dark", "full", "typical", "odd", "lonely", "twins"),
    ):
        yield "explore", {"split": split, "sort": order, "seed": "3", "page": "2"}
    for some in ({"size": "large"}, {"size": "small", "page": "3"}, {"class": "0-6"}):
        yield "explore", some
    for split, about in product(("test", "train"), ("alike", "changed", "runs")):
        yield "explore", {"split": split, "picture": "17", "close": "1", "about": about}
    yield "explore", {"picture": "17"}
    yield "explore", {"picture": "5", "close": "1", "trail": "e17-r4711"}
    yield (
        "explore",
        {"picture": "5", "close": "1", "about": "changed", "shift": "4", "flip": "0", "roll": "7"},
    )
    for number in (0, 6):
        yield "explore", {"view": "sheet", "of": str(number)}
    yield "explore", {"view": "sheet", "of": "5", "split": "train", "sort": "typical"}
    for shown, other in product(("mean", "spread"), (None, "4")):
        yield "explore", {"view": "classes", "show": shown} | ({"and": other} if other else {})
    yield "explore", {"view": "classes", "of": "6", "and": "0", "split": "train"}
    for split, method in product(("test", "train"), ("pca", "tsne")):
        yield "explore", {"view": "map", "split": split, "method": method}
    for color in ("class", "right", "sure"):
        yield "explore", {"view": "map", "color": color, "run": ids["cnn"]}
    yield "explore", {"view": "map", "from": ids["network"], "run": ids["network"]}
    yield "explore", {"view": "facts"}


def _train(ids: dict[str, str]) -> Iterator[Address]:
    yield "train", {}
    yield "train", {"new": "1"}
    for spec in PRESETS.values():
        yield "train", {"new": "1", "config": spec_text(spec)}
    yield "train", {"new": "1", "config": json.dumps({"training": {"epochs": -1}})}
    for what in ids:
        yield "train", {"run": ids[what]}
    yield "train", {"run": "0" * 32}


def _compare(ids: dict[str, str]) -> Iterator[Address]:
    four = ",".join(ids[what] for what in ("simple", "cnn", "best", "stopped"))
    duplicates = ",".join(ids[what] for what in ("simple", "twin", "third"))
    yield "compare", {}
    for view in ("curves", "settings", "costs", "pair", "seeds", "together"):
        yield "compare", {"view": view}
        yield "compare", {"view": view, "runs": four}
        yield "compare", {"view": view, "runs": duplicates}
    for order in ("best", "small", "quick", "name"):
        yield "compare", {"order": order}
    for axis, splits in product(("epoch", "step", "time"), ("test", "test-validation-train")):
        yield "compare", {"runs": four, "axis": axis, "splits": splits, "smooth": "40"}
    for cost in ("parameters", "time", "arithmetic"):
        yield "compare", {"view": "costs", "runs": four, "cost": cost}
    two = {"view": "pair", "runs": four, "a": ids["simple"], "b": ids["cnn"]}
    for part in ("only_a", "only_b", "neither", "both"):
        yield "compare", {**two, "part": part}
    for differs in ("0", "1"):
        yield "compare", {"view": "settings", "runs": four, "differs": differs}
    yield "compare", {"runs": "none"}
    yield "compare", {"runs": ids["damaged"] + "," + ids["failed"]}


def _mistakes(ids: dict[str, str]) -> Iterator[Address]:
    yield "mistakes", {}
    for view in ("pictures", "classes", "sure", "luck", "suspects", "verdicts"):
        for what in ("simple", "best", "done"):
            yield "mistakes", {"run": ids[what], "view": view}
    run = {"run": ids["simple"]}
    for scale, order in product(("counts", "truth", "predicted"), ("dataset", "similar")):
        yield "mistakes", {**run, "scale": scale, "order": order}
    for sort in ("confidence", "margin", "loss", "forgotten", "similar", "number"):
        yield "mistakes", {**run, "sort": sort, "like": "17"}
    for some in (
        {"truth": "6", "predicted": "0"},
        {"truth": "6"},
        {"predicted": "2"},
        {"cells": "60-06-24"},
        {"answers": "right"},
        {"answers": "both", "sure": "30-80"},
        {"epoch": "2"},
        {"epoch": "2", "truth": "6", "predicted": "0", "page": "2"},
        {"view": "sure", "threshold": "80"},
        {"view": "luck", "by": "1"},
        {"view": "luck", "by": "3"},
        {"view": "suspects", "of": "train"},
        {"view": "suspects", "of": "train", "suspect": "42"},
        {"view": "suspects", "of": "test", "suspect": "17"},
        {"view": "suspects", "left": "1"},
    ):
        yield "mistakes", {**run, **some}
    for about in ("epochs", "sight", "nearest", "others", "notes"):
        yield "mistakes", {**run, "picture": "17", "about": about}
        yield "mistakes", {"run": ids["network"], "picture": "23", "about": about}
    yield (
        "mistakes",
        {"run": ids["network"], "picture": "23", "about": "nearest", "near": "network"},
    )
    for what in ("stopped", "failed", "interrupted", "damaged", "waiting", "imported"):
        yield "mistakes", {"run": ids[what]}
    yield "mistakes", {"run": "0" * 32}
