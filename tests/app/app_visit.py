"""A visitor's session without a browser."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

FRAME = Path(__file__).resolve().parents[2] / "ui" / "frame.py"
RUN_SECONDS = 30


class Visit:
    """A visitor's session: opens pages as an address does, and reads what they say."""

    def __init__(self) -> None:
        self.app = AppTest.from_file(str(FRAME), default_timeout=RUN_SECONDS)

    def open(self, name: str, **address: str) -> AppTest:
        """Open a page by its address, as a new tab does."""
        self.app = AppTest.from_file(str(FRAME), default_timeout=RUN_SECONDS)
        # AppTest knows the addresses of the pages only after the frame has run once.
        self.app.run()
        return self.go(name, **address)

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

    def text(self) -> str:
        """All sentences, titles and labels on the page."""
        spoken = ("title", "header", "subheader", "markdown", "caption", "html", "error")
        spoken += ("warning", "info", "success", "metric")
        parts = [str(element.value) for kind in spoken for element in getattr(self.app, kind)]
        parts += [element.label for element in self.app.metric]
        parts += [element.label for element in self.app.page_link]
        parts += [element.label for element in self.app.button]
        parts += [element.proto.text for element in self.app.progress]
        return "\n".join(part for part in parts if not part.startswith("<style>"))

    def buttons(self, label: str) -> list[Button]:
        """All buttons of that name."""
        return [button for button in self.app.button if button.label == label]

    def button(self, label: str) -> Button:
        """The one button of that name."""
        (button,) = self.buttons(label)
        return button
