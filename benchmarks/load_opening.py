"""How soon pages are there when many viewers come, and what those who left leave in memory."""

from __future__ import annotations

import asyncio
import time

from benchmarks.load_bench import Bench
from benchmarks.load_figures import line, told_cores, told_seconds

OPEN_AIM, MEMORY_AIM = 5.0, 0.05


async def opening(bench: Bench) -> None:
    """How soon a page is there when all come within a minute, and what the training loses."""
    settings = bench.settings
    before = await bench.window(settings.baseline)
    begin = time.time()
    during, times = await asyncio.gather(
        bench.window(settings.opening), bench.open_viewers(settings.viewers, settings.opening)
    )
    print(f"\nOpening: {settings.viewers} viewers come within {settings.opening:.0f} s")
    print("  Each fetches the page and the files it names, and asks for its script to be run.")
    came = len(times)
    line("viewers whose page was there within 120 s", f"{came} of {settings.viewers}")
    told_seconds("page drawn whole (script_finished)", [drawn for drawn, _ in times])
    if bench.site.has_streams:
        told_seconds("and the stream's first message there", [whole for _, whole in times])
    slowest = max((whole for _, whole in times), default=float("inf"))
    is_reached = slowest <= OPEN_AIM and came == settings.viewers
    line(
        "the slowest of those",
        f"{slowest:.2f} s",
        is_reached,
        f"all, ≤ {OPEN_AIM:.0f} s",
    )
    line("from the first's coming until all are in", f"{time.time() - begin:.0f} s")
    line("training before, without viewers", f"{before.speed:,.0f} images/s")
    line("training while they come", f"{during.speed:,.0f} images/s")
    line("  slower by, the clients' own work included", f"{1 - during.speed / before.speed:.1%}")
    told_cores("before", [before])
    told_cores("while they come", [during])


async def memory(bench: Bench) -> None:
    """Whether the second and third hundred leave more behind than the first."""
    settings = bench.settings
    bench.leave()
    await bench.restart_dashboard()
    print(f"\nMemory: {settings.viewers} viewers open the page and leave, three times")
    print(f"  The dashboard is new; it is looked at {settings.forgetting:.0f} s after they left.")
    line("at first, after one visitor", f"{bench.megabytes():.0f} MB")
    first = 0.0
    for number, name in enumerate(("first", "second", "third")):
        times = await bench.open_viewers(settings.viewers, settings.opening)
        highest = bench.megabytes()
        bench.leave()
        await asyncio.sleep(settings.forgetting)
        # Streamlit throws a session away when another one comes or goes.
        await bench.visit_once()
        value = bench.megabytes()
        text = f"{len(times)} came, {highest:.0f} MB, then {value:.0f} MB"
        if number:
            aim = f"≤ {1 + MEMORY_AIM:.0%} of the first"
            line(f"after the {name}", text, value <= first * (1 + MEMORY_AIM), aim)
        else:
            first = value
            line(f"after the {name}", text)
