"""How often quick clicks confuse a page: `make bench-clicks` prints it, for before and for now.

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
    """Print the table, and what is wrong now."""
    requested = _arguments()
    data = load()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_runs(RunStore(folder / "runs"), data)
        now = _measured(requested, data, folder, "now", requested.tree)
        before: list[Outcome] = []
        if requested.before != "none":
            with worktree(requested.before, folder / "before") as tree:
                before = _measured(requested, data, folder, "before", tree)
    _print_table(before, now, requested.before)
    for words in report(now):
        print(f"\n{words}")


def _arguments() -> argparse.Namespace:
    requested = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    requested.add_argument("bursts", nargs="?", type=int, default=BURSTS, help="how many")
    requested.add_argument("--before", default=None, help="a revision to compare with, or none")
    requested.add_argument(
        "--tree", type=Path, default=PROJECT, help="a checkout in place of this one"
    )
    requested.add_argument("--seed", type=int, default=0, help="the first one")
    requested.add_argument("--page", choices=PAGES, help="only this one")
    requested.add_argument("--training", action="store_true", help="all of them during a training")
    requested.add_argument("--slower", type=float, default=SLOWER, help="Chromium, so many times")
    requested.add_argument("--pictures", type=Path, help="a folder for what is wrong")
    found = requested.parse_args()
    if found.before is None:
        # A single burst is looked at for its own sake.
        found.before = "none" if found.bursts == 1 else FIRST_VERSION
    return found


def _measured(
    requested: argparse.Namespace, data: Dataset, folder: Path, name: str, tree: Path
) -> list[Outcome]:
    """The bursts on the dashboard of a tree, on a copy of the runs."""
    store = RunStore(folder / f"runs-{name}")
    shutil.copytree(folder / "runs", store.root)
    calm, busy = plan(requested.bursts, requested.seed, requested.page)
    if requested.training:
        calm, busy = [], sorted([*calm, *busy], key=lambda task: task[1])
    with patch.object(dashboards, "PROJECT", tree.resolve()):
        site = dashboards.Dashboard(
            store.root, folder / f"log-{name}", {"FMNIST_SCHEDULER": dashboards.NO_ENGINE}
        )
    count = 0

    def tell(outcome: Outcome) -> None:
        nonlocal count
        count += 1
        wrong = "wrong" if outcome.bad else "right"
        print(f"{name} {count:>4}: {outcome.look} {outcome.seed} {wrong}", file=sys.stderr)
        for words in report([outcome]):
            print(words, file=sys.stderr)
        if outcome.picture and requested.pictures is not None:
            requested.pictures.mkdir(parents=True, exist_ok=True)
            file = requested.pictures / f"{name}-{outcome.look}-{outcome.seed}.png"
            file.write_bytes(outcome.picture)

    try:
        return [
            outcome
            for tasks, training in ((calm, False), (busy, True))
            for outcome in run_bursts(
                site.url, store, data, tasks, training, slower=requested.slower, tell=tell
            )
        ]
    finally:
        site.end()


def _print_table(before: list[Outcome], now: list[Outcome], revision: str) -> None:
    print(f"{'page':<12}{'bursts':>8}{'wrong before':>16}{'':>8}{'wrong now':>12}{'':>8}")
    for page in [*PAGES, None]:
        old, new = ([one for one in all_ if page in (one.look, None)] for all_ in (before, now))
        if not new:
            continue
        print(f"{page or 'all':<12}{len(new):>8}{_share(old):>24}{_share(new):>20}")
    if before:
        print(f"before: {revision}; both on this machine in this hour")


def _share(outcomes: list[Outcome]) -> str:
    if not outcomes:
        return "–"
    wrong = sum(outcome.bad for outcome in outcomes)
    return f"{wrong} ({100 * wrong / len(outcomes):.1f} %)"


if __name__ == "__main__":
    main()
