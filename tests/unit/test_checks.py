"""What a repository host and a commit run is what everybody can run here."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
WORKFLOW = (PROJECT / ".github" / "workflows" / "check.yml").read_text()
MYPY = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["mypy"]
HOOKS = (PROJECT / ".pre-commit-config.yaml").read_text()


def values(text: str, name: str) -> list[str]:
    """What a YAML file says under a name, in its order."""
    return re.findall(rf"^[ -]*{name}: *(.*)$", text, re.MULTILINE)


def test_the_workflow_checks_and_tests_with_the_oldest_and_the_newest_python() -> None:
    assert re.search(r"^on:\n  push:\n  pull_request:\n", WORKFLOW, re.MULTILINE)
    assert values(WORKFLOW, "run") == ["make check", "make test"]
    assert values(WORKFLOW, "python") == ['["3.11", "3.13"]']


def test_a_commit_runs_the_projects_own_tools_and_fetches_none() -> None:
    assert values(HOOKS, "repo") == ["local"]
    assert set(values(HOOKS, "language")) == {"system"}
    assert values(HOOKS, "entry") == [
        ".venv/bin/python -m ruff format --force-exclude",
        ".venv/bin/python -m ruff check --force-exclude",
        ".venv/bin/python scripts/check_names.py",
    ]
    assert (PROJECT / "scripts" / "check_names.py").is_file()


def test_types_are_checked_in_all_that_is_python() -> None:
    places = [path for path in PROJECT.iterdir() if path.name[0] != "." and path.is_dir()]
    written = {path.name for path in places if next(path.rglob("*.py"), None) is not None}
    written |= {path.name for path in PROJECT.glob("*.py")}
    assert set(MYPY["files"]) == written - {"node_modules"}
    assert MYPY["strict"] is True
