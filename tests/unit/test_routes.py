"""The dashboard's own routes: their addresses, and what each of them answers."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from types import ModuleType

import numpy as np
import plotly
import pytest
from asgi import ask
from made_histories import learned
from made_runs import SPEC, report_first_layer
from made_weights import made_weights
from PIL import Image
from starlette.applications import Starlette
from starlette.datastructures import Headers
from streamlit import config

import ui.inspect.excitation
from fmnist_core import images
from fmnist_core.dataset import TEST_SIZE, Dataset, DatasetUnavailable
from fmnist_core.dataset.probes import MOST_DRAWS, probe_indices
from fmnist_core.permissions import Actor
from fmnist_core.presets import PRESETS
from fmnist_core.runs import Run, RunStore, RunWriter
from fmnist_core.specs import RunSpec
from fmnist_core.task_types import TaskState
from ui import rights
from ui.components.gallery import sprite_url
from ui.components.modules import DIGEST, LOADER, MODULES, digest_of, loader_script, module_address
from ui.live import hub
from ui.routes import images as image_routes
from ui.routes import pixels as pixel_routes
from ui.routes import prototypes as prototype_routes
from ui.routes import routes
from ui.routes.assets import IMMUTABLE
from ui.theme import set_font_addresses
from ui.train import probes as shown_probes
from ui.train.epoch_changes import WORST_CLASSES
from ui.train.live_parts import stamp_of

PATHS = [
    "/healthz",
    "/presenter",
    "/assets/js/{version}/{name:path}",
    "/assets/style/{digest}.css",
    "/assets/plotly.min.js",
    "/assets/fonts/{name}",
    "/live",
    "/live/{run_id}",
    "/live/{run_id}/epochs/{name}.json",
    "/live/{run_id}/probes/{draw}.json",
    "/live/{run_id}/first-layer/{name}.png",
    "/excitation/{run_id}-{digest}/{layer}.json",
    "/networks/{run_id}/{name}.bin",
    "/occlusion/{run_id}",
    "/pictures/{name}.png",
    "/pixels/{name}.bin",
    "/prototypes/{digest}.bin",
]


@pytest.fixture
def base_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "clothes")
    yield "/clothes"
    config.set_option("server.baseUrlPath", before)


def get(address: str) -> tuple[int, Headers, bytes]:
    """Status, headers and body of the response to a request that only the routes see."""
    answer = ask(Starlette(routes=routes()), address)
    return answer.status, answer.headers, answer.content


def test_each_family_has_its_addresses() -> None:
    assert sorted(route.path for route in routes()) == sorted(PATHS)


def test_all_lie_under_the_base_path_and_its_root_leads_there(base_path: str) -> None:
    paths = [route.path for route in routes()]
    assert sorted(paths) == sorted(["/", base_path, *(base_path + path for path in PATHS)])
    for address in ("/?run=1", "/clothes?run=1"):
        status, headers, _ = get(address)
        assert (status, headers["location"]) == (307, "/clothes/?run=1")
    assert get("/clothes/healthz")[0] == 200
    assert get("/healthz")[0] == 404


def test_health_and_assets_are_served() -> None:
    status, _, body = get("/healthz")
    assert (status, body) == (200, b'{"status":"ok"}')
    status, headers, body = get(f"/assets/plotly.min.js?v={plotly.__version__}")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "immutable" in headers["cache-control"]
    assert b"plotly.js" in body[:200]
    status, headers, body = get("/assets/fonts/inter.woff2")
    assert (status, headers["content-type"], body[:4]) == (200, "font/woff2", b"wOF2")
    for name in ("../frame.css", "..%2Fframe.css", "..", "", "nothing.woff2"):
        assert get(f"/assets/fonts/{name}")[0] == 404


def test_what_is_requested_without_its_version_is_requested_again() -> None:
    """Else a browser would keep what an update has replaced."""
    for address in ("/assets/plotly.min.js", "/assets/fonts/inter.woff2"):
        for requested in (address, f"{address}?v=0"):
            _, headers, _ = get(requested)
            assert headers["cache-control"] == "no-cache"
            known = {"if-none-match": headers["etag"]}
            again = ask(Starlette(routes=routes()), requested, known)
            assert (again.status, again.content) == (304, b"")


def test_the_theme_asks_for_fonts_that_browsers_keep_for_good(base_path: str) -> None:
    before = config.get_option("theme.fontFaces")
    set_font_addresses()
    addresses = [face["url"] for face in config.get_option("theme.fontFaces")]
    config.set_option("theme.fontFaces", before)
    assert len(addresses) == 2
    for address in addresses:
        assert address.startswith(f"{base_path}/assets/fonts/")
        _, headers, _ = get(address)
        assert "immutable" in headers["cache-control"]


def test_every_module_of_the_components_is_served_for_good_at_an_address_with_the_digest() -> None:
    assert {"loader.js", "acts.js", "gallery.js"} <= MODULES.keys()
    for name, content in MODULES.items():
        status, headers, body = get(module_address(name))
        assert (status, body) == (200, content), name
        assert headers["content-type"] == "text/javascript; charset=utf-8"
        assert headers["cache-control"] == "public, max-age=31536000, immutable"
        assert get(f"/assets/js/{DIGEST}.2/{name}")[2] == content


@pytest.mark.parametrize(
    "address",
    [
        f"/assets/js/{'0' * len(DIGEST)}/acts.js",
        f"/assets/js/{DIGEST}/nothing.js",
        f"/assets/js/{DIGEST}/component.d.ts",
        f"/assets/js/{DIGEST}/acts.py",
        f"/assets/js/{DIGEST}/",
        f"/assets/js/{DIGEST}/../../base_path.py",
        f"/assets/js/{DIGEST}/..%2Fbase_path.py",
        "/assets/js/",
    ],
)
def test_nothing_else_of_their_folder_is_served(address: str) -> None:
    status, headers, _ = get(address)
    assert status == 404
    assert "immutable" not in headers.get("cache-control", "")


def test_the_digest_of_the_modules_changes_with_each_name_and_each_content() -> None:
    digests = [
        digest_of(modules)
        for modules in (
            {"a.js": b"1", "b.js": b"2"},
            {"a.js": b"1", "b.js": b"3"},
            {"a.js": b"1", "c.js": b"2"},
            {"a.js": b"1b.js 1\n2"},
            {"a.js": b"1"},
        )
    ]
    assert len(set(digests)) == len(digests)
    assert digest_of({"b.js": b"2", "a.js": b"1"}) == digests[0]


def test_a_component_knows_where_its_module_is(base_path: str) -> None:
    assert module_address("acts.js") == f"{base_path}/assets/js/{DIGEST}/acts.js"
    assert get(module_address("acts.js"))[2] == MODULES["acts.js"]


def test_a_sheet_of_images_is_a_png_that_browsers_keep(data: Dataset) -> None:
    status, headers, body = get("/pictures/test-6.png?v=1")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert "immutable" in headers["cache-control"]
    assert body == images.sheet(data, "test-6")


@pytest.mark.parametrize("name", ["test-10", "validation-1", "test-", "map"])
def test_a_sheet_that_there_is_not_is_not_found(data: Dataset, name: str) -> None:
    status, headers, body = get(f"/pictures/{name}.png")
    assert (status, body) == (404, b"There is no such sheet of pictures.")
    assert headers["cache-control"] == "no-store"


def test_a_sheet_without_the_dataset_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = DatasetUnavailable(())

    def unavailable() -> Dataset:
        raise problem

    monkeypatch.setattr(image_routes, "dataset", unavailable)
    status, headers, body = get("/pictures/test-6.png")
    assert (status, body.decode()) == (503, str(problem))
    assert headers["cache-control"] == "no-store"


def test_the_pixels_of_an_image_are_kept_by_browsers(data: Dataset, base_path: str) -> None:
    for name, index in (("test-17", 17), (f"test-{TEST_SIZE - 1}", -1)):
        status, headers, body = get(f"{base_path}/pixels/{name}.bin")
        assert (status, headers["content-type"]) == (200, "application/octet-stream")
        assert headers["cache-control"] == IMMUTABLE["Cache-Control"]
        assert body[0] == data.test_labels[index]
        assert body[1:] == data.test_images[index].tobytes()
    body = get(f"{base_path}/pixels/train-40000.bin")[2]
    assert body == bytes([data.train_labels[40_000]]) + data.train_images[40_000].tobytes()
    assert get("/pixels/test-17.bin")[0] == 404


@pytest.mark.parametrize(
    "name",
    [
        *("test-10000", "train-60000", "test--1", "test-", "test-1.5", "test-²"),
        *("all-1", "17", "test", "test-" + "9" * 5_000),
    ],
    ids=lambda name: name[:12],
)
def test_pixels_that_there_are_not_are_not_found(name: str) -> None:
    status, headers, body = get(f"/pixels/{name}.bin")
    assert (status, body, headers["cache-control"]) == (
        404,
        b"There is no such picture.",
        "no-store",
    )


@pytest.mark.parametrize(
    ("module", "address"),
    [(pixel_routes, "/pixels/test-1.bin"), (prototype_routes, "/prototypes/0.bin")],
    ids=["pixels", "prototypes"],
)
def test_without_the_dataset_browsers_are_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, address: str
) -> None:
    problem = DatasetUnavailable(())

    def unavailable() -> Dataset:
        raise problem

    monkeypatch.setattr(module, "dataset", unavailable)
    status, headers, body = get(address)
    assert (status, body.decode(), headers["cache-control"]) == (503, str(problem), "no-store")


class Found:
    """In place of the engine: what it has found, by key; it is never requested to search."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.states: dict[str, TaskState] = {}
        monkeypatch.setattr(ui.inspect.excitation, "poll_task", self.states.get)
        monkeypatch.setattr(ui.inspect.excitation, "request_task", self.refuse)

    def refuse(self, *arguments: object) -> TaskState:
        raise AssertionError(arguments)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    return Found(monkeypatch)


@pytest.fixture
def inspected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Dataset) -> Run:
    """A run that kept its network."""
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    networks = [made_weights(SPEC)] * 2
    return learned(RunStore(tmp_path), np.asarray(data.test_labels), 2, networks=networks)


def test_what_excites_a_layer_is_told_for_good_once_it_was_found(
    inspected: Run, found: Found, base_path: str
) -> None:
    name = f"{inspected.id}-{inspected.network_stamp}"
    address = f"{base_path}/excitation/{name}/dense.json"
    for state in (None, TaskState(problem="The engine is gone.")):
        if state is not None:
            found.states[f"excitation-{name}"] = state
        status, headers, body = get(address)
        assert (status, headers["cache-control"]) == (404, "no-store")
        assert body == b"There is nothing here yet."
    values = np.array([[1.5, 1.0], [np.nan, np.nan], [np.inf, 2.0]], np.float32)
    images = np.array([[3, 4], [0, 1], [9_999, 5]], np.uint16)
    found.states[f"excitation-{name}"] = TaskState(
        {"dense/images": images, "dense/places": images // 2, "dense/values": values}
    )
    status, headers, body = get(address)
    assert (status, headers["cache-control"]) == (200, IMMUTABLE["Cache-Control"])
    content = json.loads(body)
    assert content["images"] == images.tolist()
    assert content["places"] == (images // 2).tolist()
    # A network whose values overflow is told in numbers, too.
    assert content["strongest"][:2] == [1.5, 0.0]
    assert content["strongest"][2] > 1e38
    for other in (
        f"{name}/logits.json",
        f"{name}/..%2Fdense.json",
        f"{inspected.id}-{'0' * 16}/dense.json",
        f"{inspected.id}-/dense.json",
        f"{'0' * 32}-{inspected.network_stamp}/dense.json",
    ):
        status, headers, _ = get(f"{base_path}/excitation/{other}")
        assert status == 404
        assert "immutable" not in headers.get("cache-control", "")


def test_the_presenters_link_gives_the_cookie_to_who_knows_the_key() -> None:
    status, headers, _ = get("/presenter?key=guessed")
    assert (status, headers["cache-control"]) == (403, "no-store")
    assert "set-cookie" not in headers
    status, headers, _ = get(f"/presenter?key={rights.mode().key}")
    assert (status, headers["location"], headers["cache-control"]) == (303, "/", "no-store")
    cookies = SimpleCookie(headers["set-cookie"])
    assert rights.is_presenter({name: cookie.value for name, cookie in cookies.items()})


def test_every_component_brings_the_loader_along_without_its_comments() -> None:
    script = loader_script()
    assert not re.search(r"^\s*(//|/?\*)", script, re.MULTILINE)
    statements = MODULES[LOADER].decode().splitlines()
    kept = [line for line in statements if not re.match(r"\s*(//|/?\*)", line)]
    assert script.splitlines() == kept


def test_no_stream_begins_for_what_is_no_run_or_where_too_many_listen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("nothing", "0" * 31):
        status, headers, _ = get(f"/live/{name}")
        assert (status, headers["cache-control"]) == (404, "no-store")
    monkeypatch.setattr(hub, "MOST", 0)
    status, headers, body = get(f"/live/{'0' * 32}")
    assert (status, headers["cache-control"]) == (503, "no-store")
    assert b"live views are open, and no more can be" in body


def test_a_stream_of_one_message_a_topic_tells_what_there_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    status, headers, body = get(f"/live/{'0' * 32}?topics=bar,ladder,none&once=1&after=x")
    assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    messages = [json.loads(line[6:]) for line in body.decode().splitlines() if line[:5] == "data:"]
    assert messages[0]["parts"] == {"page": "missing"}
    assert [message["topic"] for message in messages[1:]] == ["parts", "parts"]
    assert "bar" in messages[1]["parts"]
    assert "ladder" in messages[2]["parts"]


@pytest.mark.parametrize("name", ["1-2", "x", "1-1.5", "-"])
def test_an_epoch_that_is_none_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    status, headers, body = get(f"/live/{'0' * 32}/epochs/{name}.json")
    assert (status, headers["cache-control"]) == (404, "no-store")
    assert body == b"This run has no such epoch."


def test_an_epoch_is_told_for_good(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Dataset
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    store = RunStore(tmp_path)
    run = learned(store, np.asarray(data.test_labels), 2)
    stamps = [stamp_of(event) for event in store.events(run.id).epochs]
    for stamp in stamps:
        status, headers, body = get(f"/live/{run.id}/epochs/{stamp}.json")
        assert (status, headers["cache-control"]) == (200, IMMUTABLE["Cache-Control"])
        content = json.loads(body)
        assert content["title"].endswith(f">What epoch {stamp[0]} changed</h2>")
        assert content["learned"]["tiles"]
        matrix = content["matrix"]
        assert sum(matrix["counts"]) == TEST_SIZE
        # The first epoch has none before it.
        assert (matrix["before"] is None) == (stamp[0] == "1")
        assert content["hardest"].count("url(data:image/png;base64,") == WORST_CLASSES
        # A hundred phones ask for it.
        assert len(body) < 60_000


def begun(folder: Path, spec: RunSpec = SPEC) -> Run:
    """A run that has shown its first layer once."""
    store = RunStore(folder)
    run = store.create(spec, by=Actor.owner())
    writer = RunWriter(store.root, run.id, 1)
    writer.start(0, {})
    report_first_layer(writer, 0)
    return run


def test_the_probes_of_a_draw_are_told_for_good(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Dataset, base_path: str
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    run = begun(tmp_path)
    for draw in (0, 7, MOST_DRAWS):
        status, headers, body = get(f"{base_path}/live/{run.id}/probes/{draw}.json")
        assert (status, headers["cache-control"]) == (200, IMMUTABLE["Cache-Control"])
        content = json.loads(body)
        indices = probe_indices(np.asarray(data.test_labels), run.spec.training.seed, draw)
        assert content["draw"] == draw
        assert content["labels"] == np.asarray(data.test_labels)[indices].tolist()
        assert content["sprite"] == sprite_url(data.test_images[indices].tobytes(), 12)
        assert content["truths"][1] == "These are trousers"
        assert content["truths"][0].startswith("It is a ")


@pytest.mark.parametrize(
    "draw", ["10001", "9" * 12, "9" * 5_000, "-1", "x", "1.5", "²"], ids=lambda draw: draw[:12]
)
def test_a_draw_that_there_is_not_is_not_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, draw: str
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    status, headers, body = get(f"/live/{begun(tmp_path).id}/probes/{draw}.json")
    assert (status, headers["cache-control"]) == (404, "no-store")
    assert body == b"There are no such pictures."


@pytest.mark.parametrize("name", ["probes/0.json", "first-layer/0-1-light.png"])
@pytest.mark.parametrize("run_id", ["0" * 32, "x", ".."])
def test_of_a_run_that_there_is_not_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run_id: str, name: str
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    status, headers, body = get(f"/live/{run_id}/{name}")
    assert (status, headers["cache-control"]) == (404, "no-store")
    assert body == b"This run does not exist. It may have been deleted."


def test_probes_without_the_dataset_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    problem = DatasetUnavailable(())

    def unavailable() -> Dataset:
        raise problem

    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    monkeypatch.setattr(shown_probes, "dataset", unavailable)
    status, headers, body = get(f"/live/{begun(tmp_path).id}/probes/0.json")
    assert (status, headers["cache-control"]) == (503, "no-store")
    assert body.decode() == str(problem)


@pytest.mark.parametrize(
    ("preset", "size"), [("Simple network", (336, 28)), ("CNN with dropout", (336, 56))]
)
def test_a_first_layer_is_a_small_png_in_the_colours_of_the_page(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    base_path: str,
    preset: str,
    size: tuple[int, int],
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    run = begun(tmp_path, PRESETS[preset])
    shown = {}
    for theme in ("light", "dark"):
        address = f"{base_path}/live/{run.id}/first-layer/0-1700000000000-{theme}.png"
        status, headers, body = get(address)
        assert (status, headers["content-type"]) == (200, "image/png")
        assert headers["cache-control"] == IMMUTABLE["Cache-Control"]
        assert len(body) <= 10_000
        shown[theme] = Image.open(io.BytesIO(body))
        assert shown[theme].size == size
    # What is drawn is the same, in other colours; their middle is the page.
    assert np.array_equal(np.asarray(shown["light"]), np.asarray(shown["dark"]))
    middle = {theme: (image.getpalette() or [])[3 * 31 : 3 * 32] for theme, image in shown.items()}
    assert min(middle["light"]) > 200
    assert max(middle["dark"]) < 80


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("1-1-light", "This run's first layer cannot be read: the file is missing or was changed."),
        ("9999-1-light", "This run's first layer cannot be read"),
        ("9" * 12 + "-1-light", "This run's first layer cannot be read"),
        ("9" * 5_000 + "-1-light", "There are no such pictures."),
        ("-1-light", "There are no such pictures."),
        ("x-1-light", "There are no such pictures."),
        ("light", "There are no such pictures."),
    ],
    ids=range(7),
)
def test_a_first_layer_that_there_is_not_is_not_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, said: str
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    run = begun(tmp_path)
    status, headers, body = get(f"/live/{run.id}/first-layer/{name}.png")
    assert (status, headers["cache-control"]) == (404, "no-store")
    assert body.decode().startswith(said)


@pytest.mark.parametrize("content", [None, b"", b"no zip"], ids=["gone", "empty", "damaged"])
def test_a_first_layer_that_cannot_be_read_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    run = begun(tmp_path)
    path = run.path / "first_layer" / "0000.npz"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    status, headers, body = get(f"/live/{run.id}/first-layer/0-1-light.png")
    assert (status, headers["cache-control"]) == (404, "no-store")
    assert body.startswith(b"This run's first layer cannot be read")
