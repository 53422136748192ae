"""The page Train for the bursts: the form with its address, and the live view of a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, get_args, get_origin

from controls import UNKNOWN, Act, Control, NothingReset, State, Told, always
from knowledge import Knowledge
from pydantic import BaseModel
from screens import Address, Screen

from fmnist_core.figures.training import learning_rate_text, multiplier_text
from fmnist_core.presets import PRESETS, network_name
from fmnist_core.specs import (
    CnnSpec,
    DenseSpec,
    RunSpec,
    SpecError,
    TrainingSpec,
    parameter_count,
    parse_spec,
    spec_text,
)
from fmnist_core.specs.schema import ConvBlock, bounds, field_display

FIRST = "Simple network"
# What the other kind of network begins with.
OTHER = {"dense": "CNN with dropout", "cnn": FIRST}
KINDS = {"dense": "Dense", "cnn": "CNN"}
MAIN = ("optimizer", "learning_rate", "momentum", "weight_decay", "batch_size", "epochs")
OF_A_BLOCK = ("filters", "kernel")
# A step of a field for numbers is a whole one here; fractions are rounded by the browser.
STEPPED = ("batch_size", "epochs")


PARTS = ("config", "form", "other")
REFUSED = "This cannot be trained yet"


def filled(spec: RunSpec) -> State:
    """The state once the form is filled with a configuration."""
    return {"config": spec, "form": spec, "other": PRESETS[OTHER[spec.network.kind]].network}


def unknown() -> State:
    """The state when the form's values are unknown."""
    return dict.fromkeys(PARTS, UNKNOWN)


def is_valid(spec: RunSpec) -> bool:
    """Whether a configuration passes validation."""
    try:
        parse_spec(spec.model_dump_json())
    except SpecError:
        return False
    return True


class Train(NothingReset):
    """Train: the form of a configuration.

    Args:
        known: the runs that can be copied.
    """

    name, path = "Train", "/train"
    own = frozenset({"new", "config"})
    names: ClassVar[Mapping[str, tuple[str, ...]]] = {"form": (), "other": ()}
    # What lies behind the other kind of network, and what a refused form says: the address keeps
    # what could be trained last.
    hidden = frozenset({"form", "other"})

    def __init__(self, known: Knowledge) -> None:
        self.known = known

    def state(self, address: Address) -> State:
        """What an address says."""
        try:
            spec = parse_spec(address["config"])
        except (KeyError, SpecError):
            spec = PRESETS[FIRST]
        return {**filled(spec), "run": address.get("run")}

    def controls(self, state: State) -> Sequence[Control]:
        """The form is read with the content."""
        return []

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare the form with the configuration in the address."""
        told = Told()
        spec: RunSpec = state["config"]
        if screen.headings(2)[:1] == [REFUSED]:
            return told.lines
        same = [name for name, preset in PRESETS.items() if preset == spec]
        told.check("config" in screen.address, "the address has no configuration")
        told.same("preset", screen.choice("Start from"), [same[:1]])
        told.same("kind of network", screen.choice("Network"), [[KINDS[spec.network.kind]]])
        told.same("name of the network", screen.headings(2)[:1], [network_name(spec)])
        words = f"{parameter_count(spec):,} parameters"
        told.check(words in screen.text, f"the words do not say {words!r}")
        self._fields(TrainingSpec, spec.training, MAIN, screen, told)
        network = spec.network
        if isinstance(network, DenseSpec):
            self._widths("hidden layer", network.units, screen, told)
            names = ("activation", "dropout", "batch_norm", "l2")
            self._fields(DenseSpec, network, names, screen, told)
        else:
            self._fields(CnnSpec, network, ("activation", "head"), screen, told)
            filters = [block.filters for block in network.blocks]
            told.same("filters", screen.number("Filters"), filters)
            kernels = [[str(block.kernel)] for block in network.blocks]
            told.same("kernels", screen.choice("Kernel size"), kernels)
            self._widths("dense layer", network.head_units, screen, told)
        return told.lines

    def _widths(self, word: str, units: Sequence[int], screen: Screen, told: Told) -> None:
        for number, width in enumerate([*units, None], 1):
            name = f"Neurons, {word} {number}"
            told.same(name, screen.number(name), [] if width is None else [width])

    def _fields(
        self,
        model: type[BaseModel],
        spec: BaseModel,
        names: Sequence[str],
        screen: Screen,
        told: Told,
    ) -> None:
        for name in names:
            info = model.model_fields[name]
            when, look = field_display(info).active_when, field_display(info)
            title, value = _title(model, name), getattr(spec, name)
            if when is not None and getattr(spec, when[0]) not in when[1]:
                continue
            if get_origin(info.annotation) is not None and get_args(info.annotation):
                found: list[Any] = screen.listed(title)
                value = look.option_labels.get(value, str(value))
            elif info.annotation is bool:
                found = screen.switch(title)
            elif look.slider:
                found = [round(one, 6) for one in screen.slider(title)]
            else:
                found = screen.number(title)
            told.same(title, found, [value])

    def acts(self, state: State) -> list[Act]:
        """What can be done in the form."""
        spec = state["form"]
        if spec is UNKNOWN:
            return self._presets()
        found = [*self._presets(), *self._kinds(), *self._training()]
        network = spec.network
        return found + (
            self._dense(network) if isinstance(network, DenseSpec) else self._cnn(network)
        )

    def _presets(self) -> list[Act]:
        found = [
            _act(
                "preset",
                f"Start from {name}",
                {"kind": "choice", "name": "Start from", "option": name},
                _filled(preset),
            )
            for name, preset in PRESETS.items()
        ]
        options = self.known.options()
        return found + [
            _act(
                "copy",
                f"copy “{run.name}”",
                {
                    "kind": "list",
                    "name": "or change an earlier run and train again",
                    "option": options[run.id],
                },
                _filled(run.spec),
            )
            for run in self.known.finished
        ]

    def _kinds(self) -> list[Act]:
        def switch(kind: str) -> Callable[[State], State]:
            def effect(state: State) -> State:
                spec, other = state["form"], state["other"]
                if UNKNOWN in (spec, other):
                    return unknown()
                if spec.network.kind == kind:
                    return {}
                return {"form": spec.model_copy(update={"network": other}), "other": spec.network}

            return effect

        return [
            _act(
                "kind",
                f"Network: {words}",
                {"kind": "choice", "name": "Network", "option": words},
                switch(kind),
            )
            for kind, words in KINDS.items()
        ]

    def _training(self) -> list[Act]:
        found = []
        words = field_display(TrainingSpec.model_fields["optimizer"]).option_labels
        for value, option in words.items():
            aim = {"kind": "list", "name": "Optimizer", "option": option}
            found.append(_act("optimizer", f"Optimizer: {option}", aim, _train(optimizer=value)))
        for name in STEPPED:
            title = _title(TrainingSpec, name)
            for option, sign in (("Increment", 1), ("Decrement", -1)):
                aim = {"kind": "step", "name": title, "option": option}
                found.append(_act(name, f"{title}: {option}", aim, _step(name, sign)))
        return found

    def _dense(self, network: DenseSpec) -> list[Act]:
        def units(state: State) -> list[int]:
            return [*state["form"].network.units]

        def wider(number: int) -> Callable[[State], State]:
            def change(state: State) -> list[int]:
                found = units(state)
                found[number] = min(2048, found[number] + 16)
                return found

            return make(change)

        def less(number: int) -> Callable[[State], State]:
            return make(lambda state: units(state)[:number] + units(state)[number + 1 :])

        def moved(state: State, number: int) -> list[int]:
            found = units(state)
            found.insert(number + 1, found.pop(number))
            return found

        def make(change: Callable[[State], list[int]]) -> Callable[[State], State]:
            return lambda state: _network(state, DenseSpec, units=tuple(change(state)))

        def activated(value: str) -> Callable[[State], State]:
            return lambda state: _network(state, DenseSpec, activation=value)

        found = [
            _act(
                "batch_norm",
                "Batch normalisation",
                {"kind": "switch", "name": "Batch normalisation"},
                lambda state: _network(
                    state, DenseSpec, batch_norm=not state["form"].network.batch_norm
                ),
            ),
            _act(
                "add",
                "Add a hidden layer",
                {"kind": "button", "name": "Add a hidden layer"},
                lambda state: (
                    {}
                    if len(units(state)) > 4
                    else make(lambda s: [*units(s), units(s)[-1]])(state)
                ),
            ),
        ]
        words = field_display(DenseSpec.model_fields["activation"]).option_labels
        for value in ("relu", "tanh", "gelu", "sigmoid"):
            option = words.get(value, value)
            found.append(
                _act(
                    "activation",
                    f"Activation: {option}",
                    {"kind": "list", "name": "Activation", "option": option},
                    activated(value),
                )
            )
        for number in range(len(network.units)):
            name = f"Neurons, hidden layer {number + 1}"
            aim = {"kind": "step", "name": name, "option": "Increment"}
            found.append(_act("wider", f"{name}: more", aim, wider(number)))
            if len(network.units) > 1:
                name = f"Remove hidden layer {number + 1}"
                aim = {"kind": "button", "name": name}
                found.append(_act("remove", name, aim, less(number)))
        if len(network.units) > 1:
            name = "Move hidden layer 1 to the right"
            aim = {"kind": "button", "name": name}
            found.append(_act("move", name, aim, make(lambda s: moved(s, 0))))
        return found

    def _cnn(self, network: CnnSpec) -> list[Act]:
        def blocks(state: State) -> list[ConvBlock]:
            return [*state["form"].network.blocks]

        def add(state: State) -> State:
            found = blocks(state)
            if len(found) >= 4:
                return {}
            most = bounds(ConvBlock.model_fields["filters"])[1]
            wider = min(most, 2 * found[-1].filters)
            more = found[-1].model_copy(update={"filters": wider})
            return _network(state, CnnSpec, blocks=(*found, more))

        def kernel(place: int, size: int) -> Callable[[State], State]:
            def effect(state: State) -> State:
                found = blocks(state)
                found[place] = found[place].model_copy(update={"kernel": size})
                return _network(state, CnnSpec, blocks=tuple(found))

            return effect

        found = [_act("add", "Add a block", {"kind": "button", "name": "Add a block"}, add)]
        for place in range(len(network.blocks)):
            for size in (1, 3, 5):
                found.append(
                    _act(
                        "kernel",
                        f"Kernel size {size} of block {place + 1}",
                        {
                            "kind": "choice",
                            "name": "Kernel size",
                            "option": str(size),
                            "group": place,
                        },
                        kernel(place, size),
                    )
                )
        return found

    def start(self, random: Any) -> Address:
        """A preset in the address, or none."""
        address = {"new": "1"}
        if random.random() < 0.7:
            address["config"] = spec_text(random.choice([*PRESETS.values()]))
        return address


class Live(NothingReset):
    """Live view of the run that trains.

    Args:
        known: the runs.
        run_id: the one that trains.
    """

    name, path = "Live", "/train"
    own = frozenset({"new", "config"})
    names: ClassVar[Mapping[str, tuple[str, ...]]] = {"rate": ()}
    hidden: frozenset[str] = frozenset()
    RATES = (0.1, 1 / 3, 1.0, 3.0, 10.0)

    def __init__(self, known: Knowledge, run_id: str) -> None:
        self.known = known
        self.run_id = run_id

    def state(self, address: Address) -> State:
        """Which run, and at which rate it learns: that is the same in every window."""
        rate = self.known.store.control(self.run_id).multiplier
        return {"run": address.get("run"), "rate": 1.0 if rate is None else rate}

    def controls(self, state: State) -> Sequence[Control]:
        """The buttons are read with the content."""
        return []

    def content(self, state: State, screen: Screen) -> list[str]:
        """Compare the title and the words on the rate with what is asked for."""
        told = Told()
        if state["run"] is None:
            told.same("title", screen.headings(1), ["Train a network"])
            told.check("new" in screen.address, "the address does not say that the form is open")
            return told.lines
        told.same("title", screen.headings(1), [self.known.store.get(self.run_id).name])
        words = learning_rate_text(self.known.store.get(self.run_id).spec.training, state["rate"])
        told.check(words in screen.text, f"the words do not say {words!r}")
        return told.lines

    def acts(self, state: State) -> list[Act]:
        """Faster or slower, and away."""
        found = [
            Act(
                f"rate {place}",
                words,
                {"kind": "button", "name": words},
                self._at(rate),
                lambda state: state["run"] is not None,
                ("rate",),
            )
            for place, rate in enumerate(self.RATES)
            for words in [multiplier_text(rate)]
        ]
        away = {"kind": "button", "name": "Back to the form"}
        leave = Act("away", "Back to the form", away, lambda *_: {"run": None})
        return [*found, leave]

    @staticmethod
    def _at(rate: float) -> Callable[[State, dict[str, Any]], State]:
        return lambda *_: {"rate": rate}

    def start(self, random: Any) -> Address:
        """The run that trains."""
        return {"run": self.run_id}


def _act(group: str, words: str, aim: dict[str, Any], effect: Callable[[State], State]) -> Act:
    def safely(state: State, aimed: dict[str, Any]) -> State:
        if state["form"] is UNKNOWN and group not in ("preset", "copy"):
            return unknown()
        try:
            # A form that is not filled anew yet shows what was there: a step goes on from that.
            if group in STEPPED and "value" in aimed:
                state = {**state, **_train(**{group: int(aimed["value"])})(state)}
            elif group in ("wider", "batch_norm") and not _as_seen(group, state, aimed):
                return unknown()
            after = effect(state)
        except (TypeError, AttributeError, IndexError):
            # The layer was on the screen, and gone with an earlier click.
            return unknown()

        form = after.get("form", UNKNOWN)
        return {**after, "config": form} if form is not UNKNOWN and is_valid(form) else after

    return Act(group, words, aim, safely, always, PARTS)


def _as_seen(group: str, state: State, aimed: dict[str, Any]) -> bool:
    """Whether the field that was clicked showed what the state says."""
    if group == "batch_norm":
        return bool(aimed.get("on") == state["form"].network.batch_norm)
    return aimed.get("value") in (None, *state["form"].network.units)


def _filled(spec: RunSpec) -> Callable[[State], State]:
    return lambda _: filled(spec)


def _title(model: type[BaseModel], name: str) -> str:
    """The words that a field of a specification has on the screen."""
    title = model.model_fields[name].title
    assert title is not None, name
    return title


def _train(**changes: Any) -> Callable[[State], State]:
    def effect(state: State) -> State:
        training = state["form"].training.model_copy(update=changes)
        return {"form": state["form"].model_copy(update={"training": training})}

    return effect


def _step(name: str, sign: int) -> Callable[[State], State]:
    info = TrainingSpec.model_fields[name]
    low, high = bounds(info)

    def effect(state: State) -> State:
        value = getattr(state["form"].training, name) + sign * int(field_display(info).step)
        return _train(**{name: value})(state) if low <= value <= high else {}

    return effect


def _network(state: State, model: type[DenseSpec | CnnSpec], **changes: Any) -> State:
    network = state["form"].network
    if not isinstance(network, model):
        return unknown()
    changed = network.model_copy(update=changes)
    return {"form": state["form"].model_copy(update={"network": changed})}
