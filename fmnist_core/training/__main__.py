"""A training process: loads TensorFlow, waits for one run, trains it, ends.

It is told what to train on its standard input, and ends with it: when the process that started it
dies, so does the training, and nobody trains unseen.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import select
import sys
import threading
from pathlib import Path

from fmnist_core.config import AHEAD
from fmnist_core.runs import RunStore, RunWriter, Superseded
from fmnist_core.runs.failures import failure_reason
from fmnist_core.training.prepared import PreparedModels
from fmnist_core.training.run import train
from fmnist_core.training.warm_start import measure_presets, prepare_presets, warm_up

READY = "ready"
_log = logging.getLogger("fmnist.training")


def main() -> None:
    """Serve one job and end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    _prefer_as_oom_victim()
    # The pages stay quick while it trains, where niceness counts among all of a machine.
    os.nice(5)
    if AHEAD.get():
        prepared = warm_up()
        print(READY, flush=True)
        measure_presets(_job_waits)
        prepare_presets(prepared, _job_waits)
    else:
        prepared = PreparedModels()
        print(READY, flush=True)
    # All this stays: to look through it for garbage took half a second of a training.
    gc.freeze()
    line = sys.stdin.readline()
    if not line:
        return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    job = json.loads(line)
    store = RunStore(Path(job["root"]))
    try:
        train(store, job["run_id"], job["attempt"], in_own_process=True, prepared=prepared)
    except Superseded:
        _log.info("run %s: a newer attempt took over", job["run_id"])
    except Exception as error:
        _log.exception("run %s failed", job["run_id"])
        with contextlib.suppress(Superseded):
            writer = RunWriter(store.root, job["run_id"], job["attempt"])
            writer.finish("failed", None, failure_reason(error))


def _job_waits(seconds: float) -> bool:
    """Whether there is something to read within this time: a job, or that nobody will send one."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


def _prefer_as_oom_victim() -> None:
    """When memory runs out, a training must die before the dashboard does."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900")


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
