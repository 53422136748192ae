"""The bar on every page: what trains, what waits."""

from __future__ import annotations

from app_visit import Visit
from made_runs import SPEC, report_epochs

from fmnist_core.runs import RunStore, RunWriter


def test_two_trainings_at_once_both_have_their_line(visit: Visit, store: RunStore) -> None:
    names = ("First of two", "Second of two", "Still waiting")
    runs = [store.create(SPEC, name=name) for name in names]
    writers = [RunWriter(store.root, run.id, run.attempt) for run in runs[:2]]
    for writer in writers:
        report_epochs(writer, 1)
    with writers[0], writers[1]:
        app = visit.open("overview")
    lines = [bar.proto.text for bar in app.progress]
    assert len(lines) == 2
    assert "First of two" in lines[0]
    assert lines[0].endswith("1 more waiting")
    assert "Second of two" in lines[1]
    assert "waiting" not in lines[1]
