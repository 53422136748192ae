"""The facts about the dataset: where the images come from and how they are stored."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fmnist_core.dataset import CLASS_COUNT, CLASS_NAMES, Dataset
from ui.components.acts import in_order
from ui.components.gallery import Tile, gallery
from ui.components.pixel_view import pixel_reader
from ui.explore.cache import ordered_images
from ui.explore.view_state import ORDER, SPLIT, STATE, VIEW, ViewState, open_image

# The first training picture, which the tutorials show: an ankle boot.
FIRST = 0


def show_about_dataset(data: Dataset, state: ViewState) -> None:
    """The dataset: its story, classes, array shapes, origin and licence."""
    left, right = st.columns([5, 2], gap="large")
    with left:
        st.header("The “hello, world” of computer vision, grown up", anchor=False)
        st.markdown(
            "In the 1990s a collection of 70,000 handwritten digits became the first exercise of "
            "everybody who taught a machine to see: **MNIST**. It is still taught, but it is "
            "worn out. Good networks get more than 99.7 % of its digits right, even simple "
            "methods 97 %, and so two ideas of different worth look the same on it.\n\n"
            "In 2017 Han Xiao, Kashif Rasul and Roland Vollgraf of **Zalando Research** made a "
            "drop-in replacement from the photographs of an online shop: **Fashion-MNIST**. As "
            "many pictures, as large, in the same files, but clothes. A program that read digits "
            "reads them without a change, and finds out how good it really is: a first network "
            "reaches about 88 %, a very good one about 95 %."
        )
        show_labels(data)
    with right:
        pixel_reader(
            np.asarray(data.train_images[FIRST]),
            f"Training picture {FIRST}: {CLASS_NAMES[data.train_labels[FIRST]]}",
            key="explore.facts.first",
        )
        st.caption("Training picture 0, an ankle boot, with which every tutorial begins.")
    show_shapes(data)
    show_origin()


def show_labels(data: Dataset) -> None:
    """The ten classes, each with its most typical training image."""
    st.subheader("Ten labels, 0 to 9", anchor=False)
    st.markdown("A label is a number; what it means is only written down beside the files.")
    typical = [
        int(ordered_images("train", (class_id,), "typical", 0, None)[0])
        for class_id in range(CLASS_COUNT)
    ]
    gallery(
        [
            Tile("train", index, name, caption=f"{class_id}\n{name}")
            for class_id, (index, name) in enumerate(zip(typical, CLASS_NAMES, strict=True))
        ],
        data.train_images[typical],
        key="explore.facts.labels",
        on_click=open_image,
    )
    st.caption("The training picture of each class that is closest to the average of its class.")


def show_shapes(data: Dataset) -> None:
    """Shapes and sizes of the four arrays, and the code that loads them."""
    st.subheader("Four arrays", anchor=False)
    arrays = [
        ("Training pictures", data.train_images, "what a network is trained on"),
        ("Training labels", data.train_labels, "what they are"),
        ("Test pictures", data.test_images, "what it is tested on, never trained on"),
        ("Test labels", data.test_labels, "what those are"),
    ]
    rows = "\n".join(
        f"| {name} | `{tuple(array.shape)}` | {array.nbytes / 1e6:.2f} MB | {meaning} |"
        for name, array, meaning in arrays
    )
    st.markdown(f"| | Shape | Size | |\n|---|---|---|---|\n{rows}")
    st.markdown(
        "Each pixel is a whole number from 0 (blank) to 255. Networks learn better from small "
        "numbers, so the first thing every tutorial does is to divide by 255:"
    )
    st.code(
        "(train_images, train_labels), (test_images, test_labels) = "
        "keras.datasets.fashion_mnist.load_data()\n"
        f"train_images.shape   # {tuple(data.train_images.shape)}\n"
        f"test_images.shape    # {tuple(data.test_images.shape)}\n"
        "train_images = train_images / 255.0",
        language="python",
        wrap_lines=True,
    )


def show_origin() -> None:
    """How a photograph became an image, and the licence of the dataset."""
    st.subheader("From a photograph to 784 numbers", anchor=False)
    st.markdown(
        "1. The shop's photograph: one piece of clothing on light grey, 762 × 1,000 pixels.\n"
        "2. Cut to the piece, shrunk until its longer side is 28 pixels, sharpened.\n"
        "3. Centred on 28 × 28, inverted so that the background is 0, turned to grey.\n\n"
        "The label is the shop's own category, given by its fashion experts. That is why some "
        "labels surprise: look at the most unusual pictures."
    )
    st.button(
        "See the most unusual pictures",
        icon=":material/grid_view:",
        on_click=in_order(STATE.change),
        args=(VIEW.to("gallery"), ORDER.to("odd"), SPLIT.to("train")),
    )
    st.subheader("Source and licence", anchor=False)
    st.markdown(
        "Fashion-MNIST is published by Zalando SE under the **MIT licence**: anybody may use it, "
        "also for money, as long as the licence goes with it. Source: "
        "`github.com/zalandoresearch/fashion-mnist`. Paper: Xiao, Rasul and Vollgraf, "
        "*Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms*, "
        "2017, `arXiv:1708.07747`. This copy was compared byte for byte with what was published."
    )
