"""Settings: declared, read and told in one place; a wrong one is named, and so is a slip."""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from pathlib import Path

import pytest
from places import PROJECT
from setups import SCRIPTS

from fmnist_core import config
from fmnist_core.config import SETTINGS, WrongSetting, check, start_report

sys.path.append(str(SCRIPTS))

from settings_table import README, with_table

NAME = re.compile(r"\bFMNIST_[A-Z_]+[A-Z]\b")
SOURCES = {".py", ".md", ".sh", ".yml", ".toml", ".js", ".html", ""}
# Whoever starts another program passes on what it was started with itself, and a start without a
# home makes one.
EXCEPTIONS = {
    "fmnist_core/engine/local_cluster.py": 1,
    "scripts/install.py": 1,
    "scripts/serve.py": 1,
}
WRONG = [
    ("FMNIST_OPEN", "yes", "FMNIST_OPEN is 0 or 1, not 'yes'."),
    ("FMNIST_PRESENTER_KEY", "short", "FMNIST_PRESENTER_KEY has 5 characters, and 16 is the least"),
    ("FMNIST_HOSTS", "http://a.example", "FMNIST_HOSTS takes names of hosts .* 'http://a.example'"),
    ("FMNIST_FRAMES", "a b", "FMNIST_FRAMES takes sites .* 'a b' is none"),
    ("FMNIST_SCHEDULER", "http://a:1", "FMNIST_SCHEDULER has to be .*, not 'http://a:1'"),
    ("FMNIST_SCHEDULER", "tcp://", "FMNIST_SCHEDULER has to be tls://host:port"),
    ("FMNIST_WHEELS", "/no/such", "FMNIST_WHEELS names /no/such, which is no folder"),
]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)


def test_a_blank_is_the_default_and_blanks_around_do_no_harm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert config.RUNS_DIR.get() == PROJECT / "runs"
    assert config.DATA_DIR.get() is None
    monkeypatch.setenv("FMNIST_RUNS_DIR", "  ")
    assert config.RUNS_DIR.get() == PROJECT / "runs"
    monkeypatch.setenv("FMNIST_RUNS_DIR", f" {tmp_path} ")
    assert config.RUNS_DIR.get() == tmp_path


def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FMNIST_RUNS_DIR", "~/runs")
    assert config.RUNS_DIR.get() == tmp_path / "runs"
    assert config.KERAS_HOME.get() == tmp_path / ".keras"


@pytest.mark.parametrize(("name", "said", "rule"), WRONG)
def test_a_wrong_value_is_told_with_its_rule(
    monkeypatch: pytest.MonkeyPatch, name: str, said: str, rule: str
) -> None:
    monkeypatch.setenv(name, said)
    with pytest.raises(WrongSetting, match=rule) as refused:
        check()
    assert "\n" not in str(refused.value)
    with pytest.raises(WrongSetting, match=rule):
        start_report()


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {name: said for name, said, _ in WRONG}
    for name, said in wrong.items():
        monkeypatch.setenv(name, said)
    # What only tests read ends no start.
    monkeypatch.setenv("FMNIST_THOROUGH", "yes")
    with pytest.raises(WrongSetting) as refused:
        check()
    assert {line.split()[0] for line in str(refused.value).splitlines()} == set(wrong)


def test_a_start_without_make_ends_with_the_rule_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMNIST_OPEN", "yes")
    monkeypatch.delitem(sys.modules, "dashboard", raising=False)
    with pytest.raises(SystemExit, match="FMNIST_OPEN is 0 or 1, not 'yes'"):
        importlib.import_module("dashboard")


def test_a_start_tells_what_is_no_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert start_report() == []
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(PROJECT / "runs"))
    monkeypatch.setenv("FMNIST_OPEN", "0")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert start_report() == []
    monkeypatch.setenv("FMNIST_RUNS_DIR", str(tmp_path))
    monkeypatch.setenv("FMNIST_OPEN", "1")
    monkeypatch.setenv("FMNIST_DATA_DIR", "a\x1b[31mb")
    monkeypatch.setenv("FMNIST_PRESENTER_KEY", "a key that nobody may read")
    assert start_report() == [
        "Settings other than the defaults:",
        f"  FMNIST_RUNS_DIR={tmp_path}",
        "  FMNIST_DATA_DIR='a\\x1b[31mb'",
        "  FMNIST_PRESENTER_KEY is set",
        "  FMNIST_OPEN=1",
    ]


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("FMNIST_RUN_DIR", "FMNIST_RUNS_DIR"),
        ("FMNIST_HOST", "FMNIST_HOSTS"),
        ("FMINST_OPEN", "FMNIST_OPEN"),
        ("fmnist_open", "FMNIST_OPEN"),
        ("FMNIST_XYZ", "FMNIST_"),
    ],
)
def test_a_slip_in_a_name_is_told(monkeypatch: pytest.MonkeyPatch, slip: str, meant: str) -> None:
    monkeypatch.setenv(slip, "1")
    (line,) = start_report()
    assert line.startswith(f"{slip} is no setting, so it does nothing. Is {meant}")


def test_what_is_not_meant_for_us_is_no_slip(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MNIST_DIR", "OPEN", "RUNS_DIR", "KERAS_HOMES", "FMNISTS"):
        monkeypatch.setenv(name, "1")
    assert start_report() == []


def test_the_table_in_the_readme_is_the_declaration() -> None:
    """``python scripts/settings_table.py`` writes it."""
    text = README.read_text(encoding="utf-8")
    assert with_table(text) == text
    assert config.table() in text
    assert text.count("| environment variable |") == 1


def test_every_name_that_is_written_somewhere_is_declared() -> None:
    declared = {setting.name for setting in SETTINGS if setting.name.startswith("FMNIST_")}
    written: dict[str, set[str]] = {}
    for path in _sources():
        for name in NAME.findall(path.read_text(encoding="utf-8")):
            written.setdefault(name, set()).add(str(path.relative_to(PROJECT)))
    assert {name: places for name, places in written.items() if name not in declared} == {}


def _sources() -> list[Path]:
    here = Path(__file__).resolve()
    folders = ("fmnist_core", "ui", "pages", "scripts", "tests", "benchmarks", "docs")
    paths = [path for folder in folders for path in (PROJECT / folder).rglob("*")]
    paths += [path for path in PROJECT.iterdir() if path.is_file()]
    return [path for path in paths if path.is_file() and path.suffix in SOURCES and path != here]


def test_every_setting_is_read() -> None:
    code = "".join(
        path.read_text()
        for path in _sources()
        if path.suffix == ".py" and path.name not in ("config.py", "settings.py")
    )
    variables = [name for name, value in vars(config).items() if isinstance(value, config.Setting)]
    assert [name for name in variables if f"{name}.get()" not in code] == []


def test_nobody_else_reads_the_environment() -> None:
    """Ruff forbids it (TID251); those who may say so where they do."""
    places = {
        str(path.relative_to(PROJECT)): path.read_text().count("# noqa: TID251")
        for path in _sources()
        if path.suffix == ".py" and path.relative_to(PROJECT).parts[0] != "tests"
    }
    assert {place: count for place, count in places.items() if count} == EXCEPTIONS
    ruff = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "TID251" in ruff["select"]
    assert set(ruff["flake8-tidy-imports"]["banned-api"]) == {"os.environ", "os.getenv"}
    free = {name for name, rules in ruff["per-file-ignores"].items() if "TID251" in rules}
    assert free == {"tests/**", "benchmarks/**", "fmnist_core/config.py"}


def test_streamlits_own_default_is_the_same() -> None:
    streamlit = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())
    assert streamlit["server"]["address"] == config.SERVER_ADDRESS.default
