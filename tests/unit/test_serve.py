"""`make run`: one Python looks at everything and serves; it begins and ends with plain sentences.

The environment is this one, lent to a small project in which Streamlit is played by a stub.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from setups import MAKE, assert_one_clear_line, call, small_project

STUBS = {
    "click/__init__.py": "class Abort(RuntimeError): pass\n",
    "streamlit/__init__.py": "",
    "streamlit/web/__init__.py": "",
    "streamlit/web/cli.py": """
import os, pathlib, signal, time
def main(arguments, standalone_mode):
    exec(os.environ.get("STUB_DOES", ""))
    print("home", pathlib.Path.home(), flush=True)
    print("serves", os.getpid(), *arguments, flush=True)
    while True:
        time.sleep(600)
""",
    "fmnist_core/dataset.py": """
class DatasetUnavailable(Exception): pass
class Found: source = "a stub"
def has_own_copy(): return True
def load(report): return Found
""",
    # Every Python that starts here notes it.
    "noted/sitecustomize.py": """
import os, sys
with open(os.environ["NOTES"], "a") as notes:
    notes.write(" ".join(sys.orig_argv) + "\\n")
""",
}


class Site(NamedTuple):
    """The small project, its port, and the file in which every Python notes that it begins."""

    folder: Path
    port: int
    notes: Path

    def environment(self, **more: str) -> dict[str, str]:
        inherited = {name: word for name, word in os.environ.items() if name[:4] != "MAKE"}
        inherited.pop("PYTHON", None)
        own = {"PORT": str(self.port), "NOTES": str(self.notes)}
        return {**inherited, **own, "PYTHONPATH": str(self.folder / "noted"), **more}

    def start(self, **more: str) -> tuple[subprocess.Popen[str], int, list[str]]:
        """Starts it; returns make, the number of the process that serves, and what was said."""
        make = subprocess.Popen(
            [MAKE, "run"],
            cwd=self.folder,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        said: list[str] = []
        assert make.stdout is not None
        for line in make.stdout:
            said.append(line.strip())
            if line.startswith("serves"):
                return make, int(line.split()[1]), said
        raise AssertionError((said, end_of(make)))


def end_of(make: subprocess.Popen[str]) -> tuple[str, str]:
    """The rest of what was said, and what was complained of."""
    assert make.stdout is not None
    assert make.stderr is not None
    with make:
        return make.stdout.read(), make.stderr.read()


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = small_project(tmp_path_factory.mktemp("site"))
    for name, text in STUBS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    lists = {"requirements.txt": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    (folder / ".venv" / "installed.json").write_text(
        json.dumps({"python": version, "lists": lists, "packages": []})
    )
    return folder


@pytest.fixture
def site(lent: Path, tmp_path: Path) -> Site:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    return Site(lent, port, tmp_path / "notes")


def test_a_start_takes_one_python(site: Site) -> None:
    make, server, said = site.start()
    os.kill(server, signal.SIGTERM)
    end_of(make)
    assert len(site.notes.read_text().splitlines()) == 1, site.notes.read_text()
    assert said[-1] == f"serves {server} run dashboard.py --server.port {site.port}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_a_sentence_and_make_has_nothing_to_add(site: Site, number: int) -> None:
    make, server, _ = site.start()
    os.kill(server, number)
    out, err = end_of(make)
    assert (make.returncode, err) == (0, "")
    assert out.startswith("The dashboard has ended. A training that runs goes on")


class Terminal:
    """A terminal in which `make run` was typed."""

    def __init__(self, site: Site) -> None:
        self.make, self.terminal = pty.fork()
        if self.make == 0:
            os.chdir(site.folder)
            os.execvpe(MAKE, [MAKE, "run"], site.environment())
        self.said = ""
        while "serves" not in self.said:
            self.said += os.read(self.terminal, 1000).decode()

    def types(self, key: str) -> None:
        os.write(self.terminal, key.encode())

    def give_up(self) -> None:
        """End what waits for ever, and the test with it."""
        os.kill(int(self.said.split("serves ")[1].split()[0]), signal.SIGKILL)
        os.killpg(self.make, signal.SIGKILL)
        pytest.fail(f"the dashboard did not go on: {self.said}")

    def end(self) -> int:
        """Read to the end; returns make's exit status."""
        # On Linux, a terminal that nobody holds any more cannot be read.
        with contextlib.suppress(OSError):
            while part := os.read(self.terminal, 1000):
                self.said += part.decode()
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.make, 0)[1])


def test_ctrl_c_in_a_terminal_is_no_error_of_make(site: Site) -> None:
    terminal = Terminal(site)
    terminal.types("\x03")
    assert terminal.end() == 0, terminal.said
    assert "The dashboard has ended." in terminal.said
    assert "Error" not in terminal.said
    assert "Interrupt" not in terminal.said


def test_ctrl_z_stops_all_of_it_and_it_can_go_on(site: Site) -> None:
    terminal = Terminal(site)
    terminal.types("\x1a")
    assert os.WIFSTOPPED(os.waitpid(terminal.make, os.WUNTRACED)[1])
    # What a shell does at `fg`.
    os.killpg(terminal.make, signal.SIGCONT)
    for _ in range(1_000):
        if _is_in_front(terminal):
            break
        time.sleep(0.01)
    else:
        terminal.give_up()
    terminal.types("\x03")
    assert terminal.end() == 0, terminal.said


def _is_in_front(terminal: Terminal) -> bool:
    """Whether the dashboard, not make, is the one who hears the keyboard."""
    return os.tcgetpgrp(terminal.terminal) != terminal.make


def test_streamlits_own_word_for_an_end_is_not_shown(site: Site) -> None:
    does = "import click; print('serves', 1, flush=True); raise click.Abort"
    make, _, _ = site.start(STUB_DOES=does)
    out, err = end_of(make)
    assert (make.returncode, err) == (0, "")
    assert out.startswith("The dashboard has ended.")


def test_blanks_around_the_port_do_no_harm(site: Site) -> None:
    make, server, said = site.start(PORT=f" {site.port} ")
    os.kill(server, signal.SIGTERM)
    end_of(make)
    assert said[-1].endswith(f"--server.port {site.port}")


@pytest.mark.parametrize("command", ["run", "stage"])
def test_a_wrong_setting_ends_the_start_before_anything_is_done(site: Site, command: str) -> None:
    settings = site.environment(FMNIST_OPEN="yes", FMNIST_HOSTS="https://a.example")
    done = call(MAKE, command, cwd=site.folder, **settings)
    hosts, switch = done.stderr.splitlines()[:2]
    assert hosts.startswith("FMNIST_HOSTS takes names of hosts with commas between them")
    assert switch == "FMNIST_OPEN is 0 or 1, not 'yes'."
    assert (done.stdout, "Traceback" in done.stderr) == ("", False)


def test_a_start_tells_the_settings_and_a_slip(site: Site) -> None:
    key = "a key that nobody may read"
    make, server, said = site.start(
        FMNIST_OPEN="1", FMINST_HOSTS="a.example", FMNIST_PRESENTER_KEY=key
    )
    os.kill(server, signal.SIGTERM)
    end_of(make)
    assert said[:2] == [
        "FMINST_HOSTS is no setting, so it does nothing. Is FMNIST_HOSTS meant?",
        "Settings other than the defaults:",
    ]
    assert {"FMNIST_PRESENTER_KEY is set", "FMNIST_OPEN=1"} <= set(said)
    assert key not in "".join(said)


@pytest.mark.parametrize("port", ['a"b', "$(touch x)", "8501;8502"])
def test_no_port_reaches_the_shell(site: Site, port: str) -> None:
    done = call(MAKE, "run", cwd=site.folder, **site.environment(PORT=port))
    told = done.stderr.splitlines()[0]
    assert told == f"PORT must be a whole number from 1 to 65535, not {port!r}."


def test_a_dashboard_that_cannot_be_loaded_says_what_to_do(site: Site) -> None:
    python = site.folder / ".venv" / "bin" / "python"
    does = "raise ImportError('a_package_that_is_gone\\n\\nIMPORTANT:\\n' + 100 * 'please read\\n')"
    settings = site.environment(STUB_DOES=does)
    done = call(python, "scripts/serve.py", str(site.port), cwd=site.folder, **settings)
    assert_one_clear_line(done, "a_package_that_is_gone.*make clean.*make run")


def test_a_user_without_a_home_gets_one(site: Site, tmp_path: Path) -> None:
    """Streamlit does not start where the system names no home folder; here it is played."""
    no_home = "import os, pwd\ndef none(_): raise KeyError\npwd.getpwuid = none\n"
    folder = tmp_path / "noted"
    folder.mkdir()
    note = (site.folder / "noted" / "sitecustomize.py").read_text()
    (folder / "sitecustomize.py").write_text(note + no_home + 'os.environ.pop("HOME", None)\n')
    settings = {"PYTHONPATH": str(folder), "TMPDIR": str(tmp_path)}
    make, server, said = site.start(**settings)
    os.kill(server, signal.SIGTERM)
    end_of(make)
    home = tmp_path / f"fashion-mnist-atelier-{os.geteuid()}"
    assert f"home {home}" in said
    assert any(line.startswith("This user has no home folder") for line in said)
    assert home.stat().st_mode & 0o777 == 0o700
    # Somebody else may have made a folder of this name to look into.
    home.chmod(0o755)
    make, server, said = site.start(**settings)
    os.kill(server, signal.SIGTERM)
    end_of(make)
    assert f"home {home}" not in said
