"""Settings: every environment variable that is read, with its rule, default and description.

Nothing but the standard library is imported here, because scripts read settings before anything is
installed. A setting is read when it is needed, never at import. Python's and other libraries' own
variables (``HOME``, ``TMPDIR``, ``XDG_DATA_HOME``, Dask's, TensorFlow's) are left to them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from fmnist_core.errors import FmnistError

Value = TypeVar("Value")
Kind = Literal["dashboard", "tests", "system"]
PREFIX = "FMNIST_"
PROJECT = Path(__file__).resolve().parent.parent
# The scheme decides whether Dask asks for our certificate.
SCHEDULER_ADDRESS = re.compile(r"(tls|tcp)://[^\s/]+")
SCHEDULER_RULE = (
    "has to be tls://host:port, tcp://host:port or the path of a scheduler file that is there"
)
SCHEDULER_ADVICE = "Correct it, or unset it to train on this machine."
_SHORTEST_KEY = 16
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_SITE = re.compile(r"https?://[a-z0-9.\-\[\]:*]+", re.IGNORECASE)
# How much a name may differ from one of ours and still be taken for a slip.
_SIMILARITY = 0.9


class WrongSetting(FmnistError):
    """A setting makes no sense; the message says which, and what it should be."""


@dataclass(frozen=True)
class Setting(Generic[Value]):
    """An environment variable.

    Attributes:
        name: of the variable.
        parse: makes the value of a text without blanks around it. Raises ``ValueError`` with the
            rule and what was received, as they follow the name in a sentence.
        description: what it does, as a cell of the README's table.
        default: the text that counts where the variable is missing or blank.
        kind: whom it is for; what is the system's is neither checked nor told at the start.
        is_secret: only whether it is set may be told.
    """

    name: str
    parse: Callable[[str], Value]
    description: str
    default: str = ""
    kind: Kind = "dashboard"
    is_secret: bool = False

    @property
    def text(self) -> str:
        """What the variable says, or the default."""
        return os.environ.get(self.name, "").strip() or self.default

    def get(self) -> Value:
        """The value.

        Raises:
            WrongSetting: the variable makes no sense.
        """
        try:
            return self.parse(self.text)
        except ValueError as error:
            raise WrongSetting(f"{self.name} {error}") from None

    @property
    def differs(self) -> bool:
        """Whether the value is another than the default's."""
        return self.text != self.default and self.get() != self.parse(self.default)

    def __str__(self) -> str:
        """The setting in a line for the console."""
        text = self.text if self.text.isprintable() else ascii(self.text)
        return f"{self.name} is set" if self.is_secret else f"{self.name}={text}"


def _path(text: str) -> Path:
    # Unlike Path.expanduser this leaves the sign where there is no home.
    return Path(os.path.expanduser(text))  # noqa: PTH111


def _path_if_any(text: str) -> Path | None:
    return _path(text) if text else None


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in text.split(os.pathsep) if part)


def _folder_if_any(text: str) -> Path | None:
    folder = _path_if_any(text)
    if folder is None:
        return None
    if not folder.is_dir():
        raise ValueError(
            f"names {text}, which is no folder. Name the folder that holds the wheels, or leave it "
            "out: then they are downloaded."
        )
    return folder.absolute()


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"is 0 or 1, not {text!r}.")
    return text == "1"


def _hosts(text: str) -> frozenset[str]:
    names = frozenset(name.lower().rstrip(".") for name in _entries(text))
    invalid = next((name for name in sorted(names) if not _HOST.fullmatch(name)), None)
    if invalid is not None:
        raise ValueError(
            "takes names of hosts with commas between them, such as clothes.example.org, and "
            f"{invalid!r} is none: leave out https://, ports and paths."
        )
    return names


def _sites(text: str) -> tuple[str, ...]:
    sites = tuple(_entries(text))
    invalid = next((site for site in sites if not _SITE.fullmatch(site)), None)
    if invalid is not None:
        raise ValueError(
            "takes sites with commas between them, such as https://slides.example.org, and "
            f"{invalid!r} is none."
        )
    return sites


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _key(text: str) -> str:
    if text and len(text) < _SHORTEST_KEY:
        raise ValueError(
            f"has {len(text)} characters, and {_SHORTEST_KEY} is the least that cannot be guessed. "
            "Leave it out, and each start makes one."
        )
    return text


def _scheduler(text: str) -> str:
    # The file may appear later than the dashboard.
    if "://" in text and not SCHEDULER_ADDRESS.fullmatch(text):
        raise ValueError(f"{SCHEDULER_RULE}, not {text!r}. {SCHEDULER_ADVICE}")
    return text


RUNS_DIR = Setting("FMNIST_RUNS_DIR", _path, "the folder for the runs", str(PROJECT / "runs"))
DATA_DIR = Setting(
    "FMNIST_DATA_DIR",
    _path_if_any,
    "a folder with the four files of Fashion-MNIST, packed (`.gz`) or not",
)
WHEELS = Setting(
    "FMNIST_WHEELS",
    _folder_if_any,
    "a folder of wheels that `make run` and `make test` install from, instead of a package index; "
    "their hashes must be those of the lists",
)
SCHEDULER = Setting(
    "FMNIST_SCHEDULER",
    _scheduler,
    "`tls://…` or a scheduler file of a Dask cluster that trains instead of this machine; its "
    "workers must see the same runs folder and have this project importable, and those that train "
    "are started with `--resources train=1`. `tcp://…` is taken, too, without any protection: "
    "whoever reaches that scheduler can run code on it",
)
DASK_CERTIFICATE = Setting(
    "FMNIST_DASK_CERTIFICATE",
    _path_if_any,
    "the file with key and certificate without which nobody connects to the engine; without it "
    "`engine.pem` in your user data folder, made when it is first needed. Name one file for all "
    "machines of a cluster, readable by you alone",
)
WORKERS_SHARED_FOLDER = Setting(
    "FMNIST_SHARED_FOLDER",
    _path_if_any,
    "where a worker of a cluster finds what others have measured ([docs/cluster.md]"
    "(docs/cluster.md)); the engine tells its own workers",
)
HOSTS = Setting(
    "FMNIST_HOSTS",
    _hosts,
    "names by which the dashboard is reached, with commas between them. IP addresses and this "
    "computer's own name are known; a request to any other name is refused, so that no page on the "
    "internet can reach the dashboard through your browser",
)
FRAMES = Setting(
    "FMNIST_FRAMES",
    _sites,
    "sites that may show the dashboard in a frame, such as slides: `https://slides.example.org`; "
    "without it none may",
)
PRESENTER_KEY = Setting(
    "FMNIST_PRESENTER_KEY",
    _key,
    "the key in the presenter's link, at least 16 characters, where each start shall not make a "
    "new one",
    is_secret=True,
)
OPEN = Setting(
    "FMNIST_OPEN", _switch, "`1` lets everybody who reaches the dashboard do everything", "0"
)
AHEAD = Setting(
    "FMNIST_AHEAD",
    _switch,
    "`0` keeps an idle engine from working ahead: on the maps of the pictures, on how each preset "
    "trains fastest here, on its first step",
    "1",
)
SERVER_ADDRESS = Setting(
    "STREAMLIT_SERVER_ADDRESS",
    str,
    "the address that the dashboard listens at; `make stage` takes `0.0.0.0`, which is all",
    "127.0.0.1",
)
BASE_PATH = Setting(
    "STREAMLIT_SERVER_BASE_URL_PATH", str, "the path under which a proxy shows the dashboard"
)
KERAS_HOME = Setting(
    "KERAS_HOME", _path, "Keras's folder, where its copy of the pictures may be", "~/.keras"
)
DATA_DIRS = Setting(
    "XDG_DATA_DIRS",
    _paths,
    "the system's folders of data, where Debian's package of the pictures may be",
    "/usr/local/share:/usr/share",
    "system",
)
RUNTIME_DIR = Setting(
    "XDG_RUNTIME_DIR",
    _path_if_any,
    "a folder of the system for you alone, where secrets lie that find no home folder",
    kind="system",
)
CHROMIUM = Setting(
    "FMNIST_CHROMIUM", str, "the browser of the tests, where none is found", kind="tests"
)
STRACE = Setting(
    "FMNIST_STRACE",
    str,
    "the program that makes system calls fail in tests, where none is found",
    kind="tests",
)
THOROUGH = Setting(
    "FMNIST_THOROUGH",
    _switch,
    "`1` lets tests try as much as `make faults` does, instead of a sample",
    "0",
    "tests",
)
SETTINGS: tuple[Setting[Any], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Setting)
)


def check() -> None:
    """Read every setting of the dashboard, so that a wrong one is told at the start.

    Raises:
        WrongSetting: some make no sense; the message has a line for each.
    """
    problems = []
    for setting in _of_the_dashboard():
        try:
            setting.get()
        except WrongSetting as error:
            problems.append(str(error))
    if problems:
        raise WrongSetting("\n".join(problems))


def start_report() -> list[str]:
    """What to tell at a start, in lines: unknown names, and each setting that is no default.

    Raises:
        WrongSetting: as for ``check``.
    """
    different = [f"  {setting}" for setting in _of_the_dashboard() if setting.differs]
    title = ["Settings other than the defaults:"] if different else []
    return [*_misspelt(), *title, *different]


def _of_the_dashboard() -> Iterator[Setting[Any]]:
    return (setting for setting in SETTINGS if setting.kind == "dashboard")


def _misspelt() -> Iterator[str]:
    """A line for each variable that seems to be meant for us and is none of ours."""
    known = [setting.name for setting in SETTINGS]
    ours = [name for name in known if name.startswith(PREFIX)]
    for name in sorted(set(os.environ) - set(known)):
        is_prefixed = name.upper().startswith(PREFIX)
        near = get_close_matches(name.upper(), ours, 1, 0 if is_prefixed else _SIMILARITY)
        if near:
            yield f"{name} is no setting, so it does nothing. Is {near[0]} meant?"


def table() -> str:
    """All settings as a table in Markdown, for the README."""
    rows = ["| environment variable | by default | what it does |", "|---|---|---|"]
    for setting in SETTINGS:
        default = setting.default.removeprefix(f"{PROJECT}{os.sep}")
        shown_default = f"`{default}`" if default else ""
        rows.append(f"| `{setting.name}` | {shown_default} | {setting.description} |")
    return "\n".join(rows)
