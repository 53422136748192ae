"""A choice among a few options: a row of segments, pills, or a drop-down list.

Streamlit's own controls get a new value from the server; one that comes late undoes the visitor's
next click. This one keeps its newest choice until the server has seen it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from ui.components.acts import as_texts, receive, seen
from ui.components.modules import component

Option = TypeVar("Option", bound=str | int)
Look = Literal["segments", "pills", "list"]
_component = component("choice", room="fm-choice-room")
_labelled_component = component("choice", room="fm-choice-labelled-room")


def choice(  # noqa: PLR0913
    label: str,
    options: Sequence[Option],
    value: Option | Sequence[Option] | None,
    key: str,
    on_choose: Callable[[Any], object],
    *,
    words: Mapping[Option, str] | Callable[[Option], str] = str,
    look: Look = "segments",
    multiple: bool = False,
    required: bool = True,
    show_label: bool = False,
    icons: Sequence[str] = (),
    placeholder: str = "",
    help: str = "",  # noqa: A002
    width: int | Literal["content", "stretch"] | None = None,
) -> None:
    """A control to choose options with; the choice shows at once, before the server has it.

    Args:
        label: what is chosen; always read out, shown where ``show_label``.
        options: to choose from; their texts as ``str`` tell them apart.
        value: the chosen option; with ``multiple`` all of them.
        key: of the component.
        on_choose: called with the option that was chosen, ``None`` where it was let go, or with
            ``multiple`` the list of all that are chosen then.
        words: the text of an option.
        look: ``"segments"``, ``"pills"`` or ``"list"``.
        multiple: whether several may be chosen.
        required: whether one must stay chosen.
        show_label: above the control.
        icons: an image address an option.
        placeholder: what a list shows while nothing is chosen.
        help: a sentence behind a question mark.
        width: in pixels or as Streamlit says it; by default segments take what they need, and the
            others all there is.
    """
    options_by_id = {str(option): option for option in options}
    text_of = words if callable(words) else words.__getitem__
    chosen = [] if value is None else list(value) if multiple else [value]  # type: ignore[arg-type]

    def carry_out(option_ids: list[str]) -> None:
        picked = [
            options_by_id[option_id] for option_id in option_ids if option_id in options_by_id
        ]
        if required and not picked:
            return
        if multiple:
            on_choose(picked)
        elif picked:
            on_choose(picked[0])
        elif not option_ids:
            on_choose(None)

    # The question mark stands in the label's line, also where that is only read out.
    render = _labelled_component if show_label or help else _component
    render(
        key=key,
        data={
            "label": label,
            "showLabel": show_label,
            "look": look,
            "multiple": multiple,
            "required": required,
            "placeholder": placeholder,
            "help": help,
            "options": [
                {
                    "id": str(option),
                    "text": text_of(option),
                    "icon": icons[index] if index < len(icons) else "",
                }
                for index, option in enumerate(options)
            ],
            "chosen": [str(option) for option in chosen],
            "seen": seen(key),
        },
        width=width or ("content" if look == "segments" else "stretch"),
        on_chosen_change=receive(key, "chosen", as_texts, carry_out),
    )
