"""What watching costs: windows with viewers against windows in which a stub feeds them."""

from __future__ import annotations

import asyncio
import time
from math import isnan
from statistics import median

from benchmarks.load_bench import GRACE_SECONDS, Bench
from benchmarks.load_figures import (
    Delays,
    Window,
    compared,
    line,
    median_interval,
    percentile,
    told_cores,
    told_interval,
)
from benchmarks.load_http import Site
from benchmarks.load_viewers import Viewer

CORES_AIM, DELAY_AIM, SLOWER_AIM = 0.05, 0.3, 0.03
AFTER_OPENING_SECONDS = 10.0
SETTLE_SECONDS = 3.0


async def watching(bench: Bench) -> None:
    """What the dashboard uses, how late events come, and what the training loses."""
    settings = bench.settings
    await bench.ensure_viewers(settings.viewers)
    await asyncio.sleep(AFTER_OPENING_SECONDS)
    lost = sum(viewer.lost for viewer in bench.viewers)
    # The first window is only there to have something to feed.
    await _watched(bench)
    pairs: list[tuple[Window, Window]] = []
    late: list[Delays] = []
    rates: list[float] = []
    for number in range(settings.pairs):
        if number % 2:
            fed = await _fed(bench)
        watched, delayed = await _watched(bench)
        rates.append(_bytes(bench, watched) / max(1, len(bench.viewers)))
        if not number % 2:
            fed = await _fed(bench)
        pairs.append((watched, fed))
        late.append(delayed)
    lost = sum(viewer.lost + viewer.source.lost for viewer in bench.viewers) - lost
    _print_watching(bench, pairs, late)
    line("bytes a viewer gets", f"{median(rates) / 1000:,.1f} kB/s")
    line("connections lost", str(lost))
    fetched = [task for one in bench.viewers for task in one.epochs.values() if task.done()]
    if fetched:
        failed = sum(not task.result() for task in fetched)
        line(f"epochs fetched: {len(fetched):,}; of these did not come", str(failed))


def _bytes(bench: Bench, window: Window) -> float:
    """What came to all viewers in a second of a window."""
    pieces = [piece for piece in bench.recorder.pieces if piece.at <= window.end]
    return sum(len(piece.payload) for piece in pieces) / (window.end - window.begin)


async def _watched(bench: Bench) -> tuple[Window, Delays]:
    """A window in which all watch the dashboard; what they get is recorded."""
    await bench.resume(bench.viewers)
    await asyncio.sleep(SETTLE_SECONDS)
    bench.recorder.begin()
    window = await bench.window(bench.settings.window)
    await asyncio.sleep(GRACE_SECONDS)
    bench.recorder.is_on = False
    late = bench.delays((viewer.arrivals for viewer in bench.viewers), window)
    bench.pause()
    return window, late


async def _fed(bench: Bench) -> Window:
    """A window without viewers: the stub feeds the same clients what was recorded last."""
    await bench.become_quiet()
    bench.stub.load(bench.recorder.pieces)
    site = Site(bench.stub.port, "", bench.site.run_id, bench.site.has_streams, is_stub=True)
    clients = [Viewer(site, viewer.index) for viewer in bench.viewers]
    for client, viewer in zip(clients, bench.viewers, strict=True):
        await client.watch_stub(viewer.intervals)
    await asyncio.sleep(SETTLE_SECONDS)
    begin = time.time() + 0.5
    bench.stub.play(begin, bench.recorder.begun_at)
    window = await bench.window(bench.settings.window, begin)
    for client in clients:
        client.leave()
    return window


def _print_watching(bench: Bench, pairs: list[tuple[Window, Window]], late: list[Delays]) -> None:
    settings = bench.settings
    watched, fed = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    print(
        f"\nWatching: {len(bench.viewers)} viewers, {settings.pairs} pairs of windows of "
        f"{settings.window:.0f} s\n"
        "  With viewers: all watch the dashboard. Without: their pages stay open, ask for nothing\n"
        "  and have no stream; the same clients get the same bytes from a stub server.\n"
        "  Median, and in brackets its interval, which holds the true median with "
        f"{median_interval([0.0] * settings.pairs).coverage:.0%}."
    )
    compared(
        "the dashboard with viewers",
        [window.dashboard for window in watched],
        lambda cores: f"{cores:.3f} cores",
        CORES_AIM,
        f"≤ {CORES_AIM} cores",
    )
    told_interval(
        "the dashboard without viewers",
        [window.dashboard for window in fed],
        lambda cores: f"{cores:.3f} cores",
    )
    compared(
        "from an event to a client, 95th percentile of a window",
        [percentile(one.seconds, 0.95) for one in late if one.seconds],
        lambda seconds: f"{seconds:.3f} s",
        DELAY_AIM,
        f"≤ {DELAY_AIM} s",
    )
    count = max(1, sum(len(one.seconds) for one in late))
    line(
        "  not there a second after a window, counted up to then",
        f"{sum(one.missing for one in late) / count:.1%} of {count:,} events",
    )
    _print_training([(one.speed, other.speed) for one, other in pairs])
    told_cores("with viewers", watched)
    told_cores("beside the stub", fed)


def _print_training(pairs: list[tuple[float, float]]) -> None:
    """Compare speeds; a window that lay between two epochs has none, and its pair is left out."""
    known = [pair for pair in pairs if not any(map(isnan, pair))]
    if not known:
        line("training with viewers, and beside the stub", "no two events in a window")
        return
    line("training with viewers", f"{median(pair[0] for pair in known):,.0f} images/s")
    line("training beside the stub", f"{median(pair[1] for pair in known):,.0f} images/s")
    compared(
        f"  with viewers it is slower by ({len(known)} of {len(pairs)} pairs)",
        [1 - with_viewers / without for with_viewers, without in known],
        lambda share: f"{share:.1%}",
        SLOWER_AIM,
        f"≤ {SLOWER_AIM:.0%}",
    )
