"""Unzipping a run from a file that anybody may have made, by hand or on purpose."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from pathlib import Path

from fmnist_core.errors import FmnistError
from fmnist_core.plain_files import LARGEST_TEXT, MEBIBYTE
from fmnist_core.runs import model
from fmnist_core.runs.arrays import LARGEST_FILE, LARGEST_FIRST_LAYER
from fmnist_core.runs.events import LARGEST_METRICS
from fmnist_core.runs.problems import quoted
from fmnist_core.runs.weights import LARGEST_WEIGHTS
from fmnist_core.specs import MAX_EPOCHS

MAX_ZIP_BYTES = 64 * MEBIBYTE
IMPORT_HINT = (
    "Import what “Whole run” under “Download” made, or the folder of one run, as a zip file."
)
_MAX_TOTAL = 256 * MEBIBYTE
# Of a run, with what systems put beside each file, and some to spare.
_MOST_FILES = 5_000
# The files of a run that are imported, those of its epochs apart, and how large each may be.
FILE_LIMITS = {
    model.RUN_FILE: LARGEST_TEXT,
    model.USER_FILE: LARGEST_TEXT,
    model.METRICS_FILE: LARGEST_METRICS,
    model.PREDICTIONS_FILE: LARGEST_FILE,
}
_EPOCHS = range(1, MAX_EPOCHS + 1)
_EPOCH_FILES = [model.epoch_file(Path(), epoch).as_posix() for epoch in _EPOCHS]
_SNAPSHOT_FILES = [model.snapshot_file(Path(), epoch).as_posix() for epoch in _EPOCHS]
_FIRST_LAYER_FILES = [
    model.first_layer_file(Path(), index).as_posix() for index in range(model.MOST_FIRST_LAYERS)
]
_IMPORTED_FILES = {
    **FILE_LIMITS,
    **dict.fromkeys(_EPOCH_FILES, LARGEST_FILE),
    **dict.fromkeys(_FIRST_LAYER_FILES, LARGEST_FIRST_LAYER),
    **dict.fromkeys((model.WEIGHTS_FILE, *_SNAPSHOT_FILES), LARGEST_WEIGHTS),
}
# A run's own files that are not taken in: Keras's format can hold code, the others are about a
# training that is over.
_IGNORED_FILES = frozenset(model.KINDS_IN_A_RUN) - frozenset(_IMPORTED_FILES)
# What a Mac or Windows adds to a folder.
_SYSTEM_FILES = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"})
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1


class ImportRefused(FmnistError):
    """A file is no run that can be taken in; the message says what is wrong with it."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"This file was not imported. {problem}")


def unzip(content: bytes) -> dict[str, bytes]:
    """The files of the one run in a zip, by their names in the run's folder.

    The run lies at the top or in a folder, as when that folder was zipped by hand. What a run
    holds but an import does not take, and what systems leave in folders, is left out.

    Raises:
        ImportRefused: it is no zip file, holds no run or several, or something that no run holds.
    """
    if len(content) > MAX_ZIP_BYTES:
        raise ImportRefused(
            f"It is larger than {MAX_ZIP_BYTES // MEBIBYTE} MB. Leave {model.MODEL_FILE} and "
            f"{model.CHECKPOINT_FILE} out of it: they are not imported."
        )
    # Before zipfile makes an object of each.
    if (count := content.count(_ENTRY)) > _MOST_FILES:
        raise ImportRefused(f"It holds {count:,} files, more than a run has.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read_files(archive)
    except FmnistError:
        raise
    except NotImplementedError as error:
        raise ImportRefused("It was compressed in a way that cannot be read here.") from error
    except Exception as error:
        # Each decompressor raises errors of its own, which have no common base.
        raise ImportRefused("It is no zip file, or is damaged.") from error


def _read_files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    remaining = _MAX_TOTAL
    for name, entry in _run_entries(_entries(archive)).items():
        limit = min(remaining, _IMPORTED_FILES[name])
        with archive.open(entry) as file:
            # The size that the zip names may be a lie: what counts is what comes out.
            data = file.read(limit + 1)
        if len(data) > limit:
            raise ImportRefused(f"Its {name} is larger than any that a run has.")
        files[name] = data
        remaining -= len(data)
    return files


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of the zip by their names with forward slashes, those of systems left out."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        # Some programs of Windows write its own slashes.
        name = entry.filename.replace("\\", "/")
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if name.startswith("/") or ".." in parts or re.match("[A-Za-z]:", name):
            raise ImportRefused(f"It holds {quoted(name)}, a name that leads out of its folder.")
        if name.endswith("/") or any(_is_system_file(part) for part in parts):
            continue
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise ImportRefused(f"In it {quoted(name)} is a link or another thing that is no file.")
        if entry.flag_bits & _ENCRYPTED:
            raise ImportRefused("It is locked with a password. Make it without one.")
        name = "/".join(parts)
        if name in entries:
            raise ImportRefused(f"It holds two files called {quoted(name)}.")
        entries[name] = entry
    return entries


def _is_system_file(part: str) -> bool:
    # Temporary files of a killed training have a dot before their name, too.
    return part.startswith(".") or part.lower() in _SYSTEM_FILES


def _run_entries(entries: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The files to import, by their names in the run's folder, wherever in the zip that is."""
    runs = [name for name in entries if name.rpartition("/")[2] == model.RUN_FILE]
    if not runs:
        raise ImportRefused(f"It is no run: there is no {model.RUN_FILE} in it. {IMPORT_HINT}")
    if len(runs) > 1:
        raise ImportRefused(f"It holds {len(runs)} runs. Import one after the other.")
    folder = runs[0].removesuffix(model.RUN_FILE)
    imported: dict[str, zipfile.ZipInfo] = {}
    for name, entry in entries.items():
        run_name = name.removeprefix(folder) if name.startswith(folder) else ""
        if run_name in _IMPORTED_FILES:
            imported[run_name] = entry
        elif run_name not in _IGNORED_FILES:
            raise ImportRefused(
                f"It holds {quoted(name)}, which is no file of a run. {IMPORT_HINT}"
            )
    return imported
