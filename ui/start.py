"""Start-up in its order: the first page, the engine, the imports of the other pages."""

from __future__ import annotations

import gc
import importlib
import logging
import threading
import time
from collections.abc import Callable, Sequence

from fmnist_core import timeouts
from ui.services import engine, note_broken_engine

# What draws the frame and the first page; pandas is Streamlit's wish, for our components' data.
FIRST_PAGE_MODULES = (
    *("ui.training_bar", "ui.navigation", "ui.overview.ladder"),
    *("pandas", "plotly.graph_objects"),
)
# Dask takes longest and comes first: the engine waits for it.
ENGINE_MODULES = ("fmnist_core.engine",)
OTHER_PAGES_MODULES = (
    *("ui.train.live", "ui.mistakes.sections", "ui.explore.sections"),
    *("scipy.stats", "sklearn.metrics", "scipy.cluster.hierarchy"),
)

_log = logging.getLogger("fmnist.start")
_page_is_drawn = threading.Event()


def page_is_drawn() -> None:
    """Called at the end of every script run; the first call starts what waits for the page."""
    _page_is_drawn.set()


def warm_up() -> None:
    """Load what the first page needs, now; the engine and the rest when that page was sent.

    On two cores TensorFlow, loading in the engine, made the first page take twice as long.
    """
    _page_is_drawn.clear()
    modules = (FIRST_PAGE_MODULES,)
    threading.Thread(target=_load, args=modules, name="first-page", daemon=True).start()
    threading.Thread(
        target=after_first_page,
        args=(_page_is_drawn, _load_the_rest),
        name="warm-up",
        daemon=True,
    ).start()


def after_first_page(
    drawn: threading.Event, begin: Callable[[], None], longest: float = timeouts.FIRST_PAGE_SECONDS
) -> None:
    """Call `begin` once the first page was sent, or after `longest` seconds at the latest."""
    end = time.monotonic() + longest
    if drawn.wait(longest):
        time.sleep(max(0.0, min(timeouts.PAINT_SECONDS, end - time.monotonic())))
    begin()


def _load_the_rest() -> None:
    """Start the engine, then load what other pages need, and exempt it from garbage collection.

    Streamlit collects all garbage after every run of a script. With a hundred thousand objects of
    libraries to look through, that took most of the time of a live view.
    """
    if _load(ENGINE_MODULES):
        threading.Thread(target=engine().keep_warm, name="engine-warm-up", daemon=True).start()
    else:
        note_broken_engine()
    _load(OTHER_PAGES_MODULES)
    gc.collect()
    gc.freeze()


def _load(names: Sequence[str]) -> bool:
    """Load modules; returns whether all of them could be."""
    loaded = True
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            loaded = False
            # The page that needs it fails, too, and shows what the log says.
            _log.error(
                "%s cannot be loaded (%s: %s). If files of an installed package are missing, end "
                "the dashboard and start it with `make run`, which finds and replaces them.",
                *(name, type(error).__name__, error),
            )
    return loaded
