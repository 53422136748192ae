"""Look inside: what is on the screen is what Keras computes, by mouse, keys and fingers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from dashboards import Dashboard
from made_histories import learned
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, Request, expect
from visitors import Visitors, box_of

from fmnist_core.dataset import CLASS_NAMES, Dataset
from fmnist_core.files import write_arrays
from fmnist_core.interpret.excitation import COUNT, observed_layers
from fmnist_core.runs import Run, RunStore
from fmnist_core.runs.model import SHARED_FOLDER
from fmnist_core.runs.weights import Weights
from fmnist_core.specs import CnnSpec, ConvBlock, RunSpec, layer_shapes
from fmnist_core.training.models import build_network
from fmnist_core.training.state import assign_weights, weights_of
from ui.own_image import text_of

SPEC = RunSpec(
    network=CnnSpec(
        blocks=(
            ConvBlock(filters=6, kernel=5, pooling="strided", batch_norm=True, dropout=0.1),
            ConvBlock(filters=8, padding="valid", pooling="max"),
        ),
        activation="tanh",
        head_units=(12,),
    )
)
EPOCHS = 3
IMAGE = 17
# Of a snapshot, whose weights are float16.
ROUGH = 0.02


class Looked(NamedTuple):
    """A run that is looked into, and its network after each epoch."""

    run: Run
    models: list[Any]

    def outputs(self, image: NDArray[np.uint8], epoch: int = EPOCHS) -> dict[str, NDArray[Any]]:
        """What each layer makes of an image (28, 28), by the layer's name."""
        model = self.models[epoch - 1]
        part = keras.Model(model.inputs, [layer.output for layer in model.layers])
        values = part(image[None, ..., None].astype(np.float32), training=False)
        names = [layer.name for layer in model.layers]
        return {name: np.asarray(value)[0] for name, value in zip(names, values, strict=True)}


@pytest.fixture(scope="module")
def looked(learned_store: RunStore, data: Dataset) -> Iterator[Looked]:
    """A run among the others, with networks after three epochs; it goes with these tests."""
    models, networks = [], []
    for epoch in range(1, EPOCHS + 1):
        keras.utils.set_random_seed(epoch)
        model = build_network(SPEC)
        networks.append(trained(weights_of(model), epoch))
        assign_weights(model, networks[-1])
        models.append(model)
    labels = np.asarray(data.test_labels)
    run = learned(learned_store, labels, EPOCHS, 9, "Looked into", spec=SPEC, networks=networks)
    cache = learned_store.root / SHARED_FOLDER / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    write_arrays(cache / excitation_file(run), made_excitation())
    yield Looked(run, models)
    shutil.rmtree(run.path)


def trained(weights: Weights, seed: int) -> Weights:
    """Weights that also have what training brings: biases, and averages of a batch norm."""
    draw = np.random.default_rng(seed)
    changed = {}
    for name, values in weights.items():
        noise = draw.uniform(0.1, 0.3, values.shape).astype(np.float32)
        changed[name] = values if name.endswith("kernel") else values + noise
    return changed


def excitation_file(run: Run) -> str:
    return f"excitation-{run.id}-{run.network_digest[:16]}.npz"


def made_excitation() -> dict[str, NDArray[Any]]:
    """The first nine images for every unit, at the fourth place of its map."""
    units = {layer.name: layer.output_shape[-1] for layer in layer_shapes(SPEC)}
    arrays: dict[str, NDArray[Any]] = {}
    for name in observed_layers(layer_shapes(SPEC)):
        shape = (units[name], COUNT)
        arrays[f"{name}/images"] = np.broadcast_to(np.arange(COUNT, dtype=np.uint16), shape)
        arrays[f"{name}/places"] = np.full(shape, 3, np.uint16)
        arrays[f"{name}/values"] = np.ones(shape, np.float32)
    return arrays


def number(value: float) -> str:
    """A value as the page writes it."""
    text = f"{abs(value):.2f}"
    return f"−{text}" if value < 0 and float(text) else text


def address(dashboard: Dashboard, looked: Looked, **parameters: object) -> str:
    query = "".join(f"&{name}={value}" for name, value in parameters.items())
    return f"{dashboard.url}/inside?run={looked.run.id}{query}"


def forget(visitors: Visitors, said: str) -> None:
    """Leave out what a browser says of a request that shall fail."""
    visitors.problems = [problem for problem in visitors.problems if said not in problem]


def says(page: Page) -> Locator:
    return page.locator(".fm-in-says")


def reading(page: Page) -> Locator:
    return page.locator(".fm-in-bar output")


def last_of_the_sum(page: Page) -> Locator:
    return page.locator(".fm-in-link b").last


def layers(page: Page) -> Locator:
    group = page.get_by_role("group", name="The layers, from the picture to the answer")
    return group.get_by_role("button")


def expect_answer(page: Page, outputs: dict[str, NDArray[Any]], truth: int | None) -> None:
    predicted = int(outputs["probabilities"].argmax())
    expect(says(page)).to_contain_text(f"It says {CLASS_NAMES[predicted]}, ")
    if truth is not None:
        ends = "It is right." if predicted == truth else f"the label is {CLASS_NAMES[truth]}."
        expect(says(page)).to_contain_text(ends)


def test_values_sums_and_answer_are_those_of_keras(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked, data: Dataset
) -> None:
    image = np.asarray(data.test_images[IMAGE])
    outputs = looked.outputs(image)
    page = visitors.open(address(learned_dashboard, looked, picture=IMAGE, layer="conv", unit=2))
    expect_answer(page, outputs, int(data.test_labels[IMAGE]))
    values = outputs["activation"][..., 2]
    row, column = divmod(int(values.argmax()), values.shape[1])
    expect(reading(page)).to_have_text(
        f"Row {row + 1}, column {column + 1}: {number(values[row, column])}"
    )
    canvas = page.get_by_role("application").and_(page.locator(".fm-in-output canvas"))
    canvas.focus()
    for key, step in (("ArrowLeft", (0, -1)), ("ArrowUp", (-1, 0)), ("ArrowRight", (0, 1))):
        page.keyboard.press(key)
        row = min(13, max(0, row + step[0]))
        column = min(13, max(0, column + step[1]))
        value = number(values[row, column])
        expect(reading(page)).to_have_text(f"Row {row + 1}, column {column + 1}: {value}")
        expect(last_of_the_sum(page)).to_have_text(value)
    # Pooling takes the largest of four, a neuron sums what all maps add.
    page.goto(address(learned_dashboard, looked, picture=IMAGE, layer="max_pool", unit=3))
    expect(last_of_the_sum(page)).to_have_text(number(outputs["max_pool"][..., 3].max()))
    page.goto(address(learned_dashboard, looked, picture=IMAGE, layer="dense", unit=4))
    expect(last_of_the_sum(page)).to_have_text(number(outputs["dense"][4]))
    page.goto(address(learned_dashboard, looked, picture=IMAGE, layer="logits", unit=6))
    expect(page.locator(".fm-in-link b").nth(2)).to_have_text(number(outputs["logits"][6]))


def test_keys_lead_from_layer_to_layer_and_from_map_to_map_and_the_address_follows(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked
) -> None:
    page = visitors.open(address(learned_dashboard, looked, picture=IMAGE, layer="conv", unit=0))
    expect(layers(page)).to_have_count(6)
    expect(layers(page).nth(1)).to_have_attribute("aria-pressed", "true")
    layers(page).nth(1).focus()
    page.keyboard.press("ArrowRight")
    expect(layers(page).nth(2)).to_be_focused()
    expect(page.get_by_role("heading", name="Convolution, 8 filters of 3 × 3")).to_be_visible()
    page.wait_for_url(re.compile("layer=conv_2"))
    maps = page.get_by_role("group", name="The maps").get_by_role("button")
    expect(maps).to_have_count(8)
    maps.nth(0).click()
    page.keyboard.press("ArrowRight")
    expect(maps.nth(1)).to_be_focused()
    expect(page.get_by_role("heading", name="Map 2 of 8")).to_be_visible()
    page.wait_for_url(re.compile("unit=1(&|$)"))
    page.reload()
    expect(page.get_by_role("heading", name="Map 2 of 8")).to_be_visible()


def test_the_slider_shows_the_network_after_each_epoch(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked, data: Dataset
) -> None:
    image = np.asarray(data.test_images[IMAGE])
    page = visitors.open(address(learned_dashboard, looked, picture=IMAGE, layer="dense", unit=1))
    slider = page.get_by_role("slider", name="Epoch")
    expect(slider).to_have_attribute("aria-valuetext", "After epoch 3, as it ended")
    for key, epoch in (("Home", 1), ("ArrowRight", 2)):
        slider.focus()
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", f"After epoch {epoch}")
        outputs = looked.outputs(image, epoch)
        expect_answer(page, outputs, int(data.test_labels[IMAGE]))
        page.wait_for_function(
            """([value, rough]) => Math.abs(Number([...document.querySelectorAll(".fm-in-link b")]
              .at(-1).textContent.replace("−", "-")) - value) < rough""",
            arg=[float(outputs["dense"][1]), ROUGH],
        )
        page.wait_for_url(re.compile(f"epoch={epoch}(&|$)"))


@pytest.mark.very_slow
def test_other_epochs_are_fetched_ahead_only_for_who_goes_through_them(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked
) -> None:
    page = visitors.open(learned_dashboard.url)
    fetched: list[str] = []

    def note(request: Request) -> None:
        name = request.url.rpartition("/")[2]
        if name.endswith(".bin") and "/networks/" in request.url:
            fetched.append(name.partition("-")[0])

    page.on("request", note)
    page.goto(address(learned_dashboard, looked, picture=IMAGE))
    expect(says(page)).to_contain_text("It says ")
    page.get_by_role("button", name="Next").click()
    page.wait_for_url(re.compile(f"picture={IMAGE + 1}(&|$)"))
    assert len(fetched) == 1
    slider = page.get_by_role("slider", name="Epoch")
    # Dragged across the second epoch to the first: what lies between is not opened for that.
    with page.expect_request("**/networks/*/2-*.bin"):
        slider.evaluate("""(slider) => {
          for (const value of ["1", "0"]) {
            slider.value = value;
            slider.dispatchEvent(new Event("input"));
          }
        }""")
    expect(slider).to_have_attribute("aria-valuetext", "After epoch 1")
    # The second was only passed; it comes later, ahead of its turn.
    assert fetched == ["final", "1", "2"]


def test_the_newest_network_of_a_training_that_has_gone_is_waited_out(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked
) -> None:
    page = visitors.open(address(learned_dashboard, looked, picture=IMAGE, epoch=1))
    expect(says(page)).to_contain_text("It says ")
    page.route(
        "**/networks/*/final-*.bin",
        lambda route: route.fulfill(status=404, content_type="text/plain", body="None."),
    )
    with page.expect_response("**/networks/*/final-*.bin"):
        page.get_by_role("slider", name="Epoch").press("End")
    page.wait_for_url(lambda url: "epoch=" not in url)
    expect(page.locator(".fm-in-notice")).to_be_hidden()
    expect(says(page)).to_contain_text("It says ")
    forget(visitors, "404")


@pytest.mark.very_slow
def test_without_a_first_picture_another_one_can_be_chosen(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked
) -> None:
    page = visitors.open(learned_dashboard.url)
    page.route(f"**/pixels/test-{IMAGE}.bin", lambda route: route.abort())
    page.goto(address(learned_dashboard, looked, picture=IMAGE))
    expect(page.locator(".fm-in-notice")).to_have_text(
        "The picture could not be fetched: the dashboard does not answer."
    )
    expect(page.get_by_role("slider", name="Epoch")).to_be_hidden()
    expect(page.get_by_role("button", name="One it gets wrong")).to_be_hidden()
    page.get_by_role("button", name="Shuffle").click()
    expect(says(page)).to_contain_text("It says ")
    expect(page.get_by_role("slider", name="Epoch")).to_be_visible()
    forget(visitors, "ERR_FAILED")


def test_a_window_slides_until_it_is_stopped(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked
) -> None:
    page = visitors.open(address(learned_dashboard, looked, picture=IMAGE, layer="conv", unit=0))
    page.get_by_role("button", name="Slide the pattern").click()
    expect(reading(page)).to_contain_text("Row 2, ")
    # Nobody is told all of it.
    expect(reading(page)).to_have_attribute("aria-live", "off")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Slide the pattern")).to_be_visible()
    expect(reading(page)).to_have_attribute("aria-live", "polite")


def test_fingers_open_a_layer_and_read_a_value(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked, data: Dataset
) -> None:
    values = looked.outputs(np.asarray(data.test_images[IMAGE]))["conv_2"][..., 0]
    page = visitors.open_phone(address(learned_dashboard, looked, picture=IMAGE))
    layers(page).nth(2).tap()
    heading = page.get_by_role("heading", name="Convolution, 8 filters of 3 × 3")
    # It comes into view, from below all layers.
    expect(heading).to_be_in_viewport()
    page.get_by_role("group", name="The maps").get_by_role("button").nth(0).tap()
    canvas = page.locator(".fm-in-output canvas")
    canvas.scroll_into_view_if_needed()
    box = box_of(canvas)
    rows, columns = values.shape
    at = ((5 + 0.5) / columns * box["width"], (3 + 0.5) / rows * box["height"])
    canvas.tap(position={"x": at[0], "y": at[1]})
    expect(reading(page)).to_have_text(f"Row 4, column 6: {number(values[3, 5])}")


def test_the_pictures_that_excite_a_map_most_lead_on(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked, data: Dataset
) -> None:
    page = visitors.open(address(learned_dashboard, looked, picture=IMAGE, layer="conv", unit=0))
    pictures = page.locator(".fm-in-exciting-list button")
    expect(pictures).to_have_count(COUNT)
    name = CLASS_NAMES[int(data.test_labels[4])]
    expect(pictures.nth(4)).to_have_attribute("aria-label", re.compile(f"Test picture 4: {name}"))
    pictures.nth(4).click()
    expect(page.get_by_role("spinbutton", name="Test picture")).to_have_value("4")
    page.wait_for_url(re.compile("picture=4(&|$)"))


def test_a_picture_of_ones_own_goes_through_it(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked
) -> None:
    image = np.random.default_rng(2).integers(0, 256, (28, 28), np.uint8)
    pixels = text_of(image.tobytes())
    page = visitors.open(address(learned_dashboard, looked, pixels=pixels))
    expect(page.get_by_text("Your own picture")).to_be_visible()
    expect_answer(page, looked.outputs(image), None)
    expect(says(page)).not_to_contain_text("It is ")


def test_a_mistake_is_looked_into(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked
) -> None:
    page = visitors.open(f"{learned_dashboard.url}/mistakes?run={looked.run.id}&picture={IMAGE}")
    page.get_by_role("link", name="Look inside with this picture").click()
    page.wait_for_url(re.compile(f"/inside\\?run={looked.run.id}&picture={IMAGE}"))
    expect(says(page)).to_contain_text("It says ")


@pytest.mark.very_slow
def test_without_a_worker_the_page_computes_by_itself(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked, data: Dataset
) -> None:
    page = visitors.open(learned_dashboard.url)
    page.add_init_script("delete window.Worker")
    page.goto(address(learned_dashboard, looked, picture=IMAGE))
    outputs = looked.outputs(np.asarray(data.test_images[IMAGE]))
    expect_answer(page, outputs, int(data.test_labels[IMAGE]))


def test_what_cannot_be_read_is_a_sentence_and_what_is_shown_stays(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked
) -> None:
    page = visitors.open(address(learned_dashboard, looked, picture=IMAGE, layer="conv", unit=1))
    expect(says(page)).to_contain_text("It says ")
    page.route("**/pixels/test-21.bin", lambda route: route.fulfill(body="cut"))
    number_field = page.get_by_role("spinbutton", name="Test picture")
    notice = page.locator(".fm-in-notice")
    number_field.fill("21")
    page.keyboard.press("Enter")
    expect(notice).to_have_text("The picture could not be fetched.")
    expect(page.get_by_role("heading", name="Map 2 of 6")).to_be_visible()
    number_field.fill("22")
    page.keyboard.press("Enter")
    expect(notice).to_be_hidden()


def test_damaged_weights_are_a_sentence_and_other_epochs_stay_open(
    learned_dashboard: Dashboard, visitors: Visitors, looked: Looked
) -> None:
    page = visitors.open(learned_dashboard.url)
    page.route("**/networks/*/final-*.bin", lambda route: route.fulfill(body="no network"))
    page.goto(address(learned_dashboard, looked, picture=IMAGE))
    expect(page.locator(".fm-in-notice")).to_contain_text("This run's network cannot be read")
    page.get_by_role("slider", name="Epoch").press("Home")
    expect(says(page)).to_contain_text("It says ")
    expect(page.locator(".fm-in-notice")).to_be_hidden()


def test_a_run_that_is_deleted_meanwhile_stays_open(
    learned_dashboard: Dashboard,
    learned_store: RunStore,
    visitors: Visitors,
    looked: Looked,
    data: Dataset,
) -> None:
    other = learned(learned_store, np.asarray(data.test_labels), 2, 5, "Soon gone")
    page = visitors.open(f"{learned_dashboard.url}/inside?run={other.id}&layer=dense&unit=3")
    expect(says(page)).to_contain_text("It says ")
    shutil.rmtree(other.path)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("This run was deleted meanwhile.")).to_be_visible()
    page.wait_for_url(re.compile("picture=1(&|$)"))
    expect(says(page)).to_contain_text("It says ")
    expect(page.get_by_role("heading", name="Neuron 4 of 128")).to_be_visible()
