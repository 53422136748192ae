"""`make run` and `make test` end every foreseeable failure with one line, and install once."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import found
import pytest
from setups import (
    MAKE,
    ROOT,
    SCRIPTS,
    assert_one_clear_line,
    call,
    copy_environments,
    make_environment,
    program,
    small_project,
)

from fmnist_core.runs.portable import MAX_ZIP_BYTES, MEBIBYTE

# Choosing a Python.


def choose(cwd: Path, path: Path | str, *, python: str = "") -> subprocess.CompletedProcess[str]:
    ask = ("-c", "import sys; print(sys.argv[1])", "it runs")
    script = SCRIPTS / "python.sh"
    return call("/bin/sh", script, *ask, cwd=cwd, PATH=str(path), PYTHON=python)


def test_a_named_python_is_used(tmp_path: Path) -> None:
    assert choose(tmp_path, tmp_path, python=sys.executable).stdout == "it runs\n"


def test_a_named_python_of_another_version_is_refused(tmp_path: Path) -> None:
    old = program(tmp_path, "python3.10", 'case "$2" in *exit*) exit 1 ;; esac; echo 3.10.13')
    assert_one_clear_line(choose(tmp_path, tmp_path, python=str(old)), r"Python 3\.10\.13.*3\.11")


def test_a_named_python_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert_one_clear_line(choose(tmp_path, tmp_path, python="nosuch"), r"PYTHON=nosuch.*3\.11")


def test_no_python_at_all_is_told(tmp_path: Path) -> None:
    assert_one_clear_line(choose(tmp_path, tmp_path / "empty"), r"No 64-bit Python 3\.11.*PYTHON=")


def test_a_python_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    """A version manager leaves a `python3` that only says which versions it does not have."""
    program(tmp_path / "bin", "python3", "exit 127")
    (tmp_path / "bin" / "python3.12").symlink_to(sys.executable)
    assert choose(tmp_path, tmp_path / "bin").stdout == "it runs\n"


# The port.


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_make_run_on_a_busy_port_says_so_before_it_installs(busy_port: int) -> None:
    done = call(MAKE, "run", f"PORT={busy_port}", PYTHON=sys.executable)
    assert done.returncode != 0
    told, from_make = done.stderr.splitlines()
    assert told == f"Port {busy_port} is in use. Choose another one: make run PORT={busy_port + 1}"
    assert from_make.startswith("make")
    assert done.stdout == ""


@pytest.mark.parametrize("port", ["0", "65536", "-1", "abc", "", "٣"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    done = call(sys.executable, SCRIPTS / "serve.py", port)
    assert_one_clear_line(done, "PORT must be a whole number from 1 to 65535")


# Installing, in a small project whose lists of requirements are empty.


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, environment: Path) -> Path:
    folder = small_project(tmp_path_factory.mktemp("project with a space"))
    copy_environments(folder, environment)
    assert make_environment(folder).returncode == 0
    return folder


def test_the_second_time_nothing_is_installed(project: Path) -> None:
    before = (project / ".venv" / "installed.json").stat().st_mtime_ns
    done = make_environment(project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (project / ".venv" / "installed.json").stat().st_mtime_ns == before


def test_the_tests_add_their_list_and_running_does_not_forget_it(project: Path) -> None:
    assert "Installing" in make_environment(project, "test").stdout
    assert make_environment(project, "run").stdout == ""
    assert make_environment(project, "test").stdout == ""


def test_a_changed_list_is_installed(project: Path) -> None:
    (project / "requirements.txt").write_text("# another day\n")
    done = make_environment(project)
    assert "Installing" in done.stdout
    assert "Making" not in done.stdout
    assert make_environment(project).stdout == ""


def test_an_unreachable_index_ends_in_one_line_and_is_tried_again(project: Path) -> None:
    nowhere = f"no-such-package-anywhere==1 --hash=sha256:{64 * '0'}\n"
    (project / "requirements.txt").write_text(nowhere)
    done = make_environment(project, PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert_one_clear_line(done, "package index cannot be reached.*internet connection")
    (project / "requirements.txt").write_text("")
    again = make_environment(project)
    assert again.returncode == 0
    assert "Installing" in again.stdout


def test_an_interrupted_installation_is_made_anew(project: Path) -> None:
    stamp = project / ".venv" / "installed.json"
    stamp.unlink()
    leftover = project / ".venv" / "half-unpacked"
    leftover.touch()
    done = make_environment(project)
    assert done.returncode == 0
    assert "incomplete" in done.stdout
    assert json.loads(stamp.read_text())["lists"].keys() == {"requirements.txt"}
    assert not leftover.exists()


def test_an_environment_whose_python_is_gone_is_made_anew(project: Path) -> None:
    python = project / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert "incomplete" in make_environment(project).stdout
    assert call(python, "-c", "print('it runs')").stdout == "it runs\n"


def test_a_full_disk_ends_in_one_line_before_anything_is_unpacked(project: Path) -> None:
    script = project / "scripts" / "install.py"
    genuine = script.read_text()
    script.write_text(genuine.replace("NEEDED_BYTES = 10**6", "NEEDED_BYTES = 10**18"))
    stamp = project / ".venv" / "installed.json"
    stamp.unlink()
    assert_one_clear_line(make_environment(project), "The disk is full")
    script.write_text(genuine)
    assert make_environment(project).returncode == 0


def test_a_disk_that_fills_while_pip_works_ends_in_one_line(project: Path, tmp_path: Path) -> None:
    """Pip is played by a script that fails as pip does when the room ends."""
    copied = tmp_path / "project"
    for folder in ("scripts", "fmnist_core"):
        shutil.copytree(project / folder, copied / folder)
    (copied / "requirements.txt").write_text("")
    output = (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"
    )
    program(copied / ".venv", "nothing", "")
    (copied / ".venv" / "bin").mkdir()
    begins = "Installing collected packages: tensorflow"
    fails = f'[ "$1" = -c ] || {{ echo "{begins}"; echo "{output}"; exit 1; }}'
    program(copied / ".venv" / "bin", "python", fails)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    stamp = {"python": version, "lists": {}}
    (copied / ".venv" / "installed.json").write_text(json.dumps(stamp))
    assert_one_clear_line(make_environment(copied), "The disk is full")
    assert not (copied / ".venv").exists()


# The browser.


def browser(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    nothing = {"FMNIST_CHROMIUM": "", "PLAYWRIGHT_BROWSERS_PATH": str(path / "none")}
    refused = {"PLAYWRIGHT_DOWNLOAD_HOST": "http://127.0.0.1:9"}
    settings = {"PATH": str(path), **nothing, **refused, **environment}
    return call(sys.executable, SCRIPTS / "chromium.py", cwd=ROOT, **settings)


def test_the_named_browser_comes_first(tmp_path: Path) -> None:
    program(tmp_path, "chromium", "exit 0")
    named = program(tmp_path, "mine", "exit 0")
    assert browser(tmp_path, FMNIST_CHROMIUM=str(named)).stdout == f"{named}\n"


def test_a_named_browser_that_does_not_run_is_no_silent_choice(tmp_path: Path) -> None:
    program(tmp_path, "chromium", "exit 0")
    done = browser(tmp_path, FMNIST_CHROMIUM=str(tmp_path / "gone"))
    assert_one_clear_line(done, "FMNIST_CHROMIUM names does not run")


def test_a_stub_that_is_no_browser_is_passed_over(tmp_path: Path) -> None:
    """On some systems chromium-browser only says that another package is needed."""
    program(tmp_path, "chromium-browser", "exit 1")
    real = program(tmp_path, "google-chrome", "exit 0")
    assert browser(tmp_path).stdout == f"{real}\n"


def test_debians_package_is_the_last_resort(tmp_path: Path) -> None:
    """apt-get is played by a script that installs a browser which runs."""
    chromium = tmp_path / "chromium"
    made = f"printf '#!/bin/sh\\n' > {chromium} && /bin/chmod +x {chromium}"
    program(tmp_path, "apt-get", f'case "$*" in *"install"*chromium) {made} ;; *) exit 1 ;; esac')
    program(tmp_path, "sudo", 'shift; exec "$@"')
    done = browser(tmp_path)
    assert done.stdout == f"{chromium}\n"
    assert "Installing Debian's package" in done.stderr


def test_without_any_browser_the_way_to_get_one_is_told(tmp_path: Path) -> None:
    done = browser(tmp_path)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "apt-get install chromium" in done.stderr
    assert "Traceback" not in done.stderr


LACKS = "error while loading shared libraries: {}: cannot open shared object file"


def lacking(folder: Path, name: str, library: str) -> Path:
    """A program that does not start, as the system's loader says it."""
    return program(folder, name, f'echo "$0: {LACKS.format(library)}" >&2; exit 127')


def test_a_library_that_playwright_lacks_is_named_with_its_package(tmp_path: Path) -> None:
    """A browser alone is no use then."""
    program(tmp_path, "chromium", "exit 0")
    node = lacking(tmp_path, "node", "libatomic.so.1")
    done = browser(tmp_path, PLAYWRIGHT_NODEJS_PATH=str(node))
    assert_one_clear_line(done, r"lacks the library libatomic\.so\.1.*apt-get install libatomic1")
    assert "ARGS='tests/unit tests/app'" in done.stderr


def test_a_playwright_that_is_damaged_is_told(tmp_path: Path) -> None:
    done = browser(tmp_path, PLAYWRIGHT_NODEJS_PATH=str(tmp_path / "gone"))
    assert_one_clear_line(done, "Playwright.*does not start.*make clean")


@pytest.mark.parametrize("named", [True, False])
def test_a_library_that_the_browser_lacks_is_named(tmp_path: Path, named: bool) -> None:
    path = lacking(tmp_path, "chromium", "libnss3.so")
    done = browser(tmp_path, FMNIST_CHROMIUM=str(path) if named else "")
    told = done.stderr.splitlines()[-1]
    assert re.search(r"lacks the library libnss3\.so.*apt-get install chromium", told)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_no_browser_is_looked_for_before_a_test_needs_one() -> None:
    told = call(MAKE, "--dry-run", "test", "ARGS=tests/unit").stdout
    assert "pytest" in told
    assert "chromium" not in told
    assert "strace" not in told


def test_a_test_that_needs_a_browser_fails_with_the_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is asked for once and fails each test; none is skipped, none shows a traceback."""
    monkeypatch.setenv("FMNIST_CHROMIUM", "/no/such/browser")
    found._ask.cache_clear()
    monkeypatch.setattr(found, "capturing", None)
    for _ in range(2):
        with pytest.raises(pytest.fail.Exception, match="FMNIST_CHROMIUM names does not") as failed:
            found.find("chromium.py")
        assert failed.value.pytrace is False
    assert found._ask.cache_info().misses == 1
    found._ask.cache_clear()


# Finding strace.


def strace(path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    settings = {"FMNIST_STRACE": "", "PATH": str(path), **settings}
    return call(sys.executable, SCRIPTS / "strace.py", cwd=ROOT, **settings)


def test_an_strace_that_cannot_trace_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path, "strace", "exit 1")
    made = f"printf '#!/bin/sh\\n' > {tmp_path}/strace"
    program(tmp_path, "apt-get", f'case "$*" in *install*strace) {made} ;; *) exit 1 ;; esac')
    program(tmp_path, "sudo", 'shift; exec "$@"')
    done = strace(tmp_path)
    assert done.stdout == f"{tmp_path}/strace\n"
    assert "Installing Debian's package" in done.stderr


def test_without_strace_the_way_to_get_one_is_told(tmp_path: Path) -> None:
    for settings in ({}, {"FMNIST_STRACE": str(tmp_path / "gone")}):
        done = strace(tmp_path, **settings)
        assert_one_clear_line(done, "apt-get install strace")
        assert done.stdout == ""


# What ships.


def test_make_alone_prints_a_line_for_each_target() -> None:
    lines = call(MAKE).stdout.splitlines()
    names = [line.split()[1] for line in lines]
    assert names == [
        "help",
        "run",
        "stage",
        "test",
        "very-slow",
        "faults",
        "bench-live",
        "bench-memory",
        "bench-pages",
        "bench-clicks",
        "bench-load",
        "bench-start",
        "bench-first-step",
        "bench-shifts",
        "bench-transfer",
        "bench-network",
        "check",
        "lock",
        "bench-training",
        "clean",
    ]


def test_the_configuration_that_ships() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    server, client = config["server"], config["client"]
    assert server["address"] == "127.0.0.1"
    assert server["maxUploadSize"] == MAX_ZIP_BYTES // MEBIBYTE
    assert server["enableXsrfProtection"] is True
    assert server["enableStaticServing"] is False
    assert server["disconnectedSessionTTL"] <= 60
    assert config["browser"]["gatherUsageStats"] is False
    assert client["showErrorDetails"] == "none"
    assert client["toolbarMode"] == "viewer"
    assert config["runner"]["magicEnabled"] is False
    assert config["runner"]["fastReruns"] is False


def test_ci_calls_check_and_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert [line for line in script.read_text().splitlines() if line.startswith("make")] == [
        "make check",
        "make test",
    ]
