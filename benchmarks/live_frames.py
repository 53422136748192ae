"""Frames of a minute of the live view, as Chromium's own tracing records them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Page

SECONDS = 60
# A longer one is seen as a jerk.
LONG_MS = 100
_CATEGORIES = [
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-devtools.timeline.frame",
]
# Something moves in every frame, above all else: where nothing changes, Chromium draws none, and
# what looks like a pause is none. It is small, and no part of the page's styles depends on it, so
# that it costs the page nothing.
_MOVE = """() => {
  const dot = document.body.appendChild(document.createElement("div"));
  dot.setAttribute("aria-hidden", "true");
  dot.style.cssText = "position:fixed;top:0;left:0;width:4px;height:4px;z-index:2147483647;"
    + "background:red;will-change:transform;contain:strict";
  let at = 0;
  const step = () => {
    dot.style.transform = `translateX(${at++ % 8}px)`;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}"""


class Frames(NamedTuple):
    """The frames of a recording.

    Attributes:
        total: how many there were.
        longest_ms: the longest time from one to the next.
        long_count: how many took longer than ``LONG_MS``.
        longest_task_ms: the longest that the page's main thread was busy without a pause.
    """

    total: int
    longest_ms: float
    long_count: int
    longest_task_ms: float


def record_frames(browser: Browser, page: Page) -> Frames:
    """The frames of the next minute of a page that is on the screen."""
    page.evaluate(_MOVE)
    browser.start_tracing(page=page, categories=_CATEGORIES)
    page.wait_for_timeout(1_000 * SECONDS)
    return frames_of(json.loads(browser.stop_tracing())["traceEvents"])


def frames_of(events: Sequence[dict[str, Any]]) -> Frames:
    """The frames in a trace.

    Args:
        events: of the trace, as Chromium writes them; times in microseconds.
    """
    drawn = sorted(event["ts"] for event in events if event["name"] == "DrawFrame")
    gaps = [(later - earlier) / 1_000 for earlier, later in pairwise(drawn)]
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["dur"] / 1_000
        for event in events
        if event["name"] == "RunTask" and "dur" in event and (event["pid"], event["tid"]) in main
    ]
    return Frames(
        len(drawn),
        max(gaps, default=0.0),
        sum(gap > LONG_MS for gap in gaps),
        max(tasks, default=0.0),
    )
