"""Bytes that a phone loads to watch a training: `make bench-transfer` counts them in Chromium.

A simulated training writes four batches a second and an epoch every two seconds. The live page is
opened as by somebody who was never here, then again with what the browser has kept, and watched.
Counted is what comes over the network, headers included, and the WebSocket's messages.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / place) for place in ("tests/support", "")]

from chromium_options import chromium_arguments, chromium_path  # noqa: E402
from dashboards import NO_ENGINE, Dashboard  # noqa: E402
from made_training import made_up_training  # noqa: E402
from transfer_counts import Transfer  # noqa: E402
from visitors import PHONE, settle  # noqa: E402

from fmnist_core import timeouts  # noqa: E402

WATCH_SECONDS = 20.0
FIRST_MEGABYTES = 2.5
AGAIN_KILOBYTES = 50.0


def main() -> None:
    """Print a table by kind: the first time, again, and a second of watching."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        dashboard = Dashboard(folder / "runs", folder / "log", {"FMNIST_SCHEDULER": NO_ENGINE})
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=chromium_arguments()
        )
        try:
            training = made_up_training(
                dashboard.store, step_seconds=timeouts.BATCH_EVENT_SECONDS, ends_epochs=True
            )
            with training as run:
                width, height = PHONE
                context = browser.new_context(
                    viewport={"width": width, "height": height}, is_mobile=True, has_touch=True
                )
                address = f"{dashboard.url}/train?run={run.id}"
                # One who was there before has the dashboard compress what is asked for.
                first = _opened(context, address)
                again = _opened(context, address, watch=True)
            _print(first, again)
        finally:
            browser.close()
            dashboard.end()


def _opened(
    context: BrowserContext, address: str, watch: bool = False
) -> list[tuple[Counter[str], Counter[str]]]:
    """Bytes and requests of opening the live page, and of watching it after that."""
    page = context.new_page()
    transfer = Transfer(page)
    page.goto(address)
    settle(page)
    page.locator(".fm-chart .main-svg").first.wait_for()
    page.wait_for_load_state("networkidle")
    counted = [(transfer.bytes.copy(), transfer.requests.copy())]
    if watch:
        transfer.restart()
        page.wait_for_timeout(1000 * WATCH_SECONDS)
        counted.append((transfer.bytes.copy(), transfer.requests.copy()))
    page.close()
    return counted


def _print(
    first: list[tuple[Counter[str], Counter[str]]], again: list[tuple[Counter[str], Counter[str]]]
) -> None:
    (first_bytes, first_requests), (again_bytes, again_requests) = first[0], again[0]
    watched_bytes, watched_requests = again[1]
    print(f"{'':<30}{'first time':>22}{'opened again':>22}{'a second of watching':>26}")
    for kind in sorted(first_bytes | again_bytes | watched_bytes, key=lambda k: -first_bytes[k]):
        print(
            f"{kind:<30}"
            f"{first_bytes[kind] / 1e3:>10.1f} kB in {first_requests[kind]:>4}"
            f"{again_bytes[kind] / 1e3:>12.1f} kB in {again_requests[kind]:>4}"
            f"{watched_bytes[kind] / WATCH_SECONDS / 1e3:>14.2f} kB in "
            f"{watched_requests[kind] / WATCH_SECONDS:>5.1f}"
        )
    first_total, again_total = first_bytes.total() / 1e6, again_bytes.total() / 1e3
    print(
        f"All: {first_total:.2f} MB the first time (aim: {FIRST_MEGABYTES}), {again_total:.1f} kB "
        f"opened again (aim: {AGAIN_KILOBYTES:.0f}), "
        f"{watched_bytes.total() / WATCH_SECONDS / 1e3:.1f} kB a second of watching"
    )


if __name__ == "__main__":
    main()
