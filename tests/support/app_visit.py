"""A visitor's session without a browser, on Streamlit's AppTest."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button, UnknownElement
from typed import from_markdown

FRAME = Path(__file__).resolve().parents[2] / "ui" / "frame.py"
RUN_SECONDS = 30
# The page at the address without a path.
FIRST = "overview"


class Visit:
    """A visitor's session: opens pages as an address does, and reads what they say."""

    def __init__(self) -> None:
        self.app = AppTest.from_file(str(FRAME), default_timeout=RUN_SECONDS)
        self._acts = 0

    def open(self, name: str, **address: str) -> AppTest:
        """Open a page by its address, as a new tab does."""
        self.app = AppTest.from_file(str(FRAME), default_timeout=RUN_SECONDS)
        self.app.query_params = dict(address)
        if name != FIRST:
            # Before its first run AppTest takes a file's name for its address, as ours are.
            self.app.switch_page(f"../pages/{name}.py")
        return self.run()

    def go(self, name: str, **address: str) -> AppTest:
        """Go to another page by a link, in the same tab."""
        self.app.query_params = dict(address)
        self.app.switch_page(f"../pages/{name}.py")
        return self.run()

    def run(self) -> AppTest:
        """Draw the page again; it must not break."""
        self.app.run()
        assert not self.app.exception, [error.message for error in self.app.exception]
        return self.app

    def components(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """Our own components of a kind, each with its element id and the data that Python hands it.

        Args:
            name: such as ``"choice"``.
        """
        return [
            (node.proto.id, json.loads(node.proto.json))
            for node in self.app
            if isinstance(node, UnknownElement)
            and getattr(node.proto, "component_name", "").partition("__")[0] == f"atelier_{name}"
        ]

    def chosen(self, label: str) -> list[str]:
        """The texts of the chosen options of our component for choices."""
        ((_, data),) = [one for one in self.components("choice") if one[1]["label"] == label]
        return [option["text"] for option in data["options"] if option["id"] in data["chosen"]]

    def choose(self, label: str, *texts: str) -> AppTest:
        """Choose options in our component for choices, as a click in the browser does."""
        ((element, data),) = [one for one in self.components("choice") if one[1]["label"] == label]
        ids = [option["id"] for option in data["options"] if option["text"] in texts]
        assert len(ids) == len(texts), (texts, data["options"])
        return self.act(element, "chosen", ids)

    def walk(self, part: str, picture: int | None = None) -> AppTest:
        """Step to another image of a gallery, or leave it, as the buttons and keys do.

        Args:
            part: ``"next"``, ``"previous"`` or ``"left"``.
            picture: number of the open image; by default the one that the buttons know.
        """
        ((element, data),) = self.components("steps")
        at = data["picture"] if picture is None else picture
        if part == "left":
            return self.act(element, "left", at)
        place = data["numbers"].index(at) + {"next": 1, "previous": -1}[part]
        return self.act(element, "stepped", data["numbers"][place])

    def act(self, element: str, part: str, value: object) -> AppTest:
        """Let a component of ours send an event of its own, and draw the page again."""
        states = self.app._tree.get_widget_states()
        self._acts += 1
        told = {part: {"count": self._acts, "value": value}}
        states.widgets.add(id=element, json_value=json.dumps(told))
        self.app._run(states)
        assert not self.app.exception, [error.message for error in self.app.exception]
        return self.app

    def text(self) -> str:
        """All sentences, titles and labels on the page; what was escaped, as it is shown."""
        spoken = ["title", "header", "subheader", "markdown", "caption", "html", "error"]
        spoken += ["warning", "info", "success", "metric"]
        parts = [str(element.value) for kind in spoken for element in getattr(self.app, kind)]
        parts += [element.label for element in self.app.metric]
        parts += [element.label for element in self.app.page_link]
        parts += [element.label for element in self.app.button]
        parts += [element.proto.text for element in self.app.progress]
        parts += [_place(data) for _, data in self.components("steps")]
        parts += self._live_texts()
        return from_markdown("\n".join(part for part in parts if not part.startswith("<style>")))

    def _live_texts(self) -> list[str]:
        """What the components show that the live channel goes on with."""
        parts = [_shown(data) for _, data in self.components("live_part")]
        epochs = self.components("live_epoch")
        parts += [data["content"] for _, data in epochs if data["kind"] == "html"]
        return [_cell_text(part) for part in parts]

    def live(self, name: str) -> str:
        """The HTML of a part that the live channel goes on with; empty where there is none."""
        return next((_shown(data) for _, data in self._live_parts(name)), "")

    def _live_parts(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """Those of a name, also where it says whose they are."""
        parts = self.components("live_part")
        return [part for part in parts if part[1]["part"].partition(".")[0] == name]

    def live_text(self, name: str) -> str:
        """What such a part says."""
        return _cell_text(self.live(name))

    def press(self, name: str, act: str) -> AppTest:
        """Press what in such a part says this act, as a click in the browser does."""
        ((element, data),) = self._live_parts(name)
        assert f'data-act="{act}"' in _shown(data)
        return self.act(element, "acted", act)

    def tables(self) -> list[dict[str, list[str]]]:
        """The tables to read, each as the cells under its headings."""
        found = []
        for element in self.app.html:
            for table in re.findall(r"<table>.*?</table>", element.value, re.DOTALL):
                rows = [
                    [_cell_text(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
                    for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
                ]
                columns = zip(*rows, strict=True)
                found.append({column[0]: list(column[1:]) for column in columns})
        return found

    def picker(self) -> dict[str, Any]:
        """What Compare's list of runs is given: its rows, and the ids that are chosen."""
        ((_, data),) = self.components("run_picker")
        return data

    def pick(self, *run_ids: str) -> AppTest:
        """Choose these runs in Compare's list, as ticks in the browser do."""
        ((element, _),) = self.components("run_picker")
        return self.act(element, "chosen", list(run_ids))

    def metrics(self) -> dict[str, Metric]:
        """The figures of the page by their names."""
        shown = {
            element.label: Metric(str(element.value), element.help) for element in self.app.metric
        }
        pattern = r'<dt>(.*?) <button.*?data-help="(.*?)".*?<dd>(.*?)</dd>'
        for name, words, value in re.findall(pattern, self.live("figures")):
            shown[unescape(name)] = Metric(unescape(value), unescape(words))
        return shown

    def buttons(self, label: str) -> list[Button | LiveButton]:
        """All buttons of that name."""
        return [button for button in self.all_buttons() if button.label == label]

    def all_buttons(self) -> list[Button | LiveButton]:
        """All buttons of the page, those of its live parts too."""
        return [*self.app.button, *self._live_buttons()]

    def _live_buttons(self) -> list[LiveButton]:
        found = []
        for element, data in self.components("live_part"):
            pattern = r"<button ([^>]*data-act[^>]*)>(.*?)</button>"
            for attributes, words in re.findall(pattern, _shown(data)):
                values = dict(re.findall(r'([\w-]+)="(.*?)"', attributes))
                found.append(
                    LiveButton(
                        self,
                        element,
                        values["data-act"],
                        unescape(words),
                        attributes.endswith("disabled"),
                        unescape(values.get("title", "")),
                        values.get("aria-pressed") == "true",
                    )
                )
        return found

    def button(self, label: str) -> Button | LiveButton:
        """The one button of that name."""
        (button,) = self.buttons(label)
        return button


class Metric(NamedTuple):
    """What a figure says, and what it explains itself with."""

    value: str
    help: str


@dataclass(frozen=True)
class LiveButton:
    """A button in a part that the live channel goes on with."""

    visit: Visit
    element: str
    act: str
    label: str
    disabled: bool
    help: str
    pressed: bool

    def click(self) -> None:
        """Press it, and draw the page again."""
        assert not self.disabled
        self.visit.act(self.element, "acted", self.act)


def _shown(data: dict[str, Any]) -> str:
    """The HTML of a part, of several the one that the page shows."""
    html = data["html"]
    return html if isinstance(html, str) else html.get(data["variant"], html[""])


def _cell_text(cell: str) -> str:
    """The text of a cell, without the mark before it."""
    return unescape(re.sub(r"<span.*?</span> |<[^>]*>", "", cell, flags=re.DOTALL))


def _place(data: dict[str, Any]) -> str:
    """Where the open image is among the others, as the component says it."""
    if data["picture"] not in data["numbers"]:
        return str(data["elsewhere"])
    place = data["start"] + data["numbers"].index(data["picture"]) + 1
    return f"{place:,} of {data['total']:,} {data['where']}".strip()
