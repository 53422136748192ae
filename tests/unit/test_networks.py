"""The networks of runs on their way to browsers: their addresses, and what lies there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asgi import Answer, ask
from made_runs import SPEC, done, report_epochs
from made_weights import made_weights
from numpy.typing import NDArray
from starlette.applications import Starlette
from streamlit import config

import ui.networks
from fmnist_core.dataset import Dataset
from fmnist_core.export.network_bytes import LAYOUT, network_bytes
from fmnist_core.files import packed, sha256
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore, RunWriter, Summary
from fmnist_core.runs.model import RUN_FILE, WEIGHTS_FILE, snapshot_file
from fmnist_core.runs.weights import as_snapshot
from fmnist_core.specs import layer_shapes, parameter_count
from ui.networks import NetworkAtEpoch, final_network, networks, read_network
from ui.routes import routes
from ui.shared_bytes import SharedBytes
from ui.static_files import FOR_GOOD

EPOCHS = 3
UNREADABLE = "This run's network cannot be read: the file is missing or was changed."
NO_EPOCH = "This run kept no network of that epoch."
NO_RUN = "This run does not exist. It may have been deleted."
Content = Callable[[Mapping[str, NDArray[Any]]], bytes]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The runs folder of the dashboard."""
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    return RunStore(tmp_path)


@pytest.fixture
def run(store: RunStore) -> Run:
    """A run of three epochs that kept a network after each; the last one is its result."""
    run = store.create(SPEC, by=Actor.owner())
    writer = RunWriter(store.root, run.id, run.attempt)
    report_epochs(writer, EPOCHS)
    summary = Summary(
        epochs=EPOCHS,
        parameters=parameter_count(SPEC),
        seconds=12.0,
        train_pictures=54_000,
        validation_pictures=6_000,
        test_accuracy=0.8,
    )
    writer.finish("done", summary, weights=made_weights(SPEC, seed=9))
    return store.get(run.id)


def get(address: str) -> Answer:
    """The response to a request that only the routes see."""
    return ask(Starlette(routes=routes()), address)


def refused(address: str, status: int, sentence: str) -> bool:
    """Whether an address answers with this sentence, which no browser keeps."""
    answer = get(address)
    kept, kind = answer.headers["cache-control"], answer.headers["content-type"]
    return (answer.status, answer.text, kept, kind) == (
        status,
        sentence,
        "no-store",
        "text/plain; charset=utf-8",
    )


def parts_of(content: bytes) -> tuple[dict[str, Any], NDArray[np.float32]]:
    """The header and the numbers of a network, by the layout that its docstring describes."""
    length = int.from_bytes(content[:4], "little")
    assert length % 4 == 0
    return json.loads(content[4 : 4 + length]), np.frombuffer(content[4 + length :], "<f4")


@pytest.mark.parametrize("preset", PRESETS)
def test_the_bytes_are_a_header_and_all_weights(preset: str) -> None:
    spec = PRESETS[preset]
    weights = made_weights(spec)
    header, numbers = parts_of(network_bytes(spec, weights))
    layers = layer_shapes(spec)
    assert header["input"] == [28, 28, 1]
    assert header["multiply_adds"] == sum(layer.multiply_adds for layer in layers)
    assert [layer["kind"] for layer in header["layers"]] == [layer.kind for layer in layers]
    used = 0
    for layer in header["layers"]:
        for name, shape in layer["weights"].items():
            values = numbers[used : used + prod(shape)].reshape(shape)
            assert np.array_equal(values, weights[f"{layer['name']}/{name}"])
            used += prod(shape)
    assert used == len(numbers) == parameter_count(spec)


def test_each_kept_network_has_an_address_that_browsers_keep(store: RunStore, run: Run) -> None:
    kept = networks(run)
    assert [network.epoch for network in kept] == [1, 2, 3]
    assert kept[-1] == final_network(run)
    contents = []
    for network in kept:
        answer = get(network.address)
        assert (answer.status, answer.headers["cache-control"]) == (200, FOR_GOOD)
        assert answer.headers["content-type"] == "application/octet-stream"
        contents.append(answer.content)
    # The result in full precision, an epoch in that which was kept of it.
    assert contents[-1] == network_bytes(SPEC, made_weights(SPEC, seed=9))
    assert contents[0] == network_bytes(SPEC, as_snapshot(made_weights(SPEC)))


def test_a_result_that_is_an_earlier_epoch_is_told_as_that(store: RunStore, run: Run) -> None:
    rewrite(run, lambda record: record["summary"].update(kept_epoch=2))
    run = store.get(run.id)
    final = final_network(run)
    assert final is not None
    assert final.epoch == 2
    assert networks(run)[1] == final
    assert [network.epoch for network in networks(run)] == [1, 2, 3]


def test_addresses_lie_under_the_base_path(run: Run) -> None:
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "clothes")
    try:
        for network in networks(run):
            assert network.address.startswith(f"/clothes/networks/{run.id}/")
            assert get(network.address).status == 200
            assert get(network.address.removeprefix("/clothes")).status == 404
    finally:
        config.set_option("server.baseUrlPath", before)


def test_a_run_without_a_network_has_its_epochs_alone(store: RunStore, data: Dataset) -> None:
    run = done(store, np.asarray(data.test_labels))
    assert final_network(run) is None
    kept = networks(run)
    assert [network.epoch for network in kept] == [*range(1, SPEC.training.epochs + 1)]
    for network in kept:
        assert get(network.address).status == 200


def test_a_run_that_waits_has_none(store: RunStore) -> None:
    run = store.create(SPEC, by=Actor.owner())
    assert final_network(run) is None
    assert networks(run) == []


@pytest.mark.parametrize("ending", [f"-layout{LAYOUT}", f"-layout{LAYOUT + 1}", ""])
@pytest.mark.parametrize(
    "name",
    ["final-", f"final-{'0' * 16}", "final", "1-1", "9999-1", "1", "-", "x", "9" * 3_000],
    ids=lambda name: name[:20],
)
def test_a_network_that_was_not_kept_is_not_found(run: Run, name: str, ending: str) -> None:
    assert refused(f"/networks/{run.id}/{name}{ending}.bin", 404, NO_EPOCH)


def test_a_page_from_before_an_update_gets_no_layout_that_it_cannot_read(run: Run) -> None:
    for network in networks(run):
        for layout in ("", f"-layout{LAYOUT + 1}"):
            old = network.address.replace(f"-layout{LAYOUT}", layout)
            assert old != network.address
            assert refused(old, 404, NO_EPOCH)


@pytest.mark.parametrize("name", ["", "..", "../weights", "..%2Fweights", "%2E%2E/run.json"])
def test_no_address_leads_into_the_folder(run: Run, name: str) -> None:
    assert get(f"/networks/{run.id}/{name}.bin").status == 404


@pytest.mark.parametrize("run_id", ["0" * 32, "x", "..", "%2E%2E", "A" * 32])
def test_of_a_run_that_there_is_not_there_is_none(run: Run, run_id: str) -> None:
    name = networks(run)[0].address.rpartition("/")[2]
    assert refused(f"/networks/{run_id}/{name}", 404, NO_RUN)


def test_of_a_deleted_run_there_is_none(store: RunStore, run: Run) -> None:
    kept = networks(run)
    store.delete(run.id, by=Actor.owner())
    for network in kept:
        assert refused(network.address, 404, NO_RUN)


def test_what_was_trained_again_is_not_at_its_old_address(store: RunStore, run: Run) -> None:
    old = final_network(run)
    assert old is not None
    content = packed(made_weights(SPEC, seed=10), compress=False)
    forge(run, content)
    new = final_network(store.get(run.id))
    assert new is not None
    assert new.address != old.address
    assert refused(old.address, 404, NO_EPOCH)
    assert get(new.address).content == network_bytes(SPEC, made_weights(SPEC, seed=10))


def test_all_visitors_share_the_bytes_that_were_read_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def counted(*arguments: Any) -> bytes:
        made.append(arguments)
        return network_bytes(*arguments)

    monkeypatch.setattr(ui.networks, "network_bytes", counted)
    name = networks(run)[0].address.rpartition("/")[2].removesuffix(".bin")
    with ThreadPoolExecutor(8) as visitors:
        contents = list(visitors.map(lambda _: read_network(run.id, name), range(16)))
    assert len(made) == 1
    assert all(content is contents[0] for content in contents)


def test_of_shared_bytes_those_used_last_stay_as_far_as_they_fit() -> None:
    read: list[str] = []
    shared = SharedBytes(3)

    def take(key: str, size: int = 1) -> None:
        def content() -> bytes:
            read.append(key)
            return bytes(size)

        shared.get(key, content)

    for key in "abcad":
        take(key)
    assert read == list("abcd")
    take("a")
    take("b")
    assert read == list("abcdb")
    take("large", 4)
    take("large", 4)
    take("b")
    assert read == [*"abcdb", "large", "large"]


def test_weights_that_changed_while_they_were_read_are_not_kept_under_the_old_address(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = networks(run)[-1]

    def trained_meanwhile(*arguments: Any) -> bytes:
        forge(run, packed(made_weights(SPEC, seed=11), compress=False))
        return network_bytes(*arguments)

    monkeypatch.setattr(ui.networks, "network_bytes", trained_meanwhile)
    assert refused(final.address, 404, NO_EPOCH)
    assert refused(final.address, 404, NO_EPOCH)


def rewrite(run: Run, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a run's ``run.json`` as somebody with an editor does."""
    path = run.path / RUN_FILE
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


def forge(run: Run, content: bytes) -> None:
    """Put other weights into a run, and their digest with them."""
    (run.path / WEIGHTS_FILE).write_bytes(content)
    digest = sha256(content)
    rewrite(run, lambda record: record["artifacts"].update({WEIGHTS_FILE: digest}))


def other_shape(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {**weights, "dense/kernel": weights["dense/kernel"].T}


def not_a_number(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    values = weights["logits/bias"].copy()
    values[3] = np.nan
    return {**weights, "logits/bias": values}


def without_bias(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: values for name, values in weights.items() if name != "logits/bias"}


DAMAGES: dict[str, Content] = {
    "empty": lambda _: b"",
    "no archive": lambda _: b"no zip",
    "cut": lambda weights: packed(weights, compress=False)[:-1_000],
    "other shape": lambda weights: packed(other_shape(weights)),
    "not a number": lambda weights: packed(not_a_number(weights)),
    "missing": lambda weights: packed(without_bias(weights)),
    "another precision": lambda weights: packed(
        {name: values.astype(np.float64) for name, values in weights.items()}
    ),
}


@pytest.mark.parametrize("recorded", [False, True], ids=["changed", "with its digest"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_weights_that_make_no_sense_are_told_in_a_sentence(
    store: RunStore, run: Run, damage: str, recorded: bool
) -> None:
    content = DAMAGES[damage](made_weights(SPEC, seed=9))
    if recorded:
        forge(run, content)
    else:
        (run.path / WEIGHTS_FILE).write_bytes(content)
    final = final_network(store.get(run.id))
    assert final is not None
    assert refused(final.address, 503, UNREADABLE)


@pytest.mark.parametrize("damage", DAMAGES)
def test_so_are_those_of_an_epoch(run: Run, damage: str) -> None:
    first = networks(run)[0]
    content = DAMAGES[damage](as_snapshot(made_weights(SPEC)))
    snapshot_file(run.path, 1).write_bytes(content)
    assert refused(first.address, 503, UNREADABLE)


def test_a_file_that_has_gone_is_told_in_a_sentence(run: Run) -> None:
    first, *_, final = networks(run)
    (run.path / WEIGHTS_FILE).unlink()
    assert refused(final.address, 503, UNREADABLE)
    snapshot_file(run.path, 1).unlink()
    assert refused(first.address, 404, NO_EPOCH)
    assert [network.epoch for network in networks(run)] == [2, 3]


def test_a_folder_that_makes_no_sense_is_told_in_a_sentence(run: Run) -> None:
    kept: list[NetworkAtEpoch] = networks(run)
    (run.path / RUN_FILE).write_text("{")
    for network in kept:
        answer = get(network.address)
        assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
        assert str(run.path) not in answer.text
        assert answer.text.endswith(".")
