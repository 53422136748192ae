"""Reading a folder into a run, with suspicion: nothing in it is opened that is not a plain file."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from fmnist_core.files import read_json
from fmnist_core.plain_files import NotPlain, kind_at, read_plain
from fmnist_core.presets import network_name
from fmnist_core.runs import model
from fmnist_core.runs.events import LARGEST_METRICS, Tail
from fmnist_core.runs.model import RateChange, RunRecord, UserRecord
from fmnist_core.runs.problems import describe_problem
from fmnist_core.runs.run import DamagedRun, Run
from fmnist_core.runs.writer import Control


def read_folder(run_id: str, folder: Path) -> Run | DamagedRun:
    """The run in a folder, in the state that its description says; never raises.

    Args:
        run_id: what the folder should hold.
        folder: of the run; one in the trash has another name.
    """
    try:
        record = _read_record(run_id, folder)
    except _Damaged as error:
        return DamagedRun(run_id, folder, str(error))
    if record.rates is None:
        record = record.model_copy(update={"rates": _rates_from_metrics(folder)})
    try:
        user = UserRecord.model_validate(read_json(folder / model.USER_FILE) or {})
    except ValidationError:
        user = UserRecord()
    name = user.name or network_name(record.spec)
    return Run(run_id, folder, record.state, name, record, record.reason, user)


def read_control(run: Run) -> Control:
    """The requests of visitors to the current attempt of a run."""
    return Control.parse(read_json(run.path / model.CONTROL_FILE), run.attempt)


class _Damaged(Exception):
    """Why a folder is no run, in a sentence."""


def _read_record(run_id: str, folder: Path) -> RunRecord:
    _refuse_unexpected_kinds(folder)
    try:
        record = RunRecord.model_validate_json(read_plain(folder / model.RUN_FILE))
    except FileNotFoundError as error:
        raise _Damaged("Its description is missing.") from error
    except NotPlain as error:
        raise _Damaged(f"Its description, {model.RUN_FILE}, is {error}.") from error
    except ValidationError as error:
        raise _Damaged(f"Its description makes no sense: {describe_problem(error)}.") from error
    except OSError as error:
        raise _Damaged("Its description cannot be read.") from error
    if record.id != run_id:
        raise _Damaged("Its description is another run's.")
    return record


def _refuse_unexpected_kinds(folder: Path) -> None:
    """Refuse a folder in which a link, a pipe or the like has the name of a file of a run.

    Nothing is opened or followed.
    """
    if (kind := kind_at(folder)) not in ("a folder", None):
        raise _Damaged(f"It is {kind}. A run is a folder, and nothing else is opened.")
    for name, expected in model.KINDS_IN_A_RUN.items():
        if (kind := kind_at(f"{folder}/{name}")) not in (expected, None):
            raise _Damaged(f"Its {name} is {kind}, not {expected}, and was not opened.")


def _rates_from_metrics(folder: Path) -> tuple[RateChange, ...]:
    """The learning-rate changes of a run of an older version, whose description lacks them."""
    path = folder / model.METRICS_FILE
    try:
        # A thousand runs are listed at once: only those with such a line are decoded.
        if b'"rate"' in read_plain(path, LARGEST_METRICS):
            return Tail(path).read().rate_changes
    except OSError:
        return ()
    return ()
