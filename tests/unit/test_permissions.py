"""Who may do what, and how often."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import made_runs
import numpy as np
import pytest

from fmnist_core import timeouts
from fmnist_core.annotations import Annotation, Annotations
from fmnist_core.engine import Engine, TooManyOfYours
from fmnist_core.permissions import (
    CEILINGS,
    MOST_WAITING,
    Actor,
    Ceiling,
    Limits,
    NotAllowed,
    TooMuch,
)
from fmnist_core.presets import PRESETS
from fmnist_core.runs import RunStore, new_run_id
from fmnist_core.runs.portable import import_run

CORE = Path(__file__).resolve().parents[2] / "fmnist_core"
# What writes on behalf of nobody: building blocks, the workers, what can be had again.
APART = (
    *("dataset", "training", "locks", "private", "files", "plain_files"),
    *("engine/training_worker", "engine/process_pool", "engine/task_worker", "engine/tasks"),
    "engine/ahead",
    "engine/local_cluster",
    *("engine/connection", "engine/workers", "engine/supervisor", "engine/problems"),
    *("engine/queue", "engine/address", "engine/certificate", "engine/claims", "engine/__main__"),
    *("runs/folder", "runs/trash", "runs/writer"),
)
# Public, and writes nothing of a visitor's.
OF_NOBODY = {"RunStore.writable_problem"}
# By the engine alone.
OF_NOBODY |= {"RunStore.start_over"}
WRITES = {"write_whole", "write_json", "write_arrays", "move_whole", "throw_away", "bring_back"}
WRITES |= {"make_folder", "write_content"}
WRITES |= {"mkdir", "unlink", "rmtree", "write_bytes", "write_text", "utime", "symlink_to", "link"}
WRITES_WITH_ONE = {"replace", "rename"}
SPEC = PRESETS["Simple network"]
LOOKER = Actor("somebody", False)


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """All functions and methods of the core's modules that visitors' clicks come to."""
    for path in sorted(CORE.rglob("*.py")):
        if path.relative_to(CORE).as_posix().removesuffix(".py").startswith(APART):
            continue
        for part in ast.parse(path.read_text()).body:
            if isinstance(part, ast.FunctionDef):
                yield part.name, part
            elif isinstance(part, ast.ClassDef):
                for inner in part.body:
                    if isinstance(inner, ast.FunctionDef):
                        yield f"{part.name}.{inner.name}", inner


def calls(name: str, function: ast.FunctionDef) -> set[str]:
    """What a function calls, by name; ``"write"`` stands for a change on the disk."""
    found: set[str] = set()
    for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
        called = call.func
        last = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        alone = len(call.args) == 1 and not call.keywords
        opens = last == "open" and any(
            isinstance(part, ast.Constant) and set(str(part.value)) & set("wax+")
            for part in call.args
        )
        if last in WRITES or opens or (last in WRITES_WITH_ONE and alone):
            found.add("write")
        elif isinstance(called, ast.Name):
            found.add(called.id)
        elif isinstance(called, ast.Attribute):
            owner = ast.unparse(called.value)
            if owner == "self":
                found.add(f"{name.partition('.')[0]}.{last}")
            elif owner in ("store", "self.store", "self._store"):
                found.add(f"RunStore.{last}")
    return found


def public_writers() -> dict[str, ast.FunctionDef]:
    known = dict(functions())
    called = {name: calls(name, function) for name, function in known.items()}
    writers = {"write"}
    while more := {name for name, inner in called.items() if inner & writers} - writers:
        writers |= more
    return {
        name: known[name]
        for name in sorted(writers - {"write"} - OF_NOBODY)
        if not name.rpartition(".")[2].startswith("_")
    }


ATTEMPTS: dict[str, Callable[[RunStore, Engine, Actor], object]] = {
    "RunStore.create": lambda store, engine, by: store.create(SPEC, by=by),
    "RunStore.requeue": lambda store, engine, by: store.requeue(stopped(store), by=by),
    "RunStore.train_longer": lambda store, engine, by: store.train_longer(ended(store), 1, by=by),
    "RunStore.request_stop": lambda store, engine, by: store.request_stop(waiting(store), by=by),
    "RunStore.set_multiplier": lambda store, engine, by: store.set_multiplier(
        waiting(store), 3.0, by=by
    ),
    "RunStore.shuffle_probes": lambda store, engine, by: store.shuffle_probes(
        waiting(store), by=by
    ),
    "RunStore.describe": lambda store, engine, by: store.describe(ended(store), name="x", by=by),
    "RunStore.pin": lambda store, engine, by: store.pin(ended(store), by=by),
    "RunStore.delete": lambda store, engine, by: store.delete(ended(store), by=by),
    "RunStore.restore": lambda store, engine, by: store.restore(deleted(store), by=by),
    "Engine.start": lambda store, engine, by: engine.start(SPEC, by=by),
    "Engine.resume": lambda store, engine, by: engine.resume(stopped(store), by=by),
    "Engine.train_longer": lambda store, engine, by: engine.train_longer(ended(store), 1, by=by),
    "Engine.stop": lambda store, engine, by: engine.stop(waiting(store), by=by),
    "Annotations.annotate": lambda store, engine, by: Annotations(store.root).annotate(
        7, Annotation(note="x"), by=by
    ),
    "import_run": lambda store, engine, by: import_run(store, b"", by=by),
}


def by_name(store: RunStore, name: str) -> str:
    return next(run.id for run in store.list() if run.name == name)


def waiting(store: RunStore) -> str:
    return by_name(store, "waiting")


def stopped(store: RunStore) -> str:
    return by_name(store, "stopped")


def ended(store: RunStore) -> str:
    return by_name(store, "ended")


def deleted(store: RunStore) -> str:
    return store.deleted()[0].id


@pytest.fixture
def full(store: RunStore) -> RunStore:
    """A folder with a run in every state that something can be asked of."""
    labels = np.zeros(10_000, np.uint8)
    owner = Actor.owner()
    made_runs.stopped(store, labels, name="stopped")
    made_runs.done(store, labels, name="ended")
    store.create(SPEC, name="waiting", by=owner)
    store.delete(made_runs.done(store, labels, name="deleted").id, by=owner)
    return store


def content(store: RunStore) -> dict[str, bytes]:
    files = (path for path in store.root.rglob("*") if path.is_file())
    return {str(path.relative_to(store.root)): path.read_bytes() for path in files}


def test_every_public_writer_of_the_core_is_told_who_asks() -> None:
    found = public_writers()
    without = [
        name
        for name, function in found.items()
        if "by" not in {argument.arg for argument in function.args.kwonlyargs}
    ]
    assert without == []
    # One more needs its attempt below.
    assert set(found) == set(ATTEMPTS)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_who_looks_on_changes_nothing(full: RunStore, name: str) -> None:
    engine, before = Engine(full), content(full)
    with pytest.raises(NotAllowed, match="You are looking on"):
        ATTEMPTS[name](full, engine, LOOKER)
    assert content(full) == before


@pytest.mark.parametrize("name", sorted(set(ATTEMPTS) - {"import_run"}))
def test_the_owner_may_do_everything(full: RunStore, name: str) -> None:
    engine, before = Engine(full), content(full)
    ATTEMPTS[name](full, engine, Actor.owner())
    assert content(full) != before


@pytest.mark.parametrize("name", ATTEMPTS)
def test_every_act_counts_towards_a_limit(full: RunStore, name: str) -> None:
    none_left = dict.fromkeys(CEILINGS, Ceiling(0, 0, 0))
    by = Actor("somebody", True, limits=Limits(none_left))
    engine, before = Engine(full), content(full)
    with pytest.raises(TooMuch, match="which is the limit"):
        ATTEMPTS[name](full, engine, by)
    assert content(full) == before


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def limits(clock: Clock) -> Limits:
    return Limits({**CEILINGS, "annotate": Ceiling(2, 3, 4)}, clock)


def test_a_visitor_an_address_and_all_together_have_limits() -> None:
    counted = limits(Clock())
    counted.spend("annotate", "ann", "10.0.0.1")
    counted.spend("annotate", "ann", "10.0.0.1")
    with pytest.raises(TooMuch, match="2 verdicts and notes were given by you"):
        counted.spend("annotate", "ann", "10.0.0.1")
    counted.spend("annotate", "ben", "10.0.0.1")
    with pytest.raises(TooMuch, match="3 verdicts and notes were given from your address"):
        counted.spend("annotate", "cleo", "10.0.0.1")
    counted.spend("annotate", "cleo", "10.0.0.2")
    with pytest.raises(TooMuch, match="4 verdicts and notes were given here"):
        counted.spend("annotate", "dora", "10.0.0.3")
    counted.spend("change", "ann", "10.0.0.1")


def test_where_nobody_can_tell_the_address_it_does_not_count() -> None:
    counted = limits(Clock())
    for visitor in ("ann", "ben", "cleo", "dora"):
        counted.spend("annotate", visitor, "")


def test_what_was_done_an_hour_ago_does_not_count_any_more() -> None:
    clock = Clock()
    counted = limits(clock)
    for _ in range(2):
        counted.spend("annotate", "ann", "")
        clock.now += 600
    with pytest.raises(TooMuch, match="The next is possible in 40 min"):
        counted.spend("annotate", "ann", "")
    clock.now += timeouts.WINDOW_SECONDS - 1_200
    counted.spend("annotate", "ann", "")


def test_few_trainings_of_one_visitor_wait_at_once(store: RunStore) -> None:
    engine, ann = Engine(store), Actor("ann", True, limits=Limits())
    form = new_run_id()
    runs = [engine.start(SPEC, form, by=ann)]
    # The same form again is the same run.
    assert engine.start(SPEC, form, by=ann).id == form
    runs += [engine.start(SPEC, by=ann) for _ in range(MOST_WAITING - 1)]
    with pytest.raises(TooManyOfYours, match=f"{MOST_WAITING} trainings of yours already wait"):
        engine.start(SPEC, by=ann)
    engine.start(SPEC, by=Actor("ben", True, limits=Limits()))
    engine.stop(runs[0].id, by=ann)
    engine.start(SPEC, by=ann)
    for _ in range(2 * MOST_WAITING):
        engine.start(SPEC, by=Actor.owner())


def test_resuming_goes_by_the_same_limits(store: RunStore) -> None:
    engine, ann = Engine(store), Actor("ann", True, limits=Limits())
    runs = [engine.start(SPEC, by=ann).id for _ in range(MOST_WAITING)]
    for run_id in runs:
        engine.stop(run_id, by=ann)
    more = [engine.start(SPEC, by=ann).id for _ in range(MOST_WAITING)]
    assert len(more) == MOST_WAITING
    with pytest.raises(TooManyOfYours):
        engine.resume(runs[0], by=ann)
    with pytest.raises(TooManyOfYours):
        engine.train_longer(runs[0], 1, by=ann)
