"""The probe images: which they are, and how visitors have others drawn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made_runs import SPEC, report_epochs
from numpy.typing import NDArray

from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.dataset.probes import MOST_DRAWS, probe_indices
from fmnist_core.permissions import Actor
from fmnist_core.runs import Run, RunStore, RunWriter
from fmnist_core.runs.writer import Control

OWNER = Actor.owner()


@pytest.fixture(scope="module")
def labels(data: Dataset) -> NDArray[np.uint8]:
    return np.asarray(data.test_labels)


@pytest.fixture
def run(store: RunStore) -> Run:
    return store.create(SPEC, by=OWNER)


@pytest.mark.parametrize("draw", [0, 1, MOST_DRAWS])
def test_probes_show_each_class_in_order_and_two_coats_and_shirts(
    labels: NDArray[np.uint8], draw: int
) -> None:
    indices = probe_indices(labels, 1, draw)
    assert (indices.dtype, len(set(indices.tolist()))) == (np.int64, 12)
    twice = {"Coat", "Shirt"}
    wanted = [name for name in CLASS_NAMES for _ in range(2 if name in twice else 1)]
    assert [CLASS_NAMES[label] for label in labels[indices]] == wanted


def test_a_seed_and_a_draw_always_mean_the_same_images(labels: NDArray[np.uint8]) -> None:
    drawn = [(seed, draw) for seed in (0, 1, 2) for draw in range(5)]
    sets = [tuple(probe_indices(labels, seed, draw)) for seed, draw in drawn]
    assert sets == [tuple(probe_indices(labels, seed, draw)) for seed, draw in drawn]
    assert len(set(sets)) == len(sets)


def test_shuffled_probes_are_the_next_draw_and_leave_other_requests(
    store: RunStore, run: Run
) -> None:
    store.set_multiplier(run.id, 3.0, by=OWNER)
    writer = RunWriter(store.root, run.id, 1)
    assert writer.control() == Control(multiplier=3.0)
    for draw in (1, 2):
        store.shuffle_probes(run.id, by=OWNER)
        assert store.control(run.id) == Control(multiplier=3.0, draw=draw)
    assert RunWriter(store.root, run.id, 1).control().draw == 2
    store.request_stop(run.id, by=OWNER)
    assert store.control(run.id) == Control(stop=True, multiplier=3.0, draw=2)


def test_after_the_last_draw_comes_the_first(store: RunStore, run: Run) -> None:
    path = run.path / "control.json"
    path.write_text(json.dumps({"attempt": 1, "draw": MOST_DRAWS - 1}))
    store.shuffle_probes(run.id, by=OWNER)
    assert store.control(run.id).draw == 0


def test_the_next_attempt_begins_with_the_first_draw(store: RunStore, run: Run) -> None:
    store.shuffle_probes(run.id, by=OWNER)
    store.request_stop(run.id, by=OWNER)
    writer = RunWriter(store.root, run.id, 1)
    report_epochs(writer, 1)
    writer.finish("stopped", None)
    ended = (run.path / "control.json").read_bytes()
    store.shuffle_probes(run.id, by=OWNER)
    assert (run.path / "control.json").read_bytes() == ended
    store.requeue(run.id, by=OWNER)
    assert store.control(run.id).draw == 0


@pytest.mark.parametrize("draw", [-1, MOST_DRAWS + 1, True, 1.0, "1", None])
def test_a_draw_that_makes_no_sense_is_the_first(draw: object) -> None:
    assert Control.parse({"attempt": 1, "draw": draw}, 1).draw == 0
    assert Control.parse({"attempt": 1, "draw": 7}, 1).draw == 7
