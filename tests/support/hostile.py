"""Hostile run folders, as somebody makes them who wants to harm those that look at them.

A folder is a good run's in which one thing was exchanged. Folders are made by the thousand, so what
is good in them is the same file under many names.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core.runs import new_run_id

SECRET = "the secret that lies outside"
TEXTS = ("run.json", "user.json", "metrics.jsonl", "control.json", "pending.json")
ARRAYS = ("predictions.npz", "epochs/0002.npz", "weights.npz", "weights/0002.npz")
# Their sha256 stands in the description.
WITH_DIGEST = ("predictions.npz", "weights.npz")
OTHERS = ("heartbeat", "model.keras", "checkpoint.npz", "logits.npz")
WRONG: list[Any] = [
    None,
    True,
    -1,
    1e300,
    10**30,
    10**400,
    0.5,
    "",
    "x" * 3_000,
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+14:00",
    [],
    {},
    [[]],
    {"a": {"b": {"c": 1}}},
    "\ud800",
]


class Hostile:
    """Makes hostile run folders beside a good one.

    Args:
        good: the folder of a finished run, with every file that a run can have.
        outside: a folder that no page has any business in.
        chance: decides what is exchanged.
    """

    def __init__(self, good: Path, outside: Path, chance: random.Random) -> None:
        self.good = good
        self.outside = outside
        self.chance = chance
        self._kinds: dict[str, Callable[[Path, str], object]] = {
            "pipe": lambda path, name: os.mkfifo(path),
            "socket": lambda path, name: os.mknod(path, stat.S_IFSOCK | 0o600),
            "folder": lambda path, name: path.mkdir(),
            "link to a device": lambda path, name: path.symlink_to("/dev/zero"),
            "link to nothing": lambda path, name: path.symlink_to("/nowhere/at/all"),
            "link to a secret": self._link_to_a_secret,
            "20 GB of nothing": lambda path, name: sparse(path),
            "huge": _huge,
            "empty": lambda path, name: path.write_bytes(b""),
            "noise": lambda path, name: path.write_bytes(chance.randbytes(3_000)),
            "cut": self._cut,
        }
        every = [*TEXTS, *ARRAYS, *OTHERS]
        odd = [(name, kind) for kind in self._kinds for name in every]
        wrong = [(name, "wrong") for name in TEXTS + ARRAYS for _ in range(12)]
        whole = [
            (".", kind)
            for kind in ("pipe", "link", "file", "empty", "epochs linked", "weights linked")
        ]
        self.ways = odd + wrong + whole
        chance.shuffle(self.ways)

    def make(self, root: Path, name: str, kind: str) -> str:
        """A folder in which that file is of that kind; returns the run's id."""
        run_id = new_run_id()
        folder = root / run_id
        if name == ".":
            self._make_odd_folder(folder, kind)
            return run_id
        self._copy(folder)
        path = folder / name
        if kind == "wrong":
            self._make_wrong(folder, name)
        else:
            path.unlink()
            self._kinds[kind](path, name)
        return run_id

    def _copy(self, folder: Path) -> None:
        for name in ("epochs", "weights"):
            (folder / name).mkdir(parents=True)
        for file in self.good.rglob("*"):
            if file.is_file():
                os.link(file, folder / file.relative_to(self.good))
        self._own(folder, json.loads((self.good / "run.json").read_bytes()))

    def _own(self, folder: Path, record: dict[str, Any]) -> None:
        (folder / "run.json").unlink(missing_ok=True)
        (folder / "run.json").write_text(json.dumps({**record, "id": folder.name}))

    def _make_odd_folder(self, folder: Path, kind: str) -> None:
        if kind == "pipe":
            os.mkfifo(folder)
        elif kind == "file":
            folder.write_text("a file where a folder belongs")
        elif kind == "empty":
            folder.mkdir()
        elif kind == "link":
            self._copy(self.outside / folder.name)
            folder.symlink_to(self.outside / folder.name)
        else:
            self._copy(folder)
            name = kind.removesuffix(" linked")
            shutil.move(folder / name, self.outside / f"{name}-{folder.name}")
            (folder / name).symlink_to(self.outside / f"{name}-{folder.name}")

    def _link_to_a_secret(self, path: Path, name: str) -> None:
        """The secret stands where a page would show it, were the link followed."""
        secret = self.outside / new_run_id()
        texts: dict[str, Any] = {
            "user.json": {"name": SECRET, "tags": [SECRET[:20]], "notes": SECRET},
            "metrics.jsonl": {"event": "phase", "text": SECRET},
        }
        if name == "run.json":
            record = json.loads((self.good / name).read_bytes())
            texts[name] = {**record, "id": path.parent.name, "state": "failed", "reason": SECRET}
        if name in texts:
            secret.write_text(json.dumps(texts[name]) + "\n")
        elif name in ARRAYS:
            shutil.copy(self.good / name, secret)
        else:
            secret.write_text(SECRET)
        path.symlink_to(secret)

    def _cut(self, path: Path, name: str) -> None:
        content = (self.good / name).read_bytes()
        path.write_bytes(content[: self.chance.randrange(max(1, len(content)))])

    def _make_wrong(self, folder: Path, name: str) -> None:
        """Right in its form, but not what a training writes."""
        path = folder / name
        content = path.read_bytes()
        path.unlink()
        if name == "metrics.jsonl":
            path.write_bytes(wrong_lines(self.chance, content))
        elif name.endswith(".npz"):
            path.write_bytes(wrong_arrays(self.chance, content))
            if name in WITH_DIGEST:
                # Its digest is right, so that only what it holds is wrong.
                record = json.loads((folder / "run.json").read_bytes())
                record["artifacts"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
                self._own(folder, record)
        else:
            path.write_text(json.dumps(wrong_values(self.chance, json.loads(content))))


def sparse(path: Path) -> None:
    """A sparse file of 20 GB that takes no space on the disk."""
    with path.open("wb") as file:
        file.truncate(20 * 2**30)


def _huge(path: Path, name: str) -> None:
    path.write_bytes(b'{"a": "' + b"x" * 3_000_000 + b'"}')


def wrong_values(chance: random.Random, values: Any) -> Any:
    """A JSON value in which one value, however deep, is exchanged or left out."""
    if isinstance(values, dict) and values and chance.random() < 0.9:
        key = chance.choice(sorted(values))
        changed = dict(values)
        if chance.random() < 0.1:
            del changed[key]
        elif isinstance(values[key], dict) and values[key] and chance.random() < 0.7:
            changed[key] = wrong_values(chance, values[key])
        else:
            changed[key] = chance.choice(WRONG)
        return changed
    return chance.choice(WRONG)


def wrong_lines(chance: random.Random, content: bytes) -> bytes:
    """The lines of ``metrics.jsonl`` with one exchanged, doubled, moved or left out."""
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    way = chance.randrange(4)
    if way == 0:
        lines[at] = json.dumps(wrong_values(chance, json.loads(lines[at]))).encode() + b"\n"
    elif way == 1:
        lines.append(lines[at])
    elif way == 2:
        lines.insert(0, lines.pop(at))
    else:
        del lines[at]
    return b"".join(lines)


def wrong_arrays(chance: random.Random, content: bytes) -> bytes:
    """The arrays of an ``.npz``, one left out, cut, or of a wrong dtype, range or length."""
    with np.load(io.BytesIO(content)) as file:
        arrays = {name: file[name] for name in file.files}
    name = chance.choice(sorted(arrays))
    values = arrays[name]
    ways: list[Any] = [
        None,
        values[: len(values) // 2],
        values[..., :3],
        values.astype(np.float64),
        values.astype(np.int64) + 7,
        np.full(values.shape, np.nan),
        np.full(values.shape, np.nan, values.dtype) if values.dtype.kind == "f" else values + 250,
        values.T.copy(),
        np.zeros(0),
        np.array("text"),
    ]
    way = chance.randrange(len(ways) + 2)
    if way < len(ways):
        arrays[name] = ways[way]
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, **{key: value for key, value in arrays.items() if value is not None}
    )
    return buffer.getvalue() if way < len(ways) else _false_header(buffer.getvalue(), name, way)


def _false_header(content: bytes, wanted: str, way: int) -> bytes:
    """An array that is shorter than its header says, by a little or by a great deal."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry.removesuffix(".npy") == wanted:
                data = data[:-100] if way % 2 else data.replace(b"(10000", b"(10**9", 1)
            new.writestr(entry, data)
    return out.getvalue()
