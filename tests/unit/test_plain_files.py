"""Files of the runs folder: whatever lies under a name is opened as a file, or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from fmnist_core.files import read_json, write_json, write_whole
from fmnist_core.plain_files import NotPlain, open_plain, read_plain

SECRET = b"a secret outside"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    file = tmp_path / "outside" / "secret"
    file.parent.mkdir()
    file.write_bytes(SECRET)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def pipe(path: Path, outside: Path) -> None:
    os.mkfifo(path)


def link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def device(path: Path, outside: Path) -> None:
    path.symlink_to("/dev/zero")


def a_folder(path: Path, outside: Path) -> None:
    path.mkdir()


def sparse(path: Path, outside: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 * 2**30)


def a_socket(path: Path, outside: Path) -> None:
    os.mknod(path, stat.S_IFSOCK | 0o600)


Planted = Callable[[Path, Path], None]


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (pipe, "a pipe"),
        (link, "a link"),
        (device, "a link"),
        (a_folder, "a folder"),
        (a_socket, "a socket"),
        (sparse, "larger than 1 MB"),
    ],
)
def test_what_is_no_file_is_named_and_not_read(
    folder: Path, outside: Path, plant: Planted, kind: str
) -> None:
    plant(folder / "run.json", outside)
    with pytest.raises(NotPlain, match=kind):
        read_plain(folder / "run.json")
    assert read_json(folder / "run.json") is None


@pytest.mark.parametrize("depth", [1, 2])
def test_folder_on_the_way_that_is_a_link_is_not_entered(
    tmp_path: Path, folder: Path, outside: Path, depth: int
) -> None:
    if depth == 1:
        (folder / "epochs").symlink_to(outside.parent)
        file = folder / "epochs" / "secret"
    else:
        (outside.parent / "epochs").mkdir()
        (outside.parent / "epochs" / "secret").write_bytes(SECRET)
        (tmp_path / "linked").symlink_to(outside.parent)
        file = tmp_path / "linked" / "epochs" / "secret"
    assert file.read_bytes() == SECRET
    with pytest.raises(NotPlain, match="a link"):
        read_plain(file, depth=depth)
    with pytest.raises(NotPlain, match="a link"):
        write_whole(file, lambda file: file.write(b"over"), depth=depth)
    assert file.read_bytes() == SECRET
    assert [path.name for path in file.parent.iterdir() if path.name != "epochs"] == ["secret"]


def test_file_that_grows_while_it_is_read_ends_at_the_limit(folder: Path) -> None:
    # What a file of /proc says of its size is nothing.
    with pytest.raises(NotPlain, match="larger than"):
        read_plain(Path("/proc/self/maps"), limit=10, depth=0)
    (folder / "exact").write_bytes(b"x" * 10)
    assert read_plain(folder / "exact", limit=10) == b"x" * 10


def test_writing_replaces_a_link_and_leaves_what_it_leads_to(folder: Path, outside: Path) -> None:
    link(folder / "user.json", outside)
    write_json(folder / "user.json", {"name": "mine"})
    assert read_json(folder / "user.json") == {"name": "mine"}
    assert not (folder / "user.json").is_symlink()
    assert outside.read_bytes() == SECRET


def test_adding_to_a_link_is_refused(folder: Path, outside: Path) -> None:
    link(folder / "metrics.jsonl", outside)
    with pytest.raises(NotPlain, match="a link"):
        open_plain(folder / "metrics.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    assert outside.read_bytes() == SECRET


def test_temporary_name_cannot_be_guessed(folder: Path) -> None:
    names: list[str] = []

    def note(_: object) -> None:
        names.extend(path.name for path in folder.glob(".*"))

    for _ in range(2):
        write_whole(folder / "run.json", note)
    assert len(set(names)) == 2
