"""What moves while a page arrives: `make bench-shifts` measures it in Chromium.

Every page is opened in an empty window with a cold cache, on a phone and on a laptop. What
Chromium says of every move (``layout-shift``) is added up until nothing has changed for a second.
What moves on one page alone: `make bench-shifts ARGS="1 --only /mistakes --moved"`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from playwright.sync_api import Browser, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / place) for place in ("tests/support", "")]

from chromium_options import chromium_arguments, chromium_path  # noqa: E402
from dashboards import NO_ENGINE, Dashboard  # noqa: E402
from layout_shifts import WITH_RUNS, Shift, rest, take_shifts, watch_arrivals  # noqa: E402
from made_histories import make_ended_runs  # noqa: E402
from visitors import DESKTOP, PHONE, Size, settle  # noqa: E402

from fmnist_core.dataset import load  # noqa: E402
from fmnist_core.runs import RunStore  # noqa: E402

LOADS = 3
SIZES = (PHONE, DESKTOP)
# Up to here https://web.dev/articles/cls calls it good.
AIM = 0.1


def main() -> None:
    """Print what each page moves at each size."""
    options = _arguments()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        store = RunStore(folder / "runs")
        make_ended_runs(store, np.asarray(load().test_labels))
        dashboard = Dashboard(store.root, folder / "log", {"FMNIST_SCHEDULER": NO_ENGINE})
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=chromium_arguments()
        )
        try:
            _print_table(browser, dashboard.url, options)
        finally:
            browser.close()
            dashboard.end()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("loads", nargs="?", type=int, default=LOADS, help="of each page")
    parser.add_argument("--only", default="", help="pages whose address contains this")
    parser.add_argument("--moved", action="store_true", help="say what moved, too")
    parser.add_argument("--pictures", type=Path, help="a folder for the pages at rest")
    return parser.parse_args()


def _print_table(browser: Browser, url: str, options: argparse.Namespace) -> None:
    columns = "".join(f"{f'{width} × {height}':>14}" for width, height in SIZES)
    print(f"{'':<34}{columns}   (median of {options.loads} loads)")
    for path in WITH_RUNS:
        if options.only not in path:
            continue
        # The first visitor of all would wait for what the server then keeps.
        _arrival(browser, url + path, DESKTOP)
        sums, lines = [], []
        for size in SIZES:
            picture = None
            if options.pictures is not None:
                name = path.strip("/").translate(str.maketrans("?=&", "---")) or "overview"
                picture = options.pictures / f"{name}-{size[0]}.png"
            loads = [_arrival(browser, url + path, size, picture) for _ in range(options.loads)]
            sums.append(median(sum(shift.value for shift in shifts) for shifts in loads))
            lines += [
                f"  {size[0]}: {shift.value:.3f}: {moved}"
                for shift in loads[-1]
                for moved in shift.moved
            ]
        print(f"{path:<34}" + "".join(f"{moved:>14.3f}" for moved in sums), flush=True)
        if options.moved:
            print(*lines, sep="\n", flush=True)
    print(f"aim: {AIM} at most")


def _arrival(browser: Browser, url: str, size: Size, picture: Path | None = None) -> list[Shift]:
    """Open an address as somebody who was never here before; returns what moved."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    watch_arrivals(page)
    page.goto(url, wait_until="commit")
    settle(page)
    rest(page)
    shifts = take_shifts(page)
    if picture is not None:
        page.screenshot(path=picture)
    context.close()
    return shifts


if __name__ == "__main__":
    main()
