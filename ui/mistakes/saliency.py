"""Saliency map and feature neighbours of an image, which need the trained network."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.analysis.neighbours import Neighbours
from fmnist_core.dataset import CLASS_NAMES
from fmnist_core.figures.saliency import saliency_map, share_on_clothes
from fmnist_core.interpret.features import neighbours
from fmnist_core.interpret.saliency import saliency
from fmnist_core.runs import Run
from ui.background import ask
from ui.components.chart import chart
from ui.mistakes.predictions import RunPredictions
from ui.services import store
from ui.theme import is_dark
from ui.train.start_button import start_button

HEIGHT = 280


def network_available(run: Run) -> bool:
    """Whether the run's network can be asked; where it cannot, why, and a way to one that can."""
    if run.network_problem is not None:
        st.info(run.network_problem)
        train_again(run, "mistakes.train_for_network")
    return run.network_problem is None


def train_again(run: Run, key: str) -> None:
    """A button that trains a run's configuration anew, to keep what this run lacks."""
    start_button(run.spec, "Train it again", f"{key}.{run.id}", name=run.name)


def network_task_key(run: Run, task: str) -> str:
    """The key of a background task on the final network of a run."""
    return f"{task}-{run.id}-{run.network_stamp}"


def show_saliency(predictions: RunPredictions, image_index: int) -> None:
    """The saliency map of a test image, once the engine has computed it."""
    run = predictions.run
    if not network_available(run):
        return
    key = f"{network_task_key(run, 'saliency')}-{image_index}"
    arrays = ask(key, saliency, str(store().root.resolve()), run.id, image_index, height=HEIGHT)
    if arrays is None:
        return
    image = np.asarray(predictions.data.test_images[image_index])
    predicted = CLASS_NAMES[int(arrays["answer"])]
    share = 100 * share_on_clothes(image, arrays["saliency"])
    epoch_note = (
        "" if predictions.is_result else " It is the network as it ended, not after this epoch."
    )
    left, right = st.columns([2, 3], vertical_alignment="center", gap="medium")
    with left:
        chart(
            saliency_map(image, arrays["saliency"], is_dark()),
            key="mistakes.saliency",
            height=HEIGHT,
            label=f"The pixels of test picture {image_index} that its answer hangs on",
        )
    with right:
        st.markdown(
            f"The stronger a colour, the more the answer *{predicted}* would change if that pixel "
            f"did. **{share:.0f} %** of the strength lies on the clothes, the rest on the empty "
            "background around them."
        )
        st.caption(
            f"The line is the outline of the picture.{epoch_note} Measured by SmoothGrad (Smilkov "
            "et al., 2017): gradients averaged over 48 copies of the picture with noise."
        )


def feature_neighbours(run: Run, image_index: int) -> Neighbours | None:
    """The nearest training images of a test image by the network's features, once computed."""
    if not network_available(run):
        return None
    root = str(store().root.resolve())
    arrays = ask(network_task_key(run, "feature-neighbours"), neighbours, root, run.id)
    if arrays is None:
        return None
    return Neighbours(
        arrays["numbers"][image_index].astype(np.int64), arrays["distances"][image_index]
    )
