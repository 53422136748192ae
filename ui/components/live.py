"""Components that the live channel changes, so that the page is drawn once: parts, curves, epochs.

Each gets what it shows when the page is drawn, and with it how new that is: what the channel has
told since then counts more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from fmnist_core.dataset import Split
from ui.base_path import under_base
from ui.components.acts import as_text, receive, seen
from ui.components.chart import chart_data
from ui.components.gallery import clicked_image
from ui.components.modules import component

_page = component("live_page")
_part = component("live_part")
_chart = component("live_chart")
_epoch = component("live_epoch")
_probes = component("live_probes")
_first_layer = component("live_first_layer")


def _root() -> str:
    return under_base("/live")


def live_run(
    run_id: str, place: int, page: str, announcement: str, on_change: Callable[[str], object]
) -> None:
    """Follow a run; what the channel tells of it goes to the other components of the page.

    Args:
        run_id: the run.
        place: up to which the page knows its events, in bytes of the metrics file.
        page: what decides how the page is drawn; the part ``page`` of the channel.
        announcement: what holds now, in a sentence for screen readers.
        on_change: called where the page has to be drawn again.
    """
    _follow(f"live.page.{run_id}", "page", page, on_change, run_id, place, announcement)


def live_topic(topic: str, part: str, page: str, on_change: Callable[[str], object]) -> None:
    """Follow a topic, and let the page be drawn again where one of its parts says so.

    Args:
        topic: of the channel.
        part: the name of the part that decides how the page is drawn.
        page: what that part is now.
        on_change: called where the page has to be drawn again.
    """
    _follow(f"live.topic.{topic}", part, page, on_change, topic=topic)


def _follow(
    key: str,
    part: str,
    page: str,
    on_change: Callable[[str], object],
    run_id: str = "",
    place: int = 0,
    announcement: str = "",
    topic: str = "",
) -> None:
    _page(
        key=key,
        data={
            "root": _root(),
            "run": run_id,
            "place": place,
            "topic": topic,
            "part": part,
            "page": page,
            "announcement": announcement,
            "now": time.monotonic(),
            "seen": seen(key),
        },
        on_changed_change=receive(key, "changed", as_text, on_change),
    )


def live_part(
    name: str,
    html: str | Mapping[str, str],
    key: str,
    on_act: Callable[[str], object] = lambda _: None,
    topic: str = "",
    variant: str = "",
) -> None:
    """A part of the page that the channel sends anew, as HTML, whenever it has changed.

    Args:
        name: as the channel calls it.
        html: one element of ours, or nothing; or several to choose from by a name, of which the one
            without a name is for all others.
        key: of the component.
        on_act: called with what a pressed button says in ``data-act``.
        topic: that it belongs to; by default it is one of the run that the page follows.
        variant: the name of the one that this page shows.
    """
    _part(
        key=key,
        data={
            "root": _root(),
            "topic": topic,
            "part": name,
            "html": html,
            "variant": variant,
            "now": time.monotonic(),
            "seen": seen(key),
        },
        on_acted_change=receive(key, "acted", as_text, on_act),
    )


def live_chart(figure: str, place: int, key: str, height: int, label: str) -> None:
    """A curve that goes on with the events of its run.

    Args:
        figure: of ``themed_json``, whose curves say what adds to them.
        place: up to which it goes, in bytes of the metrics file.
        key: keeps zoom and hover across updates.
        height: in pixels where text has its usual size; 0 fills its place.
        label: what a screen reader says the chart is.
    """
    _chart(
        key=key,
        data={**chart_data(figure, height, label), "place": place, "seen": seen(key)},
        height=height or "content",
    )


def live_epoch(
    kind: Literal["gallery", "matrix", "html"],
    name: str,
    content: Any,
    epoch: str,
    newest: str,
    run_id: str,
    on_click: Callable[[Split, int], object] = lambda *_: None,
) -> None:
    """A part of what an epoch brought; a newer one is fetched when it is on the screen.

    Args:
        kind: what draws the content: data of a gallery or a matrix, or one element of HTML.
        name: of the part in what an epoch brought.
        content: of the epoch that the page was drawn with.
        epoch: that one, as the channel says it; empty where the content stands for what comes.
        newest: the last finished one; empty before the first.
        run_id: the run.
        on_click: called with split and index of an image that is clicked.
    """
    key = f"live.{name}.{run_id}"
    _epoch(
        key=key,
        data={
            "kind": kind,
            "name": name,
            "content": content,
            "epoch": epoch,
            "newest": newest,
            "folder": under_base(f"/live/{run_id}/epochs/"),
            "now": time.monotonic(),
            "seen": seen(key),
        },
        on_clicked_change=receive(
            key, "clicked", clicked_image, lambda clicked: on_click(*clicked)
        ),
    )


def live_probes(
    run_id: str, content: Mapping[str, Any], on_shuffle: Callable[[str], object]
) -> None:
    """A few images, and what the network of a run says of them while it trains.

    Args:
        run_id: the run.
        content: what the page knows of them; ``live_probes.js`` says what it holds.
        on_shuffle: called when other images are wanted.
    """
    key = f"live.probes.{run_id}"
    _probes(
        key=key,
        data={**content, "seen": seen(key)},
        on_shuffled_change=receive(key, "shuffled", as_text, on_shuffle),
    )


def live_first_layer(run_id: str, content: Mapping[str, Any]) -> None:
    """Pictures of the first layer of a run's network: now, and before by a slider.

    Args:
        run_id: the run.
        content: what the page knows of them; ``live_first_layer.js`` says what it holds.
    """
    _first_layer(key=f"live.first_layer.{run_id}", data=content)
