"""How like its training pictures an image is: the same in the browser as in Python."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route
from project_site import SITE, serve

from fmnist_core.analysis.prototypes import Prototypes, halved, nearest, prototypes, roughness
from fmnist_core.dataset import Dataset

LIKENESS = """async (images) => {
  const { likenessOf, readPrototypes } = await import("/ui/components/network/likeness.js");
  const prototypes = readPrototypes(await (await fetch("/prototypes.bin")).arrayBuffer());
  return images.map(([classId, ...pixels]) => likenessOf(prototypes, pixels, classId));
}"""


@pytest.fixture(scope="module")
def table(data: Dataset) -> Prototypes:
    return prototypes(data)


@pytest.fixture(scope="module")
def page(browser: Browser, table: Prototypes) -> Iterator[Page]:
    def send(route: Route) -> None:
        route.fulfill(body=table.packed(), content_type="application/octet-stream")

    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", serve)
    page.route("**/prototypes.bin", send)
    page.goto(f"{SITE}/")
    yield page
    context.close()


def test_browser_says_the_same_as_python(page: Page, table: Prototypes, data: Dataset) -> None:
    random = np.random.default_rng(2)
    own = np.asarray(data.test_images[:150])
    noisy = np.clip(own + random.normal(0, 60, own.shape), 0, 255).astype(np.uint8)
    images = np.concatenate([own, 255 - own[:20], own[:, :, ::-1], noisy, np.roll(own, 4, axis=2)])
    classes = random.integers(0, 10, len(images))
    classes[:150] = np.asarray(data.test_labels[:150])
    given = np.column_stack([classes, images.reshape(len(images), -1)]).tolist()
    said = page.evaluate(LIKENESS, given)
    for image, class_id, likeness in zip(images, classes, said, strict=True):
        distance = nearest(halved(image[None]), table.images[class_id])[0]
        rough = roughness(image[None])[0]
        usual, possible, roughest = table.limits[class_id]
        # A half is rounded in two ways.
        if np.abs(np.array([usual, possible]) - distance).min() < 5:
            continue
        unlike = distance > possible or rough > roughest
        assert likeness == ("unlike" if unlike else "unusual" if distance > usual else "like")
    assert {said.count(word) > 20 for word in ("like", "unusual", "unlike")} == {True}
