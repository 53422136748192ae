"""Latency of Explore data in Chromium: part of `make bench-pages`.

A wall counts as there when its first picture is another one and the browser has painted it.
Frames of the map are timed while 10,000 points are dragged, in a browser without a graphics card.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page

PrintRow = Callable[[str, list[float]], None]
FIRST_WALL_AIM_MS = 500
WALL_AIM_MS = 300
FIRST_TILE = "document.querySelector('.fm-wall .fm-tile')"
DRAG = """async () => {
  const canvas = document.querySelector('.fm-canvas-stage > canvas');
  const place = canvas.getBoundingClientRect();
  canvas.setPointerCapture = () => {};
  const send = (kind, x, y) => canvas.dispatchEvent(new PointerEvent(kind, {
    clientX: place.left + x, clientY: place.top + y, pointerId: 1, bubbles: true }));
  send('pointerdown', 300, 200);
  const times = [];
  let last = performance.now();
  for (let step = 0; step < 100; step += 1) {
    send('pointermove', 300 + (step % 30), 200 + (step % 20));
    await new Promise(requestAnimationFrame);
    times.push(performance.now() - last);
    last = performance.now();
  }
  send('pointercancel', 300, 200);
  return times;
}"""


def measure_explore(
    browser: Browser,
    url: str,
    repetitions: int,
    print_row: PrintRow,
    time_action: str,
    settle: Callable[..., object],
) -> None:
    """Print p50 and p95 of the first wall, of later ones, and of a frame of the map.

    Args:
        browser: to measure in.
        url: of the dashboard.
        repetitions: how often each.
        print_row: prints a line.
        time_action: the script that does something and waits until a condition is painted.
        settle: waits until the page is drawn.
    """
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url)
    settle(page)

    def timed(action: str, condition: str) -> float:
        duration: float = page.evaluate(time_action, [action, condition])
        settle(page)
        page.wait_for_timeout(200)
        return duration

    def link_click(name: str) -> str:
        return f"[...document.querySelectorAll('a')].find(a => a.textContent === '{name}').click()"

    def first_wall() -> float:
        duration = timed(
            link_click("Explore data"), f"{FIRST_TILE} && location.pathname === '/explore'"
        )
        page.evaluate(link_click("Train"))
        page.wait_for_function(
            "location.pathname === '/train' && !document.querySelector('.fm-wall')"
        )
        settle(page)
        page.wait_for_timeout(300)
        return duration

    first_wall()
    print_row("explore: the first wall", [first_wall() for _ in range(repetitions)])
    page.goto(f"{url}/explore?sort=odd")
    settle(page)

    def change_page(repetition: int) -> float:
        remember_first_tile(page)
        button = (
            f"document.querySelector('[aria-label=\"Page {2 if repetition % 2 == 0 else 1}\"]')"
        )
        return timed(f"{button}.click()", first_tile_changed())

    change_page(0)
    print_row(
        "explore: another page",
        [change_page(repetition) for repetition in range(1, repetitions + 1)],
    )

    def change_split(repetition: int) -> float:
        remember_first_tile(page)
        name = "Training" if repetition % 2 == 0 else "Test"
        return timed(
            "[...document.querySelectorAll('[role=radio]')].find(each => "
            f"each.textContent === '{name}').click()",
            first_tile_changed(),
        )

    change_split(0)
    change_split(1)
    print_row(
        "explore: the other split", [change_split(repetition) for repetition in range(repetitions)]
    )
    page.goto(f"{url}/explore?view=map")
    settle(page)
    page.wait_for_timeout(2_000)
    print_row("explore: a frame of the map", page.evaluate(DRAG))
    print(f"aims: first wall {FIRST_WALL_AIM_MS} ms, later walls p95 {WALL_AIM_MS} ms")
    page.close()


def remember_first_tile(page: Page) -> None:
    """Remember the title of the first tile in the page."""
    page.evaluate(f"window.before = {FIRST_TILE}.title")


def first_tile_changed() -> str:
    """A JavaScript condition: whether the first tile is another one."""
    return f"{FIRST_TILE} && {FIRST_TILE}.title !== window.before"
