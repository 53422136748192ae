"""What the load benchmark computes by itself: event streams, medians, speeds, delays."""

from __future__ import annotations

from itertools import pairwise
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.event_stream import ChunkDecoder, EventStreamParser, StreamMessage
from benchmarks.load_figures import delays, median_interval, percentile, training_speed
from fmnist_core.runs import BatchEvent

STREAM = (
    b": a comment\n\nid: 10\nevent: lines\ndata: first\ndata:second\n\n"
    b"retry: 500\r\nid: 20\r\ndata\r\n\r\nid: 30\n\ndata: third\n\ndata: half"
)
MESSAGES = [
    StreamMessage("10", "lines", "first\nsecond"),
    StreamMessage("20", "message", ""),
    StreamMessage("30", "message", "third"),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_an_event_stream_is_the_same_however_it_is_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[begin:end] for begin, end in pairwise(places)]
    encoded = b"".join(b"%x;note\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece)
    encoded += b"0\r\n\r\n"
    chunks, parser, messages = ChunkDecoder(), EventStreamParser(), list[StreamMessage]()
    for begin in range(0, len(encoded), 7):
        messages += parser.feed(chunks.feed(encoded[begin : begin + 7]))
    assert messages == MESSAGES
    assert parser.last_id == "30"
    assert parser.retry_seconds == 0.5
    assert chunks.ended


def test_a_median_has_the_interval_of_its_order_statistics() -> None:
    assert tuple(median_interval(range(1, 11))) == pytest.approx((5.5, 2, 9, 0.9785), abs=1e-4)
    assert median_interval([3, 1, 2]) == (2, 1, 3, 0.75)
    assert median_interval([4]) == (4, 4, 4, 0)


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([2, 1], 0.95) == 2
    assert percentile([7], 0.5) == 7


def test_the_time_between_two_epochs_is_no_training() -> None:
    batches = [
        BatchEvent(1, 0.25, 1, 100, 1, 0.5),
        BatchEvent(1, 0.75, 3, 102, 1, 0.5),
        BatchEvent(2, 1.25, 9, 112, 1, 0.5),
        BatchEvent(2, 1.5, 10, 113, 1, 0.5),
        BatchEvent(2, 1.75, 20, 999, 1, 0.5),
    ]
    assert training_speed(batches, 100, 200, images=1_200) == 1_200 * 0.75 / 3
    assert isnan(training_speed(batches, 200, 300, images=1_200))


def test_an_event_arrives_with_the_first_message_that_shows_it_or_a_newer_one() -> None:
    arrivals = [(10.0, 10.5), (12.0, 12.25), (13.0, 99.0)]
    assert delays([10.0, 11.0, 13.0], arrivals, until=15.0) == ([0.5, 1.25, 2.0], 1)
