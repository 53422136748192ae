"""Finding Fashion-MNIST on this machine or fetching it; the first genuine copy wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fmnist_core.config import DATA_DIR, DATA_DIRS, KERAS_HOME
from fmnist_core.dataset import cache, idx
from fmnist_core.dataset.content import (
    CONTENT_SHA256,
    TEST_IMAGES,
    TEST_LABELS,
    TRAIN_IMAGES,
    TRAIN_LABELS,
    Arrays,
    Attempt,
    Dataset,
    DatasetUnavailable,
    SourceFailed,
    reason,
)
from fmnist_core.private import cache_folder

OWN_COPY = "this project's own copy"

Report = Callable[[str], None]
Source = tuple[str, Callable[[], Arrays]]


@dataclass(frozen=True)
class DataFolders:
    """The folders where Fashion-MNIST may be on this computer.

    Attributes:
        named: the folder in FMNIST_DATA_DIR, if any.
        own: the project's own copy; written when the data was found elsewhere.
        keras: where Keras keeps it; KERAS_HOME is honoured.
        debian: where Debian's package installs it; XDG_DATA_DIRS is honoured.
    """

    named: Path | None
    own: Path
    keras: Path
    debian: Path = Path("/usr/share/datasets/fashion-mnist")

    @classmethod
    def from_environment(cls) -> DataFolders:
        """The folders that the environment variables name, or else the usual ones."""
        return cls(
            named=DATA_DIR.get(),
            own=cache_folder(),
            keras=KERAS_HOME.get() / "datasets" / "fashion-mnist",
            debian=_shared_folder(),
        )


def _shared_folder() -> Path:
    """The first data folder of this system that holds a folder of Fashion-MNIST."""
    folders = [root / "datasets" / "fashion-mnist" for root in DATA_DIRS.get()]
    return next((folder for folder in folders if folder.is_dir()), folders[-1])


_loaded: dict[DataFolders, Dataset] = {}
_lock = threading.Lock()


def silent(_sentence: str) -> None:
    """Report nothing."""


def load(*, download: bool = True, report: Report = silent) -> Dataset:
    """Fashion-MNIST, verified and read-only; found once a process.

    Args:
        download: False looks on this computer only and never at the network.
        report: receives a plain sentence for each thing that takes time.

    Returns:
        The data set. Its arrays are memory-mapped files wherever the user's cache folder can
        be written, so that several processes share one copy.

    Raises:
        DatasetUnavailable: no source gave the published images; names each source tried.

    Example:
        >>> load().train_images.shape
        (60000, 28, 28)
    """
    folders = DataFolders.from_environment()
    with _lock:
        if folders not in _loaded:
            _loaded[folders] = find(folders, download=download, report=report)
        return _loaded[folders]


def has_own_copy() -> bool:
    """Whether this project has its own copy of all files; their content is not verified."""
    return cache.is_complete(DataFolders.from_environment().own)


def find(folders: DataFolders, *, download: bool, report: Report = silent) -> Dataset:
    """Like `load`, in given folders and without a cache."""
    attempts: list[Attempt] = []
    for source, read in _sources(folders, download, report):
        try:
            arrays = read()
        except SourceFailed as failure:
            attempts.append(Attempt(source, str(failure), failure.damaged))
            if failure.damaged:
                report(f"Skipped {source}: {failure}.")
            continue
        except OSError as error:
            # A full disk leaves no room for the temporary folder of a download.
            attempts.append(Attempt(source, f"it could not be used ({reason(error)})"))
            continue
        if source != OWN_COPY:
            arrays = _save_own_copy(folders.own, arrays, attempts)
        return Dataset(
            train_images=arrays[TRAIN_IMAGES],
            train_labels=arrays[TRAIN_LABELS],
            test_images=arrays[TEST_IMAGES],
            test_labels=arrays[TEST_LABELS],
            source=source,
            sha256=CONTENT_SHA256,
            attempts=tuple(attempts),
        )
    raise DatasetUnavailable(tuple(attempts))


def _sources(folders: DataFolders, download: bool, report: Report) -> list[Source]:
    sources: list[Source] = []
    named = folders.named
    if named is not None:
        sources.append(("the folder named in FMNIST_DATA_DIR", lambda: idx.read_folder(named)))
    sources += [
        (OWN_COPY, lambda: cache.read(folders.own)),
        ("Keras's copy", lambda: idx.read_folder(folders.keras)),
        ("the installed Debian package", lambda: idx.read_folder(folders.debian)),
    ]
    return [*sources, *_remote_sources(report)] if download else sources


def _remote_sources(report: Report) -> list[Source]:
    # Imported here: a start that finds the data on this computer needs no HTTP library.
    from fmnist_core.dataset import fetch

    def download(name: str, address: str) -> Arrays:
        report(f"Trying {name}.")
        return fetch.from_address(address, report)

    return [
        *((name, lambda n=name, a=address: download(n, a)) for name, address in fetch.ADDRESSES),
        ("Debian's package, fetched now", lambda: fetch.from_debian(report)),
    ]


def _save_own_copy(folder: Path, arrays: Arrays, attempts: list[Attempt]) -> Arrays:
    """Save the arrays as the project's own copy; returns them memory-mapped where that works."""
    try:
        return cache.read(folder)
    except SourceFailed:
        pass
    try:
        cache.write(folder, arrays)
        return cache.read(folder)
    except OSError as error:
        attempts.append(Attempt(OWN_COPY, f"it could not be saved ({reason(error)})"))
    except SourceFailed as failure:
        attempts.append(Attempt(OWN_COPY, f"it could not be saved ({failure})"))
    return arrays
