"""The requests for maps of images: what a page asks for, and what is worth being ready."""

from __future__ import annotations

from fmnist_core.analysis.projection import Method
from fmnist_core.dataset import DatasetUnavailable, Split, load
from fmnist_core.interpret.features import compute_map
from fmnist_core.runs import Run, RunStore
from fmnist_core.task_types import TaskRequest

_KEY_DIGITS = 16


def map_request(
    method: Method, split: Split, sha256: str, store: RunStore, run: Run | None = None
) -> TaskRequest:
    """The request for a map; the same for the page and for what is computed ahead.

    Args:
        method: of the projection.
        split: whose images.
        sha256: of the dataset.
        store: of the run.
        run: whose features are projected; without one, the pixels are.
    """
    key_parts = ["explore-projection", method, split, sha256[:_KEY_DIGITS]]
    arguments: tuple[object, ...] = (method, split)
    if run is not None:
        epochs = run.summary.epochs if run.summary else 0
        key_parts += [run.id, f"a{run.attempt}", f"e{epochs}"]
        arguments = (method, split, str(store.root.resolve()), run.id)
    return TaskRequest("-".join(key_parts), compute_map, arguments)


def maps_ahead(store: RunStore) -> list[TaskRequest]:
    """The maps that somebody will probably open: of the pixels, and as the newest run sees them."""
    try:
        sha256 = load(download=False).sha256
    except DatasetUnavailable:
        return []
    newest = [run for run in store.list() if run.has_predictions][:1]
    return [map_request("tsne", "test", sha256, store, run) for run in (None, *newest)]
