"""Choose the training pictures that stand for their classes, for ``Try your own``.

``.venv/bin/python -m scripts.prototypes`` writes their indices into
``fmnist_core/analysis/prototypes.npy``; it takes a minute. Needed again only where
``choose_prototypes`` changes.
"""

from __future__ import annotations

import numpy as np

from fmnist_core.analysis.prototypes import INDICES, PER_CLASS, choose_prototypes, halved
from fmnist_core.dataset import CLASS_COUNT, load


def main() -> None:
    """Write the indices, class by class."""
    data = load()
    labels = np.asarray(data.train_labels)
    chosen = []
    for class_id in range(CLASS_COUNT):
        own = np.flatnonzero(labels == class_id)
        chosen.append(own[choose_prototypes(halved(data.train_images[own]), PER_CLASS)])
    np.save(INDICES, np.array(chosen, np.uint16), allow_pickle=False)


if __name__ == "__main__":
    main()
