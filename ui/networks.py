"""The networks of runs as browsers get them: which epochs there are, and at which addresses."""

from __future__ import annotations

from typing import NamedTuple

from fmnist_core.errors import FmnistError
from fmnist_core.export.network_bytes import LAYOUT, network_bytes
from fmnist_core.runs import Run
from fmnist_core.runs.model import snapshot_file
from ui.base_path import under_base
from ui.services import store
from ui.train.live_parts import stamp_of

_DIGEST_DIGITS = 16
_FINAL = "final-"
_LAYOUT = f"-layout{LAYOUT}"


class NetworkAtEpoch(NamedTuple):
    """A run's network after an epoch.

    Attributes:
        epoch: from 1.
        address: of its bytes, from ``/`` on; what lies there never changes.
    """

    epoch: int
    address: str


class NoSuchNetwork(FmnistError):
    """A run kept no network of that epoch, or it was trained again since."""

    def __init__(self) -> None:
        super().__init__("This run kept no network of that epoch.")


def final_network(run: Run) -> NetworkAtEpoch | None:
    """The network that a run ended with; ``None`` where it cannot be opened."""
    if run.network_problem is not None or run.summary is None:
        return None
    name = _FINAL + run.network_digest[:_DIGEST_DIGITS]
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
    run = store().get(run_id)
    if not name.endswith(_LAYOUT):
        raise NoSuchNetwork
    name = name.removesuffix(_LAYOUT)
    if name.startswith(_FINAL):
        if not run.network_digest or name != _FINAL + run.network_digest[:_DIGEST_DIGITS]:
            raise NoSuchNetwork
        return network_bytes(run.spec, store().weights(run_id))
    events = store().events(run_id).epochs
    event = next((event for event in events if stamp_of(event) == name), None)
    if event is None or not snapshot_file(run.path, event.epoch).is_file():
        raise NoSuchNetwork
    return network_bytes(run.spec, store().snapshot(run_id, event.epoch))


def _address(run_id: str, name: str) -> str:
    return under_base(f"/networks/{run_id}/{name}{_LAYOUT}.bin")
