"""What is typed into the fields of the pages is kept as typed, and read by nothing."""

from __future__ import annotations

import numpy as np
from app_visit import Visit
from made_histories import learned
from made_runs import failed
from typed import HIDDEN, TEXTS, from_markdown

from fmnist_core.dataset import Dataset
from fmnist_core.remarks import Remarks
from fmnist_core.runs import RunStore
from fmnist_core.runs.model import MAX_TAG
from fmnist_core.text import one_line


def test_every_text_is_kept_in_every_field_of_a_run(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    run = learned(store, np.asarray(data.test_labels), 1)
    visit.open("compare", runs=run.id)
    for text, kept in {**{one: one for one in TEXTS}, **HIDDEN}.items():
        tag = text[:MAX_TAG].replace(",", " ")
        fields = {field.label: field for field in visit.app.text_input}
        fields["Name"].set_value(text)
        fields["Tags, with commas between"].set_value(tag)
        visit.app.text_area[0].set_value(f"{text}\n{text}")
        visit.button("Save").click()
        visit.run()
        user = store.get(run.id).user
        assert (user.name, user.tags) == (kept, (one_line(tag),))
        assert [one_line(line) for line in user.notes.split("\n")] == [kept, kept]
        (table,) = [frame.value for frame in visit.app.dataframe if "Run" in frame.value.columns]
        assert table["Run"].iloc[0] == f"{kept} · {run.id[:4]}"
        assert f"Whole run: {kept} · {run.id[:4]} (ZIP)" in shown(visit)


def test_every_text_is_kept_as_a_note_and_tag_of_a_picture(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    run = learned(store, np.asarray(data.test_labels), 1)
    for picture, text in enumerate(TEXTS):
        visit.open("mistakes", run=run.id, picture=str(picture), about="notes")
        tag = text.split()[0][:30]
        (note,) = [field for field in visit.app.text_area if field.label == "Note"]
        note.set_value(text)
        (tags,) = [field for field in visit.app.text_input if field.label == "Tags"]
        tags.set_value(tag)
        visit.run()
        said = Remarks(store.root).all()[picture]
        assert (said.note, said.tags) == (text, (tag.casefold(),))


def test_reasons_and_names_are_shown_as_typed(visit: Visit, store: RunStore, data: Dataset) -> None:
    learned(store, np.asarray(data.test_labels), 1)
    for text in TEXTS:
        run = failed(store, text)
        store.describe(run.id, name=text)
        visit.open("train", run=run.id)
        assert text in [from_markdown(warning.value) for warning in visit.app.warning]
        visit.open("mistakes", run=run.id)
        assert f"**{text}** has no predictions to look at. {text}" in [
            from_markdown(info.value) for info in visit.app.info
        ]
        store.delete(run.id)
        visit.open("overview")


def shown(visit: Visit) -> list[str]:
    """What the buttons of the page say, as a browser shows it."""
    return [from_markdown(button.proto.label) for button in visit.app.get("download_button")]
