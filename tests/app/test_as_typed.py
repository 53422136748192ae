"""What is typed into the fields of the pages is kept as typed, and read by nothing."""

from __future__ import annotations

import numpy as np
from app_visit import Visit
from made_histories import learned
from made_runs import failed
from typed import HIDDEN, TEXTS, from_markdown, packed

from fmnist_core.annotations import LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, Annotations
from fmnist_core.dataset import Dataset
from fmnist_core.permissions import Actor
from fmnist_core.runs import RunStore
from fmnist_core.runs.model import MAX_NAME, MAX_NOTES, MAX_TAG, MAX_TAGS
from fmnist_core.text import one_line

NAMES = [*packed(MAX_NAME), *HIDDEN]
TAGS = [text for text in TEXTS if len(text) <= MAX_TAG and "," not in text]


def test_every_text_is_kept_in_every_field_of_a_run(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    run = learned(store, np.asarray(data.test_labels), 1)
    visit.open("compare", runs=run.id, view="together")
    notes = "\n".join(TEXTS)
    for place, name in enumerate(NAMES):
        tags = TAGS[MAX_TAGS * (place % 2) :][:MAX_TAGS]
        fields = {field.label: field for field in visit.app.text_input}
        fields["Name"].set_value(name)
        fields["Tags, with commas between"].set_value(", ".join(tags))
        visit.app.text_area[0].set_value(f"{name}\n{notes}"[:MAX_NOTES])
        visit.button("Save").click()
        visit.run()
        kept, user = HIDDEN.get(name, name), store.get(run.id).user
        assert (user.name, user.tags) == (kept, tuple(tags))
        first, _, rest = user.notes.partition("\n")
        assert (one_line(first), rest) == (kept, notes)
        (row,) = visit.picker()["rows"]
        assert (row["name"], row["tags"]) == (kept, tags)
        downloads = [one.proto.label for one in visit.app.get("download_button")]
        assert f"Whole run: {kept} (ZIP)" in map(from_markdown, downloads)


def test_every_text_is_kept_as_a_note_and_a_tag_of_a_picture(
    visit: Visit, store: RunStore, data: Dataset
) -> None:
    run = learned(store, np.asarray(data.test_labels), 1)
    words = [word for text in TEXTS for word in text.split() if len(word) <= LONGEST_TAG]
    for picture, note in enumerate(packed(LONGEST_NOTE)):
        tags = list(dict.fromkeys(words[MOST_TAGS * picture :][:MOST_TAGS]))
        visit.open("mistakes", run=run.id, picture=str(picture), about="notes")
        visit.app.text_area[0].set_value(note)
        (field,) = [field for field in visit.app.text_input if field.label == "Tags"]
        field.set_value(" ".join(tags))
        visit.run()
        said = Annotations(store.root).all()[picture]
        assert (said.note, said.tags) == (note, tuple(tag.casefold() for tag in tags))


def test_a_reason_is_shown_as_it_came(visit: Visit, store: RunStore, data: Dataset) -> None:
    learned(store, np.asarray(data.test_labels), 1)
    for text in packed(LONGEST_NOTE):
        run = failed(store, text)
        store.describe(run.id, name=text[:MAX_NAME], by=Actor.owner())
        visit.open("train", run=run.id)
        assert text in visit.live_text("status")
        visit.go("mistakes", run=run.id)
        name = one_line(text[:MAX_NAME])
        said = f"**{name}** has no predictions to look at. {text}"
        assert said in [from_markdown(info.value) for info in visit.app.info]
