"""Downloading Fashion-MNIST: the publishers' addresses, then Debian's package."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import requests

from fmnist_core import timeouts
from fmnist_core.dataset import idx
from fmnist_core.dataset.content import FILES, Arrays, IdxFile, SourceFailed, reason

Report = Callable[[str], None]

# (name for people, folder address), in the order in which they are tried.
ADDRESSES: tuple[tuple[str, str], ...] = (
    (
        "the download from Keras's address",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
    (
        "the download from the authors' address",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    (
        "the download from the authors' GitHub page",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
)

PACKAGE = "dataset-fashion-mnist"
PACKAGE_FOLDER = Path("usr/share/datasets/fashion-mnist")

CHUNK = 64 * 1024
TOTAL_MEGABYTES = 31
REPORT_EVERY_BYTES = 5_000_000


def from_address(address: str, report: Report) -> Arrays:
    """Download and verify the four files.

    Args:
        address: folder on a web server, ending with "/".
        report: receives one sentence for each 5 MB.

    Raises:
        SourceFailed: the address does not answer or sends something else.
    """
    with tempfile.TemporaryDirectory(prefix="fashion-mnist-") as folder_name:
        folder = Path(folder_name)
        progress = _Progress(report)
        arrays = {}
        for position, file in enumerate(FILES):
            target = folder / f"{file.name}.gz"
            if position == 0:
                # Looking up a host name has no time-out of its own.
                _within(
                    timeouts.FIRST_RESPONSE_SECONDS, partial(_get, address, file, target, progress)
                )
            else:
                _get(address, file, target, progress)
            arrays[file] = idx.read_file(target, file)
        return arrays


def from_debian(report: Report) -> Arrays:
    """Fetch Debian's package with apt-get and unpack it without installing it.

    Raises:
        SourceFailed: this is no Debian, or the package cannot be fetched or unpacked.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise SourceFailed("this computer has no apt-get")
    report("Fetching Debian's package of the pictures (31 MB).")
    with tempfile.TemporaryDirectory(prefix="fashion-mnist-") as folder_name:
        folder = Path(folder_name)
        limits = ["Acquire::Retries=0", "Acquire::http::Timeout=8", "Acquire::https::Timeout=8"]
        options = [part for limit in limits for part in ("-o", limit)]
        _command(["apt-get", "-q", *options, "download", PACKAGE], folder, "could not be fetched")
        packages = list(folder.glob("*.deb"))
        if not packages:
            raise SourceFailed("apt-get delivered nothing")
        unpack = ["dpkg-deb", "-x", str(packages[0]), str(folder / "unpacked")]
        _command(unpack, folder, "could not be unpacked")
        return idx.read_folder(folder / "unpacked" / PACKAGE_FOLDER)


class _Progress:
    def __init__(self, report: Report) -> None:
        self._report = report
        self._bytes = 0
        self._next = REPORT_EVERY_BYTES

    def add(self, count: int) -> None:
        self._bytes += count
        if self._bytes >= self._next:
            self._next += REPORT_EVERY_BYTES
            self._report(f"Downloaded {self._bytes / 1e6:.0f} of about {TOTAL_MEGABYTES} MB.")


def _get(address: str, file: IdxFile, target: Path, progress: _Progress) -> None:
    url, limits = (
        f"{address}{file.name}.gz",
        (timeouts.DOWNLOAD_CONNECT_SECONDS, timeouts.DOWNLOAD_READ_SECONDS),
    )
    # Nobody can send a compressed file that is longer than the unpacked one by more.
    bytes_left = file.size + CHUNK
    try:
        with (
            requests.get(url, stream=True, timeout=limits) as response,
            target.open("wb") as stream,
        ):
            response.raise_for_status()
            for chunk in response.iter_content(CHUNK):
                bytes_left -= len(chunk)
                if bytes_left < 0:
                    raise SourceFailed("it sends more than the published file", damaged=True)
                stream.write(chunk)
                progress.add(len(chunk))
    except requests.Timeout:
        raise SourceFailed("it did not answer in time") from None
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise SourceFailed(f"it answered with status {status}") from None
    except requests.ConnectionError:
        raise SourceFailed("it cannot be reached from this computer") from None
    except (requests.RequestException, ValueError):
        raise SourceFailed("the download broke off") from None
    except OSError as error:
        raise SourceFailed(f"the download could not be written ({reason(error)})") from None


def _within(seconds: float, action: Callable[[], None]) -> None:
    outcome: list[BaseException | None] = []

    def run() -> None:
        try:
            action()
            outcome.append(None)
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise SourceFailed("it did not answer in time")
    if outcome[0] is not None:
        raise outcome[0]


def _command(command: list[str], folder: Path, problem: str) -> None:
    try:
        completed = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeouts.PACKAGE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SourceFailed(f"it {problem} in time") from None
    except OSError:
        raise SourceFailed(f"it {problem}") from None
    if completed.returncode == 0:
        return
    if b"Unable to locate" in completed.stderr or b"No candidate" in completed.stderr:
        raise SourceFailed("this computer's package lists do not know it")
    raise SourceFailed(f"it {problem}")
