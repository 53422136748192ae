"""The parts of the load benchmark: opening, watching, reconnecting, streams, memory."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from math import isnan
from statistics import median

from benchmarks.load_bench import Bench, Window
from benchmarks.load_figures import (
    Delays,
    compared,
    delays,
    line,
    median_interval,
    percentile,
)
from benchmarks.load_streams import EventSource, Site
from benchmarks.load_viewers import FAILURES, Viewer

OPEN_AIM, CORES_AIM, DELAY_AIM, SLOWER_AIM, MEMORY_AIM, STREAMS_AIM = (
    5.0,
    0.05,
    0.3,
    0.03,
    0.05,
    0.5,
)
AFTER_OPENING_SECONDS = 10.0
SETTLE_SECONDS = 3.0
# What arrives later than that after a window counts as missing.
GRACE_SECONDS = 1.0
RECONNECTING, CUT_SECONDS = 30, 2.0
STREAM_OPEN_SECONDS = 30.0


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
    line("viewers who came in within 120 s", f"{came} of {settings.viewers}")
    _told_seconds("page drawn whole (script_finished)", [drawn for drawn, _ in times])
    if bench.site.has_streams:
        _told_seconds("and the stream's first message there", [whole for _, whole in times])
    slowest = max((whole for _, whole in times), default=float("inf"))
    is_reached = slowest <= OPEN_AIM and came == settings.viewers
    line("slowest", f"{slowest:.2f} s", is_reached, f"all, ≤ {OPEN_AIM:.0f} s")
    line("from the first's coming until all are in", f"{time.time() - begin:.0f} s")
    line("training before, without viewers", f"{before.speed:,.0f} images/s")
    line("training while they come", f"{during.speed:,.0f} images/s")
    line("  slower by, the clients' own work included", f"{1 - during.speed / before.speed:.1%}")
    _told_cores("before", [before])
    _told_cores("while they come", [during])


def _told_seconds(name: str, seconds: list[float]) -> None:
    if seconds:
        line(f"{name}: median, slowest", f"{median(seconds):.2f} s, {max(seconds):.2f} s")


async def watching(bench: Bench) -> None:
    """What the dashboard uses, how late events come, and what the training loses."""
    settings = bench.settings
    await _opened(bench, settings.viewers)
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
        size = sum(len(piece.payload) for piece in bench.recorder.pieces)
        rates.append(size / (watched.end - watched.begin) / max(1, len(bench.viewers)))
        if not number % 2:
            fed = await _fed(bench)
        pairs.append((watched, fed))
        late.append(delayed)
    lost = sum(viewer.lost + viewer.source.lost for viewer in bench.viewers) - lost
    _print_watching(bench, pairs, late)
    line("bytes a viewer gets", f"{median(rates) / 1000:,.1f} kB/s")
    line("connections lost", str(lost))


async def _watched(bench: Bench) -> tuple[Window, Delays]:
    """A window in which all watch the dashboard; what they get is recorded."""
    await bench.resume(bench.viewers)
    await asyncio.sleep(SETTLE_SECONDS)
    bench.recorder.begin()
    window = await bench.window(bench.settings.window)
    await asyncio.sleep(GRACE_SECONDS)
    bench.recorder.is_on = False
    late = _delays(bench, [viewer.arrivals for viewer in bench.viewers], window)
    bench.pause()
    return window, late


def _delays(bench: Bench, all_arrivals: list[list[tuple[float, float]]], window: Window) -> Delays:
    times = [at for at in bench.event_times() if window.begin <= at <= window.end]
    until = window.end + GRACE_SECONDS
    each = [delays(times, arrivals, until) for arrivals in all_arrivals]
    return Delays([second for one in each for second in one.seconds], sum(o.missing for o in each))


async def _fed(bench: Bench) -> Window:
    """A window without viewers: the stub feeds the same clients what was recorded last."""
    await bench.become_quiet()
    pieces = bench.recorder.pieces
    bench.stub.load(pieces)
    site = Site(bench.stub.port, "", bench.site.run_id, bench.site.has_streams, is_stub=True)
    clients = [Viewer(site, viewer.index) for viewer in bench.viewers]
    for client, viewer in zip(clients, bench.viewers, strict=True):
        await client.watch_stub(viewer.intervals)
    await asyncio.sleep(SETTLE_SECONDS)
    begin = time.time() + 0.5
    bench.stub.play(begin, pieces[0].at if pieces else begin)
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
    _told_interval("the dashboard without viewers", [window.dashboard for window in fed], "cores")
    compared(
        "from an event to a client, 95th percentile of a window",
        [percentile(one.seconds, 0.95) for one in late if one.seconds],
        lambda seconds: f"{seconds:.3f} s",
        DELAY_AIM,
        f"≤ {DELAY_AIM} s",
    )
    count = max(1, sum(len(one.seconds) for one in late))
    line(
        "  events that did not come within a second after a window",
        f"{sum(one.missing for one in late) / count:.1%} of {count:,}",
    )
    line("training with viewers", f"{median(window.speed for window in watched):,.0f} images/s")
    line("training beside the stub", f"{median(window.speed for window in fed):,.0f} images/s")
    slower = [1 - with_viewers.speed / without.speed for with_viewers, without in pairs]
    compared(
        "  with viewers it is slower by",
        [share for share in slower if not isnan(share)] or [float("nan")],
        lambda share: f"{share:.1%}",
        SLOWER_AIM,
        f"≤ {SLOWER_AIM:.0%}",
    )
    _told_cores("with viewers", watched)
    _told_cores("beside the stub", fed)


def _told_interval(name: str, values: list[float], unit: str) -> None:
    interval = median_interval(values)
    line(name, f"{interval.middle:.3f} {unit}  [{interval.low:.3f}, {interval.high:.3f}]")


def _told_cores(name: str, windows: list[Window]) -> None:
    """What else used the processors: if the rest is much, the figures above are in doubt."""
    parts = ("dashboard", "engine", "clients", "stub", "rest")
    cores = {part: median(getattr(window, part) for window in windows) for part in parts}
    text = ", ".join(f"{part} {value:.2f}" for part, value in cores.items())
    print(f"  cores {name}: {text}", flush=True)


async def _opened(bench: Bench, count: int) -> None:
    """Have at least so many viewers."""
    if len(bench.viewers) < count and not bench.viewers:
        await bench.open_viewers(count, bench.settings.opening)


async def reconnecting(bench: Bench) -> None:
    """Whether clients that are cut off and come back at once get all they missed, once."""
    count = min(RECONNECTING, bench.settings.viewers)
    await _opened(bench, count)
    viewers = bench.viewers[:count]
    await bench.become_quiet()
    await bench.resume(viewers)
    await asyncio.sleep(SETTLE_SECONDS)
    marks = [len(viewer.source.received) for viewer in viewers]
    for viewer in viewers:
        viewer.cut_off()
    cut_at = time.time()
    await asyncio.sleep(CUT_SECONDS)
    # After an epoch a training is silent for a while; something has to be missed.
    while bench.event_times()[-1] < cut_at:
        await asyncio.sleep(0.2)
    begin = time.time()
    results = await asyncio.gather(
        *(viewer.reconnect() for viewer in viewers), return_exceptions=True
    )
    await asyncio.sleep(2 * SETTLE_SECONDS)
    bench.pause()
    print(f"\nReconnecting: {len(viewers)} viewers lose all connections for {begin - cut_at:.0f} s")
    failed = sum(isinstance(result, BaseException) for result in results)
    line("who could not come back", str(failed), failed == 0, "none")
    newest = max(at for at in bench.event_times() if at <= begin)
    again = [
        next((at - begin for shown, at in viewer.arrivals if at >= begin and shown >= newest), None)
        for viewer in viewers
    ]
    _told_seconds("until all is there again", [seconds for seconds in again if seconds is not None])
    line("  who still lacked something 6 s later", str(again.count(None)))
    if not bench.site.has_streams:
        line("events lost, doubled", "not possible: a chart has no ids of events")
        return
    lost, doubled, ids_doubled = _compare_with_file(bench, viewers, marks)
    line("events lost", str(lost), lost == 0, "none")
    line("events that came twice", str(doubled), doubled == 0, "none")
    line("ids that came twice", str(ids_doubled), ids_doubled == 0, "none")


def _compare_with_file(
    bench: Bench, viewers: list[Viewer], marks: list[int]
) -> tuple[int, int, int]:
    """Events lost and doubled, and ids doubled, since the cut, against the metrics file."""
    in_file = bench.event_times()
    lost = doubled = ids_doubled = 0
    for viewer, mark in zip(viewers, marks, strict=True):
        received = viewer.source.received
        last = max((at for one in received[:mark] for at in one.times), default=0.0)
        came = Counter(at for one in received[mark:] for at in one.times)
        newest = max(came, default=last)
        expected = {at for at in in_file if last < at <= newest}
        lost += len(expected - set(came))
        doubled += sum(came.values()) - len(set(came) & expected)
        ids = Counter(one.id for one in received[mark:])
        ids_doubled += sum(ids.values()) - len(ids)
    return lost, doubled, ids_doubled


async def streams(bench: Bench) -> None:
    """How late events come to very many event streams without pages."""
    count = bench.settings.streams
    print(f"\nStreams: {count:,} event streams and no page")
    if not bench.site.has_streams:
        print("  not possible: this dashboard has no event streams")
        return
    bench.leave()
    sources = [EventSource(bench.site, index) for index in range(count)]

    async def come(index: int) -> bool:
        await asyncio.sleep(index * STREAM_OPEN_SECONDS / count)
        try:
            await sources[index].open()
        except FAILURES:
            return False
        return True

    came = await asyncio.gather(*map(come, range(count)))
    await asyncio.sleep(SETTLE_SECONDS)
    window = await bench.window(bench.settings.window)
    await asyncio.sleep(GRACE_SECONDS)
    opened = [source for source, is_in in zip(sources, came, strict=True) if is_in]
    arrivals = [
        [(max(one.times), one.at) for one in source.received if one.times] for source in opened
    ]
    late = _delays(bench, arrivals, window)
    for source in sources:
        source.close()
    line("streams that were opened", f"{len(opened):,}", len(opened) == count, "all")
    if late.seconds:
        value = percentile(late.seconds, 0.95)
        is_reached = value <= STREAMS_AIM
        line("from an event to a client, p95", f"{value:.3f} s", is_reached, f"≤ {STREAMS_AIM} s")
        line("  events that did not come", f"{late.missing / len(late.seconds):.1%}")
    line("streams that were lost", str(sum(source.lost for source in opened)))
    _told_cores("meanwhile", [window])


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


PARTS: dict[str, Callable[[Bench], Awaitable[None]]] = {
    "opening": opening,
    "watching": watching,
    "reconnect": reconnecting,
    "streams": streams,
    "memory": memory,
}
