"""Invariants of a run folder, whatever happened to the process that wrote it."""

from __future__ import annotations

from processes import wait_for
from stub import CHECKPOINT, EPOCHS, Zygote, state_after, weights_after

from fmnist_core.files import sha256
from fmnist_core.permissions import Actor
from fmnist_core.runs import EpochEvent, RunStore, RunWriter
from fmnist_core.runs.model import MODEL_FILE, PREDICTIONS_FILE, WEIGHTS_FILE, WEIGHTS_FOLDER

LEFT_OVER = ("*.tmp", ".*")


def check_folder(store: RunStore, run_id: str, shown: list[EpochEvent]) -> list[EpochEvent]:
    """Assert a run folder's invariants: readable, no shown epoch lost (1), *done* is whole (2).

    Returns:
        The epochs that the page shows now.
    """
    run = RunStore(store.root).get(run_id)
    epochs = store.events(run_id).epochs
    assert epochs[: len(shown)] == shown, "an epoch that was shown is lost"
    assert [event.epoch for event in epochs] == list(range(1, len(epochs) + 1))
    writer = RunWriter(store.root, run_id, run.attempt)
    assert len(writer.epoch_predictions(len(epochs))) == len(epochs)
    if epochs:
        saved = writer.checkpoint(CHECKPOINT)
        assert saved is not None
        assert int(saved["epoch"]) in (len(epochs), len(epochs) + 1)
        assert saved["state"].tobytes().decode() == state_after(int(saved["epoch"]))
    if run.state == "done":
        assert run.record is not None
        assert set(run.record.artifacts) == {PREDICTIONS_FILE, WEIGHTS_FILE, MODEL_FILE}
        for name, digest in run.record.artifacts.items():
            assert sha256((run.path / name).read_bytes()) == digest
    return epochs


def resume_to_the_end(store: RunStore, zygote: Zygote, run_id: str) -> None:
    """Resume a run until done: no gap, no repeat, the state of an undisturbed one, no leftovers."""
    if store.get(run_id).state == "queued":
        zygote.train(store, run_id)
    elif store.get(run_id).state != "done":
        store.requeue(run_id, by=Actor.owner())
        zygote.train(store, run_id)
    wait_for(lambda: store.get(run_id).state in ("done", "failed"), 30)
    run = store.get(run_id)
    assert run.state == "done", run.reason
    assert len(check_folder(store, run_id, [])) == EPOCHS
    assert (run.path / MODEL_FILE).read_text() == state_after(EPOCHS)
    expected, weights = weights_after(state_after(EPOCHS)), store.weights(run_id)
    assert all((weights[name] == values).all() for name, values in expected.items())
    snapshots = sorted(path.name for path in (run.path / WEIGHTS_FOLDER).iterdir())
    assert snapshots == [f"{epoch:04d}.npz" for epoch in range(1, EPOCHS + 1)]
    assert [path.name for pattern in LEFT_OVER for path in run.path.rglob(pattern)] == []
