"""The ladder on Overview: the presets as six steps with their accuracies, live while they train."""

from __future__ import annotations

import streamlit as st

from fmnist_core.analysis.steps import ladder, missing_steps
from fmnist_core.presets import PRESETS
from fmnist_core.presets.references import HUMAN, NETWORKS, RANDOM, TABLE, TWO_CONVOLUTIONS
from fmnist_core.runs import new_run_id
from ui.components.ladder import ladder_rows
from ui.components.live import live_part, live_topic
from ui.errors import carry_out, told_refusals
from ui.overview.ladder_parts import STOP, TRAIN, ladder_parts, offers, page_key
from ui.overview.step_changes import show_step_changes
from ui.overview.view_state import STEP
from ui.rights import actor, may_change
from ui.services import engine, store


def show_ladder() -> None:
    """The ladder, what trains it, and what each step changed."""
    parts = ladder_parts(may_change())
    follow_ladder()
    live_part("ladder_title", parts["ladder_title"], "overview.ladder_title")
    ladder_rows(parts["ladder"], STEP.value, key="overview.ladder", on_open=STEP.set)
    st.caption(
        f"The axis begins at 80\N{NO-BREAK SPACE}%; a random guess is right in "
        f"{100 * RANDOM:.0f}\N{NO-BREAK SPACE}%. Part of the "
        "gap is that the test pictures are a little harder. The lines are what people and others "
        "reached: reported, not checked."
    )
    with st.container(key="ladder_training"):
        live_part("ladder_training", parts["ladder_training"], "overview.train_ladder", _carry_out)
    if may_change():
        st.caption(
            "One after the other, while you go on looking around. You can stop at any time: what "
            "has finished stays."
        )
    with st.expander("Sources of the lines", icon=":material/menu_book:"):
        st.markdown(sources_text())
    show_step_changes()


def follow_ladder() -> None:
    """Let the page be drawn again where it begins with another mistake, or ends with other runs."""
    live_topic("ladder", "overview", page_key(store().list()), on_change=lambda _: None)


def _carry_out(act: str) -> None:
    """Do what a button of the ladder says; nothing for what none of them would say."""
    steps = ladder(store().list())
    if act == STOP:
        active = [step.run.id for step in steps if step.run is not None and step.run.active]
        _stop_runs(active)
    elif untrained := [step.name for step in missing_steps(steps)]:
        for _, names in offers(untrained):
            if act == f"{TRAIN}{len(names)}":
                _start_steps(names)


def _start_steps(names: list[str]) -> None:
    """Queue the steps; the run ids are kept, so that a second click starts no run twice."""
    ids = st.session_state.setdefault("overview.ladder_ids", {})
    missing_names = {step.name for step in missing_steps(ladder(store().list()))}
    with told_refusals():
        for name in names:
            if name in missing_names:
                run_id = ids.setdefault(name, new_run_id())
                engine().start(PRESETS[name], run_id, by=actor())
                # The next one, after this run was deleted, is another.
                ids.pop(name)


def _stop_runs(run_ids: list[str]) -> None:
    for run_id in reversed(run_ids):
        carry_out(engine().stop, run_id)


def sources_text() -> str:
    """Sources of the published results, as a Markdown table."""
    header = "| | Test accuracy | Row of the table | Sent in by | There since |"
    lines = [header, "|---|---|---|---|---|"]
    for entry in (HUMAN, *NETWORKS):
        percent, link = f"{100 * entry.accuracy:.1f} %", f"[{entry.submitted_by}]({entry.link})"
        lines.append(f"| {entry.name} | {percent} | {entry.classifier} | {link} | {entry.since} |")
    low, high = (f"{100 * share:.1f}" for share in TWO_CONVOLUTIONS)
    return (
        f"From the [table of benchmarks]({TABLE}) of Fashion-MNIST's authors (Xiao, Rasul and "
        "Vollgraf, 2017, Zalando Research), sent in by others and not checked by the authors. The "
        "people had no expertise in fashion: 1,000 test pictures drawn at random, three answers a "
        f"picture, the majority counts. The table's networks with two convolutions reach {low} to "
        f"{high} %.\n\n" + "\n".join(lines)
    )
