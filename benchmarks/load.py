"""Load of many viewers on the dashboard and on a training: `make bench-load` measures it.

One training of *CNN with dropout*, on this computer alone. Its viewers are clients that speak the
dashboard's protocols, in this one process: Streamlit's WebSocket, and the event stream of the live
channel where the dashboard has one, which they find out. The bytes of each are received and taken
apart, and nothing is drawn: a browser's own work is no part of this. Each client has a loopback
address of its own (127.0.1.1 to 127.0.1.250), so that limits of one address are in force.

For a short try: ``make bench-load ARGS="--viewers 20 --pairs 3 --quick"``.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / place) for place in ("tests/support", "")]

from benchmarks.load_bench import Bench, Settings  # noqa: E402
from benchmarks.load_connections import reconnect, streams  # noqa: E402
from benchmarks.load_opening import memory, opening  # noqa: E402
from benchmarks.load_watching import watching  # noqa: E402

# In this order; the last one begins with a new dashboard.
PARTS: dict[str, Callable[[Bench], Awaitable[None]]] = {
    "opening": opening,
    "watching": watching,
    "reconnect": reconnect,
    "streams": streams,
    "memory": memory,
}


def main() -> None:
    """Measure the parts that are chosen, and print a table of each."""
    settings = _settings()
    # Also where it is told to end, it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended before all was measured."))
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_measure(Path(name), settings))


async def _measure(folder: Path, settings: Settings) -> None:
    bench = await Bench.start(folder, settings)
    try:
        for name, part in PARTS.items():
            if name in settings.parts:
                await part(bench)
    finally:
        bench.end()


def _settings() -> Settings:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--viewers", type=int, default=100, help="tabs on the live view")
    parser.add_argument("--pairs", type=int, default=10, help="of windows with and without them")
    parser.add_argument("--streams", type=int, help="event streams alone (1000; quick: 200)")
    parser.add_argument("--quick", action="store_true", help="shorter windows: a try, no figures")
    parser.add_argument("--part", default=",".join(PARTS), help="some of them, with commas")
    options = parser.parse_args()
    parts = options.part.split(",")
    if set(parts) - set(PARTS):
        parser.error(f"the parts are {', '.join(PARTS)}")
    streams = options.streams or (200 if options.quick else 1_000)
    chosen = Settings(options.viewers, options.pairs, streams, tuple(parts))
    return chosen.quick if options.quick else chosen


if __name__ == "__main__":
    main()
