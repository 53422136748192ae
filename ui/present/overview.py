"""The scene of Overview: a picture that the newest network gets wrong."""

from __future__ import annotations

import numpy as np

from fmnist_core.dataset import CLASS_NAMES
from ui.overview.hero import hero_mistake, saying
from ui.overview.ladder import follow_ladder
from ui.present.explore import ten_classes
from ui.present.pictures import show_pictures
from ui.present.scene import Scene
from ui.services import dataset


def scene() -> Scene:
    """The mistake that the page begins with; before the first one a picture of each class.

    Raises:
        DatasetUnavailable: the pictures are not on this machine.
    """
    data, hero = dataset(), hero_mistake()
    if hero is None:
        classes = ten_classes(data, "test")
        return Scene(
            "Can a network tell these apart?", classes.sentence, classes.draw, follow_ladder
        )
    mistake = hero.mistake
    image = np.asarray(data.test_images[mistake.image_index])
    return Scene(
        "What is this?",
        saying(mistake),
        lambda: show_pictures(image[None], [CLASS_NAMES[mistake.truth]], captions=False),
        follow_ladder,
    )
