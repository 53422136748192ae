"""Whether clients that are cut off miss nothing, and how late events come to very many streams."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from benchmarks.load_bench import GRACE_SECONDS, Bench
from benchmarks.load_figures import line, percentile, told_cores, told_seconds
from benchmarks.load_streams import EventSource
from benchmarks.load_viewers import FAILURES, Viewer

STREAMS_AIM = 0.5
SETTLE_SECONDS = 3.0
RECONNECTING, CUT_SECONDS = 30, 2.0
OPENING_SECONDS = 30.0


async def reconnect(bench: Bench) -> None:
    """Whether clients that are cut off and come back at once get all they missed, once."""
    count = min(RECONNECTING, bench.settings.viewers)
    await bench.ensure_viewers(count)
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
    told_seconds("until all is there again", [seconds for seconds in again if seconds is not None])
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
        # What tells of no event leaves the id as it was.
        ids = Counter(one.id for one in received[mark:] if one.times)
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
        await asyncio.sleep(index * OPENING_SECONDS / count)
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
    late = bench.delays((source.arrivals for source in opened), window)
    for source in sources:
        source.close()
    line("streams that were opened", f"{len(opened):,}", len(opened) == count, "all")
    if late.seconds:
        value = percentile(late.seconds, 0.95)
        is_reached = value <= STREAMS_AIM
        line("from an event to a client, p95", f"{value:.3f} s", is_reached, f"≤ {STREAMS_AIM} s")
        line("  events that did not come", f"{late.missing / len(late.seconds):.1%}")
    line("streams that were lost", str(sum(source.lost for source in opened)))
    told_cores("meanwhile", [window])
