"""Weights as plain arrays: what the files hold, and which epochs are kept."""

from __future__ import annotations

import numpy as np
import pytest
from made_weights import made_weights

from fmnist_core.files import packed
from fmnist_core.presets import PRESETS
from fmnist_core.runs.weights import (
    as_snapshot,
    check_weights,
    read_weights,
    snapshot_epochs,
    weights_table,
)
from fmnist_core.specs import parameter_count

SPEC = PRESETS["Best CNN"]


@pytest.mark.parametrize("name", PRESETS)
def test_the_table_has_as_many_numbers_as_the_network_has_parameters(name: str) -> None:
    weights = made_weights(PRESETS[name])
    assert sum(values.size for values in weights.values()) == parameter_count(PRESETS[name])
    assert list(weights_table(PRESETS[name]))[-2:] == ["logits/kernel", "logits/bias"]


def test_weights_come_back_from_their_file_as_they_were() -> None:
    weights = made_weights(SPEC)
    back = read_weights(SPEC, packed(weights, compress=False))
    assert list(back) == list(weights)
    assert all((back[name] == values).all() for name, values in weights.items())


@pytest.mark.parametrize("preset", ["LeNet", "Simple network"])
def test_weights_of_another_network_are_refused(preset: str) -> None:
    weights = made_weights(PRESETS[preset])
    with pytest.raises(ValueError, match="a training writes"):
        read_weights(SPEC, packed(weights))
    with pytest.raises(ValueError, match="a training writes"):
        check_weights(SPEC, weights)


def test_a_snapshot_is_near_and_finite_whatever_the_weights_are() -> None:
    weights = made_weights(SPEC)
    weights["logits/bias"][:2] = [1e30, -1e30]
    snapshot = read_weights(SPEC, packed(as_snapshot(weights)), "float16")
    assert snapshot["logits/bias"][:2].tolist() == [65_504, -65_504]
    kernel = weights["conv/kernel"]
    assert np.abs(snapshot["conv/kernel"] - kernel).max() < 0.001 * np.abs(kernel).max()
    with pytest.raises(ValueError, match="float16"):
        read_weights(SPEC, packed(as_snapshot(weights)))


def test_the_first_the_last_and_the_steepest_epochs_are_kept() -> None:
    accuracies = [0.1, *np.linspace(0.5, 0.6, 30), 0.9, 0.9, 0.9]
    assert snapshot_epochs([], 10) == set()
    assert snapshot_epochs([0.5], 10) == {1}
    assert snapshot_epochs(accuracies[:12], 10) == set(range(1, 13))
    kept = snapshot_epochs(accuracies, 10)
    assert len(kept) == 12
    assert {1, 2, 32, 34} < kept
    # Twenty million parameters in float16 are 40 MB an epoch.
    assert snapshot_epochs(accuracies, 20_000_000) == {1, 34}


def test_what_was_left_out_once_is_not_missed_later() -> None:
    accuracies = np.random.default_rng(4).random(40).tolist()
    there: set[int] = set()
    for epoch in range(1, 41):
        there = (there | {epoch}) & snapshot_epochs(accuracies[:epoch], 10)
        assert there == snapshot_epochs(accuracies[:epoch], 10)
