"""A run as a plain Keras script or Jupyter notebook that trains the same network by itself."""

from __future__ import annotations

import difflib
import json
from typing import Any

from fmnist_core.presets import network_name
from fmnist_core.runs.identity import FULL_PRECISION, Identity, change_phrases
from fmnist_core.specs import LayerShape, RunSpec, TrainingSpec, layer_shapes, parameter_count
from fmnist_core.specs.schedule import LAST_SHARE, START_DIVISOR, WARM_UP_SHARE

_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}

_DATA = """\
(images, labels), (test_images, test_labels) = keras.datasets.fashion_mnist.load_data()
images, test_images = images[..., None], test_images[..., None]
"""

_SPLIT = '''\
def stratified(index, count):
    """Choose `count` of the pictures in `index`, each class by its share."""
    draw = np.random.default_rng(SEED)
    sizes = np.bincount(labels[index], minlength=10)
    counts = np.floor(sizes * count / len(index) + 1e-9).astype(int)
    most_cut = np.argsort(counts - sizes * count / len(index), kind="stable")
    counts[most_cut[: count - counts.sum()]] += 1
    chosen = [draw.permutation(index[labels[index] == c])[: counts[c]] for c in range(10)]
    return np.sort(np.concatenate(chosen))


index = np.arange(len(images))
validation = stratified(index, round(VALIDATION_SHARE * len(images)))
train = np.setdiff1d(index, validation)
train = stratified(train, min(TRAIN_PICTURES, len(train)))
train_images, train_labels = images[train], labels[train]
'''

# Only where another fold than the first is held out, so that most scripts stay short.
_FOLD = (
    ("def stratified(index, count):", "def stratified(index, count, part=0):"),
    (
        "chosen = [draw.permutation(index[labels[index] == c])[: counts[c]] for c in range(10)]",
        (
            "mixed = [draw.permutation(index[labels[index] == c]) for c in range(10)]\n"
            "    chosen = [np.roll(mixed[c], -part * counts[c])[: counts[c]] for c in range(10)]"
        ),
    ),
    ("round(VALIDATION_SHARE * len(images)))", "round(VALIDATION_SHARE * len(images)), PART)"),
)

_NOISE = """\
draw = np.random.default_rng([SEED, 1])
wrong = draw.choice(len(train), size=round(LABEL_NOISE * len(train)), replace=False)
train_labels[wrong] = (train_labels[wrong] + draw.integers(1, 10, size=len(wrong))) % 10
"""

_ONE_CYCLE = '''\
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Rises to the peak, then fades to a share of it, both along half cosines."""

    def __init__(self, peak, steps):
        self.peak, self.steps = peak, steps

    def __call__(self, step):
        half_cosine = lambda x: 0.5 * (1.0 - keras.ops.cos(math.pi * keras.ops.clip(x, 0.0, 1.0)))
        step = keras.ops.cast(step, "float32")
        warm_up = max(1.0, WARM_UP_SHARE * self.steps)
        rest = max(1.0, self.steps - warm_up)
        start = self.peak / START_DIVISOR
        rising = start + (self.peak - start) * half_cosine(step / warm_up)
        fading = self.peak * (1.0 - (1.0 - LAST_SHARE) * half_cosine((step - warm_up) / rest))
        return keras.ops.where(step < warm_up, rising, fading)
'''

_CHANGED = '''\
class Changed(keras.optimizers.schedules.LearningRateSchedule):
    """The planned learning rate times what it was multiplied with from an update on."""

    def __init__(self, plan):
        self.plan = plan

    def __call__(self, step):
        rate = self.plan(step) if callable(self.plan) else self.plan
        times = 1.0
        for update, multiplier in RATE_CHANGES:
            times = keras.ops.where(keras.ops.cast(step, "int64") < update, times, multiplier)
        return rate * times
'''

_AUGMENT = '''\
def augmented(pictures, draw):
    """Mirror and shift each picture at random; what comes in is blank (0)."""
    result = pictures.copy()
    if FLIP:
        mirrored = draw.random(len(result)) < 0.5
        result[mirrored] = result[mirrored, :, ::-1]
    if SHIFT:
        moves = draw.integers(-SHIFT, SHIFT + 1, size=(len(result), 2))
        for number, (down, right) in enumerate(moves):
            framed = np.pad(result[number], ((SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)))
            result[number] = framed[SHIFT - down :, SHIFT - right :][:28, :28]
    return result
'''


def script(run: Identity) -> str:
    """A commented Python script that builds, trains and tests the network of a run.

    Args:
        run: its configuration, and its changes while it trained.

    Returns:
        Source code that needs Keras with TensorFlow and NumPy alone. It draws the same split,
        the same order of images and the same weights from the seed as a run of the dashboard.
    """
    return "\n\n".join(source.rstrip() for _, source in _parts(run)) + "\n"


def notebook(run: Identity) -> str:
    """The script as a Jupyter notebook in JSON: each part under its heading."""
    cells: list[dict[str, Any]] = []
    for heading, source in _parts(run):
        cells.append({"cell_type": "markdown", "metadata": {}, "source": f"## {heading}"})
        cells.append(
            {
                "cell_type": "code",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source.rstrip(),
            }
        )
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1
    )


def _parts(run: Identity) -> list[tuple[str, str]]:
    """Heading and source of each part of the script, in order."""
    spec, training = run.spec, run.spec.training
    parts = [
        (network_name(spec), _header(run)),
        ("The pictures", _DATA),
        ("Which pictures to train on", _choice(training)),
        ("The network", _network(run)),
    ]
    dropout = any(layer.kind == "Dropout" for layer in layer_shapes(spec))
    if training.flip or training.shift:
        parts.append(("Augmentation", _AUGMENT))
    parts += [("Training", _fit(run, dropout)), ("The result", _RESULT)]
    return parts


def _choice(training: TrainingSpec) -> str:
    source = _SPLIT
    for usual, rotated in _FOLD if training.validation_fold else ():
        source = source.replace(usual, rotated)
    return source + ("\n" + _NOISE if training.label_noise else "")


_RESULT = """\
loss, accuracy = model.evaluate(test_images, test_labels, batch_size=1000, verbose=0)
print(f"parameters: {model.count_params()}")
print(f"test accuracy: {accuracy:.4f}")
"""


def _header(run: Identity) -> str:
    spec, training = run.spec, run.spec.training
    needs_math = training.schedule == "one_cycle"
    constants: dict[str, Any] = {
        "SEED": training.seed,
        "EPOCHS": run.epochs,
        "BATCH_SIZE": training.batch_size,
        "TRAIN_PICTURES": training.train_pictures,
        "VALIDATION_SHARE": training.validation_share,
    }
    if training.schedule != "constant" and _planned(run) != run.epochs:
        constants["PLANNED_EPOCHS"] = _planned(run)
    if run.longer_since:
        constants["LONGER_SINCE"] = run.longer_since
    if run.rates:
        constants["RATE_CHANGES"] = list(run.rates)
    if training.validation_fold:
        constants["PART"] = training.validation_fold
    if training.label_noise:
        constants["LABEL_NOISE"] = training.label_noise
    if training.schedule == "one_cycle":
        constants |= {"WARM_UP_SHARE": WARM_UP_SHARE, "START_DIVISOR": START_DIVISOR}
    if training.schedule != "constant":
        constants["LAST_SHARE"] = LAST_SHARE
    if training.flip or training.shift:
        constants |= {"FLIP": training.flip, "SHIFT": training.shift}
    return "\n".join(
        [
            f"# {network_name(spec)}, {parameter_count(spec):,} parameters, on Fashion-MNIST.",
            "# Written by Fashion-MNIST Atelier; needs: pip install tensorflow",
            *(f"# Changed while it trained: {change}." for change in change_phrases(run)),
            *(["import math", ""] if needs_math else []),
            "import keras",
            "import numpy as np",
            "",
            *(f"{name} = {value!r}" for name, value in constants.items()),
            "",
            "keras.utils.set_random_seed(SEED)",
        ]
    )


def _planned(run: Identity) -> int:
    """The epochs that the learning-rate schedule is laid for."""
    return run.planned_epochs or run.spec.training.epochs


def _network(run: Identity) -> str:
    layers = "\n".join(
        f"        {_layer(layer, run.precision)}" for layer in layer_shapes(run.spec)
    )
    return (
        "model = keras.Sequential(\n    [\n        keras.Input(shape=(28, 28, 1)),\n"
        f"{layers}\n    ]\n)\nmodel.summary()"
    )


def _layer(layer: LayerShape, precision: str) -> str:
    options = dict(layer.options)
    if precision != FULL_PRECISION and layer.name not in ("logits", "probabilities"):
        options["dtype"] = precision
    l2 = options.pop("l2", 0.0)
    if layer.kind == "Rescaling":
        dtype = f", dtype={precision!r}" if "dtype" in options else ""
        return f"keras.layers.Rescaling(scale=1 / 255{dtype}),"
    arguments = [f"{name}={value!r}" for name, value in options.items() if value is not None]
    if l2:
        arguments.append(f"kernel_regularizer=keras.regularizers.L2({l2!r})")
    comment = f"  # {layer.parameters:,} parameters" if layer.parameters else ""
    return f"keras.layers.{layer.kind}({', '.join(arguments)}),{comment}"


def _fit(run: Identity, dropout: bool) -> str:
    training = run.spec.training
    rate = repr(training.learning_rate)
    lines = [_CHANGED, ""] if run.rates else []
    if training.schedule != "constant":
        epochs = "EPOCHS" if _planned(run) == run.epochs else "PLANNED_EPOCHS"
        lines.append(f"steps = {epochs} * -(-len(train) // BATCH_SIZE)")
    if training.schedule == "cosine":
        rate = f"keras.optimizers.schedules.CosineDecay({rate}, steps, alpha=LAST_SHARE)"
    elif training.schedule == "one_cycle":
        lines = [_ONE_CYCLE, "", *lines]
        rate = f"OneCycle({rate}, steps)"
    if run.rates:
        rate = f"Changed({rate})"
    extra = {
        "adamw": f", weight_decay={training.weight_decay!r}",
        "sgd": f", momentum={training.momentum!r}",
    }.get(training.optimizer, "")
    lines += [
        "model.compile(",
        f"    optimizer=keras.optimizers.{_OPTIMIZERS[training.optimizer]}({rate}{extra}),",
        '    loss="sparse_categorical_crossentropy",',
        '    metrics=["accuracy"],',
        ")",
    ]
    if training.early_stopping_patience:
        lines.append("losses, kept = [], 0")
    inputs = "train_images"
    lines += [
        "for epoch in range(EPOCHS):",
        "    draw = np.random.default_rng([SEED, 2, epoch])",
        "    order = draw.permutation(len(train))",
    ]
    if training.flip or training.shift:
        lines.append("    pictures = augmented(train_images, draw)")
        inputs = "pictures"
    if dropout:
        lines += [
            "    for number, layer in enumerate(model.layers):",
            "        if isinstance(layer, keras.layers.Dropout):",
            "            chance = np.random.SeedSequence([SEED, 3, epoch, number])",
            "            layer.seed_generator.state.assign(chance.generate_state(2))",
        ]
    lines += [
        "    model.fit(",
        f"        {inputs}[order],",
        "        train_labels[order],",
        "        batch_size=BATCH_SIZE,",
        "        initial_epoch=epoch,",
        "        epochs=epoch + 1,",
        "        shuffle=False,",
        "        verbose=2,",
        "    )",
    ]
    if training.validation_share:
        lines += [
            "    loss, accuracy = model.evaluate(",
            "        images[validation], labels[validation], batch_size=1000, verbose=0",
            "    )",
            '    print(f"epoch {epoch + 1}: validation accuracy {accuracy:.4f}")',
        ]
    if training.early_stopping_patience:
        if any(layer.options.get("l2") for layer in layer_shapes(run.spec)):
            lines.append("    loss -= float(sum(model.losses))  # without the L2 penalty")
        lines += [
            "    losses.append(loss)",
            "    if np.argmin(losses) == epoch:",
            "        kept, kept_weights = epoch, model.get_weights()",
        ]
        counted, guard = "losses", ""
        if run.longer_since:
            # It began to wait for a better epoch anew.
            lines.append("    counted = losses[LONGER_SINCE:]")
            counted, guard = "counted", "counted and "
        waited = f"{guard}len({counted}) - 1 - np.argmin({counted})"
        lines += [
            f"    if {waited} >= {training.early_stopping_patience}:",
            "        break",
            "model.set_weights(kept_weights)",
            'print(f"kept: epoch {kept + 1} of {epoch + 1}, the best by validation loss")',
        ]
    return "\n".join(lines)


def script_diff(before: RunSpec, after: RunSpec) -> str:
    """Unified diff of the scripts of two configurations, without its head.

    Lines that begin with ``-`` go, with ``+`` come; three lines around each change stay.
    """
    lines = difflib.unified_diff(
        script(Identity(before)).splitlines(),
        script(Identity(after)).splitlines(),
        lineterm="",
        n=2,
    )
    return "\n".join(line for line in list(lines)[2:] if not line.startswith("@@ "))
