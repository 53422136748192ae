"""An installation says how far it is, goes on where it was, and mends what is damaged."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from setups import (
    SCRIPTS,
    assert_one_clear_line,
    copy_environments,
    make_environment,
    small_project,
)

sys.path.append(str(SCRIPTS))

import install
import progress
from failures import explain
from packages import damaged_packages, installed_packages
from wheels import kept_wheels

pytestmark = pytest.mark.slow


def wheel(name: str) -> bytes:
    """A package of one module, as pip takes it."""
    module, folder = f"NAME = {name!r}\n", f"{name}-1.dist-info"
    files = {
        f"{name}.py": module,
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in files.items()]
    files[f"{folder}/RECORD"] = "\n".join([*lines, f"{folder}/RECORD,,"]) + "\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return packed.getvalue()


def file_of(name: str) -> str:
    return f"{name}-1-py3-none-any.whl"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


class Index:
    """A package index on this computer that may keep somebody waiting in the middle of a file.

    Attributes:
        wheels: the content of each file.
        requested: the wheels that were asked for, in order.
        stalls: the wheel of which half is sent until ``go_on``.
        half_sent: set when that half is on its way.
    """

    def __init__(self, *names: str) -> None:
        self.wheels = {file_of(name): wheel(name) for name in names}
        self.requested: list[str] = []
        self.stalls = ""
        self.half_sent, self.go_on = threading.Event(), threading.Event()
        index = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.answer(self)

            def log_message(self, *words: object) -> None:
                """Nothing is to be said."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.host = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.rstrip("/").rpartition("/")[2]
        found = self.wheels.get(name)
        if found is not None:
            self.requested.append(name)
            content, kind = found, "application/octet-stream"
        else:
            files = [file for file in self.wheels if file.startswith(f"{name}-")]
            links = "".join(f'<a href="/{file}">{file}</a>' for file in files)
            content, kind = f"<html><body>{links}</body></html>".encode(), "text/html"
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        half = len(content) // 2 if name == self.stalls else 0
        with contextlib.suppress(ConnectionError):
            request.wfile.write(content[:half])
            if half:
                self.half_sent.set()
                self.go_on.wait()
            request.wfile.write(content[half:])

    def pinned(self, *names: str) -> str:
        """A list of these packages with the hashes of their wheels."""
        return "".join(
            f"{name}==1 \\\n    --hash=sha256:"
            f"{hashlib.sha256(self.wheels[file_of(name)]).hexdigest()}\n"
            for name in names
        )

    def settings(self, **more: str) -> dict[str, str]:
        """What makes pip ask here, and nowhere else."""
        url = f"http://{self.host}/simple"
        return {"PIP_INDEX_URL": url, "PIP_TRUSTED_HOST": self.host, "PIP_NO_INDEX": "", **more}

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    index = Index("first", "second", "third")
    yield index
    index.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, environment: Path, index: Index) -> Path:
    """A small project with an environment that holds two packages."""
    folder = small_project(tmp_path_factory.mktemp("project"))
    copy_environments(folder, environment)
    (folder / "requirements.txt").write_text(index.pinned("first", "second"))
    done = make_environment(folder, **index.settings())
    assert done.returncode == 0, done.stderr
    return folder


def packages_of(project: Path) -> Path:
    return next(project.glob(".venv/lib/python3*/site-packages"))


# What is damaged is mended.


def lose_a_file(packages: Path) -> None:
    (packages / "first.py").unlink()


def cut_a_file(packages: Path) -> None:
    (packages / "first.py").write_text("NAME")


def lose_a_package(packages: Path) -> None:
    (packages / "first.py").unlink()
    shutil.rmtree(packages / "first-1.dist-info")


def lose_its_list(packages: Path) -> None:
    (packages / "first-1.dist-info" / "RECORD").unlink()


@pytest.mark.parametrize("damage", [lose_a_file, cut_a_file, lose_a_package, lose_its_list])
def test_a_damaged_package_is_installed_anew(
    project: Path, index: Index, damage: Callable[[Path], None]
) -> None:
    packages = packages_of(project)
    damage(packages)
    done = make_environment(project, **index.settings())
    assert (done.returncode, done.stderr) == (0, "")
    assert "installing anew: first.\n" in done.stdout
    assert "second" not in done.stdout
    assert (packages / "first.py").read_text() == "NAME = 'first'\n"
    assert damaged_packages(packages, ["first-1.dist-info", "second-1.dist-info"]) == []
    assert make_environment(project, **index.settings()).stdout == ""


def test_damage_that_cannot_be_mended_ends_in_one_line(project: Path, index: Index) -> None:
    lose_a_file(packages_of(project))
    away = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_CACHE_DIR": "1"}
    done = make_environment(project, **away)
    assert_one_clear_line(done, "Files of first are missing.*internet connection.*make clean")
    assert make_environment(project, **index.settings()).returncode == 0


def test_a_package_of_another_version_is_not_damaged(tmp_path: Path) -> None:
    """Whoever installs a newer one by hand has a whole one."""
    folder = tmp_path / "first-2.dist-info"
    folder.mkdir()
    (folder / "RECORD").write_text("first-2.dist-info/RECORD,,\n")
    assert damaged_packages(tmp_path, ["first-1.dist-info"]) == []
    assert installed_packages(tmp_path) == ["first-2.dist-info"]


def test_nothing_is_installed_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write everywhere but on a disk that is read-only; it is played here."""
    (tmp_path / "requirements.txt").write_text("first==1\n")
    for name, path in (("ROOT", tmp_path), ("VENV", tmp_path / ".venv")):
        monkeypatch.setattr(install, name, path)
    monkeypatch.setattr(install, "STAMP", tmp_path / ".venv" / "installed.json")
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)
    with pytest.raises(SystemExit, match=r"cannot be written.*Copy the project") as ended:
        install.install_or_exit("run")
    assert "\n" not in str(ended.value)


# What has arrived is kept, and what is there serves on.


def test_without_a_network_more_cannot_be_had_and_what_is_there_stays(
    project: Path, index: Index
) -> None:
    """`make test` on a train does not take away the dashboard."""
    (project / "requirements-dev.txt").write_text(index.pinned("third"))
    away = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_CACHE_DIR": "1"}
    done = make_environment(project, "test", **away)
    assert_one_clear_line(done, "internet connection")
    done = make_environment(project, "run", **away)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_interrupted_download_goes_on_with_what_has_not_arrived(
    tmp_path: Path, environment: Path
) -> None:
    """Also where pip has no cache, or the index lets it keep nothing."""
    index, late = Index("early", "late"), file_of("late")
    index.stalls = late
    folder = small_project(tmp_path / "project")
    copy_environments(folder, environment)
    (folder / "requirements.txt").write_text(index.pinned("early", "late"))
    settings = index.settings(PIP_NO_CACHE_DIR="1")
    script: list[str | Path] = [sys.executable, folder / "scripts" / "install.py", "run"]
    first = subprocess.Popen(
        script, cwd=folder, env={**os.environ, **settings}, stderr=subprocess.PIPE
    )
    assert index.half_sent.wait(60)
    first.terminate()
    told = first.communicate(timeout=60)[1].decode()
    assert told == "Stopped. The next run goes on where this one was.\n"
    index.stalls = ""
    index.go_on.set()
    done = make_environment(folder, **settings)
    index.close()
    assert done.returncode == 0, done.stderr
    assert index.requested == [file_of("early"), late, late]
    assert damaged_packages(packages_of(folder), ["early-1.dist-info", "late-1.dist-info"]) == []
    assert not (folder / ".downloads").exists()


# Nothing is installed but the published files.


def assert_refused_and_unchanged(project: Path, words: str, **settings: str) -> None:
    """The tests' list is not installed, for this reason, and what was there serves on."""
    assert_one_clear_line(make_environment(project, "test", **settings), words)
    assert not (packages_of(project) / "third.py").exists()
    assert make_environment(project, "run", **settings).stdout == ""


@pytest.fixture
def third_wanted(project: Path, index: Index) -> Iterator[Path]:
    """The project, whose tests want a package that is not there yet."""
    (project / "requirements-dev.txt").write_text(index.pinned("third"))
    yield project
    (project / "requirements-dev.txt").write_text("")


def test_a_file_that_was_changed_on_its_way_is_refused(third_wanted: Path, index: Index) -> None:
    published = index.wheels[file_of("third")]
    index.wheels[file_of("third")] = wheel("third") + b"and more"
    words = "the package index sends as third==1 is another file.*not installed"
    assert_refused_and_unchanged(third_wanted, words, **index.settings(PIP_NO_CACHE_DIR="1"))
    index.wheels[file_of("third")] = published


def test_a_list_without_hashes_is_refused(project: Path, index: Index) -> None:
    (project / "requirements.txt").write_text("third==1\n")
    done = make_environment(project, **index.settings())
    assert_one_clear_line(done, "lacks a package, a version or a hash.*make lock")
    assert not (packages_of(project) / "third.py").exists()
    (project / "requirements.txt").write_text(index.pinned("first", "second"))
    assert make_environment(project, **index.settings()).stdout == ""


def test_what_arrived_and_was_changed_since_is_fetched_again(tmp_path: Path, index: Index) -> None:
    lists, kept = tmp_path / "requirements.txt", tmp_path / "a folder"
    lists.write_text(index.pinned("first", "second"))
    kept.mkdir()
    for name in ("first", "second"):
        (kept / file_of(name)).write_bytes(index.wheels[file_of(name)])
    (kept / file_of("first")).write_bytes(b"half of it")
    digest = hashlib.sha256(index.wheels[file_of("second")]).hexdigest()
    whole = (kept / file_of("second")).as_uri()
    assert kept_wheels(kept, [lists]) == [f"{whole}#sha256={digest}"]
    assert [path.name for path in kept.iterdir()] == [file_of("second")]


# From a folder of wheels, without a network.

AWAY = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_CACHE_DIR": "1"}


def folder_with(folder: Path, **files: bytes) -> dict[str, str]:
    """Settings that name a folder with these wheels, and an index that nobody reaches."""
    for name, content in files.items():
        (folder / file_of(name)).write_bytes(content)
    return {**AWAY, "FMNIST_WHEELS": str(folder)}


def test_a_folder_that_lacks_a_wheel_says_which(third_wanted: Path, tmp_path: Path) -> None:
    words = f"The folder {tmp_path}.*holds no wheel of third==1"
    assert_refused_and_unchanged(third_wanted, words, **folder_with(tmp_path))


def test_a_folder_with_another_file_says_which(third_wanted: Path, tmp_path: Path) -> None:
    settings = folder_with(tmp_path, third=wheel("third") + b"and more")
    words = f"the folder {tmp_path}.*as third==1 is another file.*Put the published wheel"
    assert_refused_and_unchanged(third_wanted, words, **settings)


def test_what_is_damaged_is_not_mended_with_another_file(
    project: Path, index: Index, tmp_path: Path
) -> None:
    lose_a_file(packages_of(project))
    settings = folder_with(tmp_path, first=wheel("first") + b"and more")
    words = "Files of first are missing.*as first==1 is another file"
    assert_one_clear_line(make_environment(project, **settings), words)
    assert not (packages_of(project) / "first.py").exists()
    assert make_environment(project, **index.settings()).returncode == 0


def test_wheels_in_no_folder_are_told_before_anything_is_done(
    third_wanted: Path, tmp_path: Path
) -> None:
    settings = {**AWAY, "FMNIST_WHEELS": str(tmp_path / "nowhere")}
    assert_refused_and_unchanged(third_wanted, "nowhere, which is no folder", **settings)


def test_a_folder_of_wheels_replaces_the_index(
    third_wanted: Path, index: Index, tmp_path: Path
) -> None:
    lose_a_file(packages_of(third_wanted))
    files = {name: index.wheels[file_of(name)] for name in ("first", "third")}
    done = make_environment(third_wanted, "test", **folder_with(tmp_path, **files))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Installing the pinned packages (from {tmp_path}, some minutes)" in done.stdout
    expected = [f"{name}-1.dist-info" for name in ("first", "second", "third")]
    assert damaged_packages(packages_of(third_wanted), expected) == []


# How far it is.


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def status_after(*lines: str, expected: int = 0, folder: Path = Path("nowhere")) -> str:
    """What is told after pip has said these lines."""
    progress_of_pip = progress.Progress(expected, folder, folder)
    for line in lines:
        progress_of_pip.read_line(line)
    return progress_of_pip.status().rpartition(", ")[0]


def test_a_download_says_how_much_of_how_much(tmp_path: Path) -> None:
    (tmp_path / "pip-unpack-x").mkdir()
    with (tmp_path / "pip-unpack-x" / "keras-3-py3-none-any.whl").open("wb") as part:
        part.truncate(5_000_000)
    lines = (
        "Collecting numpy==2\n",
        "  Downloading numpy-2-cp311-cp311-linux.whl.metadata (60 kB)\n",
        "Downloading numpy-2-cp311-cp311-linux.whl (20.0 MB)\n",
        "Downloading keras-3-py3-none-any.whl (8.0 MB)\n",
    )
    status = status_after(*lines, expected=100 * 10**6, folder=tmp_path)
    assert status == "Downloading keras, 5.0 of 8.0 MB; in all 25 of about 100 MB"
    # More than was thought is no more than a hundred percent.
    status = status_after(*lines, expected=10, folder=tmp_path)
    assert status == "Downloading keras, 5.0 of 8.0 MB; in all 25 of about 28 MB"


def test_no_address_of_an_index_is_told() -> None:
    status = status_after(
        "  Downloading https://index.example/a/numpy-2-cp311-linux.whl (20.0 MB)\n"
    )
    assert status.startswith("Downloading numpy, 20 of 20 MB")
    output = "ERROR: HTTP error 403 while getting https://index.example/a/numpy.whl\n"
    sentence = explain(output, None)
    assert sentence.endswith("HTTP error 403 while getting the package index")


def test_what_was_downloaded_before_counts_as_here() -> None:
    status = status_after(
        "Using cached numpy-2-cp311-cp311-linux.whl (20.0 MB)\n", expected=100 * 10**6
    )
    assert status == "Downloading numpy, 20 of 20 MB; in all 20 of about 100 MB"


def test_what_has_arrived_is_kept_when_the_next_is_begun(tmp_path: Path) -> None:
    downloads, kept = tmp_path / "pip-unpack-x", tmp_path / "kept"
    downloads.mkdir()
    kept.mkdir()
    first = progress.Progress(100 * 10**6, tmp_path, tmp_path, kept)
    for name in ("a-1-py3-none-any.whl", "b-1-py3-none-any.whl"):
        (downloads / name).write_bytes(b"wheel")
        first.read_line(f"Downloading {name} (10.0 MB)\n")
        first.read_line("WARNING: Connection timed out while downloading.\n")
    assert [path.name for path in kept.iterdir()] == ["a-1-py3-none-any.whl"]
    second = progress.Progress(100 * 10**6, tmp_path / "none", tmp_path, kept)
    second.read_line("Downloading c-1-py3-none-any.whl (10.0 MB)\n")
    assert "in all 10 of about 100 MB" in second.status()


def test_before_the_first_package_nothing_is_told() -> None:
    assert status_after("Collecting numpy==2\n", "Downloading numpy-2.whl.metadata (60 kB)\n") == ""


def test_unpacking_names_the_package_that_it_is_at(tmp_path: Path) -> None:
    for name in ("typing_extensions-4", "other-1"):
        (tmp_path / f"{name}.dist-info").mkdir()
        (tmp_path / f"{name}.dist-info" / "INSTALLER").touch()
    output = "Installing collected packages: typing-extensions, numpy, keras\n"
    assert status_after(output, folder=tmp_path) == "Unpacking numpy, 2 of 3 packages"


def test_on_a_terminal_one_line_changes() -> None:
    out = Terminal()
    line = progress.StatusLine(out)
    for words in ("10 of 100 MB", "10 of 100 MB", "", "9 MB"):
        line.update(words)
    line.end()
    assert out.getvalue() == "\r10 of 100 MB\r9 MB        \n"


def test_elsewhere_a_line_comes_at_most_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    out = io.StringIO()
    line = progress.StatusLine(out)
    for second in range(25):
        clock = 100.0 + second
        line.update(f"{second} MB")
    line.end()
    assert out.getvalue() == "10 MB\n20 MB\n"
