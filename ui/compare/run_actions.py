"""Actions on the selected runs: name, tag, note, pin, delete, download, import."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from fmnist_core.errors import FmnistError
from fmnist_core.export import RunWithEvents
from fmnist_core.export.report import report_html
from fmnist_core.export.tables import metrics_csv
from fmnist_core.export.tensorboard import tensorboard_zip
from fmnist_core.runs import DamagedRun, Run
from fmnist_core.runs.model import MAX_NAME, MODEL_FILE
from fmnist_core.runs.portable import MAX_ZIP_BYTES, MEBIBYTE, export_run, import_run
from ui.cache import predictions, run_names
from ui.compare.run_table import readable_runs, select_runs
from ui.compare.view_state import RUNS
from ui.errors import ICON, carry_out, show_errors, show_refusal, told_refusals
from ui.escape import plain
from ui.rights import actor, may_change
from ui.services import dataset, store
from ui.streamlit_internals import undisturbed

_MOST_IN_A_REPORT = 20
_MOST_UNDO_LINES = 3
_MOST_NAMES = 12
_UPLOADS, _REFUSAL, _DELETED = "compare.upload", "compare.refused", "compare.deleted"


def show_undo() -> None:
    """Runs that were deleted a short while ago, with buttons to restore them."""
    if not may_change():
        return
    deleted = store().deleted()
    if len(deleted) > _MOST_UNDO_LINES:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{len(deleted)} runs were deleted a short while ago.")
            st.button(
                "Undo all",
                key="compare.undo_all",
                icon=":material/undo:",
                type="tertiary",
                on_click=_restore,
                args=([run.id for run in deleted],),
            )
        return
    for run in deleted:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Deleted: {plain(run.name)}")
            st.button(
                "Undo",
                key=f"compare.undo.{run.id}",
                icon=":material/undo:",
                type="tertiary",
                help="Brings the run back as it was. Possible for 15 minutes.",
                on_click=_restore,
                args=([run.id],),
            )


def show_actions(selected: Sequence[Run | DamagedRun]) -> None:
    """Actions on the selected runs; pinning and deleting need runs that the visitor ticked."""
    readable = readable_runs(selected)
    ticked_runs = selected if RUNS.value is not None else []
    may_act = may_change()
    with st.container(
        horizontal=True, vertical_alignment="center", key="compare_actions", width="content"
    ):
        if may_act and readable:
            _pin_button(readable_runs(ticked_runs))
            with st.popover("Name, tags, notes", icon=":material/edit:"):
                _describe_form(readable)
        if may_act and selected:
            with st.popover("Delete", icon=":material/delete:"):
                _delete_form(ticked_runs)
        if readable:
            with st.popover("Download", icon=":material/download:"):
                _show_downloads(readable)
        if may_act:
            with st.popover("Import", icon=":material/upload:"):
                _import_form()
    # Also where the pop-over has closed by then.
    show_refusal(_REFUSAL, ICON, stays=True)


def _delete_form(ticked_runs: Sequence[Run | DamagedRun]) -> None:
    """The runs that would be deleted, by name, and the button that deletes them."""
    deletable = [run for run in ticked_runs if isinstance(run, DamagedRun) or not run.active]
    if not ticked_runs:
        st.markdown(
            "These runs are shown because they are the newest. Tick those to delete under "
            "**Choose runs**."
        )
        return
    if len(deletable) < len(ticked_runs):
        st.markdown("A run that trains or waits stays: stop it first.")
    if not deletable:
        return
    st.markdown(f"Delete {_count_text(deletable)}? Undo is possible for 15 minutes.")
    if len(deletable) > 1:
        names = run_names()
        lines = [f"- {plain(names[run.id])}" for run in deletable[:_MOST_NAMES]]
        hidden_count = len(deletable) - _MOST_NAMES
        if hidden_count > 0:
            lines.append(f"- and {hidden_count} more")
        st.markdown("\n".join(lines))
    st.button("Delete now", key="compare.delete", on_click=_delete, args=(deletable,))


def _count_text(runs: Sequence[Run | DamagedRun]) -> str:
    return f"these {len(runs)} runs" if len(runs) > 1 else f"“{plain(run_names()[runs[0].id])}”"


def _restore(run_ids: list[str]) -> None:
    """Bring runs back, selected again where this visitor deleted them, in their old place."""
    ids = list(RUNS.value or ())
    places: dict[str, int] = st.session_state.get(_DELETED, {})
    for run_id in sorted(run_ids, key=lambda run_id: places.get(run_id, 0)):
        carry_out(store().restore, run_id)
        if run_id in places and RUNS.value is not None:
            ids.insert(places.pop(run_id), run_id)
    if RUNS.value is not None:
        select_runs(ids)


def _pin_button(runs: list[Run]) -> None:
    pinned = bool(runs) and all(run.user.pinned for run in runs)

    def change() -> None:
        for run in runs:
            carry_out(store().pin, run.id, not pinned)

    st.button(
        "Unpin" if pinned else "Pin",
        key="compare.pin",
        icon=":material/star:",
        help="Pinned runs come first in every list."
        if runs
        else "Tick the runs to pin under Choose runs.",
        disabled=not runs,
        on_click=change,
    )


def _describe_form(runs: list[Run]) -> None:
    by_id = {run.id: run for run in runs}
    run_id = (
        st.selectbox("Run", list(by_id), format_func=run_names().__getitem__)
        if len(runs) > 1
        else runs[0].id
    )
    run = by_id.get(run_id or "", runs[0])
    with st.form(f"compare.describe.{run.id}", border=False):
        name = st.text_input("Name", run.name, max_chars=MAX_NAME)
        tags = st.text_input("Tags, with commas between", ", ".join(run.user.tags))
        notes = st.text_area("Notes", run.user.notes)
        if st.form_submit_button("Save", icon=":material/check:"):
            with show_errors("Nothing was saved.", ICON):
                store().describe(run.id, name=name, tags=tags.split(","), notes=notes, by=actor())
                st.toast("Saved.", icon=":material/check:")
                st.rerun()


def _delete(runs: list[Run]) -> None:
    selected = list(RUNS.value or ())
    places = st.session_state.setdefault(_DELETED, {})
    for run in runs:
        with told_refusals():
            store().delete(run.id, by=actor())
            if run.id in selected:
                places[run.id] = list(RUNS.value or ()).index(run.id)
                selected.remove(run.id)
    select_runs(selected)


def _show_downloads(runs: list[Run]) -> None:
    """Downloads of the selected runs; each file is made when its button is clicked."""
    finished = [run for run in runs if run.summary is not None]
    runs_with_events = [RunWithEvents(run, store().events(run.id)) for run in runs]
    if finished:
        st.download_button(
            "Report of the selected runs (HTML)",
            lambda: _report(finished[:_MOST_IN_A_REPORT]),
            "fashion-mnist-report.html",
            "text/html",
            on_click="ignore",
            icon=":material/article:",
        )
    st.download_button(
        "Figures of every epoch (CSV)",
        lambda: metrics_csv(runs_with_events),
        "fashion-mnist-metrics.csv",
        "text/csv",
        on_click="ignore",
    )
    st.download_button(
        "Curves for TensorBoard (ZIP)",
        lambda: tensorboard_zip(runs_with_events),
        "fashion-mnist-tensorboard.zip",
        "application/zip",
        on_click="ignore",
    )
    names = run_names()
    for run in runs[:6]:
        st.download_button(
            f"Whole run: {plain(names[run.id])} (ZIP)",
            partial(export_run, store(), run.id),
            f"run-{run.id[:8]}.zip",
            "application/zip",
            key=f"compare.zip.{run.id}",
            on_click="ignore",
        )
        if run.has_keras_model:
            st.download_button(
                f"Trained network: {plain(names[run.id])} (.keras)",
                partial(store().artifact, run.id, MODEL_FILE),
                f"model-{run.id[:8]}.keras",
                "application/octet-stream",
                key=f"compare.keras.{run.id}",
                on_click="ignore",
            )


def _report(runs: list[Run]) -> str:
    probabilities = {}
    for run in runs:
        try:
            probabilities[run.id] = predictions(run.id)["test_probabilities"]
        except FmnistError:
            continue
    runs_with_events = [RunWithEvents(run, store().events(run.id)) for run in runs]
    return report_html(runs_with_events, probabilities, dataset())


def _import_form() -> None:
    st.markdown(
        "Bring in a run that was downloaded here or on another computer. Its curves, answers and "
        "network are checked and kept, so it can be looked into like any other. It cannot be "
        "trained longer."
    )
    key = f"{_UPLOADS}.{st.session_state.get(_UPLOADS, 0)}"
    st.file_uploader(
        "Whole run (ZIP)",
        type="zip",
        max_upload_size=MAX_ZIP_BYTES // MEBIBYTE,
        key=key,
        on_change=_import_upload,
        args=(key,),
    )


def _import_upload(key: str) -> None:
    """Import an uploaded run once; the field is emptied whether it is refused or not."""
    with undisturbed():
        file = st.session_state.get(key)
        if file is None:
            return
        st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
        with told_refusals(_REFUSAL):
            run = import_run(store(), file.getvalue(), by=actor())
            select_runs([run.id])
            st.toast(f"“{plain(run.name)}” is here.", icon=":material/check:")
