"""Consistency of pages under quick clicks: `make bench-clicks` compares it with an old version.

The same seeded bursts of two to four clicks, in a Chromium slowed down four times, are made on two
trees of the project: on this one, and on the first version. A burst is wrong when after rest the
screen, the address and the content contradict one another, or another choice is there than the
one made last. For one burst alone: `python -m benchmarks.clicks 1 --page Explore --seed 17`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / place) for place in ("tests/support", "")]

import dashboards  # noqa: E402
from burst_runs import PAGES, make_runs, plan, report, run_bursts  # noqa: E402
from bursts import SLOWER, Outcome  # noqa: E402

from benchmarks.trees import worktree  # noqa: E402
from fmnist_core.dataset import Dataset, load  # noqa: E402
from fmnist_core.runs import RunStore  # noqa: E402

BURSTS = 500
# The last commit of the first version, before the choices of a page got one owner.
FIRST_VERSION = "3656c14"


def main() -> None:
    """Print the table of both trees, and the failed bursts of this one."""
    options = _arguments()
    data = load()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_runs(RunStore(folder / "runs"), data)
        current = _measured(options, data, folder, "now", options.tree)
        baseline: list[Outcome] = []
        if options.before != "none":
            with worktree(options.before, folder / "before") as tree:
                baseline = _measured(options, data, folder, "before", tree)
    _print_table(baseline, current, options.before)
    for line in report(current):
        print(f"\n{line}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bursts", nargs="?", type=int, default=BURSTS, help="how many")
    parser.add_argument("--before", default=None, help="a revision to compare with, or none")
    parser.add_argument(
        "--tree", type=Path, default=PROJECT, help="a checkout in place of this one"
    )
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--page", choices=PAGES, help="only this one")
    parser.add_argument("--training", action="store_true", help="all of them during a training")
    parser.add_argument("--slower", type=float, default=SLOWER, help="Chromium, so many times")
    parser.add_argument("--pictures", type=Path, help="a folder for what is wrong")
    options = parser.parse_args()
    if options.before is None:
        # A single burst is looked at for its own sake.
        options.before = "none" if options.bursts == 1 else FIRST_VERSION
    return options


def _measured(
    options: argparse.Namespace, data: Dataset, folder: Path, name: str, tree: Path
) -> list[Outcome]:
    """The bursts on the dashboard of a tree, on a copy of the runs."""
    store = RunStore(folder / f"runs-{name}")
    shutil.copytree(folder / "runs", store.root)
    calm, busy = plan(options.bursts, options.seed, options.page)
    if options.training:
        calm, busy = [], sorted([*calm, *busy], key=lambda task: task[1])
    with patch.object(dashboards, "PROJECT", tree.resolve()):
        site = dashboards.Dashboard(
            store.root, folder / f"log-{name}", {"FMNIST_SCHEDULER": dashboards.NO_ENGINE}
        )
    count = 0

    def print_outcome(outcome: Outcome) -> None:
        nonlocal count
        count += 1
        result = "wrong" if outcome.bad else "right"
        print(f"{name} {count:>4}: {outcome.look} {outcome.seed} {result}", file=sys.stderr)
        for line in report([outcome]):
            print(line, file=sys.stderr)
        if outcome.picture and options.pictures is not None:
            options.pictures.mkdir(parents=True, exist_ok=True)
            file = options.pictures / f"{name}-{outcome.look}-{outcome.seed}.png"
            file.write_bytes(outcome.picture)

    try:
        return [
            outcome
            for tasks, training in ((calm, False), (busy, True))
            for outcome in run_bursts(
                site.url, store, data, tasks, training, slower=options.slower, tell=print_outcome
            )
        ]
    finally:
        site.end()


def _print_table(baseline: list[Outcome], current: list[Outcome], revision: str) -> None:
    print(f"{'page':<12}{'bursts':>8}{'wrong before':>16}{'':>8}{'wrong now':>12}{'':>8}")
    for page in [*PAGES, None]:
        before, now = (
            [outcome for outcome in outcomes if page in (outcome.look, None)]
            for outcomes in (baseline, current)
        )
        if not now:
            continue
        print(f"{page or 'all':<12}{len(now):>8}{_share(before):>24}{_share(now):>20}")
    if baseline:
        print(f"before: {revision}; both on this machine in this hour")


def _share(outcomes: list[Outcome]) -> str:
    if not outcomes:
        return "–"
    wrong = sum(outcome.bad for outcome in outcomes)
    return f"{wrong} ({100 * wrong / len(outcomes):.1f} %)"


if __name__ == "__main__":
    main()
