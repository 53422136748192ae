"""The probe images of a training: what its network says of them now."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from fmnist_core.dataset import CLASS_NAMES, CLASS_NOUNS
from fmnist_core.dataset.content import ClassNoun
from fmnist_core.dataset.probes import probe_indices
from fmnist_core.errors import FmnistError
from fmnist_core.runs import Run, RunEvents
from fmnist_core.runs.events import event_fields
from ui.base_path import under_base
from ui.components.gallery import sprite_url
from ui.components.live import live_probes
from ui.errors import carry_out
from ui.rights import may_change
from ui.services import dataset, store


def show_probes(run: Run, events: RunEvents) -> None:
    """The probe images with what the network says of them; nothing for a run that never had any."""
    if not (run.active or events.probe):
        return
    draw = events.probe.draw if events.probe else 0
    try:
        images = probe_images(run.id, draw)
    except FmnistError:
        # Curves need no pictures; another page says what is missing.
        return
    live_probes(
        run.id,
        {
            "images": images,
            "newest": event_fields(events.probe) if events.probe else None,
            "place": events.end,
            "shuffle": run.state == "running" and may_change(),
            "classes": CLASS_NAMES,
            "folder": under_base(f"/live/{run.id}/probes/"),
        },
        lambda _: carry_out(lambda by: store().shuffle_probes(run.id, by=by)),
    )


def probe_images(run_id: str, draw: int) -> dict[str, Any]:
    """The probe images of a run, as its component shows them: always the same ones for a draw.

    Args:
        run_id: the run.
        draw: as in ``probe_indices``.

    Raises:
        DatasetUnavailable: the pictures are not on this machine.
        RunNotFound: there is no such run.
    """
    return _images(store().get(run_id).spec.training.seed, draw, dataset().sha256)


# A sprite has some kilobytes.
@lru_cache(maxsize=256)
def _images(seed: int, draw: int, _sha256: str) -> dict[str, Any]:
    data = dataset()
    labels = np.asarray(data.test_labels)
    indices = probe_indices(labels, seed, draw)
    images = np.ascontiguousarray(data.test_images[indices])
    return {
        "draw": draw,
        "sprite": sprite_url(images.tobytes(), len(images)),
        "labels": [int(label) for label in labels[indices]],
        "truths": [_truth(CLASS_NOUNS[label]) for label in labels[indices]],
    }


def _truth(noun: ClassNoun) -> str:
    """What an image shows, in a sentence."""
    if noun.indefinite == noun.many:
        return f"These are {noun.many}"
    return f"It is {noun.indefinite}"
