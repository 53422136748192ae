"""What a repository host and a commit run is what everybody can run here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]


def content(name: str) -> Any:
    return yaml.safe_load((PROJECT / name).read_text())


def test_the_workflow_checks_and_tests_with_the_oldest_and_the_newest_python() -> None:
    workflow = content(".github/workflows/check.yml")
    # YAML reads a bare `on` as a truth.
    assert set(workflow[True]) == {"push", "pull_request"}
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make check", "make test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.13"]


def test_a_commit_runs_the_projects_own_tools_and_fetches_none() -> None:
    repositories = content(".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    entries = [hook["entry"].split() for hook in repositories[0]["hooks"]]
    assert all(hook["language"] == "system" for hook in repositories[0]["hooks"])
    assert {entry[0] for entry in entries} == {".venv/bin/python"}
    assert [entry[1:4] for entry in entries] == [
        ["-m", "ruff", "format"],
        ["-m", "ruff", "check"],
        ["scripts/check_names.py"],
    ]
    assert (PROJECT / "scripts" / "check_names.py").is_file()
