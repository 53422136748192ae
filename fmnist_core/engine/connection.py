"""The dashboard's connection to the Dask scheduler: found, started on this machine, made anew."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from distributed import Client

from fmnist_core import timeouts
from fmnist_core.engine.address import connect
from fmnist_core.engine.local_cluster import LocalCluster
from fmnist_core.engine.problems import EngineUnavailable, ErrorLog
from fmnist_core.runs import RunStore

_NOT_STARTED = (
    "The training engine could not be started on this machine. Its log, engine.log in the runs "
    "folder, says why."
)
_CLOSED = "The dashboard is ending, and has let go of the training engine. Start it again."
_log = logging.getLogger("fmnist.engine")


class Connection:
    """The client of a scheduler, made anew whenever it is lost.

    The supervisor's thread asks for the client; any thread may end the connection meanwhile, and
    no client is left open then.

    Args:
        connect: makes a client; called by one thread at a time.
    """

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect
        self._client: Client | None = None
        self._closed = False
        self._contacted_at = 0.0
        # Held while one thread connects, which may take as long as an engine takes to start.
        self._connecting = threading.Lock()
        # Guards the client and whether this is closed; held for a moment only.
        self._lock = threading.Lock()

    def client(self) -> Client:
        """The client; another object than before where the connection was lost meanwhile.

        Raises:
            EngineUnavailable: the scheduler cannot be reached or started, or this was closed.
        """
        with self._connecting:
            with self._lock:
                if self._closed:
                    raise EngineUnavailable(_CLOSED)
                if self._client is not None and self._client.status == "running":
                    return self._client
                lost, self._client = self._client, None
            if lost is not None:
                lost.close(timeout=timeouts.CLOSE_SECONDS)
            client = self._connect()
            with self._lock:
                if not self._closed:
                    self._client, self._contacted_at = client, time.monotonic()
                    return client
            client.close()
            raise EngineUnavailable(_CLOSED)

    def contact(self) -> None:
        """Tell the scheduler now and then that somebody may still need it; else it ends itself."""
        client = self._client
        if client is None or time.monotonic() - self._contacted_at <= timeouts.CONTACT_SECONDS:
            return
        self._contacted_at = time.monotonic()
        client.submit(int, pure=False)

    def close(self) -> None:
        """Let go of the scheduler, at once; a client that is just being made is closed, too."""
        client = self._end()
        if client is not None:
            client.close()

    def shutdown(self) -> None:
        """End the scheduler and its workers; waits for one that is just being started."""
        with self._connecting:
            client = self._end()
        if client is not None:
            client.shutdown()

    def _end(self) -> Client | None:
        """Let nobody connect any more; returns the client to end, to one caller alone."""
        with self._lock:
            self._closed = True
            client, self._client = self._client, None
        return client


class LocalScheduler:
    """The scheduler on this machine: found, started, or replaced where its code is outdated.

    ``Connection`` lets one thread at a time call it.

    Args:
        store: the run folders that it serves.
        local: its processes and files.
        errors: the log of what went wrong.
    """

    def __init__(self, store: RunStore, local: LocalCluster, errors: ErrorLog) -> None:
        self._store = store
        self._local = local
        self._errors = errors
        self._connected_before = False

    def connect(self) -> Client:
        """Connect to the engine that an earlier dashboard started, or start one.

        Raises:
            EngineUnavailable: the runs folder cannot be written, or no engine comes up.
        """
        problem = self._store.writable_problem()
        if problem:
            raise EngineUnavailable(problem)
        try:
            with self._local.lock():
                return self._find() or connect(self._local.start(), timeouts.START_CONNECT_SECONDS)
        except OSError as error:
            self._errors.log(error)
            raise EngineUnavailable(_NOT_STARTED) from error

    def _find(self) -> Client | None:
        """The engine that runs already, if it answers and is to be kept."""
        address = self._local.address()
        if address is None:
            return None
        busy = self._local.is_alive()
        seconds = timeouts.BUSY_CONNECT_SECONDS if busy else timeouts.CONNECT_SECONDS
        try:
            client = connect(address, seconds)
        except OSError:
            _log.info("the engine of an earlier dashboard is gone; starting another")
            return None
        return None if self._shut_down_outdated(client) else client

    def _shut_down_outdated(self, client: Client) -> bool:
        """Shut down an idle engine that runs the code from before an update; returns whether so.

        Only at the first look, so that two dashboards of different code do not end each other's.
        """
        first, self._connected_before = not self._connected_before, True
        if not first or self._local.is_current() or self._store.active():
            return False
        _log.info("the engine runs the code from before an update; starting another")
        client.shutdown()
        return True
