"""Fashion-MNIST is found in the right order, and nothing but the published bytes is used."""

from __future__ import annotations

import errno
import gzip
import http.server
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fmnist_core import dataset, timeouts
from fmnist_core.dataset import __main__ as command
from fmnist_core.dataset import cache, fetch, find, idx
from fmnist_core.dataset.content import (
    FILES,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    IdxFile,
    SourceFailed,
)
from fmnist_core.errors import FmnistError


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four files, three of them compressed; read from where the data is."""
    here = find.DataFolders.from_environment()
    nowhere = tmp_path_factory.mktemp("nowhere") / "file"
    nowhere.write_text("A file here keeps this search from saving a copy for the user.")
    try:
        arrays = cache.read(here.own)
    except SourceFailed:
        folders = find.DataFolders(here.named, nowhere, here.keras, here.debian)
        found = find.find(folders, download=True)
        arrays = {
            TRAIN_IMAGES: found.train_images,
            TRAIN_LABELS: found.train_labels,
            TEST_IMAGES: found.test_images,
            TEST_LABELS: found.test_labels,
        }
    folder = tmp_path_factory.mktemp("published")
    for file in FILES:
        content = file.header + arrays[file].tobytes()
        if file is TRAIN_IMAGES:
            (folder / file.name).write_bytes(content)
        else:
            packed = gzip.compress(content, compresslevel=1, mtime=0)
            (folder / f"{file.name}.gz").write_bytes(packed)
    return folder


@pytest.fixture
def folders(tmp_path: Path) -> find.DataFolders:
    """Folders that do not exist yet."""
    names = ("own", "keras", "debian")
    return find.DataFolders(None, **{name: tmp_path / name for name in names})


def copy(published: Path, target: Path) -> Path:
    """A copy that may be damaged; hard links keep what is only read from taking time."""
    return Path(shutil.copytree(published, target, copy_function=os.link))


def spoil(path: Path, change: Callable[[bytearray], object]) -> None:
    content = bytearray(path.read_bytes())
    change(content)
    path.unlink()  # The name may be a hard link to the published file.
    path.write_bytes(content)


def flip_last(content: bytearray) -> None:
    content[-1] ^= 1


def problems(attempts: tuple[dataset.Attempt, ...]) -> dict[str, str]:
    return {attempt.source: attempt.problem for attempt in attempts}


def test_the_published_files_are_read_compressed_or_not(published: Path) -> None:
    arrays = idx.read_folder(published)
    assert {file: array.shape for file, array in arrays.items()} == {f: f.shape for f in FILES}
    assert all(array.dtype == np.uint8 for array in arrays.values())
    assert np.bincount(arrays[TRAIN_LABELS]).tolist() == [6000] * 10
    assert np.bincount(arrays[TEST_LABELS]).tolist() == [1000] * 10
    assert len(dataset.CLASS_NAMES) == 10


MUTATIONS: dict[str, Callable[[bytearray, random.Random, int], None]] = {
    "one bit": lambda b, r, at: b.__setitem__(at, b[at] ^ (1 << r.randrange(8))),
    "cut short": lambda b, r, at: b.__delitem__(slice(at, None)),
    "a byte lost": lambda b, r, at: b.__delitem__(at),
    "a byte too many": lambda b, r, at: b.insert(at, b[at] ^ 0xFF),
    "a changed stretch": lambda b, r, at: b.__setitem__(
        slice(at, at + 8), bytes(value ^ 0x5A for value in b[at : at + 8])
    ),
}


def unpacks_to_the_same(mutated: bytearray, content: bytes) -> bool:
    """Some bits of a gzip stream (its date; one of two equal matches) change no picture."""
    if content[:2] != b"\x1f\x8b":
        return mutated == content
    try:
        return gzip.decompress(mutated) == gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return False


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mutation", MUTATIONS)
@pytest.mark.parametrize("packed", [False, True], ids=["raw", "gz"])
@pytest.mark.parametrize("file", [TEST_LABELS, TEST_IMAGES], ids=["labels", "images"])
def test_a_mutated_file_is_refused(
    published: Path, tmp_path: Path, file: IdxFile, packed: bool, mutation: str, seed: int
) -> None:
    content = (published / f"{file.name}.gz").read_bytes()
    if not packed:
        content = gzip.decompress(content)
    rng = random.Random(f"{file.name} {packed} {mutation} {seed}")
    mutated = bytearray(content)
    while unpacks_to_the_same(mutated, content):
        mutated = bytearray(content)
        MUTATIONS[mutation](mutated, rng, rng.randrange(len(content) - 8))
    path = tmp_path / (f"{file.name}.gz" if packed else file.name)
    path.write_bytes(mutated)
    with pytest.raises(SourceFailed, match=file.name) as refused:
        idx.read_file(path, file)
    assert refused.value.damaged
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\0" * TEST_LABELS.size, "not a file of the expected kind"),
        (TEST_LABELS.header[:4] + b"\0\0\x27\x0f" + b"\1" * 10_000, "9,999 values instead"),
        (TEST_LABELS.header + b"\1" * 10_000, "damaged or forged"),
        (TEST_LABELS.header + b"\1" * 10_001, "longer than"),
        (TEST_LABELS.header + b"\1" * 9_999, "cut short"),
        (b"", "cut short"),
    ],
    ids=["magic", "shape", "forged", "longer", "shorter", "empty"],
)
def test_a_wrong_file_is_refused_with_its_problem(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "labels"
    path.write_bytes(content)
    with pytest.raises(SourceFailed, match=words):
        idx.read_file(path, TEST_LABELS)


def test_a_file_that_unpacks_to_far_too_much_is_refused_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(TEST_LABELS.header + bytes(50_000_000), compresslevel=1))
    tracemalloc.start()
    try:
        with pytest.raises(SourceFailed, match="longer than"):
            idx.read_file(path, TEST_LABELS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


def test_the_first_find_is_saved_and_memory_mapped_for_the_next(
    published: Path, folders: find.DataFolders
) -> None:
    copy(published, folders.debian)
    first = find.find(folders, download=False)
    second = find.find(folders, download=False)
    assert (first.source, second.source) == ("the installed Debian package", find.OWN_COPY)
    assert first.sha256 == second.sha256
    for found in (first, second):
        assert isinstance(found.train_images.base, np.memmap)
        assert type(found.train_images) is np.ndarray
        with pytest.raises(ValueError, match="read-only"):
            found.train_images[0, 0, 0] = 1
    assert np.array_equal(np.load(folders.own / f"{TEST_LABELS.name}.npy"), second.test_labels)
    assert second.images("test") is second.test_images
    assert second.labels("train") is second.train_labels


def test_folders_are_tried_in_order(
    published: Path, folders: find.DataFolders, tmp_path: Path
) -> None:
    expected = ["the installed Debian package", "Keras's copy", find.OWN_COPY]
    copy(published, folders.debian)
    seen = [find.find(folders, download=False).source]
    shutil.rmtree(folders.own)
    copy(published, folders.keras)
    seen.append(find.find(folders, download=False).source)
    seen.append(find.find(folders, download=False).source)
    assert seen == expected
    named = find.DataFolders(tmp_path / "named", folders.own, folders.keras, folders.debian)
    copy(published, tmp_path / "named")
    assert find.find(named, download=False).source == "the folder named in FMNIST_DATA_DIR"


def test_a_damaged_copy_is_named_and_skipped(published: Path, folders: find.DataFolders) -> None:
    spoil(copy(published, folders.keras) / TRAIN_IMAGES.name, flip_last)
    copy(published, folders.debian)
    said: list[str] = []
    found = find.find(folders, download=False, report=said.append)
    assert found.source == "the installed Debian package"
    assert [a.source for a in found.attempts if a.damaged] == ["Keras's copy"]
    assert "damaged or forged" in problems(found.attempts)["Keras's copy"]
    assert any("Skipped Keras's copy" in sentence for sentence in said)


def test_a_good_compressed_file_refolders_a_bad_unpacked_one(
    published: Path, folders: find.DataFolders
) -> None:
    folder = copy(published, folders.keras)
    (folder / TEST_LABELS.name).write_bytes(b"unpacked by somebody, and cut short")
    assert find.find(folders, download=False).source == "Keras's copy"


def test_a_missing_file_makes_a_folder_useless(published: Path, folders: find.DataFolders) -> None:
    (copy(published, folders.keras) / TRAIN_IMAGES.name).unlink()
    with pytest.raises(dataset.DatasetUnavailable, match=f"{TRAIN_IMAGES.name} is missing"):
        find.find(folders, download=False)


@pytest.mark.parametrize(
    "change",
    [
        flip_last,
        lambda b: b.__setitem__(20, b[20] ^ 1),
        lambda b: b.pop(),
        lambda b: b.append(0),
        lambda b: b.clear(),
    ],
    ids=["value", "header", "shorter", "longer", "empty"],
)
def test_a_damaged_own_copy_is_refused_and_written_anew(
    published: Path, folders: find.DataFolders, change: Callable[[bytearray], object]
) -> None:
    copy(published, folders.debian)
    find.find(folders, download=False)
    spoil(folders.own / f"{TEST_IMAGES.name}.npy", change)
    again = find.find(folders, download=False)
    assert again.source == "the installed Debian package"
    assert "damaged" in problems(again.attempts)[find.OWN_COPY]
    assert find.find(folders, download=False).source == find.OWN_COPY


def test_a_cache_that_cannot_be_written_is_not_fatal(
    published: Path, folders: find.DataFolders, tmp_path: Path
) -> None:
    copy(published, folders.debian)
    (tmp_path / "file").touch()
    blocked = find.DataFolders(None, tmp_path / "file" / "own", folders.keras, folders.debian)
    found = find.find(blocked, download=False)
    assert found.train_images.shape == (60_000, 28, 28)
    assert not found.train_images.flags.writeable
    assert "could not be saved" in found.attempts[-1].problem


def test_a_full_disk_leaves_no_half_file(
    published: Path, folders: find.DataFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    copy(published, folders.debian)
    monkeypatch.setattr(os, "fsync", full)
    found = find.find(folders, download=False)
    assert "no space left" in found.attempts[-1].problem
    assert list(folders.own.iterdir()) == []


def test_a_temporary_file_of_a_killed_process_is_swept(
    published: Path, folders: find.DataFolders
) -> None:
    folders.own.mkdir()
    old, new = folders.own / ".old-x.tmp", folders.own / ".new-x.tmp"
    for path in (old, new):
        path.touch()
    os.utime(old, (0, 0))
    cache.write(folders.own, idx.read_folder(published))
    assert not old.exists()
    assert new.exists()


def test_several_may_save_at_once(published: Path, folders: find.DataFolders) -> None:
    arrays = idx.read_folder(published)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: cache.write(folders.own, arrays), range(3)))
    assert cache.read(folders.own)[TEST_LABELS].shape == (10_000,)
    assert len(list(folders.own.iterdir())) == len(FILES)


def test_without_any_place_the_error_tells_what_was_tried_and_what_to_do(
    folders: find.DataFolders, tmp_path: Path
) -> None:
    nowhere = find.DataFolders(tmp_path / "named", folders.own, folders.keras, folders.debian)
    with pytest.raises(dataset.DatasetUnavailable, match="FMNIST_DATA_DIR") as failed:
        find.find(nowhere, download=False)
    assert [attempt.source for attempt in failed.value.attempts] == [
        "the folder named in FMNIST_DATA_DIR",
        find.OWN_COPY,
        "Keras's copy",
        "the installed Debian package",
    ]
    assert "/" not in str(failed.value)


def test_load_follows_the_environment_and_finds_once(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("FMNIST_DATA_DIR", str(published))
    folders = find.DataFolders.from_environment()
    assert folders.keras == tmp_path / "keras" / "datasets" / "fashion-mnist"
    assert tmp_path in folders.own.parents
    found = dataset.load(download=False)
    assert found.source == "the folder named in FMNIST_DATA_DIR"
    assert dataset.load(download=False) is found


# The network.


class Server(http.server.ThreadingHTTPServer):
    """A publisher on this computer; `/<behaviour>/<file>` behaves as named."""

    daemon_threads = True
    folder: Path
    gate: threading.Event

    def address(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{behaviour}/"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        _, behaviour, name = self.path.split("/")
        if behaviour == "missing":
            self.send_error(404)
            return
        if behaviour == "hangs":
            self.server.gate.wait(60)
            return
        path = self.server.folder / name
        raw = path.with_suffix("")
        content = path.read_bytes() if path.exists() else gzip.compress(raw.read_bytes(), 1)
        if behaviour == "damaged":
            content = content[:1000] + bytes([content[1000] ^ 0xFF]) + content[1001:]
        elif behaviour == "floods":
            content = bytes(TEST_LABELS.size + 10 * fetch.CHUNK)
        self.send_response(200)
        if behaviour == "unpacks":
            self.send_header("Content-Encoding", "gzip")
        extra = 1000 if behaviour == "breaks" else 0
        self.send_header("Content-Length", str(len(content) + extra))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(published: Path) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.folder, running.gate = published, threading.Event()
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.gate.set()
        running.shutdown()


@pytest.fixture
def no_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH on which there is nothing, in particular no apt-get."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.mark.parametrize("behaviour", ["good", "unpacks"])
def test_the_download_is_verified_and_saved(
    server: Server, folders: find.DataFolders, monkeypatch: pytest.MonkeyPatch, behaviour: str
) -> None:
    monkeypatch.setattr(fetch, "ADDRESSES", (("the publisher", server.address(behaviour)),))
    monkeypatch.setattr(fetch, "REPORT_EVERY_BYTES", 1_000_000)
    said: list[str] = []
    assert find.find(folders, download=True, report=said.append).source == "the publisher"
    assert any(sentence.startswith("Downloaded ") for sentence in said)
    assert find.find(folders, download=False).source == find.OWN_COPY


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        ("missing", "status 404"),
        ("damaged", TEST_LABELS.name),
        ("floods", "more than the published file"),
        ("breaks", "broke off"),
        ("hangs", "did not answer in time"),
    ],
)
def test_an_address_that_fails_is_named_and_the_next_one_used(
    server: Server,
    folders: find.DataFolders,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: str,
    problem: str,
) -> None:
    monkeypatch.setattr(timeouts, "FIRST_RESPONSE_SECONDS", 0.5 if behaviour == "hangs" else 30)
    addresses = (("first", server.address(behaviour)), ("second", server.address("good")))
    monkeypatch.setattr(fetch, "ADDRESSES", addresses)
    found = find.find(folders, download=True)
    assert found.source == "second"
    assert problem in problems(found.attempts)["first"]


def test_offline_everything_is_tried_and_told(
    folders: find.DataFolders, monkeypatch: pytest.MonkeyPatch, no_tools: Path
) -> None:
    closed = tuple((f"address {n}", "http://127.0.0.1:9/") for n in range(2))
    monkeypatch.setattr(fetch, "ADDRESSES", closed)
    with pytest.raises(dataset.DatasetUnavailable) as failed:
        find.find(folders, download=True)
    told = problems(failed.value.attempts)
    assert told["address 0"] == told["address 1"] == "it cannot be reached from this computer"
    assert told["Debian's package, fetched now"] == "this computer has no apt-get"


def test_no_download_means_no_network(
    folders: find.DataFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(fetch, "from_address", forbidden)
    monkeypatch.setattr(fetch, "from_debian", forbidden)
    with pytest.raises(dataset.DatasetUnavailable):
        find.find(folders, download=False)


def tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
    path.chmod(0o755)


def test_debians_package_is_unpacked_without_being_installed(
    published: Path,
    folders: find.DataFolders,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_tools: Path,
) -> None:
    """apt-get is played by a script; dpkg-deb is the real one where there is one."""
    tree = tmp_path / "tree"
    copy(published, tree / fetch.PACKAGE_FOLDER)
    package = tmp_path / "dataset-fashion-mnist_1_all.deb"
    real = shutil.which("dpkg-deb", path="/usr/bin:/bin")
    if real is not None:
        (tree / "DEBIAN").mkdir()
        control = "Package: dataset-fashion-mnist\nVersion: 1\nArchitecture: all\n"
        control += "Maintainer: nobody <nobody@example.org>\nDescription: pictures\n"
        (tree / "DEBIAN" / "control").write_text(control)
        build = [real, "-Znone", "--root-owner-group", "-b", str(tree), str(package)]
        subprocess.run(build, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin"})
        (no_tools / "dpkg-deb").symlink_to(real)
        monkeypatch.setenv("PATH", f"{no_tools}:/usr/bin:/bin")
    else:
        subprocess.run(
            ["/bin/sh", "-c", f"PATH=/usr/bin:/bin tar -C {tree} -cf {package} usr"], check=True
        )
        tool(no_tools, "dpkg-deb", 'mkdir -p "$3" && tar -C "$3" -xf "$2"')
    tool(no_tools, "apt-get", f'case "$*" in *download*) cp {package} . ;; *) exit 1 ;; esac')
    monkeypatch.setattr(fetch, "ADDRESSES", ())
    assert find.find(folders, download=True).source == "Debian's package, fetched now"


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("echo 'E: Unable to locate package x' >&2; exit 100", "package lists do not know it"),
        ("echo 'E: Temporary failure resolving' >&2; exit 100", "could not be fetched"),
        ("exit 0", "delivered nothing"),
        ("echo no package > x.deb", "could not be unpacked"),
        ("sleep 60", "in time"),
    ],
)
def test_a_failing_apt_get_is_told(
    folders: find.DataFolders,
    monkeypatch: pytest.MonkeyPatch,
    no_tools: Path,
    script: str,
    problem: str,
) -> None:
    tool(no_tools, "apt-get", script.replace("sleep", "exec sleep"))
    tool(no_tools, "dpkg-deb", "exit 2")
    monkeypatch.setattr(timeouts, "PACKAGE_SECONDS", 1.0 if "sleep" in script else 30.0)
    monkeypatch.setattr(fetch, "ADDRESSES", ())
    with pytest.raises(dataset.DatasetUnavailable, match=problem):
        find.find(folders, download=True)


def test_a_full_disk_during_the_download_is_no_crash(
    folders: find.DataFolders, monkeypatch: pytest.MonkeyPatch, no_tools: Path
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(fetch, "ADDRESSES", (("the publisher", "http://127.0.0.1:9/"),))
    monkeypatch.setattr(tempfile, "TemporaryDirectory", full)
    with pytest.raises(dataset.DatasetUnavailable, match="no space left"):
        find.find(folders, download=True)


# The command.


def test_the_command_says_where_the_data_came_from(published: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "FMNIST_DATA_DIR": str(published),
        "XDG_CACHE_HOME": str(tmp_path),
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "fmnist_core.dataset"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "from the folder named in FMNIST_DATA_DIR" in done.stdout


def test_the_command_fails_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise dataset.DatasetUnavailable((dataset.Attempt("a place", "nothing is there"),))

    monkeypatch.setattr(command, "load", fail)
    assert command.main() == 1
    assert capsys.readouterr().err.count("\n") == 1


# Stratified choices.

labels_strategy = st.lists(st.integers(0, 9), max_size=300).map(
    lambda values: np.array(values, dtype=np.uint8)
)


@settings(max_examples=150, deadline=None)
@given(labels=labels_strategy, share=st.floats(0, 0.5), seed=st.integers(0, 2**32))
def test_a_split_keeps_class_shares_and_loses_nothing(
    labels: NDArray[np.uint8], share: float, seed: int
) -> None:
    train, validation = dataset.stratified_split(labels, share, seed)
    assert train.dtype == validation.dtype == np.int64
    assert len(validation) == round(share * len(labels))
    assert np.array_equal(np.sort(np.concatenate([train, validation])), np.arange(len(labels)))
    for index in (train, validation):
        assert np.all(np.diff(index) > 0)
    got = np.bincount(labels[validation], minlength=10)
    wanted = share * np.bincount(labels, minlength=10)
    assert np.all(np.abs(got - wanted) <= 1)


@settings(max_examples=150, deadline=None)
@given(labels=labels_strategy, data=st.data())
def test_a_sample_keeps_the_class_shares_of_its_index(
    labels: NDArray[np.uint8], data: st.DataObject
) -> None:
    everything = np.arange(len(labels))
    index = everything[data.draw(st.integers(1, 3)) - 1 :: 2]
    count = data.draw(st.integers(0, len(index)))
    sample = dataset.stratified_sample(labels, index, count, seed=1)
    assert len(sample) == count
    assert np.all(np.diff(sample) > 0)
    assert set(sample.tolist()) <= set(index.tolist())
    got = np.bincount(labels[sample], minlength=10)
    wanted = np.bincount(labels[index], minlength=10) * count / max(len(index), 1)
    assert np.all(np.abs(got - wanted) <= 1)


def test_the_seed_decides_and_repeats() -> None:
    labels = np.repeat(np.arange(10, dtype=np.uint8), 100)
    first, again, other = (dataset.stratified_split(labels, 0.2, seed)[1] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.bincount(labels[first]).tolist() == [20] * 10
    chosen = dataset.stratified_sample(labels, first, 50, 3)
    assert np.array_equal(chosen, dataset.stratified_sample(labels, first, 50, 3))
    assert len(dataset.stratified_split(labels, 0, 1)[1]) == 0


@pytest.mark.parametrize("share", [-0.01, 0.51, float("nan"), float("inf"), True, "0.1", None])
def test_a_share_out_of_range_is_refused(share: object) -> None:
    with pytest.raises(FmnistError, match=r"from 0 to 0\.5"):
        dataset.stratified_split(np.zeros(10, np.uint8), share, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [-1, 0.5, True, None])
def test_a_wrong_seed_is_refused(seed: object) -> None:
    with pytest.raises(FmnistError, match="seed"):
        dataset.stratified_split(np.zeros(10, np.uint8), 0.1, seed)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [-1, 6, 2.0, True])
def test_a_wrong_count_is_refused(count: object) -> None:
    with pytest.raises(FmnistError, match="number of pictures"):
        dataset.stratified_sample(np.zeros(10, np.uint8), np.arange(5), count, 0)  # type: ignore[arg-type]


def test_the_folds_of_a_cross_validation_are_disjoint_and_make_up_all_images(
    data: dataset.Dataset,
) -> None:
    labels = np.asarray(data.train_labels)
    parts = [dataset.stratified_split(labels, 0.1, 5, part)[1] for part in range(11)]
    assert (np.sort(np.concatenate(parts[:10])) == np.arange(60_000)).all()
    assert (parts[10] == parts[0]).all()
    assert (parts[0] == dataset.stratified_split(labels, 0.1, 5)[1]).all()
    assert all((np.bincount(labels[part]) == 600).all() for part in parts)


def test_a_last_part_that_would_be_short_begins_again() -> None:
    labels = np.repeat(np.arange(10), 60)
    parts = [dataset.stratified_split(labels, 0.4, 5, part)[1] for part in range(3)]
    assert [len(part) for part in parts] == [240, 240, 240]
    assert len(np.unique(np.concatenate(parts))) == 600


@pytest.mark.parametrize(("share", "parts"), [(0.0, 0), (0.1, 10), (0.15, 7), (0.5, 2), (0.07, 15)])
def test_a_rotation_has_as_many_parts_as_it_takes(share: float, parts: int) -> None:
    assert dataset.fold_count(share) == parts


@pytest.mark.parametrize("part", [-1, True, 1.0])
def test_a_fold_that_is_no_number_is_refused(part: object) -> None:
    with pytest.raises(FmnistError, match="validation part"):
        dataset.stratified_split(np.zeros(10, np.uint8), 0.1, 0, part)  # type: ignore[arg-type]
