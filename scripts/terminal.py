"""Terminal control: Ctrl+C reaches the dashboard alone, since `make` would call it an error."""

from __future__ import annotations

import contextlib
import os
import signal
import sys


def take_the_terminal() -> None:
    """Go on in a child that holds the terminal, as a command of a shell does; this process waits.

    Does nothing where there is no terminal, or it is somebody else's turn (`make run &`). Returns
    in the child alone. What waits hands the terminal back at the end, passes on Ctrl+Z, `fg`, `bg`
    and a request to end, and ends with the child's exit status.
    """
    try:
        if os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
            return
    except (OSError, ValueError):
        return
    # A background process that changes the terminal's owner is stopped otherwise.
    previous_handler = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    child = os.fork()
    # Both say it, so that neither goes on before it is so.
    with contextlib.suppress(OSError):
        os.setpgid(child, child or os.getpid())
    if child == 0:
        os.tcsetpgrp(sys.stdin.fileno(), os.getpid())
        signal.signal(signal.SIGTTOU, previous_handler)
        return
    sys.exit(_wait_for(child))


def _wait_for(child: int) -> int:
    terminal, own = sys.stdin.fileno(), os.getpgrp()

    def go_on(*_: object) -> None:
        if os.tcgetpgrp(terminal) == own:
            os.tcsetpgrp(terminal, child)
        os.killpg(child, signal.SIGCONT)

    def pass_on(signal_number: int, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal_number)

    for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signal_number, pass_on)
    signal.signal(signal.SIGCONT, go_on)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        with contextlib.suppress(OSError):
            os.tcsetpgrp(terminal, own)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        os.killpg(own, signal.SIGSTOP)
