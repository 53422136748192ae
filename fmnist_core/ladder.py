"""The ladder: each preset as a step, with the run that stands for it and what the step changed."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import NamedTuple

from fmnist_core.codegen import script
from fmnist_core.runs import Run
from fmnist_core.specs import PRESETS, RunSpec


class Step(NamedTuple):
    """A step of the ladder.

    Attributes:
        name: of the preset.
        spec: the preset itself.
        run: the newest finished run of exactly this preset, else the one that trains or waits.
    """

    name: str
    spec: RunSpec
    run: Run | None

    @property
    def finished(self) -> bool:
        """Whether its run has reached its end, with a result."""
        done = self.run is not None and self.run.state == "done"
        return done and self.run is not None and self.run.summary is not None


def ladder(runs: Sequence[Run]) -> list[Step]:
    """The steps in order.

    Args:
        runs: all runs, newest first.
    """
    steps = []
    for name, spec in PRESETS.items():
        same = [run for run in runs if run.record is not None and run.spec == spec]
        finished = [run for run in same if run.state == "done" and run.summary is not None]
        active = [run for run in same if run.active]
        steps.append(Step(name, spec, next(iter([*finished, *active]), None)))
    return steps


def missing(steps: Sequence[Step]) -> list[Step]:
    """The steps that nothing has trained, trains, or waits to train."""
    return [step for step in steps if step.run is None]


def code_changes(before: RunSpec, after: RunSpec) -> str:
    """How the script of one configuration becomes another's, as a unified diff without its head.

    Lines that begin with ``-`` go, with ``+`` come; three lines around each change stay.
    """
    lines = difflib.unified_diff(
        script(before).splitlines(), script(after).splitlines(), lineterm="", n=2
    )
    return "\n".join(line for line in list(lines)[2:] if not line.startswith("@@ "))
