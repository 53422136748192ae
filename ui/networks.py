"""The networks of runs as browsers get them: which epochs there are, and at which addresses."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from fmnist_core.errors import FmnistError
from fmnist_core.export.network_bytes import LAYOUT, network_bytes
from fmnist_core.runs import Run
from fmnist_core.runs.model import snapshot_file
from ui.base_path import under_base
from ui.services import store
from ui.shared_bytes import SharedBytes
from ui.train.live_parts import stamp_of

_FINAL = "final-"
_LAYOUT = f"-layout{LAYOUT}"
# Each open response has the same bytes as all others of its network.
_contents = SharedBytes(200_000_000)


class NetworkAtEpoch(NamedTuple):
    """A run's network after an epoch.

    Attributes:
        epoch: from 1.
        address: of its bytes, from ``/`` on; what lies there never changes.
    """

    epoch: int
    address: str


class _Source(NamedTuple):
    run: Run
    epoch: int | None


class NoSuchNetwork(FmnistError):
    """A run kept no network of that epoch, or it was trained again since."""

    def __init__(self) -> None:
        super().__init__("This run kept no network of that epoch.")


def final_network(run: Run) -> NetworkAtEpoch | None:
    """The network that a run ended with; ``None`` where it cannot be opened."""
    if run.network_problem is not None or run.summary is None:
        return None
    name = _FINAL + run.network_stamp
    return NetworkAtEpoch(run.summary.result_epoch, _address(run.id, name))


def networks(run: Run) -> list[NetworkAtEpoch]:
    """The networks of a run that were kept, by their epochs; its result in full precision."""
    kept = {
        event.epoch: NetworkAtEpoch(event.epoch, _address(run.id, stamp_of(event)))
        for event in store().events(run.id).epochs
        if snapshot_file(run.path, event.epoch).is_file()
    }
    final = final_network(run)
    if final is not None:
        kept[final.epoch] = final
    return [kept[epoch] for epoch in sorted(kept)]


def newest_network(run: Run) -> NetworkAtEpoch | None:
    """The network that a run ended with, or the newest that it has kept so far."""
    return final_network(run) or next(reversed(networks(run)), None)


def read_network(run_id: str, name: str) -> bytes:
    """The bytes of a network, as ``ui/components/network/network.js`` reads them.

    Args:
        run_id: the run.
        name: the last part of an address of ``networks``, without its ending.

    Raises:
        RunNotFound: there is no such run.
        NoSuchNetwork: the run kept no such network, or no longer.
        FmnistError: it cannot be read; says why.
    """
    if _source(run_id, name) is None:
        raise NoSuchNetwork
    return _contents.get((run_id, name), partial(_read, run_id, name))


def _source(run_id: str, name: str) -> _Source | None:
    """Where the weights of an address are now; ``None`` where they are no longer."""
    run = store().get(run_id)
    if not name.endswith(_LAYOUT):
        return None
    name = name.removesuffix(_LAYOUT)
    if name.startswith(_FINAL):
        is_it = run.network_digest and name == _FINAL + run.network_stamp
        return _Source(run, None) if is_it else None
    events = store().events(run_id).epochs
    event = next((event for event in events if stamp_of(event) == name), None)
    if event is None or not snapshot_file(run.path, event.epoch).is_file():
        return None
    return _Source(run, event.epoch)


def _read(run_id: str, name: str) -> bytes:
    source = _source(run_id, name)
    if source is None:
        raise NoSuchNetwork
    run, epoch = source
    weights = store().weights(run_id) if epoch is None else store().snapshot(run_id, epoch)
    content = network_bytes(run.spec, weights)
    # A training that began meanwhile has put other weights there.
    if _source(run_id, name) is None:
        raise NoSuchNetwork
    return content


def _address(run_id: str, name: str) -> str:
    return under_base(f"/networks/{run_id}/{name}{_LAYOUT}.bin")
